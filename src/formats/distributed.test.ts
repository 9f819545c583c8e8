import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Folder } from "../bytes/folder.ts";
import { folderOf } from "../bytes/folder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { MemorySink } from "../bytes/sink.ts";
import { ParascopeError } from "../errors.ts";
import { open } from "./open.ts";
import { saveTo } from "./save.ts";

const place = new URL("../../test/fixtures/folders/distributed/", import.meta.url);

type Files = Record<string, Uint8Array>;

/** The files that PyTorch wrote, changed. */
function folderWith(change: (files: Files) => void): Folder {
  const files: Files = {};
  for (const name of readdirSync(place)) files[name] = Uint8Array.from(readFileSync(new URL(name, place)));
  change(files);
  return folderOf(Object.entries(files).map(([name, bytes]) => [name, new MemorySource(bytes)] as const));
}

/** Writes other letters over all places of a text, in a file. */
function replaced(bytes: Uint8Array, text: string, by: string): Uint8Array {
  const found = Buffer.from(bytes).toString("latin1");
  expect(found).toContain(text);
  expect(by).toHaveLength(text.length);
  return Uint8Array.from(Buffer.from(found.replaceAll(text, by), "latin1"));
}

const whole = (): void => undefined;

describe("a distributed checkpoint", () => {
  it("shows values that are no tensors in its tree, at their places", async () => {
    const { root, metadata } = await open(folderWith(whole));
    expect(metadata).toMatchObject({ version: "1.0.0" });
    const items = new Map(
      root !== null && typeof root === "object" && root.kind === "dict"
        ? [...root.items.values()].map(({ key, value }) => [key, value])
        : [],
    );
    expect(items.get("epoch")).toBe(3);
    expect(items.get("lr")).toEqual({ kind: "float", value: 0.5 });
    expect(items.get("names")).toMatchObject({ kind: "list", items: ["a", "b"] });
  });

  it("is written as one file, its pieces put together", async () => {
    const catalog = await open(folderWith(whole));
    const sink = new MemorySink();
    await saveTo(catalog, sink, { name: "one.pt" });
    const saved = await open(sink.bytes);
    expect(saved.entries.map(({ name, shape }) => [name, shape])).toEqual(
      catalog.entries.map(({ name, shape }) => [name, shape]),
    );
    for (const [at, entry] of saved.entries.entries()) {
      expect(await saved.read(entry)).toEqual(await catalog.read(catalog.entries[at]!));
    }
  });

  it("lists from its metadata alone, and says what reading needs", async () => {
    const catalog = await open(Uint8Array.from(readFileSync(new URL(".metadata", place))));
    expect(catalog.entries.map(({ name, layout }) => `${name} ${layout}`)).toContain("model/rows chunks");
    expect(catalog.notices.map(({ message }) => message)).toEqual([
      "3 values that are no tensors are not read.",
    ]);
    await expect(catalog.read(catalog.entries[0]!)).rejects.toMatchObject({ code: "needs-folder" });
  });

  it("lists tensors without elements when a file is missing or too short", async () => {
    const { entries, notices } = await open(
      folderWith((files) => {
        delete files["__1_0.distcp"];
        files["__0_0.distcp"] = files["__0_0.distcp"]!.slice(0, 1000);
      }),
    );
    expect(entries.every(({ layout }) => layout === "absent")).toBe(true);
    expect(notices.map(({ message }) => message).join("\n")).toMatch(
      /"__0_0\.distcp" is too short: it has 1000 bytes/,
    );
  });

  it.each<[string, (files: Files) => void, string]>([
    [
      "names a file outside",
      (files) => (files[".metadata"] = replaced(files[".metadata"]!, "__0_0.distcp", "../secret.pt")),
      "outside-folder",
    ],
    [
      "has no table of tensors",
      (files) =>
        (files[".metadata"] = replaced(files[".metadata"]!, "state_dict_metadata", "state_dict_metadatX")),
      "distributed-metadata",
    ],
    ["is cut off", (files) => (files[".metadata"] = files[".metadata"]!.slice(0, 700)), "pickle-truncated"],
  ])("whose .metadata %s is refused", async (_, change, code) => {
    const error: unknown = await open(folderWith(change)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParascopeError);
    expect(error).toMatchObject({ code });
  });

  it("notices that a box is not what the metadata say", async () => {
    const swapped = folderWith((files) => {
      files["__0_0.distcp"] = replaced(files["__0_0.distcp"]!, "FloatStorage", "ShortStorage");
    });
    const catalog = await open(swapped);
    const rows = catalog.entries.find(({ name }) => name === "model/rows")!;
    await expect(catalog.read(rows)).rejects.toMatchObject({
      code: expect.stringMatching(/distributed-chunk|crc/),
    });
  });
});
