/**
 * What a list of index tensors selects from a tensor: the shape of the result, and where its elements lie. Masks are
 * made into integers, integers checked and broadcast, dimensions put where PyTorch puts them.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { broadcastShapes, broadcastStrides, countOf, sameShape, shapeText, toSize } from "../shape.ts";
import { denseItems, forEachRun, noData } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** By dimension, from the first on: an index tensor, or null for a dimension that is kept; a mask stands for several. */
export type IndexTensors = readonly (Tensor | null)[];

/** The selected elements: `start + outer[i] + picked[j] + inner[k]`, with k running fastest. */
export interface Selection {
  readonly shape: Size;
  /** How a fresh result lies in memory. */
  readonly strides: readonly number[];
  readonly outer: Float64Array;
  readonly picked: Float64Array;
  readonly inner: Float64Array;
}

/** Integers for one dimension, dense in their shape. */
interface Picker {
  readonly axis: number;
  readonly shape: Size;
  readonly values: ArrayLike<number | bigint>;
}

function requireIndexDtype(tensor: Tensor): void {
  const { dtype } = tensor;
  const isKnown =
    dtype === dtypes.int64 || dtype === dtypes.int32 || dtype === dtypes.uint8 || dtype === dtypes.bool;
  if (isKnown) return;
  throw torchError("IndexError", "tensors used as indices must be long, int, byte or bool tensors");
}

/** The places where a mask is true, as one picker for each of its dimensions. */
function maskPickers(mask: Tensor, shape: Size, axis: number, entry: number): Picker[] {
  mask.shape.forEach((length, k) => {
    if (length === shape[axis + k]) return;
    throw torchError(
      "IndexError",
      `The shape of the mask ${shapeText(mask.shape)} at index ${k} does not match the shape of the indexed tensor ${shapeText(shape)} at index ${entry + k}`,
    );
  });
  const items = denseItems(mask);
  const found: number[][] = mask.shape.map(() => []);
  for (let at = 0; at < mask.count; at++) {
    if (Number(items[at]) === 0) continue;
    for (let k = mask.shape.length - 1, rest = at; k >= 0; k--) {
      const length = mask.shape[k]!;
      found[k]!.push(rest % length);
      rest = Math.floor(rest / length);
    }
  }
  return found.map((values, k) => ({ axis: axis + k, shape: toSize([values.length]), values }));
}

/** The pickers of an index, in order of the dimensions. */
function pickersOf(indices: IndexTensors, shape: Size): Picker[] {
  const pickers: Picker[] = [];
  let axis = 0;
  for (const index of indices) {
    if (index === null) {
      axis++;
      continue;
    }
    requireIndexDtype(index);
    if (index.device === "meta") throw noData();
    if (index.dtype === dtypes.bool || index.dtype === dtypes.uint8) {
      const made = maskPickers(index, shape, axis, axis);
      pickers.push(...made);
      axis += made.length;
    } else {
      pickers.push({ axis, shape: index.shape, values: denseItems(index) });
      axis++;
    }
  }
  if (axis > shape.length) {
    throw torchError("IndexError", `too many indices for tensor of dimension ${shape.length} (got ${axis})`);
  }
  return pickers;
}

