/**
 * Views: other shapes, strides and offsets over the same elements. None copies.
 */

import { torchError } from "../errors.ts";
import {
  contiguousStrides,
  inferShape,
  isExpandable,
  shapeText,
  toAxis,
  toSize,
  viewStrides,
} from "../shape.ts";
import type { Size } from "../shape.ts";
import { Tensor, newTensor, viewOf } from "../tensor/tensor.ts";
import { scatterItems, denseItems } from "../tensor/elements.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

/** A shape as an argument: `view(2, 3)` or `view([2, 3])`. */
export type ShapeArguments = number[] | [readonly number[]];

/** The lengths of a shape argument. */
export function toLengths(args: ShapeArguments): readonly number[] {
  const [first] = args;
  return typeof first === "object" ? first : (args as number[]);
}

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
 * Exchanges two dimensions.
 *
 * Throws: PyTorch's IndexError for dimensions that are out of range.
 */
export const transpose: Op<(self: Tensor, dim0: number, dim1: number) => Tensor> = op({
  name: "transpose",
  inputs: ["self"],
  isView: true,
  forward(self, dim0: number, dim1: number) {
    const rank = self.shape.length;
    const a = toAxis(dim0, rank);
    const b = toAxis(dim1, rank);
    return rank === 0 ? viewOf(self, self.shape, self.strides, self.offset) : exchanged(self, a, b);
  },
  // The gradient is exchanged back.
  backward: { self: needsNothing((g, _, dim0: number, dim1: number) => g.transpose(dim0, dim1)) },
  samples: () => [
    [input([2, 3]), 0, 1],
    [input([2, 3, 4]), -1, 0],
    [input([]), 0, -1],
  ],
});

function exchanged(self: Tensor, a: number, b: number): Tensor {
  const shape = self.shape.slice();
  const strides = self.strides.slice();
  [shape[a], shape[b]] = [shape[b]!, shape[a]!];
  [strides[a], strides[b]] = [strides[b]!, strides[a]!];
  return viewOf(self, toSize(shape), strides, self.offset);
}

/**
 * The transposed matrix; a tensor of fewer than two dimensions as it is.
 *
 * Throws: PyTorch's RuntimeError for more than two dimensions.
 */
export const t: Op<(self: Tensor) => Tensor> = op({
  name: "t",
  inputs: ["self"],
  isView: true,
  forward(self) {
    const rank = self.shape.length;
    if (rank > 2) {
      throw torchError("RuntimeError", `t() expects a tensor with <= 2 dimensions, but self is ${rank}D`);
    }
    if (rank < 2) return viewOf(self, self.shape, self.strides, self.offset);
    const { shape, strides } = self;
    return viewOf(self, toSize([shape[1]!, shape[0]!]), [strides[1]!, strides[0]!], self.offset);
  },
  backward: { self: needsNothing((g) => g.t()) },
  samples: () => [[input([2, 3])], [input([3])]],
});

