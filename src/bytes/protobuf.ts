/**
 * The fields of a protocol buffer message, walked in the source that holds it: what is long is passed over, not read. It
 * knows no message; which field means what is the caller's.
 *
 * Source: the wire format, protobuf.dev/programming-guides/encoding.
 */

import { FormatError, LimitError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

/** One field of a message. */
export interface ProtobufField {
  readonly number: number;
  /** How it is written: a varint, 8 bytes, bytes after their length, or 4 bytes. */
  readonly wire: "varint" | "fixed64" | "bytes" | "fixed32";
  /** The varint, not signed; 0 for others. */
  readonly value: bigint;
  /** Where its content lies in the source: of bytes without their length. */
  readonly start: number;
  readonly end: number;
}

const wires = new Map([
  [0, "varint"],
  [1, "fixed64"],
  [2, "bytes"],
  [5, "fixed32"],
] as const);

/** Bytes fetched at a time: many small fields, or the start of a long one. */
const windowByteLength = 64 * 2 ** 10;

/** Bytes of the longest varint. */
export const longestVarint = 10;

/** Bytes of a text. Real: 5 MB, a configuration kept with a model. Prevents: a name as long as the file. */
const mostTextBytes = 16 * 2 ** 20;

/** The varint at `at` and the index after it; null where it does not end, or is longer than any. */
export function varintAt(
  bytes: Uint8Array,
  at: number,
): { readonly value: bigint; readonly end: number } | null {
  // The first seven bytes as a number, which is nearly always all.
  let low = 0;
  for (let i = 0; i < longestVarint; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    if (i === 7) return longVarint(bytes, at);
    low += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value: BigInt(low), end: at + i + 1 };
  }
  return null;
}

function longVarint(bytes: Uint8Array, at: number): { value: bigint; end: number } | null {
  let value = 0n;
  for (let i = 0; i < longestVarint; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) return { value: BigInt.asUintN(64, value), end: at + i + 1 };
  }
  return null;
}

/** Walks messages in a source. Reads it in windows, each once while the walk goes forward. */
export class ProtobufReader {
  readonly #source: ByteSource;
  readonly #what: string;
  readonly #signal: AbortSignal | undefined;
  #window: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };

  /** `what` is what is being read, for messages: `"the ONNX model"`. */
  constructor(source: ByteSource, what: string, signal?: AbortSignal) {
    this.#source = source;
    this.#what = what;
    this.#signal = signal;
  }

  /**
   * The fields of the message from `start` up to `end`, one after another.
   *
   * Throws: `FormatError` with code `"protobuf"` at the field that is damaged, or does not end in its message.
   */
  async *fields(start: number, end: number): AsyncGenerator<ProtobufField> {
    let at = start;
    while (at < end) {
      const tag = await this.#varint(at, end);
      const number = Number(tag.value >> 3n);
      const wire = wires.get(Number(tag.value & 7n) as 0 | 1 | 2 | 5);
      if (wire === undefined || number < 1) throw this.#fault(at, "no field starts here");
      const field = await this.#field(number, wire, tag.end, end);
      if (field.end > end) {
        throw this.#fault(
          at,
          `field ${number} ends at ${field.end}, beyond its message, which ends at ${end}`,
        );
      }
      yield field;
      at = field.end;
    }
  }

  /** The content of a field. */
  async bytes({ start, end }: ProtobufField): Promise<Uint8Array> {
    const { start: first, bytes } = this.#window;
    if (first <= start && end <= first + bytes.length) return bytes.subarray(start - first, end - first);
    return this.#source.read(start, end, this.#signal);
  }

  /** The content of a field as text. Throws: `LimitError` for one of more than 16 MiB. */
  async text(field: ProtobufField): Promise<string> {
    const byteLength = field.end - field.start;
    if (byteLength > mostTextBytes) {
      throw new LimitError(
        `reading ${this.#what} at offset ${field.start}: a text of ${byteLength} bytes, more than ${mostTextBytes}`,
        { code: "protobuf-text", hint: "No real name or description is that long; do not trust the file." },
      );
    }
    return new TextDecoder().decode(await this.bytes(field));
  }

  async #field(number: number, wire: ProtobufField["wire"], at: number, end: number): Promise<ProtobufField> {
    switch (wire) {
      case "varint": {
        const { value, end: next } = await this.#varint(at, end);
        return { number, wire, value, start: at, end: next };
      }
      case "bytes": {
        const length = await this.#varint(at, end);
        return { number, wire, value: 0n, start: length.end, end: length.end + Number(length.value) };
      }
      default:
        return { number, wire, value: 0n, start: at, end: at + (wire === "fixed32" ? 4 : 8) };
    }
  }

  async #varint(at: number, end: number): Promise<{ value: bigint; end: number }> {
    const { start, bytes } = this.#window;
    if (at < start || at + longestVarint > start + bytes.length) await this.#fetch(at);
    const found = varintAt(this.#window.bytes, at - this.#window.start);
    if (found === null) throw this.#fault(at, "no number ends here");
    const next = found.end + this.#window.start;
    if (next > end)
      throw this.#fault(at, `a number ends at ${next}, beyond its message, which ends at ${end}`);
    return { value: found.value, end: next };
  }

  async #fetch(start: number): Promise<void> {
    const end = Math.min(this.#source.size, start + windowByteLength);
    const held = this.#window;
    const isHeld = held.start <= start && held.start + held.bytes.length >= end;
    if (!isHeld)
      this.#window = { start, bytes: await this.#source.read(Math.min(start, end), end, this.#signal) };
  }

  #fault(at: number, found: string): FormatError {
    return new FormatError(`reading ${this.#what} at offset ${at}: ${found}`, {
      code: "protobuf",
      hint: "The file is incomplete or damaged; fetch or save it again.",
    });
  }
}
