/**
 * Running loops over elements: promotion, broadcasting, memory order, in-place targets. A loop is a plain function over
 * typed arrays that an op writes out once, so that it stays monomorphic and needs no call per element.
 */

import type { DType, ItemArray } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { broadcastShapes, broadcastStrides, isDense, sameShape, shapeText } from "../shape.ts";
import {
  computeDtype,
  convertInto,
  convertItems,
  denseItems,
  itemsPerElement,
  scatterItems,
} from "../tensor/elements.ts";
import type { DeviceName } from "../tensor/storage.ts";
import { categoryOf, defaultDtype, resultType } from "../tensor/promotion.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { plainScalar, scalarDtype } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newScalarTensor, newTensor, newTensorLike } from "../tensor/tensor.ts";

/** Items of any dtype up to 53 bits, as loops see them. */
export type Numbers = Float64Array;

/** `out[o + k·os] = f(a[i + k·is])` for k in [0, n); `p` is the op's scalar parameter, if it has one. */
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

/** What the result's dtype is: that of the operands, bool, or at least the default float. */
export type ResultKind = "same" | "bool" | "float";

/** The loops of a unary op. */
export interface Loops1 {
  readonly result: ResultKind;
  readonly loop: Loop1;
  /** For 64-bit integers; without it they are refused. */
  readonly big?: (x: bigint) => bigint | number;
  /** For bool; default: `loop`. */
  readonly bool?: Loop1;
}

/** The loops of a binary op. */
export interface Loops2 {
  readonly result: ResultKind;
  readonly loop: Loop2;
  readonly big?: (x: bigint, y: bigint, p: number) => bigint | number;
  readonly bool?: Loop2;
  /** For int32 and uint32, where a double does not hold the product. */
  readonly int32?: Loop2;
  /** For float32, where rounding twice differs from rounding once. */
  readonly float32?: Loop2;
}

/** A Python number as a tensor without dimensions that does not decide about dtypes. */
export function numberTensor(value: ScalarArgument): Tensor {
  const dtype = scalarDtype(value);
  const tensor = newScalarTensor(dtype);
  const plain = plainScalar(value);
  tensor.items[0] = dtype === dtypes.int64 ? BigInt(plain) : Number(plain);
  tensor.isNumber = true;
  return tensor;
}

/** The same elements in another dtype, as a bare tensor without history; itself if it has the dtype. */
export function converted(self: Tensor, dtype: DType): Tensor {
  if (self.dtype === dtype) return self;
  const out = newTensorLike(self, dtype);
  if (self.storage.device === "meta") return out;
  convertInto(itemsInOrderOf(self, out), self.dtype, out.items, dtype, self.count);
  return out;
}

/** The items of `self` in the memory order of `like`, which was made like it. */
function itemsInOrderOf(self: Tensor, like: Tensor): ItemArray {
  if (like.strides !== self.strides) return denseItems(self);
  const width = itemsPerElement(self.dtype);
  return self.items.subarray(self.offset * width, (self.offset + self.count) * width);
}

/** Runs a unary op, into a new tensor or into `target`. */
export function runUnary(
  name: string,
  loops: Loops1,
  self: Tensor,
  target: Tensor | null,
  p: number = 0,
  q: number = 0,
): Tensor {
  const { dtype } = self;
  const common = loops.result === "float" && dtype.kind !== "float" ? floatOf(dtype) : dtype;
  const compute = computeDtype(common);
  const result = loops.result === "bool" ? dtypes.bool : common;
  requireComputable(name, compute);
  const x = self.dtype === compute ? self : converted(self, compute);
  const out = outputFor(target, result, self.shape, x, x, x);
  if (out.storage.device === "meta") return target ?? out;
  if (isBig(compute)) bigLoop1(name, loops, out, x);
  else strided1(compute === dtypes.bool && loops.bool !== undefined ? loops.bool : loops.loop, out, x, p, q);
  return settle(out, target, result);
}

/** Runs a binary op, into a new tensor or into `target`. */
export function runBinary(
  name: string,
  loops: Loops2,
  a: Tensor,
  b: Tensor,
  target: Tensor | null,
  p: number = 0,
): Tensor {
  let common = a.dtype === b.dtype && !a.isNumber && !b.isNumber ? a.dtype : resultType(a, b);
  if (loops.result === "float" && common.kind !== "float" && common.kind !== "complex")
    common = floatOf(common);
  const compute = computeDtype(common);
  const result = loops.result === "bool" ? dtypes.bool : common;
  requireComputable(name, compute);
  const shape = a.shape === b.shape ? a.shape : broadcastShapes(a.shape, b.shape);
  const x = a.dtype === compute ? a : converted(a, compute);
  const y = b.dtype === compute ? b : converted(b, compute);
  if (target !== null) {
    requireNoPartialOverlap(target, a);
    requireNoPartialOverlap(target, b);
  }
  const out = outputFor(target, result, shape, shape === a.shape ? x : shape === b.shape ? y : null, a, b);
  if (out.storage.device === "meta") return target ?? out;
  if (isBig(compute)) bigLoop2(name, loops, out, x, y, p);
  else strided2(loopOf(loops, compute), out, x, y, p);
  return settle(out, target, result);
}

