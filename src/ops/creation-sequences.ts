/**
 * Tensors that count: `arange`, `linspace`, `logspace`, `eye`, and the indices of triangles.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "../small-float.ts";
import { torchError } from "../errors.ts";
import { checkLengths, toSize } from "../shape.ts";
import { convertInto } from "../tensor/elements.ts";
import { fma64 } from "../tensor/float64.ts";
import { fma32 } from "../tensor/float32.ts";
import { defaultDtype } from "../tensor/promotion.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { isScalarArgument, plainScalar, scalarDtype } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import type { CreationOptions } from "./creation-options.ts";
import { dtypeOf, finished } from "./creation-options.ts";

/** Options of `arange`. */
export interface ArangeOptions extends CreationOptions {
  /** The distance of neighbours; default 1. */
  readonly step?: ScalarArgument;
}

/** The dtypes a counting kernel computes: floats and integers that PyTorch implements it for. */
function requireCountable(kernel: string, dtype: DType): void {
  const isPlain = dtype.kind === "float" || dtype.kind === "int" || dtype.kind === "uint";
  const isWide = dtype.bits >= 16 || dtype === dtypes.int8 || dtype === dtypes.uint8;
  if (!isPlain || !isWide) {
    throw torchError("NotImplementedError", `"${kernel}" not implemented for '${dtype.scalarType}'`);
  }
}

function isFraction(value: ScalarArgument): boolean {
  return scalarDtype(value).kind === "float";
}

/** A scalar argument as C++ streams print it where `arange` refuses it. */
function bound(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
}

/**
 * The numbers from `start` (default 0) up to but without `end`, `step` (default 1) apart. int64, or the default float
 * dtype if one of the numbers is a float.
 *
 * Throws: PyTorch's RuntimeErrors for a step of 0 or away from `end`, and for bounds that are not finite.
 *
 * @example
 * arange(5); // tensor([0, 1, 2, 3, 4])
 * arange(1, 2, 0.5); // tensor([1.0000, 1.5000])
 */
export function arange(end: ScalarArgument, options?: ArangeOptions): Tensor;
export function arange(start: ScalarArgument, end: ScalarArgument, options?: ArangeOptions): Tensor;
export function arange(
  start: ScalarArgument,
  end: ScalarArgument,
  step: ScalarArgument,
  options?: CreationOptions,
): Tensor;
export function arange(...args: (ScalarArgument | ArangeOptions | undefined)[]): Tensor {
  const numbers = args.filter(isScalarArgument);
  const others = args.filter((argument) => argument !== undefined && !isScalarArgument(argument));
  const options = (others[0] ?? {}) as ArangeOptions;
  if (numbers.length === 0 || others.length > 1 || typeof options !== "object") {
    const [found] = others;
    if (found === undefined) {
      throw torchError("TypeError", "arange() received an invalid combination of arguments - got ()");
    }
    const name = numbers.length === 0 ? "end" : "step";
    throw torchError(
      "TypeError",
      `arange(): argument '${name}' (position ${numbers.length + 1}) must be Number, not ${pythonTypeName(found)}`,
    );
  }
  const [start, end] = numbers.length === 1 ? [0, numbers[0]!] : [numbers[0]!, numbers[1]!];
  const step = numbers[2] ?? options.step ?? 1;
  const natural = [start, end, step].some(isFraction) ? defaultDtype() : dtypes.int64;
  const dtype = options.dtype === undefined ? natural : toDtype(options.dtype);
  requireCountable("arange_cpu", dtype);
  const length = countSteps(dtype, start, end, step);
  checkLengths([length]);
  const made = newTensor(dtype, toSize([length]), options.device);
  if (made.device === "cpu") count(made, start, step);
  return finished(made, options);
}

function countSteps(dtype: DType, from: ScalarArgument, to: ScalarArgument, by: ScalarArgument): number {
  const [start, end, step] = [from, to, by].map((value) => Number(plainScalar(value))) as [
    number,
    number,
    number,
  ];
  const truncates = dtype.kind !== "float";
  if (step === 0) throw torchError("RuntimeError", "step must be nonzero");
  if (dtype === dtypes.int64 && Math.trunc(step) === 0)
    throw torchError("ValueError", "step must be nonzero");
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw torchError("RuntimeError", `unsupported range: ${bound(start)} -> ${bound(end)}`);
  }
  if (step > 0 ? end < start : end > start) {
    throw torchError("RuntimeError", "upper bound and lower bound inconsistent with step sign");
  }
  const values = [from, to, by].map(plainScalar);
  const length =
    truncates && dtype === dtypes.int64
      ? Math.ceil((Math.trunc(end) - Math.trunc(start)) / Math.trunc(step))
      : Math.ceil((end - start) / step);
  const isBeyond = values.some((value) => Math.abs(Number(value)) >= 2 ** 63) && dtype === dtypes.int64;
  if (!(length < 2 ** 63) || isBeyond) throw torchError("RuntimeError", "invalid size, possible overflow?");
  return length;
}