function commonShape(pickers: readonly Picker[]): Size {
  try {
    return pickers.reduce<Size>((shape, picker) => broadcastShapes(shape, picker.shape), toSize([]));
  } catch (cause) {
    const shapes = pickers.map(({ shape }) => shapeText(shape)).join(", ");
    const error = torchError(
      "IndexError",
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes}`,
    );
    error.cause = cause;
    throw error;
  }
}

/** A place without its sign; `ordinal` counts the index tensors, by which PyTorch names the dimension. */
function wrapped(value: number | bigint, length: number, ordinal: number): number {
  const place = Number(value);
  if (place >= -length && place < length) return place < 0 ? place + length : place;
  if (length === 0) {
    throw torchError("IndexError", "index is out of bounds for dimension with size 0");
  }
  throw torchError(
    "IndexError",
    `index ${value} is out of bounds for dimension ${ordinal} with size ${length}`,
  );
}

/** Where all index tensors together point, for each place of their common shape. */
function pickedOffsets(pickers: readonly Picker[], shape: Size, self: Tensor): Float64Array {
  const count = countOf(shape);
  const offsets = new Float64Array(count);
  const places = pickers.map((picker) => offsetsOf(shape, stridesIn(picker.shape, shape)));
  for (let at = 0; at < count; at++) {
    let offset = 0;
    for (let k = 0; k < pickers.length; k++) {
      const { axis, values } = pickers[k]!;
      offset += wrapped(values[places[k]![at]!]!, self.shape[axis]!, k) * self.strides[axis]!;
    }
    offsets[at] = offset;
  }
  return offsets;
}

/** Strides to read a dense array of one shape as if it had a broader one. */
function stridesIn(shape: Size, target: Size): readonly number[] {
  const strides: number[] = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return sameShape(shape, target) ? strides : broadcastStrides(shape, strides, target);
}

/** The offsets of all places of a layout, in row-major order. */
function offsetsOf(shape: readonly number[], strides: readonly number[]): Float64Array {
  const offsets = new Float64Array(countOf(shape));
  const length = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 0;
  let to = 0;
  forEachRun(shape, strides, 0, (start) => {
    for (let k = 0; k < length; k++) offsets[to++] = start + k * step;
  });
  return offsets;
}

/**
 * The strides of a result as PyTorch lays it out: its dimensions in the order of those of the operands, which decide one
 * after the other; where none does, row-major. `operands` have a stride for each dimension, 0 where they repeat.
 */
function resultStrides(shape: readonly number[], operands: readonly (readonly number[])[]): number[] {
  const compare = (a: number, b: number): number => {
    for (const strides of operands) {
      const [first, second] = [strides[a]!, strides[b]!];
      if (first === 0 || second === 0) continue;
      if (first !== second) return first - second;
      if (shape[a]! > shape[b]!) return 1;
    }
    return 0;
  };
  // From the fastest to the slowest. An insertion sort that passes over what cannot be compared, as PyTorch's does.
  const order = shape.map((_, axis) => shape.length - 1 - axis);
  for (let k = 1; k < order.length; k++) {
    for (let left = k - 1, at = k; left >= 0; left--) {
      const comparison = compare(order[left]!, order[at]!);
      if (comparison < 0) break;
      if (comparison === 0) continue;
      [order[left], order[at]] = [order[at]!, order[left]!];
      at = left;
    }
  }
  const strides: number[] = shape.map(() => 1);
  let step = 1;
  for (const axis of order) {
    strides[axis] = step;
    step *= Math.max(shape[axis]!, 1);
  }
  return strides;
}

/**
 * What index tensors select from a tensor. Where they are for neighbouring dimensions, what they pick stands in the
 * place of these; else it comes first.
 *
 * Throws: PyTorch's IndexErrors for dtypes, shapes and places that do not fit.
 */
export function selectionOf(self: Tensor, indices: IndexTensors): Selection {
  const pickers = pickersOf(indices, self.shape);
  const shape = commonShape(pickers);
  const first = pickers[0]?.axis ?? 0;
  const isTogether = pickers.every(({ axis }, k) => axis === first + k);
  const isPicked = (axis: number): boolean => pickers.some((picker) => picker.axis === axis);
  const kept = self.shape.map((_, axis) => axis).filter((axis) => !isPicked(axis));
  const outer = isTogether ? kept.filter((axis) => axis < first) : [];
  const inner = kept.slice(outer.length);
  const lengths = (axes: readonly number[]): number[] => axes.map((axis) => self.shape[axis]!);
  const strides = (axes: readonly number[]): number[] => axes.map((axis) => self.strides[axis]!);
  const result = toSize([...lengths(outer), ...shape, ...lengths(inner)]);
  const isEmpty = countOf(lengths(kept)) === 0;
  const still = (axes: readonly number[]): number[] => axes.map(() => 0);
  const operands = [
    [...strides(outer), ...shape.map(() => 0), ...strides(inner)],
    ...pickers.map((picker) => [...still(outer), ...stridesIn(picker.shape, shape), ...still(inner)]),
  ];
  return {
    shape: result,
    strides: resultStrides(result, operands),
    outer: offsetsOf(lengths(outer), strides(outer)),
    // PyTorch does not look at places from which nothing is taken.
    picked: isEmpty ? new Float64Array(countOf(shape)) : pickedOffsets(pickers, shape, self),
    inner: offsetsOf(lengths(inner), strides(inner)),
  };
}
