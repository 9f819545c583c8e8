/** A window of another source: a zip's record, a zip inside a zip, a tensor's bytes inside a shared file. */

import { type ByteSource, checkRead } from "./source.ts";

/** The bytes `[start, end)` of another source as a source of their own. Holds no bytes and opens nothing. */
export class SliceSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #start: number;

  /** Throws: `UsageError` unless `0 <= start <= end <= source.size`. */
  constructor(source: ByteSource, start: number, end: number) {
    checkRead(source.size, start, end);
    this.size = end - start;
    // A window of a window looks straight through: a chain of them costs what one does.
    this.#source = source instanceof SliceSource ? source.#source : source;
    this.#start = source instanceof SliceSource ? source.#start + start : start;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    return this.#source.read(this.#start + start, this.#start + end, signal);
  }
}
