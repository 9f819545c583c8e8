/**
 * Views of parts of a dimension: slices, single places, windows.
 */

import { torchError } from "../errors.ts";
import { contiguousStrides, shapeText, toAxis, toSize } from "../shape.ts";
import type { Size } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, viewOf } from "../tensor/tensor.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";
import { stridedAdjoint } from "./striding.ts";

/** Lays `gradient` into zeros of `shape`, along `dim` from `start` on in steps: the adjoint of a slice. */
const embedSlice: Op<(gradient: Tensor, shape: Size, dim: number, start: number, step: number) => Tensor> =
  op({
    name: "sliceBackward",
    inputs: ["self"],
    forward(gradient, shape: Size, dim: number, start: number, step: number) {
      const out = newTensor(gradient.dtype, shape, gradient.storage.device);
      scatterItems(denseItems(gradient), sliceView(out, dim, start, gradient.shape[dim]!, step));
      return out;
    },
    // The embedded part is the slice.
    backward: {
      self: needsNothing((g, { shape }, _shape: Size, dim: number, start: number, step: number) =>
        sliceStep(g, dim, start, start + (shape[dim]! - 1) * step + 1, step),
      ),
    },
    samples: () => [],
  });

/** `length` elements from `start` on in steps along an axis, as a bare view without history. */
export function sliceView(self: Tensor, axis: number, start: number, length: number, step: number): Tensor {
  const shape = self.shape.slice();
  const strides = self.strides.slice();
  const offset = self.offset + start * strides[axis]!;
  shape[axis] = length;
  strides[axis] = strides[axis]! * step;
  return viewOf(self, toSize(shape), strides, offset);
}

/** Elements `start` to `end` in steps along a dimension, as Python slices: both are clamped, negatives count from the end. */
const sliceStep: Op<(self: Tensor, dim: number, start: number, end: number, step: number) => Tensor> = op({
  name: "slice",
  inputs: ["self"],
  isView: true,
  forward(self, dim: number, start: number, end: number, step: number) {
    const { from, length } = clampSlice(self.shape[dim]!, start, end, step);
    return sliceView(self, dim, from, length, step);
  },
  backward: {
    self: needsNothing((g, { shape }, dim: number, start: number, end: number, step: number) =>
      embedSlice(g, shape, dim, clampSlice(shape[dim]!, start, end, step).from, step),
    ),
  },
  samples: () => [],
});

/** What a Python slice gives, along an axis that is known to exist; `step` is positive. */
export function sliceAlong(self: Tensor, axis: number, start: number, end: number, step: number): Tensor {
  return sliceStep(self, axis, start, end, step);
}

function clampSlice(
  length: number,
  start: number,
  end: number,
  step: number,
): { from: number; length: number } {
  const place = (k: number): number => Math.min(Math.max(k < 0 ? k + length : k, 0), length);
  const from = place(start);
  return { from, length: Math.max(0, Math.ceil((place(end) - from) / step)) };
}

/**
 * The part of a dimension that starts at `start` and is `length` long.
 *
 * Throws: PyTorch's errors where the part does not lie within the dimension.
 */
export const narrow: Op<(self: Tensor, dim: number, start: number, length: number) => Tensor> = composed(
  {
    name: "narrow",
    samples: () => [
      [input([4, 3]), 0, 1, 2],
      [input([2, 3]), -1, -2, 2],
      [input([3]), 0, 3, 0],
    ],
  },
  (self: Tensor, dim: number, start: number, length: number): Tensor => {
    if (self.shape.length === 0)
      throw torchError("RuntimeError", "narrow() cannot be applied to a 0-dim tensor.");
    const axis = toAxis(dim, self.shape.length);
    const size = self.shape[axis]!;
    if (length < 0) throw torchError("RuntimeError", "narrow(): length must be non-negative.");
    if (start < -size || start > size) {
      throw torchError(
        "IndexError",
        `start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`,
      );
    }
    const from = start < 0 ? start + size : start;
    if (from + length > size) {
      throw torchError(
        "RuntimeError",
        `start (${from}) + length (${length}) exceeds dimension size (${size}).`,
      );
    }
    return sliceStep(self, axis, from, from + length, 1);
  },
);

