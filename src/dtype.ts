/**
 * Every element type PyTorch and its file formats know, as one table: names, sizes, tags, decoding and encoding.
 *
 * Adding a type is adding a row. Bytes are little-endian throughout; files of the other order are swapped by the
 * reader, `swap` bytes at a time, before they get here.
 */

import { printAsText } from "./console-text.ts";
import { UsageError } from "./errors.ts";
import { shared } from "./shared.ts";
import type { SmallFloat } from "./small-float.ts";
import {
  decodeBfloat16,
  decodeExponent,
  decodeHalf,
  decodeSmall,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e5m2fnuz,
  encodeBfloat16,
  encodeExponent,
  encodeHalf,
  encodeSmall,
  finiteFloat,
} from "./small-float.ts";

/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** One element as a JavaScript value: 64-bit integers are bigints, bools booleans, all else numbers or complex. */
export type Scalar = number | bigint | boolean | Complex;

/** What an element stands for. `raw` types carry bits whose meaning PyTorch leaves open; `quantized` need a scale. */
export type DTypeKind = "float" | "int" | "uint" | "bool" | "complex" | "quantized" | "raw";

/** Typed arrays that hold a dtype's items as they lie in memory; small floats lie in unsigned integers. */
export type ItemArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** The constructor of one of the item arrays. */
export interface ItemArrayConstructor {
  new (length: number): ItemArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): ItemArray;
  readonly BYTES_PER_ELEMENT: number;
}

/** A row of the table. Two dtypes are the same exactly when they are the same object. */
export interface DType {
  /** PyTorch's name without `torch.`: `"float32"`. */
  readonly name: DTypeName;
  readonly kind: DTypeKind;
  /** Bits of one element; below 8 several elements share a byte, the first in the low bits. */
  readonly bits: number;
  /** Bytes of one stored item; a complex number is one item. For packed types, 1. */
  readonly itemSize: number;
  /** Bytes that reverse together when the byte order changes: a complex number swaps each half. */
  readonly swap: number;
  /** PyTorch's C++ name, as its messages use it: `"Float"`, and in `torch.FloatTensor`. */
  readonly scalarType: string;
  /** The typed storage class in a pickle (`FloatStorage`); null when PyTorch writes it untyped. */
  readonly storage: string | null;
  /** The tag in a safetensors header; null where that format has none. */
  readonly safetensors: string | null;
  /** NumPy's type code without byte order (`f4`); null where NumPy has none. */
  readonly numpy: string | null;
  /** The number in a `torch.export` archive; null where the schema has none. */
  readonly exportCode: number | null;
  /** The array that holds its items; complex types lie as pairs of their half in it. */
  readonly Items: ItemArrayConstructor;
  /** Element number `index` of the bytes of `view`. */
  get(view: DataView, index: number): Scalar;
  /** Writes element number `index`; floats round as PyTorch rounds (to float32, then to nearest even). */
  set(view: DataView, index: number, value: Scalar): void;
  /** `torch.float32`. */
  toString(): string;
}

type Codec = Pick<DType, "get" | "set">;

/** The real part of a scalar as a number. */
function real(value: Scalar): number {
  return typeof value === "object" ? value.re : Number(value);
}

/**
 * The real part of a scalar as a number that rounds to the same float32 as the scalar itself. A 64-bit integer does not
 * fit a number, and rounding twice is not rounding once: its low 12 bits, which are below every middle between two
 * float32 of its size, become a single one.
 */
function real32(value: Scalar): number {
  if (typeof value !== "bigint" || BigInt.asIntN(54, value) === value) return real(value);
  const low = value & 0xfffn;
  return Number(value - low + (low === 0n ? 0n : 0x800n));
}

/** Python's and C's truncation to an integer; NaN and infinities become 0, as the wrapped bits of a cast. */
function integer(value: Scalar): bigint {
  if (typeof value === "bigint") return value;
  const truncated = Math.trunc(real(value));
  return Number.isFinite(truncated) ? BigInt(truncated) : 0n;
}

/** A float of one byte: decoded through a table of its 256 values. */
function byteFloat(format: SmallFloat): Codec {
  const values = Float64Array.from({ length: 256 }, (_, code) => decodeSmall(format, code));
  return {
    get: (view, index) => values[view.getUint8(index)]!,
    set: (view, index, value) => view.setUint8(index, encodeSmall(format, real32(value))),
  };
}

const float16Codec: Codec = {
  get: (view, index) => decodeHalf(view.getUint16(index * 2, true)),
  set: (view, index, value) => view.setUint16(index * 2, encodeHalf(real32(value)), true),
};

const bfloat16Codec: Codec = {
  get: (view, index) => decodeBfloat16(view.getUint16(index * 2, true)),
  set: (view, index, value) => view.setUint16(index * 2, encodeBfloat16(real32(value)), true),
};

