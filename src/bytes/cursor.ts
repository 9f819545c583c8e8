/** A bounds-checked reader of binary fields. It knows no format: what is read, and from where, is the caller's. */

import { FormatError } from "../errors.ts";

/** What a cursor's errors say, and where it starts. */
export interface CursorOptions {
  /** What is being read, for messages: `"the zip directory"`. */
  readonly what: string;
  /** Offset of the first byte in the file, added to the offsets in messages. Default 0. */
  readonly base?: number;
  /** The code of the error at the end of the bytes. Default `"truncated"`. */
  readonly code?: string;
  /** Byte order of the multi-byte fields. Default little-endian. */
  readonly bigEndian?: boolean;
}

/**
 * Reads fields one after another from bytes in memory. Reading past the end is a `FormatError` that
 * names the offset, what was wanted and what was there; nothing is consumed then.
 *
 * @example
 * const cursor = new Cursor(new Uint8Array([1, 0, 0, 0, 7]), { what: "the header" });
 * cursor.u32(); // 1
 * cursor.remaining; // 1
 */
export class Cursor {
  /** The bytes it reads from. */
  readonly bytes: Uint8Array;
  /** Index of the next byte. */
  position = 0;
  readonly #view: DataView;
  readonly #what: string;
  readonly #base: number;
  readonly #code: string;
  readonly #littleEndian: boolean;

  constructor(bytes: Uint8Array, options: CursorOptions) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = options.what;
    this.#base = options.base ?? 0;
    this.#code = options.code ?? "truncated";
    this.#littleEndian = options.bigEndian !== true;
  }

  /** Number of bytes not read yet. */
  get remaining(): number {
    return this.bytes.byteLength - this.position;
  }

  /** Offset of the next byte in the file. */
  get offset(): number {
    return this.#base + this.position;
  }

  /** An unsigned byte. */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** A signed byte. */
  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  /** An unsigned 16-bit integer. */
  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#littleEndian);
  }

  /** A signed 16-bit integer. */
  i16(): number {
    return this.#view.getInt16(this.#take(2), this.#littleEndian);
  }

  /** An unsigned 32-bit integer. */
  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian);
  }

  /** A signed 32-bit integer. */
  i32(): number {
    return this.#view.getInt32(this.#take(4), this.#littleEndian);
  }

  /** An unsigned 64-bit integer as a number. Throws: `FormatError` with code `"number-too-large"` above 2^53 - 1. */
  u64(): number {
    const offset = this.offset;
    const value = this.#view.getBigUint64(this.#take(8), this.#littleEndian);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new FormatError(
        `reading ${this.#what} at offset ${offset}: found the 64-bit number ${value}, expected at most ${Number.MAX_SAFE_INTEGER}`,
        { code: "number-too-large", hint: "No file is that large; the file is damaged or made to mislead." },
      );
    }
    return Number(value);
  }

  /** A signed 64-bit integer. */
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), this.#littleEndian);
  }

  /** A 32-bit float. */
  f32(): number {
    return this.#view.getFloat32(this.#take(4), this.#littleEndian);
  }

  /** A 64-bit float. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), this.#littleEndian);
  }

  /** The next `byteLength` bytes, sharing memory. */
  take(byteLength: number): Uint8Array {
    const start = this.#take(byteLength);
    return this.bytes.subarray(start, start + byteLength);
  }

  /** Passes over `byteLength` bytes. */
  skip(byteLength: number): void {
    this.#take(byteLength);
  }

  /** The bytes up to the next line feed, which is consumed but not returned. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw this.#truncated("a line", "no line feed follows");
    const line = this.bytes.subarray(this.position, end);
    this.position = end + 1;
    return line;
  }

  #take(byteLength: number): number {
    const start = this.position;
    // Also refuses a negative or fractional length, which would move the cursor back or between bytes.
    if (!(byteLength >= 0 && byteLength <= this.bytes.byteLength - start && Number.isInteger(byteLength))) {
      throw this.#truncated(
        `${byteLength} ${byteLength === 1 ? "byte" : "bytes"}`,
        `${this.remaining} are left`,
      );
    }
    this.position = start + byteLength;
    return start;
  }

  #truncated(wanted: string, found: string): FormatError {
    return new FormatError(`reading ${this.#what} at offset ${this.offset}: ${wanted} wanted, ${found}`, {
      code: this.#code,
      hint: "The file is incomplete or damaged; fetch or save it again.",
    });
  }
}
