/**
 * Rows of tables by number: `embedding` and `embeddingBag`.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { BagMode, RowRule } from "../ops/embedding.ts";
import { combineRows, requireIndices, takeRows } from "../ops/embedding.ts";
import { sameShape, toSize } from "../shape.ts";
import { denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, typeText } from "../tensor/tensor.ts";

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** The row that gets no gradient; negative ones count from the end. Default: none. */
  readonly paddingIdx?: number | null;
  /** Rows that are longer are shortened to this, in place, when they are taken. Default: none. */
  readonly maxNorm?: number | null;
  /** The p of the p-norm for `maxNorm`. Default 2. */
  readonly normType?: number;
  /** Whether gradients are divided by how often their row was taken. Default false. */
  readonly scaleGradByFreq?: boolean;
}

/** A row number that may count from the end; -1 for none. Throws: PyTorch's AssertionError for one that is not there. */
function rowRule(weight: Tensor, { paddingIdx, scaleGradByFreq }: EmbeddingOptions): RowRule {
  const isByFrequency = scaleGradByFreq ?? false;
  if (paddingIdx === undefined || paddingIdx === null) return { paddingIndex: -1, isByFrequency };
  const rows = weight.shape[0]!;
  if (paddingIdx >= rows || paddingIdx < -rows) {
    throw torchError("AssertionError", "Padding_idx must be within num_embeddings");
  }
  return { paddingIndex: paddingIdx < 0 ? paddingIdx + rows : paddingIdx, isByFrequency };
}

/** Shortens the rows that are taken, in place and without recording. */
function shortenRows(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  noGrad(() => {
    const numbers = new Set(Array.from(denseItems(indices) as ArrayLike<number | bigint>, Number));
    for (const number of numbers) {
      const row = weight.select(0, number);
      const norm = row
        .abs()
        .double()
        .pow(normType)
        .sum()
        .pow(1 / normType)
        .item() as number;
      // The small number keeps the quotient finite; it is PyTorch's.
      if (norm > maxNorm) row.mul_(maxNorm / (norm + 1e-7));
    }
  });
}

/**
 * Rows of a table.
 *
 * Shape: input (*) of integers, weight (rows, width) → (*, width).
 * Throws: PyTorch's IndexError for a row that is not there, its RuntimeErrors for other shapes and dtypes.
 *
 * @example
 * embedding(tensor([0, 2]), tensor([[1, 1], [2, 2], [3, 3]])); // tensor([[1, 1], [3, 3]])
 */
export function embedding(input: Tensor, weight: Tensor, options: EmbeddingOptions = {}): Tensor {
  const rule = rowRule(weight, options);
  if (options.maxNorm !== undefined && options.maxNorm !== null) {
    requireIndices(input, "embedding");
    shortenRows(weight, input, options.maxNorm, options.normType ?? 2);
  }
  return takeRows(weight, input, rule);
}

/** Options of `embeddingBag`. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Where each bag begins in a list of indices: (bags). */
  readonly offsets?: Tensor | null;
  /** How rows become one. Default `"mean"`. */
  readonly mode?: BagMode;
  /** A factor for each index, with mode `"sum"`. Default: none. */
  readonly perSampleWeights?: Tensor | null;
  /** Whether the last offset is the end of the list. Default false. */
  readonly includeLastOffset?: boolean;
}

function valueError(text: string): Error {
  return torchError("ValueError", text);
}

