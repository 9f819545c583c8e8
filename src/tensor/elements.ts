/**
 * Elements of strided tensors as items of flat typed arrays: walking, gathering into dense arrays, scattering back and
 * converting between dtypes. The one place that knows how each dtype lies in its items.
 */

import type { DType, ItemArray, Scalar } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "../small-float.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Calls `run(start)` for each run along the last dimension of a strided layout, in row-major order. `start` is the item
 * of the run's first element. A layout without dimensions is one run of one element.
 */
export function forEachRun(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  run: (start: number) => void,
): void {
  const outer = shape.length - 1;
  if (outer <= 0) {
    if (shape[0] !== 0) run(offset);
    return;
  }
  for (let axis = 0; axis <= outer; axis++) if (shape[axis] === 0) return;
  const index = new Int32Array(outer);
  let at = offset;
  for (;;) {
    run(at);
    let axis = outer - 1;
    for (; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** The items of a tensor in row-major order, in the typed array of its dtype: without a copy where they lie so. */
export function denseItems(tensor: Tensor): ItemArray {
  const width = itemsPerElement(tensor.dtype);
  if (tensor.isContiguous() || tensor.dtype.bits < 8) {
    const start = tensor.offset * width;
    return tensor.items.length === tensor.count * width && start === 0
      ? tensor.items
      : tensor.items.subarray(start, start + tensor.count * width);
  }
  const dense = new tensor.dtype.Items(tensor.count * width);
  gatherItems(tensor, dense);
  return dense;
}

/** Typed-array items of one element: 2 for complex numbers. */
export function itemsPerElement(dtype: DType): number {
  return dtype.kind === "complex" ? 2 : 1;
}

/** Copies a tensor's items into a dense array of the same typed-array class. */
function gatherItems(tensor: Tensor, dense: ItemArray): void {
  const { shape, strides } = tensor;
  const length = shape.length === 0 ? 1 : shape[shape.length - 1]!;
  const step = shape.length === 0 ? 1 : strides[shape.length - 1]!;
  let to = 0;
  if (tensor.dtype.kind === "complex") {
    forEachRun(shape, strides, tensor.offset, (start) => {
      for (let k = 0; k < length; k++) {
        const from = 2 * (start + k * step);
        dense[to++] = tensor.items[from]!;
        dense[to++] = tensor.items[from + 1]!;
      }
    });
    return;
  }
  forEachRun(shape, strides, tensor.offset, (start) => {
    copyRun(tensor.items, start, step, dense, to, 1, length);
    to += length;
  });
}

/** Copies dense items of the tensor's own dtype into its elements. */
export function scatterItems(dense: ItemArray, tensor: Tensor): void {
  const { shape, strides } = tensor;
  // An empty view may start beyond the end.
  if (tensor.count === 0) return;
  const width = itemsPerElement(tensor.dtype);
  if (tensor.isContiguous()) {
    const target = tensor.items;
    const start = tensor.offset * width;
    if (dense instanceof BigInt64Array || dense instanceof BigUint64Array) {
      (target as BigInt64Array).set(dense as BigInt64Array, start);
    } else (target as Float64Array).set(dense as Float64Array, start);
    return;
  }
  const length = shape.length === 0 ? 1 : shape[shape.length - 1]!;
  const step = shape.length === 0 ? 1 : strides[shape.length - 1]!;
  let from = 0;
  forEachRun(shape, strides, tensor.offset, (start) => {
    if (width === 1) copyRun(dense, from, 1, tensor.items, start, step, length);
    else {
      for (let k = 0; k < length; k++) {
        tensor.items[2 * (start + k * step)] = dense[from + 2 * k]!;
        tensor.items[2 * (start + k * step) + 1] = dense[from + 2 * k + 1]!;
      }
    }
    from += length * width;
  });
}

function copyRun(
  source: ItemArray,
  from: number,
  fromStep: number,
  target: ItemArray,
  to: number,
  toStep: number,
  length: number,
): void {
  for (let k = 0; k < length; k++) target[to + k * toStep] = source[from + k * fromStep]!;
}

/** A DataView over the whole storage of a tensor, for the codecs of the dtype table. */
function storageView(tensor: Tensor): DataView {
  const { buffer, byteOffset, byteLength } = tensor.storage;
  return new DataView(buffer, byteOffset, byteLength);
}

/**
 * The element at an item number of the storage (that is, `offset` plus strides), as a JavaScript value.
 *
 * Throws: NotImplementedError on a meta tensor, which has no data.
 */
export function elementAt(tensor: Tensor, at: number): Scalar {
  const { dtype, items } = tensor;
  if (tensor.storage.device === "meta") throw noData();
  switch (dtype) {
    case dtypes.float32:
    case dtypes.float64:
    case dtypes.int64:
    case dtypes.int32:
      return items[at]!;
    case dtypes.bool:
      return items[at] !== 0;
    default:
      return dtype.get(storageView(tensor), at);
  }
}

/** Writes the element at an item number of the storage; converts as a PyTorch cast does. */
export function setElementAt(tensor: Tensor, at: number, value: Scalar): void {
  if (tensor.storage.device === "meta") return;
  if ((tensor.dtype === dtypes.float32 || tensor.dtype === dtypes.float64) && typeof value === "number") {
    tensor.items[at] = value;
  } else tensor.dtype.set(storageView(tensor), at, value);
}

/** Sets all elements of a dense tensor. */
export function fillDense(tensor: Tensor, value: Scalar): void {
  if (tensor.count === 0 || tensor.storage.device === "meta") return;
  setElementAt(tensor, tensor.offset, value);
  const width = itemsPerElement(tensor.dtype);
  const start = tensor.offset * width;
  // The first element doubles itself until it fills the rest.
  for (let filled = width; filled < tensor.count * width; filled *= 2) {
    tensor.items.copyWithin(start + filled, start, start + Math.min(filled, tensor.count * width - filled));
  }
}

/** The error of reading what a meta tensor has not. */
export function noData(): Error {
  return torchError("NotImplementedError", "Cannot copy out of meta tensor; no data!");
}

/** The dtype in which arithmetic on `dtype` is done: float32 for the 16-bit floats, else itself. */
export function computeDtype(dtype: DType): DType {
  return dtype === dtypes.float16 || dtype === dtypes.bfloat16 ? dtypes.float32 : dtype;
}

/** Dense items of `from` as dense items of `to`: PyTorch's cast of each element. */
export function convertItems(source: ItemArray, from: DType, to: DType, count: number): ItemArray {
  const target = new to.Items(count * itemsPerElement(to));
  convertInto(source, from, target, to, count);
  return target;
}

/** The same into items that are there already. */
export function convertInto(
  source: ItemArray,
  from: DType,
  target: ItemArray,
  to: DType,
  count: number,
): void {
  const fromPlain = isPlain(from) || from === dtypes.bool;
  const toPlain = isPlain(to);
  if (fromPlain && toPlain) {
    // Typed-array stores truncate and wrap as PyTorch's casts do, as far as the floats are within range.
    (target as Float64Array).set(
      (source.length === count ? source : source.subarray(0, count)) as Float64Array,
    );
    if (from.kind === "float" && to.kind !== "float") wrapLarge(source as Float64Array, target, to, count);
    return;
  }
  if (to.kind === "bool" && fromPlain) {
    for (let k = 0; k < count; k++) target[k] = source[k] === 0 ? 0 : 1;
    return;
  }
  if (to === dtypes.int64 && fromPlain && from.kind === "float") {
    const bigs = target as BigInt64Array;
    for (let k = 0; k < count; k++) {
      const value = source[k] as number;
      bigs[k] = Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : leastInt64;
    }
    return;
  }
  if (isSmallFloat(from) && to.kind === "int") {
    convertInto(convertItems(source, from, dtypes.float32, count), dtypes.float32, target, to, count);
    return;
  }
  if (from.kind !== "float" && fromPlain && to === dtypes.int64) {
    const bigs = target as BigInt64Array;
    for (let k = 0; k < count; k++) bigs[k] = BigInt(source[k] as number);
    return;
  }
  if (from === dtypes.int64 && (to === dtypes.float64 || to === dtypes.bool)) {
    const bigs = source as BigInt64Array;
    if (to === dtypes.bool) for (let k = 0; k < count; k++) target[k] = bigs[k] === 0n ? 0 : 1;
    else for (let k = 0; k < count; k++) target[k] = Number(bigs[k]);
    return;
  }
  if (from === dtypes.bfloat16 && toPlain && to.kind === "float") {
    for (let k = 0; k < count; k++) target[k] = decodeBfloat16(source[k] as number);
    return;
  }
  if (from === dtypes.float16 && toPlain && to.kind === "float") {
    for (let k = 0; k < count; k++) target[k] = decodeHalf(source[k] as number);
    return;
  }
  if (fromPlain && to === dtypes.bfloat16) {
    for (let k = 0; k < count; k++) target[k] = encodeBfloat16(source[k] as number);
    return;
  }
  if (fromPlain && to === dtypes.float16) {
    for (let k = 0; k < count; k++) target[k] = encodeHalf(source[k] as number);
    return;
  }
  const read = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const write = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let k = 0; k < count; k++) to.set(write, k, from.get(read, k));
}

/** Whether a dtype's items are its values as JavaScript numbers. */
function isPlain(dtype: DType): boolean {
  if (dtype === dtypes.float32 || dtype === dtypes.float64) return true;
  return (
    (dtype.kind === "int" || dtype.kind === "uint") && dtype.bits >= 8 && dtype.bits <= 32 && !isShell(dtype)
  );
}

function isShell(dtype: DType): boolean {
  return dtype.bits === 8 && dtype !== dtypes.int8 && dtype !== dtypes.uint8;
}

function isSmallFloat(dtype: DType): boolean {
  return dtype === dtypes.float16 || dtype === dtypes.bfloat16;
}

const leastInt64 = -(2n ** 63n);

/**
 * C leaves open what integers become of NaN and of floats beyond their range; x86 gives the least of the 32 bits that
 * narrower types are converted through too. uint32 is converted through 64 bits.
 */
function wrapLarge(source: Float64Array, target: ItemArray, to: DType, count: number): void {
  const isWide = to === dtypes.uint32;
  const limit = isWide ? 2 ** 63 : 2 ** 31;
  const beyond = to === dtypes.int32 ? -(2 ** 31) : 0;
  for (let k = 0; k < count; k++) {
    const value = source[k]!;
    if (value > -limit - 1 && value < limit) continue;
    target[k] = beyond;
  }
}
