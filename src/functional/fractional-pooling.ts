/**
 * Fractional max pooling: windows at random steps that make any number of outputs. Graham (2014).
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { fractionalWindows } from "../kernels/pooling.ts";
import { largestOfWindows } from "../ops/pooling.ts";
import { rand } from "../ops/random-creation.ts";
import { countOf, shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PerAxis } from "./conv.ts";
import type { PooledWithIndices } from "./pooling.ts";
import { poolPlan } from "./pooling.ts";

/** Options of fractional pooling; one of `outputSize` and `outputRatio` is needed. */
export interface FractionalPoolOptions {
  /** How many windows there are along each axis. */
  readonly outputSize?: PerAxis | null;
  /** The same as parts of the lengths, between 0 and 1. */
  readonly outputRatio?: PerAxis | null;
  /** Numbers of [0, 1) that say where windows lie: (samples, channels, axes). Default: drawn. */
  readonly randomSamples?: Tensor | null;
}

const axisNames = ["time", "height", "width"] as const;

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

function perAxis(name: string, what: string, value: PerAxis, rank: number): readonly number[] {
  const values = typeof value === "number" ? [value] : value;
  if (values.length === rank) return values;
  if (values.length === 1) return Array.from({ length: rank }, () => values[0]!);
  return refuse(`${name}: ${what} must either be a single Int or tuple of ${rank === 2 ? "" : "three "}Ints`);
}

function outputLengths(
  name: string,
  { shape }: Tensor,
  { outputSize, outputRatio }: FractionalPoolOptions,
  rank: number,
): readonly number[] {
  if (outputSize !== undefined && outputSize !== null) return perAxis(name, "output_size", outputSize, rank);
  if (outputRatio === undefined || outputRatio === null) {
    throw torchError("ValueError", `${name} requires specifying either an output_size or an output_ratio`);
  }
  const ratios = typeof outputRatio === "number" ? [outputRatio] : outputRatio;
  if (ratios.length > rank) {
    throw torchError(
      "ValueError",
      `${name} requires output_ratio to either be a single Int or tuple of Ints.`,
    );
  }
  return Array.from({ length: rank }, (_, axis) =>
    Math.trunc(shape.at(axis - rank)! * (ratios.length === 1 ? ratios[0]! : ratios[axis]!)),
  );
}

function checkInput(
  name: string,
  { shape }: Tensor,
  kernel: readonly number[],
  lengths: readonly number[],
): void {
  const rank = kernel.length;
  const caller = rank === 2 ? name : `${name}_out`;
  if (shape.length !== rank + 1 && shape.length !== rank + 2) {
    refuse(`${caller}(): Expected ${rank + 1}D or ${rank + 2}D tensor, but got: ${shapeText(shape)}`);
  }
  const empty = shape.findIndex((length, axis) => axis >= 1 && length === 0);
  if (empty >= 0) {
    refuse(
      `${caller}(): Expected input to have non-zero size for non-batch dimensions, but got${shapeText(shape)} with dimension ${empty} being empty.`,
    );
  }
  kernel.forEach((length, axis) => {
    const given = shape.at(axis - rank)!;
    const what = axisNames[axis + 3 - rank]!;
    // In volumes PyTorch asks for one position more than windows need.
    if (lengths[axis]! + length - (rank === 3 ? 0 : 1) > given) {
      refuse(`${caller}(): pool ${what} ${length} too large relative to input ${what} ${given}`);
    }
  });
}

function fractionalMaxPool(
  rank: 2 | 3,
  input: Tensor,
  kernelSize: PerAxis,
  options: FractionalPoolOptions,
): PooledWithIndices {
  const name = `fractional_max_pool${rank}d`;
  const lengths = outputLengths(name, input, options, rank);
  const samples =
    options.randomSamples ??
    rand(input.ndim === rank + 1 ? 1 : input.shape[0]!, input.size(-rank - 1), rank, {
      dtype: input.dtype,
    });
  const kernel = perAxis(name, "kernel_size", kernelSize, rank);
  checkInput(name, input, kernel, lengths);
  const numbers = samples.detach().reshape(-1).tolist() as number[];
  const round = input.dtype === dtypes.float64 ? (value: number): number => value : Math.fround;
  // The samples of planes stand in PyTorch's order: width before height, but depth, height, width.
  const place = (axis: number): number => (rank === 2 ? 1 - axis : axis);
  const plans = Array.from({ length: countOf(input.shape.slice(0, -rank)) }, (_, plane) => {
    const axes = lengths.map((count, axis) =>
      fractionalWindows(
        input.shape.at(axis - rank)!,
        count,
        kernel[axis]!,
        numbers[plane * rank + place(axis)]!,
        round,
      ),
    );
    return poolPlan("FractionalMaxPool", axes, 0);
  });
  const plan =
    plans[0] ??
    poolPlan(
      "FractionalMaxPool",
      lengths.map((count, axis) =>
        fractionalWindows(input.shape.at(axis - rank)!, count, kernel[axis]!, 0, round),
      ),
      0,
    );
  return largestOfWindows(input, { ...plan, windowsOfPlanes: plans.map(({ windows }) => windows) });
}

/**
 * The largest elements of windows at random steps.
 *
 * Shape: (N, channels, height, width) or (channels, height, width) → (…, *outputSize).
 * Throws: PyTorch's ValueError without a size, its RuntimeErrors for windows that do not fit.
 *
 * @example
 * fractionalMaxPool2d(zeros(1, 3, 8, 8), 2, { outputSize: 5 }).shape; // torch.Size([1, 3, 5, 5])
 */
export function fractionalMaxPool2d(
  input: Tensor,
  kernelSize: PerAxis,
  options: FractionalPoolOptions = {},
): Tensor {
  return fractionalMaxPool(2, input, kernelSize, options)[0];
}

/** As `fractionalMaxPool2d`, of volumes. */
export function fractionalMaxPool3d(
  input: Tensor,
  kernelSize: PerAxis,
  options: FractionalPoolOptions = {},
): Tensor {
  return fractionalMaxPool(3, input, kernelSize, options)[0];
}

/**
 * `fractionalMaxPool2d`, and where in its plane each element was, int64.
 *
 * Shape: as `fractionalMaxPool2d`, twice.
 */
export function fractionalMaxPool2dWithIndices(
  input: Tensor,
  kernelSize: PerAxis,
  options: FractionalPoolOptions = {},
): PooledWithIndices {
  return fractionalMaxPool(2, input, kernelSize, options);
}

/**
 * `fractionalMaxPool3d`, and where in its volume each element was, int64.
 *
 * Shape: as `fractionalMaxPool3d`, twice.
 */
export function fractionalMaxPool3dWithIndices(
  input: Tensor,
  kernelSize: PerAxis,
  options: FractionalPoolOptions = {},
): PooledWithIndices {
  return fractionalMaxPool(3, input, kernelSize, options);
}
