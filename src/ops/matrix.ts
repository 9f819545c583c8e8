/**
 * Products of matrices.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { gemm } from "../kernels/gemm.ts";
import type { MatrixItems } from "../kernels/gemm.ts";
import { broadcastStrides, isExpandable, toSize } from "../shape.ts";
import { computeDtype } from "../tensor/elements.ts";
import { pythonTypeName } from "../autograd/history.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { plainScalar } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import type { Op } from "./op.ts";
import { needs, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

/** The C++ type names of PyTorch's messages about `m1` and `m2`. */
const cppNames: ReadonlyMap<DType, string> = new Map([
  [dtypes.float64, "double"],
  [dtypes.float32, "float"],
  [dtypes.float16, "c10::Half"],
  [dtypes.bfloat16, "c10::BFloat16"],
  [dtypes.int64, "int64_t"],
  [dtypes.int32, "int"],
  [dtypes.int16, "short"],
  [dtypes.int8, "signed char"],
  [dtypes.uint8, "unsigned char"],
  [dtypes.bool, "bool"],
]);

function cppName(dtype: DType): string {
  return cppNames.get(dtype) ?? dtype.scalarType;
}

/** A tensor of two dimensions as a kernel sees it, both strides given. */
function matrixItems(self: Tensor): MatrixItems {
  return {
    items: self.items as Float64Array,
    offset: self.offset,
    row: self.strides[0]!,
    column: self.strides[1]!,
  };
}

function checkProduct(a: Tensor, b: Tensor): void {
  if (a.shape.length !== 2) throw torchError("RuntimeError", "self must be a matrix");
  if (b.shape.length !== 2) throw torchError("RuntimeError", "mat2 must be a matrix");
  checkFactors(a, b);
}

function checkFactors(a: Tensor, b: Tensor): void {
  if (a.shape[1] !== b.shape[0]) {
    throw torchError(
      "RuntimeError",
      `mat1 and mat2 shapes cannot be multiplied (${a.shape[0]}x${a.shape[1]} and ${b.shape[0]}x${b.shape[1]})`,
    );
  }
  if (a.dtype !== b.dtype) {
    throw torchError(
      "RuntimeError",
      `expected m1 and m2 to have the same dtype, but got: ${cppName(a.dtype)} != ${cppName(b.dtype)}`,
    );
  }
}

/** `alpha · a · b + beta · c` in the dtype of the factors; c, which broadcasts, may be missing. */
function product(a: Tensor, b: Tensor, c: Tensor | null, alpha: number, beta: number): Tensor {
  const { dtype } = a;
  const m = a.shape[0]!;
  const n = b.shape[1]!;
  const k = a.shape[1]!;
  const shape = toSize([m, n]);
  const compute = computeDtype(dtype);
  if (a.storage.device === "meta" || b.storage.device === "meta") return newTensor(dtype, shape, "meta");
  if (compute !== dtypes.float32 && compute !== dtypes.float64) return integerProduct(a, b, c, alpha, beta);
  const out = newTensor(compute, shape);
  const start = c === null || beta === 0 ? null : converted(c, compute);
  if (start !== null) fillBroadcast(out, start);
  gemm(
    m,
    n,
    k,
    alpha,
    matrixItems(converted(a, compute)),
    matrixItems(converted(b, compute)),
    start === null ? 0 : beta,
    matrixItems(out),
  );
  return converted(out, dtype);
}

function fillBroadcast(out: Tensor, source: Tensor): void {
  const strides = broadcastStrides(source.shape, source.strides, out.shape);
  const to = out.items as Float64Array;
  const from = source.items as Float64Array;
  const rows = out.shape[0]!;
  const columns = out.shape[1]!;
  let at = 0;
  for (let i = 0; i < rows; i++) {
    let place = source.offset + i * strides[0]!;
    for (let j = 0; j < columns; j++, place += strides[1]!) to[at++] = from[place]!;
  }
}

/** Integers multiply exactly, modulo the width of the dtype. */
function integerProduct(a: Tensor, b: Tensor, c: Tensor | null, alpha: number, beta: number): Tensor {
  const { dtype } = a;
  // PyTorch looks at the dtype only where there is something to multiply.
  if (c === null && (a.count === 0 || b.count === 0))
    return newTensor(dtype, toSize([a.shape[0]!, b.shape[1]!]));
  if (dtype.kind !== "int" && dtype.kind !== "uint") {
    throw torchError("NotImplementedError", `"addmm_impl_cpu_" not implemented for '${dtype.scalarType}'`);
  }
  const [m, k, n] = [a.shape[0]!, a.shape[1]!, b.shape[1]!];
  const out = newTensor(dtypes.int64, toSize([m, n]));
  const x = converted(a, dtypes.int64);
  const y = converted(b, dtypes.int64);
  const items = out.items as BigInt64Array;
  if (c !== null && beta !== 0) fillBroadcast(out, converted(c, dtypes.int64));
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0n;
      for (let l = 0; l < k; l++) {
        const p = x.items[x.offset + i * x.strides[0]! + l * x.strides[1]!] as bigint;
        const q = y.items[y.offset + l * y.strides[0]! + j * y.strides[1]!] as bigint;
        sum += p * q;
      }
      items[i * n + j] = BigInt(Math.trunc(alpha)) * sum + BigInt(Math.trunc(beta)) * items[i * n + j]!;
    }
  }
  return converted(out, dtype);
}

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
  inputs: ["self", "mat2"],
  forward(self, mat2) {
    checkProduct(self, mat2);
    return product(self, mat2, null, 1, 0);
  },
  backward: {
    // ∂/∂self ⟨G, self·mat2⟩ = G·mat2ᵀ
    self: needs(["mat2"], (g, { mat2 }) => g.mm(mat2.t())),
    // ∂/∂mat2 ⟨G, self·mat2⟩ = selfᵀ·G
    mat2: needs(["self"], (g, { self, strides }) => adjointLike(strides, self, g)),
  },
  samples: () => [
    [input([2, 3]), input([3, 4])],
    [input([1, 2], { layout: "transposed" }), input([2, 1])],
    [input([2, 3], { layout: "transposed" }), input([3, 4], { layout: "transposed" })],
    [input([2, 0]), input([0, 3])],
  ],
});

