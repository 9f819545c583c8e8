import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { open } from "../formats/open.ts";
import { saveBytes } from "../formats/save.ts";
import type { Catalog } from "./catalog.ts";
import { draft } from "./draft.ts";
import type { Entry } from "./entry.ts";
import type { DictValue, Value } from "./value.ts";
import { keyOf, pyFloat } from "./value.ts";

const fixtures = new URL("../../test/fixtures/", import.meta.url);

function fixture(name: string): Promise<Catalog> {
  return open(new Uint8Array(readFileSync(new URL(name, fixtures))));
}

function names(catalog: Catalog): string[] {
  return catalog.entries.map(({ name }) => name);
}

async function valuesOf(catalog: Catalog): Promise<Record<string, string>> {
  const values: [string, string][] = [];
  for (const entry of catalog.entries) {
    if (entry.layout !== "strided") continue;
    values.push([entry.name, Buffer.from(await catalog.read(entry)).toString("base64")]);
  }
  return Object.fromEntries(values);
}

function metadataKeys(root: Value): unknown[] {
  const { attributes } = root as DictValue;
  const metadata = (attributes as DictValue).items.get(keyOf("_metadata"))!.value as DictValue;
  return [...metadata.items.values()].map(({ key }) => key);
}

function groupByStorage({ entries }: Catalog): Map<string | undefined, Entry[]> {
  const groups = new Map<string | undefined, Entry[]>();
  for (const entry of entries)
    groups.set(entry.storage?.key, [...(groups.get(entry.storage?.key) ?? []), entry]);
  return groups;
}

describe("a draft", () => {
  it("without edits lists and reads as the file does", async () => {
    for (const name of [
      "state-dict.pt",
      "views.pt",
      "ties.pt",
      "checkpoint-protocol-2.pt",
      "big-endian.pt",
      "module.pt",
    ]) {
      const base = await fixture(`torch-zip/${name}`);
      const changed = draft(base);
      expect(changed.entries).toEqual(base.entries);
      expect(changed.modules).toEqual(base.modules);
      expect(changed.root).toEqual(base.root);
      expect(await valuesOf(changed)).toEqual(await valuesOf(base));
    }
  });

  it("leaves the catalog that it edits as it is", async () => {
    const base = await fixture("torch-zip/state-dict.pt");
    const before = structuredClone({ entries: base.entries, root: base.root });
    const changed = draft(base).renameAll((name) => `x.${name}`);
    changed.delete(names(changed)[0]!);
    expect({ entries: base.entries, root: base.root }).toEqual(before);
  });

  it("is what the file saved from it opens to", async () => {
    const base = await fixture("torch-zip/state-dict.pt");
    const changed = draft(base).renameAll((name) => `model.${name}`);
    const [first, second] = changed.entries;
    changed.delete(first!.name).cast(second!.name, "float16");
    const reopened = await open(await saveBytes(changed));
    expect(names(reopened)).toEqual(names(changed));
    expect(reopened.entries.map(({ dtype, shape }) => [dtype, shape])).toEqual(
      changed.entries.map(({ dtype, shape }) => [dtype, shape]),
    );
    expect(await valuesOf(reopened)).toEqual(await valuesOf(changed));
    expect(reopened.modules).toEqual(changed.modules);
  });

  it("records its edits as data", async () => {
    const changed = draft(await fixture("torch-zip/state-dict.pt"));
    const { name } = changed.entries[0]!;
    changed.rename(name, "renamed.weight").cast("renamed.*", "float64").delete("renamed.weight");
    expect(structuredClone(changed.edits)).toEqual([
      { edit: "rename", names: [[name, "renamed.weight"]] },
      { edit: "cast", names: ["renamed.weight"], dtype: "float64" },
      { edit: "delete", names: ["renamed.weight"] },
    ]);
  });
});

