/**
 * The bytes of a pickle and the place in them: numbers, lengths and lines, never read past the end. Every claimed
 * length is compared with the bytes that are left before anything is made of it.
 */

import { FormatError, LimitError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { opcodeNames } from "./opcodes.ts";

const lineFeed = 0x0a;

/** Reads a pickle from front to back. */
export class PickleReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The next byte to read. */
  position: number;
  /** Where the opcode stands that is being carried out; errors name it. */
  opcodeStart: number;

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.opcodeStart = start;
  }

  /** A fault at the opcode that is being carried out. */
  fault(code: string, what: string): FormatError {
    return new FormatError(`pickle: byte ${this.opcodeStart}: ${what}`, {
      code,
      hint: "The file is damaged or no pickle; get it again from where it came from.",
    });
  }

  /** A cap that the opcode exceeds which is being carried out; `name` is the limit to raise, if one is. */
  beyond(code: string, what: string, name?: keyof Limits): LimitError {
    return new LimitError(`pickle: byte ${this.opcodeStart}: ${what}`, {
      code,
      hint: name && `If you trust the file, raise the limit ${name}.`,
    });
  }

  /** The name of the opcode that is being carried out. */
  get opcode(): string {
    return opcodeNames.get(this.bytes[this.opcodeStart] ?? -1) ?? "an unknown opcode";
  }

  /** Moves past `length` bytes and returns where they start. */
  skip(length: number): number {
    const start = this.position;
    const left = this.bytes.length - start;
    if (length > left) {
      throw this.fault("pickle-truncated", `${this.opcode} needs ${length} bytes, found ${left}`);
    }
    this.position = start + length;
    return start;
  }

  uint8(): number {
    return this.bytes[this.skip(1)]!;
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  /** A length of 32 bits with a sign; a negative one is a fault. */
  length32(): number {
    const length = this.int32();
    if (length < 0) throw this.fault("pickle-length", `${this.opcode} claims a length of ${length}`);
    return length;
  }

  /** A length of 64 bits. One beyond 2^53 loses its last digits here, which no comparison notices. */
  length64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  /** A float of 64 bits, the one number in a pickle with its highest byte first. */
  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  /** The bytes up to the next line feed, which is passed but not included. */
  line(): Uint8Array {
    const start = this.position;
    const end = this.bytes.indexOf(lineFeed, start);
    if (end < 0) throw this.fault("pickle-truncated", `${this.opcode} needs a line, found no line feed`);
    this.position = end + 1;
    return this.bytes.subarray(start, end);
  }
}
