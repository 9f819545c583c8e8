/**
 * Float32 arithmetic with one rounding, as the vector units PyTorch is compiled for do it.
 *
 * A sum, difference, product, quotient or square root of float32 numbers computed in float64 and rounded by
 * `Math.fround` is already right. The fused multiply-add is the one operation where that rounds twice.
 */

import { sumError } from "./float64.ts";

/**
 * Rounds `s = fl(p + c)`, which lies halfway between two float32 numbers, to the one on the side of the exact sum.
 * Both factors move `s` by one or two units of float64's last place, far from the next halfway point.
 */
function roundHalfway(p: number, c: number, s: number): number {
  const error = sumError(p, c, s);
  if (error === 0) return Math.fround(s);
  const away = error > 0 === s > 0;
  return Math.fround(s * (away ? 1 + 2 ** -52 : 1 - 2 ** -53));
}

/**
 * `a * b + c` of float32 numbers with a single rounding to float32, as the FMA instruction gives it.
 *
 * The product of two float32 numbers is exact in float64, so the sum is rounded to float64 and then to float32. The
 * second rounding errs only where the first one produced a halfway point that the exact sum is not.
 *
 * @example
 * // Rounded twice it would be 0.
 * fma32(Math.fround(0.1), 3, Math.fround(-0.3)); // -7.450580596923828e-9
 */
export function fma32(a: number, b: number, c: number): number {
  const p = a * b;
  const s = p + c;
  const rounded = Math.fround(s);
  const rest = s - rounded;
  // `s + rest` is the float32 neighbour on the other side exactly when `s` is halfway; an overflow passes too.
  if (rest === 0 || Math.fround(s + rest) !== s + rest) return rounded;
  return roundHalfway(p, c, s);
}

/**
 * Adds `a · b[k]` to each `c[k]`, as `fma32` does it one by one, in a loop that calls nothing unless a sum lies halfway.
 */
export function addProducts32(c: Float32Array, a: number, b: Float32Array): void {
  for (let k = 0; k < c.length; k++) {
    const p = a * b[k]!;
    const s = p + c[k]!;
    const rounded = Math.fround(s);
    const rest = s - rounded;
    c[k] = rest === 0 || Math.fround(s + rest) !== s + rest ? rounded : roundHalfway(p, c[k]!, s);
  }
}
