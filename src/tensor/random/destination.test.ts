import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dtypes } from "../../dtype.ts";
import { countOf } from "../../shape.ts";
import {
  asReal,
  fillInMemoryOrder,
  isOrdered,
  isRowMajor,
  positionsAlong,
  rowMajor,
  type Destination,
} from "./destination.ts";

/** Views without overlap: the dimensions of a padded row-major array in any order, each with a step. */
const view: fc.Arbitrary<Destination> = fc
  .array(
    fc.record({
      length: fc.integer({ min: 1, max: 4 }),
      step: fc.integer({ min: 1, max: 2 }),
      place: fc.integer(),
    }),
    { maxLength: 4 },
  )
  .chain((axes) => fc.tuple(fc.constant(axes), fc.integer({ min: 0, max: 5 })))
  .map(([axes, offset]) => {
    let size = 1;
    const strided = axes.map(({ length, step, place }) => {
      const stride = size * step;
      size *= length * step;
      return { length, stride, place };
    });
    strided.sort((a, b) => a.place - b.place);
    return {
      dtype: dtypes.float32,
      items: new Float32Array(offset + size),
      offset,
      shape: strided.map(({ length }) => length),
      stride: strided.map(({ stride }) => stride),
    };
  });

/** The slow twin: all positions, by recursion over the dimensions. */
function positionsOf({ offset, shape, stride }: Destination): number[] {
  return shape.reduce<number[]>(
    (starts, length, axis) =>
      starts.flatMap((start) => Array.from({ length }, (_, k) => start + k * stride[axis]!)),
    [offset],
  );
}

describe("fillInMemoryOrder", () => {
  it("gives the k-th value to the k-th element in memory and touches nothing else", () => {
    fc.assert(
      fc.property(view, (destination) => {
        fillInMemoryOrder(destination, (items) => {
          for (let k = 0; k < items.length; k++) items[k] = k + 1;
        });
        const positions = positionsOf(destination).sort((a, b) => a - b);
        const expected = new Float32Array(destination.items.length);
        positions.forEach((position, k) => (expected[position] = k + 1));
        expect(destination.items).toEqual(expected);
      }),
      { numRuns: 500, seed: 21 },
    );
  });

  it("writes gapless memory in place", () => {
    const items = new Float32Array(8);
    const transposed = { dtype: dtypes.float32, items, offset: 2, shape: [2, 3], stride: [1, 2] };
    fillInMemoryOrder(transposed, (target) => {
      expect(target.buffer).toBe(items.buffer);
      expect([target.byteOffset, target.length]).toEqual([8, 6]);
    });
  });

  it("does not call for an empty view", () => {
    const empty = {
      dtype: dtypes.float32,
      items: new Float32Array(0),
      offset: 0,
      shape: [3, 0],
      stride: [1, 1],
    };
    fillInMemoryOrder(empty, () => expect.unreachable());
    expect(countOf(empty.shape)).toBe(0);
  });
});

describe("positionsAlong", () => {
  it("pairs the elements of two views by index, in the memory order of the first", () => {
    fc.assert(
      fc.property(view, (order) => {
        const values = rowMajor(dtypes.float32, new Float32Array(countOf(order.shape)), order.shape);
        const ours = positionsOf(order);
        const ranked = ours.map((position, index) => ({ position, index }));
        ranked.sort((a, b) => a.position - b.position);
        expect([...positionsAlong(order, values)]).toEqual(ranked.map(({ index }) => index));
      }),
      { numRuns: 300, seed: 22 },
    );
  });
});

describe("layouts", () => {
  const layout = (shape: number[], stride: number[]): Destination => ({
    dtype: dtypes.complex64,
    items: new Float32Array(64),
    offset: 3,
    shape,
    stride,
  });

  it.each([
    [[2, 3], [3, 1], true, true],
    [[2, 3], [1, 2], false, false],
    [[2, 3], [6, 2], false, true],
    [[1, 3], [99, 1], true, true],
    [[3, 1], [1, 99], true, true],
    [[0, 3], [7, 7], true, true],
    [[], [], true, true],
  ])("knows whether shape %j with strides %j is row-major and ordered", (shape, stride, whole, ordered) => {
    expect(isRowMajor(layout(shape, stride))).toBe(whole);
    expect(isOrdered(layout(shape, stride))).toBe(ordered);
  });

  it("sees a complex view as a real one with pairs", () => {
    const real = asReal(layout([2, 3], [1, 2]));
    expect([real.dtype, real.offset, real.shape, real.stride]).toEqual([
      dtypes.float32,
      6,
      [2, 3, 2],
      [2, 4, 1],
    ]);
  });
});
