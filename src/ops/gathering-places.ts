/**
 * Where the elements lie that an index tensor names: item numbers for `gather`, `scatter` and their kin, checked to lie
 * within the tensor.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toSize } from "../shape.ts";
import { denseItems, itemsPerElement } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { viewOf } from "../tensor/tensor.ts";

/** Item numbers, or what an index tensor says, in row-major order. */
export type Places = Int32Array | Float64Array;

/** The numbers in an index tensor, in row-major order; read as two words, which spares a bigint for every element. */
export function indexNumbers(index: Tensor): Places {
  const items = denseItems(index);
  if (items instanceof Int32Array) return items;
  const words = new Int32Array(items.buffer, items.byteOffset, 2 * index.count);
  const numbers = new Float64Array(index.count);
  for (let k = 0; k < numbers.length; k++) {
    numbers[k] = words[2 * k + 1]! * 2 ** 32 + (words[2 * k]! >>> 0);
  }
  return numbers;
}

/** Whether a dtype is one that indices have. */
export function isIndexDtype(index: Tensor): boolean {
  return index.dtype === dtypes.int64 || index.dtype === dtypes.int32;
}

/** A tensor without dimensions as a vector of one element. */
export function atLeastVector(self: Tensor): Tensor {
  return self.shape.length === 0 ? viewOf(self, toSize([1]), [1], self.offset) : self;
}

/** The part of a tensor in the corner where all indices are 0. The tensor must be large enough. */
export function corner(self: Tensor, shape: readonly number[]): Tensor {
  return viewOf(self, toSize(shape.slice()), self.strides, self.offset);
}

/** The error for an index that names no element. */
function outOfBounds(index: number, axis: number, length: number): Error {
  return torchError(
    "RuntimeError",
    `index ${index} is out of bounds for dimension ${axis} with size ${length}`,
  );
}

/**
 * For each element of the index its item in `self`: the element's own coordinates, but along `axis` what it says.
 *
 * Throws: PyTorch's RuntimeError for what lies outside.
 */
export function placesOf(self: Tensor, axis: number, index: Tensor): Places {
  const numbers = indexNumbers(index);
  const { shape } = index;
  const length = self.shape[axis]!;
  const along = self.strides[axis]!;
  const steps = self.strides.map((stride, at) => (at === axis ? 0 : stride));
  const places = self.items.length < 2 ** 31 ? new Int32Array(index.count) : new Float64Array(index.count);
  const last = shape.length - 1;
  const inner = shape[last]!;
  const step = steps[last]!;
  const counters = new Int32Array(Math.max(last, 0));
  let start = self.offset;
  for (let k = 0; k < places.length;) {
    for (let j = 0, at = start; j < inner; j++, at += step, k++) {
      const number = numbers[k]!;
      if (number < 0 || number >= length) throw outOfBounds(number, axis, length);
      places[k] = at + number * along;
    }
    for (let up = last - 1; up >= 0; up--) {
      start += steps[up]!;
      if (++counters[up]! < shape[up]!) break;
      start -= shape[up]! * steps[up]!;
      counters[up] = 0;
    }
  }
  return places;
}

/** Reads the items at the places into dense ones. */
export function readPlaces(self: Tensor, places: Places, out: Tensor): void {
  const from = self.items as Float64Array;
  const to = out.items as Float64Array;
  const width = itemsPerElement(self.dtype);
  if (width === 1) {
    for (let k = 0; k < places.length; k++) to[k] = from[places[k]!]!;
    return;
  }
  for (let k = 0; k < places.length; k++) {
    to[2 * k] = from[2 * places[k]!]!;
    to[2 * k + 1] = from[2 * places[k]! + 1]!;
  }
}

/** Writes dense items of the dtype of `out` to the places; a single element goes to all of them. */
export function writePlaces(out: Tensor, places: Places, dense: ReturnType<typeof denseItems>): void {
  const from = dense as Float64Array;
  const to = out.items as Float64Array;
  const width = itemsPerElement(out.dtype);
  const step = dense.length === width ? 0 : width;
  for (let k = 0; k < places.length; k++) {
    for (let part = 0; part < width; part++) to[places[k]! * width + part] = from[k * step + part]!;
  }
}
