/**
 * Single opcodes of pickles of protocol 2, as bytes: numbers, texts, names, and the numbering of what can be referred
 * to later. What is written in which order is for `writer.ts`.
 */

import { ByteBuffer } from "../bytes/byte-buffer.ts";
import { UsageError } from "../errors.ts";
import { opcodes } from "./opcodes.ts";
import type { OpcodeName } from "./opcodes.ts";
import { python2Name } from "./python2-writing.ts";
import { utf8Bytes } from "./text.ts";

/** The refusal of what no pickle can hold. */
export function unwritable(what: string): UsageError {
  return new UsageError(`writing a pickle: found ${what}`, {
    code: "pickle-unwritable",
    hint: "Take it out of what is saved, or replace it.",
  });
}

/** Opcodes one after another. */
export class OpcodeWriter {
  readonly #out: ByteBuffer = new ByteBuffer(1024);
  #memoSize = 0;

  /** What was written. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#out.bytes;
  }

  /** An opcode with nothing after it. */
  op(name: OpcodeName): void {
    this.#out.u8(opcodes[name]);
  }

  /** The header, with the protocol's number. */
  protocol(): void {
    this.op("PROTO");
    this.#out.u8(2);
  }

  /** Numbers the value on the stack, for later reference. */
  put(): number {
    const index = this.#memoSize;
    this.#memoSize += 1;
    if (index < 256) {
      this.op("BINPUT");
      this.#out.u8(index);
    } else {
      this.op("LONG_BINPUT");
      this.#out.u32(index);
    }
    return index;
  }

  /** The value that was numbered so. */
  get(index: number): void {
    if (index < 256) {
      this.op("BINGET");
      this.#out.u8(index);
    } else {
      this.op("LONG_BINGET");
      this.#out.u32(index);
    }
  }

  /** An integer that JavaScript holds exactly. */
  integer(value: number): void {
    if (!Number.isSafeInteger(value))
      throw unwritable(`the number ${value}, which is neither a float nor an exact integer`);
    if (value >= 0 && value < 0x100) {
      this.op("BININT1");
      this.#out.u8(value);
    } else if (value >= 0 && value < 0x10000) {
      this.op("BININT2");
      this.#out.u16(value);
    } else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.op("BININT");
      this.#out.u32(value);
    } else {
      this.long(BigInt(value));
    }
  }

  /** Two's complement in as few bytes as hold the number and its sign. */
  long(value: bigint): void {
    if (value >= -(2n ** 31n) && value < 2n ** 31n) return this.integer(Number(value));
    const magnitude = (value < 0n ? -value - 1n : value).toString(16);
    const bits = magnitude.length * 4 - Math.clz32(Number.parseInt(magnitude[0]!, 16)) + 28;
    const length = (bits >> 3) + 1;
    if (length < 0x100) {
      this.op("LONG1");
      this.#out.u8(length);
    } else {
      this.op("LONG4");
      this.#out.u32(length);
    }
    const digits = BigInt.asUintN(8 * length, value)
      .toString(16)
      .padStart(2 * length, "0");
    for (let at = digits.length - 2; at >= 0; at -= 2)
      this.#out.u8(Number.parseInt(digits.slice(at, at + 2), 16));
  }

  /** A text, numbered. */
  unicode(text: string): number {
    const bytes = utf8Bytes(text);
    if (bytes.length > 0xffffffff) throw unwritable(`a string of ${bytes.length} bytes`);
    this.op("BINUNICODE");
    this.#out.u32(bytes.length);
    this.#out.append(bytes);
    return this.put();
  }

  /** A float. */
  float(value: number): void {
    this.op("BINFLOAT");
    this.#out.f64BigEndian(value);
  }

  /** A class or function, numbered. Its name has no dots, which protocol 2 cannot say. */
  global(module: string, name: string): number {
    if (module.includes("\n") || name.includes("\n"))
      throw unwritable("a class or function with a line feed in its name");
    const written = python2Name(module, name);
    this.op("GLOBAL");
    this.#out.append(utf8Bytes(`${written.module}\n${written.name}\n`));
    return this.put();
  }

  /** A class or function by its number in the writing program's registry. */
  extension(code: number): void {
    this.op(code < 0x100 ? "EXT1" : code < 0x10000 ? "EXT2" : "EXT4");
    if (code < 0x100) this.#out.u8(code);
    else if (code < 0x10000) this.#out.u16(code);
    else this.#out.u32(code);
  }
}
