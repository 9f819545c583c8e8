/** Uniform integers: `random_`, `randint`. */

import { type DType, type DTypeName, type ItemArray } from "../../dtype.ts";
import { encodeBfloat16, encodeHalf } from "../../small-float.ts";
import { torchError, UsageError } from "../../errors.ts";
import { countOf } from "../../shape.ts";
import { fillInMemoryOrder, type Destination } from "./destination.ts";
import type { Generator } from "./generator.ts";
import { check, floatLimits, notImplemented } from "./refusal.ts";

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** From this many possible values on PyTorch takes 64 random bits instead of 32. */
const wideRange = 2n ** 28n;

/** Bounds and C++ names of the integer dtypes. uint64 is bounded as int64, as PyTorch passes its bounds in int64. */
const integers: Partial<Record<DTypeName, { min: bigint; max: bigint; cpp: string }>> = {
  bool: { min: 0n, max: 1n, cpp: "bool" },
  uint8: { min: 0n, max: 255n, cpp: "unsigned char" },
  int8: { min: -128n, max: 127n, cpp: "signed char" },
  int16: { min: -32768n, max: 32767n, cpp: "short int" },
  uint16: { min: 0n, max: 65535n, cpp: "short unsigned int" },
  int32: { min: -(2n ** 31n), max: 2n ** 31n - 1n, cpp: "int" },
  uint32: { min: 0n, max: 2n ** 32n - 1n, cpp: "unsigned int" },
  int64: { min: int64Min, max: int64Max, cpp: "long int" },
  uint64: { min: 0n, max: int64Max, cpp: "long unsigned int" },
};

/** The C++ name of a dtype in messages about bounds. */
export function cppName(dtype: DType): string {
  const complex: Partial<Record<DTypeName, string>> = {
    complex128: "c10::complex<double>",
    complex64: "c10::complex<float>",
    complex32: "c10::complex<c10::Half>",
  };
  return integers[dtype.name]?.cpp ?? floatLimits(dtype)?.cpp ?? complex[dtype.name] ?? dtype.scalarType;
}

function toInt64(value: number | bigint, name: string): bigint {
  if (typeof value === "number" && !Number.isInteger(value)) {
    throw new UsageError(`random_: ${name} is ${String(value)}, expected an integer`, {
      code: "not-an-integer",
      torchType: "TypeError",
    });
  }
  const integer = BigInt(value);
  if (integer < int64Min || integer > int64Max) {
    throw torchError("ValueError", "Overflow when unpacking long long");
  }
  return integer;
}

/** An integer rounded to float32 once; by way of float64 it would be rounded twice. */
function toFloat32(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 2n ** 53n) return Math.fround(Number(value));
  // 53 leading bits are enough if the last one tells whether anything follows.
  const kept = (magnitude >> 11n) | ((magnitude & 0x7ffn) === 0n ? 0n : 1n);
  return Math.fround(Number(kept) * 2 ** 11) * (value < 0n ? -1 : 1);
}

/** The value of a float dtype nearest to an integer, as an integer. */
function castToFloat(dtype: DType, value: bigint): bigint {
  const rounded = dtype.name === "float64" ? Number(value) : toFloat32(value);
  if (dtype.name !== "float16" && dtype.name !== "bfloat16") return BigInt(rounded);
  const digits = floatLimits(dtype)!.digits;
  const magnitude = BigInt(Math.abs(rounded));
  const drop = BigInt(Math.max(magnitude.toString(2).length - digits, 0));
  const unit = 1n << drop;
  const rest = magnitude % unit;
  let kept = magnitude - rest;
  if (2n * rest > unit || (2n * rest === unit && ((kept / unit) & 1n) === 1n)) kept += unit;
  return rounded < 0 ? -kept : kept;
}