/** Options of `addmm`. */
export interface AddmmOptions {
  /** Multiplies self; default 1. With 0, self is not read. */
  readonly beta?: ScalarArgument;
  /** Multiplies the product; default 1. */
  readonly alpha?: ScalarArgument;
}

function factor(value: ScalarArgument | undefined): number {
  return value === undefined ? 1 : Number(plainScalar(value));
}

/**
 * `beta · self + alpha · mat1 · mat2`.
 *
 * Shape: self broadcasts to (m, n); mat1 (m, k), mat2 (k, n) → (m, n).
 * Throws: as `mm`, and where self does not broadcast.
 */
export const addmm: Op<(self: Tensor, mat1: Tensor, mat2: Tensor, options?: AddmmOptions) => Tensor> = op({
  name: "addmm",
  inputs: ["self", "mat1", "mat2"],
  forward(self, mat1, mat2, options?: AddmmOptions) {
    requireMatrix(mat1, "mat1");
    requireMatrix(mat2, "mat2");
    checkFactors(mat1, mat2);
    if (self.dtype !== mat1.dtype) {
      throw torchError(
        "RuntimeError",
        `self and mat2 must have the same dtype, but got ${self.dtype.scalarType} and ${mat2.dtype.scalarType}`,
      );
    }
    checkExpandable(self, [mat1.shape[0]!, mat2.shape[1]!]);
    return product(mat1, mat2, self, factor(options?.alpha), factor(options?.beta));
  },
  backward: {
    // ∂/∂self = β
    self: needsNothing((g, _, options?: AddmmOptions) => times(g, factor(options?.beta))),
    // ∂/∂mat1 = α·G·mat2ᵀ
    mat1: needs(["mat2"], (g, { mat2 }, options?: AddmmOptions) =>
      times(g.mm(mat2.t()), factor(options?.alpha)),
    ),
    // ∂/∂mat2 = α·mat1ᵀ·G
    mat2: needs(["mat1"], (g, { mat1, strides }, options?: AddmmOptions) =>
      times(adjointLike(strides, mat1, g), factor(options?.alpha)),
    ),
  },
  samples: () => [
    [input([4]), input([2, 3]), input([3, 4])],
    [input([2, 4]), input([2, 3]), input([3, 4], { layout: "transposed" }), { beta: 0.5, alpha: 2 }],
  ],
});

/** aᵀ·g, laid out as the matrix with these strides: the gradient of a transposed weight is a transposed one. */
function adjointLike(strides: readonly number[], a: Tensor, g: Tensor): Tensor {
  return strides[0] === 1 && strides[1] !== 1 ? g.t().mm(a).t() : a.t().mm(g);
}

function times(gradient: Tensor, scale: number): Tensor {
  return scale === 1 ? gradient : gradient.mul(scale);
}

function requireMatrix(self: Tensor, name: string): void {
  if (self?.shape === undefined) {
    throw torchError("TypeError", `addmm(): argument '${name}' must be Tensor, not ${pythonTypeName(self)}`);
  }
  if (self.shape.length !== 2) {
    throw torchError("RuntimeError", `${name} must be a matrix, got ${self.shape.length}-D tensor`);
  }
}

/** Throws PyTorch's RuntimeError where a tensor does not expand to the target. */
function checkExpandable(self: Tensor, target: readonly number[]): void {
  if (isExpandable(self.shape, target)) return;
  const lead = target.length - self.shape.length;
  if (lead < 0) {
    throw torchError(
      "RuntimeError",
      `expand(torch.${self.dtype.scalarType}Tensor{[${self.shape.join(", ")}]}, size=[${target.join(", ")}]): the number of sizes provided (${target.length}) must be greater or equal to the number of dimensions in the tensor (${self.shape.length})`,
    );
  }
  for (let axis = target.length - 1; axis >= lead; axis--) {
    const length = self.shape[axis - lead]!;
    if (length === 1 || length === target[axis]) continue;
    throw torchError(
      "RuntimeError",
      `The expanded size of the tensor (${target[axis]}) must match the existing size (${length}) at non-singleton dimension ${axis}.  Target sizes: [${target.join(", ")}].  Tensor sizes: [${self.shape.join(", ")}]`,
    );
  }
}
