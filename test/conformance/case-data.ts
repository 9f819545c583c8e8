/**
 * How case files write numbers, arguments and tensors, and what these become here.
 *
 * A JSON number is the exact double; `"nan"`, `"inf"`, `"-inf"`, `"-0"` and integers beyond 2^53 are strings; a complex
 * number is `[re, im]`. Among arguments `{"float": "1.0"}` is an integral Python float and `{"tuple": […]}` a tuple.
 * Tensors are full (`dtype, shape, data`) or brief (`dtype, shape, numel, sha1, head, tail`).
 */

import { createHash } from "node:crypto";
import { byteLengthOf, toDtype } from "../../src/dtype.ts";
import type { DType, Scalar } from "../../src/dtype.ts";
import { countOf } from "../../src/shape.ts";
import type { PythonValue } from "../../src/tensor/python-repr.ts";

/** A tensor's contiguous elements in little-endian bytes. */
export interface TensorData {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A JSON object of a case file. */
export type CaseRecord = Readonly<Record<string, unknown>>;

/** A case file does not have the form its README describes. */
export class CaseError extends Error {}

/** `value` as an object. Throws: `CaseError` naming `what` when it is none. */
export function asRecord(value: unknown, what: string): CaseRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as CaseRecord;
  throw new CaseError(`${what} is ${JSON.stringify(value)}, expected an object`);
}

/** `value` as a list. Throws: `CaseError` naming `what` when it is none. */
export function asList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new CaseError(`${what} is ${JSON.stringify(value)}, expected a list`);
}

/** `value` as a string. Throws: `CaseError` naming `what` when it is none. */
export function asText(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw new CaseError(`${what} is ${JSON.stringify(value)}, expected a string`);
}

const namedNumbers: ReadonlyMap<unknown, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
  ["-0", -0],
]);

/** A number of a case file, or undefined when `value` is none; integers that are written as strings become bigints. */
function numberIn(value: unknown): number | bigint | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  return namedNumbers.get(value) ?? (/^-?\d+$/.test(value) ? BigInt(value) : undefined);
}

/** A real number. Throws: `CaseError` when it is none. */
export function decodeNumber(value: unknown): number {
  const found = numberIn(value);
  if (found === undefined) throw new CaseError(`${JSON.stringify(value)} is not a number`);
  return Number(found);
}

/** A seed, of any size; 0 where there is none. Throws: `CaseError` when it is none. */
export function decodeSeed(value: unknown): number | bigint {
  return numberIn(value ?? 0) ?? decodeNumber(value);
}

/** An element of a tensor. Throws: `CaseError` when it is none. */
export function decodeElement(value: unknown): Scalar {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value) && value.length === 2) {
    return { re: decodeNumber(value[0]), im: decodeNumber(value[1]) };
  }
  return numberIn(value) ?? decodeNumber(value);
}

/** An argument of a Python call. Throws: `CaseError` for an object that stands for nothing. */
export function decodeArgument(value: unknown): PythonValue {
  if (value === null || typeof value === "boolean") return value;
  if (Array.isArray(value)) return { kind: "list", items: value.map(decodeArgument) };
  const number = numberIn(value);
  if (number !== undefined) return number;
  if (typeof value === "string") return value;
  const tagged = asRecord(value, "an argument");
  if (typeof tagged["float"] === "string") return { kind: "float", value: Number(tagged["float"]) };
  if (Array.isArray(tagged["tuple"])) return { kind: "tuple", items: tagged["tuple"].map(decodeArgument) };
  throw new CaseError(`an argument is ${JSON.stringify(value)}, expected a value, {"float"} or {"tuple"}`);
}

/** The dtype and shape of a tensor, full or brief. Throws: `CaseError` when they are missing. */
export function decodeHead(value: unknown): { readonly dtype: DType; readonly shape: readonly number[] } {
  const tensor = asRecord(value, "a tensor");
  return {
    dtype: toDtype(asText(tensor["dtype"], "a tensor's dtype")),
    shape: asList(tensor["shape"], "a tensor's shape").map(decodeNumber),
  };
}

/**
 * A full tensor.
 *
 * Throws: `CaseError` for a brief one, which has no elements to decode, and when there are more or fewer elements than
 * the shape says.
 */
export function decodeTensor(value: unknown): TensorData {
  const { dtype, shape } = decodeHead(value);
  const data = asList(asRecord(value, "a tensor")["data"], "a tensor's data");
  const count = countOf(shape);
  if (data.length !== count) {
    throw new CaseError(
      `a tensor of shape [${shape.join(", ")}] has ${data.length} elements, expected ${count}`,
    );
  }
  const bytes = new Uint8Array(byteLengthOf(dtype, count));
  const view = new DataView(bytes.buffer);
  for (const [index, element] of data.entries()) dtype.set(view, index, decodeElement(element));
  return { dtype, shape, bytes };
}

/** The sha1 that brief tensors carry: of the contiguous little-endian bytes, in hex. */
export function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}
