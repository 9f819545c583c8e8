import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Catalog } from "../catalog/catalog.ts";
import { DecodedSource } from "./decoded-source.ts";
import { ggufTypes } from "./gguf-types.ts";
import type { BlockType } from "./gguf-types.ts";
import { open } from "./open.ts";

const bytes = (view: ArrayBuffer): number[] => [...new Uint8Array(view)];
const u32 = (value: number): number[] => bytes(Uint32Array.of(value).buffer);
const u64 = (value: bigint | number): number[] => bytes(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string): number[] => [...u64(value.length), ...Buffer.from(value)];
const text32 = (value: string): number[] => [...u32(value.length), ...Buffer.from(value)];

interface Row {
  readonly name: string;
  readonly dims: readonly (number | bigint)[];
  readonly type?: number;
  readonly offset?: number;
}

function tensor({ name, dims, type = 0, offset = 0 }: Row): number[] {
  return [...text(name), ...u32(dims.length), ...dims.flatMap(u64), ...u32(type), ...u64(offset)];
}

/** A file of version 3 with these pairs and tensors, and `data` behind its header. */
function file(
  rows: readonly Row[],
  data: readonly number[] = [],
  pairs: readonly (readonly number[])[] = [],
): Uint8Array {
  const head = [...Buffer.from("GGUF"), ...u32(3), ...u64(rows.length), ...u64(pairs.length)];
  const header = [...head, ...pairs.flat(), ...rows.flatMap(tensor)];
  const padding = Array.from({ length: (32 - (header.length % 32)) % 32 }, () => 0);
  return Uint8Array.from([...header, ...padding, ...data]);
}

