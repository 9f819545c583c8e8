/**
 * Views that repeat dimensions of length 1 without a copy, and the sum that is their adjoint.
 */

import { torchError } from "../errors.ts";
import { isExpandable, shapeText, toSize } from "../shape.ts";
import type { Size } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText, viewOf } from "../tensor/tensor.ts";
import { toLengths } from "./arguments.ts";
import type { ShapeArguments } from "./arguments.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { view } from "./reshaping.ts";
import { input } from "./samples.ts";

/** Throws PyTorch's RuntimeErrors where a tensor does not expand to the lengths, of which -1 means "as it is". */
function expandedShape(self: Tensor, lengths: readonly number[]): Size {
  const lead = lengths.length - self.shape.length;
  if (lead < 0) {
    throw torchError(
      "RuntimeError",
      `expand(${typeText(self.dtype)}{${shapeText(self.shape)}}, size=${shapeText(lengths)}): the number of sizes provided (${lengths.length}) must be greater or equal to the number of dimensions in the tensor (${self.shape.length})`,
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
  return lead === 0 ? summed : view(summed, shape);
}

/** As `expand`, to the shape of another tensor. */
export const expandAs: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  { name: "expandAs", samples: () => [[input([3, 1]), input([2, 3, 2], { dtype: "int64" })]] },
  (self: Tensor, other: Tensor): Tensor => expandTo(self, other.shape),
);

/** `expand` by its name in NumPy. */
export const broadcastTo: Op<(self: Tensor, shape: readonly number[]) => Tensor> = composed(
  {
    name: "broadcastTo",
    samples: () => [
      [input([3, 1]), [2, 3, 2]],
      [input([3, 4], { smooth: false }), [4]],
    ],
  },
  (self: Tensor, shape: readonly number[]): Tensor => expandTo(self, shape),
);
