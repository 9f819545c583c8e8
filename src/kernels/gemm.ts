/**
 * Matrix products over typed arrays with offsets and strides: chooses the kernel, and is the place where a faster one is
 * installed.
 *
 * Note [rounding of products]: the kernels agree but in rounding. The plain one adds up in float64 and rounds once; the
 * WebAssembly one adds up in the dtype, in blocks of 256, with fused multiply-adds where the engine has them; a native
 * one does as its library does. Each gives the same bits for the same shapes and values every time.
 */

import type { Gemm } from "./plain-gemm.ts";
import { plainGemm } from "./plain-gemm.ts";
import { wasmGemm } from "./wasm-gemm.ts";

export type { Gemm, MatrixItems } from "./plain-gemm.ts";
export { plainGemm } from "./plain-gemm.ts";

/** From so many multiplications on packing pays off: at 8 × 8 × 8 the kernels are equally fast. */
const leastWork = 1024;

/** With fewer rows, columns or summands most of a packed tile would be padding. */
const leastLength = 4;

let installed: Gemm | null = null;

/** Replaces the kernel for larger products by a faster one; null restores our own. Gives the former one back. */
export function installGemm(kernel: Gemm | null): Gemm | null {
  const former = installed;
  installed = kernel;
  return former;
}

/** `c = alpha · a · b + beta · c`, by the kernel that fits the lengths. */
export const gemm: Gemm = (m, n, k, alpha, a, b, beta, c) => {
  if (m * n * k < leastWork || m < leastLength || n < leastLength || k < leastLength) {
    plainGemm(m, n, k, alpha, a, b, beta, c);
    return;
  }
  const kernel = installed ?? wasmGemm();
  kernel(m, n, k, alpha, a, b, beta, c);
};
