/**
 * The header of a `.npy` file: what its array is, as a Python dictionary in text.
 *
 * Source: numpy/lib/_format_impl.py of NumPy 2, versions 1.0 to 3.0 of the format.
 */

import { Cursor } from "../bytes/cursor.ts";
import { dtypeOfNumpy } from "../dtype-tags.ts";
import type { DType } from "../dtype.ts";
import { FormatError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";

/** The first bytes of every such file. */
export const npyMagic = "\x93NUMPY";

/** Bytes that hold nearly every header: NumPy pads it to 128. */
export const usualHeaderByteLength = 256;

/** Bytes of a header. Real: 128, of structured types some thousands; NumPy's own cap is 10 000. */
const maxHeaderByteLength = 2 ** 20;

/** What a header says. */
export interface NpyHeader {
  /** NumPy's name of the element type: `"<f4"`, `"|O"`, or the text of a list for a structured type. */
  readonly descr: string;
  /** The element type, null where PyTorch has none like it. */
  readonly dtype: DType | null;
  readonly isBigEndian: boolean;
  /** Whether the first index varies fastest. */
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  /** Where the elements start. */
  readonly dataStart: number;
}

function fault(what: string): FormatError {
  return new FormatError(`reading the header of a NumPy array: ${what}`, {
    code: "npy-header",
    hint: "The file is damaged, or no .npy file.",
  });
}

/** Bytes up to the elements, from the first twelve of a file. Throws: `FormatError` when they are no header's. */
export function npyHeaderByteLength(bytes: Uint8Array): number {
  const cursor = new Cursor(bytes, { what: "the header of a NumPy array", code: "npy-header" });
  for (const character of npyMagic)
    if (cursor.u8() !== character.charCodeAt(0)) throw fault("its magic is another");
  const major = cursor.u8();
  const minor = cursor.u8();
  if (major < 1 || major > 3 || minor !== 0)
    throw fault(`version ${major}.${minor}, expected 1.0, 2.0 or 3.0`);
  const length = major === 1 ? cursor.u16() : cursor.u32();
  if (length > maxHeaderByteLength)
    throw fault(`it claims ${length} bytes, of at most ${maxHeaderByteLength}`);
  return cursor.position + length;
}

/** Reads a whole header, as long as `npyHeaderByteLength` says. Throws: `FormatError`. */
export function parseNpyHeader(bytes: Uint8Array, limits: Limits): NpyHeader {
  const dataStart = npyHeaderByteLength(bytes);
  const textStart = bytes[6] === 1 ? 10 : 12;
  const encoding = bytes[6] === 3 ? "utf-8" : "latin1";
  const text = new TextDecoder(encoding).decode(bytes.subarray(textStart, dataStart));
  const fields = fieldsOf(text);
  const descr = fields.get("descr");
  const order = fields.get("fortran_order");
  const shapeText = fields.get("shape");
  if (descr === undefined || order === undefined || shapeText === undefined || fields.size !== 3) {
    throw fault(
      `it has ${[...fields.keys()].map(quote).join(", ") || "no fields"}, expected descr, fortran_order and shape`,
    );
  }
  if (order !== "True" && order !== "False") throw fault(`fortran_order is ${quote(order)}`);
  const shape = shapeOf(shapeText);
  if (shape.length > limits.rank) throw fault(`it has ${shape.length} dimensions, of at most ${limits.rank}`);
  const name = /^(['"])(.*)\1$/s.exec(descr)?.[2] ?? descr;
  const [, byteOrder, code] = /^([<>|=]?)([a-zA-Z?]\d*)$/.exec(name) ?? [];
  return {
    descr: name,
    dtype: (code !== undefined && dtypeOfNumpy.get(code === "?" ? "b1" : code)) || null,
    isBigEndian: byteOrder === ">",
    isFortran: order === "True",
    shape,
    dataStart,
  };
}

/**
 * Whether the elements behind a header are a pickle, as those of Python objects are. `"perhaps"` for a structured type
 * with objects in it, and for a header that cannot be read here: NumPy evaluates it as Python and may see more.
 */
export function pickledNpy(bytes: Uint8Array, limits: Limits): "yes" | "no" | "perhaps" {
  try {
    const { descr, dtype } = parseNpyHeader(bytes, limits);
    if (/^[<>|=]?O\d*$|^object$/.test(descr)) return "yes";
    return dtype !== null || !/O|object|\\/.test(descr) ? "no" : "perhaps";
  } catch (error) {
    if (error instanceof FormatError) return "perhaps";
    throw error;
  }
}

/** A value as Python writes it: a string, a name, or what stands in brackets; those of a header do not nest deeply. */
const valuePattern = String.raw`'[^']*'|"[^"]*"|\w+|\((?:[^()]|\([^()]*\))*\)|\[[^]*\]`;
const fieldPattern = new RegExp(String.raw`\s*(?:'(\w+)'|"(\w+)")\s*:\s*(${valuePattern})\s*(?:,|$)`, "y");

/** The fields of the dictionary, their values as text. */
function fieldsOf(text: string): Map<string, string> {
  const [, body] = /^\s*\{([^]*)\}\s*$/.exec(text) ?? [];
  if (body === undefined)
    throw fault(`its text begins with ${quote(text.slice(0, 40))}, expected a dictionary`);
  const fields = new Map<string, string>();
  fieldPattern.lastIndex = 0;
  for (let at = 0; body.slice(at).trim() !== ""; at = fieldPattern.lastIndex) {
    const [, single, double, value] = fieldPattern.exec(body) ?? [];
    const key = single ?? double;
    if (key === undefined || fields.has(key) || fields.size > 3)
      throw fault(`its text ${quote(text.slice(0, 80))} is no such dictionary`);
    fields.set(key, value!);
  }
  return fields;
}

/** `()`, `(3,)`, `(3, 4)`, and with an L behind each number as Python 2 writes it. */
function shapeOf(text: string): number[] {
  const [, body] = /^\(([\d\sL,]*)\)$/.exec(text) ?? [];
  const parts = body?.split(",").map((part) => part.trim()) ?? [];
  if (parts.at(-1) === "") parts.pop();
  const shape = parts.map((part) => (/^\d{1,16}L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  if (body === undefined || !shape.every((length) => Number.isSafeInteger(length))) {
    throw fault(`its shape is ${quote(text)}`);
  }
  return shape;
}
