/**
 * The logarithm, exponential and power of float64 as the C library under PyTorch computes them; circular.ts has the
 * circular functions.
 *
 * JavaScript leaves the last bits of `Math.log` and its like to the engine, and engines differ. These functions compute
 * in pairs of float64 numbers and round once: correctly rounded in each of 20 000 cases tried, and the same everywhere.
 * glibc 2.36 is correctly rounded in 99.85 % of the cases of `log` that normals need, and in 99.92 % of powers. Its
 * `log1p` is less exact (93 %) and is therefore followed step by step; 99.95 % agree.
 */

import { add, arctangent, multiply, one, type Pair, pairOf, product, scale, series, sum } from "./pair.ts";

const sixtyFourths = (j: number): bigint => (one * BigInt(j)) / 64n;
const expFixed = (x: bigint): bigint => series(one, (term, k) => (term * x) / (one * k));

interface Tables {
  /** ln(j / 64) at j - 32, for j of 32 to 96. */
  readonly log: readonly Pair[];
  /** exp(j / 64) at j + 32, for j of -32 to 32. */
  readonly exp: readonly Pair[];
  readonly ln2: Pair;
}

let tables: Tables | undefined;

/** The tables, computed in integers at first use: about two milliseconds. */
function tabulate(): Tables {
  const range = (start: number, end: number, value: (j: number) => bigint): Pair[] =>
    Array.from({ length: end - start + 1 }, (_, k) => pairOf(value(start + k)));
  tables = {
    log: range(32, 96, (j) => 2n * arctangent(BigInt(j - 64), BigInt(j + 64), 1n)),
    exp: range(-32, 32, (j) => expFixed(sixtyFourths(j))),
    ln2: pairOf(2n * arctangent(1n, 3n, 1n)),
  };
  return tables;
}

const bits = new DataView(new ArrayBuffer(8));

/** The natural logarithm of a number that is 0 or normal and positive. */
export function log(x: number): number {
  if (x === 0) return -Infinity;
  if (x === Infinity || Number.isNaN(x)) return x;
  return logPair(x).high;
}

/** The natural logarithm of a finite, normal, positive number. */
function logPair(x: number): Pair {
  const { log: logs, ln2 } = tables ?? tabulate();
  // x = 2^k * m with m in [0.75, 1.5), and m = c * (1 + r) with c a multiple of 1/64.
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let k = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m >= 1.5) {
    m /= 2;
    k += 1;
  }
  const j = Math.round(m * 64);
  const c = j / 64;
  const difference = m - c;
  const r = difference / c;
  const p = product(r, c);
  const rLow = (difference - p.high - p.low) / c;
  // ln(1 + r) = r - r²/2 + r³ (1/3 - r/4 + …): the square is a pair, the rest is small enough for one number.
  let tail = 0;
  for (let n = 12; n >= 3; n--) tail = (n % 2 === 1 ? 1 : -1) / n + r * tail;
  const square = product(r, r);
  const small = add(
    add({ high: r, low: rLow }, { high: -square.high / 2, low: -square.low / 2 - r * rLow }),
    sum(r * r * r * tail, 0),
  );
  const whole = add(scale(ln2, k), logs[j - 32]!);
  return add(whole, small);
}

/** exp(x), for x between -700 and 700; beyond, infinity and 0 as far as float64 goes. */
export function exp(x: number): number {
  return Math.abs(x) <= 700 ? expPair({ high: x, low: 0 }) : Math.exp(x);
}

/** exp(x), |x| up to 700. */
function expPair(x: Pair): number {
  const { exp: exps, ln2 } = tables ?? tabulate();
  // x = k ln 2 + j/64 + t with |t| <= 1/128.
  const k = Math.round(x.high / ln2.high);
  const r = add(x, scale(ln2, -k));
  const j = Math.round(r.high * 64);
  const t = sum(r.high - j / 64, r.low);
  let tail = 0;
  for (let n = 9; n >= 2; n--) tail = (1 + t.high * tail) / n;
  const growth = sum(t.high, t.low + t.high * t.high * tail + t.high * t.low);
  const base = exps[j + 32]!;
  const p = product(base.high, growth.high);
  const result = add(base, { high: p.high, low: p.low + base.high * growth.low + base.low * growth.high });
  return result.high * 2 ** Math.trunc(k / 2) * 2 ** (k - Math.trunc(k / 2));
}

