/**
 * Views in other shapes: the same elements in the same order. Only `reshape` and what is made of it may copy.
 */

import { torchError } from "../errors.ts";
import { contiguousStrides, countOf, inferShape, shapeText, toAxis, toSize, viewStrides } from "../shape.ts";
import type { Size } from "../shape.ts";
import { Tensor, viewOf } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { toDims, toLengths } from "./arguments.ts";
import type { ShapeArguments } from "./arguments.ts";
import { input } from "./samples.ts";

const viewTo: Op<(self: Tensor, lengths: readonly number[]) => Tensor> = op({
  name: "view",
  inputs: ["self"],
  isView: true,
  forward(self, lengths: readonly number[]) {
    const shape = inferShape(lengths, self.count);
    const strides = viewStrides(self.shape, self.strides, shape);
    if (strides === null) {
      throw torchError(
        "RuntimeError",
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      );
    }
    return viewOf(self, shape, strides, self.offset);
  },
  // The elements stay where they are: so does the gradient.
  backward: { self: needsNothing((g, { shape }) => g.reshape(shape)) },
  samples: () => [],
});

/**
 * The same elements in another shape; one length may be -1.
 *
 * Throws: PyTorch's RuntimeErrors where the elements do not fit the shape, or only a copy would.
 *
 * @example
 * arange(6).view(2, -1).shape; // torch.Size([2, 3])
 */
export const view: Op<(self: Tensor, ...shape: ShapeArguments) => Tensor> = composed(
  {
    name: "view",
    isVariadic: true,
    samples: () => [
      [input([2, 3]), 3, 2],
      [input([2, 3]), -1],
      [input([4, 2]), [2, 2, -1]],
      [input([1]), []],
    ],
  },
  (self: Tensor, ...shape: ShapeArguments): Tensor => viewTo(self, toLengths(shape)),
);

const aliasOp: Op<(self: Tensor) => Tensor> = op({
  name: "alias",
  inputs: ["self"],
  isView: true,
  forward: (self) => viewOf(self, self.shape, self.strides, self.offset),
  backward: { self: needsNothing((g) => g) },
  samples: () => [],
});

/** The same view once more, as another tensor. */
export function aliasOf(self: Tensor): Tensor {
  return aliasOp(self);
}

/** A fresh copy in another shape: shares its bytes, but as the copy is nobody else's it counts as no view. */
const unsafeView: Op<(self: Tensor, shape: Size) => Tensor> = op({
  name: "unsafeView",
  inputs: ["self"],
  forward: (self, shape: Size) =>
    new Tensor(self.storage, self.dtype, shape, contiguousStrides(shape), 0, self.count, self.version, null),
  backward: { self: needsNothing((g, { shape }) => g.reshape(shape)) },
  samples: () => [],
});

/** As `view`, with a copy where the elements do not lie right for a view. */
export const reshape: Op<(self: Tensor, ...shape: ShapeArguments) => Tensor> = composed(
  {
    name: "reshape",
    isVariadic: true,
    samples: () => [
      [input([2, 3]), 3, 2],
      [input([3, 2], { layout: "transposed" }), [-1]],
    ],
  },
  (self: Tensor, ...shape: ShapeArguments): Tensor => {
    const lengths = toLengths(shape);
    const target = inferShape(lengths, self.count);
    if (viewStrides(self.shape, self.strides, target) !== null) return viewTo(self, target);
    return unsafeView(self.clone({ memoryFormat: "contiguous" }), target);
  },
);

/**
 * Inserts a dimension of length 1 before dimension `dim`.
 *
 * Throws: PyTorch's IndexError outside [-rank - 1, rank].
 */
export const unsqueeze: Op<(self: Tensor, dim: number) => Tensor> = op({
  name: "unsqueeze",
  inputs: ["self"],
  isView: true,
  forward(self, dim: number) {
    const axis = toAxis(dim, self.shape.length + 1);
    const shape = self.shape.slice();
    const strides = self.strides.slice();
    strides.splice(axis, 0, axis < shape.length ? shape[axis]! * strides[axis]! : 1);
    shape.splice(axis, 0, 1);
    return viewOf(self, toSize(shape), strides, self.offset);
  },
  backward: { self: needsNothing((g, { shape }) => g.reshape(shape)) },
  samples: () => [
    [input([2, 3]), 0],
    [input([2, 3]), -1],
    [input([]), 0],
  ],
});

/** As `view`, with the shape of another tensor. */
export const viewAs: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  { name: "viewAs", samples: () => [[input([2, 3]), input([3, 2], { dtype: "int64" })]] },
  (self: Tensor, other: Tensor): Tensor => viewTo(self, other.shape),
);

/** As `reshape`, with the shape of another tensor. */
export const reshapeAs: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  {
    name: "reshapeAs",
    samples: () => [[input([3, 2], { layout: "transposed" }), input([6], { dtype: "int64" })]],
  },
  (self: Tensor, other: Tensor): Tensor => reshape(self, other.shape),
);

/**
 * Makes one dimension of the dimensions `startDim` to `endDim`; a tensor without dimensions gets one.
 *
 * Throws: PyTorch's errors for dimensions that are out of range or in the wrong order.
 *
 * @example
 * zeros(2, 3, 4).flatten(1).shape; // torch.Size([2, 12])
 */
