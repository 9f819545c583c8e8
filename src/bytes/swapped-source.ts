/** A source whose numbers are read with their bytes in the opposite order. */

import type { ByteSource } from "./source.ts";
import { checkRead } from "./source.ts";

/** The same bytes with every `width` of them reversed; its size is a multiple of `width`. */
export class SwappedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #width: number;

  constructor(source: ByteSource, width: number) {
    this.size = source.size;
    this.#source = source;
    this.#width = width;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const width = this.#width;
    const first = start - (start % width);
    const last = Math.min(this.size, Math.ceil(end / width) * width);
    const bytes = await this.#source.read(first, last, signal);
    const swapped = new Uint8Array(bytes.length);
    for (let at = 0; at < bytes.length; at += width) {
      for (let i = 0; i < width; i += 1) swapped[at + i] = bytes[at + width - 1 - i]!;
    }
    return swapped.subarray(start - first, end - first);
  }
}
