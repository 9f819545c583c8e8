/**
 * Pairs: float64 numbers with a correction below their last place, and how tables of them are computed in integers.
 * The elementary functions are computed in pairs so that they can be rounded once.
 */

import { productError, sumError } from "../float64.ts";

/** An unevaluated sum of a number and a correction below half a unit of its last place. */
export interface Pair {
  readonly high: number;
  readonly low: number;
}

/** Bits after the binary point of the integers that the tables are computed with. */
export const fixedBits: number = 200;
/** 1 as a fixed-point number. */
export const one: bigint = 1n << BigInt(fixedBits);

/** The pair nearest to a fixed-point number. */
export function pairOf(fixed: bigint): Pair {
  const high = Number(fixed) * 2 ** -fixedBits;
  return { high, low: Number(fixed - BigInt(high * 2 ** fixedBits)) * 2 ** -fixedBits };
}

/** The fixed-point sum `Σ terms`, where `next(term, k)` makes term k from term k - 1, until a term vanishes. */
export function series(first: bigint, next: (term: bigint, k: bigint) => bigint): bigint {
  let sum = 0n;
  for (let term = first, k = 1n; term !== 0n; term = next(term, k), k++) sum += term;
  return sum;
}

/** `sign * x + x³/3 + sign * x⁵/5 …` of `x = numerator / denominator`: atanh for sign 1, atan for sign -1. */
export function arctangent(numerator: bigint, denominator: bigint, sign: bigint): bigint {
  let sum = 0n;
  let power = (one * numerator) / denominator;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = (sign * power * numerator * numerator) / (denominator * denominator);
  }
  return sum;
}

/** The exact sum of two numbers. */
export function sum(a: number, b: number): Pair {
  const high = a + b;
  return { high, low: sumError(a, b, high) };
}

/** The exact product of two numbers. */
export function product(a: number, b: number): Pair {
  const high = a * b;
  return { high, low: productError(a, b, high) };
}

/** The sum of two pairs. */
export function add(a: Pair, b: Pair): Pair {
  const s = sum(a.high, b.high);
  return sum(s.high, s.low + (a.low + b.low));
}

/** A pair times a number. */
export function scale(a: Pair, factor: number): Pair {
  const p = product(a.high, factor);
  return sum(p.high, p.low + a.low * factor);
}

/** The product of two pairs. */
export function multiply(a: Pair, b: Pair): Pair {
  const p = product(a.high, b.high);
  return sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}