export const flatten: Op<(self: Tensor, startDim?: number, endDim?: number) => Tensor> = composed(
  {
    name: "flatten",
    samples: () => [
      [input([2, 3, 4])],
      [input([2, 3, 4]), 1],
      [input([2, 3, 4]), 0, 1],
      [input([2, 3]), 1, 1],
      [input([])],
      [input([3, 2], { layout: "transposed" })],
      [input([2, 0, 3]), 1],
      [input([2, 3], { smooth: false }), 1, 0],
      [input([2, 3], { smooth: false }), 5],
    ],
  },
  (self: Tensor, startDim: number = 0, endDim: number = -1): Tensor => {
    const rank = self.shape.length;
    const start = toAxis(startDim, rank);
    const end = toAxis(endDim, rank);
    if (start > end) {
      throw torchError("RuntimeError", "flatten() has invalid args: start_dim cannot come after end_dim");
    }
    if (rank === 0) return viewTo(self, [1]);
    if (start === end) return self;
    const { shape } = self;
    const middle = countOf(shape.slice(start, end + 1));
    return reshape(self, [...shape.slice(0, start), middle, ...shape.slice(end + 1)]);
  },
);

/**
 * Splits a dimension into several, of which one may be -1.
 *
 * Throws: PyTorch's errors for a dimension out of range and sizes that do not multiply up to its length.
 *
 * @example
 * zeros(2, 6).unflatten(1, [2, -1]).shape; // torch.Size([2, 2, 3])
 */
export const unflatten: Op<(self: Tensor, dim: number, sizes: readonly number[]) => Tensor> = composed(
  {
    name: "unflatten",
    samples: () => [
      [input([2, 4]), 1, [2, 2]],
      [input([2, 4]), -1, [2, -1]],
      [input([2, 4]), 0, [1, 2, 1]],
      [input([2, 4], { smooth: false }), 1, [3, -1]],
      [input([2, 4], { smooth: false }), 1, [3, 2]],
      [input([2, 4], { smooth: false }), 1, []],
    ],
  },
  (self: Tensor, dim: number, sizes: readonly number[]): Tensor => {
    const axis = toAxis(dim, self.shape.length);
    if (sizes.length === 0) throw torchError("RuntimeError", "unflatten: sizes must be non-empty");
    const length = self.shape[axis] ?? 1;
    const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
    const isRight = sizes.includes(-1) ? known > 0 && length % known === 0 : known === length;
    if (!isRight) {
      throw torchError(
        "RuntimeError",
        `unflatten: Provided sizes ${shapeText(sizes)} don't multiply up to the size of dim ${axis} (${length}) in the input tensor`,
      );
    }
    const inferred = sizes.map((size) => (size === -1 ? length / known : size));
    return viewTo(self, [...self.shape.slice(0, axis), ...inferred, ...self.shape.slice(axis + 1)]);
  },
);

/** All elements in one dimension, in row-major order; a view where they lie so. */
export const ravel: Op<(self: Tensor) => Tensor> = composed(
  { name: "ravel", samples: () => [[input([2, 3])], [input([3, 2], { layout: "transposed" })], [input([])]] },
  (self: Tensor): Tensor => viewTo(self.contiguous(), [-1]),
);

const squeezeAxes: Op<(self: Tensor, axes: readonly number[], form: number) => Tensor> = op({
  name: "squeeze",
  // PyTorch has a node for each of its three signatures.
  gradName: (_axes: readonly number[], form: number) => `SqueezeBackward${form}`,
  inputs: ["self"],
  isView: true,
  forward(self, axes: readonly number[]) {
    const isKept = (_: number, axis: number): boolean => self.shape[axis] !== 1 || !axes.includes(axis);
    return viewOf(self, toSize(self.shape.filter(isKept)), self.strides.filter(isKept), self.offset);
  },
  backward: { self: needsNothing((g, { shape }) => g.reshape(shape)) },
  samples: () => [],
});

/** Without a dimension, if it has length 1, as PyTorch squeezes fresh results in place: that node has a number of its own. */
export function squeezedInPlace(self: Tensor, dim: number): Tensor {
  return squeezeAxes(self, [toAxis(dim, self.shape.length)], 4);
}

/**
 * Removes dimensions of length 1: all, or those that are named; others stay.
 *
 * Throws: PyTorch's errors for dimensions out of range or named twice.
 *
 * @example
 * zeros(1, 2, 1).squeeze(0).shape; // torch.Size([2, 1])
 */
export const squeeze: Op<(self: Tensor, dim?: number | readonly number[]) => Tensor> = composed(
  {
    name: "squeeze",
    samples: () => [
      [input([1, 2, 1])],
      [input([1, 2, 1]), 0],
      [input([1, 2, 1]), 1],
      [input([1, 2, 1]), [0, -1]],
      [input([])],
      [input([]), -1],
      [input([1, 2, 1], { smooth: false }), [0, 0]],
      [input([1, 2, 1], { smooth: false }), 3],
    ],
  },
  (self: Tensor, dim?: number | readonly number[]): Tensor => {
    const rank = self.shape.length;
    if (dim === undefined)
      return squeezeAxes(
        self,
        self.shape.map((_, axis) => axis),
        0,
      );
    if (typeof dim === "number") return squeezeAxes(self, [toAxis(dim, rank)], 1);
    return squeezeAxes(self, toDims(dim, rank), 2);
  },
);
