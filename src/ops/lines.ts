/**
 * Lines: the elements of a tensor as a reduction goes through them. Each line becomes one element of the result.
 */

import type { DType, ItemArray } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { toSize } from "../shape.ts";
import { denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { viewOf } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";

/**
 * `outer · inner` lines of `length` elements: element k of line (o, i) is `items[(o·length + k)·inner + i]`, and its
 * result is number `o·inner + i`, which is row-major over the dimensions that stay.
 */
export interface Lines {
  readonly items: ItemArray;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/**
 * The dtype in which reductions look at elements: few classes of arrays, see Note [four array classes].
 *
 * Throws: PyTorch's NotImplementedError, with its name of the `kernel`, for complex, quantized and 8-bit floats and for
 * wide unsigned integers.
 */
export function lineDtype(dtype: DType, kernel: string): DType {
  const isReal = dtype.kind === "int" || dtype.kind === "bool" || dtype === dtypes.uint8;
  if (!isReal && (dtype.kind !== "float" || dtype.bits < 16)) throw notImplemented(kernel, dtype);
  if (dtype === dtypes.float16 || dtype === dtypes.bfloat16) return dtypes.float32;
  return dtype.bits < 64 && dtype.kind !== "float" ? dtypes.float64 : dtype;
}

function product(shape: readonly number[], from: number, to: number): number {
  let count = 1;
  for (let axis = from; axis < to; axis++) count *= shape[axis]!;
  return count;
}

/** The lines of a tensor along the dimensions that are reduced, in `dtype`. Copies where they do not lie in a row. */
export function linesOf(self: Tensor, isReduced: readonly boolean[], dtype: DType): Lines {
  const source = converted(self, dtype);
  const { shape } = source;
  const first = isReduced.indexOf(true);
  const last = isReduced.lastIndexOf(true);
  if (first < 0) return { items: denseItems(source), outer: source.count, length: 1, inner: 1 };
  const isOneRun = isReduced.every((reduced, axis) => reduced || axis < first || axis > last);
  if (isOneRun) {
    return {
      items: denseItems(source),
      outer: product(shape, 0, first),
      length: product(shape, first, last + 1),
      inner: product(shape, last + 1, shape.length),
    };
  }
  const axes = shape.map((_, axis) => axis);
  const kept = axes.filter((axis) => isReduced[axis] !== true);
  const order = [...kept, ...axes.filter((axis) => isReduced[axis] === true)];
  const arranged = viewOf(
    source,
    toSize(order.map((axis) => shape[axis]!)),
    order.map((axis) => source.strides[axis]!),
    source.offset,
  );
  return {
    items: denseItems(arranged),
    outer: product(arranged.shape, 0, kept.length),
    length: product(arranged.shape, kept.length, order.length),
    inner: 1,
  };
}

/** Calls `run(start, step, at)` for each line: its first item, the distance to the next, and the number of its result. */
export function forEachLine(lines: Lines, run: (start: number, step: number, at: number) => void): void {
  const { outer, length, inner } = lines;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) run(o * length * inner + i, inner, o * inner + i);
  }
}
