/**
 * The elements of a lazily conjugated or negated view, as they are for whoever uses the tensor: PyTorch stores them
 * unchanged, with a flag, and changes them when they are read.
 */

import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";
import type { DType } from "../dtype.ts";

/** The little-endian elements of a source, conjugated, negated or both. */
export class LazySource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #dtype: DType;
  readonly #lazy: readonly ("conj" | "neg")[];

  /** The dtype takes whole bytes an element. */
  constructor(source: ByteSource, dtype: DType, lazy: readonly ("conj" | "neg")[]) {
    this.size = source.size;
    this.#source = source;
    this.#dtype = dtype;
    this.#lazy = lazy;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const { itemSize, swap, kind } = this.#dtype;
    const first = start - (start % itemSize);
    const last = Math.ceil(end / itemSize) * itemSize;
    const bytes = (await this.#source.read(first, last, signal)).slice();
    if (this.#lazy.includes("neg")) {
      if (kind === "int" || kind === "uint") negateIntegers(bytes, itemSize);
      else flipSigns(bytes, 0, swap, swap);
    }
    // conj(re + i im) = re - i im, and the imaginary part is the second half.
    if (this.#lazy.includes("conj") && kind === "complex") flipSigns(bytes, swap, itemSize, swap);
    return bytes.subarray(start - first, end - first);
  }
}

/** Flips the sign of a number of `size` bytes at `from`, and at every `step` bytes after it: the last byte's top bit. */
function flipSigns(bytes: Uint8Array, from: number, step: number, size: number): void {
  for (let at = from + size - 1; at < bytes.length; at += step) bytes[at]! ^= 0x80;
}

/** Two's complement: -n = ~n + 1. */
function negateIntegers(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) {
    let carry = 1;
    for (let at = start; at < start + size; at += 1) {
      const sum = (bytes[at]! ^ 0xff) + carry;
      bytes[at] = sum;
      carry = sum >> 8;
    }
  }
}
