import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../bytes/source.ts";
import type { DType } from "../dtype.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import { LimitError, UsageError } from "../errors.ts";
import { axesOf, boxesOf, extentOf, piecesOf } from "./boxes.ts";
import type { StorageReading, StridedView } from "./strided.ts";
import { readStrided, stridedBlocks } from "./strided.ts";

interface Reads extends ByteSource {
  readonly ranges: [number, number][];
}

/** A storage in memory that notes what is read; the bytes lie at an odd address, as they may in a file. */
function storageOf(bytes: Uint8Array): Reads {
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  const ranges: [number, number][] = [];
  return {
    size: bytes.length,
    ranges,
    read: async (start, end) => {
      if (!(start >= 0 && start <= end && end <= bytes.length)) throw new RangeError(`${start}..${end}`);
      ranges.push([start, end]);
      return odd.subarray(1 + start, 1 + end);
    },
  };
}

function reading(
  bytes: Uint8Array,
  options: Partial<StorageReading> = {},
): StorageReading & { source: Reads } {
  return { byteOrder: "little", gatherBytes: 1 << 20, ...options, source: storageOf(bytes) };
}

/** The slow twin: every element by itself. */
function elementByElement(bytes: Uint8Array, view: StridedView, byteOrder: "little" | "big"): Uint8Array {
  const { itemSize, swap } = view.dtype;
  const numel = view.shape.reduce((product, size) => product * size, 1);
  const result = new Uint8Array(numel * itemSize);
  for (let element = 0; element < numel; element += 1) {
    let rest = element;
    let place = view.offset;
    for (let dim = view.shape.length - 1; dim >= 0; dim -= 1) {
      place += (rest % view.shape[dim]!) * view.stride[dim]!;
      rest = Math.floor(rest / view.shape[dim]!);
    }
    for (let byte = 0; byte < itemSize; byte += 1) {
      const from = byteOrder === "little" ? byte : byte - (byte % swap) + (swap - 1 - (byte % swap));
      result[element * itemSize + byte] = bytes[place * itemSize + from]!;
    }
  }
  return result;
}

