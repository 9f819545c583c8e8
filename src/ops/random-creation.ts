/**
 * Tensors of random numbers.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, toSize } from "../shape.ts";
import {
  defaultGenerator,
  fillIntegers,
  fillNormal,
  fillUniform,
  randperm as shuffle,
} from "../tensor/random/index.ts";
import type { Destination, Generator } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import type { LikeOptions } from "./creation-like.ts";
import { newLike } from "./creation-like.ts";
import type { CreationOptions, ShapeAndOptions } from "./creation-options.ts";
import { dtypeOf, finished, splitArguments, toShape } from "./creation-options.ts";
import { destinationOf } from "./random.ts";
import type { RandomOptions } from "./random.ts";
import "./creation.ts";

/** Options of functions that make a tensor of random numbers. */
export interface RandomCreationOptions extends CreationOptions, RandomOptions {}

/** Options of functions that make random numbers in the image of another tensor. */
export interface RandomLikeOptions extends LikeOptions, RandomOptions {}

type Fill = (generator: Generator, destination: Destination) => void;

function drawn(made: Tensor, options: RandomCreationOptions, fill: Fill): Tensor {
  if (made.device === "cpu") fill(options.generator ?? defaultGenerator, destinationOf(made));
  return finished(made, options);
}

const uniform: Fill = (generator, destination) => fillUniform(generator, destination);
const standardNormal: Fill = (generator, destination) => fillNormal(generator, destination);

/**
 * Uniform numbers of [0, 1).
 *
 * Throws: as `zeros`; NotImplementedError for dtypes that are no floats.
 *
 * @example
 * manualSeed(0);
 * rand(2); // tensor([0.4963, 0.7682])
 */
export function rand(...args: ShapeAndOptions<RandomCreationOptions>): Tensor {
  const { shape, options } = splitArguments<RandomCreationOptions>("rand", args);
  return drawn(newTensor(dtypeOf(options), shape, options.device), options, uniform);
}

/**
 * Normal numbers of mean 0 and standard deviation 1.
 *
 * Throws: as `rand`.
 *
 * @example
 * manualSeed(0);
 * randn(2); // tensor([ 1.5410, -0.2934])
 */
export function randn(...args: ShapeAndOptions<RandomCreationOptions>): Tensor {
  const { shape, options } = splitArguments<RandomCreationOptions>("randn", args);
  return drawn(newTensor(dtypeOf(options), shape, options.device), options, standardNormal);
}

/** Uniform numbers of [0, 1) in the image of another tensor. Throws: as `rand`. */
export function randLike(self: Tensor, options: RandomLikeOptions = {}): Tensor {
  return drawn(newLike(self, options), options, uniform);
}

/** Standard normal numbers in the image of another tensor. Throws: as `rand`. */
export function randnLike(self: Tensor, options: RandomLikeOptions = {}): Tensor {
  return drawn(newLike(self, options), options, standardNormal);
}

function integersBetween(low: number | bigint, high: number | bigint): Fill {
  return (generator, destination) => fillIntegers(generator, destination, low, high);
}

type Bound = number | bigint;

/**
 * Integers from `low` (default 0) up to but without `high`; int64 unless told.
 *
 * Throws: PyTorch's RuntimeErrors for bounds that are reversed or beyond the dtype.
 *
 * @example
 * randint(10, [3]); // three digits
 */
export function randint(high: Bound, shape: readonly number[], options?: RandomCreationOptions): Tensor;
export function randint(
  low: Bound,
  high: Bound,
  shape: readonly number[],
  options?: RandomCreationOptions,
): Tensor;
export function randint(
  first: Bound,
  second: Bound | readonly number[],
  third?: readonly number[] | RandomCreationOptions,
  fourth?: RandomCreationOptions,
): Tensor {
  const hasLow = typeof second !== "object";
  const [low, high] = hasLow ? [first, second] : [0, first];
  const shape = toShape("randint", (hasLow ? third : second) as readonly number[]);
  const options = ((hasLow ? fourth : third) ?? {}) as RandomCreationOptions;
  const dtype: DType = options.dtype === undefined ? dtypes.int64 : toDtype(options.dtype);
  return drawn(newTensor(dtype, shape, options.device), options, integersBetween(low, high));
}

