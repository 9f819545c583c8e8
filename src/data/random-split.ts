/** Splitting a dataset at random: `randomSplit`. */

import { torchError } from "../errors.ts";
import type { Generator } from "../tensor/random/index.ts";
import { warn } from "../warnings.ts";
import { Subset } from "./dataset.ts";
import type { Dataset } from "./dataset.ts";
import { randomOrder } from "./sampler.ts";

/** Options of `randomSplit`. */
export interface RandomSplitOptions {
  /** Where the order comes from; default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator;
}

/** A part of a dataset for every length. */
export type Splits<Item, Lengths extends readonly number[]> = {
  -readonly [K in keyof Lengths]: Subset<Item>;
};

/** Python's `math.isclose(sum, 1) and sum <= 1`: lengths that are parts of a whole. */
function areFractions(lengths: readonly number[]): boolean {
  const sum = lengths.reduce((total, length) => total + length, 0);
  return sum <= 1 && 1 - sum <= 1e-9;
}

/** The lengths that fractions mean: rounded down, what is left dealt out one by one from the first. */
function lengthsOf(fractions: readonly number[], total: number): number[] {
  const lengths = fractions.map((fraction, index) => {
    if (fraction < 0 || fraction > 1) {
      throw torchError("ValueError", `Fraction at index ${index} is not between 0 and 1`);
    }
    return Math.floor(total * fraction);
  });
  const rest = total - lengths.reduce((sum, length) => sum + length, 0);
  for (let k = 0; k < rest; k++) lengths[k % lengths.length]!++;
  for (const [index, length] of lengths.entries()) {
    if (length > 0) continue;
    warn(`Length of split at index ${index} is 0. This might result in an empty dataset.`);
  }
  return lengths;
}

/**
 * Deals the items of a dataset out at random, `torch.utils.data.random_split`. `lengths` are numbers of items, or
 * fractions that sum up to 1.
 *
 * Throws: PyTorch's ValueErrors for lengths that do not sum up to the dataset's, and fractions outside [0, 1].
 *
 * @example
 * const [train, test] = randomSplit(new TensorDataset(inputs, labels), [0.8, 0.2], { generator: new Generator().manualSeed(42) });
 */
export function randomSplit<Item, const Lengths extends readonly number[]>(
  dataset: Dataset<Item>,
  lengths: Lengths,
  options: RandomSplitOptions = {},
): Splits<Item, Lengths> {
  const counts = areFractions(lengths) ? lengthsOf(lengths, dataset.length) : lengths;
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum !== dataset.length) {
    throw torchError(
      "ValueError",
      "Sum of input lengths does not equal the length of the input dataset!",
      `The lengths sum up to ${sum}, the dataset has ${dataset.length} items.`,
    );
  }
  const wrong = counts.find((count) => !Number.isInteger(count));
  if (wrong !== undefined) {
    throw torchError(
      "TypeError",
      "slice indices must be integers or None or have an __index__ method",
      `A length is ${wrong}.`,
    );
  }
  const order = randomOrder(sum, options.generator);
  let end = 0;
  return counts.map((count) => {
    end += count;
    return new Subset(dataset, order.slice(end - count, end));
  }) as Splits<Item, Lengths>;
}
