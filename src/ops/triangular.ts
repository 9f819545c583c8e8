/**
 * Triangles and diagonals of matrices.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toAxis, toSize } from "../shape.ts";
import { computeDtype, denseItems, itemsPerElement, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, viewOf } from "../tensor/tensor.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { pad } from "./padding.ts";
import { input } from "./samples.ts";
import { writingOp } from "./twin.ts";

/** The number of a diagonal: 0 is the main one, positive ones lie above it. By position or by name. */
export type DiagonalArgument = number | { readonly diagonal?: number };

function diagonalOf(argument: DiagonalArgument | undefined): number {
  return typeof argument === "object" ? (argument.diagonal ?? 0) : (argument ?? 0);
}

/** Sets what lies on one side of a diagonal of every matrix to zero. */
function clearSide(out: Tensor, diagonal: number, keepsLower: boolean): void {
  const rank = out.shape.length;
  const [rows, columns] = [out.shape[rank - 2]!, out.shape[rank - 1]!];
  const width = itemsPerElement(out.dtype);
  const dense = denseItems(out);
  const zero = (dense instanceof BigInt64Array || dense instanceof BigUint64Array ? 0n : 0) as never;
  for (let row = 0, start = 0; start < dense.length; row = (row + 1) % rows, start += columns * width) {
    const edge = Math.min(Math.max(row + diagonal + (keepsLower ? 1 : 0), 0), columns) * width;
    if (keepsLower) dense.fill(zero, start + edge, start + columns * width);
    else dense.fill(zero, start, start + edge);
  }
  if (!out.isContiguous()) scatterItems(dense, out);
}

function triangle(name: "tril" | "triu"): InPlaceOp<(self: Tensor, diagonal?: DiagonalArgument) => Tensor> {
  const keepsLower = name === "tril";
  return writingOp({
    name,
    inputs: ["self"],
    check(self) {
      if (self.shape.length < 2) {
        throw torchError("RuntimeError", `${name}: input tensor must have at least 2 dimensions`);
      }
    },
    write(out, diagonal?: DiagonalArgument) {
      if (out.count > 0) clearSide(out, diagonalOf(diagonal), keepsLower);
    },
    // What was cleared has no influence.
    backward: {
      self: needsNothing((g, _, diagonal?: DiagonalArgument) =>
        keepsLower ? g.tril(diagonal) : g.triu(diagonal),
      ),
    },
    samples: () => [
      [input([3, 3])],
      [input([2, 4]), 1],
      [input([4, 2]), -1],
      [input([2, 3, 3]), { diagonal: -2 }],
      [input([3, 2], { layout: "transposed" })],
      [input([2, 2]), 5],
      [input([0, 3])],
      [input([3])],
    ],
  });
}

/** A copy with zeros above a diagonal. Throws: PyTorch's RuntimeError for less than two dimensions. */
export const tril: InPlaceOp<(self: Tensor, diagonal?: DiagonalArgument) => Tensor> = triangle("tril");

/** A copy with zeros below a diagonal. Throws: PyTorch's RuntimeError for less than two dimensions. */
export const triu: InPlaceOp<(self: Tensor, diagonal?: DiagonalArgument) => Tensor> = triangle("triu");

/** Options of `diagEmbed`. */
export interface DiagonalEmbedOptions {
  /** The number of the diagonal; default 0. */
  readonly offset?: number;
  /** The dimension of the rows; default -2. */
  readonly dim1?: number;
  /** The dimension of the columns; default -1. */
  readonly dim2?: number;
}

/**
 * Matrices of zeros with the elements of the last dimension on a diagonal.
 *
 * Shape: (*, n) → (*, n + |offset|, n + |offset|), or with the matrix in the dimensions `dim1` and `dim2`.
 * Throws: PyTorch's errors for dimensions out of range or equal ones.
 */
