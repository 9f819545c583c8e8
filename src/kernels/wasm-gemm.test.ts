import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { fusedKernels, plainKernels, sourceHash } from "./gemm.wasm.ts";
import { gemm, installGemm } from "./gemm.ts";
import type { Gemm, MatrixItems } from "./plain-gemm.ts";
import { plainGemm } from "./plain-gemm.ts";
import { kernelOf, wasmGemm } from "./wasm-gemm.ts";

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}

const kernels: readonly (readonly [name: string, kernel: Gemm])[] = [
  ["the kernel in use", wasmGemm()],
  ["the kernel without relaxed SIMD", kernelOf(decoded(plainKernels))],
];

/** Evenly spread numbers without a pattern that a wrong index could hide behind. */
function filled(
  Items: Float32ArrayConstructor | Float64ArrayConstructor,
  length: number,
): MatrixItems["items"] {
  return new Items(length).map((_, k) => Math.sin(1.3 * k + 0.2));
}

/** A matrix of the given lengths within a larger array, row-major or transposed. */
function matrixOf(
  Items: Float32ArrayConstructor | Float64ArrayConstructor,
  rows: number,
  columns: number,
  isTransposed: boolean,
  salt: number,
): MatrixItems {
  const items = filled(Items, rows * columns * 2 + salt + 7);
  return isTransposed
    ? { items, offset: salt, row: 1, column: rows }
    : { items, offset: salt, row: 2 * columns, column: 2 };
}

const lengths: readonly (readonly [m: number, n: number, k: number])[] = [
  [4, 4, 4],
  [5, 9, 7],
  [8, 8, 8],
  [3, 12, 16],
  [16, 17, 1],
  [33, 65, 17],
  [7, 520, 5],
  [259, 6, 11],
  [6, 13, 515],
  [260, 515, 258],
];

describe.each(kernels)("%s", (_, kernel) => {
  describe.each([
    ["float32", Float32Array, 2e-6],
    ["float64", Float64Array, 1e-14],
  ] as const)("in %s", (_dtype, Items, tolerance) => {
    test.each(lengths)("multiplies as the plain one: %i × %i × %i", (m, n, k) => {
      for (const [isLeft, isRight] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        const a = matrixOf(Items, m, k, isLeft, 3);
        const b = matrixOf(Items, k, n, isRight, 5);
        const found = { items: filled(Items, m * n + 9), offset: 9, row: n, column: 1 };
        const wanted = { ...found, items: found.items.slice() };
        kernel(m, n, k, 1.5, a, b, 0.5, found);
        plainGemm(m, n, k, 1.5, a, b, 0.5, wanted);
        const distance = Array.from(found.items).reduce(
          (most, item, at) => Math.max(most, Math.abs(item - wanted.items[at]!)),
          0,
        );
        expect(distance).toBeLessThan(tolerance * Math.max(k, 4));
      }
    });

    test("does not read the result where beta is 0, nor write beside it", () => {
      const items = new Items(6 * 8 + 2).fill(NaN);
      const c = { items, offset: 1, row: 1, column: 6 };
      kernel(6, 8, 5, 1, matrixOf(Items, 6, 5, false, 0), matrixOf(Items, 5, 8, false, 0), 0, c);
      expect(items.filter(Number.isNaN)).toHaveLength(2);
      expect([items[0], items.at(-1)]).toEqual([NaN, NaN]);
    });
  });
});

describe("the choice of the kernel", () => {
  afterEach(() => {
    installGemm(null);
  });

  test("gives larger products to the installed one and keeps small ones", () => {
    const seen: number[] = [];
    installGemm((m, n, k, ...rest) => {
      seen.push(m);
      plainGemm(m, n, k, ...rest);
    });
    for (const m of [2, 64]) {
      const square = matrixOf(Float32Array, m, m, false, 0);
      gemm(m, m, m, 1, square, square, 0, { items: new Float32Array(m * m), offset: 0, row: m, column: 1 });
    }
    expect(seen).toEqual([64]);
  });
});

describe("the compiled kernels", () => {
  test("are those of the sources; else run scripts/kernels.js", () => {
    const hash = createHash("sha256");
    for (const name of ["gemm.ts", "multiply-add.fused.ts", "multiply-add.plain.ts"]) {
      hash.update(`${name}\0`).update(readFileSync(new URL(`../../assembly/${name}`, import.meta.url)));
    }
    expect(sourceHash).toBe(hash.digest("hex"));
  });

  test("are small enough for pages to compile them at once", () => {
    expect(decoded(fusedKernels).length).toBeLessThan(4096);
    expect(decoded(plainKernels).length).toBeLessThan(4096);
    expect(WebAssembly.validate(decoded(plainKernels))).toBe(true);
  });
});