const e8m0: Codec = {
  get: (view, index) => decodeExponent(view.getUint8(index)),
  set: (view, index, value) => view.setUint8(index, encodeExponent(real32(value))),
};

/** A codec for elements that are narrower than a byte, the first element in the low bits. */
function packed(bits: number, decode: (code: number) => number, encode: (value: Scalar) => number): Codec {
  const mask = (1 << bits) - 1;
  return {
    get: (view, index) => {
      const bit = index * bits;
      const byte = bit >>> 3;
      const high = byte + 1 < view.byteLength ? view.getUint8(byte + 1) : 0;
      return decode(((view.getUint8(byte) | (high << 8)) >>> (bit & 7)) & mask);
    },
    set: (view, index, value) => {
      const bit = index * bits;
      const byte = bit >>> 3;
      const shift = bit & 7;
      const code = encode(value) & mask;
      view.setUint8(byte, (view.getUint8(byte) & ~(mask << shift)) | (code << shift));
      if (shift + bits <= 8) return;
      view.setUint8(byte + 1, (view.getUint8(byte + 1) & ~(mask >>> (8 - shift))) | (code >>> (8 - shift)));
    },
  };
}

function packedFloat(format: SmallFloat): Codec {
  const bits = 1 + format.exponentBits + format.mantissaBits;
  return packed(
    bits,
    (code) => decodeSmall(format, code),
    (value) => encodeSmall(format, real32(value)),
  );
}

function packedUnsigned(bits: number): Codec {
  return packed(
    bits,
    (code) => code,
    (value) => Number(BigInt.asUintN(bits, integer(value))),
  );
}

const float64Codec: Codec = {
  get: (view, index) => view.getFloat64(index * 8, true),
  set: (view, index, value) => view.setFloat64(index * 8, real(value), true),
};
const float32Codec: Codec = {
  get: (view, index) => view.getFloat32(index * 4, true),
  set: (view, index, value) => view.setFloat32(index * 4, real32(value), true),
};
const int64Codec: Codec = {
  get: (view, index) => view.getBigInt64(index * 8, true),
  set: (view, index, value) => view.setBigInt64(index * 8, integer(value), true),
};
const uint64Codec: Codec = {
  get: (view, index) => view.getBigUint64(index * 8, true),
  set: (view, index, value) => view.setBigUint64(index * 8, integer(value), true),
};
const int32Codec: Codec = {
  get: (view, index) => view.getInt32(index * 4, true),
  set: (view, index, value) => view.setInt32(index * 4, Number(BigInt.asIntN(32, integer(value))), true),
};
const uint32Codec: Codec = {
  get: (view, index) => view.getUint32(index * 4, true),
  set: (view, index, value) => view.setUint32(index * 4, Number(BigInt.asUintN(32, integer(value))), true),
};
const int16Codec: Codec = {
  get: (view, index) => view.getInt16(index * 2, true),
  set: (view, index, value) => view.setInt16(index * 2, Number(BigInt.asIntN(16, integer(value))), true),
};
const uint16Codec: Codec = {
  get: (view, index) => view.getUint16(index * 2, true),
  set: (view, index, value) => view.setUint16(index * 2, Number(BigInt.asUintN(16, integer(value))), true),
};
const int8Codec: Codec = {
  get: (view, index) => view.getInt8(index),
  set: (view, index, value) => view.setInt8(index, Number(BigInt.asIntN(8, integer(value)))),
};
const uint8Codec: Codec = {
  get: (view, index) => view.getUint8(index),
  set: (view, index, value) => view.setUint8(index, Number(BigInt.asUintN(8, integer(value)))),
};
const boolCodec: Codec = {
  get: (view, index) => view.getUint8(index) !== 0,
  set: (view, index, value) =>
    view.setUint8(
      index,
      typeof value === "object"
        ? Number(value.re !== 0 || value.im !== 0)
        : Number(Boolean(value) || value !== value),
    ),
};

/** A complex number is two of `part` in a row. */
function complexOf(part: Codec): Codec {
  return {
    get: (view, index) => ({
      re: part.get(view, 2 * index) as number,
      im: part.get(view, 2 * index + 1) as number,
    }),
    set: (view, index, value) => {
      part.set(view, 2 * index, real(value));
      part.set(view, 2 * index + 1, typeof value === "object" ? value.im : 0);
    },
  };
}

interface Tags {
  readonly storage?: string;
  readonly safetensors?: string;
  readonly numpy?: string;
  readonly exportCode?: number;
  readonly swap?: number;
  readonly itemSize?: number;
}

type Row = Omit<DType, "name" | "toString">;

