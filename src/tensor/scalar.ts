/**
 * Numbers as arguments of ops, with the Python kind that decides about dtypes.
 */

import type { Complex, DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";

/** A Python float, said by hand: `pyFloat(1)` is `1.0`. */
export interface FloatNumber {
  readonly kind: "float";
  readonly value: number;
}

/**
 * A number where PyTorch takes a Python number.
 *
 * A bigint, and a number that is an integer below 2^53, counts as a Python int; every other number, and `pyFloat(1)`,
 * as a Python float; a boolean as a Python bool. It matters only where an integer or bool tensor meets it: `ints.add(1)` stays
 * integer, `ints.add(0.5)` and `ints.add(pyFloat(1))` become float.
 */
export type ScalarArgument = number | bigint | boolean | FloatNumber;

/** A number where PyTorch takes a complex one too: `{ re: 0, im: 1 }` is Python's `1j`. */
export type NumberArgument = ScalarArgument | Complex;

/** Whether a value is a complex number. */
export function isComplexNumber(value: unknown): value is Complex {
  return typeof value === "object" && value !== null && "re" in value && "im" in value;
}

/** Whether a value can stand where PyTorch takes a Python number. */
export function isScalarArgument(value: unknown): value is ScalarArgument {
  const type = typeof value;
  if (type === "number" || type === "bigint" || type === "boolean") return true;
  return type === "object" && value !== null && (value as FloatNumber).kind === "float";
}

/** Whether a value can stand where PyTorch takes a Python number, which may be complex. */
export function isNumberArgument(value: unknown): value is NumberArgument {
  return isScalarArgument(value) || isComplexNumber(value);
}

/** The plain value of a scalar argument. */
export function plainScalar(value: ScalarArgument): number | bigint | boolean {
  return typeof value === "object" ? value.value : value;
}

/**
 * The dtype a Python number has as a tensor when nothing else decides: bool, int64, float64 for "some float", or
 * complex128 for "some complex number".
 */
export function scalarDtype(value: NumberArgument): DType {
  if (isComplexNumber(value)) return dtypes.complex128;
  switch (typeof value) {
    case "boolean":
      return dtypes.bool;
    case "bigint":
      return dtypes.int64;
    case "number":
      return Number.isSafeInteger(value) ? dtypes.int64 : dtypes.float64;
    default:
      return dtypes.float64;
  }
}
