/**
 * Walking: runs a loop over the elements of strided operands, in one call where all lie densely, else row by row.
 */

import { isDense, sameShape } from "../shape.ts";
import type { Size } from "../shape.ts";
import { broadcastStrides } from "../shape.ts";
import { itemsPerElement } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Items of any dtype up to 53 bits, as loops see them. */
export type Numbers = Float64Array;

/** `out[o + k·os] = f(a[i + k·is])` for k in [0, n); `p` and `q` are the op's scalar parameters, if it has any. */
export type Loop1 = (
  out: Numbers,
  o: number,
  os: number,
  a: Numbers,
  i: number,
  is: number,
  n: number,
  p: number,
  q: number,
) => void;

/** `out[o + k·os] = f(a[i + k·is], b[j + k·js])` for k in [0, n). */
export type Loop2 = (
  out: Numbers,
  o: number,
  os: number,
  a: Numbers,
  i: number,
  is: number,
  b: Numbers,
  j: number,
  js: number,
  n: number,
  p: number,
) => void;

/** `out[o + k·os] = f(a[i + k·is], b[j + k·js], c[l + k·ls])` for k in [0, n). */
export type Loop3 = (
  out: Numbers,
  o: number,
  os: number,
  a: Numbers,
  i: number,
  is: number,
  b: Numbers,
  j: number,
  js: number,
  c: Numbers,
  l: number,
  ls: number,
  n: number,
  p: number,
) => void;

/** 64-bit integers in, and whatever the result's items are out. */
type BigItems = { [index: number]: bigint | number };

/** Runs a loop of one operand, which has the shape of `out`. */
export function walk1(loop: Loop1, out: Tensor, a: Tensor, p: number, q: number): void {
  const to = out.items as Numbers;
  const from = a.items as Numbers;
  if (isFlat(out, a)) {
    loop(to, out.offset, 1, from, a.offset, 1, out.count, p, q);
    return;
  }
  forEachRow(out, [a], (o, os, i, is, _j, _js, _l, _ls, n) => {
    loop(to, o, os, from, i, is, n, p, q);
  });
}

/** Runs a loop of two operands, which broadcast to the shape of `out`. */
export function walk2(loop: Loop2, out: Tensor, a: Tensor, b: Tensor, p: number): void {
  const to = out.items as Numbers;
  const x = a.items as Numbers;
  const y = b.items as Numbers;
  const { count } = out;
  const stepA = denseStep(a, count);
  const stepB = denseStep(b, count);
  if ((stepA >= 0 && stepB >= 0 && out.isContiguous()) || (isFlat(out, a) && isFlat(out, b))) {
    loop(to, out.offset, 1, x, a.offset, Math.abs(stepA), y, b.offset, Math.abs(stepB), count, p);
    return;
  }
  forEachRow(out, [a, b], (o, os, i, is, j, js, _l, _ls, n) => {
    loop(to, o, os, x, i, is, y, j, js, n, p);
  });
}

/** Runs a loop of three operands, which broadcast to the shape of `out`. */
export function walk3(loop: Loop3, out: Tensor, a: Tensor, b: Tensor, c: Tensor, p: number): void {
  const to = out.items as Numbers;
  const x = a.items as Numbers;
  const y = b.items as Numbers;
  const z = c.items as Numbers;
  const { count } = out;
  const [sa, sb, sc] = [denseStep(a, count), denseStep(b, count), denseStep(c, count)];
  if (sa >= 0 && sb >= 0 && sc >= 0 && out.isContiguous()) {
    loop(to, out.offset, 1, x, a.offset, sa, y, b.offset, sb, z, c.offset, sc, count, p);
    return;
  }
  forEachRow(out, [a, b, c], (o, os, i, is, j, js, l, ls, n) => {
    loop(to, o, os, x, i, is, y, j, js, z, l, ls, n, p);
  });
}

/** Computes each element from a 64-bit integer. */
export function walkBig1(
  each: (x: bigint, p: number, q: number) => bigint | number,
  out: Tensor,
  a: Tensor,
  p: number,
  q: number,
): void {
  const to = out.items as BigItems;
  const from = a.items as BigInt64Array;
  forEachRow(out, [a], (o, os, i, is, _j, _js, _l, _ls, n) => {
    for (let k = 0; k < n; k++) to[o + k * os] = each(from[i + k * is]!, p, q);
  });
}

/** Computes each element from two 64-bit integers. */
export function walkBig2(
  each: (x: bigint, y: bigint, p: number) => bigint | number,
  out: Tensor,
  a: Tensor,
  b: Tensor,
  p: number,
): void {
  const to = out.items as BigItems;
  const x = a.items as BigInt64Array;
  const y = b.items as BigInt64Array;
  forEachRow(out, [a, b], (o, os, i, is, j, js, _l, _ls, n) => {
    for (let k = 0; k < n; k++) to[o + k * os] = each(x[i + k * is]!, y[j + k * js]!, p);
  });
}

