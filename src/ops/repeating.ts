/**
 * Copies that repeat: the whole tensor side by side, or each element some times.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { shapeText, toAxis, toSize } from "../shape.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor, viewOf } from "../tensor/tensor.ts";
import { toLengths } from "./arguments.ts";
import type { ShapeArguments } from "./arguments.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { flatten, reshape, unsqueeze, view } from "./reshaping.ts";
import { input } from "./samples.ts";

/** The shape with as many leading dimensions of length 1 as `count` dimensions ask for. */
function led(shape: readonly number[], count: number): readonly number[] {
  return [...Array.from({ length: count - shape.length }, () => 1), ...shape];
}

const repeatTo: Op<(self: Tensor, times: readonly number[]) => Tensor> = op({
  name: "repeat",
  inputs: ["self"],
  forward(self, times: readonly number[]) {
    const shape = led(self.shape, times.length);
    const lengths = shape.map((length, axis) => length * times[axis]!);
    if (lengths.some((length) => length < 0)) {
      const negative = lengths.find((length) => length < 0)!;
      throw torchError(
        "RuntimeError",
        `Trying to create tensor with negative dimension ${negative}: ${shapeText(lengths)}`,
      );
    }
    const out = newTensor(self.dtype, toSize(lengths), self.device);
    if (self.device === "meta" || out.count === 0) return out;
    // Every dimension as two: which repetition, and where in it.
    const targetShape = toSize(shape.flatMap((length, axis) => [times[axis]!, length]));
    const targetStrides = shape.flatMap((length, axis) => [length * out.strides[axis]!, out.strides[axis]!]);
    const lead = times.length - self.shape.length;
    const sourceStrides = shape.flatMap((_, axis) => [0, axis < lead ? 0 : self.strides[axis - lead]!]);
    const source = viewOf(self, targetShape, sourceStrides, self.offset);
    scatterItems(denseItems(source), viewOf(out, targetShape, targetStrides, out.offset));
    return out;
  },
  // Every repetition contributes: the sum over them.
  backward: {
    self: needsNothing((g, { shape }, times: readonly number[]) => {
      const whole = led(shape, times.length);
      const parts = reshape(
        g,
        whole.flatMap((length, axis) => [times[axis]!, length]),
      );
      const summed = whole.length === 0 ? parts : parts.sum(whole.map((_, axis) => 2 * axis));
      return reshape(summed, shape);
    }),
  },
  samples: () => [],
});

/**
 * Copies of the tensor side by side, `times[k]` of them along dimension k; more numbers than dimensions add leading ones.
 *
 * Throws: PyTorch's RuntimeErrors for fewer numbers than dimensions and for negative ones.
 *
 * @example
 * tensor([1, 2]).repeat(2, 2); // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export const repeat: Op<(self: Tensor, ...times: ShapeArguments) => Tensor> = composed(
  {
    name: "repeat",
    isVariadic: true,
    samples: () => [
      [input([2, 3]), 2, 2],
      [input([2, 3]), 2, 1, 1],
      [input([3, 2], { layout: "transposed" }), [1, 2]],
      [input([]), 3],
      [input([2, 3]), 0, 1],
      [input([2, 3], { smooth: false }), 2],
      [input([2, 3], { smooth: false }), -1, 1],
    ],
  },
  (self: Tensor, ...times: ShapeArguments): Tensor => {
    const numbers = toLengths(times);
    if (numbers.length < self.shape.length) {
      throw torchError(
        "RuntimeError",
        "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
      );
    }
    return repeatTo(self, numbers);
  },
);

/** As `repeat`, with leading ones where fewer numbers than dimensions are given. */
export const tile: Op<(self: Tensor, ...times: ShapeArguments) => Tensor> = composed(
  {
    name: "tile",
    isVariadic: true,
    samples: () => [
      [input([2, 3]), 2],
      [input([2, 3]), [2, 1, 1]],
    ],
  },
  (self: Tensor, ...times: ShapeArguments): Tensor => {
    const numbers = toLengths(times);
    return repeatTo(self, led(numbers, Math.max(numbers.length, self.shape.length)));
  },
);

/** The places of a dimension, each as often as it is to be repeated. */
function repeatedPlaces(repeats: Tensor, axis: number, length: number): Tensor {
  if (repeats.shape.length > 1) {
    throw torchError("RuntimeError", "repeats must be 0-dim or 1-dim tensor");
  }
  if (repeats.count !== 1 && repeats.count !== length) {
    throw torchError(
      "RuntimeError",
      `repeats must have the same size as input along dim, but got repeats.size(0) = ${repeats.count} and input.size(${axis}) = ${length}`,
    );
  }
  if (repeats.dtype !== dtypes.int64 && repeats.dtype !== dtypes.int32) {
    throw notImplemented("repeat_interleave_cpu", repeats.dtype);
  }
  const times = Array.from(denseItems(repeats), Number);
  if (times.some((each) => each < 0)) throw torchError("RuntimeError", "repeats can not be negative");
  const timesAt = (place: number): number => times[times.length === 1 ? 0 : place]!;
  const total = Array.from({ length }, (_, place) => timesAt(place)).reduce((sum, each) => sum + each, 0);
  const places = newTensor(dtypes.int64, toSize([total]));
  let at = 0;
  for (let place = 0; place < length; place++) {
    for (let k = 0; k < timesAt(place); k++) places.items[at++] = BigInt(place);
  }
  return places;
}

/**
 * Each element along a dimension repeated in place: as often as a number says, or for each as a tensor of integers does.
 * Without a dimension the elements count as one row.
 *
 * Throws: PyTorch's errors for negative numbers, for a tensor of another length, and for dimensions out of range.
 *
 * @example
 * tensor([1, 2]).repeatInterleave(2); // [1, 1, 2, 2]
 */
export const repeatInterleave: Op<(self: Tensor, repeats: number | Tensor, dim?: number) => Tensor> =
  composed(
    {
      name: "repeatInterleave",
      samples: () => [
        [input([2, 3]), 2],
        [input([2, 3]), 2, 1],
        [input([3, 2], { layout: "transposed" }), 3, 0],
        [input([2, 3]), 0, 1],
        [input([]), 3],
        [input([2, 3]), input([3], { values: [1, 2, 0], dtype: "int64" }), 1],
        [input([2, 3]), input([1], { values: [2], dtype: "int32" }), -2],
        [input([2, 3], { smooth: false }), -1],
        [input([2, 3], { smooth: false }), 2, 5],
        [input([2, 3], { smooth: false }), input([2], { values: [1, 2], dtype: "int64" }), 1],
        [input([2, 3], { smooth: false }), input([3], { values: [1, -1, 0], dtype: "int64" }), 1],
        [input([2, 3], { smooth: false }), input([3], { values: [1, 1, 0], dtype: "int16" }), 1],
      ],
    },
    (self: Tensor, repeats: number | Tensor, dim?: number): Tensor => {
      if (dim === undefined || dim === null) return repeatInterleave(flatten(self), repeats, 0);
      const axis = toAxis(dim, self.shape.length);
      if (isTensor(repeats)) {
        return self.indexSelect(axis, repeatedPlaces(repeats, axis, self.shape[axis] ?? 1));
      }
      if (repeats < 0) throw torchError("RuntimeError", "Repeats must be non-negative");
      const row = self.shape.length === 0 ? view(self, [1]) : self;
      const wide = unsqueeze(row, axis + 1);
      const copies = wide.expand(wide.shape.with(axis + 1, repeats)).clone({ memoryFormat: "contiguous" });
      return view(copies, row.shape.with(axis, row.shape[axis]! * repeats));
    },
  );
