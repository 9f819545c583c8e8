/**
 * Views of the diagonals of two dimensions.
 */

import { torchError } from "../errors.ts";
import { contiguousStrides, toAxis, toSize } from "../shape.ts";
import type { Size } from "../shape.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { viewOf } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";
import { fill_ } from "./copy.ts";
import { stridedAdjoint, stridedView } from "./striding.ts";

/** The layout of a diagonal. */
function diagonalLayout(
  shape: readonly number[],
  strides: readonly number[],
  start: number,
  diagonal: number,
  dim1: number,
  dim2: number,
): { readonly shape: Size; readonly strides: readonly number[]; readonly offset: number } {
  const rows = shape[dim1]! + Math.min(diagonal, 0);
  const columns = shape[dim2]! - Math.max(diagonal, 0);
  const length = Math.max(Math.min(rows, columns), 0);
  const step = diagonal >= 0 ? diagonal * strides[dim2]! : -diagonal * strides[dim1]!;
  const isKept = (_: number, axis: number): boolean => axis !== dim1 && axis !== dim2;
  return {
    shape: toSize([...shape.filter(isKept), length]),
    strides: [...strides.filter(isKept), strides[dim1]! + strides[dim2]!],
    // Where the diagonal lies outside, the view is empty and starts where the tensor does.
    offset: start + (length === 0 ? 0 : step),
  };
}

const diagonalOf: Op<(self: Tensor, offset: number, dim1: number, dim2: number) => Tensor> = op({
  name: "diagonal",
  inputs: ["self"],
  isView: true,
  forward(self, offset: number, dim1: number, dim2: number) {
    const layout = diagonalLayout(self.shape, self.strides, self.offset, offset, dim1, dim2);
    return viewOf(self, layout.shape, layout.strides, layout.offset);
  },
  // Zeros, with the gradient on the diagonal.
  backward: {
    self: needsNothing((g, { shape }, offset: number, dim1: number, dim2: number) => {
      const strides = contiguousStrides(shape);
      const layout = diagonalLayout(shape, strides, 0, offset, dim1, dim2);
      return stridedAdjoint(g, { shape, strides, offset: 0 }, layout);
    }),
  },
  samples: () => [],
});

/** Options of `diagonal`. */
export interface DiagonalOptions {
  /** Which diagonal: above the main one where positive. Default 0. */
  readonly offset?: number;
  /** The dimension of the rows; default 0. */
  readonly dim1?: number;
  /** The dimension of the columns; default 1. */
  readonly dim2?: number;
}

/**
 * The elements on a diagonal of two dimensions, as a view with that dimension last.
 *
 * Throws: PyTorch's errors for dimensions out of range or equal.
 *
 * @example
 * tensor([[1, 2], [3, 4]]).diagonal({ offset: 1 }); // [2]
 */
export const diagonal: Op<
  (self: Tensor, offset?: number | DiagonalOptions, dim1?: number, dim2?: number) => Tensor
> = composed(
  {
    name: "diagonal",
    samples: () => [
      [input([3, 4])],
      [input([3, 4]), 1],
      [input([3, 4]), { offset: -2 }],
      [input([3, 4]), 9],
      [input([2, 3, 4]), 0, -1, 0],
      [input([2, 3, 4]), { offset: 1, dim1: 1, dim2: 2 }],
      [input([3, 2], { layout: "transposed" }), -1],
      [input([2, 3], { smooth: false }), 0, 0, -2],
      [input([2], { smooth: false })],
    ],
  },
  (self: Tensor, first: number | DiagonalOptions = 0, second: number = 0, third: number = 1): Tensor => {
    const given = typeof first === "number" ? { offset: first, dim1: second, dim2: third } : first;
    const { offset = 0, dim1 = 0, dim2 = 1 } = given;
    const rank = self.shape.length;
    const row = toAxis(dim1, rank);
    const column = toAxis(dim2, rank);
    if (row === column) {
      throw torchError("RuntimeError", `diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
    }
    return diagonalOf(self, offset, row, column);
  },
);

/** Options of `fillDiagonal_`. */
export interface FillDiagonalOptions {
  /** Whether in a tall matrix the diagonal begins anew below the square. Default false. */
  readonly wrap?: boolean;
}

/** How many places the diagonal that `fillDiagonal_` fills has. */
function filledLength(shape: readonly number[], wrap: boolean): number {
  const [rows = 0, columns = 0] = shape;
  const least = Math.min(...shape);
  if (!wrap || shape.length > 2 || rows <= columns) return least;
  // After each square one row is left out.
  return Math.ceil((rows * columns) / (columns + 1));
}

/**
 * Fills the main diagonal, of more than two dimensions that from corner to corner, with a number. Gives self.
 *
 * Throws: PyTorch's RuntimeErrors for fewer than two dimensions, and for more than two that are not equally long.
 *
 * @example
 * zeros(2, 2).fillDiagonal_(1); // tensor([[1., 0.], [0., 1.]])
 */
export const fillDiagonal_: Op<
  (self: Tensor, fillValue: NumberArgument, options?: FillDiagonalOptions) => Tensor
> = composed(
  {
    name: "fillDiagonal_",
    isDifferentiable: false,
    samples: () => [
      [input([3, 4]), 5],
      [input([3, 2], { layout: "transposed" }), 5],
      [input([7, 3]), 5, { wrap: true }],
      [input([8, 3]), 5, { wrap: true }],
      [input([4, 3]), 5, { wrap: true }],
      [input([2, 3]), 5, { wrap: true }],
      [input([7, 3]), 5],
      [input([2, 2, 2]), 5],
      [input([0, 2]), 5],
      [input([2, 3, 3]), 5],
      [input([2]), 5],
    ],
  },
  (self: Tensor, fillValue: NumberArgument, { wrap = false }: FillDiagonalOptions = {}): Tensor => {
    const { shape, strides } = self;
    if (shape.length < 2) throw torchError("RuntimeError", "dimensions must larger than 1");
    if (shape.length > 2 && shape.some((length) => length !== shape[0])) {
      throw torchError("RuntimeError", "all dimensions of input must be of equal length");
    }
    const step = strides.reduce((sum, stride) => sum + stride, 0);
    fill_(stridedView(self, toSize([filledLength(shape, wrap)]), [step], self.offset), fillValue);
    return self;
  },
);
