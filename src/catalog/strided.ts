/**
 * Reading a strided view from the bytes of its storage: any range of its contiguous order, in bounded memory, from
 * storages of either byte order.
 *
 * Owns the reads and the copying; where the elements lie is the business of `boxes.ts`.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { DType } from "../dtype.ts";
import { byteLengthOf } from "../dtype.ts";
import { LimitError, UsageError } from "../errors.ts";
import { countOf } from "../shape.ts";
import type { Axis, Box } from "./boxes.ts";
import { axesOf, boxesOf, extentOf, isRun, piecesOf } from "./boxes.ts";

/** A view into a storage; stride and offset are in elements. */
export interface StridedView {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** A storage's bytes, and how to read them. */
export interface StorageReading {
  readonly source: ByteSource;
  /** The order of bytes within a number. */
  readonly byteOrder: "little" | "big";
  /** Bytes of the storage that may be held at once, as in `Limits`. */
  readonly gatherBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Two pieces closer than this are fetched in one read: about what a read costs beside its bytes. */
const gapBytes = 64 * 1024;
/** Reads under way at once; a remote source answers them side by side. */
const readsAtOnce = 64;
/** Below this many items a loop is quicker than `set` of a subarray. */
const shortRun = 32;
/** Items along the side of a square that is copied at a time: two of 64 by 64 words fit the first cache. */
const squareSide = 64;

type Words = Uint8Array | Uint16Array | Uint32Array;

/** The same bytes as words of `unit` bytes; copied where they do not start on a multiple of it. */
function wordsOf(bytes: Uint8Array, unit: number): Words {
  if (unit === 1) return bytes;
  const aligned = bytes.byteOffset % unit === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset, byteLength } = aligned;
  return unit === 2
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** Copies the innermost axis: `axis.size` items of `words` words, from and to the given words. */
function copyAxis(source: Words, from: number, target: Words, to: number, axis: Axis, words: number): void {
  const size = axis.size;
  if (axis.stride === 1 && axis.step === 1 && size * words >= shortRun) {
    target.set(source.subarray(from, from + size * words), to);
    return;
  }
  const stride = axis.stride * words;
  const step = axis.step * words;
  if (words === 1) {
    for (let i = 0, s = from, t = to; i < size; i += 1, s += stride, t += step) target[t] = source[s]!;
    return;
  }
  for (let i = 0, s = from, t = to; i < size; i += 1, s += stride, t += step) {
    for (let word = 0; word < words; word += 1) target[t + word] = source[s + word]!;
  }
}

/**
 * Copies the two innermost axes in squares: what is read along one axis and written along the other stays in the cache
 * until all of its line was used.
 */
function copyPlane(
  source: Words,
  from: number,
  target: Words,
  to: number,
  [outer, inner]: readonly [Axis, Axis],
  words: number,
): void {
  for (let row = 0; row < outer.size; row += squareSide) {
    const rowEnd = Math.min(outer.size, row + squareSide);
    for (let column = 0; column < inner.size; column += squareSide) {
      const part = { ...inner, size: Math.min(squareSide, inner.size - column) };
      for (let at = row; at < rowEnd; at += 1) {
        const s = from + (at * outer.stride + column * inner.stride) * words;
        const t = to + (at * outer.step + column * inner.step) * words;
        copyAxis(source, s, target, t, part, words);
      }
    }
  }
}

/** Copies a box whose first item is the first of `source`. */
function copyBox(source: Words, target: Words, box: Box, words: number): void {
  const single: Axis = { size: 1, stride: 1, step: 1 };
  const plane: readonly [Axis, Axis] = [box.axes.at(-2) ?? single, box.axes.at(-1) ?? single];
  const isTransposed = plane[0].step < plane[1].step;
  const inner = plane[1];
  const outer = box.axes.slice(0, isTransposed ? -2 : -1);
  const at = outer.map(() => 0);
  let from = 0;
  let to = box.target * words;
  for (;;) {
    if (isTransposed) copyPlane(source, from, target, to, plane, words);
    else copyAxis(source, from, target, to, inner, words);
    let depth = outer.length - 1;
    for (; depth >= 0; depth -= 1) {
      const axis = outer[depth]!;
      from += axis.stride * words;
      to += axis.step * words;
      at[depth]! += 1;
      if (at[depth]! < axis.size) break;
      from -= axis.size * axis.stride * words;
      to -= axis.size * axis.step * words;
      at[depth] = 0;
    }
    if (depth < 0) return;
  }
}

/** Reverses every `size` bytes in place. */
function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let start = 0; start < bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low += 1, high -= 1) {
      const byte = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = byte;
    }
  }
}

function allocate(byteLength: number): Uint8Array {
  try {
    return new Uint8Array(byteLength);
  } catch (cause) {
    throw new LimitError(`gathering a strided view: ${byteLength} bytes are more than one array can hold`, {
      code: "read-too-large",
      hint: "Read the entry in ranges or in blocks.",
      cause,
    });
  }
}

