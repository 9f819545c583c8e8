/**
 * Tensors put together: `cat`, `stack` and what is made of them. Functions of lists, so none is a method.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { countOf, shapeText, toAxis, toSize } from "../shape.ts";
import { denseItems, itemsPerElement } from "../tensor/elements.ts";
import { resultType } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** The dimension along which tensors are joined, by position or by name. */
export type JoinDimension = number | { readonly dim?: number };

function dimensionOf(dim: JoinDimension | undefined): number {
  return typeof dim === "number" ? dim : (dim?.dim ?? 0);
}

function requireTensors(name: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) {
    const found = isTensor(tensors) ? "Tensor" : pythonTypeName(tensors);
    throw torchError(
      "TypeError",
      `${name}(): argument 'tensors' (position 1) must be tuple of Tensors, not ${found}`,
    );
  }
  tensors.forEach((each, place) => {
    if (!isTensor(each)) {
      throw torchError(
        "TypeError",
        `expected Tensor as element ${place} in argument 0, but got ${pythonTypeName(each)}`,
      );
    }
  });
}

function commonDtype(tensors: readonly Tensor[]): DType {
  const [first] = tensors;
  if (tensors.every((each) => each.dtype === first!.dtype)) return first!.dtype;
  return tensors
    .map(({ dtype, shape }) => ({ dtype, shape, isNumber: false }))
    .reduce((a, b) => ({
      dtype: resultType(a, b),
      shape: a.shape.length > 0 ? a.shape : b.shape,
      isNumber: false,
    })).dtype;
}

/** An empty vector joins everything, whatever the shapes: PyTorch keeps this from its early days. */
function isSkipped(self: Tensor): boolean {
  return self.shape.length === 1 && self.count === 0;
}

/** The lengths after joining, and the axis. Throws: PyTorch's errors where the tensors do not fit. */
function joinedShape(tensors: readonly Tensor[], dim: number): { shape: number[]; axis: number } {
  if (tensors.length === 0) {
    throw torchError("ValueError", "torch.cat(): expected a non-empty list of Tensors");
  }
  tensors.forEach((each, place) => {
    if (each.shape.length > 0) return;
    throw torchError("RuntimeError", `zero-dimensional tensor (at position ${place}) cannot be concatenated`);
  });
  const model = tensors.find((each) => !isSkipped(each)) ?? tensors[0]!;
  const axis = toAxis(dim, model.shape.length);
  const shape = model.shape.slice();
  shape[axis] = 0;
  tensors.forEach((each, place) => {
    if (isSkipped(each) && each !== model) return;
    if (each.shape.length !== shape.length) {
      throw torchError(
        "RuntimeError",
        `Tensors must have same number of dimensions: got ${shape.length} and ${each.shape.length}`,
      );
    }
    each.shape.forEach((length, at) => {
      if (at === axis) shape[at]! += length;
      else if (length !== shape[at]) {
        throw torchError(
          "RuntimeError",
          `Sizes of tensors must match except in dimension ${axis}. Expected size ${shape[at]!} but got size ${length} for tensor number ${place} in the list.`,
        );
      }
    });
  });
  return { shape, axis };
}

/** Lays the tensors side by side along an axis of a fresh tensor whose shape is their sum. */
function joined(tensors: readonly Tensor[], shape: number[], axis: number, dtype: DType): Tensor {
  const isMeta = tensors.some((each) => each.device === "meta");
  const out = newTensor(dtype, toSize(shape), isMeta ? "meta" : "cpu");
  if (isMeta) return out;
  const width = itemsPerElement(dtype);
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, width);
  const outer = countOf(shape.slice(0, axis));
  const row = shape[axis]! * inner;
  let start = 0;
  for (const each of tensors) {
    if (each.count === 0) continue;
    const items = denseItems(converted(each, dtype)) as Float64Array;
    const run = each.shape[axis]! * inner;
    const target = out.items as Float64Array;
    if (outer === 1) target.set(items, start);
    else if (run < 16) copyShort(items, target, start, run, row, outer);
    else {
      for (let k = 0; k < outer; k++) target.set(items.subarray(k * run, (k + 1) * run), k * row + start);
    }
    start += run;
  }
  return out;
}

/** For rows so short that a call for each costs more than the loop. */
function copyShort(
  from: Float64Array,
  to: Float64Array,
  start: number,
  run: number,
  row: number,
  rows: number,
): void {
  let at = 0;
  for (let k = 0; k < rows; k++) {
    const place = k * row + start;
    for (let j = 0; j < run; j++) to[place + j] = from[at++]!;
  }
}

/**
 * Joins tensors along a dimension they have. Their dtypes are promoted.
 *
 * Shape: equal but along `dim` (default 0), where the lengths add up.
 * Throws: PyTorch's errors for an empty list, for numbers, and where other lengths differ.
 *
 * @example
 * cat([zeros(2, 3), ones(1, 3)]).shape; // torch.Size([3, 3])
 */
