/**
 * Random numbers written into tensors that are there. The streams are `tensor/random`; here they meet views, gradients
 * and versions.
 */

import { torchError } from "../errors.ts";
import {
  defaultGenerator,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillIntegers,
  fillLogNormal,
  fillNormal,
  fillRandom,
  fillUniform,
} from "../tensor/random/index.ts";
import type { Destination, Generator } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireDistinctElements } from "./outputs.ts";
import { namedArguments } from "./named-arguments.ts";
import type { Op } from "./op.ts";
import { Program, callInPlace, composed, needsNothing } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** The options that every random function has. */
export interface RandomOptions {
  /** Where the randomness comes from; default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** A tensor as the random streams see it. */
export function destinationOf(self: Tensor): Destination {
  const { dtype, items, offset, shape, strides } = self;
  return { dtype, items, offset, shape, stride: strides };
}

/** What the author of an in-place op writes that draws every element anew. */
export interface FillerRecord<Options extends RandomOptions> {
  readonly name: string;
  readonly gradName?: string;
  /** The arguments that may stand by position. */
  readonly names?: readonly (keyof Options & string)[];
  readonly fill: (generator: Generator, destination: Destination, options: Options) => void;
  /** Distributions of one value, whose draws are known. */
  readonly samples?: () => readonly Sample[];
}

/** Makes an op that draws every element anew: what was there has no influence, so the gradient is zero. */
export function filler<Options extends RandomOptions>(
  record: FillerRecord<Options>,
): Op<(self: Tensor, ...args: unknown[]) => Tensor> {
  const { name, names = [], fill, samples = () => [] } = record;
  const program = new Program({
    name,
    gradName: record.gradName ?? `${name.charAt(0).toUpperCase()}${name.slice(1, -1)}Backward0`,
    inputs: ["self"],
    backward: { self: needsNothing((g) => g.mul(0)) },
    samples,
  });
  return inPlaceOp(name, samples, (self: Tensor, ...args: unknown[]): Tensor => {
    const options = namedArguments<Options>(name, names, args);
    return callInPlace(program, [self], [], (target) => {
      requireDistinctElements(target);
      if (target.device === "meta") return;
      fill(options.generator ?? defaultGenerator, destinationOf(target), options);
    });
  });
}

/** An op that only exists in place. Differences do not show derivatives of what writes into its input. */
export function inPlaceOp<F extends (...args: never[]) => Tensor>(
  name: string,
  samples: () => readonly Sample[],
  run: F,
): Op<F> {
  return composed({ name, samples, isDifferentiable: false }, run);
}

/** Options of `uniform_`. */
export interface UniformOptions extends RandomOptions {
  /** The smallest number; default 0. */
  readonly from?: number;
  /** The end, which is not drawn; default 1. */
  readonly to?: number;
}

/**
 * Draws every element uniformly from [from, to).
 *
 * Throws: PyTorch's RuntimeErrors for reversed bounds and overlapping elements; NotImplementedError for integers.
 *
 * @example
 * zeros(2).uniform_(-1, 1);
 */
export const uniform_: Op<
  (
    self: Tensor,
    from?: number | UniformOptions,
    to?: number | UniformOptions,
    options?: UniformOptions,
  ) => Tensor
> = filler<UniformOptions>({
  name: "uniform_",
  names: ["from", "to"],
  fill(generator, destination, { from, to }) {
    fillUniform(generator, destination, from, to);
  },
  samples: () => [
    [input([2, 3]), 2, 2],
    [input([3, 2], { layout: "transposed" }), { from: 1, to: 1 }],
    [input([2]), 1, 0],
    [input([0])],
  ],
});

/** Options of `normal_` and `logNormal_`. */
export interface NormalOptions extends RandomOptions {
  /** Default 0; of `logNormal_` 1. */
  readonly mean?: number;
  /** The standard deviation; default 1, of `logNormal_` 2. */
  readonly std?: number;
}

/** Draws every element from a normal distribution. Throws: PyTorch's RuntimeError for a negative `std`. */
export const normal_: Op<
  (
    self: Tensor,
    mean?: number | NormalOptions,
    std?: number | NormalOptions,
    options?: NormalOptions,
  ) => Tensor
> = filler<NormalOptions>({
  name: "normal_",
  names: ["mean", "std"],
  fill(generator, destination, { mean, std }) {
    fillNormal(generator, destination, mean, std);
  },
  samples: () => [
    [input([2, 3]), 3, 0],
    [input([3, 2], { layout: "transposed" }), { std: 0 }],
    [input([2]), 0, -1],
  ],
});

/** Draws every element so that its logarithm is normal. Throws: PyTorch's RuntimeError where `std` is not positive. */
export const logNormal_: Op<
  (
    self: Tensor,
    mean?: number | NormalOptions,
    std?: number | NormalOptions,
    options?: NormalOptions,
  ) => Tensor
> = filler<NormalOptions>({
  name: "logNormal_",
  names: ["mean", "std"],
  fill(generator, destination, { mean, std }) {
    fillLogNormal(generator, destination, mean, std);
  },
  samples: () => [[input([2]), 0, -1], [input([0])]],
});

/** Options of `exponential_`. */
export interface ExponentialOptions extends RandomOptions {
  /** The rate λ; default 1. */
  readonly lambd?: number;
}

/** Draws every element from the exponential distribution of rate `lambd`. Throws: where the rate is not positive. */
export const exponential_: Op<
  (self: Tensor, lambd?: number | ExponentialOptions, options?: ExponentialOptions) => Tensor
> = filler<ExponentialOptions>({
  name: "exponential_",
  names: ["lambd"],
  fill(generator, destination, { lambd }) {
    fillExponential(generator, destination, lambd);
  },
  samples: () => [
    [input([2]), -1],
    [input([2]), { lambd: Infinity }],
  ],
});

/** Options of `geometric_`. */
export interface GeometricOptions extends RandomOptions {
  /** The probability of success of one trial. */
  readonly p?: number;
}

/** Draws the number of trials up to the first success. Throws: for a probability outside (0, 1). */
export const geometric_: Op<(self: Tensor, p: number | GeometricOptions, options?: RandomOptions) => Tensor> =
  filler<GeometricOptions>({
    name: "geometric_",
    names: ["p"],
    fill(generator, destination, { p }) {
      if (p === undefined) {
        throw torchError("TypeError", 'geometric_() missing 1 required positional arguments: "p"');
      }
      fillGeometric(generator, destination, p);
    },
    samples: () => [
      [input([2]), 2],
      [input([2]), 0],
    ],
  });

/** Options of `cauchy_`. */
export interface CauchyOptions extends RandomOptions {
  /** Default 0. */
  readonly median?: number;
  /** Half the width at half the height; default 1. */
  readonly sigma?: number;
}

/** Draws every element from a Cauchy distribution. Throws: where `sigma` is not positive. */
export const cauchy_: Op<
  (
    self: Tensor,
    median?: number | CauchyOptions,
    sigma?: number | CauchyOptions,
    options?: CauchyOptions,
  ) => Tensor
> = filler<CauchyOptions>({
  name: "cauchy_",
  names: ["median", "sigma"],
  fill(generator, destination, { median, sigma }) {
    fillCauchy(generator, destination, median, sigma);
  },
  samples: () => [[input([2]), 0, -1], [input([0])]],
});

/** Options of `random_`. */
export interface RandomIntegerOptions extends RandomOptions {
  /** The smallest integer; default 0. */
  readonly from?: number | bigint;
  /** The end, which is not drawn; default: what the dtype holds exactly. */
  readonly to?: number | bigint | null;
}

const randomUnbounded = filler<RandomOptions>({
  name: "random_",
  gradName: "RandomBackward2",
  fill: fillRandom,
});
const randomBelow = filler<RandomIntegerOptions>({
  name: "random_",
  gradName: "RandomBackward1",
  fill(generator, destination, { to }) {
    fillIntegers(generator, destination, 0n, to ?? null);
  },
});
const randomBetween = filler<RandomIntegerOptions>({
  name: "random_",
  gradName: "RandomBackward0",
  fill(generator, destination, { from, to }) {
    fillIntegers(generator, destination, from ?? 0n, to ?? null);
  },
});

/**
 * Draws integers: `random_()` any that the dtype holds, `random_(to)` from [0, to), `random_(from, to)` from [from, to).
 *
 * Throws: PyTorch's RuntimeErrors for bounds that are reversed or beyond the dtype.
 */
export const random_: Op<
  (
    self: Tensor,
    from?: number | bigint | RandomIntegerOptions,
    to?: number | bigint | null | RandomIntegerOptions,
    options?: RandomOptions,
  ) => Tensor
> = inPlaceOp(
  "random_",
  () => [
    [input([2, 3]), 5, 6],
    [input([2], { layout: "stepped" }), 1],
    [input([2]), 5, 5],
    [input([2]), 300, 301],
  ],
  (self: Tensor, ...args: unknown[]): Tensor => {
    const options = namedArguments<RandomIntegerOptions>("random_", ["from", "to"], args);
    const { from, to, generator } = options;
    if (from === undefined && to === undefined) return randomUnbounded(self, options);
    if (to === undefined) return randomBelow(self, { to: from!, ...(generator && { generator }) });
    return randomBetween(self, options);
  },
);