function loopOf(loops: Loops2, compute: DType): Loop2 {
  switch (compute) {
    case dtypes.bool:
      return loops.bool ?? loops.loop;
    case dtypes.int32:
    case dtypes.uint32:
      return loops.int32 ?? loops.loop;
    case dtypes.float32:
      return loops.float32 ?? loops.loop;
    default:
      return loops.loop;
  }
}

/** The float dtype that stands for an integer or bool one where an op gives floats. */
function floatOf(dtype: DType): DType {
  return dtype.kind === "complex" ? dtype : defaultDtype();
}

function isBig(dtype: DType): boolean {
  return dtype === dtypes.int64 || dtype === dtypes.uint64;
}

/** The dtypes that arithmetic is defined on here; the rest are held, indexed, printed and converted. */
function requireComputable(name: string, dtype: DType): void {
  const isKnown =
    dtype === dtypes.float32 ||
    dtype === dtypes.float64 ||
    ((dtype.kind === "int" || dtype.kind === "uint" || dtype.kind === "bool") && dtype.storage !== null) ||
    dtype === dtypes.uint16 ||
    dtype === dtypes.uint32 ||
    dtype === dtypes.uint64;
  if (!isKnown)
    throw torchError("NotImplementedError", `"${name}" not implemented for '${dtype.scalarType}'`);
}

/**
 * Where the loop writes: the target itself where its dtype is the computed one, else a fresh dense tensor.
 *
 * Throws: PyTorch's errors where the target's shape or dtype cannot take the result.
 */
function outputFor(
  target: Tensor | null,
  result: DType,
  shape: Size,
  like: Tensor | null,
  a: Tensor,
  b: Tensor,
): Tensor {
  const stored = computeDtype(result);
  if (target === null) {
    return like === null ? newTensor(stored, shape, deviceOf(a, b)) : newTensorLike(like, stored);
  }
  if (categoryOf(result) > categoryOf(target.dtype)) {
    throw torchError(
      "RuntimeError",
      `result type ${result.scalarType} can't be cast to the desired output type ${target.dtype.scalarType}`,
    );
  }
  if (!sameShape(target.shape, shape)) {
    throw torchError(
      "RuntimeError",
      `output with shape ${shapeText(target.shape)} doesn't match the broadcast shape ${shapeText(shape)}`,
    );
  }
  requireDistinctElements(target);
  return target.dtype === stored ? target : newTensor(stored, shape, target.storage.device);
}

function deviceOf(a: Tensor, b: Tensor): DeviceName {
  return a.storage.device === "meta" ? "meta" : b.storage.device;
}

/**
 * Refuses an in-place write whose operand lies across the written elements: the order of writing would show.
 *
 * Throws: PyTorch's RuntimeError, for the dense layouts for which PyTorch looks.
 */
function requireNoPartialOverlap(target: Tensor, operand: Tensor): void {
  if (operand === target || operand.storage.buffer !== target.storage.buffer) return;
  const start = target.dataPtr();
  const operandStart = operand.dataPtr();
  const end = start + target.count * target.dtype.itemSize;
  const operandEnd = operandStart + operand.count * operand.dtype.itemSize;
  if (start >= operandEnd || operandStart >= end) return;
  if (
    start === operandStart &&
    sameShape(target.strides, operand.strides) &&
    sameShape(target.shape, operand.shape)
  )
    return;
  if (!isDense(target.shape, target.strides) || !isDense(operand.shape, operand.strides)) return;
  throw torchError(
    "RuntimeError",
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
  );
}

/**
 * Refuses to write to a tensor that has one element in several places, as an expanded one has.
 *
 * Throws: PyTorch's RuntimeError.
 */
export function requireDistinctElements(target: Tensor): void {
  const { shape, strides } = target;
  for (let axis = 0; axis < shape.length; axis++) {
    if (strides[axis] === 0 && shape[axis]! > 1) {
      throw torchError(
        "RuntimeError",
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
      );
    }
  }
}

/** Brings what the loop computed to the dtype and the place it is wanted in. */
function settle(out: Tensor, target: Tensor | null, result: DType): Tensor {
  if (target === null) {
    if (out.dtype === result) return out;
    const settled = newTensorLike(out, result);
    convertInto(out.items, out.dtype, settled.items, result, out.count);
    return settled;
  }
  if (out !== target) scatterItems(convertItems(denseItems(out), out.dtype, target.dtype, out.count), target);
  return target;
}

