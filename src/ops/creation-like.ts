/**
 * Tensors made in the image of another: `zerosLike` and its kin take its shape, dtype and order of dimensions in memory.
 */

import { toDtype } from "../dtype.ts";
import { fillDense } from "../tensor/elements.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike } from "../tensor/tensor.ts";
import type { CreationOptions } from "./creation-options.ts";
import { finished } from "./creation-options.ts";

/** Options of the functions that take another tensor as their model; what is not said is as the model has it. */
export interface LikeOptions extends CreationOptions {
  /** `"preserve"` (default) keeps the model's order of dimensions in memory, `"contiguous"` is row-major. */
  readonly memoryFormat?: "preserve" | "contiguous";
}

/** A fresh tensor of zeros in the image of `self`, without `requiresGrad`. */
export function newLike(self: Tensor, options: LikeOptions): Tensor {
  const dtype = options.dtype === undefined ? self.dtype : toDtype(options.dtype);
  const device = options.device ?? self.device;
  const isPlain = options.memoryFormat === "contiguous" || device !== self.device;
  return isPlain ? newTensor(dtype, self.shape, device) : newTensorLike(self, dtype);
}

/** A tensor of zeros like another. */
export function zerosLike(self: Tensor, options: LikeOptions = {}): Tensor {
  return finished(newLike(self, options), options);
}

/** A tensor of ones like another. */
export function onesLike(self: Tensor, options: LikeOptions = {}): Tensor {
  return fullLike(self, 1, options);
}

/** A tensor like another whose elements nobody chose: here zeros. */
export function emptyLike(self: Tensor, options: LikeOptions = {}): Tensor {
  return finished(newLike(self, options), options);
}

/**
 * A tensor of one value like another.
 *
 * Throws: PyTorch's RuntimeError for a value that the dtype does not hold.
 *
 * @example
 * fullLike(tensor([1, 2]), 3.7); // tensor([3, 3])
 */
export function fullLike(self: Tensor, value: ScalarArgument, options: LikeOptions = {}): Tensor {
  const made = newLike(self, options);
  fillDense(made, checkedScalar(value, made.dtype));
  return finished(made, options);
}
