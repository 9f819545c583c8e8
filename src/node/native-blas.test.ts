import { afterAll, describe, expect, test } from "vitest";
import { gemm, installGemm, plainGemm } from "../kernels/gemm.ts";
import type { MatrixItems } from "../kernels/gemm.ts";
import { installNativeBlas } from "./native-blas.ts";

const library = installNativeBlas();

afterAll(() => {
  installGemm(null);
});

type ItemsConstructor = Float32ArrayConstructor | Float64ArrayConstructor;

/** A matrix of mixed numbers with the given strides, behind three elements that are not its own. */
function matrix(Items: ItemsConstructor, length: number, row: number, column: number): MatrixItems {
  return { items: new Items(length + 3).map((_, k) => Math.sin(1.7 * k)), offset: 3, row, column };
}

describe("the platform's BLAS", () => {
  test("is not used where a library is not there", () => {
    expect(installNativeBlas({ library: "no-such-library.so" })).toBeNull();
  });

  test("is not used where none is asked for, and is again", () => {
    expect(installNativeBlas({ library: null })).toBeNull();
    expect(installGemm(null)).toBeNull();
    expect(installNativeBlas()).toBe(library);
    expect(installGemm(null) === null).toBe(library === null);
    installNativeBlas();
  });

  // Runs where koffi and a BLAS library are installed; both are optional.
  describe.runIf(library !== null)(`${library}`, () => {
    test.each([
      ["float32", Float32Array, 1e-5],
      ["float64", Float64Array, 1e-13],
    ] as const)("multiplies as the plain kernel in %s, in every layout", (_, Items, tolerance) => {
      const [m, n, k] = [13, 17, 19];
      const lefts = [
        matrix(Items, m * k, k, 1),
        matrix(Items, m * k, 1, m),
        matrix(Items, 2 * m * k, 2 * k, 2),
      ];
      const rights = [matrix(Items, k * n, n, 1), matrix(Items, k * n, 1, k), matrix(Items, n, 0, 1)];
      for (const a of lefts) {
        for (const b of rights) {
          const found = matrix(Items, m * n, n, 1);
          const wanted = { ...found, items: found.items.slice() };
          gemm(m, n, k, 1.5, a, b, 0.5, found);
          plainGemm(m, n, k, 1.5, a, b, 0.5, wanted);
          const distances = Array.from(found.items, (item, at) => Math.abs(item - wanted.items[at]!));
          expect(Math.max(...distances)).toBeLessThan(tolerance);
        }
      }
    });
  });
});
