/** Bytes that are in memory already, as a source. */

import { type ByteSource, checkRead } from "./source.ts";

/** A source over bytes in memory. They are not copied, so they must not change while the source is in use. */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array | ArrayBuffer) {
    this.#bytes = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    this.size = this.#bytes.byteLength;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    return this.#bytes.subarray(start, end);
  }
}
