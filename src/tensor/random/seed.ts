/** Seeds: what counts as one, and PyTorch's refusals. */

import { printable, torchError } from "../../errors.ts";

/** A seed in [-2^63, 2^64). Negative ones count from 2^64 down, as in PyTorch; numbers must be integers to be exact. */
export type Seed = number | bigint;

/** The Python type a user would have written for a value, for messages. */
function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  switch (typeof value) {
    case "number":
      return "float";
    case "string":
      return "str";
    case "object":
      return Array.isArray(value) ? "list" : "dict";
    default:
      return typeof value;
  }
}

/** Python's `int(value)`. */
function toInteger(value: unknown): bigint {
  switch (typeof value) {
    case "bigint":
      return value;
    case "boolean":
      return BigInt(value);
    case "number":
      if (Number.isNaN(value)) throw torchError("ValueError", "cannot convert float NaN to integer");
      if (!Number.isFinite(value)) {
        throw torchError("OverflowError", "cannot convert float infinity to integer");
      }
      return BigInt(Math.trunc(value));
    case "string":
      if (/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) {
        const digits = value.trim().replaceAll("_", "");
        return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits.replace("+", ""));
      }
      throw torchError("ValueError", `invalid literal for int() with base 10: '${printable(value)}'`);
    default:
      throw torchError(
        "TypeError",
        `int() argument must be a string, a bytes-like object or a real number, not '${pythonType(value)}'`,
      );
  }
}

/** The 64 bits of an integer seed. */
function wrap(seed: bigint): bigint {
  if (seed < -(2n ** 63n) || seed >= 2n ** 64n) {
    throw torchError(
      "ValueError",
      "Overflow when unpacking long long",
      "A seed is an integer in [-2**63, 2**64).",
    );
  }
  return BigInt.asUintN(64, seed);
}

/**
 * The 64 bits of what a user gave as a seed to `manualSeed`, which converts it as Python's `int()` does.
 *
 * Throws: `UsageError` (ValueError, TypeError, OverflowError) for what is no number or does not fit 64 bits.
 */
export function coerceSeed(seed: unknown): bigint {
  return wrap(toInteger(seed));
}

/**
 * The 64 bits of a seed given to a generator, which takes integers only.
 *
 * Throws: `UsageError` (RuntimeError) for what is no integer, (ValueError) for what does not fit 64 bits.
 */
export function requireSeed(seed: unknown): bigint {
  if (typeof seed === "bigint") return wrap(seed);
  if (typeof seed === "number" && Number.isInteger(seed)) return wrap(BigInt(seed));
  throw torchError("RuntimeError", `manual_seed expected a long, but got ${pythonType(seed)}`);
}

/** 53 random bits from the platform, as many as PyTorch takes: such a seed is exact in every language. */
export function entropySeed(): bigint {
  const bits = crypto.getRandomValues(new BigUint64Array(1))[0]!;
  return BigInt.asUintN(53, bits);
}