/** Computes each element from three 64-bit integers. */
export function walkBig3(
  each: (x: bigint, y: bigint, z: bigint, p: number) => bigint | number,
  out: Tensor,
  a: Tensor,
  b: Tensor,
  c: Tensor,
  p: number,
): void {
  const to = out.items as BigItems;
  const x = a.items as BigInt64Array;
  const y = b.items as BigInt64Array;
  const z = c.items as BigInt64Array;
  forEachRow(out, [a, b, c], (o, os, i, is, j, js, l, ls, n) => {
    for (let k = 0; k < n; k++) to[o + k * os] = each(x[i + k * is]!, y[j + k * js]!, z[l + k * ls]!, p);
  });
}

/** Runs a loop of one complex operand: places and steps count items, of which a complex element has two. */
export function walkComplex1(loop: Loop1, out: Tensor, a: Tensor, p: number, q: number): void {
  const to = out.items as Numbers;
  const from = a.items as Numbers;
  const [wo, wa] = [itemsPerElement(out.dtype), itemsPerElement(a.dtype)];
  forEachRow(out, [a], (o, os, i, is, _j, _js, _l, _ls, n) => {
    loop(to, wo * o, wo * os, from, wa * i, wa * is, n, p, q);
  });
}

/** The same for two operands. */
export function walkComplex2(loop: Loop2, out: Tensor, a: Tensor, b: Tensor, p: number): void {
  const to = out.items as Numbers;
  const x = a.items as Numbers;
  const y = b.items as Numbers;
  const [wo, wa, wb] = [out, a, b].map((each) => itemsPerElement(each.dtype)) as [number, number, number];
  forEachRow(out, [a, b], (o, os, i, is, j, js, _l, _ls, n) => {
    loop(to, wo * o, wo * os, x, wa * i, wa * is, y, wb * j, wb * js, n, p);
  });
}

/** The same for three operands, of which the condition of `where` is not complex. */
export function walkComplex3(loop: Loop3, out: Tensor, a: Tensor, b: Tensor, c: Tensor, p: number): void {
  const to = out.items as Numbers;
  const x = a.items as Numbers;
  const y = b.items as Numbers;
  const z = c.items as Numbers;
  const [wo, wa, wb, wc] = [out, a, b, c].map((each) => itemsPerElement(each.dtype)) as [
    number,
    number,
    number,
    number,
  ];
  forEachRow(out, [a, b, c], (o, os, i, is, j, js, l, ls, n) => {
    loop(to, wo * o, wo * os, x, wa * i, wa * is, y, wb * j, wb * js, z, wc * l, wc * ls, n, p);
  });
}

/** Whether two tensors of one shape lie densely in the same order, so that one run goes through both. */
function isFlat(out: Tensor, a: Tensor): boolean {
  if (out.strides === a.strides) return isDense(out.shape, out.strides);
  if (out.isContiguous() && a.isContiguous()) return sameShape(out.shape, a.shape);
  return (
    sameShape(out.strides, a.strides) && sameShape(out.shape, a.shape) && isDense(out.shape, out.strides)
  );
}

/** 0 for a single element, also an expanded one, 1 for as many dense ones as the result has, else -1. */
function denseStep(self: Tensor, count: number): number {
  if (self.count === 1) return 0;
  if (self.count === count && self.isContiguous()) return 1;
  return isOneElement(self) ? 0 : -1;
}

/** Whether all places are the same element, as in a number that was expanded. */
export function isOneElement({ strides }: Tensor): boolean {
  for (let axis = 0; axis < strides.length; axis++) if (strides[axis] !== 0) return false;
  return true;
}

type RowRun = (
  o: number,
  os: number,
  i: number,
  is: number,
  j: number,
  js: number,
  l: number,
  ls: number,
  n: number,
) => void;

/** Calls `run` for each row of the result with the places and steps of all operands; those that are absent stay at 0. */
function forEachRow(out: Tensor, operands: readonly Tensor[], run: RowRun): void {
  if (out.count === 0) return;
  const { shape } = out;
  const [a, b, c] = operands;
  const outer = shape.length - 1;
  if (outer < 0) {
    run(out.offset, 1, a!.offset, 1, b?.offset ?? 0, 1, c?.offset ?? 0, 1, 1);
    return;
  }
  const steps = out.strides;
  const stepsA = stepsOf(a, shape);
  const stepsB = stepsOf(b, shape);
  const stepsC = stepsOf(c, shape);
  const n = shape[outer]!;
  const index = new Int32Array(outer);
  let o = out.offset;
  let i = a!.offset;
  let j = b?.offset ?? 0;
  let l = c?.offset ?? 0;
  for (;;) {
    run(o, steps[outer]!, i, stepsA[outer]!, j, stepsB[outer]!, l, stepsC[outer]!, n);
    let axis = outer - 1;
    for (; axis >= 0; axis--) {
      // Back to the start of the axis where it has come to its end.
      const back = ++index[axis]! < shape[axis]! ? 1 : 1 - shape[axis]!;
      o += back * steps[axis]!;
      i += back * stepsA[axis]!;
      j += back * stepsB[axis]!;
      l += back * stepsC[axis]!;
      if (back === 1) break;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

function stepsOf(operand: Tensor | undefined, shape: Size): readonly number[] {
  if (operand === undefined) return shape.map(() => 0);
  return broadcastStrides(operand.shape, operand.strides, shape);
}
