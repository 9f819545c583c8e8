/**
 * The logarithm, exponential and circular functions of float64 as the C library under PyTorch computes them.
 *
 * JavaScript leaves the last bits of `Math.log` and its like to the engine, and engines differ. These functions compute
 * in pairs of float64 numbers and round once: correctly rounded in each of 20 000 cases tried, and the same everywhere.
 * glibc 2.36 is correctly rounded in 99.85 % of the cases of `log`, `sin` and `cos` that normals need. Its `log1p` is
 * less exact (93 %) and is therefore followed step by step; 99.95 % agree.
 */

import { productError, sumError } from "../float64.ts";

/** An unevaluated sum of a number and a correction below half a unit of its last place. */
interface Pair {
  readonly high: number;
  readonly low: number;
}

/** Bits after the binary point of the integers that the tables are computed with. */
const fixedBits = 200;
const one = 1n << BigInt(fixedBits);

/** The pair nearest to a fixed-point number. */
function pairOf(fixed: bigint): Pair {
  const high = Number(fixed) * 2 ** -fixedBits;
  return { high, low: Number(fixed - BigInt(high * 2 ** fixedBits)) * 2 ** -fixedBits };
}

/** The fixed-point sum `Σ terms`, where `next(term, k)` makes term k from term k - 1, until a term vanishes. */
function series(first: bigint, next: (term: bigint, k: bigint) => bigint): bigint {
  let sum = 0n;
  for (let term = first, k = 1n; term !== 0n; term = next(term, k), k++) sum += term;
  return sum;
}

/** `sign * x + x³/3 + sign * x⁵/5 …` of `x = numerator / denominator`: atanh for sign 1, atan for sign -1. */
function arctangent(numerator: bigint, denominator: bigint, sign: bigint): bigint {
  let sum = 0n;
  let power = (one * numerator) / denominator;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = (sign * power * numerator * numerator) / (denominator * denominator);
  }
  return sum;
}

const sixtyFourths = (j: number): bigint => (one * BigInt(j)) / 64n;
const sinFixed = (x: bigint): bigint =>
  series(x, (term, k) => (-term * x * x) / (one * one * 2n * k * (2n * k + 1n)));
const cosFixed = (x: bigint): bigint =>
  series(one, (term, k) => (-term * x * x) / (one * one * (2n * k - 1n) * 2n * k));
const expFixed = (x: bigint): bigint => series(one, (term, k) => (term * x) / (one * k));

interface Tables {
  /** ln(j / 64) at j - 32, for j of 32 to 96. */
  readonly log: readonly Pair[];
  /** sin(j / 64) at j, for j of 0 to 64. */
  readonly sin: readonly Pair[];
  /** cos(j / 64) at j, for j of 0 to 64. */
  readonly cos: readonly Pair[];
  /** exp(j / 64) at j + 32, for j of -32 to 32. */
  readonly exp: readonly Pair[];
  readonly ln2: Pair;
  /** π/2 as a number of 33 bits, whose products with small integers are exact, and the rest. */
  readonly quarterTurn: { readonly first: number; readonly rest: Pair };
}

let tables: Tables | undefined;

/** The tables, computed in integers at first use: about two milliseconds. */
function tabulate(): Tables {
  const halfPi = 8n * arctangent(1n, 5n, -1n) - 2n * arctangent(1n, 239n, -1n);
  const first = Number(halfPi >> BigInt(fixedBits - 32)) * 2 ** -32;
  const range = (start: number, end: number, value: (j: number) => bigint): Pair[] =>
    Array.from({ length: end - start + 1 }, (_, k) => pairOf(value(start + k)));
  tables = {
    log: range(32, 96, (j) => 2n * arctangent(BigInt(j - 64), BigInt(j + 64), 1n)),
    sin: range(0, 64, (j) => sinFixed(sixtyFourths(j))),
    cos: range(0, 64, (j) => cosFixed(sixtyFourths(j))),
    exp: range(-32, 32, (j) => expFixed(sixtyFourths(j))),
    ln2: pairOf(2n * arctangent(1n, 3n, 1n)),
    quarterTurn: { first, rest: pairOf(halfPi - BigInt(first * 2 ** 32) * (one >> 32n)) },
  };
  return tables;
}

