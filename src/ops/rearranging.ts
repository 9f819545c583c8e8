/**
 * Copies with the elements in other places: turned around, rolled on, turned by quarters.
 */

import type { DType, ItemArray } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";
import { denseItems, itemsPerElement, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike, viewOf } from "../tensor/tensor.ts";
import { toDims, toLengths } from "./arguments.ts";
import type { ShapeArguments } from "./arguments.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

const flipAxes: Op<(self: Tensor, axes: readonly number[]) => Tensor> = op({
  name: "flip",
  inputs: ["self"],
  forward(self, axes: readonly number[]) {
    const out = newTensorLike(self, self.dtype);
    if (self.device === "meta" || self.count === 0) return out;
    // Written from the far end, with steps back.
    let { offset } = out;
    const strides = out.strides.slice();
    for (const axis of axes) {
      if (self.shape.length === 0) break;
      offset += (self.shape[axis]! - 1) * strides[axis]!;
      strides[axis] = -strides[axis]!;
    }
    scatterItems(denseItems(self), viewOf(out, self.shape, strides, offset));
    return out;
  },
  // The gradient is turned around too.
  backward: { self: needsNothing((g, _, axes: readonly number[]) => flipAxes(g, axes)) },
  samples: () => [],
});

/**
 * A copy with the order of the elements along some dimensions reversed.
 *
 * Throws: PyTorch's errors for dimensions out of range or named twice.
 *
 * @example
 * tensor([1, 2, 3]).flip(0); // [3, 2, 1]
 */
export const flip: Op<(self: Tensor, ...dims: ShapeArguments) => Tensor> = composed(
  {
    name: "flip",
    isVariadic: true,
    samples: () => [
      [input([2, 3]), 0],
      [input([2, 3]), [0, -1]],
      [input([3, 2], { layout: "transposed" }), 1],
      [input([2, 3]), []],
      [input([]), 0],
      [input([2, 3], { smooth: false }), 0, 0],
      [input([2, 3], { smooth: false }), 5],
    ],
  },
  (self: Tensor, ...dims: ShapeArguments): Tensor =>
    flipAxes(self, toDims(toLengths(dims), self.shape.length)),
);

/** `flip` of dimension 1. Throws: PyTorch's RuntimeError for fewer than two dimensions. */
export const fliplr: Op<(self: Tensor) => Tensor> = composed(
  { name: "fliplr", samples: () => [[input([2, 3])], [input([2], { smooth: false })]] },
  (self: Tensor): Tensor => {
    if (self.shape.length < 2) throw torchError("RuntimeError", "Input must be >= 2-d.");
    return flipAxes(self, [1]);
  },
);

/** `flip` of dimension 0. Throws: PyTorch's RuntimeError for a tensor without dimensions. */
export const flipud: Op<(self: Tensor) => Tensor> = composed(
  { name: "flipud", samples: () => [[input([2, 3])], [input([], { smooth: false })]] },
  (self: Tensor): Tensor => {
    if (self.shape.length < 1) throw torchError("RuntimeError", "Input must be >= 1-d.");
    return flipAxes(self, [0]);
  },
);

/** Items moved on along the middle one of three dimensions: outer, length, inner. */
function rolled(
  dense: ItemArray,
  dtype: DType,
  outer: number,
  length: number,
  inner: number,
  shift: number,
): ItemArray {
  const out = new dtype.Items(dense.length);
  const start = (((shift % length) + length) % length) * inner;
  const block = length * inner;
  for (let at = 0; at < outer * block; at += block) {
    out.set(dense.subarray(at, at + block - start) as never, at + start);
    out.set(dense.subarray(at + block - start, at + block) as never, at);
  }
  return out;
}

const rollAxes: Op<(self: Tensor, shifts: readonly number[], axes: readonly number[]) => Tensor> = op({
  name: "roll",
  inputs: ["self"],
  forward(self, shifts: readonly number[], axes: readonly number[]) {
    const out = newTensor(self.dtype, self.shape, self.device);
    if (self.device === "meta" || self.count === 0) return out;
    const { shape, dtype, count } = self;
    const width = itemsPerElement(dtype);
    let dense = denseItems(self);
    // Without axes the elements count as one row.
    if (axes.length === 0) dense = rolled(dense, dtype, 1, count, width, shifts[0]!);
    axes.forEach((axis, k) => {
      const length = shape[axis] ?? 1;
      const inner = shape.slice(axis + 1).reduce((product, each) => product * each, width);
      dense = rolled(dense, dtype, (count * width) / (length * inner), length, inner, shifts[k]!);
    });
    scatterItems(dense, out);
    return out;
  },
  // The gradient is rolled back.
  backward: {
    self: needsNothing((g, _, shifts: readonly number[], axes: readonly number[]) =>
      rollAxes(
        g,
        shifts.map((shift) => -shift),
        axes,
      ),
    ),
  },
  samples: () => [],
});