/** The distance between neighbours of a float dtype around an integer. */
function spacing(dtype: DType, value: bigint): bigint {
  const magnitude = value < 0n ? -value : value;
  const exponent = magnitude.toString(2).length - 1 - floatLimits(dtype)!.digits + 1;
  return 1n << BigInt(Math.max(exponent, 0));
}

/**
 * Moves the bounds inwards to numbers the dtype has, as PyTorch's kernel does: an integer below `to` could otherwise
 * round up to it.
 */
function representableFrom(dtype: DType, from: bigint): bigint {
  const above = castToFloat(dtype, from + 1n);
  return above < from ? above + spacing(dtype, from + 1n) : from;
}

function representableTo(dtype: DType, to: bigint): bigint {
  const below = castToFloat(dtype, to - 1n);
  return below >= to ? below - spacing(dtype, to - 1n) : to;
}

function checkInRange(dtype: DType, from: bigint, last: bigint): void {
  const integer = integers[dtype.name];
  const limits = floatLimits(dtype);
  if (integer === undefined && limits === undefined) {
    throw torchError(
      "RuntimeError",
      "check_random_bounds handles only integral, floating-point and boolean types",
    );
  }
  const isInside = (value: bigint): boolean =>
    integer === undefined
      ? Math.abs(Number(value)) <= limits!.max
      : value >= integer.min && value <= integer.max;
  check(isInside(from), () => `from is out of bounds for ${cppName(dtype)}`);
  check(isInside(last), () => `to - 1 is out of bounds for ${cppName(dtype)}`);
}

/** Writes integers that `draw` gives as bigints, converted to the dtype. */
function storeWide(dtype: DType, items: ItemArray, draw: () => bigint): void {
  for (let i = 0; i < items.length; i++) {
    const value = draw();
    if (items instanceof BigInt64Array || items instanceof BigUint64Array) items[i] = value;
    else if (dtype.name === "float64") items[i] = Number(value);
    else if (dtype.name === "float32") items[i] = toFloat32(value);
    else if (dtype.name === "float16") items[i] = encodeHalf(toFloat32(value));
    else if (dtype.name === "bfloat16") items[i] = encodeBfloat16(toFloat32(value));
    else items[i] = Number(BigInt.asIntN(32, value));
  }
}

/** Writes integers that `draw` gives as numbers, exact, converted to the dtype. */
function storeNarrow(dtype: DType, items: ItemArray, draw: () => number): void {
  const { length } = items;
  if (dtype.name === "float16") for (let i = 0; i < length; i++) items[i] = encodeHalf(draw());
  else if (dtype.name === "bfloat16") for (let i = 0; i < length; i++) items[i] = encodeBfloat16(draw());
  else if (items instanceof BigInt64Array || items instanceof BigUint64Array) {
    // As two words, which spares a bigint for every element.
    const words = new Int32Array(items.buffer, items.byteOffset, 2 * length);
    for (let i = 0; i < length; i++) {
      const value = draw();
      words[2 * i] = value;
      words[2 * i + 1] = Math.floor(value / 2 ** 32);
    }
  } else for (let i = 0; i < length; i++) items[i] = draw();
}

function fillRange(generator: Generator, view: Destination, from: bigint, range: bigint): void {
  const { dtype } = view;
  const start = Number(from);
  const count = Number(range);
  fillInMemoryOrder(view, (items) => {
    if (range >= wideRange) {
      storeWide(dtype, items, () => BigInt.asIntN(64, (generator.random64() % range) + from));
    } else if (Number.isSafeInteger(start) && Number.isSafeInteger(start + count)) {
      storeNarrow(dtype, items, () => (generator.random() % count) + start);
    } else storeWide(dtype, items, () => BigInt(generator.random() % count) + from);
  });
}

