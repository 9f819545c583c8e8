/**
 * Products with vectors: matrix times vector, inner and outer products.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { promoteTypes } from "../tensor/promotion.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { scalarDtype } from "../tensor/scalar.ts";
import { shapeText, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { viewOf } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { AddProductOptions } from "./matrix-product.ts";
import { checkExpandable, factor, product, requireShape, requireTensor, times } from "./matrix-product.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed, needs, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";
import { replacingOp } from "./twin.ts";

/** A vector as a matrix of one column. */
function column(self: Tensor): Tensor {
  return viewOf(self, toSize([self.count, 1]), [self.strides[0]!, 1], self.offset);
}

/** A vector as a matrix of one row. */
function row(self: Tensor): Tensor {
  return viewOf(self, toSize([1, self.count]), [self.count, self.strides[0]!], self.offset);
}

/** A result with a dimension of one element, without it: the same memory, which nobody else knows yet. */
function flattened(result: Tensor, shape: number[]): Tensor {
  result.shape = toSize(shape);
  result.strides = shape.length === 0 ? [] : [1];
  return result;
}

function checkMatrixVector(self: Tensor, mat: Tensor, vec: Tensor): void {
  if (mat.shape.length !== 2 || vec.shape.length !== 1 || self.shape.length > 1) {
    const ranks = [self, mat, vec].map((each) => each.shape.length).join(", ");
    throw torchError("RuntimeError", `vector + matrix @ vector expected, got ${ranks}`);
  }
  if (mat.shape[1] !== vec.count || (self.count !== 1 && self.count !== mat.shape[0])) {
    throw torchError(
      "RuntimeError",
      `size mismatch, got input (${self.count}), mat (${mat.shape[0]}x${mat.shape[1]}), vec (${vec.count})`,
    );
  }
  if (self.dtype !== mat.dtype || mat.dtype !== vec.dtype) {
    const names = [self, mat, vec].map((each) => each.dtype.scalarType);
    throw torchError(
      "RuntimeError",
      `addmv input tensors must have the same dtype, but got ${names[0]}, ${names[1]}, and ${names[2]}`,
    );
  }
}

/**
 * The product of a matrix and a vector.
 *
 * Shape: self (m, k), vec (k) → (m).
 * Throws: PyTorch's RuntimeErrors for other shapes and for two dtypes.
 */
export const mv: Op<(self: Tensor, vec: Tensor) => Tensor> = op({
  name: "mv",
  takesComplex: true,
  inputs: ["self", "vec"],
  forward(self, vec) {
    requireTensor("mv", "vec", 1, vec);
    const isMatrix = self.shape.length === 2 && vec.shape.length === 1;
    if (!isMatrix) {
      throw torchError(
        "RuntimeError",
        `vector + matrix @ vector expected, got 1, ${self.shape.length}, ${vec.shape.length}`,
      );
    }
    const [m, k] = self.shape as unknown as [number, number];
    if (k !== vec.count) {
      throw torchError(
        "RuntimeError",
        `size mismatch, got input (${m}), mat (${m}x${k}), vec (${vec.count})`,
      );
    }
    if (self.dtype !== vec.dtype) {
      const [mat, name] = [self.dtype.scalarType, vec.dtype.scalarType];
      throw torchError(
        "RuntimeError",
        `addmv input tensors must have the same dtype, but got ${name}, ${mat}, and ${name}`,
      );
    }
    return flattened(product(self, column(vec), null, 1, 0, "addmv_impl_cpu"), [m]);
  },
  backward: {
    // ∂/∂self ⟨g, self·v⟩ = g·vᵀ
    self: needs(["vec"], (g, { vec }) => outer(g, vec.conj())),
    // ∂/∂v ⟨g, self·v⟩ = selfᵀ·g
    vec: needs(["self"], (g, { self }) => self.t().conj().mv(g)),
  },
  samples: () => [
    [input([2, 3]), input([3])],
    [input([3, 3], { layout: "transposed" }), input([3], { layout: "stepped" })],
    [input([2, 0]), input([0])],
    [input([2, 3]), input([2])],
    [input([2]), input([2])],
    [input([2, 3]), input([3], { dtype: "float64" })],
  ],
});

/**
 * `beta · self + alpha · mat · vec`.
 *
 * Shape: self broadcasts to (m); mat (m, k), vec (k) → (m).
 * Throws: PyTorch's RuntimeErrors for other shapes and for two dtypes.
 */
