/**
 * What is drawn by probabilities: coins, categories, and the elements that dropout drops.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { sameShape, toSize } from "../shape.ts";
import {
  defaultGenerator,
  fillBernoulli,
  fillBernoulliFrom,
  fillDropoutMask,
  multinomial as drawCategories,
} from "../tensor/random/index.ts";
import type { Generator } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor, newTensorLike } from "../tensor/tensor.ts";
import { requireDistinctElements } from "./outputs.ts";
import { namedArguments } from "./named-arguments.ts";
import type { Op } from "./op.ts";
import { Program, callInPlace, composed, needs, needsNothing, op } from "./op.ts";
import type { RandomOptions } from "./random.ts";
import { destinationOf, filler, inPlaceOp } from "./random.ts";
import { input } from "./samples.ts";

/** Options of `bernoulli_` and `bernoulli`. */
export interface BernoulliOptions extends RandomOptions {
  /** The probability of 1. */
  readonly p?: number | Tensor;
}

const coins = filler<{ readonly p: number } & RandomOptions>({
  name: "bernoulli_",
  gradName: "BernoulliBackward2",
  fill(generator, destination, { p }) {
    fillBernoulli(generator, destination, p);
  },
});

const coinsFrom = new Program({
  name: "bernoulli_",
  gradName: "BernoulliBackward1",
  inputs: ["self", "p"],
  backward: {
    self: needsNothing((g) => g.mul(0)),
    // A coin does not move with its probability, but now and then it falls on the other side.
    p: needs(["p"], (_g, { p }) => p.mul(0)),
  },
  samples: () => [],
});

function throwFrom(target: Tensor, probabilities: Tensor, generator: Generator): void {
  requireDistinctElements(target);
  const spread = sameShape(probabilities.shape, target.shape)
    ? probabilities
    : probabilities.detach().expand(target.shape);
  if (target.device === "meta") return;
  fillBernoulliFrom(generator, destinationOf(target), destinationOf(spread));
}

/**
 * Sets every element to 1 with probability `p` (default 0.5), else to 0; `p` may be a tensor that broadcasts.
 *
 * Throws: PyTorch's RuntimeErrors for probabilities outside [0, 1].
 */
export const bernoulli_: Op<
  (self: Tensor, p?: number | Tensor | BernoulliOptions, options?: RandomOptions) => Tensor
> = inPlaceOp(
  "bernoulli_",
  () => [
    [input([2, 3]), 1],
    [input([3]), 0],
    [input([3]), 2],
    [input([2, 3], { dtype: "float32" }), input([3], { values: [0, 1, 1], dtype: "float32" })],
    [input([2]), input([2], { values: [0, 2], dtype: "float32" })],
    [input([2]), input([3], { values: [0, 1, 1], dtype: "float32" })],
    [input([2]), input([2], { values: [0, 1], dtype: "int64" })],
  ],
  (self: Tensor, ...args: unknown[]): Tensor => {
    const { p = 0.5, generator = defaultGenerator } = namedArguments<BernoulliOptions>(
      "bernoulli_",
      ["p"],
      args,
    );
    if (!isTensor(p)) return coins(self, { p, generator });
    return callInPlace(coinsFrom, [self, p], [], (target) => {
      throwFrom(target, p, generator);
    });
  },
);

const flipped: Op<(self: Tensor, generator: Generator) => Tensor> = op({
  name: "bernoulli",
  inputs: ["self"],
  forward(self, generator: Generator) {
    const out = newTensor(self.dtype, self.shape, self.device);
    throwFrom(out, self, generator);
    return out;
  },
  backward: { self: needsNothing((g) => g.mul(0)) },
  samples: () => [],
});

/**
 * A tensor of coins: 1 with the probability that the element is, or with probability `p` everywhere.
 *
 * Throws: PyTorch's RuntimeErrors for probabilities outside [0, 1].
 */
