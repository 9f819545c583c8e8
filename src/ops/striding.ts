/**
 * Views by bare strides, and the moves of elements between two layouts of one storage that their gradients are made of.
 */

import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { countOf, shapeText, toSize } from "../shape.ts";
import { computeDtype, denseItems, forEachRun, itemsPerElement, scatterItems } from "../tensor/elements.ts";
import type { StridedFacts } from "../autograd/arithmetic.ts";
import { Tensor, Version, newTensor, viewOf } from "../tensor/tensor.ts";
import { allocate } from "../tensor/storage.ts";
import { converted } from "./elementwise.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

/** Elements from the start of the storage to the end of what a layout reaches; 0 for an empty one. */
function reachOf({ shape, strides, offset }: StridedFacts): number {
  if (countOf(shape) === 0) return 0;
  return shape.reduce((end, length, axis) => end + (length - 1) * strides[axis]!, offset + 1);
}

/** Whether two places of the shape may be one element: a loop that does not step over all that inner loops reach. */
function mayOverlap(shape: readonly number[], strides: readonly number[]): boolean {
  if (countOf(shape) === 0) return false;
  const loops = shape
    .map((length, axis) => ({ length, stride: strides[axis]! }))
    .filter(({ length }) => length > 1)
    .sort((a, b) => a.stride - b.stride);
  let reach = 0;
  for (const { length, stride } of loops) {
    if (stride <= reach) return true;
    reach += stride * (length - 1);
  }
  return false;
}

/** Adds dense items to the places of a layout that may have several of its elements in one place. */
function addItems(dense: Float64Array, target: Tensor, width: number): void {
  const items = target.items as Float64Array;
  const length = target.shape.at(-1) ?? 1;
  const step = (target.strides.at(-1) ?? 1) * width;
  let from = 0;
  forEachRun(target.shape, target.strides, target.offset, (start) => {
    for (let k = 0, to = start * width; k < length; k++, to += step) {
      for (let part = 0; part < width; part++) items[to + part]! += dense[from++]!;
    }
  });
}

/** Divides the places of a layout by how many of its elements each holds. */
function divideByCounts(target: Tensor, width: number): void {
  const items = target.items as Float64Array;
  const counts = new Float64Array(items.length / width);
  const length = target.shape.at(-1) ?? 1;
  const step = target.strides.at(-1) ?? 1;
  forEachRun(target.shape, target.strides, target.offset, (start) => {
    for (let k = 0, at = start; k < length; k++, at += step) counts[at]! += 1;
  });
  for (let at = 0; at < items.length; at++) items[at]! /= Math.max(counts[Math.floor(at / width)]!, 1);
}

/**
 * Lays `self`, whose elements have the layout `from`, into a storage of zeros, and reads that with the layout `to`.
 * Elements in one place add up; where `shared`, one of the two, has several in one place, each takes an equal part.
 */
const transfer: Op<(self: Tensor, from: StridedFacts, to: StridedFacts, shared: StridedFacts) => Tensor> = op(
  {
    name: "asStridedBackward",
    inputs: ["self"],
    forward(self, from: StridedFacts, to: StridedFacts, shared: StridedFacts) {
      if (self.device === "meta") return newTensor(self.dtype, to.shape, "meta");
      const start = Math.min(from.offset, to.offset);
      const width = itemsPerElement(self.dtype);
      const compute = computeDtype(self.dtype);
      const whole = newTensor(compute, toSize([Math.max(reachOf(from), reachOf(to), start) - start]));
      const source = lookAt(whole, from, start);
      const dense = denseItems(converted(self, compute));
      if (mayOverlap(from.shape, from.strides)) addItems(dense as Float64Array, source, width);
      else scatterItems(dense, source);
      if (mayOverlap(shared.shape, shared.strides)) {
        divideByCounts(lookAt(whole, shared, start), width);
      }
      const result = lookAt(converted(whole, self.dtype), to, start);
      if (!mayOverlap(to.shape, to.strides)) return result;
      const out = newTensor(self.dtype, to.shape);
      scatterItems(denseItems(result), out);
      return out;
    },
    // Linear, and its adjoint is the same way back.
    backward: {
      self: needsNothing((g, _, from: StridedFacts, to: StridedFacts, shared: StridedFacts) =>
        transfer(g, to, from, shared),
      ),
    },
    samples: () => [],
  },
);

/** A layout of a fresh storage that starts at element `start` of the one meant; no view, as the storage is nobody's. */
function lookAt(whole: Tensor, { shape, strides, offset }: StridedFacts, start: number): Tensor {
  const at = offset - start;
  return new Tensor(whole.storage, whole.dtype, shape, strides, at, countOf(shape), whole.version, null);
}

