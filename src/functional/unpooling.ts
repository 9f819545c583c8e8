/**
 * The inverse of max pooling: elements go back to where they were, among zeros.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { putInPlanes } from "../ops/pooling.ts";
import { sameShape, shapeText } from "../shape.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PerAxis } from "./conv.ts";

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

/** Options of the functions that undo max pooling. */
export interface MaxUnpoolOptions {
  /** How far windows are apart. Default: their lengths. */
  readonly stride?: PerAxis | null;
  /** What the pooling added at both ends. Default 0. */
  readonly padding?: PerAxis;
  /** The lengths before the pooling, where several fit; with or without batch and channels. */
  readonly outputSize?: readonly number[] | null;
}

/** The lengths that were pooled. Throws: PyTorch's ValueErrors for lengths that cannot have been. */
function lengthsBefore(
  input: Tensor,
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  asked: readonly number[] | null,
): readonly number[] {
  const rank = kernel.length;
  const usual = input.shape
    .slice(-rank)
    .map((length, k) => (length - 1) * stride[k]! + kernel[k]! - 2 * padding[k]!);
  if (asked === null) return usual;
  const lengths = asked.length === rank + 2 ? asked.slice(2) : asked;
  if (lengths.length !== rank) {
    throw torchError(
      "ValueError",
      `output_size should be a sequence containing ${rank} or ${rank + 2} elements, but it has a length of '${asked.length}'`,
    );
  }
  lengths.forEach((length, k) => {
    const [low, high] = [usual[k]! - stride[k]!, usual[k]! + stride[k]!];
    if (low < length && length < high) return;
    throw torchError(
      "ValueError",
      `invalid output_size "${pythonRepr(asked)}" (dim ${k} must be between ${low} and ${high})`,
    );
  });
  return lengths;
}

function maxUnpool(
  rank: number,
  input: Tensor,
  indices: Tensor,
  kernelSize: PerAxis,
  options: MaxUnpoolOptions,
): Tensor {
  const numbers = (value: PerAxis): readonly number[] =>
    typeof value === "number" ? Array.from({ length: rank }, () => value) : value;
  const kernel = numbers(kernelSize);
  const { stride, padding = 0, outputSize = null } = options;
  const lengths = lengthsBefore(input, kernel, numbers(stride ?? kernel), numbers(padding), outputSize);
  if (indices.dtype !== dtypes.int64) {
    refuse(`elements in indices should be type int64 but got: ${indices.dtype.scalarType}`);
  }
  if (!sameShape(input.shape, indices.shape)) {
    refuse(
      `Expected shape of indices to be same as that of the input tensor (${shapeText(input.shape)}) but got indices tensor with shape: ${shapeText(indices.shape)}`,
    );
  }
  if (rank > 1) return putInPlanes(input, indices, lengths);
  return putInPlanes(input.unsqueeze(-2), indices.unsqueeze(-2), [1, ...lengths]).squeeze(-2);
}

/**
 * Puts what `maxPool1dWithIndices` kept back to where it was, among zeros.
 *
 * Shape: input and indices (…, windows) → (…, length).
 * Throws: PyTorch's errors for indices of another dtype or shape or beyond the result, and for sizes that do not fit.
 */
export function maxUnpool1d(
  input: Tensor,
  indices: Tensor,
  kernelSize: PerAxis,
  options: MaxUnpoolOptions = {},
): Tensor {
  return maxUnpool(1, input, indices, kernelSize, options);
}

/** The inverse of `maxPool2dWithIndices`, as `maxUnpool1d`. */
export function maxUnpool2d(
  input: Tensor,
  indices: Tensor,
  kernelSize: PerAxis,
  options: MaxUnpoolOptions = {},
): Tensor {
  return maxUnpool(2, input, indices, kernelSize, options);
}

/** The inverse of `maxPool3dWithIndices`, as `maxUnpool1d`. */
export function maxUnpool3d(
  input: Tensor,
  indices: Tensor,
  kernelSize: PerAxis,
  options: MaxUnpoolOptions = {},
): Tensor {
  return maxUnpool(3, input, indices, kernelSize, options);
}
