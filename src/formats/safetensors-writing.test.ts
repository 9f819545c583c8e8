import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MemoryFolder } from "../bytes/sink.ts";
import type { LiveTensor, Saveable } from "../catalog/saveable.ts";
import { dtypes } from "../dtype.ts";
import { open } from "./open.ts";
import type { SaveOptions } from "./save.ts";
import { saveBytes, saveShards } from "./save.ts";

const values = new Float32Array([1, 2, 3, 4, 5, 6]);
const storage = { bytes: new Uint8Array(values.buffer), byteLength: 24 };
const whole: LiveTensor = { dtype: dtypes.float32, shape: [2, 3], strides: [3, 1], offset: 0, storage };

function view(facts: Partial<LiveTensor>): LiveTensor {
  return { ...whole, ...facts };
}

async function saved(value: Saveable, options: SaveOptions = {}): Promise<Record<string, readonly number[]>> {
  const catalog = await open(await saveBytes(value, { ...options, format: "safetensors" }));
  const entries = await Promise.all(
    catalog.entries.map(async (entry) => {
      const bytes = await catalog.read(entry);
      return [entry.name, [...new Float32Array(bytes.slice().buffer)]] as const;
    }),
  );
  return Object.fromEntries(entries);
}

describe("safetensors of names that share elements", () => {
  const tied = { b: whole, a: view({}), c: view({ storage: { ...storage } }) };

  it("are refused with the names, and what can be done", async () => {
    await expect(saved(tied)).rejects.toMatchObject({
      code: "shared-tensors",
      message: expect.stringContaining('"b", "a" share elements'),
      hint: expect.stringContaining('ties: "drop"'),
    });
  });

  it("are written once and recorded, as save_model does", async () => {
    const catalog = await open(await saveBytes(tied, { format: "safetensors", ties: "drop" }));
    expect(catalog.entries.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(catalog.metadata).toEqual({ b: "a" });
  });

  it("are copied for each name", async () => {
    expect(await saved(tied, { ties: "copy" })).toEqual({ a: [...values], b: [...values], c: [...values] });
  });

  it("are not dropped when they share only a part", async () => {
    const partial = {
      a: view({ shape: [4], strides: [1] }),
      b: view({ shape: [4], strides: [1], offset: 2 }),
    };
    await expect(saved(partial, { ties: "drop" })).rejects.toMatchObject({ code: "overlapping-tensors" });
    expect(await saved(partial, { ties: "copy" })).toEqual({ a: [1, 2, 3, 4], b: [3, 4, 5, 6] });
  });

  it("share nothing where their parts of a storage are apart, or empty", async () => {
    const apart = {
      a: view({ shape: [3], strides: [1] }),
      b: view({ shape: [3], strides: [1], offset: 3 }),
      empty: view({ shape: [0], strides: [1] }),
    };
    expect(await saved(apart)).toEqual({ a: [1, 2, 3], b: [4, 5, 6], empty: [] });
  });
});

describe("safetensors", () => {
  it("packs views that are not contiguous", async () => {
    const views = { t: view({ shape: [3, 2], strides: [1, 3] }) };
    expect(await saved(views)).toEqual({ t: [1, 4, 2, 5, 3, 6] });
    const repeated = { e: view({ shape: [2, 2], strides: [0, 1] }) };
    expect(await saved(repeated)).toEqual({ e: [1, 2, 1, 2] });
  });

  it.each<[string, Saveable, string, string]>([
    ["a number", { a: whole, epoch: 3 }, "not-a-tensor", '"epoch" is no tensor'],
    ["a list", [whole, 1], "not-a-tensor", "no tensor"],
    [
      "tensors in several containers",
      { m: { a: whole }, o: { b: view({ storage: { ...storage } }) } },
      "several-containers",
      "several containers",
    ],
    [
      "a dtype that it does not have",
      { a: view({ dtype: dtypes.complex128, shape: [1], strides: [1] }) },
      "safetensors-dtype",
      "complex128",
    ],
    ["a reserved name", { __metadata__: whole }, "safetensors-name", "no tensor can be called"],
    ["half of a surrogate pair", { "\ud800": whole }, "safetensors-name", "half of a surrogate pair"],
  ])("refuses %s", async (_, value, code, message) => {
    await expect(saved(value)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it("leaves out what is no tensor when told to, and does not repeat the container's name", async () => {
    const checkpoint = { epoch: 3, state_dict: { w: whole } };
    expect(await saved(checkpoint, { others: "drop" })).toEqual({ w: [...values] });
  });

  it("has every name of one tensor", async () => {
    const value = new Map([
      ["a", whole],
      ["b", whole],
    ]);
    await expect(saved(value)).rejects.toMatchObject({ code: "shared-tensors" });
    expect(await saved(value, { ties: "copy" })).toEqual({ a: [...values], b: [...values] });
    const dropped = await open(await saveBytes(value, { format: "safetensors", ties: "drop" }));
    expect(dropped.metadata).toEqual({ b: "a" });
  });

  it("keeps the metadata of the file that it is made from, unless other texts are given", async () => {
    const bytes = readFileSync(
      new URL("../../test/fixtures/safetensors/tied-model.safetensors", import.meta.url),
    );
    const catalog = await open(new Uint8Array(bytes));
    const same = await saveBytes(catalog, { format: "safetensors" });
    expect(Buffer.from(same).equals(bytes)).toBe(true);
    const other = await open(
      await saveBytes(catalog, { format: "safetensors", metadata: new Map([["a", "b"]]) }),
    );
    expect(other.metadata).toEqual({ a: "b" });
  });

  it.each(["dtypes", "shapes"])("becomes a .pt file and comes back unchanged: %s", async (name) => {
    const bytes = readFileSync(
      new URL(`../../test/fixtures/safetensors/${name}.safetensors`, import.meta.url),
    );
    const catalog = await open(new Uint8Array(bytes));
    const zip = await open(await saveBytes(catalog));
    const metadata = new Map(Object.entries(catalog.metadata) as [string, string][]);
    const back = await saveBytes(zip, { format: "safetensors", metadata });
    expect(Buffer.from(back).equals(bytes)).toBe(true);
  });
});

describe("metadata of safetensors", () => {
  it("that are no texts are refused by name", async () => {
    const metadata = { format: "pt", epoch: 3 } as unknown as Record<string, string>;
    await expect(saveBytes(new Map([["a", whole]]), { format: "safetensors", metadata })).rejects.toThrow(
      'writing safetensors: the metadata "epoch" is of type number, expected a string',
    );
  });
});

describe("shards", () => {
  it.each([
    [{ shardByteLength: 0 }, "bad-shard-size"],
    [{ shardByteLength: NaN }, "bad-shard-size"],
    [{ stem: "a/b" }, "bad-stem"],
  ])("are refused for %j", async (options, code) => {
    await expect(saveShards({ a: whole }, new MemoryFolder(), options)).rejects.toMatchObject({ code });
  });

  it("are one file without an index where all fits", async () => {
    const folder = new MemoryFolder();
    expect(await saveShards({ a: whole }, folder)).toEqual(["model.safetensors"]);
    expect([...folder.files.keys()]).toEqual(["model.safetensors"]);
  });

  it("record dropped names and texts in the index, and say in each file what it is", async () => {
    const folder = new MemoryFolder();
    const value = { a: whole, b: whole, c: view({ storage: { ...storage } }) };
    await saveShards(value, folder, { shardByteLength: 24, ties: "drop", metadata: { note: "\u00e9" } });
    const text = new TextDecoder().decode(folder.files.get("model.safetensors.index.json"));
    expect(text).toContain(
      '"metadata": {\n    "total_size": 48,\n    "note": "\\u00e9",\n    "b": "a"\n  },',
    );
    const shard = await open(folder.files.get("model-00001-of-00002.safetensors")!);
    expect(shard.metadata).toEqual({ format: "pt" });
  });

  it("keep tensors without bytes together, as the reference does", async () => {
    const folder = new MemoryFolder();
    const empty = (): typeof whole =>
      view({ shape: [0], strides: [1], storage: { bytes: new Uint8Array(0), byteLength: 0 } });
    const value = { e: empty(), a: whole, b: view({ storage: { ...storage } }), f: empty() };
    await saveShards(value, folder, { shardByteLength: 24 });
    const text = new TextDecoder().decode(folder.files.get("model.safetensors.index.json"));
    const { weight_map: map } = JSON.parse(text) as { weight_map: Record<string, string> };
    expect(Object.keys(map)).toEqual(["e", "a", "f", "b"]);
    expect(map["f"]).toBe(map["e"]);
  });

  it("take the place of an older checkpoint of that name, and of nothing else", async () => {
    const folder = new MemoryFolder();
    const three = { a: whole, b: view({ storage: { ...storage } }), c: view({ storage: { ...storage } }) };
    const { a, b } = three;
    await saveShards(three, folder, { shardByteLength: 24 });
    await saveShards({ a }, folder, { stem: "model2" });
    await saveShards({ a, b }, folder, { shardByteLength: 24 });
    const two = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    const index = "model.safetensors.index.json";
    expect([...folder.files.keys()].sort()).toEqual([...two, index, "model2.safetensors"]);
    await saveShards({ a }, folder);
    expect([...folder.files.keys()].sort()).toEqual(["model.safetensors", "model2.safetensors"]);
  });

  it("that are given up leave an older checkpoint as it was", async () => {
    const folder = new MemoryFolder();
    const value = { a: whole, b: view({ storage: { ...storage } }) };
    await saveShards(value, folder, { shardByteLength: 24 });
    const before = new Map(folder.files);
    const controller = new AbortController();
    const saving = saveShards(value, folder, {
      shardByteLength: 24,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(saving).rejects.toThrow("enough");
    expect(folder.files).toEqual(before);
  });

  it("keep names that share a storage in one file", async () => {
    const folder = new MemoryFolder();
    const halves = {
      a: view({ shape: [3], strides: [1] }),
      x: view({ storage: { ...storage } }),
      b: view({ shape: [3], strides: [1], offset: 3 }),
    };
    await saveShards(halves, folder, { shardByteLength: 24 });
    const index = JSON.parse(new TextDecoder().decode(folder.files.get("model.safetensors.index.json"))) as {
      weight_map: Record<string, string>;
    };
    expect(index.weight_map["a"]).toBe(index.weight_map["b"]);
    expect(index.weight_map["x"]).not.toBe(index.weight_map["a"]);
  });
});
