import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../catalog/catalog.ts";
import { folderOf } from "../bytes/folder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { dtypes } from "../dtype.ts";
import { open } from "./open.ts";

const fixture = (): Uint8Array =>
  readFileSync(new URL("../../test/fixtures/onnx/model.onnx", import.meta.url));
const float = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const message = (field: number, content: readonly number[]): number[] =>
  varint(field * 8 + 2).concat(varint(content.length), content);
const text = (field: number, value: string): number[] => message(field, [...Buffer.from(value)]);

/** A model whose graph has these tensors. */
function model(...tensors: (readonly number[])[]): Uint8Array {
  const graph = tensors.flatMap((tensor) => message(5, tensor));
  return Uint8Array.from([...number(1, 8), ...message(7, graph.length === 0 ? text(2, "g") : graph)]);
}

/** The fields of a float tensor `w` of two elements, without those elements. */
const header = [...message(1, [2]), ...number(2, 1), ...text(8, "w")];
const openTensor = (...fields: (readonly number[])[]): Promise<Catalog> => open(model(fields.flat()));

describe("an ONNX model", () => {
  it("says what it is of", async () => {
    const { format, metadata } = await open(fixture());
    expect(format).toBe("onnx");
    expect(metadata).toEqual({
      irVersion: expect.any(Number),
      producerName: "fixtures",
      graphName: "tiny",
      opsets: { "ai.onnx": 21 },
      properties: { author: "somebody" },
    });
  });

  it("never looks for elements outside its folder", async () => {
    const { entries, notices } = await open(fixture());
    const layouts = entries.filter(({ layout }) => layout === "absent");
    expect(layouts).toMatchObject([
      { name: "elsewhere", why: 'its elements are in another file, "weights.bin"' },
      { name: "escape", why: expect.stringMatching(/which is no file beside the model$/) },
    ]);
    expect(notices).toMatchObject([
      { code: "missing-data", message: expect.stringMatching(/^1 tensor is .*"weights.bin"/) },
      { code: "missing-data", message: expect.stringMatching(/which is no file beside the model/) },
      { code: "refused-tensor" },
    ]);
  });

  it.each(["/etc/passwd", "a/../../b", "..", "C:\\x", "\\\\host\\x", "https://host/x", "a\0b", ""])(
    "takes %j for no file beside it",
    async (location) => {
      const entry = message(13, [...text(1, "location"), ...text(2, location)]);
      const { entries } = await openTensor(header, number(14, 1), entry);
      expect(entries).toMatchObject([{ layout: "absent", why: expect.stringMatching(/no file beside/) }]);
    },
  );

  describe("with elements in another file", () => {
    const where = (fields: Readonly<Record<string, string>>): number[] =>
      Object.entries(fields).flatMap(([key, value]) => message(13, [...text(1, key), ...text(2, value)]));
    const data = new MemorySource(Uint8Array.from([9, 9, 9, 9, ...float(1), ...float(2)]));
    const folder = folderOf([["model/w.data", data]]);
    const openBeside = (fields: Readonly<Record<string, string>>): Promise<Catalog> =>
      open(model([...header, ...number(14, 1), ...where(fields)]), { name: "m.onnx", folder });

    it("reads them there", async () => {
      const catalog = await openBeside({ location: "model/w.data", offset: "4", length: "8" });
      expect(catalog.notices).toMatchObject([
        { code: "external-data", message: '1 tensor has its elements in "model/w.data".' },
      ]);
      expect(catalog.storedByteLength).toBe(8);
      expect([...(await catalog.read(catalog.entries[0]!))]).toEqual([...float(1), ...float(2)]);
    });

    it.each<[string, Readonly<Record<string, string>>, RegExp]>([
      ["a file that is not there", { location: "other.data" }, /"other.data", which is not there/],
      ["a file that is too short", { location: "model/w.data", offset: "8" }, /end at byte 16 .* has 12/],
      ["another length than theirs", { location: "model/w.data", length: "4" }, /take 8 bytes, and 4/],
      ["a start that is none", { location: "model/w.data", offset: "-4" }, /start at byte -4/],
      ["a start that is no number", { location: "model/w.data", offset: "x" }, /start at byte NaN/],
    ])("says of %s that they are not to be had", async (_what, fields, why) => {
      const { entries, notices } = await openBeside(fields);
      expect(entries).toMatchObject([{ name: "w", layout: "absent", why: expect.stringMatching(why) }]);
      expect(notices).toMatchObject([{ code: "missing-data" }]);
    });
  });

  it.each<[string, number, string, number[], (string | number)[]]>([
    ["INT4", 22, "int8", [0x81, 0x0f], [1, -8, -1]],
    ["UINT4", 21, "uint8", [0x81, 0x0f], [1, 8, 15]],
    ["INT2", 26, "int8", [0b00_10_11_01], [1, -1, -2]],
    ["UINT2", 25, "uint8", [0b00_10_11_01], [1, 3, 2]],
    ["FLOAT4E2M1", 23, "float32", [0x2f, 0x09], [-6, 1, -0.5]],
  ])("unpacks %s, as raw bytes and as numbers", async (type, code, dtype, packed, values) => {
    const fields = [...message(1, [3]), ...number(2, code), ...text(8, "p")];
    for (const elements of [message(9, packed), message(5, packed.flatMap(varint))]) {
      const catalog = await openTensor(fields, elements);
      const entry = catalog.entries[0]!;
      expect(entry).toMatchObject({ dtype, shape: [3], layout: "blocks", type });
      const bytes = await catalog.read(entry);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      expect(values.map((_, index) => dtypes[entry.dtype].get(view, index))).toEqual(values);
      const { itemSize } = dtypes[entry.dtype];
      const rest = await catalog.read(entry, { start: itemSize, end: 3 * itemSize });
      expect([...rest]).toEqual([...bytes.subarray(itemSize)]);
    }
  });

  it.each<[string, number[][], RegExp]>([
    ["no elements", [], /takes 8 bytes, and it has 0/],
    ["too few elements", [message(9, [1, 2, 3])], /takes 8 bytes, and it has 3/],
    [
      "too many elements",
      [message(9, [...float(1), ...float(2), ...float(3)])],
      /takes 8 bytes, and it has 12/,
    ],
    ["a type that is none", [number(2, 99)], /type 99/],
    [
      "a negative size",
      [number(1, 2).slice(0, 1), [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
      /are none/,
    ],
  ])("refuses by name a tensor with %s", async (_what, fields, reason) => {
    const { entries, notices } = await openTensor(header, ...fields);
    expect(entries).toHaveLength(0);
    expect(notices.map((one) => one.message)).toEqual([expect.stringMatching(reason)]);
  });

  it("has elements that stand in the field of their type", async () => {
    const catalog = await openTensor(header, message(4, [...float(1), ...float(2)]));
    expect([...(await catalog.read(catalog.entries[0]!))]).toEqual([...float(1), ...float(2)]);
  });

  it("lists elements that stand in two places as absent", async () => {
    const { entries } = await openTensor(header, message(9, float(1)), message(9, float(2)));
    expect(entries).toMatchObject([{ name: "w", layout: "absent", why: expect.stringMatching(/together/) }]);
  });

  it("says at reading when numbers written one by one are not as many as the shape has", async () => {
    const fields = [...message(1, [2]), ...number(2, 7), ...text(8, "n"), ...message(7, [128, 1, 5])];
    const catalog = await openTensor(fields);
    expect([...(await catalog.read(catalog.entries[0]!))]).toEqual([
      128, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
    ]);
    const fewer = await openTensor([
      ...message(1, [2]),
      ...number(2, 7),
      ...text(8, "n"),
      ...message(7, [128, 1]),
    ]);
    await expect(fewer.read(fewer.entries[0]!)).rejects.toMatchObject({
      name: "FormatError",
      code: "onnx-data",
    });
  });

  it("is recognised by its fields alone", async () => {
    expect((await open(model())).format).toBe("onnx");
    for (const other of [
      [...number(1, 8)],
      [...number(1, 8), ...number(7, 1)],
      [...number(1, 8), ...text(2, "x"), ...text(9, "x")],
      [...number(1, 8), ...message(7, number(5, 1))],
      [...number(1, 8), ...message(7, [])],
      [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    ]) {
      await expect(open(Uint8Array.from(other))).rejects.toMatchObject({ code: "not-a-checkpoint" });
    }
  });

  it("is truncated where its graph goes on beyond the file", async () => {
    const whole = fixture();
    for (const length of [60, 700, whole.length - 30]) {
      await expect(open(whole.subarray(0, length))).rejects.toMatchObject({
        name: "FormatError",
        code: "protobuf",
      });
    }
  });

  it("refuses a tensor of a million dimensions, written together or one by one", async () => {
    const ones = Array.from({ length: 1_000_000 }, () => 1);
    const onesByOne = ones.slice(0, 1000).flatMap(() => number(1, 1));
    for (const dims of [message(1, ones), onesByOne]) {
      const { entries, notices } = await openTensor(dims, header);
      expect(entries).toEqual([]);
      expect(notices).toMatchObject([{ message: expect.stringMatching(/dimensions, of at most 64/) }]);
    }
  });

  it("says when there are more tensors than it may have", async () => {
    await expect(open(fixture(), { limits: { entries: 3 } })).rejects.toMatchObject({
      code: "entries-limit",
    });
  });
});
