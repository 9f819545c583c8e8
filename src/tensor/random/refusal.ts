/** PyTorch's refusals of arguments and dtypes by its random kernels. */

import { torchError, type UsageError } from "../../errors.ts";
import type { DType, DTypeName } from "../../dtype.ts";

/** The dtypes with the C++ names that messages about bounds use, and the bounds: lowest and largest value. */
const limits = {
  float64: { cpp: "double", digits: 53, max: Number.MAX_VALUE },
  float32: { cpp: "float", digits: 24, max: (2 - 2 ** -23) * 2 ** 127 },
  float16: { cpp: "c10::Half", digits: 11, max: 65504 },
  bfloat16: { cpp: "c10::BFloat16", digits: 8, max: (2 - 2 ** -7) * 2 ** 127 },
} as const;

/** A float type the random kernels compute with. */
export type RandomFloatName = keyof typeof limits;

/** Digits of the significand, C++ name and largest value of a float dtype; undefined for other dtypes. */
export function floatLimits(dtype: DType): (typeof limits)[RandomFloatName] | undefined {
  return Object.hasOwn(limits, dtype.name) ? limits[dtype.name as RandomFloatName] : undefined;
}

/** A number as C++ streams print it: six significant digits, `%g`. */
export function streamed(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponent] = value.toExponential(5).split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)));
  const sign = power < 0 ? "-" : "+";
  return `${String(Number(mantissa))}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** The error for a dtype a kernel has no code for. */
export function notImplemented(kernel: string, dtype: DType): UsageError {
  return torchError("NotImplementedError", `"${kernel}" not implemented for '${dtype.scalarType}'`);
}

/** Refuses what is no float of 16 to 64 bits, in the words of `kernel`. */
export function requireFloat(kernel: string, dtype: DType): void {
  if (floatLimits(dtype) === undefined) throw notImplemented(kernel, dtype);
}

/** Refuses dtypes other than `names` and the floats, in the words of `kernel`. */
export function requireDtype(kernel: string, dtype: DType, names: ReadonlySet<DTypeName>): void {
  if (!names.has(dtype.name) && floatLimits(dtype) === undefined) throw notImplemented(kernel, dtype);
}

/** Refuses an argument, with PyTorch's text, unless `condition` holds. */
export function check(condition: boolean, message: () => string): void {
  if (!condition) throw torchError("RuntimeError", message());
}
