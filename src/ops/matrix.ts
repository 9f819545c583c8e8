/**
 * Products of two matrices.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AddProductOptions } from "./matrix-product.ts";
import {
  checkExpandable,
  checkFactors,
  factor,
  product,
  requireSameDtype,
  requireShape,
  requireTensor,
  times,
} from "./matrix-product.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { needs, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";
import { replacingOp } from "./twin.ts";

/**
 * The product of two matrices.
 *
 * Shape: self (m, k), mat2 (k, n) → (m, n).
 * Throws: PyTorch's RuntimeErrors for other shapes and for two dtypes.
 *
 * @example
 * ones(2, 3).mm(ones(3, 4)).shape; // torch.Size([2, 4])
 */
export const mm: Op<(self: Tensor, mat2: Tensor) => Tensor> = op({
  name: "mm",
  takesComplex: true,
  inputs: ["self", "mat2"],
  forward(self, mat2) {
    requireTensor("mm", "mat2", 1, mat2);
    if (self.shape.length !== 2) throw torchError("RuntimeError", "self must be a matrix");
    if (mat2.shape.length !== 2) throw torchError("RuntimeError", "mat2 must be a matrix");
    checkFactors(self, mat2);
    return product(self, mat2, null, 1, 0);
  },
  backward: {
    // ∂/∂self ⟨G, self·mat2⟩ = G·mat2ᵀ
    self: needs(["mat2"], (g, { mat2, strides }) => timesAdjoint(strides, g, mat2)),
    // ∂/∂mat2 ⟨G, self·mat2⟩ = selfᵀ·G
    mat2: needs(["self"], (g, { self, strides }) => adjointTimes(strides, self, g)),
  },
  samples: () => [
    [input([2, 3]), input([3, 4])],
    [input([1, 2], { layout: "transposed" }), input([2, 1])],
    [input([2, 3], { layout: "transposed" }), input([3, 4], { layout: "transposed" })],
    [input([2, 0]), input([0, 3])],
    [input([4, 3], { layout: "stepped" }), input([3, 2])],
    [input([2, 3]), input([2, 3])],
    [input([2]), input([2, 3])],
    [input([2, 3]), input([3])],
    [input([2, 3]), input([3, 2], { dtype: "float64" })],
  ],
});

/** `beta · self + alpha · mat1 · mat2`, and its twin, which adds to self. */
type AddProduct = InPlaceOp<
  (self: Tensor, mat1: Tensor, mat2: Tensor, options?: AddProductOptions) => Tensor
>;

/**
 * `beta · self + alpha · mat1 · mat2`.
 *
 * Shape: self broadcasts to (m, n); mat1 (m, k), mat2 (k, n) → (m, n).
 * Throws: as `mm`, and where self does not broadcast.
 */
export const addmm: AddProduct = replacingOp(
  {
    name: "addmm",
    takesComplex: true,
    inputs: ["self", "mat1", "mat2"],
    forward(self, mat1, mat2, options?: AddProductOptions) {
      requireTensor("addmm", "mat1", 1, mat1);
      requireTensor("addmm", "mat2", 2, mat2);
      requireSameDtype(self, mat1, mat2);
      requireMatrix(mat1, "mat1");
      requireMatrix(mat2, "mat2");
      checkFactors(mat1, mat2);
      checkExpandable(self, [mat1.shape[0]!, mat2.shape[1]!]);
      return product(mat1, mat2, self, factor(options?.alpha), factor(options?.beta));
    },
    backward: {
      // ∂/∂self = β
      self: needsNothing((g, _, options?: AddProductOptions) => times(g, options?.beta)),
      // ∂/∂mat1 = α·G·mat2ᵀ
      mat1: needs(["mat2"], (g, { mat2, strides }, options?: AddProductOptions) =>
        times(timesAdjoint(strides, g, mat2), options?.alpha),
      ),
      // ∂/∂mat2 = α·mat1ᵀ·G
      mat2: needs(["mat1"], (g, { mat1, strides }, options?: AddProductOptions) =>
        times(adjointTimes(strides, mat1, g), options?.alpha),
      ),
    },
    samples: () => [
      [input([4]), input([2, 3]), input([3, 4])],
      [input([2, 4]), input([2, 3]), input([3, 4], { layout: "transposed" }), { beta: 0.5, alpha: 2 }],
      [input([2, 4], { layout: "transposed" }), input([2, 3]), input([3, 4]), { beta: 0 }],
      [input([]), input([2, 3]), input([3, 2])],
      [input([2, 2]), input([2, 0]), input([0, 2])],
      [input([2, 2]), input([2, 3]), input([2, 3])],
      [input([3]), input([2, 3]), input([3, 2])],
      [input([2, 2]), input([2, 2]), input([2, 2], { dtype: "float64" })],
    ],
  },
  (self, mat1, mat2) => {
    requireTensor("addmm", "mat1", 1, mat1);
    requireTensor("addmm", "mat2", 2, mat2);
    requireSameDtype(self, mat1, mat2);
    requireMatrix(mat1, "mat1");
    requireMatrix(mat2, "mat2");
    checkFactors(mat1, mat2);
    requireShape(self, [mat1.shape[0]!, mat2.shape[1]!]);
  },
);

function requireMatrix(self: Tensor, name: string): void {
  if (self.shape.length !== 2) {
    throw torchError("RuntimeError", `${name} must be a matrix, got ${self.shape.length}-D tensor`);
  }
}

/** aᴴ·g, laid out as the matrix with these strides: the gradient of a transposed weight is a transposed one. */
function adjointTimes(strides: readonly number[], a: Tensor, g: Tensor): Tensor {
  return isTransposed(strides) ? g.t().mm(a.conj()).t() : a.t().conj().mm(g);
}

/** g·bᴴ, laid out as the matrix with these strides. */
function timesAdjoint(strides: readonly number[], g: Tensor, b: Tensor): Tensor {
  return isTransposed(strides) ? b.conj().mm(g.t()).t() : g.mm(b.t().conj());
}

function isTransposed(strides: readonly number[]): boolean {
  return strides[0] === 1 && strides[1] !== 1;
}