/** Runs a loop over the last dimension, once where all lies densely, else once for each row. */
function strided1(loop: Loop1, out: Tensor, a: Tensor, p: number, q: number): void {
  const to = out.items as Numbers;
  const from = a.items as Numbers;
  const isAligned =
    out.strides === a.strides ? isDense(out.shape, out.strides) : out.isContiguous() && a.isContiguous();
  if (isAligned) {
    loop(to, out.offset, 1, from, a.offset, 1, out.count, p, q);
    return;
  }
  forEachRow(out.shape, out, a.strides, a.offset, null, 0, (o, os, i, is, _j, _js, n) => {
    loop(to, o, os, from, i, is, n, p, q);
  });
}

function strided2(loop: Loop2, out: Tensor, a: Tensor, b: Tensor, p: number): void {
  const to = out.items as Numbers;
  const x = a.items as Numbers;
  const y = b.items as Numbers;
  const { count } = out;
  const stepA = denseStep(a, count);
  const stepB = denseStep(b, count);
  if (stepA >= 0 && stepB >= 0 && out.isContiguous()) {
    loop(to, out.offset, 1, x, a.offset, stepA, y, b.offset, stepB, count, p);
    return;
  }
  const stridesA = broadcastStrides(a.shape, a.strides, out.shape);
  const stridesB = broadcastStrides(b.shape, b.strides, out.shape);
  forEachRow(out.shape, out, stridesA, a.offset, stridesB, b.offset, (o, os, i, is, j, js, n) => {
    loop(to, o, os, x, i, is, y, j, js, n, p);
  });
}

/** 0 for a single element, also an expanded one, 1 for as many dense ones as the result has, else -1. */
function denseStep(self: Tensor, count: number): number {
  if (self.count === 1) return 0;
  if (self.count === count && self.isContiguous()) return 1;
  const { strides } = self;
  for (let axis = 0; axis < strides.length; axis++) if (strides[axis] !== 0) return -1;
  return 0;
}

type RowRun = (o: number, os: number, i: number, is: number, j: number, js: number, n: number) => void;

/** Calls `run` for each row of the result with the places and steps of all three operands. */
function forEachRow(
  shape: Size,
  out: Tensor,
  stridesA: readonly number[],
  offsetA: number,
  stridesB: readonly number[] | null,
  offsetB: number,
  run: RowRun,
): void {
  const outer = shape.length - 1;
  if (out.count === 0) return;
  if (outer < 0) {
    run(out.offset, 1, offsetA, 1, offsetB, 1, 1);
    return;
  }
  const steps = out.strides;
  const n = shape[outer]!;
  const os = steps[outer]!;
  const is = stridesA[outer]!;
  const js = stridesB === null ? 0 : stridesB[outer]!;
  const index = new Int32Array(outer);
  let o = out.offset;
  let i = offsetA;
  let j = offsetB;
  for (;;) {
    run(o, os, i, is, j, js, n);
    let axis = outer - 1;
    for (; axis >= 0; axis--) {
      const length = shape[axis]!;
      const b = stridesB === null ? 0 : stridesB[axis]!;
      o += steps[axis]!;
      i += stridesA[axis]!;
      j += b;
      if (++index[axis]! < length) break;
      o -= length * steps[axis]!;
      i -= length * stridesA[axis]!;
      j -= length * b;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

type BigItems = { [index: number]: bigint | number };

function bigLoop1(name: string, loops: Loops1, out: Tensor, a: Tensor): void {
  const each = loops.big;
  if (each === undefined)
    throw torchError("NotImplementedError", `"${name}" not implemented for '${a.dtype.scalarType}'`);
  const to = out.items as BigItems;
  const from = a.items as BigInt64Array;
  forEachRow(out.shape, out, a.strides, a.offset, null, 0, (o, os, i, is, _j, _js, n) => {
    for (let k = 0; k < n; k++) to[o + k * os] = each(from[i + k * is]!);
  });
}

function bigLoop2(name: string, loops: Loops2, out: Tensor, a: Tensor, b: Tensor, p: number): void {
  const each = loops.big;
  if (each === undefined)
    throw torchError("NotImplementedError", `"${name}" not implemented for '${a.dtype.scalarType}'`);
  const to = out.items as BigItems;
  const x = a.items as BigInt64Array;
  const y = b.items as BigInt64Array;
  const stridesA = broadcastStrides(a.shape, a.strides, out.shape);
  const stridesB = broadcastStrides(b.shape, b.strides, out.shape);
  forEachRow(out.shape, out, stridesA, a.offset, stridesB, b.offset, (o, os, i, is, j, js, n) => {
    for (let k = 0; k < n; k++) to[o + k * os] = each(x[i + k * is]!, y[j + k * js]!, p);
  });
}
