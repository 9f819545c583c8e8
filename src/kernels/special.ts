/**
 * Special functions of one number in float64, to about 15 digits, with PyTorch's values at the ends of their domains.
 */

/**
 * Chebyshev coefficients of e^(x²)·erfc(x)·(1 + 2x) in (x − 3.75)/(x + 3.75), for x ≥ 0; computed with 40 digits.
 * The form is that of Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x)exp(x²)erfc x" (Mathematics of
 * Computation 36, 1981).
 */
const scaledErfc: readonly number[] = [
  1.1775789345674017, -0.004590054580646478, -0.08424913336651792, 0.05920993999819189, -0.026658668435305753,
  0.009074997670705265, -0.002413163540417608, 0.0004907758365258086, -6.916973302501207e-5,
  4.13902798607301e-6, 7.74038306619849e-7, -2.1886401049234397e-7, 1.076499946567091e-8,
  4.521959811218287e-9, -7.754400208831351e-10, -6.318088340886684e-11, 2.86879501093067e-11,
  1.9455868545777347e-13, -9.65469674843344e-13, 3.25254814814874e-14, 3.3478119482868056e-14,
  -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17, 5.068148904796111e-17,
];

/** erfc of x ≥ 0. */
function erfcOfPositive(x: number): number {
  if (x > 27) return 0;
  const y = (x - 3.75) / (x + 3.75);
  // Clenshaw's recurrence.
  let above = 0;
  let at = 0;
  for (let k = scaledErfc.length - 1; k > 0; k--) {
    const below = 2 * y * at - above + scaledErfc[k]!;
    above = at;
    at = below;
  }
  return ((y * at - above + scaledErfc[0]!) / (1 + 2 * x)) * Math.exp(-x * x);
}

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** The error function. */
export function erfOf(x: number): number {
  const size = Math.abs(x);
  if (size > 0.5) return x > 0 ? 1 - erfcOfPositive(x) : x < 0 ? erfcOfPositive(-x) - 1 : NaN;
  if (!(size <= 0.5)) return NaN;
  // Σ (−1)ⁿ x²ⁿ⁺¹ / (n!·(2n + 1)), fast for small x.
  const square = x * x;
  let power = x;
  let sum = x;
  for (let n = 1; n < 13; n++) {
    power *= -square / n;
    sum += power / (2 * n + 1);
  }
  return sum * twoOverRootPi;
}

/** 1 − erf x without cancellation. */
export function erfcOf(x: number): number {
  if (x >= 0.5) return erfcOfPositive(x);
  return x < -0.5 ? 2 - erfcOfPositive(-x) : 1 - erfOf(x);
}

/** The inverse of the error function: infinite at ±1, NaN beyond. */
export function erfinvOf(y: number): number {
  const size = Math.abs(y);
  if (size >= 1) return size === 1 ? y * Infinity : NaN;
  // Winitzki's approximation, then Halley's method on erfc, which keeps its digits near ±1.
  const a = 0.147;
  const logarithm = Math.log1p(-y * y);
  const half = 2 / (Math.PI * a) + logarithm / 2;
  let x = Math.sqrt(Math.sqrt(half * half - logarithm / a) - half);
  for (let round = 0; round < 3; round++) {
    const error = size < 0.5 ? erfOf(x) - size : 1 - size - erfcOf(x);
    const step = error / (twoOverRootPi * Math.exp(-x * x));
    x -= step / (1 + x * step);
  }
  return y < 0 ? -x : x;
}

/** ln Γ(x) of x ≥ 8 by Stirling's series. */
function stirling(x: number): number {
  const w = 1 / (x * x);
  const series =
    (1 / 12 -
      w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * (691 / 360_360 - w / 156)))))) /
    x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** ln |Γ(x)|, infinite at 0 and the negative integers. */
export function lgammaOf(x: number): number {
  if (x !== x) return NaN;
  if (!Number.isFinite(x)) return Infinity;
  if (x <= 0) {
    if (Number.isInteger(x)) return Infinity;
    // Γ(x)·Γ(1 − x) = π/sin πx
    return Math.log(Math.PI / Math.abs(sinOfPi(x))) - lgammaOf(1 - x);
  }
  if (x === 1 || x === 2) return 0;
  let product = 1;
  let shifted = x;
  for (; shifted < 8; shifted++) product *= shifted;
  return stirling(shifted) - Math.log(product);
}

