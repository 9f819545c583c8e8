/**
 * Loops over complex elements, which lie as pairs of items. Made from functions of single numbers, as these are long
 * compared with a call; sums and products are written out where they are used.
 */

import type { Complex1, Complex2, ComplexCell } from "../kernels/complex.ts";
import type { Loop1, Loop2 } from "./walk.ts";

/** The loop that puts `each(a)` into every element. */
export function complex1(each: Complex1): Loop1 {
  const cell: ComplexCell = { re: 0, im: 0 };
  return (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) {
      each(cell, a[i]!, a[i + 1]!);
      out[o] = cell.re;
      out[o + 1] = cell.im;
    }
  };
}

/** The same for a function that needs a factor after it, as logarithms to other bases do. */
export function scaledComplex1(each: Complex1, factor: number): Loop1 {
  return complex1((cell, re, im) => {
    each(cell, re, im);
    cell.re *= factor;
    cell.im *= factor;
  });
}

/** The loop that puts a real number made from each element into every element. */
export function realOfComplex(each: (re: number, im: number) => number): Loop1 {
  return (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = each(a[i]!, a[i + 1]!);
  };
}

/** The loop that puts `each(a, b)` into every element. */
export function complex2(each: Complex2): Loop2 {
  const cell: ComplexCell = { re: 0, im: 0 };
  return (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) {
      each(cell, a[i]!, a[i + 1]!, b[j]!, b[j + 1]!);
      out[o] = cell.re;
      out[o + 1] = cell.im;
    }
  };
}

/** The loop that says of each pair of elements whether something holds. */
export function complexTest2(holds: (a: number, b: number, c: number, d: number) => boolean): Loop2 {
  return (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) {
      out[o] = holds(a[i]!, a[i + 1]!, b[j]!, b[j + 1]!) ? 1 : 0;
    }
  };
}

/** The loop that says of each element whether something holds. */
export function complexTest1(holds: (re: number, im: number) => boolean): Loop1 {
  return (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = holds(a[i]!, a[i + 1]!) ? 1 : 0;
  };
}
