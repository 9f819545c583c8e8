/**
 * Powers of floats with whole exponents, as the C library of PyTorch's builds rounds them; JavaScript's `**` is one unit
 * of the last place away now and then, which learning rates and bias corrections would show.
 */

import { productError } from "../tensor/float64.ts";

/** Exponents up to here are computed by multiplying; 1e6 steps take 20 multiplications. */
const largestExponent = 2 ** 40;

/**
 * base^exponent. For whole exponents by squaring, with the rounding errors carried along, so that the result is rounded
 * once; for others JavaScript's.
 *
 * @example
 * power(0.1, 2); // 0.010000000000000002
 */
export function power(base: number, exponent: number): number {
  if (!Number.isInteger(exponent) || Math.abs(exponent) > largestExponent) return base ** exponent;
  if (exponent < 0) return base ** exponent;
  // The result is high + low, the factor that is squared square + rest.
  let high = 1;
  let low = 0;
  let square = base;
  let rest = 0;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      const product = high * square;
      low = productError(high, square, product) + (high * rest + low * square);
      high = product + low;
      low -= high - product;
    }
    const product = square * square;
    rest = productError(square, square, product) + 2 * square * rest;
    square = product + rest;
    rest -= square - product;
  }
  // Near the ends of the range the errors are not exact any more.
  return Number.isFinite(high) && Math.abs(high) > 1e-290 && Number.isFinite(square)
    ? high
    : base ** exponent;
}