/** Gathers the elements `first` up to `last` of a view that is not one run. */
async function gather(
  storage: StorageReading,
  view: StridedView,
  axes: readonly Axis[],
  range: { readonly first: number; readonly last: number },
  gap: number,
): Promise<Uint8Array> {
  const { itemSize } = view.dtype;
  const unit = Math.min(itemSize, 4);
  const words = itemSize / unit;
  const result = allocate((range.last - range.first) * itemSize);
  const target = wordsOf(result, unit);
  const window = Math.max(1, Math.floor(storage.gatherBytes / itemSize));

  let batch: Box[] = [];
  let held = 0;
  const flush = async (): Promise<void> => {
    const reads = batch.map((piece) => {
      const start = piece.source * itemSize;
      return storage.source.read(start, start + extentOf(piece.axes) * itemSize, storage.signal);
    });
    for (const [index, bytes] of (await Promise.all(reads)).entries()) {
      copyBox(wordsOf(bytes, unit), target, batch[index]!, words);
    }
    batch = [];
    held = 0;
  };
  for (const box of boxesOf(axes, view.offset, range.first, range.last)) {
    for (const piece of piecesOf(box, window, Math.floor(gap / itemSize))) {
      const extent = extentOf(piece.axes);
      if (batch.length === readsAtOnce || held + extent > window) await flush();
      batch.push(piece);
      held += extent;
    }
  }
  await flush();
  return result;
}

/** Where a view that is one run starts in its storage, in bytes. */
function runStart(view: StridedView): number {
  const bits = view.offset * view.dtype.bits;
  return view.dtype.bits < 8 ? bits / 8 : view.offset * view.dtype.itemSize;
}

/** Whether the view can be read: packed elements only where they lie in one run from a byte's first bit. */
export function isReadable(view: StridedView): boolean {
  return (
    view.dtype.bits >= 8 ||
    view.shape.includes(0) ||
    (isRun(axesOf(view.shape, view.stride)) && Number.isInteger(runStart(view)))
  );
}

/**
 * The bytes `start` up to `end` of a view's contiguous order, little-endian. What is not one run is gathered: memory
 * for the result, and at most `gatherBytes` beside it.
 *
 * Throws: `UsageError` for packed elements that are not one run; `LimitError` when the range does not fit one array.
 */
export async function readStrided(
  storage: StorageReading,
  view: StridedView,
  start: number,
  end: number,
): Promise<Uint8Array> {
  return readRange(storage, view, start, end, gapBytes);
}

async function readRange(
  storage: StorageReading,
  view: StridedView,
  start: number,
  end: number,
  gap: number,
): Promise<Uint8Array> {
  if (start === end) return new Uint8Array(0);
  if (!isReadable(view)) {
    throw new UsageError(
      `reading a strided view: elements of ${view.dtype.bits} bits that are not in one run`,
      {
        code: "packed-strides",
        hint: "Only contiguous tensors of packed types have bytes of their own.",
      },
    );
  }
  const { itemSize, swap } = view.dtype;
  const swaps = storage.byteOrder === "big" && swap > 1;
  const axes = axesOf(view.shape, view.stride);
  if (isRun(axes) && !swaps) {
    const base = runStart(view);
    return storage.source.read(base + start, base + end, storage.signal);
  }
  const first = Math.floor(start / itemSize);
  const last = Math.ceil(end / itemSize);
  let bytes: Uint8Array;
  if (isRun(axes)) {
    const base = runStart(view);
    const shared = await storage.source.read(base + first * itemSize, base + last * itemSize, storage.signal);
    bytes = new Uint8Array(shared);
  } else {
    bytes = await gather(storage, view, axes, { first, last }, gap);
  }
  if (swaps) swapBytes(bytes, swap);
  return bytes.subarray(start - first * itemSize, end - first * itemSize);
}

/**
 * All bytes of a view's contiguous order, little-endian, in blocks of `size` bytes, the last one shorter. Every byte of
 * the storage is read once where the view's stretch of it fits `gatherBytes`, else once for every half of that.
 */
export async function* stridedBlocks(
  storage: StorageReading,
  view: StridedView,
  size: number,
): AsyncGenerator<Uint8Array> {
  const byteLength = byteLengthOf(view.dtype, countOf(view.shape));
  if (byteLength === 0) return;
  const axes = axesOf(view.shape, view.stride);
  if (isRun(axes)) {
    for (let start = 0; start < byteLength; start += size) {
      yield await readStrided(storage, view, start, Math.min(byteLength, start + size));
    }
    return;
  }
  const { itemSize } = view.dtype;
  const extent = extentOf(axes) * itemSize;
  if (extent <= storage.gatherBytes && extent <= 2 * byteLength) {
    const base = view.offset * itemSize;
    const held = await storage.source.read(base, base + extent, storage.signal);
    const source: ByteSource = {
      size: held.length,
      read: async (start, end) => held.subarray(start, end),
    };
    const memory: StorageReading = { ...storage, source, gatherBytes: extent };
    for (let start = 0; start < byteLength; start += size) {
      storage.signal?.throwIfAborted();
      const end = Math.min(byteLength, start + size);
      yield await readRange(memory, { ...view, offset: 0 }, start, end, Infinity);
    }
    return;
  }
  // Half for what is gathered at a time, half for the window of the storage that it comes from.
  const half = Math.max(1, Math.floor(storage.gatherBytes / 2));
  const chunk = Math.max(1, Math.floor(half / size)) * size;
  for (let start = 0; start < byteLength; start += chunk) {
    const end = Math.min(byteLength, start + chunk);
    const bytes = await readStrided({ ...storage, gatherBytes: half }, view, start, end);
    for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
  }
}