export const addmv: InPlaceOp<
  (self: Tensor, mat: Tensor, vec: Tensor, options?: AddProductOptions) => Tensor
> = replacingOp(
  {
    name: "addmv",
    takesComplex: true,
    inputs: ["self", "mat", "vec"],
    forward(self, mat, vec, options?: AddProductOptions) {
      requireTensor("addmv", "mat", 1, mat);
      requireTensor("addmv", "vec", 2, vec);
      checkMatrixVector(self, mat, vec);
      const start = self.shape.length === 0 ? self : column(self);
      const { alpha, beta } = options ?? {};
      const result = product(mat, column(vec), start, factor(alpha), factor(beta), "addmv_impl_cpu");
      return flattened(result, [mat.shape[0]!]);
    },
    backward: {
      // ∂/∂self = β
      self: needsNothing((g, _, options?: AddProductOptions) => times(g, options?.beta)),
      // ∂/∂mat = α·g·vᵀ
      mat: needs(["vec"], (g, { vec }, options?: AddProductOptions) =>
        times(outer(g, vec.conj()), options?.alpha),
      ),
      // ∂/∂v = α·matᵀ·g
      vec: needs(["mat"], (g, { mat }, options?: AddProductOptions) =>
        times(mat.t().conj().mv(g), options?.alpha),
      ),
    },
    samples: () => [
      [input([2]), input([2, 3]), input([3])],
      [input([1]), input([2, 3]), input([3]), { alpha: 2, beta: 0.5 }],
      [input([]), input([2, 3]), input([3])],
      [input([3]), input([2, 3]), input([3])],
      [input([2], { dtype: "float64" }), input([2, 3]), input([3])],
    ],
  },
  (self, mat, vec) => {
    checkMatrixVector(self, mat, vec);
    requireShape(self, [mat.shape[0]!]);
  },
);

/**
 * The inner product of two vectors.
 *
 * Shape: (n), (n) → ().
 * Throws: PyTorch's RuntimeErrors for other shapes and for two dtypes.
 */
export const dot: Op<(self: Tensor, tensor: Tensor) => Tensor> = innerProduct("dot");

/** The same for real numbers; of complex ones the first vector is conjugated. Throws: as `dot`. */
export const vdot: Op<(self: Tensor, other: Tensor) => Tensor> = innerProduct("vdot");

function innerProduct(name: "dot" | "vdot"): Op<(self: Tensor, other: Tensor) => Tensor> {
  const isConjugating = name === "vdot";
  return op({
    name,
    takesComplex: true,
    inputs: ["self", "other"],
    forward(self, other) {
      requireTensor(name, name === "dot" ? "tensor" : "other", 1, other);
      checkVectors(self, other);
      const first = isConjugating ? self.detach().conj() : self;
      return flattened(product(row(first), column(other), null, 1, 0, "dot"), []);
    },
    backward: {
      // ∂(x·y)/∂x = y; of x̄·y the rule for x̄, conjugated
      self: needs(["other"], (g, { other }) => (isConjugating ? g.conj().mul(other) : g.mul(other.conj()))),
      // ∂(x·y)/∂y = x
      other: needs(["self"], (g, { self }) => g.mul(isConjugating ? self : self.conj())),
    },
    samples: () => [
      [input([3]), input([3])],
      [input([3], { layout: "stepped" }), input([3])],
      [input([0]), input([0])],
      [input([3]), input([2])],
      [input([3, 1]), input([3])],
      [input([3]), input([3], { dtype: "float64" })],
    ],
  });
}

function checkVectors(self: Tensor, other: Tensor): void {
  if (self.shape.length !== 1 || other.shape.length !== 1) {
    throw torchError(
      "RuntimeError",
      `1D tensors expected, but got ${self.shape.length}D and ${other.shape.length}D tensors`,
    );
  }
  if (self.dtype !== other.dtype) {
    throw torchError(
      "RuntimeError",
      `dot : expected both vectors to have same dtype, but found ${self.dtype.scalarType} and ${other.dtype.scalarType}`,
    );
  }
  if (self.count !== other.count) {
    throw torchError(
      "RuntimeError",
      `inconsistent tensor size, expected tensor [${self.count}] and src [${other.count}] to have the same number of elements, but got ${self.count} and ${other.count} elements respectively`,
    );
  }
  const { dtype } = self;
  const isUnsigned = dtype.kind === "uint" && dtype !== dtypes.uint8;
  if (dtype === dtypes.bool || isUnsigned || dtype.bits < 8) throw notImplemented("dot", dtype);
}