function row(
  kind: DTypeKind,
  bits: number,
  scalarType: string,
  Items: ItemArrayConstructor,
  codec: Codec,
  tags: Tags,
): Row {
  const itemSize = tags.itemSize ?? Math.ceil(bits / 8);
  return {
    kind,
    bits,
    itemSize,
    swap: tags.swap ?? itemSize,
    scalarType,
    storage: tags.storage ?? null,
    safetensors: tags.safetensors ?? null,
    numpy: tags.numpy ?? null,
    exportCode: tags.exportCode ?? null,
    Items,
    get: codec.get,
    set: codec.set,
  };
}

/** PyTorch's shell types of 1 to 7 bits: one element a byte, of which only the low bits count. */
function shell(signed: boolean, bits: number): Row {
  const name = `${signed ? "Int" : "UInt"}${bits}`;
  const wrap = signed ? BigInt.asIntN : BigInt.asUintN;
  return row(
    signed ? "int" : "uint",
    8,
    name,
    Uint8Array,
    {
      get: (view, index) => Number(wrap(bits, BigInt(view.getUint8(index)))),
      set: (view, index, value) => view.setUint8(index, Number(BigInt.asUintN(bits, integer(value)))),
    },
    {},
  );
}

// Tags from torch/serialization.py and torch/storage.py, safetensors/src/tensor.rs, torch/_export/serde/schema.py.
// prettier-ignore
const rows = {
  float64: row("float", 64, "Double", Float64Array, float64Codec, { storage: "DoubleStorage", safetensors: "F64", numpy: "f8", exportCode: 8 }),
  float32: row("float", 32, "Float", Float32Array, float32Codec, { storage: "FloatStorage", safetensors: "F32", numpy: "f4", exportCode: 7 }),
  float16: row("float", 16, "Half", Uint16Array, float16Codec, { storage: "HalfStorage", safetensors: "F16", numpy: "f2", exportCode: 6 }),
  bfloat16: row("float", 16, "BFloat16", Uint16Array, bfloat16Codec, { storage: "BFloat16Storage", safetensors: "BF16", exportCode: 13 }),
  int64: row("int", 64, "Long", BigInt64Array, int64Codec, { storage: "LongStorage", safetensors: "I64", numpy: "i8", exportCode: 5 }),
  int32: row("int", 32, "Int", Int32Array, int32Codec, { storage: "IntStorage", safetensors: "I32", numpy: "i4", exportCode: 4 }),
  int16: row("int", 16, "Short", Int16Array, int16Codec, { storage: "ShortStorage", safetensors: "I16", numpy: "i2", exportCode: 3 }),
  int8: row("int", 8, "Char", Int8Array, int8Codec, { storage: "CharStorage", safetensors: "I8", numpy: "i1", exportCode: 2 }),
  uint8: row("uint", 8, "Byte", Uint8Array, uint8Codec, { storage: "ByteStorage", safetensors: "U8", numpy: "u1", exportCode: 1 }),
  bool: row("bool", 8, "Bool", Uint8Array, boolCodec, { storage: "BoolStorage", safetensors: "BOOL", numpy: "b1", exportCode: 12 }),
  uint16: row("uint", 16, "UInt16", Uint16Array, uint16Codec, { safetensors: "U16", numpy: "u2", exportCode: 28 }),
  uint32: row("uint", 32, "UInt32", Uint32Array, uint32Codec, { safetensors: "U32", numpy: "u4", exportCode: 34 }),
  uint64: row("uint", 64, "UInt64", BigUint64Array, uint64Codec, { safetensors: "U64", numpy: "u8", exportCode: 35 }),
  complex128: row("complex", 128, "ComplexDouble", Float64Array, complexOf(float64Codec), { storage: "ComplexDoubleStorage", numpy: "c16", exportCode: 11, swap: 8 }),
  complex64: row("complex", 64, "ComplexFloat", Float32Array, complexOf(float32Codec), { storage: "ComplexFloatStorage", safetensors: "C64", numpy: "c8", exportCode: 10, swap: 4 }),
  complex32: row("complex", 32, "ComplexHalf", Uint16Array, complexOf(float16Codec), { exportCode: 9, swap: 2 }),
  float8_e4m3fn: row("float", 8, "Float8_e4m3fn", Uint8Array, byteFloat(e4m3fn), { safetensors: "F8_E4M3", exportCode: 29 }),
  float8_e5m2: row("float", 8, "Float8_e5m2", Uint8Array, byteFloat(e5m2), { safetensors: "F8_E5M2", exportCode: 30 }),
  float8_e4m3fnuz: row("float", 8, "Float8_e4m3fnuz", Uint8Array, byteFloat(e4m3fnuz), { safetensors: "F8_E4M3FNUZ", exportCode: 31 }),
  float8_e5m2fnuz: row("float", 8, "Float8_e5m2fnuz", Uint8Array, byteFloat(e5m2fnuz), { safetensors: "F8_E5M2FNUZ", exportCode: 32 }),
  float8_e8m0fnu: row("float", 8, "Float8_e8m0fnu", Uint8Array, e8m0, { safetensors: "F8_E8M0", exportCode: 33 }),
  // One element is a byte that holds two values; PyTorch has no casts for it, so the byte is what we show.
  float4_e2m1fn_x2: row("raw", 8, "Float4_e2m1fn_x2", Uint8Array, uint8Codec, { safetensors: "F4" }),
  // safetensors only; PyTorch has no such types. Named as ml_dtypes names them.
  float6_e2m3fn: row("float", 6, "Float6_e2m3fn", Uint8Array, packedFloat(finiteFloat(2, 3, 1)), { safetensors: "F6_E2M3" }),
  float6_e3m2fn: row("float", 6, "Float6_e3m2fn", Uint8Array, packedFloat(finiteFloat(3, 2, 3)), { safetensors: "F6_E3M2" }),
  bits8: row("raw", 8, "Bits8", Uint8Array, uint8Codec, {}),
  bits16: row("raw", 16, "Bits16", Uint16Array, uint16Codec, {}),
  bits1x8: row("raw", 8, "Bits1x8", Uint8Array, uint8Codec, {}),
  bits2x4: row("raw", 8, "Bits2x4", Uint8Array, uint8Codec, {}),
  bits4x2: row("raw", 8, "Bits4x2", Uint8Array, uint8Codec, {}),
  qint8: row("quantized", 8, "QInt8", Int8Array, int8Codec, { storage: "QInt8Storage" }),
  quint8: row("quantized", 8, "QUInt8", Uint8Array, uint8Codec, { storage: "QUInt8Storage" }),
  qint32: row("quantized", 32, "QInt32", Int32Array, int32Codec, { storage: "QInt32Storage" }),
  quint4x2: row("quantized", 4, "QUInt4x2", Uint8Array, packedUnsigned(4), { storage: "QUInt4x2Storage" }),
  quint2x4: row("quantized", 2, "QUInt2x4", Uint8Array, packedUnsigned(2), { storage: "QUInt2x4Storage" }),
  int1: shell(true, 1),
  int2: shell(true, 2),
  int3: shell(true, 3),
  int4: shell(true, 4),
  int5: shell(true, 5),
  int6: shell(true, 6),
  int7: shell(true, 7),
  uint1: shell(false, 1),
  uint2: shell(false, 2),
  uint3: shell(false, 3),
  uint4: shell(false, 4),
  uint5: shell(false, 5),
  uint6: shell(false, 6),
  uint7: shell(false, 7),
};

