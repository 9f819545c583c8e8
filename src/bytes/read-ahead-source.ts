/** Fetching more than was asked for while a source is read from front to back. */

import { type ByteSource, checkRead } from "./source.ts";

/** How far to read ahead. */
export interface ReadAheadOptions {
  /** Bytes fetched ahead at most, and so the bytes kept. Default 4 MiB. */
  readonly maxByteLength?: number;
}

/** Bytes read in one go before anything is fetched ahead: a header is often read in small steps, and then ends. */
const startByteLength = 256 * 2 ** 10;

/** Bytes that may be passed over: padding, and the header of a zip's next record. */
const maxGap = 4096;

/**
 * Reads ahead while each read begins where the last one ended: as much again as was read so far, up to a limit. So
 * blocks of a large tensor take few requests, and what is fetched for nothing is never more than what was wanted.
 */
export class ReadAheadSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #maxByteLength: number;
  /** Where the run of reads stands, how many bytes it has, and how many its last read. */
  #end = 0;
  #byteLength = 0;
  #lastByteLength = 0;
  /** What was fetched ahead. */
  #ahead: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };

  constructor(source: ByteSource, options: ReadAheadOptions = {}) {
    this.#source = source;
    this.size = source.size;
    this.#maxByteLength = options.maxByteLength ?? 4 * 2 ** 20;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const byteLength = end - start;
    const isNext = start >= this.#end && start - this.#end <= maxGap;
    const before = isNext ? this.#byteLength : 0;
    // A shorter read is the last block of a tensor, or a small thing that lies behind a large one.
    const isBlock = byteLength >= this.#lastByteLength;
    this.#end = end;
    this.#byteLength = before + byteLength;
    this.#lastByteLength = byteLength;
    const { start: aheadStart, bytes: ahead } = this.#ahead;
    if (aheadStart <= start && end <= aheadStart + ahead.byteLength) {
      return ahead.subarray(start - aheadStart, end - aheadStart);
    }
    const more = isBlock && before >= startByteLength ? Math.min(before, this.#maxByteLength) : 0;
    // Whole reads of this length, so that the one after the last does not find half of its bytes here.
    const until = Math.min(this.size, end + more - (more % Math.max(1, byteLength)));
    const bytes = await this.#source.read(start, until, signal);
    if (until > end) this.#ahead = { start: end, bytes: bytes.subarray(byteLength) };
    return bytes.subarray(0, byteLength);
  }
}