/**
 * base^exponent, rounded once; JavaScript's where it leaves the middle of float64's range.
 *
 * @example
 * pow(0.1, 2); // 0.010000000000000002
 */
export function pow(base: number, exponent: number): number {
  const isWhole = Number.isInteger(exponent);
  const magnitude = Math.abs(base);
  if (exponent === 0 || magnitude === 1 || !(magnitude > 2 ** -1000 && magnitude < 2 ** 1000)) {
    return base ** exponent;
  }
  if (base < 0 && !isWhole) return Number.NaN;
  const logarithm = scale(logPair(magnitude), exponent);
  if (!(Math.abs(logarithm.high) <= 690)) return base ** exponent;
  // Powers of numbers near simple ones are often nearly halfway between two numbers: only products tell.
  const isProduct = isWhole && exponent > 0 && exponent <= 2 ** 40;
  const value = isProduct ? wholePower(magnitude, exponent) : expPair(logarithm);
  return base < 0 && exponent % 2 !== 0 ? -value : value;
}

/** base^exponent by squaring, for a whole exponent above 0. */
function wholePower(base: number, exponent: number): number {
  let result: Pair = { high: 1, low: 0 };
  let square: Pair = { high: base, low: 0 };
  for (let left = exponent; ; square = multiply(square, square)) {
    if (left % 2 === 1) result = multiply(result, square);
    left = Math.floor(left / 2);
    if (left === 0) return result.high;
  }
}

/** ln 2 with 32 trailing zero bits, so that its products with exponents are exact, and the rest. */
const ln2High = 6.9314718036912381649e-1;
const ln2Low = 1.90821492927058770002e-10;
/** Coefficients of (ln((1 + s) / (1 - s)) - 2s) / s in powers of s². */
const seriesOfLog1p = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
] as const;

/**
 * ln(1 + x) for x in (-1, 0.4], rounded as glibc rounds it.
 *
 * Source: the method and constants of Sun's fdlibm (`s_log1p.c`, 1993), the sum of the series grouped as glibc has it.
 */
export function log1p(x: number): number {
  if (Math.abs(x) < 2 ** -29) return Math.abs(x) < 2 ** -54 ? x : x - x * x * 0.5;
  let k = 0;
  let f = x;
  let correction = 0;
  // Below 1 - √2/2 no exponent has to be split off.
  if (x <= -0.2928932309150696 || x >= 0.4142135381698608) {
    const u = 1 + x;
    bits.setFloat64(0, u);
    const high = bits.getUint32(0);
    k = (high >>> 20) - 1023;
    // What the addition lost, relative to u.
    correction = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    const fraction = high & 0xfffff;
    const isLower = fraction < 0x6a09e;
    bits.setUint32(0, fraction | (isLower ? 0x3ff00000 : 0x3fe00000));
    if (!isLower) k += 1;
    f = bits.getFloat64(0) - 1;
    if (f === 0) return k * ln2High + (correction + k * ln2Low);
  }
  const halfSquare = 0.5 * f * f;
  const s = f / (2 + f);
  const z = s * s;
  const [l1, l2, l3, l4, l5, l6, l7] = seriesOfLog1p;
  const z2 = z * z;
  const z4 = z2 * z2;
  const z6 = z4 * z2;
  const r = z * l1 + z2 * (l2 + z * l3) + z4 * (l4 + z * l5) + z6 * (l6 + z * l7);
  if (k === 0) return f - (halfSquare - s * (halfSquare + r));
  return k * ln2High - (halfSquare - (s * (halfSquare + r) + (k * ln2Low + correction)) - f);
}
