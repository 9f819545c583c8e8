/** A source of which stretches are replaced: an edit of some values in a storage, without copying the rest. */

import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";

/** The bytes of a source, with `patch` in place of those from `start` on. */
export class OverlaySource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #patch: Uint8Array;

  constructor(source: ByteSource, start: number, patch: Uint8Array) {
    this.size = source.size;
    this.#source = source;
    this.#start = start;
    this.#patch = patch;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const patchEnd = this.#start + this.#patch.length;
    const from = Math.max(start, this.#start);
    const to = Math.min(end, patchEnd);
    if (from >= to) return this.#source.read(start, end, signal);
    if (from === start && to === end) return this.#patch.slice(from - this.#start, to - this.#start);
    const bytes = (await this.#source.read(start, end, signal)).slice();
    bytes.set(this.#patch.subarray(from - this.#start, to - this.#start), from - start);
    return bytes;
  }
}