/** The pair `a = true`. */
const flag = [...text("a"), ...u32(7), 1];
const floats = bytes(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

describe("a GGUF file", () => {
  it("has its dimensions in PyTorch's order", async () => {
    const catalog = await open(file([{ name: "blk.0.w", dims: [3, 2] }], floats));
    expect(catalog.format).toBe("gguf");
    expect(catalog.entries).toMatchObject([
      {
        name: "blk.0.w",
        module: "blk.0",
        shape: [2, 3],
        stride: [3, 1],
        storage: { key: "blk.0.w", byteLength: 24 },
      },
    ]);
    expect([...(await catalog.read(catalog.entries[0]!))]).toEqual(floats);
    expect(catalog.metadata).toEqual({ version: 3, byteOrder: "little", alignment: 32 });
  });

  it("is read in version 1, which counts with 32 bits", async () => {
    const header = [
      ...Buffer.from("GGUF"),
      ...u32(1),
      ...u32(1),
      ...u32(1),
      ...text32("general.alignment"),
      ...u32(4),
      ...u32(64),
      ...text32("w"),
      ...u32(1),
      ...u32(2),
      ...u32(0),
      ...u64(0),
    ];
    const catalog = await open(
      Uint8Array.from([...header, ...Array.from({ length: 128 - header.length }, () => 0), ...floats]),
    );
    expect([...(await catalog.read(catalog.entries[0]!))]).toEqual(floats.slice(0, 8));
    expect(catalog.metadata).toMatchObject({ version: 1, alignment: 64 });
  });

  it("keeps names of pairs that JavaScript has a meaning for", async () => {
    const pair = [...text("__proto__"), ...u32(8), ...text("polluted")];
    const { metadata } = await open(file([], [], [pair]));
    expect(Object.entries(metadata)).toContainEqual(["__proto__", "polluted"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("lists tensors whose bytes or types are not there", async () => {
    const rows: Row[] = [
      { name: "good", dims: [2] },
      { name: "cut", dims: [2], offset: 20 },
      { name: "new", dims: [2], type: 999 },
      { name: "old", dims: [32], type: 4 },
    ];
    const { entries, notices } = await open(file(rows, floats));
    expect(entries.map(({ name, layout }) => [name, layout])).toEqual([
      ["good", "strided"],
      ["cut", "absent"],
      ["new", "absent"],
      ["old", "absent"],
    ]);
    expect(notices).toMatchObject([{ code: "truncated-file", names: ["cut"] }]);
  });

  it.each<[string, Row, RegExp]>([
    [
      "rows that are no whole blocks",
      { name: "w", dims: [33, 32], type: 2 },
      /rows of 33 elements are no whole blocks of 32/,
    ],
    ["sizes that overflow", { name: "w", dims: [2n ** 30n, 2n ** 30n] }, /beyond 2\^53/],
  ])("refuses by name %s", async (_what, row, reason) => {
    const { entries, notices } = await open(file([row], floats));
    expect(entries).toEqual([]);
    expect(notices).toMatchObject([{ code: "refused-tensor", message: expect.stringMatching(reason) }]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      "a version that is none",
      Uint8Array.from([...Buffer.from("GGUF"), ...u32(9), ...u64(0), ...u64(0)]),
      "gguf-version",
    ],
    ["a header that ends", file([{ name: "w", dims: [2] }]).subarray(0, 40), "gguf-truncated"],
    [
      "a number of tensors beyond the file",
      Uint8Array.from([...Buffer.from("GGUF"), ...u32(3), ...u64(1e6), ...u64(0)]),
      "gguf-truncated",
    ],
    ["a text beyond the file", file([], [], [[...u64(2 ** 40), 65]]), "gguf-truncated"],
    [
      "an array beyond the file",
      file([], [], [[...text("a"), ...u32(9), ...u32(0), ...u64(2 ** 50)]]),
      "gguf-truncated",
    ],
    [
      "arrays in arrays",
      file(
        [],
        [],
        [[...text("a"), ...u32(9), ...Array.from({ length: 9 }, () => [...u32(9), ...u64(1)]).flat()]],
      ),
      "gguf-value-type",
    ],
    ["a value of no type", file([], [], [[...text("a"), ...u32(13)]]), "gguf-value-type"],
    ["a key that is there twice", file([], [], [flag, flag]), "gguf-duplicate"],
    [
      "a tensor that is there twice",
      file(
        [0, 1].map(() => ({ name: "w", dims: [2] })),
        floats,
      ),
      "gguf-duplicate",
    ],
    [
      "an alignment of 3",
      file([], [], [[...text("general.alignment"), ...u32(4), ...u32(3)]]),
      "gguf-alignment",
    ],
    ["a rank of a thousand", file([{ name: "w", dims: Array.from({ length: 1000 }, () => 1) }]), "gguf-rank"],
    ["a number beyond 2^53", file([{ name: "w", dims: [2n ** 63n] }]), "number-too-large"],
  ])("is refused with %s", async (_what, content, code) => {
    await expect(open(content)).rejects.toMatchObject({ name: "FormatError", code });
  });

  it("says when there are more tensors than it may have", async () => {
    const content = file(
      [0, 1].map((index) => ({ name: `w${index}`, dims: [2] })),
      floats,
    );
    await expect(open(content, { limits: { entries: 1 } })).rejects.toMatchObject({ code: "entries-limit" });
  });

  it("says when there are more pairs than any file has", async () => {
    const content = Uint8Array.from([...Buffer.from("GGUF"), ...u32(3), ...u64(0), ...u64(1e9)]);
    await expect(open(content)).rejects.toMatchObject({ name: "LimitError", code: "gguf-pairs" });
  });

  it("says that it is one of several files", async () => {
    const pair = (name: string, value: number): number[] => [...text(name), ...u32(2), value, 0];
    const { notices } = await open(file([], [], [pair("split.no", 1), pair("split.count", 5)]));
    expect(notices[0]?.message).toMatch(/^The file is part 2 of 5;/);
  });

  it("reads a header that is longer than what is read first", async () => {
    const tokens = Array.from({ length: 20_000 }, (_, index) =>
      text(`token ${index} ${"x".repeat(60)}`),
    ).flat();
    const pair = [...text("tokens"), ...u32(9), ...u32(8), ...u64(20_000), ...tokens];
    const catalog = await open(file([{ name: "w", dims: [6] }], floats, [pair]));
    expect([...(await catalog.read(catalog.entries[0]!))]).toEqual(floats);
    expect(catalog.metadata).toMatchObject({ tokens: { length: 20_000 } });
  });
});

describe("elements in blocks", () => {
  const load = (name: string): Promise<Catalog> =>
    open(readFileSync(new URL(`../../test/fixtures/gguf/${name}`, import.meta.url)));

  it("give the same bytes in any range", async () => {
    const catalog = await load("types.gguf");
    for (const entry of catalog.entries.filter(({ name }) => /\.(?:Q4_0|Q6_K|MXFP4)\./.test(name))) {
      const whole = await catalog.read(entry);
      for (const [start, end] of [
        [0, 1],
        [3, 130],
        [127, 128],
        [1021, 2055],
        [4090, 4096],
        [8, 8],
      ] as const) {
        expect(await catalog.read(entry, { start, end })).toEqual(whole.subarray(start, end));
      }
    }
  });

  it.each([
    ["types.gguf", "blk.1.IQ2_XXS.weight"],
    ["big-endian.gguf", "blk.1.Q8_0.weight"],
  ])("of %s are listed where they are not decoded: %s", async (name, tensorName) => {
    const catalog = await load(name);
    const entry = catalog.entries.find((one) => one.name === tensorName)!;
    await expect(catalog.read(entry)).rejects.toMatchObject({
      name: "UsageError",
      code: "not-strided",
      message: expect.stringMatching(/its blocks \(\w+\) are not decoded$/),
    });
  });

  it("say when one array cannot hold them", async () => {
    const type = ggufTypes.get(2) as BlockType;
    const size = 18 * 2 ** 40;
    const source = new DecodedSource({ size, read: async () => new Uint8Array(0) }, type);
    await expect(source.read(0, source.size)).rejects.toMatchObject({
      name: "LimitError",
      code: "read-too-large",
    });
  });
});