/** All 64-bit integers, `random_(-2**63, None)`. */
function fillFullRange(generator: Generator, view: Destination): void {
  const { dtype } = view;
  switch (dtype.name) {
    case "int64":
    case "float64":
    case "float32":
    case "bfloat16":
      break;
    case "uint8":
    case "int8":
    case "int16":
    case "int32":
      throw torchError(
        "RuntimeError",
        "random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16",
      );
    default:
      throw notImplemented("random_full_64_bits_range_kernel_cpu", dtype);
  }
  fillInMemoryOrder(view, (items) => storeWide(dtype, items, () => BigInt.asIntN(64, generator.random64())));
}

/**
 * Fills a view with uniform integers of [from, to), `Tensor.random_(from, to)` and `randint`. A `to` of null stands
 * for the dtype's largest value, included; for float dtypes that is the last integer before gaps appear.
 *
 * One word of the generator an element, two from 2^28 possible values on. The remainder is taken without rejection,
 * as PyTorch takes it.
 *
 * Throws: `UsageError` for an empty range, bounds beyond the dtype, and dtypes that hold no integers.
 *
 * @example
 * const items = new BigInt64Array(3);
 * fillIntegers(new Generator().manualSeed(0), flat(dtypes.int64, items), 0, 10);
 * items; // [4n, 9n, 3n]
 */
export function fillIntegers(
  generator: Generator,
  destination: Destination,
  from: number | bigint,
  to: number | bigint | null,
): void {
  const { dtype } = destination;
  const limits = floatLimits(dtype);
  let start = toInt64(from, "from");
  if (to === null && start === int64Min) {
    if (countOf(destination.shape) > 0) fillFullRange(generator, destination);
    return;
  }
  let last: bigint;
  if (to === null) {
    const integer = integers[dtype.name];
    if (limits !== undefined) {
      last = 2n ** BigInt(limits.digits);
      start = representableFrom(dtype, start);
      check(
        start < last,
        () =>
          `random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=${start} > to_inc=${last}`,
      );
    } else if (integer === undefined) {
      throw torchError(
        "RuntimeError",
        "random_from_to_impl handles only integral, floating-point and boolean types",
      );
    } else {
      // PyTorch's own cast of uint64's largest value to int64 gives -1, which its check then refuses.
      last = dtype.name === "uint64" ? -1n : integer.max;
    }
  } else {
    let end = toInt64(to, "to");
    check(
      start < end,
      () => `random_ expects 'from' to be less than 'to', but got from=${start} >= to=${end}`,
    );
    if (limits !== undefined) {
      start = representableFrom(dtype, start);
      end = representableTo(dtype, end);
      check(
        start < end,
        () =>
          `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${start} >= to=${end}`,
      );
    }
    last = end - 1n;
  }
  checkInRange(dtype, start, last);
  fillRange(generator, destination, start, last - start + 1n);
}

/**
 * Fills a view with integers from 0 to the dtype's largest value, `Tensor.random_()`; float dtypes get integers up to
 * 2^24 (float32), 2^53, 2^11 or 2^8, both ends included.
 *
 * Throws: `UsageError` for dtypes PyTorch has no such kernel for.
 */
export function fillRandom(generator: Generator, destination: Destination): void {
  if (countOf(destination.shape) === 0) return;
  const { dtype } = destination;
  const limits = floatLimits(dtype);
  fillInMemoryOrder(destination, (items) => {
    switch (dtype.name) {
      case "int64":
        storeWide(dtype, items, () => BigInt.asUintN(63, generator.random64()));
        return;
      case "float64":
        storeWide(dtype, items, () => generator.random64() % (2n ** 53n + 1n));
        return;
      case "bool":
        storeNarrow(dtype, items, () => generator.random() & 1);
        return;
      case "uint8":
      case "int8":
      case "int16":
      case "int32": {
        const count = Number(integers[dtype.name]!.max) + 1;
        storeNarrow(dtype, items, () => generator.random() % count);
        return;
      }
      default: {
        if (limits === undefined) throw notImplemented("random_kernel_cpu", dtype);
        const count = 2 ** limits.digits + 1;
        storeNarrow(dtype, items, () => generator.random() % count);
      }
    }
  });
}
