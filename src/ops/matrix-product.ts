/**
 * What the products of matrices share: their checks with PyTorch's texts, the way to the kernel, and integers, which no
 * kernel multiplies.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { gemm } from "../kernels/gemm.ts";
import type { MatrixItems } from "../kernels/gemm.ts";
import type { Size } from "../shape.ts";
import { broadcastStrides, isExpandable, sameShape, shapeText, toSize } from "../shape.ts";
import { computeDtype } from "../tensor/elements.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { plainScalar } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor, viewOf } from "../tensor/tensor.ts";
import { partsOf } from "../tensor/complex-items.ts";
import { converted } from "./elementwise.ts";
import { loopDtype } from "./loop-dtypes.ts";

/** Options of the products that are added to something: `addmm` and its kin. */
export interface AddProductOptions {
  /** Multiplies self; default 1. With 0, self is not read. */
  readonly beta?: ScalarArgument;
  /** Multiplies the product; default 1. */
  readonly alpha?: ScalarArgument;
}

/** The C++ type names of PyTorch's messages. */
const cppNames: ReadonlyMap<DType, string> = new Map([
  [dtypes.float64, "double"],
  [dtypes.float32, "float"],
  [dtypes.float16, "c10::Half"],
  [dtypes.bfloat16, "c10::BFloat16"],
  [dtypes.int64, "long int"],
  [dtypes.int32, "int"],
  [dtypes.int16, "short int"],
  [dtypes.int8, "signed char"],
  [dtypes.uint8, "unsigned char"],
  [dtypes.bool, "bool"],
  [dtypes.complex64, "c10::complex<float>"],
  [dtypes.complex128, "c10::complex<double>"],
]);

/** The C++ type name of a dtype. */
export function cppName(dtype: DType): string {
  return cppNames.get(dtype) ?? dtype.scalarType;
}

/** A factor option as a number. */
export function factor(value: ScalarArgument | undefined): number {
  return value === undefined ? 1 : Number(plainScalar(value));
}

/** A gradient multiplied by a factor option; itself for 1. */
export function times(gradient: Tensor, value: ScalarArgument | undefined): Tensor {
  const scale = factor(value);
  return scale === 1 ? gradient : gradient.mul(scale);
}

/** Throws PyTorch's TypeError for an argument that is no tensor. */
export function requireTensor(name: string, argument: string, position: number, value: unknown): void {
  if (isTensor(value)) return;
  throw torchError(
    "TypeError",
    `${name}(): argument '${argument}' (position ${position}) must be Tensor, not ${pythonTypeName(value)}`,
  );
}

