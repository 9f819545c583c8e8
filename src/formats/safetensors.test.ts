import { describe, expect, it } from "vitest";
import type { Catalog } from "../catalog/catalog.ts";
import { ParascopeError } from "../errors.ts";
import { open } from "./open.ts";
import { saveBytes } from "./save.ts";

/** A file of this header, text or JSON, and so many bytes of data. */
function fileOf(header: unknown, dataByteLength: number = 0, claimed?: bigint): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + bytes.length + dataByteLength);
  new DataView(file.buffer).setBigUint64(0, claimed ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  for (let i = 0; i < dataByteLength; i += 1) file[8 + bytes.length + i] = i + 1;
  return file;
}

const tensor = (dtype: string, shape: unknown, start: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

async function faultOf(file: Uint8Array, name?: string): Promise<ParascopeError> {
  const error: unknown = await open(file, name === undefined ? {} : { name }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ParascopeError);
  return error as ParascopeError;
}

describe("safetensors", () => {
  it("lists tensors in the order of their bytes, as load_file does", async () => {
    const catalog = await open(
      fileOf({ b: tensor("F32", [1], 4, 8), a: tensor("U8", [4], 0, 4), none: tensor("F32", [0], 4, 4) }, 8),
    );
    expect(catalog.entries.map(({ name }) => name)).toEqual(["a", "none", "b"]);
    expect(catalog.entries[2]).toEqual({
      index: 2,
      path: ["b"],
      name: "b",
      module: "",
      kind: "parameter",
      kindFrom: "inferred",
      dtype: "float32",
      shape: [1],
      numel: 1,
      byteLength: 4,
      device: null,
      requiresGrad: null,
      layout: "strided",
      stride: [1],
      offset: 0,
      storage: { key: "b", byteLength: 4 },
    });
    expect(catalog.storedByteLength).toBe(8);
  });

  it("reads a tensor's bytes, by range and in blocks, at any address", async () => {
    const catalog = await open(fileOf({ x: tensor("U8", [3], 0, 3), y: tensor("F32", [2], 3, 11) }, 11));
    const y = catalog.entries[1]!;
    expect(await catalog.read(y)).toEqual(Uint8Array.of(4, 5, 6, 7, 8, 9, 10, 11));
    expect(await catalog.read(y, { start: 1, end: 3 })).toEqual(Uint8Array.of(5, 6));
    const blocks: number[][] = [];
    for await (const block of catalog.blocks(y, 3)) blocks.push([...block]);
    expect(blocks).toEqual([
      [4, 5, 6],
      [7, 8, 9],
      [10, 11],
    ]);
  });

  it("gives F4 the shape with which PyTorch loads it", async () => {
    const catalog = await open(fileOf({ x: tensor("F4", [2, 4], 0, 4) }, 4));
    expect(catalog.entries[0]).toMatchObject({
      dtype: "float4_e2m1fn_x2",
      shape: [2, 2],
      numel: 4,
      byteLength: 4,
    });
  });

  it("lists packed F6, which PyTorch cannot load", async () => {
    const catalog = await open(fileOf({ x: tensor("F6_E2M3", [4], 0, 3) }, 3));
    expect(catalog.entries[0]).toMatchObject({ dtype: "float6_e2m3fn", shape: [4], byteLength: 3 });
    expect(await catalog.read(catalog.entries[0]!)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("lists what it knows beside tensors of a type that nobody here knows, and does not write the rest anew", async () => {
    const file = fileOf({ a: tensor("F99", [2], 0, 3), b: tensor("U8", [1], 3, 4) }, 4);
    const catalog = await open(file);
    expect(catalog.entries.map(({ name }) => name)).toEqual(["b"]);
    expect([...(await catalog.read(catalog.entries[0]!))]).toEqual([4]);
    expect(catalog.notices).toEqual([
      {
        code: "refused-tensor",
        message: '"a" is not listed: the element type "F99" is not known (shape [2], 3 bytes).',
        names: [],
      },
    ]);
    await expect(saveBytes(catalog)).rejects.toMatchObject({ code: "refused-tensors" });
    expect(await faultOf(fileOf({ a: tensor("F99", [2], 1, 3) }, 3))).toMatchObject({
      code: "safetensors-hole",
    });
  });

  it("knows a scale type by its other names too", async () => {
    const { entries } = await open(fileOf({ a: tensor("E8M0", [2], 0, 2), b: tensor("UE8", [1], 2, 3) }, 3));
    expect(entries.map(({ dtype }) => dtype)).toEqual(["float8_e8m0fnu", "float8_e8m0fnu"]);
  });

  it("keeps __metadata__, and says which names save_model left out", async () => {
    const metadata = { format: "pt", "head.weight": "embed.weight", __proto__: null };
    const catalog = await open(
      fileOf({ __metadata__: metadata, "embed.weight": tensor("F32", [1], 0, 4) }, 4),
    );
    expect(catalog.metadata).toEqual({ format: "pt", "head.weight": "embed.weight" });
    expect(catalog.notices).toEqual([
      {
        code: "dropped-name",
        message: '"head.weight" shares its tensor with "embed.weight" and was written under that name only.',
        names: ["embed.weight"],
      },
    ]);
  });

  it.each([
    ["an empty header", "{}", 0],
    ["metadata only", { __metadata__: { a: "b" } }, 0],
    ["white space around the header", '  {"a": {"dtype": "U8", "shape": [], "data_offsets": [0, 1]}}  ', 1],
    ["keys that the format does not know", { a: { ...tensor("U8", [1], 0, 1), extra: 1 } }, 1],
    ["an empty tensor with sizes beyond 2^53", { a: tensor("F32", [0, 2 ** 32, 2 ** 32], 0, 0) }, 0],
  ])("opens a file with %s", async (_what, header, byteLength) => {
    const catalog: Catalog = await open(fileOf(header, byteLength));
    expect(catalog.format).toBe("safetensors");
  });

  it.each<[string, Uint8Array, string]>([
    ["a header longer than the file", fileOf("{}", 0, 1000n), "safetensors-header-length"],
    ["a header that ends after the file by one", fileOf("{}", 0, 3n), "safetensors-header-length"],
    ["a header of one byte", fileOf("{}", 0, 1n), "safetensors-header-length"],
    ["a header of no bytes", fileOf("{}", 0, 0n), "safetensors-header-length"],
    ["bytes that are not UTF-8", fileOf("{}", 0).with(9, 0xff), "safetensors-header-utf8"],
    ["text that is not JSON", fileOf('{"a"'), "bad-json"],
    ["a name that stands twice", fileOf('{"a": 1, "a": 1}'), "duplicate-key"],
    ["a tensor that is no object", fileOf({ a: 1 }), "safetensors-tensor"],
    ["no dtype", fileOf({ a: { shape: [], data_offsets: [0, 0] } }), "safetensors-tensor"],
    ["no shape", fileOf({ a: { dtype: "U8", data_offsets: [0, 0] } }), "safetensors-tensor"],
    ["a negative size", fileOf({ a: tensor("U8", [-1], 0, 0) }), "safetensors-tensor"],
    [
      "a float as size",
      fileOf('{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}', 1),
      "safetensors-tensor",
    ],
    [
      "a size beyond 2^53",
      fileOf('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
      "safetensors-tensor",
    ],
    [
      "a product of sizes that overflows",
      fileOf({ a: tensor("U8", [2 ** 40, 2 ** 40, 0], 0, 0) }),
      "safetensors-shape",
    ],
    [
      "100 dimensions",
      fileOf(
        {
          a: tensor(
            "U8",
            Array.from({ length: 100 }, () => 1),
            0,
            1,
          ),
        },
        1,
      ),
      "rank-limit",
    ],
    ["offsets the wrong way round", fileOf({ a: tensor("U8", [1], 1, 0) }, 1), "safetensors-offsets"],
    ["one offset", fileOf({ a: { dtype: "U8", shape: [1], data_offsets: [0] } }, 1), "safetensors-offsets"],
    ["fewer bytes than the shape takes", fileOf({ a: tensor("F32", [2], 0, 4) }, 4), "safetensors-size"],
    ["half a byte", fileOf({ a: tensor("F4", [3], 0, 1) }, 1), "safetensors-shape"],
    ["F4 with an odd last dimension", fileOf({ a: tensor("F4", [4, 1], 0, 2) }, 2), "safetensors-shape"],
    ["a hole before the first tensor", fileOf({ a: tensor("U8", [1], 1, 2) }, 2), "safetensors-hole"],
    [
      "a hole between tensors",
      fileOf({ a: tensor("U8", [1], 0, 1), b: tensor("U8", [1], 2, 3) }, 3),
      "safetensors-hole",
    ],
    ["bytes after the last tensor", fileOf({ a: tensor("U8", [1], 0, 1) }, 2), "safetensors-hole"],
    [
      "two tensors on the same bytes",
      fileOf({ a: tensor("U8", [2], 0, 2), b: tensor("U8", [2], 0, 2) }, 2),
      "safetensors-overlap",
    ],
    [
      "two tensors that overlap",
      fileOf({ a: tensor("U8", [2], 0, 2), b: tensor("U8", [2], 1, 3) }, 3),
      "safetensors-overlap",
    ],
    [
      "an empty tensor inside another",
      fileOf({ a: tensor("U8", [2], 0, 2), b: tensor("U8", [0], 1, 1) }, 2),
      "safetensors-overlap",
    ],
    ["a truncated last tensor", fileOf({ a: tensor("U8", [4], 0, 4) }, 3), "safetensors-truncated"],
    ["metadata that is no object", fileOf({ __metadata__: [] }), "safetensors-metadata"],
    ["a number in the metadata", fileOf({ __metadata__: { a: 1 } }), "safetensors-metadata"],
  ])("refuses %s", async (_what, file, code) => {
    const error = await faultOf(file);
    expect(error.code).toBe(code);
    expect(error.hint).toBeTypeOf("string");
  });

  it("refuses a header above the cap, which the caller can raise", async () => {
    const file = fileOf(`{}${" ".repeat(200)}`);
    const error: unknown = await open(file, { limits: { safetensorsHeaderBytes: 100 } }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ name: "LimitError", code: "safetensors-header-limit" });
    expect((await open(file)).entries).toEqual([]);
  });

  it("takes an absurd header length for damage when the name says safetensors", async () => {
    expect((await faultOf(fileOf("{}", 0, 2n ** 63n), "x.safetensors")).code).toBe(
      "safetensors-header-length",
    );
    expect((await faultOf(fileOf("{}", 0, 2n ** 63n), "x.bin")).code).toBe("not-a-checkpoint");
  });

  it("reads the header and nothing else", async () => {
    const file = fileOf({ a: tensor("U8", [100_000], 0, 100_000) }, 100_000);
    let bytesRead = 0;
    await open({
      size: file.length,
      read: async (start, end) => {
        bytesRead += end - start;
        return file.subarray(start, end);
      },
    });
    expect(bytesRead).toBeLessThan(1000);
  });

  it("opens a header of 100 000 tensors", async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `layers.${i}.weight`);
    const header = Object.fromEntries(names.map((name, i) => [name, tensor("U8", [1], i, i + 1)]));
    const { entries } = await open(fileOf(header, names.length));
    expect(entries.map(({ name }) => name)).toEqual(names);
  });
});