/**
 * A copy with the elements moved on by `shifts` places along `dims`; those that leave at the end come back at the start.
 * Without `dims` the elements count as one row.
 *
 * Throws: PyTorch's errors for dimensions out of range and lists of different lengths.
 *
 * @example
 * tensor([1, 2, 3]).roll(1); // [3, 1, 2]
 */
export const roll: Op<
  (self: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]) => Tensor
> = composed(
  {
    name: "roll",
    samples: () => [
      [input([2, 3]), 1],
      [input([2, 3]), -1, 1],
      [input([2, 3]), [1, 5], [0, -1]],
      [input([3, 2], { layout: "transposed" }), 2, 1],
      [input([0, 3]), 1, 1],
      [input([2, 3], { smooth: false }), [1, 2], 0],
      [input([2, 3], { smooth: false }), [1, 2]],
      [input([2, 3], { smooth: false }), 1, 5],
    ],
  },
  (self: Tensor, shifts: number | readonly number[], dims: number | readonly number[] = []): Tensor => {
    const steps = typeof shifts === "number" ? [shifts] : shifts;
    const named = typeof dims === "number" ? [dims] : dims;
    if (steps.length !== named.length && !(named.length === 0 && steps.length === 1)) {
      throw torchError(
        "RuntimeError",
        `shifts and dimensions must align. shifts: ${steps.length}, dims:${named.length}`,
      );
    }
    if (self.shape.length === 0 && named.length > 0) {
      throw torchError("IndexError", `Dimension specified as ${named[0]} but tensor has no dimensions`);
    }
    return rollAxes(
      self,
      steps,
      named.map((dim) => toAxis(dim, self.shape.length)),
    );
  },
);

const quarterTurns: Op<(self: Tensor, k: number, from: number, to: number) => Tensor> = op({
  name: "rot90",
  gradName: "Rot90Backward0",
  inputs: ["self"],
  takesComplex: true,
  forward(self, k: number, from: number, to: number) {
    const plain = self.detach();
    switch (((k % 4) + 4) % 4) {
      case 1:
        return flip(plain, [to]).transpose(from, to);
      case 2:
        return flip(plain, [from, to]);
      case 3:
        return flip(plain, [from]).transpose(from, to);
      default:
        return plain.clone({ memoryFormat: "contiguous" });
    }
  },
  // The gradient is turned back.
  backward: {
    self: needsNothing((g, _, k: number, from: number, to: number) => quarterTurns(g, -k, from, to)),
  },
  samples: () => [],
});

/**
 * A copy turned by k quarters in the plane of two dimensions, from the first to the second.
 *
 * Throws: PyTorch's RuntimeErrors for another number of dimensions and for the same one twice.
 */
export const rot90: Op<(self: Tensor, k?: number, dims?: readonly number[]) => Tensor> = composed(
  {
    name: "rot90",
    takesComplex: true,
    samples: () => [
      [input([2, 3])],
      [input([2, 3]), 2],
      [input([2, 3, 2]), -1, [1, 2]],
      [input([2, 3]), 0],
      [input([2])],
      [input([2, 3]), 1, [0]],
      [input([2, 3]), 1, [0, 0]],
    ],
  },
  (self: Tensor, k: number = 1, dims: readonly number[] = [0, 1]): Tensor => {
    const refuse = (text: string): never => {
      throw torchError("RuntimeError", text);
    };
    if (dims.length !== 2) {
      refuse(`expected total rotation dims == 2, but got dims = ${dims.length}`);
    }
    const rank = self.shape.length;
    if (rank < 2) refuse(`expected total dims >= 2, but got total dims = ${rank}`);
    const [from, to] = dims as unknown as [number, number];
    if (from === to || Math.abs(from - to) === rank) {
      refuse(`expected rotation dims to be different, but got dim0 = ${from} and dim1 = ${to}`);
    }
    return quarterTurns(self, k, toAxis(from, rank), toAxis(to, rank));
  },
);