/** Throws PyTorch's RuntimeErrors for matrices that cannot be multiplied and for two dtypes. */
export function checkFactors(a: Tensor, b: Tensor): void {
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

/** Throws PyTorch's RuntimeError where an in-place product does not have the shape of self. */
export function requireShape(self: Tensor, shape: readonly number[]): void {
  if (sameShape(self.shape, shape)) return;
  throw torchError(
    "RuntimeError",
    `Bad in-place call: input tensor size ${shapeText(self.shape)} and output tensor size ${shapeText(shape)} should match`,
  );
}

/** Throws PyTorch's RuntimeErrors for what is added to a product of another dtype. */
export function requireSameDtype(self: Tensor, mat1: Tensor, mat2: Tensor): void {
  const [name, other] = self.dtype === mat2.dtype ? ["mat1", mat1] : ["self", self];
  if (other.dtype === mat2.dtype) return;
  throw torchError(
    "RuntimeError",
    `${name} and mat2 must have the same dtype, but got ${other.dtype.scalarType} and ${mat2.dtype.scalarType}`,
  );
}

/** Throws PyTorch's RuntimeError where a tensor does not expand to the target. */
export function checkExpandable(self: Tensor, target: readonly number[]): void {
  if (isExpandable(self.shape, target)) return;
  const lead = target.length - self.shape.length;
  if (lead < 0) {
    throw torchError(
      "RuntimeError",
      `expand(torch.${self.dtype.scalarType}Tensor{${shapeText(self.shape)}}, size=${shapeText(target)}): the number of sizes provided (${target.length}) must be greater or equal to the number of dimensions in the tensor (${self.shape.length})`,
    );
  }
  for (let axis = target.length - 1; axis >= lead; axis--) {
    const length = self.shape[axis - lead]!;
    if (length === 1 || length === target[axis]) continue;
    throw torchError(
      "RuntimeError",
      `The expanded size of the tensor (${target[axis]}) must match the existing size (${length}) at non-singleton dimension ${axis}.  Target sizes: ${shapeText(target)}.  Tensor sizes: ${shapeText(self.shape)}`,
    );
  }
}

/** A matrix, or one matrix of a batch, as a kernel sees it. */
function matrixItems(self: Tensor, offset: number): MatrixItems {
  const { strides } = self;
  const last = strides.length - 1;
  return { items: self.items as Float64Array, offset, row: strides[last - 1]!, column: strides[last]! };
}

/**
 * `alpha · a · b + beta · c` in the dtype of the factors: of two matrices (m, k) and (k, n), or of two batches of them.
 * c broadcasts, and may be missing. `kernel` is PyTorch's, named where a dtype is refused.
 */
export function product(
  a: Tensor,
  b: Tensor,
  c: Tensor | null,
  alpha: number,
  beta: number,
  kernel: string = "addmm_impl_cpu_",
): Tensor {
  const { dtype, shape } = a;
  const rank = shape.length;
  const m = shape[rank - 2]!;
  const n = b.shape[rank - 1]!;
  const size = toSize(rank === 2 ? [m, n] : [shape[0]!, m, n]);
  const compute = computeDtype(dtype);
  if (a.storage.device === "meta" || b.storage.device === "meta") return newTensor(dtype, size, "meta");
  const start = c === null || beta === 0 ? null : c;
  if (dtype.kind === "complex") return complexProduct(a, b, start, alpha, beta, size);
  if (compute !== dtypes.float32 && compute !== dtypes.float64) {
    return integerProduct(a, b, start, Math.trunc(alpha), Math.trunc(beta), kernel);
  }
  const out = newTensor(compute, size);
  if (start !== null) fillBroadcast(out, converted(start, compute));
  multiplyInto(out, converted(a, compute), converted(b, compute), alpha, start === null ? 0 : beta);
  return converted(out, dtype);
}

/**
 * Of complex numbers: four products of their parts, which the kernels read in place, as every other item is one.
 * (A + iB)·(C + iD) = (AC − BD) + i(AD + BC)
 */
function complexProduct(
  a: Tensor,
  b: Tensor,
  c: Tensor | null,
  alpha: number,
  beta: number,
  size: Size,
): Tensor {
  const compute = loopDtype(a.dtype);
  const out = newTensor(compute, size);
  const [left, right, target] = [converted(a, compute), converted(b, compute), out].map((each) => {
    const parts = partsOf(each);
    return [partOf(parts, 0), partOf(parts, 1)];
  }) as [Tensor[], Tensor[], Tensor[]];
  if (c !== null) {
    const start = partsOf(converted(c, compute));
    target.forEach((part, k) => fillBroadcast(part, partOf(start, k)));
  }
  const scale = c === null ? 0 : beta;
  multiplyInto(target[0]!, left[0]!, right[0]!, alpha, scale);
  multiplyInto(target[0]!, left[1]!, right[1]!, -alpha, 1);
  multiplyInto(target[1]!, left[0]!, right[1]!, alpha, scale);
  multiplyInto(target[1]!, left[1]!, right[0]!, alpha, 1);
  return converted(out, a.dtype);
}

/** The real or the imaginary parts, of a tensor whose last dimension they are. */
function partOf(parts: Tensor, part: number): Tensor {
  const { shape, strides, offset } = parts;
  return viewOf(parts, toSize(shape.slice(0, -1)), strides.slice(0, -1), offset + part);
}

/** A matrix, or one of a batch. */
function matrixOf(self: Tensor, batch: number): MatrixItems {
  return matrixItems(self, self.strides.length === 2 ? self.offset : self.offset + batch * self.strides[0]!);
}

/** `out = alpha · a · b + scale · out`, by the kernel, matrix by matrix. */
function multiplyInto(out: Tensor, a: Tensor, b: Tensor, alpha: number, scale: number): void {
  const rank = out.shape.length;
  const [m, n] = [out.shape[rank - 2]!, out.shape[rank - 1]!];
  const k = a.shape[rank - 1]!;
  const batches = rank === 2 ? 1 : out.shape[0]!;
  for (let batch = 0; batch < batches; batch++) {
    const left = matrixOf(a, batch);
    const right = matrixOf(b, batch);
    gemm(m, n, k, alpha, left, right, scale, matrixOf(out, batch));
  }
}

/** Sets a tensor of two or three dimensions to another that broadcasts. */
function fillBroadcast(out: Tensor, source: Tensor): void {
  const rank = out.shape.length;
  const strides = broadcastStrides(source.shape, source.strides, out.shape);
  const to = out.items as Float64Array;
  const from = source.items as Float64Array;
  const batches = rank === 2 ? 1 : out.shape[0]!;
  const rows = out.shape[rank - 2]!;
  const columns = out.shape[rank - 1]!;
  const step = strides[rank - 1]!;
  const toStep = out.strides[rank - 1]!;
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < rows; i++) {
      let at = out.offset + i * out.strides[rank - 2]! + (rank === 2 ? 0 : batch * out.strides[0]!);
      let place = source.offset + i * strides[rank - 2]! + (rank === 2 ? 0 : batch * strides[0]!);
      for (let j = 0; j < columns; j++, place += step, at += toStep) to[at] = from[place]!;
    }
  }
}

