/** Elements of one dtype as the bytes of another, converted when they are read. */

import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";
import type { DType } from "../dtype.ts";

/** The little-endian elements of a source, converted as PyTorch's `to(dtype)` does. */
export class CastSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #from: DType;
  readonly #to: DType;

  /** Both dtypes take whole bytes an element. */
  constructor(source: ByteSource, from: DType, to: DType) {
    this.size = (source.size / from.itemSize) * to.itemSize;
    this.#source = source;
    this.#from = from;
    this.#to = to;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const from = this.#from;
    const to = this.#to;
    const first = Math.floor(start / to.itemSize);
    const last = Math.ceil(end / to.itemSize);
    const bytes = await this.#source.read(first * from.itemSize, last * from.itemSize, signal);
    const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const converted = new Uint8Array((last - first) * to.itemSize);
    const target = new DataView(converted.buffer);
    for (let index = 0; index < last - first; index += 1) to.set(target, index, from.get(source, index));
    return converted.subarray(start - first * to.itemSize, end - first * to.itemSize);
  }
}