function bytesUpTo(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

async function joined(blocks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: number[] = [];
  for await (const block of blocks) all.push(...block);
  return Uint8Array.from(all);
}

function viewOf(dtype: DType, shape: number[], stride: number[], offset = 0): StridedView {
  return { dtype, shape, stride, offset };
}

const views: [string, StridedView][] = [
  ["a contiguous matrix", viewOf(dtypes.float32, [3, 4], [4, 1])],
  ["a transposed matrix", viewOf(dtypes.float32, [4, 3], [1, 4])],
  ["an expanded row", viewOf(dtypes.int16, [5, 3], [0, 1], 2)],
  ["an expanded element", viewOf(dtypes.float64, [2, 2], [0, 0], 3)],
  ["a slice with steps", viewOf(dtypes.float16, [3, 2], [8, 3], 1)],
  ["a 0-d tensor", viewOf(dtypes.complex128, [], [], 2)],
  ["an empty tensor", viewOf(dtypes.float32, [3, 0, 2], [2, 2, 1])],
  ["channels last", viewOf(dtypes.float32, [2, 3, 2, 2], [12, 1, 6, 3])],
  ["channels last of 3d", viewOf(dtypes.int8, [1, 2, 2, 3, 2], [24, 1, 12, 4, 2])],
  ["overlapping windows", viewOf(dtypes.uint8, [4, 3], [1, 1], 5)],
  ["windows stepping back and forth", viewOf(dtypes.int32, [3, 3, 2], [1, 2, 5])],
  ["dimensions of one with any stride", viewOf(dtypes.float32, [1, 3, 1], [77, 2, 99])],
  ["complex numbers transposed", viewOf(dtypes.complex64, [2, 3], [1, 2])],
];

describe("readStrided", () => {
  it.each(views)("reads %s as the slow twin does, in both byte orders", async (_name, view) => {
    const bytes = bytesUpTo(1000);
    for (const byteOrder of ["little", "big"] as const) {
      const expected = elementByElement(bytes, view, byteOrder);
      const storage = reading(bytes, { byteOrder });
      expect(await readStrided(storage, view, 0, expected.length)).toEqual(expected);
      expect(await joined(stridedBlocks(storage, view, 5))).toEqual(expected);
    }
  });

  it("reads any range of any view as the slow twin does, whatever may be held at once", async () => {
    const bytes = bytesUpTo(20_000);
    const types = [
      dtypes.uint8,
      dtypes.int16,
      dtypes.float32,
      dtypes.int64,
      dtypes.complex64,
      dtypes.complex128,
    ];
    const dimension = fc.record({
      size: fc.integer({ min: 0, max: 5 }),
      stride: fc.integer({ min: 0, max: 24 }),
    });
    const property = fc.asyncProperty(
      fc.array(dimension, { maxLength: 5 }),
      fc.constantFrom(...types),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom("little" as const, "big" as const),
      fc.constantFrom(1, 16, 100, 1000, 1 << 20),
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      fc.integer({ min: 1, max: 200 }),
      async (dimensions, dtype, offset, byteOrder, gatherBytes, [a, b], blockSize) => {
        const view = viewOf(
          dtype,
          dimensions.map(({ size }) => size),
          dimensions.map(({ stride }) => stride),
          offset,
        );
        const expected = elementByElement(bytes, view, byteOrder);
        const start = Math.floor(Math.min(a, b) * expected.length);
        const end = Math.floor(Math.max(a, b) * expected.length);
        const storage = reading(bytes, { byteOrder, gatherBytes });
        expect(await readStrided(storage, view, start, end)).toEqual(expected.subarray(start, end));
        expect(await joined(stridedBlocks(storage, view, blockSize))).toEqual(expected);
      },
    );
    await fc.assert(property, { numRuns: 300, seed: 20261123 });
  });

  it("reads a contiguous range with one read of exactly its bytes", async () => {
    const storage = reading(bytesUpTo(4096));
    await readStrided(storage, viewOf(dtypes.float32, [8, 4, 4], [16, 4, 1], 10), 6, 100);
    expect(storage.source.ranges).toEqual([[46, 140]]);
  });

  it("gathers a transposed matrix with one read", async () => {
    const storage = reading(bytesUpTo(4000));
    await readStrided(storage, viewOf(dtypes.float32, [10, 100], [1, 10]), 0, 4000);
    expect(storage.source.ranges).toEqual([[0, 4000]]);
  });

  it("does not fetch the wide gaps between a matrix's columns", async () => {
    const rows = 8;
    const width = 100_000;
    const storage = reading(new Uint8Array(rows * width));
    await readStrided(storage, viewOf(dtypes.uint8, [rows, 10], [width, 1]), 0, rows * 10);
    expect(storage.source.ranges).toEqual(
      Array.from({ length: rows }, (_, row) => [row * width, row * width + 10]),
    );
  });

  it("holds no more of a storage at once than it is allowed", async () => {
    const storage = reading(bytesUpTo(40_000), { gatherBytes: 1000 });
    const view = viewOf(dtypes.float32, [100, 100], [1, 100]);
    expect(await readStrided(storage, view, 0, 40_000)).toEqual(
      elementByElement(bytesUpTo(40_000), view, "little"),
    );
    expect(Math.max(...storage.source.ranges.map(([start, end]) => end - start))).toBeLessThanOrEqual(1000);
  });

  it("reads a strided storage once for all blocks", async () => {
    const storage = reading(bytesUpTo(40_000));
    for await (const block of stridedBlocks(storage, viewOf(dtypes.float32, [100, 100], [1, 100]), 64)) {
      expect(block.length).toBe(64);
    }
    expect(storage.source.ranges).toEqual([[0, 40_000]]);
  });

  it("reads packed elements that are one run, and refuses others", async () => {
    const storage = reading(bytesUpTo(64));
    const run = viewOf(dtypes.quint4x2, [3, 3], [3, 1], 4);
    expect(await readStrided(storage, run, 0, 5)).toEqual(bytesUpTo(64).subarray(2, 7));
    for (const view of [
      viewOf(dtypes.quint4x2, [3, 3], [1, 3]),
      viewOf(dtypes.quint4x2, [3], [1], 1),
      viewOf(dtypes.float6_e2m3fn, [2, 2], [1, 2]),
    ]) {
      await expect(readStrided(storage, view, 0, 1)).rejects.toThrow(UsageError);
    }
  });

  it("says when a range is larger than an array can be", async () => {
    const view = viewOf(dtypes.float64, [2 ** 45, 2], [0, 0]);
    await expect(readStrided(reading(new Uint8Array(8)), view, 0, 2 ** 49)).rejects.toThrow(LimitError);
  });

  it("passes an abort on", async () => {
    const storage = reading(bytesUpTo(4000), { signal: AbortSignal.abort(new Error("stopped")) });
    const blocks = stridedBlocks(storage, viewOf(dtypes.float32, [10, 100], [1, 10]), 100);
    await expect(joined(blocks)).rejects.toThrow("stopped");
  });
});

describe("boxes", () => {
  it("merges dimensions that are one run of memory", () => {
    expect(axesOf([2, 3, 4], [12, 4, 1])).toEqual([{ size: 24, stride: 1, step: 1 }]);
    expect(axesOf([2, 1, 3], [3, 99, 1])).toEqual([{ size: 6, stride: 1, step: 1 }]);
    expect(axesOf([4, 3], [1, 4])).toEqual([
      { size: 4, stride: 1, step: 3 },
      { size: 3, stride: 4, step: 1 },
    ]);
    expect(axesOf([], [])).toEqual([]);
    expect(axesOf([5, 2], [0, 0])).toEqual([{ size: 10, stride: 0, step: 1 }]);
  });

  it("covers a range with at most two boxes an axis", () => {
    const axes = axesOf([5, 6, 7], [1, 5, 30]);
    const boxes = boxesOf(axes, 0, 3, 200);
    expect(boxes.length).toBeLessThanOrEqual(2 * axes.length);
    const covered = boxes.map(({ axes }) => axes.reduce((product, { size }) => product * size, 1));
    expect(covered.reduce((sum, count) => sum + count, 0)).toBe(197);
  });

  it("cuts pieces that span no more than the window", () => {
    const [box] = boxesOf(axesOf([20, 30], [30, 1].toReversed()), 0, 0, 600);
    const pieces = [...piecesOf(box!, 100, Infinity)];
    expect(Math.max(...pieces.map(({ axes }) => extentOf(axes)))).toBeLessThanOrEqual(100);
    const count = (sizes: readonly { size: number }[]): number =>
      sizes.reduce((product, { size }) => product * size, 1);
    expect(pieces.reduce((sum, { axes }) => sum + count(axes), 0)).toBe(600);
  });

  it("gives a byte length for every dtype's elements", () => {
    expect(byteLengthOf(dtypes.quint4x2, 9)).toBe(5);
  });
});
