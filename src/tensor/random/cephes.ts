/**
 * Box-Muller on 16 float32 numbers at a time, rounded step by step as PyTorch's AVX2 kernel rounds.
 *
 * The logarithm, sine and cosine are the single-precision polynomials of Moshier's Cephes library, as Pommier's
 * `avx_mathfun` arranges them. The compiler that builds PyTorch fuses products with the sums that follow them; which
 * ones it fuses is part of the numbers, so each `fma32` below stands where the machine code has one.
 */

import { fma32 } from "../float32.ts";

const { fround } = Math;
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

const sqrtHalf = fround(Math.SQRT1_2);
const p0 = fround(7.0376836292e-2);
const p1 = fround(-1.151461031e-1);
const p2 = fround(1.167699874e-1);
const p3 = fround(-1.2420140846e-1);
const p4 = fround(1.4249322787e-1);
const p5 = fround(-1.6668057665e-1);
const p6 = fround(2.0000714765e-1);
const p7 = fround(-2.4999993993e-1);
const p8 = fround(3.3333331174e-1);
/** ln 2 = q1 + q2, q2 short enough that its products with exponents are exact. */
const q1 = fround(-2.1219444e-4);
const q2 = fround(0.693359375);

/** The natural logarithm of a float32 number, at least 2^-126. */
function log32(x: number): number {
  float[0] = x;
  const pattern = bits[0]!;
  let e = (pattern >>> 23) - 126;
  bits[0] = (pattern & 0x7fffff) | 0x3f000000;
  let m = float[0];
  if (m < sqrtHalf) {
    e -= 1;
    m = fround(m - 1 + m);
  } else m = fround(m - 1);
  const z = fround(m * m);
  let y = fma32(p0, m, p1);
  y = fma32(y, m, p2);
  y = fma32(y, m, p3);
  y = fma32(y, m, p4);
  y = fma32(y, m, p5);
  y = fma32(y, m, p6);
  y = fma32(y, m, p7);
  y = fma32(y, m, p8);
  y = fround(y * m);
  y = fma32(y, z, fround(e * q1));
  y = fma32(-0.5, z, y);
  return fma32(e, q2, fround(m + y));
}

const fourOverPi = fround(1.27323954473516);
/** -π/4 in three parts. */
const minusDp1 = fround(-0.78515625);
const minusDp2 = fround(-2.4187564849853515625e-4);
const minusDp3 = fround(-3.774894977445941e-8);
const s0 = fround(-1.9515295891e-4);
const s1 = fround(8.3321608736e-3);
const s2 = fround(-1.6666654611e-1);
const c0 = fround(2.443315711809948e-5);
const c1 = fround(-1.388731625493765e-3);
const c2 = fround(4.166664568298827e-2);
const twoPi = fround(2 * Math.PI);

/** Turns `data[start .. start + 16)`, uniforms of [0, 1), into normals: the first eight and the last eight pair up. */
export function transformBlock(data: Float32Array, start: number, mean: number, std: number): void {
  for (let j = start; j < start + 8; j++) {
    const radius = fround(Math.sqrt(fround(-2 * log32(1 - data[j]!))));
    const theta = fround(twoPi * data[j + 8]!);
    const octant = (Math.trunc(fround(theta * fourOverPi)) + 1) & ~1;
    let x = fma32(octant, minusDp1, theta);
    x = fma32(octant, minusDp2, x);
    x = fma32(octant, minusDp3, x);
    const z = fround(x * x);
    let c = fma32(fma32(c0, z, c1), z, c2);
    c = fround(c * z);
    c = fround(fma32(c, z, -fround(z * 0.5)) + 1);
    let s = fma32(fma32(s0, z, s1), z, s2);
    s = fround(s * z);
    s = fma32(s, x, x);
    const isSwapped = (octant & 2) !== 0;
    let sine = isSwapped ? c : s;
    let cosine = isSwapped ? s : c;
    if ((octant & 4) !== 0) sine = -sine;
    if (((octant - 2) & 4) === 0) cosine = -cosine;
    data[j] = fma32(fround(radius * cosine), std, mean);
    data[j + 8] = fma32(fround(radius * sine), std, mean);
  }
}
