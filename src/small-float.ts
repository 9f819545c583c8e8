/**
 * Floats of 16 bits and fewer: how their bits lie, and numbers to codes and back. Every number is rounded to float32 first, as
 * PyTorch does. Which dtypes they are is `dtype.ts`.
 */

const scratch = new DataView(new ArrayBuffer(4));

/** How a small float lays out its bits and what it does at the edges. */
export interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** The largest finite code without its sign. */
  readonly largest: number;
  /** The code, without sign, for what lies beyond `largest`; `signless` codes ignore the sign. */
  readonly overflow: number;
  /** The code for an infinity. PyTorch's e4m3fn, which has none, saturates. */
  readonly infinity: number;
  readonly nan: number;
  /** "fnuz" types have one zero and one NaN, at the code where -0 would be. */
  readonly unsignedZero: boolean;
}

const half: SmallFloat = {
  exponentBits: 5,
  mantissaBits: 10,
  bias: 15,
  largest: 0x7bff,
  overflow: 0x7c00,
  infinity: 0x7c00,
  nan: 0x7e00,
  unsignedZero: false,
};
/** float8_e5m2: the upper half of a float16. */
export const e5m2: SmallFloat = {
  exponentBits: 5,
  mantissaBits: 2,
  bias: 15,
  largest: 0x7b,
  overflow: 0x7c,
  infinity: 0x7c,
  nan: 0x7f,
  unsignedZero: false,
};
/** float8_e4m3fn: no infinity, one NaN for each sign. */
export const e4m3fn: SmallFloat = {
  exponentBits: 4,
  mantissaBits: 3,
  bias: 7,
  largest: 0x7e,
  overflow: 0x7e,
  infinity: 0x7e,
  nan: 0x7f,
  unsignedZero: false,
};
/** float8_e4m3fnuz: no infinity, one zero, one NaN. */
export const e4m3fnuz: SmallFloat = {
  exponentBits: 4,
  mantissaBits: 3,
  bias: 8,
  largest: 0x7f,
  overflow: 0x80,
  infinity: 0x80,
  nan: 0x80,
  unsignedZero: true,
};
/** float8_e5m2fnuz: no infinity, one zero, one NaN. */
export const e5m2fnuz: SmallFloat = {
  exponentBits: 5,
  mantissaBits: 2,
  bias: 16,
  largest: 0x7f,
  overflow: 0x80,
  infinity: 0x80,
  nan: 0x80,
  unsignedZero: true,
};
/** OCP Microscaling v1.0, section 5.3: no infinities, no NaN; the largest magnitude stands for what is beyond. */
export function finiteFloat(exponentBits: number, mantissaBits: number, bias: number): SmallFloat {
  const largest = 2 ** (exponentBits + mantissaBits) - 1;
  return {
    exponentBits,
    mantissaBits,
    bias,
    largest,
    overflow: largest,
    infinity: largest,
    nan: largest,
    unsignedZero: false,
  };
}

/** Rounds to an integer, halves to even; exact for the magnitudes that mantissas have. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** The code of `value` in a small float. PyTorch converts every number through float32 first, and so do we. */
export function encodeSmall(format: SmallFloat, value: number): number {
  const sign = 1 << (format.exponentBits + format.mantissaBits);
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const x = scratch.getFloat32(0);
  if (Number.isNaN(x)) return format.nan;
  const signed = bits >>> 31 === 1;
  const withSign = (code: number): number => {
    if (format.unsignedZero && (code === 0 || code === sign)) return code;
    return signed ? code | sign : code;
  };
  const magnitude = Math.abs(x);
  if (magnitude === Infinity) return withSign(format.infinity);
  const smallest = 1 - format.bias;
  const exponent = Math.max(((bits >>> 23) & 0xff) - 127, smallest);
  // In units of the last place; the implicit bit of a normal number adds the 1 that the exponent field lacks here.
  const mantissa = roundHalfEven(magnitude * 2 ** (format.mantissaBits - exponent));
  const code = (exponent - smallest) * 2 ** format.mantissaBits + mantissa;
  return withSign(code > format.largest ? format.overflow : code);
}

/** The number that a code of a small float stands for. */
export function decodeSmall(format: SmallFloat, code: number): number {
  const signBit = 1 << (format.exponentBits + format.mantissaBits);
  if (format.unsignedZero && code === signBit) return NaN;
  const magnitude = code & (signBit - 1);
  const sign = code & signBit ? -1 : 1;
  if (magnitude > format.largest) return magnitude === format.infinity ? sign * Infinity : NaN;
  const field = magnitude >>> format.mantissaBits;
  const fraction = magnitude & ((1 << format.mantissaBits) - 1);
  if (field === 0) return sign * fraction * 2 ** (1 - format.bias - format.mantissaBits);
  return sign * (fraction + 2 ** format.mantissaBits) * 2 ** (field - format.bias - format.mantissaBits);
}

/** The number of a float16 code. */
export function decodeHalf(code: number): number {
  return decodeSmall(half, code);
}

/** The float16 code of a number: to float32, then to nearest even; beyond 65519.99… it is infinity. */
export function encodeHalf(value: number): number {
  return encodeSmall(half, value);
}

/** The number of a bfloat16 code: the upper half of a float32. */
export function decodeBfloat16(code: number): number {
  scratch.setUint32(0, code << 16);
  return scratch.getFloat32(0);
}

/** The bfloat16 code of a number: to float32, then to nearest even. */
export function encodeBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The number of an unsigned exponent: 0 is 2^-127, 255 NaN. */
export function decodeExponent(code: number): number {
  return code === 0xff ? NaN : 2 ** (code - 127);
}

/** The exponent of a number. PyTorch drops the sign, rounds halves up, and sends overflow to NaN. */
export function encodeExponent(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return 0xff;
  // A subnormal float32 has no implicit bit: it rounds up to 2^-126 only from beyond its middle on.
  const up = exponent === 0 ? fraction > 0x400000 : fraction >= 0x400000;
  return exponent + (up ? 1 : 0);
}