/** The adjoint of looking at `base` as `view`: the gradient added up at the places of the view, zeros elsewhere. */
export function stridedAdjoint(gradient: Tensor, base: StridedFacts, view: StridedFacts): Tensor {
  return transfer(gradient, view, base, base);
}

/** A fresh tensor of zeros with the given strides, as large as they reach. */
function newStrided(like: Tensor, shape: Size, strides: readonly number[]): Tensor {
  const { dtype, device } = like;
  const storage = allocate(dtype, reachOf({ shape, strides, offset: 0 }), device);
  return new Tensor(storage, dtype, shape, strides, 0, countOf(shape), new Version(), null);
}

const copyStrided: Op<(self: Tensor, strides: readonly number[]) => Tensor> = op({
  name: "clone",
  inputs: ["self"],
  forward(self, strides: readonly number[]) {
    const out = newStrided(self, self.shape, strides);
    scatterItems(denseItems(self), out);
    return out;
  },
  // A copy: the gradient as it is.
  backward: { self: needsNothing((g) => g) },
  samples: () => [],
});

/** A copy with the given strides; gradients flow through. */
export function cloneStrided(self: Tensor, strides: readonly number[]): Tensor {
  return copyStrided(self, strides);
}

const asStridedAt: Op<
  (self: Tensor, shape: Size, strides: readonly number[], offset: number, own: StridedFacts) => Tensor
> = op({
  name: "asStrided",
  inputs: ["self"],
  isView: true,
  forward: (self, shape: Size, strides: readonly number[], offset: number) =>
    viewOf(self, shape, strides, offset),
  backward: {
    self: needsNothing((g, _, shape: Size, strides: readonly number[], offset: number, own: StridedFacts) =>
      stridedAdjoint(g, own, { shape, strides, offset }),
    ),
  },
  samples: () => [],
});

/** `asStrided` without checks, for a layout that is known to lie within the storage. */
export function stridedView(self: Tensor, shape: Size, strides: readonly number[], offset: number): Tensor {
  const own = { shape: self.shape, strides: self.strides, offset: self.offset };
  return asStridedAt(self, shape, strides, offset, own);
}

/**
 * A view of the tensor's storage with any shape, strides and offset (in elements, default that of the tensor).
 *
 * Throws: PyTorch's RuntimeErrors for negative strides and offsets, lists of different lengths, and a layout that
 * reaches beyond the storage.
 *
 * @example
 * arange(5).asStrided([3, 2], [1, 2]); // [[0, 2], [1, 3], [2, 4]]
 */
export const asStrided: Op<
  (self: Tensor, size: readonly number[], stride: readonly number[], storageOffset?: number) => Tensor
> = composed(
  {
    name: "asStrided",
    samples: () => [
      [input([3, 4]), [2, 2], [1, 2]],
      [input([3, 4]), [2, 2], [4, 1], 3],
      [input([5]), [3, 3], [1, 1], 0],
      [input([3, 2], { layout: "transposed" }), [2, 2], [2, 1], 1],
      [input([3, 4]), [], [], 5],
      [input([3, 4]), [0, 2], [1, 1]],
      [input([3, 4], { smooth: false }), [2, 2], [1]],
      [input([3, 4], { smooth: false }), [2, 2], [1, -1]],
      [input([3, 4], { smooth: false }), [9, 9], [5, 5]],
      [input([3, 4], { smooth: false }), [2], [1], -1],
    ],
  },
  (
    self: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storageOffset: number = self.offset,
  ): Tensor => {
    if (size.length !== stride.length) {
      throw torchError("RuntimeError", "mismatch in length of strides and shape");
    }
    if (stride.some((step) => step < 0)) {
      throw torchError(
        "RuntimeError",
        `as_strided: Negative strides are not supported at the moment, got strides: ${shapeText(stride)}`,
      );
    }
    if (size.some((length) => length < 0)) {
      throw torchError(
        "RuntimeError",
        `Storage size calculation overflowed with sizes=${shapeText(size)} and strides=${shapeText(stride)}`,
      );
    }
    if (storageOffset < 0) {
      throw torchError("RuntimeError", `Tensor: invalid storage offset ${storageOffset}`);
    }
    const shape = toSize(size.slice());
    const needed = reachOf({ shape, strides: stride, offset: storageOffset }) * self.dtype.itemSize;
    if (needed > self.storage.byteLength) {
      throw torchError(
        "RuntimeError",
        `setStorage: sizes ${shapeText(size)}, strides ${shapeText(stride)}, storage offset ${storageOffset}, and itemsize ${self.dtype.itemSize} requiring a storage size of ${needed} are out of bounds for storage of size ${self.storage.byteLength}`,
      );
    }
    return stridedView(self, shape, stride.slice(), storageOffset);
  },
);
