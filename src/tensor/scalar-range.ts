/**
 * Whether a number fits a dtype: the check PyTorch makes before it fills a tensor with a Python number.
 */

import type { Complex, DType, DTypeName, Scalar } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { NumberArgument } from "./scalar.ts";
import { isComplexNumber, plainScalar } from "./scalar.ts";

/** A dtype's C++ name in the message, and its largest value; of floats the largest finite one. */
interface Range {
  readonly cpp: string;
  readonly min: bigint | number;
  readonly max: bigint | number;
}

function signed(cpp: string, bits: number): Range {
  return { cpp, min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n };
}

function unsigned(cpp: string, bits: number): Range {
  return { cpp, min: 0n, max: 2n ** BigInt(bits) - 1n };
}

function float(cpp: string, max: number): Range {
  return { cpp, min: -max, max };
}

const ranges: Partial<Record<DTypeName, Range>> = {
  uint8: unsigned("uint8_t", 8),
  uint16: unsigned("uint16_t", 16),
  uint32: unsigned("uint32_t", 32),
  uint64: unsigned("uint64_t", 64),
  int8: signed("int8_t", 8),
  int16: signed("int16_t", 16),
  int32: signed("int", 32),
  int64: signed("int64_t", 64),
  float16: float("c10::Half", 65504),
  bfloat16: float("c10::BFloat16", (2 - 2 ** -7) * 2 ** 127),
  float32: float("float", (2 - 2 ** -23) * 2 ** 127),
  float8_e4m3fn: float("c10::Float8_e4m3fn", 448),
  float8_e5m2: float("c10::Float8_e5m2", 57344),
  float8_e4m3fnuz: float("c10::Float8_e4m3fnuz", 240),
  float8_e5m2fnuz: float("c10::Float8_e5m2fnuz", 57344),
};

function fits(value: number | bigint, { min, max }: Range, isFloat: boolean): boolean {
  if (Number.isNaN(value)) return isFloat;
  if (isFloat && (value === Infinity || value === -Infinity)) return true;
  if (value > max) return false;
  if (value >= min) return true;
  // Negative integers, though not floats, wrap into unsigned dtypes as far as their magnitude fits.
  const isInteger = typeof value === "bigint" || Number.isSafeInteger(value);
  return min === 0n && isInteger && -value <= max;
}

/**
 * A number argument as a value that fits `dtype`.
 *
 * Throws: PyTorch's RuntimeError where it does not. Bool takes everything.
 *
 * @example
 * checkedScalar(200, dtypes.uint8); // 200
 */
export function checkedScalar(value: NumberArgument, dtype: DType): Scalar {
  if (isComplexNumber(value)) return complexScalar(value, dtype);
  const plain = plainScalar(value);
  const range = ranges[dtype.name];
  if (range === undefined || typeof plain === "boolean") return plain;
  if (fits(plain, range, dtype.kind === "float")) return plain;
  throw torchError("RuntimeError", `value cannot be converted to type ${range.cpp} without overflow`);
}

/** A complex number fits complex dtypes, and others where its imaginary part is 0. */
function complexScalar(value: Complex, dtype: DType): Scalar {
  if (dtype.kind === "complex" || value.im === 0) return value;
  const cpp = dtype === dtypes.float64 ? "double" : (ranges[dtype.name]?.cpp ?? dtype.name);
  throw torchError("RuntimeError", `value cannot be converted to type ${cpp} without overflow`);
}

/**
 * The same for numbers in lists that `tensor` is given, where only integers are checked: floats become infinite.
 *
 * Throws: PyTorch's RuntimeError, which names the dtype as Python does.
 */
export function checkedElement(value: NumberArgument, dtype: DType): Scalar {
  if (isComplexNumber(value)) return complexScalar(value, dtype);
  const plain = plainScalar(value);
  if (typeof plain === "boolean") return plain;
  const range = ranges[dtype.name];
  if (range === undefined || dtype.kind === "float" || fits(plain, range, false)) return plain;
  throw torchError("RuntimeError", `value cannot be converted to type ${dtype.name} without overflow`);
}
