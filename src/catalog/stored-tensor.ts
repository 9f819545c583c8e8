/** The elements of a tensor that is to be written: in a row, or with others in their places. */

import type { ByteSource } from "../bytes/source.ts";
import { byteLengthOf } from "../dtype.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { StoredBytes, StoredTensor } from "./document.ts";
import { OverlaySource } from "./overlay-source.ts";
import { readStrided } from "./strided.ts";

/** Bytes of a storage that are held at once to gather a view, as the reading side's limit. */
const gatherBytes = 256 * 2 ** 20;

/** Bytes of a tensor's elements laid out without gaps. */
export function storedByteLength({ dtype, shape }: StoredTensor): number {
  return byteLengthOf(dtype, countOf(shape));
}

/** Whether the elements lie in a row. */
export function isInRow({ shape, stride }: StoredTensor): boolean {
  if (shape.includes(0)) return true;
  const dense = contiguousStrides(shape);
  return stride.every((step, axis) => step === dense[axis] || shape[axis] === 1);
}

/** Where the first element starts in the storage, in bytes; a fraction for packed elements inside a byte. */
export function startOf({ dtype, offset }: StoredTensor): number {
  return dtype.bits < 8 ? (offset * dtype.bits) / 8 : offset * dtype.itemSize;
}

/** The contiguous little-endian elements of a tensor as a source, which reads from the storage what is asked for. */
export async function contiguousSource(tensor: StoredTensor): Promise<ByteSource> {
  const { dtype, shape, stride, offset, storage } = tensor;
  const source = await storage.open();
  const { byteOrder } = storage;
  return {
    size: storedByteLength(tensor),
    read: (start, end, signal) =>
      readStrided({ source, byteOrder, gatherBytes, signal }, { dtype, shape, stride, offset }, start, end),
  };
}

/**
 * The storage of a tensor with other elements in the tensor's places. `bytes` are contiguous and little-endian; they
 * are changed. Of a view that is not in a row, the stretch of storage that it spans is read and held.
 */
export async function withElementsAt(
  tensor: StoredTensor,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<StoredBytes> {
  const { dtype, shape, stride, storage } = tensor;
  if (bytes.length === 0) return storage;
  if (storage.byteOrder === "big" && dtype.swap > 1) {
    for (let at = 0; at < bytes.length; at += dtype.swap) bytes.subarray(at, at + dtype.swap).reverse();
  }
  const start = Math.floor(startOf(tensor));
  let patch = bytes;
  if (!isInRow(tensor)) {
    const reach = shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, 0) + 1;
    const source = await storage.open();
    patch = (await source.read(start, start + reach * dtype.itemSize, signal)).slice();
    scatter(bytes, patch, tensor);
  }
  return { ...storage, open: async () => new OverlaySource(await storage.open(), start, patch) };
}

/** Puts contiguous elements into their places in a stretch of storage. */
function scatter(
  from: Uint8Array,
  to: Uint8Array,
  { shape, stride, dtype: { itemSize } }: StoredTensor,
): void {
  const at = shape.map(() => 0);
  let place = 0;
  for (let source = 0; source < from.length; source += itemSize) {
    const target = place * itemSize;
    for (let i = 0; i < itemSize; i += 1) to[target + i] = from[source + i]!;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      at[axis]! += 1;
      place += stride[axis]!;
      if (at[axis]! < shape[axis]!) break;
      place -= stride[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
}
