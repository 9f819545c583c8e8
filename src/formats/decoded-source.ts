/** The elements of blocks as float32, decoded as they are read. */

import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";
import { LimitError } from "../errors.ts";
import type { BlockType } from "./gguf-types.ts";

function allocate(count: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(count);
  } catch (cause) {
    throw new LimitError(`decoding blocks: ${count} elements are more than one array can hold`, {
      code: "read-too-large",
      hint: "Read the entry in ranges or in blocks.",
      cause,
    });
  }
}

/** Bytes of a float32. */
const itemByteLength = 4;

/** Reads blocks from `source`, which is nothing but them, and gives their elements as little-endian float32. */
export class DecodedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #type: BlockType;

  constructor(source: ByteSource, type: BlockType) {
    this.size = (source.size / type.byteLength) * type.elements * itemByteLength;
    this.#source = source;
    this.#type = type;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const { elements, byteLength, decode } = this.#type;
    const decodedByteLength = elements * itemByteLength;
    const first = Math.floor(start / decodedByteLength);
    const last = Math.ceil(end / decodedByteLength);
    const stored = await this.#source.read(first * byteLength, last * byteLength, signal);
    const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
    const out = allocate((last - first) * elements);
    for (let block = 0; block < last - first; block += 1) {
      decode!(view, block * byteLength, out, block * elements);
    }
    const base = first * decodedByteLength;
    return new Uint8Array(out.buffer, start - base, end - start);
  }
}
