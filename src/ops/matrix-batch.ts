/**
 * Products of batches of matrices.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AddProductOptions } from "./matrix-product.ts";
import {
  checkExpandable,
  cppName,
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

function requireBatch(name: string, argument: string, position: number, batch: Tensor): void {
  requireTensor(name, argument, position, batch);
  if (batch.shape.length !== 3) throw torchError("RuntimeError", `${argument} must be a 3D tensor`);
}

function checkBatches(a: Tensor, b: Tensor): void {
  const [batches, , k] = a.shape;
  if (b.shape[0] !== batches || b.shape[1] !== k) {
    throw torchError(
      "RuntimeError",
      `Expected size for first two dimensions of batch2 tensor to be: [${batches}, ${k}] but got: [${b.shape[0]}, ${b.shape[1]}].`,
    );
  }
}

function checkScalarTypes(kernel: string, a: Tensor, b: Tensor): void {
  if (a.dtype === dtypes.bool && a.count > 0) {
    throw torchError("NotImplementedError", `"${kernel}" not implemented for 'Bool'`);
  }
  if (a.dtype === b.dtype) return;
  throw torchError(
    "RuntimeError",
    `expected scalar type ${a.dtype.scalarType} but found ${b.dtype.scalarType}`,
  );
}

/** The adjoints of the matrices of a batch: transposed and, if complex, conjugated. */
function adjoints(batch: Tensor): Tensor {
  return batch.transpose(1, 2).conj();
}

/**
 * The products of the matrices of two batches, one by one.
 *
 * Shape: self (b, m, k), mat2 (b, k, n) → (b, m, n).
 * Throws: PyTorch's RuntimeErrors for other shapes and for two dtypes.
 */
export const bmm: Op<(self: Tensor, mat2: Tensor) => Tensor> = op({
  name: "bmm",
  takesComplex: true,
  inputs: ["self", "mat2"],
  forward(self, mat2) {
    requireTensor("bmm", "mat2", 1, mat2);
    requireBatch("bmm", "batch1", 0, self);
    requireBatch("bmm", "batch2", 1, mat2);
    checkBatches(self, mat2);
    checkScalarTypes("bmm", self, mat2);
    return product(self, mat2, null, 1, 0, "bmm");
  },
  backward: {
    // ∂/∂self ⟨G, self·mat2⟩ = G·mat2ᵀ
    self: needs(["mat2"], (g, { mat2 }) => g.bmm(adjoints(mat2))),
    // ∂/∂mat2 ⟨G, self·mat2⟩ = selfᵀ·G
    mat2: needs(["self"], (g, { self }) => adjoints(self).bmm(g)),
  },
  samples: () => [
    [input([2, 2, 3]), input([2, 3, 4])],
    [input([2, 3, 2], { layout: "transposed" }), input([2, 2, 1])],
    [input([0, 2, 3]), input([0, 3, 4])],
    [input([2, 2, 0]), input([2, 0, 2])],
    [input([2, 2]), input([2, 2, 2])],
    [input([2, 2, 2]), input([2, 2])],
    [input([2, 2, 3]), input([2, 2, 3])],
    [input([2, 2, 2]), input([2, 2, 2], { dtype: "float64" })],
  ],
});

/**
 * `beta · self + alpha · batch1 · batch2`, matrix by matrix.
 *
 * Shape: self broadcasts to (b, m, n); batch1 (b, m, k), batch2 (b, k, n) → (b, m, n).
 * Throws: as `bmm`, and where self does not broadcast.
 */
export const baddbmm: InPlaceOp<
  (self: Tensor, batch1: Tensor, batch2: Tensor, options?: AddProductOptions) => Tensor