/** How many elements an AVX2 register of PyTorch's kernels holds; of half types twice as many as of float32. */
function lanesOf(dtype: DType): number {
  return 256 / dtype.bits;
}

/** Rounds to a float dtype. */
function rounding(dtype: DType): (value: number) => number {
  switch (dtype) {
    case dtypes.float64:
      return (value) => value;
    case dtypes.float32:
      return Math.fround;
    case dtypes.bfloat16:
      return (value) => decodeBfloat16(encodeBfloat16(value));
    default:
      return (value) => decodeHalf(encodeHalf(value));
  }
}

/**
 * `start + k · step` for each k, rounded as PyTorch's AVX2 kernel does it: pairs of registers are filled lane by lane
 * from their rounded first element, what remains is computed singly, all in fused float64 arithmetic;
 * half types take start and step in float32.
 */
function count(out: Tensor, start: ScalarArgument, step: ScalarArgument): void {
  const { dtype, count: length } = out;
  if (dtype.kind !== "float") {
    countIntegers(out, start, step);
    return;
  }
  const single = dtype.bits === 16 ? Math.fround : (value: number): number => value;
  const [from, by] = [single(Number(plainScalar(start))), single(Number(plainScalar(step)))];
  const round = rounding(dtype);
  const lanes = lanesOf(dtype);
  const values = new Float64Array(length);
  const whole = length - (length % (2 * lanes));
  for (let k = 0; k < whole; k += lanes) {
    const base = round(fma64(by, k, from));
    for (let lane = 0; lane < lanes; lane++) values[k + lane] = fma64(lane, by, base);
  }
  for (let k = whole; k < length; k++) values[k] = fma64(by, k, from);
  convertInto(values, dtypes.float64, out.items, dtype, length);
}

function countIntegers(out: Tensor, start: ScalarArgument, step: ScalarArgument): void {
  const wide = out.dtype.bits === 64 ? (out.items as BigInt64Array) : null;
  let value = toBigInt(start);
  const by = toBigInt(step);
  const last = value + by * BigInt(out.count);
  if (wide === null) {
    const items = out.items as Int32Array;
    const [from, each] = [Number(value), Number(by)];
    for (let k = 0; k < out.count; k++) items[k] = from + k * each;
  } else if (isWord(value) && isWord(last)) {
    // As two words, which spares a bigint for every element.
    const words = new Int32Array(wide.buffer, wide.byteOffset, 2 * wide.length);
    const [from, each] = [Number(value), Number(by)];
    for (let k = 0; k < out.count; k++) {
      const low = from + k * each;
      words[2 * k] = low;
      words[2 * k + 1] = low < 0 ? -1 : 0;
    }
  } else {
    for (let k = 0; k < out.count; k++, value += by) wide[k] = value;
  }
}

function isWord(value: bigint): boolean {
  return value >= -(2n ** 31n) && value < 2n ** 31n;
}

function toBigInt(value: ScalarArgument): bigint {
  const plain = plainScalar(value);
  return typeof plain === "bigint" ? plain : BigInt(Math.trunc(Number(plain)));
}

function requireSteps(name: string, steps: number): void {
  if (!Number.isInteger(steps)) {
    throw torchError("TypeError", `${name}(): argument 'steps' must be int, not ${pythonTypeName(steps)}`);
  }
  if (steps < 0) throw torchError("RuntimeError", "number of steps must be non-negative");
  checkLengths([steps]);
}

/**
 * `steps` numbers from `start` to `end`, both included, evenly spread.
 *
 * Throws: PyTorch's RuntimeError for a negative number of steps.
 *
 * @example
 * linspace(0, 1, 5); // tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
 */
