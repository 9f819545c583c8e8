/**
 * The cosine as the C library of PyTorch's builds rounds it; JavaScript's is one unit of the last place away now and
 * then, and a schedule that multiplies on from epoch to epoch would keep that.
 */

import { productError, sumError } from "../tensor/float64.ts";

/** A number as the sum of two, the second below the last place of the first. */
type Pair = readonly [high: number, low: number];

/** π/2 to 107 bits. */
const quarterTurn: Pair = [Math.PI / 2, 6.123233995736766e-17];

function sum(a: Pair, b: Pair): Pair {
  const high = a[0] + b[0];
  const low = sumError(a[0], b[0], high) + (a[1] + b[1]);
  const rounded = high + low;
  return [rounded, low - (rounded - high)];
}

function product(a: Pair, b: Pair): Pair {
  const high = a[0] * b[0];
  const low = productError(a[0], b[0], high) + (a[0] * b[1] + a[1] * b[0]);
  const rounded = high + low;
  return [rounded, low - (rounded - high)];
}

function quotient(a: Pair, divisor: number): Pair {
  const high = a[0] / divisor;
  const whole = high * divisor;
  const rest = a[0] - whole - productError(high, divisor, whole) + a[1];
  const low = rest / divisor;
  const rounded = high + low;
  return [rounded, low - (rounded - high)];
}

/** Σ ±xⁿ/n! over every second n from `first` (0 for the cosine, 1 for the sine); |x| at most π/4. */
function series(x: Pair, first: 0 | 1): number {
  const square = product(x, x);
  let term: Pair = first === 0 ? [1, 0] : x;
  let total = term;
  for (let n = first + 2; n < 28; n += 2) {
    const next = quotient(product(term, square), n * (n - 1));
    term = [-next[0], -next[1]];
    total = sum(total, term);
  }
  return total[0];
}

/**
 * The cosine of an angle in radians, rounded once; angles beyond a million are JavaScript's.
 *
 * @example
 * cosine(Math.PI); // -1
 */
export function cosine(angle: number): number {
  const turns = Math.round(angle / quarterTurn[0]);
  if (!(Math.abs(turns) < 1e6)) return Math.cos(angle);
  const taken = product(quarterTurn, [-turns, 0]);
  const rest = sum([angle, 0], taken);
  // Four quarters make a turn: cos x, -sin x, -cos x, sin x.
  switch (((turns % 4) + 4) % 4) {
    case 0:
      return series(rest, 0);
    case 1:
      return -series(rest, 1);
    case 2:
      return -series(rest, 0);
    default:
      return series(rest, 1);
  }
}
