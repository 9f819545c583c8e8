/**
 * The header of a GGUF file: its version, its key-value pairs, and where each tensor lies.
 *
 * Source: docs/gguf.md of ggml, which describes versions 1 to 3; version 1 counts with 32 bits, and version 3 may be
 * big-endian.
 */

import { Cursor } from "../bytes/cursor.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";

/** A tensor as the header lists it. */
export interface GgufTensor {
  readonly name: string;
  /** The fastest-changing dimension first, which is the reverse of a shape of PyTorch. */
  readonly dims: readonly number[];
  /** The number of its element type. */
  readonly type: number;
  /** In bytes from the start of the data. */
  readonly offset: number;
}

/** What a header says. */
export interface GgufHeader {
  readonly version: number;
  readonly isBigEndian: boolean;
  /** The key-value pairs; JSON values only. */
  readonly metadata: ReadonlyMap<string, unknown>;
  readonly tensors: readonly GgufTensor[];
  readonly alignment: number;
  /** Where the data of the tensors start in the file. */
  readonly dataStart: number;
}

/** Where data start when the file does not say: at a multiple of this. */
const defaultAlignment = 32;

/** Arrays inside each other. Real: one level. Prevents: a call stack as deep as the file. */
const deepestArray = 4;

/** Key-value pairs. Real: 100. Prevents: a table of millions that says nothing. */
const mostPairs = 100_000;

/** Items of an array that the metadata show; of longer ones, such as vocabularies, the number. */
const shownItems = 256;

/** Items of all arrays that the metadata show. Real: 5000. Prevents: short arrays in short arrays by the million. */
const mostShownItems = 100_000;

function damaged(found: string, code: string): FormatError {
  return new FormatError(`opening a GGUF file: ${found}`, {
    code,
    hint: "The file is damaged or incomplete, or was not written as GGUF; fetch it again.",
  });
}

/** The code of the error when more of the file is needed than `bytes` has. */
export const endOfHeader = "gguf-truncated";

/**
 * Reads a header from the first bytes of a file.
 *
 * Throws: `FormatError` with the code `endOfHeader` when it does not end within `bytes`, with other codes when it is
 * damaged; `LimitError` for more tensors than `limits.entries`.
 */
export function parseGgufHeader(bytes: Uint8Array, limits: Limits): GgufHeader {
  const isBigEndian = isSwapped(bytes);
  const cursor = new Cursor(bytes, { what: "the GGUF header", code: endOfHeader, bigEndian: isBigEndian });
  cursor.skip(4);
  const version = cursor.u32();
  if (version < 1 || version > 3) {
    throw damaged(`its version is ${version}, and the known ones are 1 to 3`, "gguf-version");
  }
  const reader = new HeaderReader(cursor, version);
  const tensorCount = reader.count();
  const pairCount = reader.count();
  if (tensorCount > limits.entries) {
    throw new LimitError(`opening a GGUF file: ${tensorCount} tensors, more than ${limits.entries}`, {
      code: "entries-limit",
      hint: "If you trust the file, raise limits.entries.",
    });
  }
  if (pairCount > mostPairs) {
    throw new LimitError(`opening a GGUF file: ${pairCount} key-value pairs, more than ${mostPairs}`, {
      code: "gguf-pairs",
      hint: "No real file has as many; do not trust it.",
    });
  }
  const metadata = new Map<string, unknown>();
  for (let index = 0; index < pairCount; index += 1) {
    const key = reader.text();
    if (metadata.has(key))
      throw damaged(`the key ${quote(key)} stands in it a second time`, "gguf-duplicate");
    metadata.set(key, reader.value(cursor.u32(), 0));
  }
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let index = 0; index < tensorCount; index += 1) {
    const tensor = reader.tensor(limits);
    if (names.has(tensor.name)) {
      throw damaged(`the tensor ${quote(tensor.name)} stands in it a second time`, "gguf-duplicate");
    }
    names.add(tensor.name);
    tensors.push(tensor);
  }
  const alignment = metadata.get("general.alignment") ?? defaultAlignment;
  if (typeof alignment !== "number" || !Number.isInteger(Math.log2(alignment)) || alignment > 2 ** 30) {
    throw damaged("its general.alignment is no power of two", "gguf-alignment");
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { version, isBigEndian, metadata, tensors, alignment, dataStart };
}

/** Whether the version, a small number, stands in the other order of bytes. */
function isSwapped(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && bytes[4] === 0 && bytes[5] === 0 && bytes[7] !== 0;
}

/** The fields of a header, one after another. */
class HeaderReader {
  readonly #cursor: Cursor;
  readonly #version: number;
  readonly #decoder: TextDecoder = new TextDecoder();
  /** Items of arrays that the metadata show so far. */
  #shown = 0;

  constructor(cursor: Cursor, version: number) {
    this.#cursor = cursor;
    this.#version = version;
  }

  /** A number of things. */
  count(): number {
    return this.#version === 1 ? this.#cursor.u32() : this.#cursor.u64();
  }

  text(): string {
    return this.#decoder.decode(this.#cursor.take(this.count()));
  }

  tensor({ rank }: Limits): GgufTensor {
    const name = this.text();
    const dimCount = this.#cursor.u32();
    if (dimCount > rank) {
      throw damaged(`the tensor ${quote(name)} has ${dimCount} dimensions, of at most ${rank}`, "gguf-rank");
    }
    const dims = Array.from({ length: dimCount }, () => this.count());
    return { name, dims, type: this.#cursor.u32(), offset: this.#cursor.u64() };
  }

  /** A value of one of GGUF's types, as JSON has it. */
  value(type: number, depth: number): unknown {
    const cursor = this.#cursor;
    switch (type) {
      case 0:
        return cursor.u8();
      case 1:
        return cursor.i8();
      case 2:
        return cursor.u16();
      case 3:
        return cursor.i16();
      case 4:
        return cursor.u32();
      case 5:
        return cursor.i32();
      case 6:
        return jsonNumber(cursor.f32());
      case 7:
        return cursor.u8() !== 0;
      case 8:
        return this.text();
      case 9:
        return this.#array(depth + 1);
      case 10:
        return jsonInteger(BigInt.asUintN(64, cursor.i64()));
      case 11:
        return jsonInteger(cursor.i64());
      case 12:
        return jsonNumber(cursor.f64());
      default:
        throw damaged(`it has a value of the type ${type}, which is none`, "gguf-value-type");
    }
  }

  /** The items of a short array; of a long one their number, once they have been passed over. */
  #array(depth: number): unknown {
    if (depth > deepestArray) throw damaged(`it has arrays inside ${deepestArray} others`, "gguf-value-type");
    const type = this.#cursor.u32();
    const length = this.count();
    const isShown = length <= shownItems && this.#shown + length <= mostShownItems;
    if (isShown) this.#shown += length;
    const items: unknown[] = [];
    for (let index = 0; index < length; index += 1) {
      // Passing over what is not shown also refuses a length that the file cannot have.
      const item = this.value(type, depth);
      if (isShown) items.push(item);
    }
    return isShown ? items : { length };
  }
}

/** A number as JSON has it; NaN and the infinities are texts. */
function jsonNumber(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** An integer as JSON has it; beyond 2^53 a text. */
function jsonInteger(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