describe("renaming", () => {
  it("carries the metadata of a state dict and the modules along, both ways", async () => {
    const base = await fixture("torch-zip/state-dict.pt");
    const inside = draft(base).renameAll((name) => `net.${name}`);
    const before = metadataKeys(base.root) as string[];
    expect(metadataKeys(inside.root)).toEqual(before.map((key) => (key === "" ? "net" : `net.${key}`)));
    const back = draft(await open(await saveBytes(inside))).renameAll((name) => name.replace(/^net\./, ""));
    expect(metadataKeys(back.root)).toEqual(before);
    expect(names(back)).toEqual(names(base));
  });

  it("keeps the places of the keys", async () => {
    const base = await fixture("torch-zip/state-dict.pt");
    const [, second] = names(base);
    const changed = draft(base).rename(second!, "other");
    expect(names(changed)).toEqual(names(base).map((name) => (name === second ? "other" : name)));
  });

  it("exchanges two names", async () => {
    const base = await fixture("torch-zip/state-dict.pt");
    const [first, second] = names(base) as [string, string];
    const changed = draft(base).renameAll((name) =>
      name === first ? second : name === second ? first : name,
    );
    expect(names(changed).slice(0, 2)).toEqual([second, first]);
    const values = await valuesOf(changed);
    expect(values[first]).toBe((await valuesOf(base))[second]);
  });

  it("refuses names that meet, and then renames nothing", async () => {
    const base = await fixture("torch-zip/state-dict.pt");
    const [first, second] = names(base) as [string, string];
    const changed = draft(base);
    expect(() => changed.rename(first, second)).toThrow("would be there twice");
    expect(() => changed.renameAll(() => "same")).toThrow("would be there twice");
    expect(names(changed)).toEqual(names(base));
    expect(changed.edits).toEqual([]);
  });

  it("refuses to leave the container, list items, and names that are not there", async () => {
    const changed = draft(await fixture("torch-zip/checkpoint-protocol-2.pt"));
    const [name] = names(changed) as [string];
    expect(() => changed.rename(name, "elsewhere/x")).toThrow("leave its container");
    expect(() => changed.rename("nothing", "x")).toThrow("no tensor has such a name");
    const list = draft(await fixture("torch-zip/parameter-list.pt"));
    expect(() => list.rename("0", "first")).toThrow("no item of a dictionary");
  });

  it("changes the last part of a name in a pickled module only", async () => {
    const changed = draft(await fixture("torch-zip/module.pt"));
    const name = names(changed).find((one) => one.includes("."))!;
    const module = name.slice(0, name.lastIndexOf("."));
    expect(() => changed.rename(name, `other.${name}`)).toThrow("only the last part");
    changed.rename(name, `${module}.kernel`);
    expect(names(await open(await saveBytes(changed)))).toContain(`${module}.kernel`);
  });
});

describe("deleting", () => {
  it("keeps what other names share", async () => {
    const base = await fixture("torch-zip/ties.pt");
    const [name] = names(base) as [string];
    const values = await valuesOf(base);
    delete values[name];
    const reopened = await open(await saveBytes(draft(base).delete(name)));
    expect(await valuesOf(reopened)).toEqual(values);
  });

  it("takes out an item with all that is in it", async () => {
    const base = await fixture("torch-zip/checkpoint-protocol-2.pt");
    const optimizer = base.entries.find(({ kind }) => kind === "optimizer-state")!.path[0]!;
    const changed = draft(base).deleteItem([optimizer]);
    expect(changed.entries.some(({ kind }) => kind === "optimizer-state")).toBe(false);
    const reopened = await open(await saveBytes(changed));
    expect(names(reopened)).toEqual(names(changed));
    expect(reopened.storedByteLength).toBeLessThan(base.storedByteLength);
    expect(() => changed.deleteItem([optimizer])).toThrow("no dictionary has such an item");
  });
});

