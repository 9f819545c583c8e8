/**
 * Pooling to a length: as many windows as asked for.
 */

import { torchError } from "../errors.ts";
import { adaptiveWindows } from "../kernels/pooling.ts";
import { largestOfWindows, meansOfWindows } from "../ops/pooling.ts";
import { shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PooledWithIndices } from "./pooling.ts";
import { poolPlan } from "./pooling.ts";

/** A length for all axes, or one for each; null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[];

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

/** PyTorch takes no null along a single axis. */
function requireOneLength(name: string, size: OutputSize): void {
  const where = `${name}(): argument 'output_size' (position 2) must be tuple of ints`;
  if (size === null) throw torchError("TypeError", `${where}, not NoneType`);
  if (typeof size === "number") return;
  const at = size.indexOf(null);
  if (at >= 0) {
    throw torchError("TypeError", `${where}, but found element of type NoneType at pos ${at}`);
  }
  if (size.length !== 1)
    refuse(`${name}() argument 'output_size' should contain one int (got ${size.length})`);
}

function outputLengths(name: string, { shape }: Tensor, size: OutputSize, rank: number): readonly number[] {
  const asked = typeof size === "number" || size === null ? Array.from({ length: rank }, () => size) : size;
  if (rank === 1) requireOneLength(name, size);
  if (rank > 1 && typeof size !== "number" && size !== null && shape.length <= asked.length) {
    throw torchError("ValueError", `Input dimension should be at least ${asked.length + 1}`);
  }
  if (asked.length !== rank) refuse(`${name}: output_size must be ${rank}`);
  const given = shape.slice(-rank);
  const lengths = asked.map((length, axis) => length ?? given[axis]!);
  if (lengths.some((length) => length < 0)) {
    refuse(
      `${name}: elements of output_size must be greater than or equal to 0 but received {${lengths.join(", ")}}`,
    );
  }
  return lengths;
}

function checkInput(name: string, { shape }: Tensor, rank: number, isMax: boolean): void {
  const { length } = shape;
  if (length !== rank + 1 && length !== rank + 2) {
    refuse(
      rank === 1
        ? `Expected 2 to 3 dimensions, but got ${length}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`
        : `${name}(): Expected ${rank + 1}D or ${rank + 2}D tensor, but got${isMax ? ":" : ""} ${shapeText(shape)}`,
    );
  }
  const first = isMax ? 1 : length - rank;
  const empty = shape.findIndex((size, axis) => axis >= first && size === 0);
  if (empty >= 0) {
    refuse(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${shapeText(shape)} with dimension ${empty} being empty`,
    );
  }
}

function adaptiveAvgPool(rank: number, input: Tensor, outputSize: OutputSize): Tensor {
  const name = `adaptive_avg_pool${rank}d`;
  const lengths = outputLengths(name, input, outputSize, rank);
  if (rank === 1) {
    checkInput(name, input, rank, false);
    return adaptiveAvgPool(2, input.unsqueeze(-2), [1, lengths[0]!]).squeeze(-2);
  }
  // PyTorch takes the mean for a single window, whatever the rank of the input.
  if (lengths.every((length) => length === 1)) {
    return input.mean(
      Array.from({ length: rank }, (_, axis) => axis - rank),
      { keepdim: true },
    );
  }
  checkInput(name, input, rank, false);
  const axes = lengths.map((count, k) => adaptiveWindows(input.shape.at(k - rank)!, count));
  return meansOfWindows(input, poolPlan("AdaptiveAvgPool", axes, 0));
}

function adaptiveMaxPool(rank: number, input: Tensor, outputSize: OutputSize): PooledWithIndices {
  const name = `adaptive_max_pool${rank}d`;
  const lengths = outputLengths(name, input, outputSize, rank);
  checkInput(name, input, rank, true);
  if (rank === 1) {
    const [output, indices] = adaptiveMaxPool(2, input.unsqueeze(-2), [1, lengths[0]!]);
    return [output.squeeze(-2), indices.squeeze(-2)];
  }
  const axes = lengths.map((count, k) => adaptiveWindows(input.shape.at(k - rank)!, count));
  return largestOfWindows(input, poolPlan("AdaptiveMaxPool", axes, 0));
}

/**
 * Means of as many windows as asked for.
 *
 * Shape: (N, channels, length) or (channels, length) → (…, outputSize).
 * Throws: PyTorch's RuntimeErrors for other shapes and sizes.
 *
 * @example
 * adaptiveAvgPool1d(tensor([[1, 2, 3, 4]], { dtype: "float32" }), 2); // tensor([[1.5000, 3.5000]])
 */
export function adaptiveAvgPool1d(input: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveAvgPool(1, input, outputSize);
}

/** As `adaptiveAvgPool1d`. Shape: (N, channels, height, width) or unbatched → (…, *outputSize). */
export function adaptiveAvgPool2d(input: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveAvgPool(2, input, outputSize);
}

/** As `adaptiveAvgPool1d`. Shape: (N, channels, depth, height, width) or unbatched → (…, *outputSize). */
export function adaptiveAvgPool3d(input: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveAvgPool(3, input, outputSize);
}

/** The largest elements of as many windows as asked for. Shape and throws: as `adaptiveAvgPool1d`. */
export function adaptiveMaxPool1d(input: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveMaxPool(1, input, outputSize)[0];
}

/** As `adaptiveMaxPool1d`, of planes. */
export function adaptiveMaxPool2d(input: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveMaxPool(2, input, outputSize)[0];
}

/** As `adaptiveMaxPool1d`, of volumes. */
export function adaptiveMaxPool3d(input: Tensor, outputSize: OutputSize): Tensor {
  return adaptiveMaxPool(3, input, outputSize)[0];
}

/**
 * `adaptiveMaxPool1d`, and where in its line each element was, int64.
 *
 * Shape: as `adaptiveMaxPool1d`, twice.
 */
export function adaptiveMaxPool1dWithIndices(input: Tensor, outputSize: OutputSize): PooledWithIndices {
  return adaptiveMaxPool(1, input, outputSize);
}

/**
 * `adaptiveMaxPool2d`, and where in its plane each element was, int64.
 *
 * Shape: as `adaptiveMaxPool2d`, twice.
 */
export function adaptiveMaxPool2dWithIndices(input: Tensor, outputSize: OutputSize): PooledWithIndices {
  return adaptiveMaxPool(2, input, outputSize);
}

/**
 * `adaptiveMaxPool3d`, and where in its volume each element was, int64.
 *
 * Shape: as `adaptiveMaxPool3d`, twice.
 */
export function adaptiveMaxPool3dWithIndices(input: Tensor, outputSize: OutputSize): PooledWithIndices {
  return adaptiveMaxPool(3, input, outputSize);
}
