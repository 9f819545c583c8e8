/**
 * What numbers a dtype holds: `finfo` for floats, `iinfo` for integers.
 */

import type { DType, DTypeName } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { formatExponent, formatFixed } from "./printf.ts";
import { defaultDtype, realDtype } from "./promotion.ts";

/** C's `%g`: six significant digits, without zeros at the end. */
function generalText(value: number): string {
  const [digits, power] = formatExponent(value, 5).split("e") as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(Number(formatFixed(value, 5 - exponent)));
  return `${Number(digits)}e${power}`;
}

/** The numbers of a float dtype, as `finfo` gives them. Its text is PyTorch's. */
export class FloatInfo {
  /** The dtype's name. */
  readonly dtype: DTypeName;
  readonly bits: number;
  /** The distance from 1 to the next larger number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number with all its digits. */
  readonly smallestNormal: number;
  /** `smallestNormal`. */
  readonly tiny: number;
  /** 10 to the power of minus the decimal digits that are surely kept. */
  readonly resolution: number;

  constructor(dtype: DTypeName, bits: number, layout: FloatLayout) {
    const { digits, smallestExponent, max, min = -max } = layout;
    this.dtype = dtype;
    this.bits = bits;
    this.eps = 2 ** -digits;
    this.max = max;
    this.min = min;
    this.smallestNormal = 2 ** smallestExponent;
    this.tiny = this.smallestNormal;
    this.resolution = Number(`1e-${Math.floor(digits * Math.log10(2))}`);
  }

  toString(): string {
    const { resolution, min, max, eps, smallestNormal, tiny } = this;
    const facts = { resolution, min, max, eps, smallest_normal: smallestNormal, tiny };
    const texts = Object.entries(facts).map(([name, value]) => `${name}=${generalText(value)}`);
    return `finfo(${texts.join(", ")}, dtype=${this.dtype})`;
  }
}

/** The numbers of an integer dtype, as `iinfo` gives them. Its text is PyTorch's. */
export class IntegerInfo {
  /** The dtype's name. */
  readonly dtype: DTypeName;
  readonly bits: number;
  /** A bigint for 64 bits. */
  readonly min: number | bigint;
  /** A bigint for 64 bits. */
  readonly max: number | bigint;

  constructor({ name, bits, kind }: DType) {
    const isSigned = kind === "int";
    const end = 2n ** BigInt(isSigned ? bits - 1 : bits);
    const plain = (value: bigint): number | bigint => (bits === 64 ? value : Number(value));
    this.dtype = name;
    this.bits = bits;
    this.min = plain(isSigned ? -end : 0n);
    this.max = plain(end - 1n);
  }

  toString(): string {
    return `iinfo(min=${generalText(Number(this.min))}, max=${generalText(Number(this.max))}, dtype=${this.dtype})`;
  }
}

/** How a float dtype lays out its numbers. */
interface FloatLayout {
  /** Binary digits after the first. */
  readonly digits: number;
  /** The power of two that is the smallest normal number. */
  readonly smallestExponent: number;
  readonly max: number;
  /** Default −max. */
  readonly min?: number;
}

/** A layout of IEEE 754: the largest exponent is the counterpart of the smallest. */
function ieee(digits: number, smallestExponent: number): FloatLayout {
  return { digits, smallestExponent, max: (2 - 2 ** -digits) * 2 ** (1 - smallestExponent) };
}

/** Source: IEEE 754, and OCP 8-bit Floating Point Specification 1.0; `fnuz` types as PyTorch's `finfo` has them. */
const layouts: Partial<Record<DTypeName, FloatLayout>> = {
  float64: ieee(52, -1022),
  float32: ieee(23, -126),
  float16: ieee(10, -14),
  bfloat16: ieee(7, -126),
  float8_e5m2: ieee(2, -14),
  float8_e4m3fn: { digits: 3, smallestExponent: -6, max: 448 },
  float8_e4m3fnuz: { digits: 3, smallestExponent: -7, max: 240 },
  float8_e5m2fnuz: { digits: 3, smallestExponent: -15, max: 57344 },
  float8_e8m0fnu: { digits: 0, smallestExponent: -127, max: 2 ** 127, min: 2 ** -127 },
};

/**
 * What numbers a float dtype holds, or the parts of a complex one; by default the dtype of new tensors.
 *
 * Throws: PyTorch's TypeError for other dtypes.
 *
 * @example
 * finfo("float16").max; // 65504
 */
export function finfo(dtype: DType | string = defaultDtype()): FloatInfo {
  const wanted = toDtype(dtype);
  const real = wanted.kind === "complex" ? realDtype(wanted) : wanted;
  const layout = layouts[real.name];
  if (layout !== undefined) return new FloatInfo(real.name, real.bits, layout);
  throw torchError(
    "TypeError",
    "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
  );
}

/**
 * What numbers an integer dtype holds.
 *
 * Throws: PyTorch's TypeErrors for bool and for other dtypes.
 *
 * @example
 * iinfo("int8").min; // -128
 */
export function iinfo(dtype: DType | string): IntegerInfo {
  const wanted = toDtype(dtype);
  if (wanted === dtypes.bool) throw torchError("TypeError", "torch.bool is not supported by torch.iinfo");
  const isInteger = wanted.kind === "int" || wanted.kind === "uint";
  if (isInteger && wanted.bits >= 8) return new IntegerInfo(wanted);
  throw torchError(
    "TypeError",
    "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
  );
}
