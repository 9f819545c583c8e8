import { afterEach, expect, test, vi } from "vitest";
import { installGemm, plainGemm } from "../kernels/gemm.ts";
import type * as Kernels from "../kernels/gemm.ts";
import type { Gemm, MatrixItems } from "../kernels/gemm.ts";
import { wasmGemm } from "../kernels/wasm-gemm.ts";
import { installNativeBlas } from "./native-blas.ts";

const library = installNativeBlas();

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
  installGemm(null);
});

const side = 40;

function square(): MatrixItems {
  const items = Float32Array.from({ length: side * side }, (_, k) => Math.sin(1.7 * k));
  return { items, offset: 0, row: side, column: 1 };
}

function product(by: Gemm): Float32Array {
  const c = square();
  by(side, side, side, 1, square(), square(), 0, c);
  return c.items as Float32Array;
}

/** A fresh copy of the kernels, as in a program that imports the entry for Node. */
async function fresh(): Promise<typeof Kernels> {
  vi.resetModules();
  const kernels = await import("../kernels/gemm.ts");
  await import("./default-blas.ts");
  return kernels;
}

test("the first large product looks for the library, and is computed", async () => {
  vi.stubEnv("PARASCOPE_BLAS", undefined);
  const kernels = await fresh();
  const found = product(kernels.gemm);
  const wanted = product(plainGemm);
  expect(Math.max(...found.map((item, k) => Math.abs(item - wanted[k]!)))).toBeLessThan(1e-4);
  expect(kernels.installGemm(null) === null).toBe(library === null);
});

test.each(["none", "no-such-library.so"])("PARASCOPE_BLAS=%s leaves products to our kernel", async (name) => {
  vi.stubEnv("PARASCOPE_BLAS", name);
  const kernels = await fresh();
  expect(product(kernels.gemm)).toEqual(product(wasmGemm()));
  expect(kernels.installGemm(null)).toBeNull();
});