function requireVector(name: string, argument: string, self: Tensor): void {
  if (self.shape.length === 1) return;
  throw torchError(
    "RuntimeError",
    `${name}: Expected 1-D argument ${argument}, but got ${self.shape.length}-D`,
  );
}

/**
 * All products of an element of one vector with one of another.
 *
 * Shape: (m), (n) → (m, n).
 * Throws: PyTorch's RuntimeErrors for what are no vectors.
 */
export const outer: Op<(self: Tensor, vec2: Tensor) => Tensor> = composed(
  {
    name: "outer",
    takesComplex: true,
    samples: () => [
      [input([2]), input([3])],
      [input([2]), input([3], { values: [1, 2, 3], dtype: "int64" })],
      [input([2, 2]), input([2])],
      [input([2]), input([2, 2])],
    ],
  },
  (self: Tensor, vec2: Tensor): Tensor => {
    requireTensor("outer", "vec2", 1, vec2);
    requireVector("outer", "self", self);
    requireVector("outer", "vec2", vec2);
    return self.reshape([self.count, 1]).mul(vec2);
  },
);

function requireWhole(name: string, value: ScalarArgument | undefined): void {
  if (value === undefined || scalarDtype(value).kind !== "float") return;
  throw torchError(
    "RuntimeError",
    `For integral input tensors, argument ${name} must not be a floating point number.`,
  );
}

/**
 * `beta · self + alpha · vec1 · vec2ᵀ`. The dtypes are promoted.
 *
 * Shape: self broadcasts to (m, n); vec1 (m), vec2 (n) → (m, n).
 * Throws: PyTorch's RuntimeErrors for other shapes.
 */
export const addr: InPlaceOp<
  (self: Tensor, vec1: Tensor, vec2: Tensor, options?: AddProductOptions) => Tensor
> = replacingOp(
  {
    name: "addr",
    takesComplex: true,
    inputs: ["self", "vec1", "vec2"],
    forward(self, vec1, vec2, options?: AddProductOptions) {
      requireVector("addr", "vec1", vec1);
      requireVector("addr", "vec2", vec2);
      checkExpandable(self, [vec1.count, vec2.count]);
      const dtype = promoteTypes(promoteTypes(self.dtype, vec1.dtype), vec2.dtype);
      if (dtype.kind !== "float" && dtype.kind !== "complex") {
        requireWhole("beta", options?.beta);
        requireWhole("alpha", options?.alpha);
      }
      const [alpha, beta] = [factor(options?.alpha), factor(options?.beta)];
      // Every step is rounded. Bools become integers on the way, whose sum is their "or".
      const [x, y] = [vec1.detach().mul(alpha).to(dtype), vec2.detach()];
      const products = x.reshape([x.count, 1]).mul(y);
      const sum = beta === 0 ? products : self.detach().mul(beta).add(products);
      return converted(sum, dtype);
    },
    backward: {
      // ∂/∂self = β
      self: needsNothing((g, _, options?: AddProductOptions) => times(g, options?.beta)),
      // ∂/∂vec1 = α·G·vec2
      vec1: needs(["vec2"], (g, { vec2 }, options?: AddProductOptions) =>
        times(g.mv(vec2.conj()), options?.alpha),
      ),
      // ∂/∂vec2 = α·Gᵀ·vec1
      vec2: needs(["vec1"], (g, { vec1 }, options?: AddProductOptions) =>
        times(g.t().mv(vec1.conj()), options?.alpha),
      ),
    },
    samples: () => [
      [input([2, 3]), input([2]), input([3])],
      [input([3]), input([2]), input([3]), { alpha: 2, beta: 3 }],
      [input([2, 3]), input([2]), input([3]), { alpha: 0.5 }],
      [input([2, 2]), input([2]), input([3])],
      [input([2, 2]), input([2, 2]), input([3])],
    ],
  },
  (self, vec1, vec2) => {
    if (self.shape.length !== 2) {
      throw torchError("RuntimeError", `2D tensor expected, got ${self.shape.length}D tensor for input`);
    }
    requireVector("addr", "vec1", vec1);
    requireVector("addr", "vec2", vec2);
    if (self.shape[0] !== vec1.count || self.shape[1] !== vec2.count) {
      const [input, v1, v2] = [self, vec1, vec2].map((each) => shapeText(each.shape));
      throw torchError("RuntimeError", `size mismatch, input: ${input}, v1: ${v1}, v2: ${v2}`);
    }
  },
);