/** sin πx without the error of a large πx. */
function sinOfPi(x: number): number {
  const rest = x - 2 * Math.round(x / 2);
  return Math.sin(Math.PI * rest);
}

/** The derivative of ln Γ: infinite at 0, NaN at the negative integers. */
export function digammaOf(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Infinity : -Infinity;
  if (x < 0) {
    if (Number.isInteger(x) || x === -Infinity) return NaN;
    // ψ(1 − x) − ψ(x) = π·cot πx; the rest of x keeps the digits of the tangent.
    const rest = x - Math.round(x);
    return digammaOf(1 - x) - Math.PI / Math.tan(Math.PI * rest);
  }
  let sum = 0;
  let shifted = x;
  for (; shifted < 10; shifted++) sum -= 1 / shifted;
  const w = 1 / (shifted * shifted);
  const series =
    w *
    (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - w * (691 / 32_760 - w / 12))))));
  return sum + Math.log(shifted) - 0.5 / shifted - series;
}

/** Bernoulli numbers B₂, B₄, … over the factorials (2k)!, for the Euler-Maclaurin formula. */
const bernoulliOverFactorial: readonly number[] = [
  1 / 12,
  -1 / 720,
  1 / 30_240,
  -1 / 1_209_600,
  1 / 47_900_160,
  -691 / 1_307_674_368_000,
  1 / 74_724_249_600,
  -3617 / 10_670_622_842_880_000,
];

/** Hurwitz's ζ(s, q) = Σ (q + k)⁻ˢ for an integer s > 1: ten terms, then the Euler-Maclaurin formula. */
function hurwitz(s: number, q: number): number {
  if (q <= 0 && Number.isInteger(q)) return Infinity;
  let sum = 0;
  let at = q;
  for (let k = 0; k < 10 || at < 10; k++, at++) sum += at ** -s;
  sum += at ** (1 - s) / (s - 1) + 0.5 * at ** -s;
  let factor = s;
  let power = at ** (-s - 1);
  for (let k = 0; k < bernoulliOverFactorial.length; k++) {
    sum += bernoulliOverFactorial[k]! * factor * power;
    factor *= (s + 2 * k + 1) * (s + 2 * k + 2);
    power /= at * at;
  }
  return sum;
}

/** The n-th derivative of `digammaOf`. */
export function polygammaOf(n: number, x: number): number {
  if (n === 0) return digammaOf(x);
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  return (n % 2 === 0 ? -1 : 1) * factorial * hurwitz(n + 1, x);
}

/** ln(eˣ + eʸ); equal infinities give themselves. */
export function logAddExp(x: number, y: number): number {
  if (x === y) return x + Math.LN2;
  const difference = -Math.abs(x - y);
  return Math.max(x, y) + Math.log1p(Math.exp(difference));
}

/** sin(πx)/(πx), and 1 at 0. */
export function sincOf(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The nearest integer; halves go to the even one. */
export function roundHalfEven(x: number): number {
  // From 2^52 on, and for zeros, infinities and NaN, a number is its own nearest integer.
  if (!(Math.abs(x) < 2 ** 52) || x === 0) return x;
  return x < 0 ? -(2 ** 52 - x - 2 ** 52) : x + 2 ** 52 - 2 ** 52;
}

/** C's `pow`: 1 to any power is 1, and so are −1 to infinite ones, where JavaScript says NaN. */
export function powOf(x: number, y: number): number {
  return x === 1 || (x === -1 && !Number.isFinite(y) && y === y) ? 1 : x ** y;
}

/** An integer power modulo 2³²; a negative exponent gives what the truncated quotient is. */
export function intPow32(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  let square = x | 0;
  for (let rest = y; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}

/** An integer power modulo 2⁶⁴. */
export function intPow64(x: bigint, y: bigint): bigint {
  if (y < 0n) return x === 1n ? 1n : x === -1n ? (y % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  let square = x;
  for (let rest = y; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

/** The remainder with the divisor's sign, as Python's `%`. */
export function remainderOf(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/**
 * The quotient rounded down, by way of the exact remainder, as Python's `//`. `round` rounds to the dtype: float32 does
 * each step in its own precision.
 */
export function floorQuotient(x: number, y: number, round: (value: number) => number): number {
  if (y === 0) return x / y;
  const rest = x % y;
  let quotient = round(round(x - rest) / y);
  if (rest !== 0 && rest < 0 !== y < 0) quotient = round(quotient - 1);
  if (quotient === 0) return x < 0 === y < 0 ? 0 : -0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}
