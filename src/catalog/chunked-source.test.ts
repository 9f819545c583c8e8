import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemorySource } from "../bytes/memory-source.ts";
import { dtypes } from "../dtype.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import { ChunkedSource } from "./chunked-source.ts";
import type { Chunk } from "./entry.ts";
import type { TileBox } from "./tiling.ts";
import { tilingFault } from "./tiling.ts";

/** Cuts each dimension at some places, and gives the boxes between them. */
function boxesOf(shape: readonly number[], cuts: readonly (readonly number[])[]): TileBox[] {
  let boxes: TileBox[] = [{ offsets: [], sizes: [] }];
  for (const [axis, length] of shape.entries()) {
    const borders = [...new Set([0, ...cuts[axis]!.map((cut) => cut % (length + 1)), length])].sort(
      (a, b) => a - b,
    );
    boxes = boxes.flatMap(({ offsets, sizes }) =>
      borders
        .slice(1)
        .map((end, at) => ({ offsets: [...offsets, borders[at]!], sizes: [...sizes, end - borders[at]!] })),
    );
  }
  return boxes;
}

/** Shapes, and places to cut each dimension at. */
const divided = fc
  .array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 })
  .chain((shape) =>
    fc.tuple(fc.constant(shape), fc.tuple(...shape.map(() => fc.array(fc.nat(5), { maxLength: 2 })))),
  );

describe("a tensor in boxes", () => {
  it("is what it was before it was cut, in every range", async () => {
    await fc.assert(
      fc.asyncProperty(divided, fc.nat(), fc.nat(), async ([shape, cuts], from, to) => {
        const values = Int16Array.from({ length: countOf(shape) }, (_, at) => at * 257);
        const strides = contiguousStrides(shape);
        const storages = new Map<string, MemorySource>();
        const chunks = boxesOf(shape, cuts).map(({ offsets, sizes }, at): Chunk => {
          const inner = contiguousStrides(sizes);
          const box = Int16Array.from({ length: countOf(sizes) }, (_, place) => {
            const index = sizes.map((size, axis) => Math.floor(place / inner[axis]!) % size);
            return values[
              index.reduce((sum, step, axis) => sum + (step + offsets[axis]!) * strides[axis]!, 0)
            ]!;
          });
          const key = String(at);
          storages.set(key, new MemorySource(new Uint8Array(box.buffer)));
          const storage = { key, byteLength: box.byteLength };
          return {
            offsets,
            sizes,
            where: { dtype: "int16", shape: sizes, stride: inner, offset: 0, storage },
          };
        });
        expect(tilingFault(shape, chunks)).toBeNull();
        const source = new ChunkedSource(dtypes.int16, shape, chunks, async (key) => ({
          source: storages.get(key)!,
          byteOrder: "little",
          gatherBytes: 1024,
        }));
        const bytes = new Uint8Array(values.buffer);
        const [start, end] = [from % (bytes.length + 1), to % (bytes.length + 1)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        expect([...(await source.read(start, end))]).toEqual([...bytes.subarray(start, end)]);
      }),
      { seed: 6 },
    );
  });
});

describe("boxes that are no tensor", () => {
  const box = (offsets: number[], sizes: number[]): TileBox => ({ offsets, sizes });

  it.each<[string, TileBox[]]>([
    ["leave a hole", [box([0, 0], [2, 2])]],
    ["overlap and leave a hole", [box([0, 0], [2, 2]), box([1, 1], [2, 2]), box([3, 0], [1, 2])]],
    [
      "are twice the same, with a hole of that size",
      [box([0, 0], [1, 3]), box([0, 0], [1, 3]), box([1, 0], [2, 3]), box([3, 0], [1, 1])],
    ],
    ["begin outside", [box([4, 0], [1, 3])]],
    ["have other dimensions", [box([0], [12])]],
    ["are none at all", []],
  ])("%s", (_, boxes) => {
    expect(tilingFault([4, 3], boxes)).not.toBeNull();
  });

  it("are found wherever one of a whole is moved", () => {
    fc.assert(
      fc.property(divided, fc.nat(), fc.nat(), ([shape, cuts], which, to) => {
        const boxes = boxesOf(shape, cuts);
        if (boxes.length < 2) return;
        const [moved, other] = [boxes[which % boxes.length]!, boxes[to % boxes.length]!];
        if (moved === other) return;
        boxes[which % boxes.length] = { offsets: other.offsets, sizes: moved.sizes };
        expect(tilingFault(shape, boxes)).not.toBeNull();
      }),
      { seed: 6 },
    );
  });
});