/** Integers multiply exactly, modulo the width of the dtype. */
function integerProduct(
  a: Tensor,
  b: Tensor,
  c: Tensor | null,
  alpha: number,
  beta: number,
  kernel: string,
): Tensor {
  const { dtype } = a;
  const rank = a.shape.length;
  const [m, k] = [a.shape[rank - 2]!, a.shape[rank - 1]!];
  const n = b.shape[rank - 1]!;
  const batches = rank === 2 ? 1 : a.shape[0]!;
  const size = toSize(rank === 2 ? [m, n] : [batches, m, n]);
  const isEmpty = a.count === 0 || b.count === 0;
  // PyTorch looks at the dtype only where there is something to multiply.
  if (isEmpty && c === null) return newTensor(dtype, size);
  if (isEmpty && dtype === dtypes.bool) {
    throw torchError("RuntimeError", "result type Long can't be cast to the desired output type Bool");
  }
  if (dtype.kind !== "int" && dtype.kind !== "uint") {
    throw torchError("NotImplementedError", `"${kernel}" not implemented for '${dtype.scalarType}'`);
  }
  const out = newTensor(dtypes.int64, size);
  const items = out.items as BigInt64Array;
  if (c !== null) fillBroadcast(out, converted(c, dtypes.int64));
  const [scale, keep] = [BigInt(alpha), BigInt(c === null ? 0 : beta)];
  const x = converted(a, dtypes.int64);
  const y = converted(b, dtypes.int64);
  for (let batch = 0, at = 0; batch < batches; batch++) {
    const left = x.offset + (rank === 2 ? 0 : batch * x.strides[0]!);
    const right = y.offset + (rank === 2 ? 0 : batch * y.strides[0]!);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++, at++) {
        let sum = 0n;
        for (let l = 0; l < k; l++) {
          const p = x.items[left + i * x.strides[rank - 2]! + l * x.strides[rank - 1]!] as bigint;
          const q = y.items[right + l * y.strides[rank - 2]! + j * y.strides[rank - 1]!] as bigint;
          sum += p * q;
        }
        items[at] = scale * sum + keep * items[at]!;
      }
    }
  }
  return converted(out, dtype);
}