/** The name of a dtype as PyTorch spells it, without `torch.`. */
export type DTypeName = keyof typeof rows;

/** Every dtype by name: `dtypes.float32`. */
export const dtypes: Readonly<Record<DTypeName, DType>> = shared("dtypes", makeDtypes);

function makeDtypes(): Readonly<Record<DTypeName, DType>> {
  const made = Object.entries(rows).map(([name, facts]) => {
    const dtype: DType = { ...facts, name: name as DTypeName, toString: () => `torch.${name}` };
    printAsText(dtype);
    return [name, Object.freeze(dtype)] as const;
  });
  return Object.fromEntries(made) as Record<DTypeName, DType>;
}

/** PyTorch's second names. */
const aliases: ReadonlyMap<string, DTypeName> = new Map([
  ["double", "float64"],
  ["float", "float32"],
  ["half", "float16"],
  ["long", "int64"],
  ["int", "int32"],
  ["short", "int16"],
  ["cdouble", "complex128"],
  ["cfloat", "complex64"],
  ["chalf", "complex32"],
]);

/** The dtype PyTorch calls `name`, with or without `torch.`, second names included; undefined when there is none. */
export function findDtype(name: string): DType | undefined {
  const bare = name.startsWith("torch.") ? name.slice(6) : name;
  const known = aliases.get(bare) ?? bare;
  return Object.hasOwn(dtypes, known) ? dtypes[known as DTypeName] : undefined;
}

/**
 * The dtype that an option names: a dtype itself, or its name.
 *
 * Throws: `UsageError` for a name that is none.
 */
export function toDtype(dtype: DType | string): DType {
  if (typeof dtype !== "string") return dtype;
  const found = findDtype(dtype);
  if (found !== undefined) return found;
  throw new UsageError(`no dtype is called "${dtype}"`, {
    code: "unknown-dtype",
    hint: `The dtypes are ${Object.keys(dtypes).join(", ")}.`,
    torchType: "TypeError",
  });
}

/** Bytes that `count` elements take up, packed types rounded up to whole bytes. */
export function byteLengthOf(dtype: DType, count: number): number {
  return dtype.bits < 8 ? Math.ceil((count * dtype.bits) / 8) : count * dtype.itemSize;
}