> = replacingOp(
  {
    name: "baddbmm",
    takesComplex: true,
    inputs: ["self", "batch1", "batch2"],
    forward(self, batch1, batch2, options?: AddProductOptions) {
      requireBatch("baddbmm", "batch1", 1, batch1);
      requireBatch("baddbmm", "batch2", 2, batch2);
      checkBatches(batch1, batch2);
      checkExpandable(self, [batch1.shape[0]!, batch1.shape[1]!, batch2.shape[2]!]);
      if (self.dtype !== batch1.dtype) {
        throw torchError(
          "RuntimeError",
          `Input dtypes must be the same, got: input ${cppName(self.dtype)}, batch1: ${cppName(batch1.dtype)}, batch2: ${cppName(batch2.dtype)}`,
        );
      }
      checkScalarTypes("baddbmm", batch1, batch2);
      return product(batch1, batch2, self, factor(options?.alpha), factor(options?.beta), "baddbmm");
    },
    backward: {
      // ∂/∂self = β
      self: needsNothing((g, _, options?: AddProductOptions) => times(g, options?.beta)),
      // ∂/∂batch1 = α·G·batch2ᵀ
      batch1: needs(["batch2"], (g, { batch2 }, options?: AddProductOptions) =>
        times(g.bmm(adjoints(batch2)), options?.alpha),
      ),
      // ∂/∂batch2 = α·batch1ᵀ·G
      batch2: needs(["batch1"], (g, { batch1 }, options?: AddProductOptions) =>
        times(adjoints(batch1).bmm(g), options?.alpha),
      ),
    },
    samples: () => [
      [input([2]), input([2, 2, 3]), input([2, 3, 2])],
      [input([2, 2, 2]), input([2, 2, 3]), input([2, 3, 2]), { beta: 0.5, alpha: 2 }],
      [input([2, 1, 2]), input([2, 2, 3]), input([2, 3, 2]), { beta: 0 }],
      [input([3]), input([2, 2, 3]), input([2, 3, 2])],
      [input([2]), input([2, 2, 3]), input([2, 2, 2])],
    ],
  },
  (self, batch1, batch2) => {
    requireBatch("baddbmm_", "batch1", 1, batch1);
    requireBatch("baddbmm_", "batch2", 2, batch2);
    checkBatches(batch1, batch2);
    checkExpandable(self, [batch1.shape[0]!, batch1.shape[1]!, batch2.shape[2]!]);
    requireShape(self, [batch1.shape[0]!, batch1.shape[1]!, batch2.shape[2]!]);
  },
);

function checkSummedBatches(self: Tensor, batch1: Tensor, batch2: Tensor): void {
  requireBatch("addbmm", "batch1", 1, batch1);
  requireBatch("addbmm", "batch2", 2, batch2);
  const [batches, m, k] = batch1.shape;
  const [others, rows, n] = batch2.shape;
  checkExpandable(self, [m!, n!]);
  if (batches !== others) {
    throw torchError(
      "RuntimeError",
      `batch1 and batch2 must have same number of batches, got ${batches} and ${others}`,
    );
  }
  if (k !== rows) {
    throw torchError("RuntimeError", `Incompatible matrix sizes for bmm (${m}x${k} and ${rows}x${n})`);
  }
  requireSameDtype(self, batch1, batch2);
}

/**
 * `beta · self + alpha · Σ batch1ᵢ · batch2ᵢ`: the products of a batch, summed.
 *
 * Shape: self broadcasts to (m, n); batch1 (b, m, k), batch2 (b, k, n) → (m, n).
 * Throws: PyTorch's RuntimeErrors for other shapes and for two dtypes.
 * Differs from PyTorch: in place, self has to have the result's shape; PyTorch gives it that shape.
 */
export const addbmm: InPlaceOp<
  (self: Tensor, batch1: Tensor, batch2: Tensor, options?: AddProductOptions) => Tensor
> = replacingOp(
  {
    name: "addbmm",
    inputs: ["self", "batch1", "batch2"],
    forward(self, batch1, batch2, options?: AddProductOptions) {
      checkSummedBatches(self, batch1, batch2);
      const [batches, m, k] = batch1.shape as unknown as [number, number, number];
      // Side by side, the batch is one long matrix, and the sum of the products is one product.
      const left = batch1
        .detach()
        .transpose(0, 1)
        .reshape([m, batches * k]);
      const right = batch2.detach().reshape([batches * k, batch2.shape[2]!]);
      return product(left, right, self, factor(options?.alpha), factor(options?.beta));
    },
    backward: {
      // ∂/∂self = β
      self: needsNothing((g, _, options?: AddProductOptions) => times(g, options?.beta)),
      // ∂/∂batch1ᵢ = α·G·batch2ᵢᵀ
      batch1: needs(["batch2"], (g, { batch2 }, options?: AddProductOptions) =>
        times(repeated(g, batch2.shape[0]!).bmm(adjoints(batch2)), options?.alpha),
      ),
      // ∂/∂batch2ᵢ = α·batch1ᵢᵀ·G
      batch2: needs(["batch1"], (g, { batch1 }, options?: AddProductOptions) =>
        times(adjoints(batch1).bmm(repeated(g, batch1.shape[0]!)), options?.alpha),
      ),
    },
    samples: () => [
      [input([2, 2], { layout: "transposed" }), input([2, 2, 3]), input([2, 3, 2])],
      [input([2, 2]), input([2, 2, 3]), input([2, 3, 2]), { beta: 0.5, alpha: 2 }],
      [input([3]), input([2, 2, 3]), input([2, 3, 2])],
      [input([2, 2]), input([2, 2, 3]), input([2, 2, 2])],
    ],
  },
  (self, batch1, batch2) => {
    checkSummedBatches(self, batch1, batch2);
    requireShape(self, [batch1.shape[1]!, batch2.shape[2]!]);
  },
);

/** A matrix as a batch of itself. */
function repeated(self: Tensor, batches: number): Tensor {
  return self.unsqueeze(0).expand([batches, ...self.shape]);
}
