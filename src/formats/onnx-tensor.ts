/**
 * A TensorProto of ONNX: its type and shape, and where its elements are: as raw bytes, as numbers of a field for their
 * type, or in a file of their own.
 *
 * Source: onnx/onnx.proto of ONNX 1.23.
 */

import type { ProtobufField, ProtobufReader } from "../bytes/protobuf.ts";
import { longestVarint, varintAt } from "../bytes/protobuf.ts";
import type { DTypeName } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { FormatError } from "../errors.ts";
import type { Limits } from "../limits.ts";

/** The element types by their numbers in TensorProto.DataType. */
export const onnxDtypes: ReadonlyMap<number, DTypeName> = new Map([
  [1, "float32"],
  [2, "uint8"],
  [3, "int8"],
  [4, "uint16"],
  [5, "int16"],
  [6, "int32"],
  [7, "int64"],
  [9, "bool"],
  [10, "float16"],
  [11, "float64"],
  [12, "uint32"],
  [13, "uint64"],
  [14, "complex64"],
  [15, "complex128"],
  [16, "bfloat16"],
  [17, "float8_e4m3fn"],
  [18, "float8_e4m3fnuz"],
  [19, "float8_e5m2"],
  [20, "float8_e5m2fnuz"],
  [24, "float8_e8m0fnu"],
  [27, "float6_e2m3fn"],
  [28, "float6_e3m2fn"],
]);

/** The number of the type of texts. */
export const onnxStringType = 8;

/** Where the elements of a tensor are. */
export type OnnxData =
  | { readonly where: "none" }
  /** Little-endian, as they are. */
  | { readonly where: "bytes"; readonly start: number; readonly end: number }
  /** As varints, one an element: the number, or for floats of 16 and 8 bits their bits. */
  | { readonly where: "varints"; readonly start: number; readonly end: number }
  /** In another file, by what the model says of it: `location`, `offset`, `length`. */
  | { readonly where: "external"; readonly entries: ReadonlyMap<string, string> }
  | { readonly where: "unread"; readonly why: string };

/** A tensor of a graph. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  readonly data: OnnxData;
}

/** Fields of TensorProto. */
const field = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

const bytesFields: ReadonlySet<number> = new Set([field.floatData, field.doubleData, field.rawData]);
const varintFields: ReadonlySet<number> = new Set([field.int32Data, field.int64Data, field.uint64Data]);

/** Reads the tensor of a field; not its elements. */
export async function readOnnxTensor(
  reader: ProtobufReader,
  message: ProtobufField,
  { rank }: Limits,
): Promise<OnnxTensor> {
  const dims: number[] = [];
  const external = new Map<string, string>();
  let name = "";
  let type = 0;
  let isExternal = false;
  let data: OnnxData = { where: "none" };
  for await (const one of reader.fields(message.start, message.end)) {
    const { number, wire, value, start, end } = one;
    if (number === field.dims) {
      // One more than may be is enough to refuse the tensor.
      const some = { ...one, end: Math.min(end, start + (rank + 1) * longestVarint) };
      const values = wire === "varint" ? [value] : varintsOf(await reader.bytes(some), rank + 1);
      if (dims.length <= rank) dims.push(...values.map(toDim));
    } else if (number === field.dataType) type = Number(value);
    else if (number === field.name) name = await reader.text(one);
    else if (number === field.dataLocation) isExternal = value === 1n;
    else if (number === field.externalData) await readPair(reader, one, external);
    else if (bytesFields.has(number) || varintFields.has(number)) {
      if (data.where !== "none" || wire !== "bytes") {
        data = { where: "unread", why: "its elements do not stand together in one field" };
      } else {
        data = { where: bytesFields.has(number) ? "bytes" : "varints", start, end };
      }
    }
  }
  return { name, type, dims, data: isExternal ? { where: "external", entries: external } : data };
}

/** Reads a message of a key and a value into `pairs`. */
export async function readPair(
  reader: ProtobufReader,
  message: ProtobufField,
  pairs: Map<string, string>,
): Promise<void> {
  let key = "";
  let value = "";
  for await (const one of reader.fields(message.start, message.end)) {
    if (one.number === 1) key = await reader.text(one);
    else if (one.number === 2) value = await reader.text(one);
  }
  pairs.set(key, value);
}

function toDim(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

/** The first varints of a row of them, at most `most`. */
function varintsOf(bytes: Uint8Array, most: number): bigint[] {
  const values: bigint[] = [];
  for (let at = 0; at < bytes.length && values.length < most;) {
    const found = varintAt(bytes, at);
    if (found === null) throw varintFault();
    values.push(found.value);
    at = found.end;
  }
  return values;
}

function varintFault(): FormatError {
  return new FormatError("reading a tensor of an ONNX model: a number does not end", {
    code: "onnx-data",
    hint: "The file is damaged; fetch or save it again.",
  });
}

/**
 * Elements that are written as varints, as bytes of their type.
 *
 * Throws: `FormatError` when they are not `numel`.
 */
export function bytesOfVarints(bytes: Uint8Array, dtypeName: DTypeName, numel: number): Uint8Array {
  const dtype = dtypes[dtypeName];
  // Floats are written as their bits, and so are the others: whole numbers of this many bytes.
  const { itemSize } = dtype;
  const out = new Uint8Array(numel * itemSize);
  const view = new DataView(out.buffer);
  let count = 0;
  for (let at = 0; at < bytes.length; count += 1) {
    const found = varintAt(bytes, at);
    if (found === null) throw varintFault();
    at = found.end;
    if (count >= numel) continue;
    const low = Number(BigInt.asUintN(32, found.value));
    if (itemSize === 8) view.setBigUint64(count * 8, found.value, true);
    else if (itemSize === 4) view.setUint32(count * 4, low, true);
    else if (itemSize === 2) view.setUint16(count * 2, low & 0xffff, true);
    else view.setUint8(count, low & 0xff);
  }
  if (count === numel) return out;
  throw new FormatError(
    `reading a tensor of an ONNX model: ${count} numbers, and its shape has ${numel} elements`,
    {
      code: "onnx-data",
      hint: "The file is damaged; fetch or save it again.",
    },
  );
}
