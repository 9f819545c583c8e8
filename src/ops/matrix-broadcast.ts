/**
 * `matmul`: vectors, matrices and batches of them in all combinations, composed of the plain products as PyTorch
 * composes it, so that a graph has the same nodes.
 */

import { requiresGrad } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, countOf, shapeText, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireTensor } from "./matrix-product.ts";
import { freshReshape } from "./fresh-reshape.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

const unsafeView = freshReshape("UnsafeViewBackward0");
/** PyTorch squeezes the product of a vector and a matrix in place, which has a node of its own. */
const squeezeInPlace = freshReshape("SqueezeBackward4");

/** The matrices of a batch, transposed; a vector as it is. */
function adjoint(self: Tensor): Tensor {
  return self.shape.length < 2 ? self : self.transpose(-2, -1);
}

/**
 * Whether the larger factor, of three dimensions or more, is to be folded into one matrix: where that needs no copy, or
 * where a gradient would else be computed for every repetition of the smaller one. Source: `should_fold` in PyTorch's
 * `LinearAlgebra.cpp`.
 */
function isFolded(a: Tensor, b: Tensor): boolean {
  const isLeftLarger = a.shape.length >= b.shape.length;
  const [large, small] = isLeftLarger ? [a, b] : [b, a];
  if (large.shape.length < 3 || small.shape.length > 2) return false;
  if (requiresGrad(small)) return true;
  if (a.shape.length === 2) return false;
  if (large.count === 0) return true;
  const rank = large.shape.length;
  // Of a right factor, the transposed matrices are folded.
  const rowAxis = isLeftLarger ? rank - 2 : rank - 1;
  for (let axis = 0; axis < rank - 2; axis++) {
    const next = axis + 1 === rank - 2 ? rowAxis : axis + 1;
    if (large.strides[axis] !== large.strides[next]! * large.shape[next]!) return false;
  }
  return true;
}

function folded(a: Tensor, b: Tensor): Tensor {
  const isLeftLarger = a.shape.length >= b.shape.length;
  const large = isLeftLarger ? a : adjoint(b);
  const small = isLeftLarger ? b : adjoint(a);
  const lead = large.shape.slice(0, -1);
  const rows = large.reshape([countOf(lead), large.shape.at(-1)!]);
  if (small.shape.length === 1) return unsafeView(rows.mv(small), lead);
  const result = unsafeView(rows.mm(small), [...lead, small.shape[1]!]);
  return isLeftLarger ? result : adjoint(result).contiguous();
}

function batched(a: Tensor, b: Tensor): Tensor {
  const isVector = b.shape.length === 1;
  const n = a.shape.length > 1 ? a.shape.at(-2)! : 1;
  const inner = a.shape.at(-1)!;
  const [rows, columns] = isVector ? [b.shape[0]!, 1] : [b.shape.at(-2)!, b.shape.at(-1)!];
  const batchA = toSize(a.shape.slice(0, -2));
  const batchB = toSize(b.shape.slice(0, -2));
  if (batchA.length === 1 && batchB.length === 1 && batchA[0] !== batchB[0]) {
    // A batch of one that wants a gradient is no batch: its gradient would have to be summed.
    if (batchA[0] === 1 && requiresGrad(a)) return matmul(a.reshape(a.shape.slice(1)), b);
    if (batchB[0] === 1 && requiresGrad(b)) return matmul(a, b.reshape(b.shape.slice(1)));
  }
  const batch = broadcastShapes(batchA, batchB);
  const count = countOf(batch);
  const left = a.expand([...batch, n, inner]).reshape([count, n, inner]);
  const right = isVector
    ? b
        .expand([...batch, rows])
        .reshape([count, rows])
        .unsqueeze(2)
    : b.expand([...batch, rows, columns]).reshape([count, rows, columns]);
  const shape: number[] = batch.slice();
  if (a.shape.length > 1) shape.push(n);
  if (!isVector) shape.push(columns);
  return unsafeView(left.bmm(right), shape);
}