/** By index its bag, and how many bags there are. */
function bagsOf(input: Tensor, options: EmbeddingBagOptions): { bagOf: Tensor; count: number } {
  const bagOf = newTensor(dtypes.int64, toSize([input.count]));
  const items = bagOf.items as BigInt64Array;
  if (input.ndim === 2) {
    const [count, length] = input.shape as readonly number[] as [number, number];
    for (let k = 0; k < items.length; k++) items[k] = BigInt(Math.floor(k / length));
    return { bagOf, count };
  }
  const offsets = options.offsets!;
  const starts = Array.from(denseItems(offsets) as ArrayLike<number | bigint>, Number);
  if (starts.length > 0 && starts[0] !== 0) {
    throw torchError(
      "RuntimeError",
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    );
  }
  const last = starts.at(-1) ?? 0;
  if (last > input.count) {
    throw torchError(
      "RuntimeError",
      `offsets[-1] can not be greater than input's length ${input.count} but got offsets[-1] of ${last}`,
    );
  }
  const count = starts.length - (options.includeLastOffset === true ? 1 : 0);
  let bag = -1;
  for (let k = 0; k < items.length; k++) {
    while (bag + 1 < count && starts[bag + 1]! <= k) bag++;
    items[k] = BigInt(Math.max(bag, 0));
  }
  return { bagOf, count };
}

function checkBags(input: Tensor, weight: Tensor, options: EmbeddingBagOptions): void {
  const { mode = "mean", perSampleWeights = null, offsets = null } = options;
  if (perSampleWeights !== null && !sameShape(input.shape, perSampleWeights.shape)) {
    throw valueError(
      `embedding_bag: If per_sample_weights (${String(perSampleWeights.shape)}) is not None, then it must have the same shape as the input (${String(input.shape)})`,
    );
  }
  if (weight.ndim !== 2) {
    throw valueError(`weight has to be a 2D Tensor, but got Tensor of dimension ${weight.ndim}`);
  }
  if (input.ndim === 2 && offsets !== null) {
    throw valueError(
      "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>",
    );
  }
  if (input.ndim === 1) {
    if (offsets === null) throw valueError("offsets has to be a 1D Tensor but got None");
    if (offsets.ndim !== 1) throw valueError("offsets has to be a 1D Tensor");
  } else if (input.ndim !== 2) {
    throw valueError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.ndim}`);
  }
  if (mode !== "sum" && mode !== "mean" && mode !== "max") {
    throw valueError("mode has to be one of sum, mean or max");
  }
  if (mode === "max" && options.scaleGradByFreq === true) {
    throw valueError("max mode does not support scaling the gradient by the frequency");
  }
  if (perSampleWeights !== null && mode !== "sum") {
    throw torchError(
      "NotImplementedError",
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
    );
  }
  requireIndices(input, "embedding_bag");
  if (offsets !== null) requireIndices(offsets, "embedding_bag");
  if (perSampleWeights !== null && perSampleWeights.dtype !== weight.dtype) {
    throw torchError(
      "RuntimeError",
      `Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type ${typeText(weight.dtype)} does not equal ${typeText(perSampleWeights.dtype)} (while checking arguments for embedding_bag)`,
    );
  }
}

/**
 * One row for each bag of indices: the sum, mean or maximum of the rows of a table; zeros for an empty bag.
 *
 * Shape: input (bags, length), or (n) with `offsets` (bags); weight (rows, width) → (bags, width).
 * Throws: PyTorch's errors for arguments that do not fit together and for rows that are not there.
 */
export function embeddingBag(input: Tensor, weight: Tensor, options: EmbeddingBagOptions = {}): Tensor {
  checkBags(input, weight, options);
  const rule = rowRule(weight, options);
  const indices = input.reshape(-1);
  const rows = weight.shape[0]!;
  const numbers = Array.from(denseItems(indices) as ArrayLike<number | bigint>, Number);
  const wrong = numbers.findIndex((number) => number < 0 || number >= rows);
  if (wrong >= 0) {
    throw torchError(
      "RuntimeError",
      `Index ${wrong} of input takes value ${numbers[wrong]} which is not in the valid range [0, ${rows})`,
    );
  }
  if (options.maxNorm !== undefined && options.maxNorm !== null) {
    shortenRows(weight, indices, options.maxNorm, options.normType ?? 2);
  }
  const bags = { mode: options.mode ?? "mean", rule: { ...rule, isOfBags: true }, ...bagsOf(input, options) };
  return combineRows(weight, options.perSampleWeights?.reshape(-1) ?? null, indices, bags);
}
