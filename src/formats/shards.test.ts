import { describe, expect, it } from "vitest";
import { folderOf } from "../bytes/folder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { ParascopeError } from "../errors.ts";
import { open } from "./open.ts";

/** A safetensors file of float32 vectors by name. */
function tensors(vectors: Readonly<Record<string, readonly number[]>>, metadata: object = {}): Uint8Array {
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  for (const [name, values] of Object.entries(vectors)) {
    header[name] = { dtype: "F32", shape: [values.length], data_offsets: [end, (end += 4 * values.length)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(new Uint8Array(new Float32Array(Object.values(vectors).flat()).buffer), 8 + text.length);
  return bytes;
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

function openFiles(files: Readonly<Record<string, Uint8Array>>): Promise<Catalog> {
  return open(
    folderOf(Object.entries(files).map(([name, bytes]) => [name, new MemorySource(bytes)] as const)),
  );
}

const first = tensors({ a: [1, 2], b: [3] });
const second = tensors({ c: [4, 5, 6] });
const map = { a: "1.safetensors", b: "1.safetensors", c: "2.safetensors" };
const indexName = "model.safetensors.index.json";

/** What opening files with an index says beside the entries. */
async function noticesOf(
  weightMap: object,
  metadata: object = { total_size: 24 },
  files: object = {},
): Promise<string[]> {
  const index = json({ metadata, weight_map: weightMap });
  const catalog = await openFiles({
    [indexName]: index,
    "1.safetensors": first,
    "2.safetensors": second,
    ...files,
  });
  return catalog.notices.map(({ code, message }) => `${code}: ${message}`);
}

/** The code of the error that opening ends in. */
async function codeOf(opening: Promise<unknown>): Promise<string> {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ParascopeError ? error.code : `no error of ours: ${String(error)}`;
}

describe("an index", () => {
  it("opens the files it names, and reads each tensor from its own", async () => {
    const index = json({ metadata: { total_size: 24 }, weight_map: map });
    const catalog = await openFiles({ [indexName]: index, "1.safetensors": first, "2.safetensors": second });
    expect(catalog.format).toBe("sharded");
    expect(catalog.entries.map(({ index: at, name }) => [at, name])).toEqual([
      [0, "a"],
      [1, "b"],
      [2, "c"],
    ]);
    expect(catalog.notices).toEqual([]);
    const bytes = await catalog.read(catalog.entries[2]!, { start: 4, end: 12 });
    expect([...new Float32Array(bytes.slice().buffer)]).toEqual([5, 6]);
    expect(catalog.storedByteLength).toBe(24);
  });

  it.each<[string, object, object]>([
    ["a number", map, { total_size: 24 }],
    ["a text", map, { total_size: "24" }],
    ["a float", map, { total_size: 24.0, total_parameters: 6 }],
    ["nothing", map, {}],
  ])("may state its sum as %s", async (_, weightMap, metadata) => {
    expect(await noticesOf(weightMap, metadata)).toEqual([]);
  });

  it("is not believed where its sums are wrong", async () => {
    expect(await noticesOf(map, { total_size: 25, total_parameters: 5 })).toEqual([
      "index-total: The index claims 25 bytes (total_size); the tensors that it names have 24.",
      "index-total: The index claims 5 elements (total_parameters); the tensors that it names have 6.",
    ]);
  });

  it("has its tensors compared with those in the files", async () => {
    expect(await noticesOf({ a: "1.safetensors", d: "1.safetensors", c: "2.safetensors" })).toEqual([
      'missing-tensors: 1 tensor is not in the file that the index names for it: "d".',
      'unnamed-tensors: 1 tensor is in the files, but not in the index: "b".',
    ]);
  });

  it("decides where a tensor is read from that two files have", async () => {
    const index = json({ weight_map: { ...map, a: "2.safetensors" } });
    const catalog = await openFiles({
      [indexName]: index,
      "1.safetensors": first,
      "2.safetensors": tensors({ a: [8, 9], c: [4, 5, 6] }),
    });
    const entry = catalog.entries.find(({ name }) => name === "a")!;
    const bytes = await catalog.read(entry);
    expect([...new Float32Array(bytes.slice().buffer)]).toEqual([8, 9]);
    expect(catalog.notices.map(({ code }) => code)).toEqual(["repeated-tensors"]);
  });

  it("lists what is there when a file is missing", async () => {
    expect(await noticesOf({ ...map, d: "3.safetensors", e: "3.safetensors" })).toEqual([
      'missing-shard: The file "3.safetensors" is not there; 2 tensors are not listed.',
    ]);
  });

  it.each<[string, string]>([
    ["../secret.safetensors", "outside-folder"],
    ["/etc/passwd", "outside-folder"],
    ["..\\secret", "outside-folder"],
    ["C:secret", "outside-folder"],
    ["https://example.com/x", "outside-folder"],
    ["a//b", "outside-folder"],
    ["", "outside-folder"],
  ])("that names %j is refused", async (file, code) => {
    expect(await codeOf(openFiles({ [indexName]: json({ weight_map: { a: file } }) }))).toBe(code);
  });

  it.each<[string, Uint8Array, string]>([
    ["no weight_map", json({ metadata: {} }), "shard-index"],
    ["a number for a file", json({ weight_map: { a: 1 } }), "shard-index"],
    ["a key twice", new TextEncoder().encode('{"weight_map": {"a": "1", "a": "2"}}'), "duplicate-key"],
    ["none of its files", json({ weight_map: { a: "9.safetensors" } }), "missing-shards"],
    ["itself as a file", json({ weight_map: { a: indexName } }), "shard-format"],
  ])("with %s is refused", async (_, index, code) => {
    expect(await codeOf(openFiles({ [indexName]: index, "1.safetensors": first }))).toBe(code);
  });

  it("names the file that is damaged", async () => {
    const cut = second.slice(0, -4);
    await expect(noticesOf(map, {}, { "2.safetensors": cut })).rejects.toThrow(
      '"2.safetensors": opening a safetensors file',
    );
  });

  it("says what it needs when it is opened by its bytes alone", async () => {
    expect(await codeOf(open(json({ weight_map: map }), { name: indexName }))).toBe("needs-folder");
  });
});

describe("a folder", () => {
  const numbered = { "model-00001-of-00002.safetensors": first, "model-00002-of-00002.safetensors": second };

  it("opens numbered files without an index as one", async () => {
    expect((await openFiles(numbered)).entries.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("says which of the numbered files are not there", async () => {
    const { notices } = await openFiles({ "model-00002-of-00003.safetensors": second });
    expect(notices.map(({ message }) => message)).toEqual([
      'The file "model-00001-of-00003.safetensors" is not there; what it holds is not listed.',
      'The file "model-00003-of-00003.safetensors" is not there; what it holds is not listed.',
    ]);
  });

  it.each<[string, Readonly<Record<string, Uint8Array>>, string]>([
    ["the usual name", { "model.safetensors": first, "other.safetensors": second }, "a b"],
    ["the only checkpoint", { "x.safetensors": second, "readme.md": first, "optimizer.pt": first }, "c"],
  ])("opens %s", async (_, files, names) => {
    expect((await openFiles(files)).entries.map(({ name }) => name).join(" ")).toBe(names);
  });

  it.each<[string, Readonly<Record<string, Uint8Array>>, RegExp]>([
    ["nothing", { "readme.md": first }, /no checkpoint among its 1 files/],
    ["two checkpoints", { "a.pt": first, "b.pt": first }, /2 checkpoints: "a\.pt", "b\.pt"/],
    ["one further inside", { "unet/a.pt": first }, /1 checkpoint in folders inside it: "unet\/a\.pt"/],
  ])("with %s is refused", async (_, files, message) => {
    await expect(openFiles(files)).rejects.toThrow(message);
  });

  it("refuses pieces of tensors that overlap", async () => {
    const place = (offset: number): object => ({
      DCP_SHARDING_INFO: JSON.stringify({ a: { saved_offsets: [offset] } }),
    });
    const { entries, notices } = await openFiles({
      "shard-00001-model-00001-of-00001.safetensors": tensors({ a: [1, 2] }, place(0)),
      "shard-00002-model-00001-of-00001.safetensors": tensors({ a: [3, 4] }, place(1)),
    });
    expect(entries).toEqual([]);
    expect(notices.map(({ message }) => message)).toEqual([
      '"a" is not listed: its pieces have 4 elements, and it has 3.',
    ]);
  });
});
