/**
 * Matrix products by the platform's BLAS library, called through `koffi`, which is an optional dependency: 100 times as
 * fast as plain loops on large matrices, and several times as fast as WebAssembly.
 */

import { createRequire } from "node:module";
import { installGemm } from "../kernels/gemm.ts";
import type { Gemm, MatrixItems } from "../kernels/gemm.ts";
import { wasmGemm } from "../kernels/wasm-gemm.ts";

/** What may be said about the library. */
export interface NativeBlasOptions {
  /** Its name or path, or null for none; default: the first that is found of OpenBLAS, MKL, BLIS and Accelerate. */
  readonly library?: string | null;
}

type Foreign = (...args: unknown[]) => unknown;

/** The part of koffi that is used. */
interface Koffi {
  load(path: string): { func(declaration: string): Foreign };
}

/** Where the libraries lie; names without a folder are looked up as the platform does it. */
const candidates: Readonly<Record<string, readonly string[]>> = {
  linux: ["libopenblas.so.0", "libmkl_rt.so.2", "libmkl_rt.so", "libblis.so.4", "libcblas.so.3"],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate"],
  win32: ["libopenblas.dll", "openblas.dll", "mkl_rt.2.dll"],
};

/** The codes of CBLAS for row-major matrices, and for factors as they are or transposed. */
const rowMajor = 101;
const plain = 111;
const transposed = 112;

const parameters = (item: string): string =>
  `int order, int transA, int transB, int m, int n, int k, ${item} alpha, const ${item} *a, int lda, const ${item} *b, int ldb, ${item} beta, ${item} *c, int ldc`;

function koffiOrNull(): Koffi | null {
  try {
    return createRequire(import.meta.url)("koffi") as Koffi;
  } catch {
    return null;
  }
}

/** The two products of a library, or null where it is not there or is no BLAS. */
function productsOf(koffi: Koffi, path: string): { single: Foreign; double: Foreign } | null {
  try {
    const library = koffi.load(path);
    return {
      single: library.func(`void cblas_sgemm(${parameters("float")})`),
      double: library.func(`void cblas_dgemm(${parameters("double")})`),
    };
  } catch {
    return null;
  }
}

/** How CBLAS has to read a factor, and the distance of its lines; null where neither rows nor columns lie densely. */
function layoutOf(
  { row, column }: MatrixItems,
  rows: number,
  columns: number,
): { readonly code: number; readonly lead: number } | null {
  if (column === 1 && row >= columns) return { code: plain, lead: row };
  return row === 1 && column >= rows ? { code: transposed, lead: column } : null;
}

function from({ items, offset }: MatrixItems): MatrixItems["items"] {
  return offset === 0 ? items : items.subarray(offset);
}

function kernelOf(single: Foreign, double: Foreign): Gemm {
  return (m, n, k, alpha, a, b, beta, c) => {
    const left = layoutOf(a, m, k);
    const right = layoutOf(b, k, n);
    const result = layoutOf(c, m, n);
    if (left === null || right === null || result?.code !== plain) {
      wasmGemm()(m, n, k, alpha, a, b, beta, c);
      return;
    }
    const run = c.items instanceof Float32Array ? single : double;
    const { code: codeA, lead: leadA } = left;
    const { code: codeB, lead: leadB } = right;
    run(rowMajor, codeA, codeB, m, n, k, alpha, from(a), leadA, from(b), leadB, beta, from(c), result.lead);
  };
}

/**
 * Lets larger matrix products run in the platform's BLAS, as they do in Node without being told. Returns the library that
 * is used from now on, or null where there is none, or no `koffi`; then all stays as it was. Without a library all products
 * are computed here. Results differ in the last bits, see Note [rounding of products] in kernels/gemm.ts.
 *
 * @example
 * installNativeBlas({ library: null }); // null
 */
export function installNativeBlas(options: NativeBlasOptions = {}): string | null {
  if (options.library === null) {
    installGemm(null);
    return null;
  }
  const koffi = koffiOrNull();
  if (koffi === null) return null;
  const paths = options.library === undefined ? (candidates[process.platform] ?? []) : [options.library];
  for (const path of paths) {
    const products = productsOf(koffi, path);
    if (products === null) continue;
    installGemm(kernelOf(products.single, products.double));
    return path;
  }
  return null;
}
