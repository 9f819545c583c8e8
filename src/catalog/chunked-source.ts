/** A tensor that lies in boxes, as the bytes of the whole in contiguous order: each read asks only the boxes it meets. */

import type { ByteSource } from "../bytes/source.ts";
import { checkRead } from "../bytes/source.ts";
import { dtypes } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { Chunk } from "./entry.ts";
import type { StorageReading } from "./strided.ts";
import { readStrided } from "./strided.ts";

/** Finds the bytes of a box's storage. */
type OpenStorage = (key: string, signal: AbortSignal | undefined) => Promise<StorageReading>;

/**
 * A box as runs of elements that are neighbours in the whole as well as in the box. Runs have one length, and their
 * places in the whole ascend.
 */
interface Runs {
  readonly chunk: Chunk;
  /** Elements of one run. */
  readonly length: number;
  readonly count: number;
  /** The first element of a run in the whole. */
  placeOf(run: number): number;
}

/** The elements of boxes that together are a tensor, without holes or overlaps (`tiling.ts`). */
export class ChunkedSource implements ByteSource {
  readonly size: number;
  readonly #dtype: DType;
  readonly #runs: readonly Runs[];
  readonly #open: OpenStorage;

  /** `dtype` has elements of whole bytes. */
  constructor(dtype: DType, shape: readonly number[], chunks: readonly Chunk[], open: OpenStorage) {
    this.size = countOf(shape) * dtype.itemSize;
    this.#dtype = dtype;
    this.#runs = chunks.filter(({ sizes }) => !sizes.includes(0)).map((chunk) => runsOf(shape, chunk));
    this.#open = open;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    const { itemSize } = this.#dtype;
    const first = Math.floor(start / itemSize);
    const last = Math.ceil(end / itemSize);
    const bytes = new Uint8Array((last - first) * itemSize);
    await Promise.all(this.#runs.map((runs) => this.#fill(bytes, runs, first, last, signal)));
    return bytes.subarray(start - first * itemSize, end - first * itemSize);
  }

  /** Copies what a box has of the elements `first` up to `last`. */
  async #fill(
    bytes: Uint8Array,
    runs: Runs,
    first: number,
    last: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { chunk, length, count, placeOf } = runs;
    const low = firstRun(count, (run) => placeOf(run) + length > first);
    const high = firstRun(count, (run) => placeOf(run) >= last);
    if (low >= high) return;
    const { itemSize } = this.#dtype;
    const { dtype, shape, stride, offset, storage } = chunk.where;
    const reading = await this.#open(storage.key, signal);
    // The first and the last run may be met in part only.
    const from = low * length + Math.max(0, first - placeOf(low));
    const until = (high - 1) * length + Math.min(length, last - placeOf(high - 1));
    const view = { dtype: dtypes[dtype], shape, stride, offset };
    const read = await readStrided({ ...reading, signal }, view, from * itemSize, until * itemSize);
    for (let run = low; run < high; run += 1) {
      const start = Math.max(run * length, from);
      const end = Math.min((run + 1) * length, until);
      const target = placeOf(run) + start - run * length - first;
      bytes.set(read.subarray((start - from) * itemSize, (end - from) * itemSize), target * itemSize);
    }
  }
}

function runsOf(shape: readonly number[], chunk: Chunk): Runs {
  const { offsets, sizes } = chunk;
  const strides = contiguousStrides(shape);
  // The dimensions that the box fills at the end, and the one before them, are one run.
  let split = shape.length;
  while (split > 0 && sizes[split - 1] === shape[split - 1]) split -= 1;
  const outer = Math.max(0, split - 1);
  const length = countOf(sizes.slice(outer));
  const base = offsets.reduce((sum, offset, axis) => sum + offset * strides[axis]!, 0);
  const outerSizes = sizes.slice(0, outer);
  const placeOf = (run: number): number => {
    let place = base;
    let rest = run;
    for (let axis = outer - 1; axis >= 0; axis -= 1) {
      place += (rest % outerSizes[axis]!) * strides[axis]!;
      rest = Math.floor(rest / outerSizes[axis]!);
    }
    return place;
  };
  return { chunk, length, count: countOf(outerSizes), placeOf };
}

/** The first run of which something is true that stays true from there on; `count` when it never is. */
function firstRun(count: number, isReached: (run: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
