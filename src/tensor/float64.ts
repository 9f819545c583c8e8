/** Float64 arithmetic with one rounding where JavaScript has none: the fused multiply-add. */

/** Veltkamp's constant: splits 53 bits into 26 and 27. */
const splitter = 2 ** 27 + 1;

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);
/** Which of the two words has the low bits: the first on every machine that runs JavaScript today, but asked anyway. */
const lowWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/** The rounding error of the product `p = fl(a * b)`, exactly (Dekker); `a` and `b` below 2^996, `p` above 2^-969. */
export function productError(a: number, b: number, p: number): number {
  const scaledA = splitter * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = splitter * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (p - highA * highB - lowA * highB - highA * lowB);
}

/** The rounding error of the sum `s = fl(a + b)`, exactly (Knuth's TwoSum). */
export function sumError(a: number, b: number, s: number): number {
  const shared = s - a;
  return a - (s - shared) + (b - shared);
}

/** `a + b` rounded to odd: an inexact sum with an even last bit moves one unit towards the exact sum. */
function addToOdd(a: number, b: number): number {
  const s = a + b;
  const error = sumError(a, b, s);
  if (error === 0) return s;
  number[0] = s;
  if ((words[lowWord]! & 1) === 1) return s;
  // The bit pattern of a number grows with its magnitude; a last bit of 0 cannot carry, but can borrow.
  if (error > 0 === s > 0) words[lowWord] = words[lowWord]! | 1;
  else {
    if (words[lowWord] === 0) words[1 - lowWord] = words[1 - lowWord]! - 1;
    words[lowWord] = words[lowWord]! - 1;
  }
  return number[0];
}

/** A finite number as `digits * 2^exponent`. */
function integerParts(value: number): { digits: bigint; exponent: number } {
  number[0] = value;
  const high = words[1 - lowWord]!;
  const field = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(words[lowWord]!);
  const magnitude = field === 0 ? fraction : fraction | (1n << 52n);
  return { digits: high >>> 31 === 1 ? -magnitude : magnitude, exponent: Math.max(field, 1) - 1075 };
}

/** The float64 number nearest to `digits * 2^exponent`, ties to even. */
function nearest(digits: bigint, exponent: number): number {
  const magnitude = digits < 0n ? -digits : digits;
  const sign = digits < 0n ? -1 : 1;
  const length = magnitude.toString(2).length;
  // Bits below the last place of the result: 53 significant ones, fewer where the result is subnormal.
  const drop = Math.max(length - 53, -1074 - exponent, 0);
  const kept = magnitude >> BigInt(drop);
  const rest = magnitude - (kept << BigInt(drop));
  const half = drop === 0 ? 0n : 1n << BigInt(drop - 1);
  const up = drop > 0 && (rest > half || (rest === half && (kept & 1n) === 1n));
  const power = exponent + drop;
  const rounded = Number(up ? kept + 1n : kept);
  // In two steps: 2^power alone may be outside the range of float64 where the product is not.
  const first = Math.max(-1000, Math.min(power, 900));
  return sign * rounded * 2 ** first * 2 ** (power - first);
}

/** The fused multiply-add in integers, for operands whose product leaves the range of exact float64 arithmetic. */
function fmaInIntegers(a: number, b: number, c: number): number {
  const left = integerParts(a);
  const right = integerParts(b);
  const added = integerParts(c);
  const exponent = left.exponent + right.exponent;
  const common = Math.min(exponent, added.exponent);
  const sum =
    ((left.digits * right.digits) << BigInt(exponent - common)) +
    (added.digits << BigInt(added.exponent - common));
  // An exact zero takes its sign from the operands; a product that underflows does not get here as zero.
  return sum === 0n ? a * b + c : nearest(sum, common);
}

/** Whether `value` is finite and so far from both ends of the range that the error terms are exact. */
function isModerate(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude < 2 ** 500 && magnitude > 2 ** -450;
}

/**
 * `a * b + c` with a single rounding, as the FMA instruction gives it.
 *
 * Source: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to
 * odd" (IEEE Transactions on Computers, 2008).
 *
 * @example
 * // Rounded twice it would be 0.
 * fma64(0.1, 10, -1); // 5.551115123125783e-17
 */
export function fma64(a: number, b: number, c: number): number {
  if (a === 0 || b === 0 || !Number.isFinite(a) || !Number.isFinite(b) || !Number.isFinite(c))
    return a * b + c;
  if (!isModerate(a) || !isModerate(b) || (c !== 0 && !isModerate(c))) return fmaInIntegers(a, b, c);
  const product = a * b;
  const low = productError(a, b, product);
  const inner = c + low;
  const innerError = sumError(c, low, inner);
  const outer = product + inner;
  const outerError = sumError(product, inner, outer);
  return outer + addToOdd(innerError, outerError);
}