/** Integers from `low` (default 0) up to but without `high` in the image of another tensor. Throws: as `randint`. */
export function randintLike(
  self: Tensor,
  first: Bound,
  second?: Bound | RandomLikeOptions,
  third?: RandomLikeOptions,
): Tensor {
  const hasLow = typeof second === "number" || typeof second === "bigint";
  const [low, high] = hasLow ? [first, second] : [0, first];
  const options = (hasLow ? third : (second as RandomLikeOptions | undefined)) ?? {};
  return drawn(newLike(self, options), options, integersBetween(low, high));
}

/**
 * The integers 0 to n - 1 in random order; int64 unless told.
 *
 * Throws: PyTorch's RuntimeErrors for negative lengths and for more numbers than the dtype has.
 */
export function randperm(n: number, options: RandomCreationOptions = {}): Tensor {
  const dtype = options.dtype === undefined ? dtypes.int64 : toDtype(options.dtype);
  if (typeof n !== "number" || !Number.isInteger(n)) {
    throw torchError(
      "TypeError",
      `randperm(): argument 'n' (position 1) must be int, not ${pythonTypeName(n)}`,
    );
  }
  const shape = toShape("randperm", [n]);
  const made = newTensor(dtype, shape, options.device);
  if (made.device === "cpu") {
    made.items.set(shuffle(options.generator ?? defaultGenerator, n, dtype) as never);
  }
  return finished(made, options);
}

/**
 * Normal numbers of the given mean and standard deviation: numbers with a shape, or tensors, one for each element.
 *
 * Throws: PyTorch's RuntimeErrors for negative standard deviations and for shapes that do not broadcast.
 *
 * @example
 * normal(0, 0.02, [2, 3]);
 * normal(zeros(3), ones(3));
 */
export function normal(
  mean: number | Tensor,
  std: number | Tensor = 1,
  shape?: readonly number[] | RandomCreationOptions,
  options?: RandomCreationOptions,
): Tensor {
  const isShape = Array.isArray(shape);
  const settings = options ?? (isShape || shape === undefined ? {} : (shape as RandomCreationOptions));
  if (!isTensor(mean) && !isTensor(std)) {
    const lengths = toShape("normal", isShape ? (shape as readonly number[]) : (undefined as never));
    return drawn(newTensor(dtypeOf(settings), lengths, settings.device), settings, (generator, destination) =>
      fillNormal(generator, destination, mean, std),
    );
  }
  requireDeviations(std);
  const size = isTensor(mean)
    ? isTensor(std)
      ? broadcastShapes(mean.shape, std.shape)
      : mean.shape
    : (std as Tensor).shape;
  const dtype = isTensor(mean) ? mean.dtype : (std as Tensor).dtype;
  const made = newTensor(dtype, toSize(size.slice()), isTensor(mean) ? mean.device : (std as Tensor).device);
  const standard = drawn(made, settings, standardNormal);
  // As PyTorch computes it: the deviation first, then the mean, each rounded.
  const scaled = isTensor(std) ? standard.mul_(std.detach()) : standard.mul_(std);
  return isTensor(mean) ? scaled.add_(mean.detach()) : scaled.add_(mean);
}

function requireDeviations(std: number | Tensor): void {
  if (!isTensor(std)) {
    if (!(std >= 0)) {
      throw torchError("RuntimeError", `normal expects std >= 0.0, but found std ${std}`);
    }
    return;
  }
  if (std.device === "cpu" && std.count > 0 && std.detach().lt(0).sum().item() !== 0) {
    throw torchError("RuntimeError", "normal expects all elements of std >= 0.0");
  }
}