/**
 * The part at one place of a dimension, which is gone from the shape.
 *
 * Throws: PyTorch's IndexErrors for dimensions and places out of range.
 */
export const select: Op<(self: Tensor, dim: number, index: number) => Tensor> = op({
  name: "select",
  inputs: ["self"],
  isView: true,
  forward(self, dim: number, index: number) {
    const rank = self.shape.length;
    if (rank === 0) throw torchError("IndexError", "select() cannot be applied to a 0-dim tensor.");
    const axis = toAxis(dim, rank);
    const length = self.shape[axis]!;
    if (index < -length || index >= length) {
      throw torchError(
        "IndexError",
        `select(): index ${index} out of range for tensor of size ${shapeText(self.shape)} at dimension ${axis}`,
      );
    }
    const shape = self.shape.slice();
    const strides = self.strides.slice();
    const offset = self.offset + (index < 0 ? index + length : index) * strides[axis]!;
    shape.splice(axis, 1);
    strides.splice(axis, 1);
    return viewOf(self, toSize(shape), strides, offset);
  },
  // Zeros, with the gradient at the selected place.
  backward: {
    self: needsNothing((g, { shape }, dim: number, index: number) => {
      const axis = toAxis(dim, shape.length);
      return embedSlice(g.unsqueeze(axis), shape, axis, index < 0 ? index + shape[axis]! : index, 1);
    }),
  },
  samples: () => [
    [input([2, 3]), 0, 1],
    [input([2, 3]), -1, -3],
    [input([3]), 0, 2],
  ],
});

/** The layout of windows along an axis: their number in its place, their elements as a new last dimension. */
function windowLayout(
  shape: readonly number[],
  strides: readonly number[],
  axis: number,
  size: number,
  step: number,
): { readonly shape: Size; readonly strides: readonly number[] } {
  if (shape.length === 0) return { shape: toSize([size]), strides: [1] };
  const lengths = shape.slice();
  const steps = strides.slice();
  lengths[axis] = Math.floor((shape[axis]! - size) / step) + 1;
  steps[axis] = strides[axis]! * step;
  return { shape: toSize([...lengths, size]), strides: [...steps, strides[axis]!] };
}

/**
 * Windows of `size` elements along a dimension, one every `step`, as a view in which they are the last dimension.
 *
 * Throws: PyTorch's errors for windows longer than the dimension, negative sizes and steps that are not positive.
 *
 * @example
 * arange(4).unfold(0, 2, 1); // [[0, 1], [1, 2], [2, 3]]
 */
export const unfold: Op<(self: Tensor, dimension: number, size: number, step: number) => Tensor> = op({
  name: "unfold",
  inputs: ["self"],
  isView: true,
  forward(self, dimension: number, size: number, step: number) {
    const rank = self.shape.length;
    const axis = toAxis(dimension, rank);
    const length = self.shape[axis] ?? 1;
    if (size < 0) throw torchError("RuntimeError", `size is ${size} but must be >= 0`);
    if (size > length) {
      throw torchError(
        "RuntimeError",
        `maximum size for tensor at dimension ${axis} is ${length} but size is ${size}`,
      );
    }
    if (step <= 0) throw torchError("RuntimeError", `step is ${step} but must be > 0`);
    const layout = windowLayout(self.shape, self.strides, axis, size, step);
    return viewOf(self, layout.shape, layout.strides, self.offset);
  },
  // An element in several windows gets the sum of their gradients.
  backward: {
    self: needsNothing((g, { shape }, dimension: number, size: number, step: number) => {
      const strides = contiguousStrides(shape);
      const layout = windowLayout(shape, strides, toAxis(dimension, shape.length), size, step);
      return stridedAdjoint(g, { shape, strides, offset: 0 }, { ...layout, offset: 0 });
    }),
  },
  samples: () => [
    [input([3, 4]), 0, 2, 1],
    [input([3, 5]), -1, 3, 2],
    [input([4, 2], { layout: "transposed" }), 0, 2, 1],
    [input([3, 4]), 1, 0, 1],
    [input([]), 0, 1, 1],
    [input([3, 4], { smooth: false }), 1, 5, 1],
    [input([3, 4], { smooth: false }), 1, 2, 0],
    [input([3, 4], { smooth: false }), 1, -1, 1],
    [input([], { smooth: false }), 0, 2, 1],
  ],
});