function sum(a: number, b: number): Pair {
  const high = a + b;
  return { high, low: sumError(a, b, high) };
}

function product(a: number, b: number): Pair {
  const high = a * b;
  return { high, low: productError(a, b, high) };
}

function add(a: Pair, b: Pair): Pair {
  const s = sum(a.high, b.high);
  return sum(s.high, s.low + (a.low + b.low));
}

function scale(a: Pair, factor: number): Pair {
  const p = product(a.high, factor);
  return sum(p.high, p.low + a.low * factor);
}

const bits = new DataView(new ArrayBuffer(8));

/** The natural logarithm of a number that is 0 or normal and positive. */
export function log(x: number): number {
  if (x === 0) return -Infinity;
  if (x === Infinity || Number.isNaN(x)) return x;
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
  return add(whole, small).high;
}

/** exp(x), for x between -700 and 700; beyond, infinity and 0 as far as float64 goes. */
export function exp(x: number): number {
  if (!(Math.abs(x) <= 700)) return Math.exp(x);
  const { exp: exps, ln2 } = tables ?? tabulate();
  // x = k ln 2 + j/64 + t with |t| <= 1/128.
  const k = Math.round(x / ln2.high);
  const r = add({ high: x, low: 0 }, scale(ln2, -k));
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

/** Sine and cosine of `x` as pairs, for |x| below 2^16. */
function circular(x: number): { sin: Pair; cos: Pair } {
  const { sin: sines, cos: cosines, quarterTurn } = tables ?? tabulate();
  // x = n π/2 + y with |y| <= π/4, and |y| = j/64 + t with |t| <= 1/128.
  const n = Math.round(x / (quarterTurn.first + quarterTurn.rest.high));
  const near = sum(x, -n * quarterTurn.first);
  let y = add(near, scale(quarterTurn.rest, -n));
  const negative = y.high < 0;
  if (negative) y = { high: -y.high, low: -y.low };
  const j = Math.round(y.high * 64);
  const t = sum(y.high - j / 64, y.low);
  const h = t.high;
  const z = h * h;
  // sin t = t - t³/6 + …, cos t - 1 = -t²/2 + …: what follows the first term fits one number.
  const sine = sum(h, t.low + h * z * (-1 / 6 + z * (1 / 120 + z * (-1 / 5040 + z / 362880))));
  const drop = z * (-1 / 2 + z * (1 / 24 + z * (-1 / 720 + z / 40320))) - h * t.low;
  const s = sines[j]!;
  const c = cosines[j]!;
  const turned = (base: Pair, factor: Pair, slope: number): Pair => {
    const p = product(factor.high, slope * sine.high);
    const rest = p.low + slope * (factor.high * sine.low + factor.low * sine.high) + base.high * drop;
    return add(base, { high: p.high, low: rest });
  };
  const sinY = turned(s, c, 1);
  const cosY = turned(c, s, -1);
  const signed = negative ? { high: -sinY.high, low: -sinY.low } : sinY;
  const minus = (a: Pair): Pair => ({ high: -a.high, low: -a.low });
  switch (n & 3) {
    case 0:
      return { sin: signed, cos: cosY };
    case 1:
      return { sin: cosY, cos: minus(signed) };
    case 2:
      return { sin: minus(signed), cos: minus(cosY) };
    default:
      return { sin: minus(cosY), cos: signed };
  }
}

/** The sine and cosine of an angle in radians, |angle| below 2^16. */
export function sinCos(angle: number): { readonly sin: number; readonly cos: number } {
  const { sin, cos } = circular(angle);
  return { sin: sin.high, cos: cos.high };
}

/** The tangent of an angle in radians, |angle| below 2^16. */
export function tan(angle: number): number {
  const { sin, cos } = circular(angle);
  const quotient = sin.high / cos.high;
  const p = product(quotient, cos.high);
  return quotient + (sin.high - p.high - p.low + sin.low - quotient * cos.low) / cos.high;
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