describe("changing values", () => {
  it("writes in place, through every name and view of the storage", async () => {
    const base = await fixture("torch-zip/ties.pt");
    const changed = draft(base);
    const groups = groupByStorage(base);
    const tied = [...groups.values()].find((group) => group.length > 1)!;
    const { name, byteLength } = tied[0]!;
    await changed.write(name, new Uint8Array(byteLength).fill(1));
    const reopened = await open(await saveBytes(changed));
    const values = await valuesOf(reopened);
    expect(values).toEqual(await valuesOf(changed));
    for (const entry of tied) expect(values[entry.name]).toContain("AQEB");
  });

  it("writes a transposed view into the places of its elements", async () => {
    const base = await fixture("torch-zip/views.pt");
    const entry = base.entries.find(
      ({ layout, stride, shape }) =>
        layout === "strided" &&
        stride.length === 2 &&
        stride[0]! < stride[1]! &&
        stride[0]! > 0 &&
        !shape.includes(1),
    )!;
    const changed = draft(base);
    const bytes = Uint8Array.from({ length: entry.byteLength }, (_, index) => index & 0x7f);
    await changed.write(entry.name, bytes);
    const same = changed.entries.find(({ name }) => name === entry.name)!;
    expect(await changed.read(same)).toEqual(bytes);
    expect(await valuesOf(await open(await saveBytes(changed)))).toEqual(await valuesOf(changed));
  });

  it("writes big-endian storages in their own order", async () => {
    const base = await fixture("torch-zip/big-endian.pt");
    const changed = draft(base);
    const { name, byteLength } = base.entries[0]!;
    const bytes = Uint8Array.from({ length: byteLength }, (_, index) => index + 1);
    await changed.write(name, bytes);
    const reopened = await open(await saveBytes(changed));
    expect(reopened.metadata["byteOrder"]).toBe("big");
    expect(await reopened.read(reopened.entries[0]!)).toEqual(bytes);
  });

  it("refuses to write through repeated elements, with PyTorch's words", async () => {
    const changed = draft(await fixture("torch-zip/views.pt"));
    const { name, byteLength } = changed.entries.find(({ stride }) => stride?.includes(0) === true)!;
    await expect(changed.write(name, new Uint8Array(byteLength))).rejects.toThrow(
      "more than one element of the written-to tensor refers to a single memory location",
    );
  });

  it("replaces a tied tensor without its twin", async () => {
    const base = await fixture("torch-zip/ties.pt");
    const [name] = names(base) as [string];
    const before = await valuesOf(base);
    const changed = draft(base).replace(name, {
      dtype: "int16",
      shape: [3],
      bytes: new Uint8Array([1, 0, 2, 0, 3, 0]),
    });
    const reopened = await open(await saveBytes(changed));
    expect(reopened.entries[0]).toMatchObject({ dtype: "int16", shape: [3] });
    expect(await valuesOf(reopened)).toEqual({ ...before, [name]: "AQACAAMA" });
  });

  it("casts ties together and keeps Parameters what they are", async () => {
    const base = await fixture("torch-zip/named-parameters.pt");
    const reopened = await open(await saveBytes(draft(base).cast("**", "bfloat16")));
    expect(
      reopened.entries.map(({ kind, kindFrom, requiresGrad, dtype }) => [
        kind,
        kindFrom,
        requiresGrad,
        dtype,
      ]),
    ).toEqual(
      base.entries.map(({ kind, kindFrom, requiresGrad }) => [kind, kindFrom, requiresGrad, "bfloat16"]),
    );
    const ties = await fixture("torch-zip/ties.pt");
    const cast = draft(ties).cast("**", "float64");
    const shared = (catalog: Catalog): number =>
      new Set(catalog.entries.map(({ storage }) => storage?.key)).size;
    expect(shared(cast)).toBeLessThan(cast.entries.length);
    expect(shared(await open(await saveBytes(cast)))).toBe(shared(cast));
  });

  it.each([
    ["write", "found 1 bytes, expected"],
    ["replace", "found 1 bytes, expected 8"],
  ] as const)("refuses to %s bytes that are not as many as the elements take", async (edit, message) => {
    const changed = draft(await fixture("torch-zip/state-dict.pt"));
    const [name] = names(changed) as [string];
    const bytes = new Uint8Array(1);
    const doing = async (): Promise<unknown> =>
      edit === "write"
        ? changed.write(name, bytes)
        : changed.replace(name, { dtype: "float32", shape: [2], bytes });
    await expect(doing()).rejects.toThrow(message);
    expect(changed.edits).toEqual([]);
  });

  it("refuses to change quantized and sparse tensors", async () => {
    const changed = draft(await fixture("torch-zip/quantized.pt"));
    const { name } = changed.entries.find(({ quantization }) => quantization !== undefined)!;
    expect(() => changed.cast(name, "float32")).toThrow("it is quantized");
  });
});

describe("changing other values", () => {
  it("sets items of dictionaries", async () => {
    const changed = draft(await fixture("torch-zip/checkpoint-protocol-2.pt"));
    changed.setItem(["epoch"], 99).setItem(["note"], "hello").setItem(["rate"], pyFloat(1));
    const { items } = (await open(await saveBytes(changed))).root as DictValue;
    expect(items.get(keyOf("epoch"))?.value).toBe(99);
    expect(items.get(keyOf("note"))?.value).toBe("hello");
    expect(items.get(keyOf("rate"))?.value).toEqual(pyFloat(1));
    expect([...items.values()].at(-1)?.key).toBe("rate");
  });

  it("sets and takes out texts of safetensors", async () => {
    const base = await fixture("safetensors/tied-model.safetensors");
    const changed = draft(base).setMetadata("author", "me");
    const kept = await open(await saveBytes(changed, { format: "safetensors" }));
    expect(kept.metadata).toEqual({ ...base.metadata, author: "me" });
    changed.setMetadata("author", null);
    expect(changed.metadata).toEqual(base.metadata);
  });
});
