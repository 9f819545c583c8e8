/**
 * Python's `repr` of plain values: what stands between the parentheses of a module's, an optimizer's and a tensor's
 * text. Tensors themselves are printed by `print.ts`.
 */

import { withTwoDigitExponent } from "./printf.ts";

/**
 * A plain Python value. A number without fraction within ±2^53 is an `int` and any other a `float`; `kind: "float"`
 * says it of `1.0`. A bare array is a tuple, as shapes and kernel sizes are.
 */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "complex"; readonly re: number; readonly im: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly mutable: boolean }
  | { readonly kind: "tuple" | "list"; readonly items: readonly PythonValue[] }
  | readonly PythonValue[];

/**
 * `repr(value)`. Meant for hyper-parameters: nesting is followed by recursion, without a guard against cycles.
 *
 * @example
 * pythonRepr([3, 3]); // "(3, 3)"
 * pythonRepr({ kind: "float", value: 1 }); // "1.0"
 */
export function pythonRepr(value: PythonValue): string {
  switch (typeof value) {
    case "string":
      return stringRepr(value);
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return value.toString();
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? value.toString() : floatRepr(value);
    default:
      return value === null ? "None" : "kind" in value ? taggedRepr(value) : tupleRepr(value);
  }
}

function taggedRepr(value: Extract<PythonValue, { kind: string }>): string {
  switch (value.kind) {
    case "float":
      return floatRepr(value.value);
    case "complex":
      return complexRepr(value.re, value.im);
    case "bytes":
      return value.mutable ? `bytearray(${bytesRepr(value.bytes)})` : bytesRepr(value.bytes);
    case "tuple":
      return tupleRepr(value.items);
    case "list":
      return `[${value.items.map(pythonRepr).join(", ")}]`;
  }
}

/**
 * `repr` of a `float`: the shortest digits that read back as the same double, with an exponent below 1e-4 and from
 * 1e16 on.
 *
 * @example
 * floatRepr(1e-5); // "1e-05"
 * floatRepr(3); // "3.0"
 */
export function floatRepr(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${Object.is(value, -0) ? "-0" : value}.0`;
  return bareFloat(value);
}

/** The shortest digits, without the `.0` that marks a float. */
function bareFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const size = Math.abs(value);
  // Within these bounds JavaScript writes the same digits in the same way.
  return size >= 1e-4 && size < 1e16 ? value.toString() : withTwoDigitExponent(value.toExponential());
}

/** `repr` of a `complex`: the real part is left out where it is +0. */
function complexRepr(re: number, im: number): string {
  const imaginary = bareFloat(im);
  if (Object.is(re, 0)) return `${imaginary}j`;
  return `(${bareFloat(re)}${imaginary.startsWith("-") ? "" : "+"}${imaginary}j)`;
}

/** `repr` of a tuple; a single item is followed by a comma. */
export function tupleRepr(items: readonly PythonValue[]): string {
  return items.length === 1 ? `(${pythonRepr(items[0]!)},)` : `(${items.map(pythonRepr).join(", ")})`;
}

/** What Python escapes in a string: other, separator and private characters except the space, and the backslash. */
const escaped = /[\p{C}\p{Z}\\]/gu;
const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  [" ", " "],
]);

/**
 * `repr` of a `str`: in single quotes unless only those occur in it; what is not printable is escaped.
 *
 * @example
 * stringRepr("it"); // "'it'"
 * stringRepr("it's").length; // 6
 */
export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(escaped, (character) => shortEscapes.get(character) ?? codeEscape(character));
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}

function codeEscape(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** `repr` of `bytes`: ASCII as it is, all else as `\xNN`. */
function bytesRepr(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `b${stringRepr(text).replace(/[\u0080-\u00ff]/g, codeEscape)}`;
}