/**
 * The matrix product: of vectors their inner product, of matrices their product, of larger tensors the products of their
 * last two dimensions, where the others broadcast. A vector stands for a row on the left and a column on the right.
 *
 * Shape: (k), (k) → () · (m, k), (k, n) → (m, n) · (*, m, k), (*, k, n) → (*, m, n).
 * Throws: PyTorch's RuntimeErrors for shapes that do not fit, numbers, and two dtypes.
 *
 * @example
 * ones(8, 2, 3).matmul(ones(3, 4)).shape; // torch.Size([8, 2, 4])
 */
export const matmul: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  {
    name: "matmul",
    samples: () => [
      [input([3]), input([3])],
      [input([2, 3]), input([3])],
      [input([3]), input([3, 2])],
      [input([2, 3]), input([3, 4])],
      [input([2, 2, 3]), input([3, 4])],
      [input([2, 2, 3], { layout: "transposed" }), input([3, 4])],
      [input([2, 2, 3]), input([3])],
      [input([3]), input([2, 3, 4])],
      [input([2, 3]), input([2, 3, 4])],
      [input([2, 2, 3]), input([2, 3, 4])],
      [input([1, 2, 3]), input([2, 3, 2])],
      [input([2, 2, 3]), input([1, 3, 2])],
      [input([2, 1, 2, 3]), input([2, 3, 2])],
      [input([2, 0, 3]), input([3, 4])],
      [input([]), input([2])],
      [input([2]), input([3])],
      [input([2]), input([3, 2])],
      [input([2, 3]), input([2])],
      [input([2, 2, 3]), input([2, 2])],
      [input([2, 2, 3]), input([3, 3, 2])],
      [input([2, 2, 3]), input([2, 2, 2])],
      [input([2, 3]), input([3, 2], { dtype: "float64" })],
    ],
  },
  (self: Tensor, other: Tensor): Tensor => {
    requireTensor("matmul", "other", 1, other);
    const [a, b] = [self.shape.length, other.shape.length];
    if (a === 2 && b === 2) return self.mm(other);
    if (a === 0 || b === 0) {
      throw torchError(
        "RuntimeError",
        `both arguments to matmul need to be at least 1D, but they are ${a}D and ${b}D`,
      );
    }
    if (a === 1 && b === 1) return self.dot(other);
    if (a === 2 && b === 1) return self.mv(other);
    if (a === 1 && b === 2) return squeezeInPlace(self.unsqueeze(0).mm(other), [other.shape[1]!]);
    return isFolded(self, other) ? folded(self, other) : batched(self, other);
  },
);

/**
 * The sums of products along the last dimensions of both tensors: of vectors their inner product.
 *
 * Shape: (*a, k), (*b, k) → (*a, *b).
 * Throws: PyTorch's RuntimeError where the last dimensions differ.
 */
export const inner: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  {
    name: "inner",
    samples: () => [
      [input([3]), input([3])],
      [input([3, 2]), input([4, 2])],
      [input([2, 2, 3]), input([3])],
      [input([]), input([2])],
      [input([3, 2]), input([4, 3])],
    ],
  },
  (self: Tensor, other: Tensor): Tensor => {
    requireTensor("inner", "other", 1, other);
    if (self.shape.length === 0 || other.shape.length === 0) return self.mul(other);
    if (self.shape.at(-1) !== other.shape.at(-1)) {
      throw torchError(
        "RuntimeError",
        `inner() the last dimension must match on both input tensors but got shapes ${shapeText(self.shape)} and ${shapeText(other.shape)}`,
      );
    }
    if (self.dtype !== other.dtype) {
      throw torchError("RuntimeError", "both inputs should have same dtype");
    }
    if (self.shape.length === 1 && other.shape.length === 1) return self.dot(other).view([]);
    const k = self.shape.at(-1)!;
    const [left, right] = [self.shape.slice(0, -1), other.shape.slice(0, -1)];
    const product = self.reshape([countOf(left), k]).mm(other.reshape([countOf(right), k]).t());
    return product.view([...left, ...right]);
  },
);