const permuteTo: Op<(self: Tensor, dims: readonly number[]) => Tensor> = op({
  name: "permute",
  inputs: ["self"],
  isView: true,
  forward(self, dims: readonly number[]) {
    const rank = self.shape.length;
    if (dims.length !== rank) {
      throw torchError(
        "RuntimeError",
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}`,
      );
    }
    const axes = dims.map((dim) => toAxis(dim, rank));
    if (new Set(axes).size !== rank)
      throw torchError("RuntimeError", "permute(): duplicate dims are not allowed.");
    const shape = toSize(axes.map((axis) => self.shape[axis]!));
    return viewOf(
      self,
      shape,
      axes.map((axis) => self.strides[axis]!),
      self.offset,
    );
  },
  // The gradient is permuted by the inverse permutation.
  backward: {
    self: needsNothing((g, _, dims: readonly number[]) => {
      const inverse: number[] = dims.slice();
      dims.forEach((dim, place) => {
        inverse[toAxis(dim, dims.length)] = place;
      });
      return g.permute(inverse);
    }),
  },
  samples: () => [],
});

/** Puts the dimensions in another order. */
export const permute: Op<(self: Tensor, ...dims: ShapeArguments) => Tensor> = composed(
  {
    name: "permute",
    isVariadic: true,
    samples: () => [
      [input([2, 3, 4]), 2, 0, 1],
      [input([2, 3]), [-1, 0]],
    ],
  },
  (self: Tensor, ...dims: ShapeArguments): Tensor => permuteTo(self, toLengths(dims)),
);

/** Throws PyTorch's RuntimeErrors where a tensor does not expand to the lengths, of which -1 means "as it is". */
function expandedShape(self: Tensor, lengths: readonly number[]): Size {
  const lead = lengths.length - self.shape.length;
  if (lead < 0) {
    throw torchError(
      "RuntimeError",
      `expand(torch.${self.dtype.scalarType}Tensor{${shapeText(self.shape)}}, size=${shapeText(lengths)}): the number of sizes provided (${lengths.length}) must be greater or equal to the number of dimensions in the tensor (${self.shape.length})`,
    );
  }
  const shape = lengths.map((length, axis) => {
    if (length !== -1) return length;
    if (axis >= lead) return self.shape[axis - lead]!;
    throw torchError(
      "RuntimeError",
      `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${axis}`,
    );
  });
  for (let axis = shape.length - 1; axis >= lead; axis--) {
    const length = self.shape[axis - lead]!;
    if (length === 1 || length === shape[axis]) continue;
    throw torchError(
      "RuntimeError",
      `The expanded size of the tensor (${shape[axis]}) must match the existing size (${length}) at non-singleton dimension ${axis}.  Target sizes: ${shapeText(lengths)}.  Tensor sizes: ${shapeText(self.shape)}`,
    );
  }
  return toSize(shape);
}

const expandTo: Op<(self: Tensor, lengths: readonly number[]) => Tensor> = op({
  name: "expand",
  inputs: ["self"],
  isView: true,
  forward(self, lengths: readonly number[]) {
    const shape = expandedShape(self, lengths);
    const lead = shape.length - self.shape.length;
    // A length of 1 that stays 1 keeps its stride; new leading ones of 1 get the stride of a dense tensor.
    const strides: number[] = Array.from({ length: shape.length });
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const from = axis - lead;
      if (from >= 0) strides[axis] = self.shape[from] === 1 && shape[axis] !== 1 ? 0 : self.strides[from]!;
      else
        strides[axis] =
          shape[axis] === 1 ? (axis + 1 < shape.length ? shape[axis + 1]! * strides[axis + 1]! : 1) : 0;
    }
    return viewOf(self, shape, strides, self.offset);
  },
  // Every repetition contributes: the sum over them.
  backward: { self: needsNothing((g, { shape }) => sumTo(g, shape)) },
  samples: () => [],
});

/** Repeats dimensions of length 1 without a copy; -1 leaves a length as it is. */
export const expand: Op<(self: Tensor, ...shape: ShapeArguments) => Tensor> = composed(
  {
    name: "expand",
    isVariadic: true,
    samples: () => [
      [input([3, 1]), 2, 3, 4],
      [input([3, 1]), -1, 4],
      [input([2]), [2]],
      [input([]), [2, 2]],
    ],
  },
  (self: Tensor, ...shape: ShapeArguments): Tensor => expandTo(self, toLengths(shape)),
);

/** The adjoint of broadcasting: sums the dimensions along which `shape` was repeated. */
export function sumTo(gradient: Tensor, shape: Size): Tensor {
  if (!isExpandable(shape, gradient.shape)) {
    throw torchError(
      "RuntimeError",
      `size {${shapeText(gradient.shape)}} is not expandable to size {${shapeText(shape)}}.`,
    );
  }
  const lead = gradient.shape.length - shape.length;
  const axes: number[] = [];
  for (let axis = 0; axis < gradient.shape.length; axis++) {
    if (gradient.shape[axis] === 1) continue;
    if (axis < lead || shape[axis - lead] === 1) axes.push(axis);
  }
  if (axes.length === 0 && lead === 0) return gradient;
  const summed = axes.length === 0 ? gradient : gradient.sum(axes, { keepdim: true });
  return lead === 0 ? summed : viewTo(summed, shape);
}

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

/** Lays `gradient` into zeros of `shape`, along `dim` from `start` on in steps: the adjoint of a slice. */
const embedSlice: Op<(gradient: Tensor, shape: Size, dim: number, start: number, step: number) => Tensor> =
  op({
    name: "sliceBackward",
    inputs: ["self"],
    forward(gradient, shape: Size, dim: number, start: number, step: number) {
      const out = newTensor(gradient.dtype, shape, gradient.storage.device);
      scatterItems(denseItems(gradient), sliced(out, dim, start, gradient.shape[dim]!, step));
      return out;
    },
    // The embedded part is the slice.
    backward: {
      self: needsNothing((g, { shape }, _shape: Size, dim: number, start: number, step: number) =>
        sliceOp(g, dim, start, start + (shape[dim]! - 1) * step + 1, step),
      ),
    },
    samples: () => [],
  });

function sliced(self: Tensor, axis: number, start: number, length: number, step: number): Tensor {
  const shape = self.shape.slice();
  const strides = self.strides.slice();
  const offset = self.offset + start * strides[axis]!;
  shape[axis] = length;
  strides[axis] = strides[axis]! * step;
  return viewOf(self, toSize(shape), strides, offset);
}

/** Elements `start` to `end` in steps along a dimension, as Python slices: both are clamped, negatives count from the end. */
const sliceOp: Op<(self: Tensor, dim: number, start: number, end: number, step: number) => Tensor> = op({
  name: "slice",
  inputs: ["self"],
  isView: true,
  forward(self, dim: number, start: number, end: number, step: number) {
    const { from, length } = clampSlice(self.shape[dim]!, start, end, step);
    return sliced(self, dim, from, length, step);
  },
  backward: {
    self: needsNothing((g, { shape }, dim: number, start: number, end: number, step: number) =>
      embedSlice(g, shape, dim, clampSlice(shape[dim]!, start, end, step).from, step),
    ),
  },
  samples: () => [],
});

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
    return sliceOp(self, axis, from, from + length, 1);
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

/**
 * The parts at all places of a dimension, as views that may not be written in place while gradients are recorded.
 *
 * Throws: PyTorch's errors for dimensions out of range and tensors without dimensions.
 */
export const unbind: Op<(self: Tensor, dim?: number) => Tensor[]> = jointOp({
  name: "unbind",
  isView: true,
  tensors: (self: Tensor) => [self],
  forward(self: Tensor, dim: number = 0) {
    const axis = toAxis(dim, self.shape.length);
    if (self.shape.length === 0) {
      throw torchError("IndexError", "Dimension specified as 0 but tensor has no dimensions");
    }
    const shape = self.shape.slice();
    const strides = self.strides.slice();
    shape.splice(axis, 1);
    strides.splice(axis, 1);
    const size = toSize(shape);
    return Array.from({ length: self.shape[axis]! }, (_, place) =>
      viewOf(self, size, strides, self.offset + place * self.strides[axis]!),
    );
  },
  // The gradients side by side; zeros where none arrived.
  backward(gradients, { outputs, args: [self, dim = 0] }) {
    const axis = toAxis(dim, self.shape.length);
    return [
      gradients
        .flatMap((gradient, place) =>
          gradient === null ? [] : [embedSlice(gradient.unsqueeze(axis), self.shape, axis, place, 1)],
        )
        .reduce((sum, part) => sum.add(part), newTensor(outputs[0]!.dtype, self.shape)),
    ];
  },
  result: (outputs) => outputs.slice(),
  samples: () => [[input([2, 3])], [input([2, 3]), -1]],
});