export const diagEmbed: Op<(self: Tensor, options?: DiagonalEmbedOptions) => Tensor> = op({
  name: "diagEmbed",
  inputs: ["self"],
  forward(self, options: DiagonalEmbedOptions = {}) {
    const rank = self.shape.length + 1;
    const { offset = 0, dim1 = -2, dim2 = -1 } = options;
    const [rows, columns] = [toAxis(dim1, rank), toAxis(dim2, rank)];
    if (rows === columns) {
      throw torchError("RuntimeError", `diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
    }
    const size = self.shape.at(-1)! + Math.abs(offset);
    const rest = self.shape.slice(0, -1);
    const shape = Array.from({ length: rank }, (_, axis) =>
      axis === rows || axis === columns ? size : rest.shift()!,
    );
    const out = newTensor(self.dtype, toSize(shape), self.device);
    if (out.device === "meta") return out;
    const others = out.strides.filter((_, axis) => axis !== rows && axis !== columns);
    const start = offset >= 0 ? offset * out.strides[columns]! : -offset * out.strides[rows]!;
    const strides = [...others, out.strides[rows]! + out.strides[columns]!];
    scatterItems(denseItems(self), viewOf(out, self.shape, strides, start));
    return out;
  },
  // The gradient on the diagonal.
  backward: {
    self: needsNothing((g, _, options: DiagonalEmbedOptions = {}) => {
      const { offset = 0, dim1 = -2, dim2 = -1 } = options;
      return g.diagonal({ offset, dim1, dim2 });
    }),
  },
  samples: () => [
    [input([2])],
    [input([2, 3]), { offset: 1 }],
    [input([2, 2]), { offset: -1, dim1: 0, dim2: 2 }],
    [input([2, 2]), { dim1: 0, dim2: 0 }],
    [input([2, 2]), { dim1: 0, dim2: 4 }],
  ],
});

const copyDiagonal: Op<(self: Tensor, offset: number) => Tensor> = op({
  name: "diagonalCopy",
  gradName: "DiagonalBackward0_copy",
  inputs: ["self"],
  forward: (self, offset: number) => self.detach().diagonal({ offset }).clone({ memoryFormat: "contiguous" }),
  // Zeros, with the gradient on the diagonal.
  backward: {
    self: needsNothing((g, { shape }, offset: number) => {
      const square = g.diagEmbed({ offset });
      const [rows, columns] = shape as unknown as [number, number];
      const narrow = (each: Tensor, axis: number, length: number): Tensor =>
        each.shape[axis]! > length ? each.narrow(axis, 0, length) : padEnd(each, axis, length);
      return narrow(narrow(square, 0, rows), 1, columns);
    }),
  },
  samples: () => [],
});

/** A matrix with zeros at its end, up to a length along an axis. */
function padEnd(self: Tensor, axis: number, length: number): Tensor {
  const missing = length - self.shape[axis]!;
  if (missing === 0) return self;
  return pad(self, axis === 0 ? [0, 0, 0, missing] : [0, missing]);
}

/**
 * Of a vector the matrix with it on a diagonal, of a matrix its diagonal.
 *
 * Throws: PyTorch's RuntimeError for other numbers of dimensions.
 */
export const diag: Op<(self: Tensor, diagonal?: DiagonalArgument) => Tensor> = composed(
  {
    name: "diag",
    samples: () => [
      [input([2])],
      [input([2]), 1],
      [input([2, 3])],
      [input([3, 2]), -1],
      [input([4, 2]), -1],
      [input([2, 3], { layout: "transposed" }), { diagonal: 1 }],
      [input([2, 2, 2])],
      [input([])],
    ],
  },
  (self: Tensor, diagonal?: DiagonalArgument): Tensor => {
    const offset = diagonalOf(diagonal);
    switch (self.shape.length) {
      case 1:
        return self.diagEmbed({ offset });
      case 2:
        return copyDiagonal(self, offset);
      default:
        throw torchError("RuntimeError", `diag(): Supports 1D or 2D tensors. Got ${self.shape.length}D`);
    }
  },
);

/** The matrix with the elements of a tensor of any shape on a diagonal. */
export const diagflat: Op<(self: Tensor, offset?: number | { readonly offset?: number }) => Tensor> =
  composed(
    { name: "diagflat", samples: () => [[input([2])], [input([2, 2]), 1], [input([])]] },
    (self: Tensor, offset: number | { readonly offset?: number } = 0): Tensor =>
      self.reshape(-1).diagEmbed({ offset: typeof offset === "object" ? (offset.offset ?? 0) : offset }),
  );

/**
 * The sum of the diagonal of a matrix.
 *
 * Throws: PyTorch's RuntimeError for what is no matrix.
 */
export const trace: Op<(self: Tensor) => Tensor> = op({
  name: "trace",
  inputs: ["self"],
  forward(self) {
    if (self.dtype === dtypes.bool) {
      throw torchError("NotImplementedError", `"trace" not implemented for 'Bool'`);
    }
    if (self.shape.length !== 2) {
      throw torchError(
        "RuntimeError",
        `trace: expected a matrix, but got tensor with dim ${self.shape.length}`,
      );
    }
    const compute = computeDtype(self.dtype);
    return self
      .detach()
      .to(compute)
      .diagonal()
      .sum()
      .to(self.dtype.kind === "float" ? self.dtype : dtypes.int64);
  },
  // ∂ tr(X)/∂X = I
  backward: {
    self: needsNothing((g, { shape, dtype }) => identity(shape, dtype).mul(g)),
  },
  samples: () => [[input([2, 3])], [input([3, 2], { layout: "transposed" })], [input([2, 2])], [input([2])]],
});

function identity(shape: readonly number[], dtype: Tensor["dtype"]): Tensor {
  const out = newTensor(dtype, toSize(shape.slice()));
  const length = Math.min(shape[0]!, shape[1]!);
  const diagonal = viewOf(out, toSize([length]), [shape[1]! + 1], 0);
  return length === 0 ? out : (diagonal.fill_(1), out);
}
