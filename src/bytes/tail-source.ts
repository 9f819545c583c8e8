/** A source whose last bytes have been read already: where a zip keeps its directory. */

import { type ByteSource, checkRead } from "./source.ts";

/** A longer read is not put together from two parts: copying it costs more than reading the tail again. */
const longByteLength = 2 ** 20;

/** Answers from memory what lies in the tail, and reads only the rest from the source beneath. */
export class TailSource implements ByteSource {
  readonly size: number;
  /** Where the tail starts; it reaches to the end of the source. */
  readonly tailStart: number;
  /** The tail. */
  readonly tail: Uint8Array;
  readonly #source: ByteSource;

  private constructor(source: ByteSource, tail: Uint8Array) {
    this.#source = source;
    this.size = source.size;
    this.tail = tail;
    this.tailStart = source.size - tail.byteLength;
  }

  /** Reads the last `byteLength` bytes of a source, or all of them if there are fewer. One read. */
  static async open(source: ByteSource, byteLength: number, signal?: AbortSignal): Promise<TailSource> {
    const start = Math.max(0, source.size - byteLength);
    return new TailSource(source, await source.read(start, source.size, signal));
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    if (start >= this.tailStart) return this.tail.subarray(start - this.tailStart, end - this.tailStart);
    if (end <= this.tailStart || end - start > longByteLength) return this.#source.read(start, end, signal);
    const result = new Uint8Array(end - start);
    result.set(await this.#source.read(start, this.tailStart, signal));
    result.set(this.tail.subarray(0, end - this.tailStart), this.tailStart - start);
    return result;
  }
}
