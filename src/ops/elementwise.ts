/**
 * Elementwise ops but for their arithmetic: promotion, broadcasting. A loop is a plain function over typed arrays that an
 * op writes out once, so that it needs no call per element; `walk.ts` runs it, and `outputs.ts` says where it writes.
 */

import type { Complex, DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "../small-float.ts";
import { broadcastShapes } from "../shape.ts";
import { convertInto, convertItems, denseItems, itemsPerElement, scatterItems } from "../tensor/elements.ts";
import { defaultDtype, resultType } from "../tensor/promotion.ts";
import type { Operand } from "../tensor/promotion.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { isComplexNumber, plainScalar, scalarDtype } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newScalarTensor, newTensorLike } from "../tensor/tensor.ts";
import type { AnyLoops } from "./loop-dtypes.ts";
import { floatOf, isBig, loopDtype, requireBig, requireComputable, resultDtype } from "./loop-dtypes.ts";
import { isLaidOutAs, outputFor, requireNoPartialOverlap } from "./outputs.ts";
import type { Loop1, Loop2, Loop3 } from "./walk.ts";
import {
  walk1,
  walk2,
  walk3,
  walkBig1,
  walkBig2,
  walkBig3,
  walkComplex1,
  walkComplex2,
  walkComplex3,
} from "./walk.ts";

export type { Numbers } from "./walk.ts";

/** The loops of a unary op. */
export interface Loops1 extends AnyLoops {
  readonly loop: Loop1;
  /** For 64-bit integers; without it they are refused. */
  readonly big?: (x: bigint, p: number, q: number) => bigint | number;
  /** For complex numbers, see `complex-loops.ts`; without it they are refused. */
  readonly complex?: Loop1;
  /** For bool; default: `loop`. */
  readonly bool?: Loop1;
  /** For float32; default: `loop`. */
  readonly float32?: Loop1;
}

/** The loops of a binary op. */
export interface Loops2 extends AnyLoops {
  readonly loop: Loop2;
  readonly big?: (x: bigint, y: bigint, p: number) => bigint | number;
  readonly complex?: Loop2;
  readonly bool?: Loop2;
  /** For 8 and 32 bits of integer, where a double does not hold the product, and where nothing divides by 0. */
  readonly int32?: Loop2;
  /** For float32, where rounding twice differs from rounding once. */
  readonly float32?: Loop2;
}

/** The loops of a ternary op. */
export interface Loops3 extends AnyLoops {
  readonly loop: Loop3;
  readonly big?: (x: bigint, y: bigint, z: bigint, p: number) => bigint | number;
  readonly complex?: Loop3;
  readonly float32?: Loop3;
  /** Whether 32 bits of integer are computed with those of 64, as a double does not hold the product. */
  readonly isProduct?: boolean;
}

/** A Python number as a tensor without dimensions that does not decide about dtypes. */
export function numberTensor(value: NumberArgument): Tensor {
  if (isComplexNumber(value)) return complexNumberTensor(value);
  const dtype = scalarDtype(value);
  const tensor = newScalarTensor(dtype);
  const plain = plainScalar(value);
  tensor.items[0] = dtype === dtypes.int64 ? BigInt(plain) : Number(plain);
  tensor.isNumber = true;
  return tensor;
}

function complexNumberTensor({ re, im }: Complex): Tensor {
  const tensor = newScalarTensor(dtypes.complex128);
  tensor.items[0] = re;
  tensor.items[1] = im;
  tensor.isNumber = true;
  return tensor;
}

/** The same elements in another dtype, as a bare tensor without history; itself if it has the dtype. */
export function converted(self: Tensor, dtype: DType): Tensor {
  if (self.dtype === dtype) return self;
  const out = newTensorLike(self, dtype);
  if (self.storage.device === "meta") return out;
  if (out.strides === self.strides || (out.isContiguous() && self.isContiguous())) {
    const width = itemsPerElement(self.dtype);
    const items = self.items.subarray(self.offset * width, (self.offset + self.count) * width);
    convertInto(items, self.dtype, out.items, dtype, self.count);
  } else scatterItems(convertItems(denseItems(self), self.dtype, dtype, self.count), out);
  return out;
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
  const common = loops.result === "float" ? floatOf(dtype) : dtype;
  const compute = loopDtype(common);
  const result = resultDtype(loops, common);
  const x = self.dtype === compute ? self : converted(self, compute);
  const out =
    target === null ? newTensorLike(x, loopDtype(result)) : outputFor(target, result, self.shape, [x]);
  requireComputable(name, loops, common);
  if (out.storage.device === "meta") return target ?? converted(out, result);
  if (isBig(compute)) walkBig1(requireBig(name, loops, compute), out, x, p, q);
  else if (compute.kind === "complex") walkComplex1(loops.complex!, out, x, p, q);
  else if (compute === dtypes.float32)
    walk1(loops.float32 ?? loops.loop, out, x, Math.fround(p), Math.fround(q));
  else walk1(compute === dtypes.bool ? (loops.bool ?? loops.loop) : loops.loop, out, x, p, q);
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
  if (loops.result === "float") common = floatOf(common);
  const compute = loopDtype(common);
  const result = resultDtype(loops, common);
  if (target !== null) {
    requireNoPartialOverlap(target, a);
    requireNoPartialOverlap(target, b);
  }
  const shape = a.shape === b.shape ? a.shape : broadcastShapes(a.shape, b.shape);
  const x = a.dtype === compute ? a : converted(narrowed(a, common), compute);
  const y =
    b.dtype === compute
      ? b
      : converted(loops.keepsNumbers === true && common.kind === "float" ? b : narrowed(b, common), compute);
  const out =
    target === null && isLaidOutAs(x, y, shape)
      ? newTensorLike(x, loopDtype(result))
      : outputFor(target, result, shape, [x, y]);
  requireComputable(name, loops, common);
  if (out.storage.device === "meta") return target ?? converted(out, result);
  if (isBig(compute)) walkBig2(requireBig(name, loops, compute), out, x, y, p);
  else if (compute.kind === "complex") walkComplex2(loops.complex!, out, x, y, p);
  else if (compute === dtypes.float32) walk2(loops.float32 ?? loops.loop, out, x, y, roundedTo(common, p));
  else walk2(loopOf(loops, compute), out, x, y, p);
  return settle(out, target, result);
}

/** An operand as the dtype of the op holds it: numbers and tensors without dimensions may be of a wider one. */
function narrowed(operand: Tensor, common: DType): Tensor {
  return operand.shape.length > 0 ? operand : converted(operand, common);
}

/**
 * Runs a ternary op, into a new tensor or into `target`. `operands` are those that decide about the dtype; others, as the
 * condition of `where`, reach the loop as they are.
 */
export function runTernary(
  name: string,
  loops: Loops3,
  a: Tensor,
  b: Tensor,
  c: Tensor,
  operands: readonly Tensor[],
  target: Tensor | null,
  p: number = 0,
): Tensor {
  const joined = resultTypeOf(operands);
  const common = loops.result === "float" ? floatOf(joined) : joined;
  const isWide = loops.isProduct === true && (common === dtypes.int32 || common === dtypes.uint32);
  const compute = isWide ? dtypes.int64 : loopDtype(common);
  const result = resultDtype(loops, common);
  const shape = broadcastShapes(broadcastShapes(a.shape, b.shape), c.shape);
  const [x, y, z] = [a, b, c].map((each) =>
    each.dtype === compute || !operands.includes(each) ? each : converted(each, compute),
  ) as [Tensor, Tensor, Tensor];
  if (target !== null) for (const each of [a, b, c]) requireNoPartialOverlap(target, each);
  const out = outputFor(target, result, shape, [x, y, z], isWide ? compute : undefined);
  requireComputable(name, loops, common);
  if (out.storage.device === "meta") return target ?? converted(out, result);
  if (isBig(compute)) walkBig3(requireBig(name, loops, compute), out, x, y, z, Math.trunc(p));
  else if (compute.kind === "complex") walkComplex3(loops.complex!, out, x, y, z, p);
  else if (compute === dtypes.float32) walk3(loops.float32 ?? loops.loop, out, x, y, z, Math.fround(p));
  else walk3(loops.loop, out, x, y, z, common.kind === "float" ? p : Math.trunc(p));
  return settle(out, target, result);
}

/** The dtype that several operands compute in: tensors with dimensions decide before those without, and numbers last. */
export function resultTypeOf(operands: readonly Tensor[]): DType {
  let strong: Operand | null = null;
  for (const isInGroup of [hasDimensions, hasNone, isNumber]) {
    for (const each of operands) {
      if (!isInGroup(each)) continue;
      const dtype: DType = strong === null ? each.dtype : resultType(strong, each);
      strong = { dtype, shape: (strong ?? each).shape, isNumber: (strong ?? each).isNumber };
    }
  }
  return strong === null ? defaultDtype() : strong.dtype;
}

function hasDimensions(each: Tensor): boolean {
  return !each.isNumber && each.shape.length > 0;
}

function hasNone(each: Tensor): boolean {
  return !each.isNumber && each.shape.length === 0;
}

function isNumber(each: Tensor): boolean {
  return each.isNumber;
}

/** A parameter as the op's own dtype holds it. */
function roundedTo(dtype: DType, p: number): number {
  if (dtype === dtypes.bfloat16) return decodeBfloat16(encodeBfloat16(p));
  return dtype === dtypes.float16 ? decodeHalf(encodeHalf(p)) : Math.fround(p);
}

function loopOf(loops: Loops2, compute: DType): Loop2 {
  switch (compute) {
    case dtypes.bool:
      return loops.bool ?? loops.loop;
    case dtypes.int32:
    case dtypes.uint8:
      return loops.int32 ?? loops.loop;
    default:
      return loops.loop;
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
