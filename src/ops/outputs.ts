/**
 * Where the results of loops go: into fresh tensors that lie in memory as the operands do, or into tensors that are written
 * in place, with PyTorch's refusals of those that cannot be.
 */

import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { broadcastStrides, denseStridesLike, isDense, sameShape, shapeText } from "../shape.ts";
import { categoryOf } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike, newTensorStrided } from "../tensor/tensor.ts";
import { loopDtype } from "./loop-dtypes.ts";
import { isOneElement } from "./walk.ts";

/**
 * Requires that what is broadcast to `shape` can be written into `target`.
 *
 * Throws: PyTorch's RuntimeError.
 */
export function requireOutputShape(target: Tensor, shape: Size): void {
  if (sameShape(target.shape, shape)) return;
  throw torchError(
    "RuntimeError",
    `output with shape ${shapeText(target.shape)} doesn't match the broadcast shape ${shapeText(shape)}`,
  );
}

/**
 * Where the loop writes: the target itself where its dtype is the computed one, else a fresh dense tensor.
 *
 * Throws: PyTorch's errors where the target's shape or dtype cannot take the result.
 */
export function outputFor(
  target: Tensor | null,
  result: DType,
  shape: Size,
  operands: readonly Tensor[],
  stored: DType = loopDtype(result),
): Tensor {
  if (target === null) return newResult(stored, shape, operands);
  requireOutputShape(target, shape);
  if (categoryOf(result) > categoryOf(target.dtype)) {
    throw torchError(
      "RuntimeError",
      `result type ${result.scalarType} can't be cast to the desired output type ${target.dtype.scalarType}`,
    );
  }
  requireDistinctElements(target);
  return target.dtype === stored ? target : newTensor(stored, shape, target.storage.device);
}

/** Whether the result of two operands lies in memory as the first: the commonest case, told without making anything. */
export function isLaidOutAs(x: Tensor, y: Tensor, shape: Size): boolean {
  if (y.storage.device !== x.storage.device || !(x.shape === shape || sameShape(x.shape, shape)))
    return false;
  return y.count === 1 || y.strides === x.strides || (x.isContiguous() && y.isContiguous());
}

/** A fresh dense tensor whose dimensions lie in memory as those of the operands do, the first of which decides. */
function newResult(dtype: DType, shape: Size, operands: readonly Tensor[]): Tensor {
  const [first] = operands;
  const isMeta = operands.some((each) => each.storage.device === "meta");
  const device = isMeta ? "meta" : "cpu";
  // One element that was expanded, as gradients of sums are, says nothing about an order.
  if (operands.every((each) => each.isContiguous() || isOneElement(each))) {
    return newTensor(dtype, shape, device);
  }
  const isUniform = operands.every((each) => each.count === 1 || each.strides === first!.strides);
  if (isUniform && sameShape(first!.shape, shape) && first!.storage.device === device) {
    return newTensorLike(first!, dtype);
  }
  const strides = operands.map((each) => broadcastStrides(each.shape, each.strides, shape));
  return newTensorStrided(dtype, shape, denseStridesLike(shape, strides), device);
}

/**
 * Refuses an in-place write whose operand lies across the written elements: the order of writing would show.
 *
 * Throws: PyTorch's RuntimeError, for the dense layouts for which PyTorch looks.
 */
export function requireNoPartialOverlap(target: Tensor, operand: Tensor): void {
  if (operand === target || operand.storage.buffer !== target.storage.buffer) return;
  const start = target.dataPtr();
  const operandStart = operand.dataPtr();
  const end = start + target.count * target.dtype.itemSize;
  const operandEnd = operandStart + operand.count * operand.dtype.itemSize;
  if (start >= operandEnd || operandStart >= end) return;
  // PyTorch looks at strides alone: a vector and itself as a row or a column are taken for the same.
  if (start === operandStart && end === operandEnd && sameShape(target.strides, operand.strides)) return;
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