export const bernoulli: Op<(self: Tensor, p?: number | BernoulliOptions, options?: RandomOptions) => Tensor> =
  composed(
    {
      name: "bernoulli",
      isDifferentiable: false,
      samples: () => [
        [input([3], { values: [0, 1, 1] })],
        [input([2, 2], { values: [0, 1, 1, 0], layout: "transposed" })],
        [input([2], { dtype: "int64" }), 1],
        [input([2], { values: [0, 2] })],
      ],
    },
    (self: Tensor, ...args: unknown[]): Tensor => {
      const { p, generator = defaultGenerator } = namedArguments<BernoulliOptions>("bernoulli", ["p"], args);
      if (p === undefined) return flipped(self, generator);
      return bernoulli_(newTensor(self.dtype, self.shape, self.device), { p, generator });
    },
  );

/** Options of `multinomial`. */
export interface MultinomialOptions extends RandomOptions {
  /** Whether a category may be drawn more than once. Default false. */
  readonly replacement?: boolean;
}

/**
 * Draws categories by their weights, which need not sum to 1.
 *
 * Shape: (categories) → (numSamples), (rows, categories) → (rows, numSamples); int64.
 * Throws: PyTorch's RuntimeErrors for weights that are negative, not finite or all zero, and for more draws than
 * categories without replacement.
 *
 * @example
 * manualSeed(0);
 * tensor([0.1, 0.2, 0.7]).multinomial(2); // tensor([2, 1])
 */
export const multinomial: Op<
  (
    self: Tensor,
    numSamples: number,
    replacement?: boolean | MultinomialOptions,
    options?: RandomOptions,
  ) => Tensor
> = composed(
  {
    name: "multinomial",
    isDifferentiable: false,
    samples: () => [
      [input([3], { values: [0, 2, 0] }), 1],
      [input([2, 2], { values: [0, 2, 1, 0] }), 3, true],
      [input([2, 2], { values: [0, 2, 1, 0] }), 2, { replacement: true }],
      [input([2], { low: 0.1 }), 3],
      [input([2], { values: [0, 0] }), 1],
      [input([2], { values: [-1, 1] }), 1],
      [input([2], { low: 0.1 }), 0],
      [input([2, 1, 1], { low: 0.1 }), 1],
    ],
  },
  (self: Tensor, numSamples: number, ...args: unknown[]): Tensor => {
    const { replacement = false, generator = defaultGenerator } = namedArguments<MultinomialOptions>(
      "multinomial",
      ["replacement"],
      args,
    );
    const drawn = drawCategories(generator, destinationOf(self), numSamples, replacement);
    const shape = self.shape.length === 1 ? [numSamples] : [self.shape[0]!, numSamples];
    const out = newTensor(dtypes.int64, toSize(shape));
    (out.items as BigInt64Array).set(drawn);
    return out;
  },
);

/** Options of `dropout`. */
export interface DropoutOptions extends RandomOptions {
  /** The probability of an element to become 0; default 0.5. */
  readonly p?: number;
  /** Whether anything is dropped at all. Default true. */
  readonly training?: boolean;
}

/**
 * Sets elements to 0 with probability `p` and multiplies the others by 1 / (1 - p), in training; else gives the tensor
 * itself. The masks are those of PyTorch's CPU build; see `fillDropoutMask`.
 *
 * Throws: ValueError for a probability outside [0, 1].
 */
export function dropout(self: Tensor, options: DropoutOptions = {}): Tensor {
  const { p = 0.5, training = true, generator = defaultGenerator } = options;
  if (!(p >= 0 && p <= 1)) {
    throw torchError("ValueError", `dropout probability has to be between 0 and 1, but got ${String(p)}`);
  }
  if (p === 0 || !training || self.count === 0) return self;
  if (self.dtype.kind !== "float" && self.dtype.kind !== "complex") {
    throw torchError(
      "RuntimeError",
      `result type Float can't be cast to the desired output type ${self.dtype.scalarType}`,
    );
  }
  const mask = newTensorLike(self, self.dtype);
  if (mask.device === "cpu") fillDropoutMask(generator, destinationOf(mask), p);
  return self.mul(mask);
}
