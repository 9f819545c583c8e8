/**
 * Where random numbers go: a strided view over an array of items, filled in PyTorch's order.
 *
 * PyTorch draws in memory order, the dimension with the smallest stride fastest, whatever the order of the dimensions:
 * a transposed matrix gets its draws as the matrix it was.
 */

import { dtypes, type DType, type ItemArray } from "../../dtype.ts";
import { countOf } from "../../shape.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "../../small-float.ts";

/** A strided view; a `Tensor` is one. */
export interface Destination {
  readonly dtype: DType;
  /** The storage's items; complex numbers lie as pairs of their half. */
  readonly items: ItemArray;
  /** Elements before the first one. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements from one index to the next, by dimension. */
  readonly stride: readonly number[];
}

/** A contiguous destination over all of `items`. */
export function flat(dtype: DType, items: ItemArray): Destination {
  const length = dtype.kind === "complex" ? items.length / 2 : items.length;
  return { dtype, items, offset: 0, shape: [length], stride: [1] };
}

/** Whether the elements lie in row-major order without gaps. Dimensions of one element do not matter. */
export function isRowMajor({ shape, stride }: Destination): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    if (length === 1) continue;
    if (stride[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}

const halves = { complex128: dtypes.float64, complex64: dtypes.float32, complex32: dtypes.float16 } as const;

/** A complex view as the real one with a last dimension of two; real views as they are. */
export function asReal(view: Destination): Destination {
  const { name } = view.dtype;
  if (name !== "complex128" && name !== "complex64" && name !== "complex32") return view;
  return {
    dtype: halves[name],
    items: view.items,
    offset: 2 * view.offset,
    shape: [...view.shape, 2],
    stride: [...view.stride.map((step) => 2 * step), 1],
  };
}

/** The dimensions with more than one element, slowest first in memory, neighbours that form one run joined. */
function runs(view: Destination): { lengths: number[]; steps: number[] } {
  const axes = view.shape
    .map((length, axis) => ({ length, step: view.stride[axis]! }))
    .filter(({ length }) => length !== 1)
    .sort((a, b) => b.step - a.step);
  const lengths: number[] = [];
  const steps: number[] = [];
  for (const { length, step } of axes) {
    const last = lengths.length - 1;
    if (last >= 0 && steps[last] === step * length) {
      lengths[last] = lengths[last]! * length;
      steps[last] = step;
    } else {
      lengths.push(length);
      steps.push(step);
    }
  }
  return { lengths, steps };
}

/** Calls `visit(position)` with the index into the items of every element, in memory order. */
function walk(view: Destination, visit: (position: number) => void): void {
  const { lengths, steps } = runs(view);
  const inner = lengths.pop() ?? 1;
  const innerStep = steps.pop() ?? 1;
  const index = lengths.map(() => 0);
  let start = view.offset;
  for (;;) {
    for (let k = 0, position = start; k < inner; k++, position += innerStep) visit(position);
    let axis = lengths.length - 1;
    while (axis >= 0) {
      start += steps[axis]!;
      if (++index[axis]! < lengths[axis]!) break;
      start -= steps[axis]! * lengths[axis]!;
      index[axis--] = 0;
    }
    if (axis < 0) return;
  }
}

/** The positions of a view's elements in the order in which `order`, a view of the same shape, has them in memory. */
export function positionsAlong(order: Destination, view: Destination): Float64Array {
  const positions = new Float64Array(countOf(view.shape));
  const axes = view.shape
    .map((length, axis) => ({ length, step: order.stride[axis]!, ours: view.stride[axis]! }))
    .filter(({ length }) => length !== 1)
    .sort((a, b) => b.step - a.step);
  const index = axes.map(() => 0);
  let position = view.offset;
  for (let k = 0; k < positions.length; k++) {
    positions[k] = position;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { length, ours } = axes[axis]!;
      position += ours;
      if (++index[axis]! < length) break;
      position -= ours * length;
      index[axis] = 0;
    }
  }
  return positions;
}

/**
 * Lets `fill` write every element of a real view: into its memory where that has no gaps, else into an array whose
 * values are then spread, the first value to the first element in memory.
 */
export function fillInMemoryOrder(view: Destination, fill: (items: ItemArray) => void): void {
  const count = countOf(view.shape);
  if (count === 0) return;
  const { items } = view;
  const { lengths, steps } = runs(view);
  if (lengths.length === 0 || (lengths.length === 1 && steps[0] === 1)) {
    fill(items.subarray(view.offset, view.offset + count));
    return;
  }
  const drawn = new view.dtype.Items(count);
  fill(drawn);
  let next = 0;
  walk(view, (position) => {
    items[position] = drawn[next++]!;
  });
}

/** Fills `items` from `draw`, each number converted as C++ converts a double to the dtype. */
export function store(dtype: DType, items: ItemArray, draw: () => number): void {
  const { length } = items;
  if (dtype.name === "float16") for (let i = 0; i < length; i++) items[i] = encodeHalf(draw());
  else if (dtype.name === "bfloat16") for (let i = 0; i < length; i++) items[i] = encodeBfloat16(draw());
  else if (items instanceof BigInt64Array || items instanceof BigUint64Array) {
    for (let i = 0; i < length; i++) items[i] = BigInt(Math.trunc(draw()));
  } else for (let i = 0; i < length; i++) items[i] = draw();
}

/** How numbers of a float dtype lie in items. */
export interface FloatItems {
  /** The number an item stands for. */
  decode(item: number): number;
  /** The item of the number nearest to a value, by way of float32 for the half types. */
  encode(value: number): number;
}

const same: FloatItems = { decode: (item) => item, encode: (value) => value };
const float32Items: FloatItems = { decode: (item) => item, encode: Math.fround };
const float16Items: FloatItems = { decode: decodeHalf, encode: encodeHalf };
const bfloat16Items: FloatItems = { decode: decodeBfloat16, encode: encodeBfloat16 };

/** How the numbers of a float dtype of 16 to 64 bits lie in its items. */
export function floatItems(dtype: DType): FloatItems {
  switch (dtype.name) {
    case "float32":
      return float32Items;
    case "float16":
      return float16Items;
    case "bfloat16":
      return bfloat16Items;
    default:
      return same;
  }
}

/** A row-major view over `items` with the given shape. */
export function rowMajor(dtype: DType, items: ItemArray, shape: readonly number[]): Destination {
  const stride = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  return { dtype, items, offset: 0, shape, stride };
}

/** Whether memory order is the order of the dimensions, gaps or not. */
export function isOrdered({ shape, stride }: Destination): boolean {
  const steps = stride.filter((_, axis) => shape[axis] !== 1);
  return steps.every((step, axis) => axis === 0 || steps[axis - 1]! >= step);
}