export function linspace(
  start: ScalarArgument,
  end: ScalarArgument,
  steps: number,
  options: CreationOptions = {},
): Tensor {
  requireSteps("linspace", steps);
  const dtype = dtypeOf(options);
  if (steps > 1) requireCountable("linspace_cpu", dtype);
  const made = newTensor(dtype, toSize([steps]), options.device);
  if (made.device === "meta") return finished(made, options);
  const isFloat = dtype.kind === "float";
  const [from, to] = [start, end].map((value) =>
    Number(isFloat ? plainScalar(value) : wrapped(value, dtype)),
  );
  const values = spread(from!, to!, steps, isFloat ? dtype : dtypes.float64);
  convertInto(values, dtypes.float64, made.items, dtype, steps);
  return finished(made, options);
}

/** A bound of an integer dtype: truncated, and wrapped where the dtype has no sign. */
function wrapped(value: ScalarArgument, dtype: DType): number {
  const integer = Math.trunc(Number(checkedScalar(value, dtype)));
  return integer < 0 && dtype.kind === "uint" ? integer + 2 ** dtype.bits : integer;
}

/**
 * Counts from the start up in the first half and from the end down in the second, in the dtype's own arithmetic: fused
 * for float64 and float32; half types round every step, the number of steps too.
 */
function spread(start: number, end: number, length: number, dtype: DType): Float64Array {
  const values = new Float64Array(length);
  const round = rounding(dtype);
  const [from, to] = [round(start), round(end)];
  const steps = dtype.bits === 16 ? round(length - 1) : length - 1;
  const step = length === 1 ? 0 : round(round(to - from) / steps);
  const half = Math.floor(length / 2);
  for (let k = 0; k < length; k++) {
    const isUp = k < half || length === 1;
    const [base, by, count] = isUp ? [from, step, k] : [to, -step, length - k - 1];
    if (dtype === dtypes.float64) values[k] = fma64(by, count, base);
    else if (dtype === dtypes.float32) values[k] = fma32(by, count, base);
    else values[k] = base + round(by * round(count));
  }
  return values;
}

/** Options of `logspace`. */
export interface LogspaceOptions extends CreationOptions {
  /** What is raised to the powers; default 10. */
  readonly base?: number;
}

/**
 * `steps` numbers from `base^start` to `base^end`, whose logarithms are evenly spread.
 *
 * Throws: as `linspace`.
 */
export function logspace(
  start: ScalarArgument,
  end: ScalarArgument,
  steps: number,
  options: LogspaceOptions = {},
): Tensor {
  requireSteps("logspace", steps);
  const dtype = dtypeOf(options);
  if (steps > 1) requireCountable("logspace_cpu", dtype);
  const made = newTensor(dtype, toSize([steps]), options.device);
  if (made.device === "meta") return finished(made, options);
  const base = options.base ?? 10;
  const isFloat = dtype.kind === "float";
  const [from, to] = [start, end].map((value) =>
    Number(isFloat ? plainScalar(value) : wrapped(value, dtype)),
  );
  const powers = spread(from!, to!, steps, isFloat ? dtype : dtypes.float64);
  for (let k = 0; k < steps; k++) powers[k] = base ** powers[k]!;
  convertInto(powers, dtypes.float64, made.items, dtype, steps);
  return finished(made, options);
}

/**
 * The identity matrix of `n` rows and `m` (default `n`) columns.
 *
 * Throws: PyTorch's RuntimeErrors for negative lengths.
 */
export function eye(n: number, m?: number | CreationOptions, options?: CreationOptions): Tensor {
  const columns = typeof m === "number" ? m : n;
  const settings = (typeof m === "number" ? options : (m ?? options)) ?? {};
  for (const [name, length] of [
    ["n", n],
    ["m", columns],
  ] as const) {
    if (!Number.isInteger(length)) {
      throw torchError(
        "TypeError",
        `eye(): argument '${name}' (position ${name === "n" ? 1 : 2}) must be int, not ${pythonTypeName(length)}`,
      );
    }
    if (length < 0) {
      throw torchError("RuntimeError", `${name} must be greater or equal to 0, got ${length}`);
    }
  }
  checkLengths([n, columns]);
  const dtype = dtypeOf(settings);
  const made = newTensor(dtype, toSize([n, columns]), settings.device);
  if (made.device === "cpu") {
    const one = new dtype.Items(dtype.kind === "complex" ? 2 : 1);
    dtype.set(new DataView(one.buffer), 0, 1);
    for (let k = 0; k < Math.min(n, columns); k++) made.items[k * (columns + 1) * one.length] = one[0]!;
  }
  return finished(made, settings);
}