export const cat: Op<(tensors: readonly Tensor[], dim?: JoinDimension) => Tensor> = jointOp({
  name: "cat",
  torch: "torch.cat",
  tensors: (tensors: readonly Tensor[]) => tensors,
  forward(tensors: readonly Tensor[], dim?: JoinDimension) {
    requireTensors("cat", tensors);
    const { shape, axis } = joinedShape(tensors, dimensionOf(dim));
    return [joined(tensors, shape, axis, commonDtype(tensors))];
  },
  // Each tensor gets its part of the gradient.
  backward([gradient], { wanted, args: [tensors, dim] }) {
    const { axis } = joinedShape(tensors, dimensionOf(dim));
    let start = 0;
    return tensors.map((each, k) => {
      if (isSkipped(each)) return wanted[k] === true ? newTensor(each.dtype, each.shape) : null;
      const from = start;
      start += each.shape[axis]!;
      return wanted[k] === true ? gradient!.narrow(axis, from, each.shape[axis]!) : null;
    });
  },
  result: ([output]) => output!,
  samples: () => [
    [[input([2, 3]), input([1, 3])]],
    [[input([2, 3]), input([2, 1]), input([2, 2], { layout: "transposed" })], 1],
    [[input([2, 20]), input([2, 17])], -1],
    [[input([2]), input([2], { values: [1, 2], dtype: "int64" })], { dim: 0 }],
    [[input([0], { smooth: false }), input([2, 2])], 1],
    [[input([3, 2, 2], { layout: "transposed" }), input([3, 1, 2])], 1],
    [[input([2, 2])]],
    [[input([0]), input([0])]],
    [[]],
    [[input([]), input([2])]],
    [[input([2, 2]), input([2])]],
    [[input([2, 2]), input([2, 3])]],
    [[input([2])], 1],
  ],
});

/**
 * Joins tensors of one shape along a new dimension.
 *
 * Shape: n tensors of shape (*) → n stands at dimension `dim` (default 0) of the result.
 * Throws: PyTorch's errors for an empty list and for shapes that differ.
 *
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])]); // tensor([[1, 2], [3, 4]])
 */
export const stack: Op<(tensors: readonly Tensor[], dim?: JoinDimension) => Tensor> = jointOp({
  name: "stack",
  torch: "torch.stack",
  tensors: (tensors: readonly Tensor[]) => tensors,
  forward(tensors: readonly Tensor[], dim?: JoinDimension) {
    requireTensors("stack", tensors);
    const [first] = tensors;
    if (first === undefined) throw torchError("RuntimeError", "stack expects a non-empty TensorList");
    const axis = toAxis(dimensionOf(dim), first.shape.length + 1);
    tensors.forEach((each, place) => {
      if (each.shape.length === first.shape.length && each.shape.every((n, k) => n === first.shape[k]))
        return;
      throw torchError(
        "RuntimeError",
        `stack expects each tensor to be equal size, but got ${shapeText(first.shape)} at entry 0 and ${shapeText(each.shape)} at entry ${place}`,
      );
    });
    const shape = first.shape.slice();
    shape.splice(axis, 0, tensors.length);
    const parts = tensors.map((each) => each.detach().unsqueeze(axis));
    return [joined(parts, shape, axis, commonDtype(tensors))];
  },
  // Each tensor gets its layer of the gradient.
  backward: ([gradient], { wanted, args: [tensors, dim] }) =>
    tensors.map((each, k) =>
      wanted[k] === true ? gradient!.select(toAxis(dimensionOf(dim), each.shape.length + 1), k) : null,
    ),
  result: ([output]) => output!,
  samples: () => [
    [[input([2, 3]), input([2, 3], { layout: "transposed" })]],
    [[input([2, 3]), input([2, 3])], -1],
    [[input([2, 3]), input([2, 3])], { dim: 1 }],
    [[input([]), input([])]],
    [[input([2]), input([2], { values: [1, 2], dtype: "int64" })]],
    [[]],
    [[input([2]), input([3])]],
    [[input([2])], 2],
  ],
});

/** A tensor with at least so many dimensions, as `torch.atleast_1d` and its kin make it. */
function atLeast(self: Tensor, rank: 1 | 2 | 3): Tensor {
  switch (rank) {
    case 1:
      return self.shape.length === 0 ? self.reshape(1) : self;
    case 2:
      return self.shape.length === 0
        ? self.reshape(1, 1)
        : self.shape.length === 1
          ? self.unsqueeze(0)
          : self;
    case 3:
      switch (self.shape.length) {
        case 0:
          return self.reshape(1, 1, 1);
        case 1:
          return self.unsqueeze(0).unsqueeze(-1);
        case 2:
          return self.unsqueeze(-1);
        default:
          return self;
      }
  }
}

function stacker(
  name: string,
  rank: 1 | 2 | 3,
  axis: (first: Tensor) => number,
): Op<(tensors: readonly Tensor[]) => Tensor> {
  return composed(
    {
      name,
      torch: `torch.${name}`,
      samples: () => [
        [[input([2]), input([2])]],
        [[input([2, 3]), input([2, 3])]],
        [[input([]), input([])]],
        [[input([2, 2, 1]), input([2, 2, 1])]],
        [[]],
      ],
    },
    (tensors: readonly Tensor[]): Tensor => {
      requireTensors(name, tensors);
      if (tensors.length === 0) {
        throw torchError("RuntimeError", `${name} expects a non-empty TensorList`);
      }
      const parts = tensors.map((each) => atLeast(each, rank));
      return cat(parts, axis(parts[0]!));
    },
  );
}

/** Joins tensors side by side: vectors along their only dimension, others along the second. Throws: as `cat`. */
export const hstack: Op<(tensors: readonly Tensor[]) => Tensor> = stacker("hstack", 1, (first) =>
  first.shape.length === 1 ? 0 : 1,
);

/** Joins tensors below each other: along the first dimension, vectors as rows. Throws: as `cat`. */
export const vstack: Op<(tensors: readonly Tensor[]) => Tensor> = stacker("vstack", 2, () => 0);

/** Joins tensors along the third dimension. Throws: as `cat`. */
export const dstack: Op<(tensors: readonly Tensor[]) => Tensor> = stacker("dstack", 3, () => 2);
