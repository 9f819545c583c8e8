/**
 * Losses that ask for a margin between what belongs together and what does not: of scores, of classes, of distances.
 */

import { torchError } from "../errors.ts";
import { rsub } from "../ops/arithmetic.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { pairwiseDistance } from "./distance.ts";
import type { ReductionOptions } from "./loss-reduction.ts";
import { reduced, reductionOf } from "./loss-reduction.ts";

/** Options of losses with a margin. */
export interface MarginOptions extends ReductionOptions {
  /** The margin asked for. */
  readonly margin?: number;
}

/**
 * Ranks two inputs: max(0, margin − y·(x₁ − x₂)), y = 1 where the first should be larger, else −1.
 *
 * `margin` defaults to 0.
 * Shape: two inputs and a target of the same number of dimensions → (), or theirs with `reduction: "none"`.
 * Throws: PyTorch's RuntimeError for different numbers of dimensions.
 *
 * @example
 * marginRankingLoss(tensor([0.5, 2.5]), tensor([1.5, 1.5]), tensor([1, 1]), { margin: 0.5 }); // tensor(0.7500)
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginOptions = {},
): Tensor {
  const reduction = reductionOf(options);
  const { margin = 0 } = options;
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
    throw torchError(
      "RuntimeError",
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${String(input1.shape)}, input2: ${String(input2.shape)}, target: ${String(target.shape)} `,
    );
  }
  return reduced(target.neg().mul(input1.sub(input2)).add(margin).clampMin(0), reduction);
}

/**
 * The loss of distances between pairs: x where y = 1, max(0, margin − x) where y = −1.
 *
 * `margin` defaults to 1.
 * Shape: input and target that broadcast → (), or theirs with `reduction: "none"`.
 *
 * @example
 * hingeEmbeddingLoss(tensor([0.5, 0.25]), tensor([1, -1])); // tensor(0.6250)
 */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const reduction = reductionOf(options);
  const { margin = 1 } = options;
  const apart = where(target.ne(1), rsub(input, margin).clampMin(0), 0);
  const together = where(target.ne(-1), input, 0);
  return reduced(apart.add(together), reduction);
}

/**
 * The loss of angles between pairs: 1 − cos where y = 1, max(0, cos − margin) where y = −1.
 *
 * `margin` defaults to 0.
 * Shape: (samples, features) twice and (samples), or (features) twice and ().
 * Throws: PyTorch's RuntimeErrors for other shapes.
 *
 * @example
 * cosineEmbeddingLoss(tensor([[1.5, 0]]), tensor([[0, 1.5]]), tensor([1])); // tensor(1.)
 */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginOptions = {},
): Tensor {
  const reduction = reductionOf(options);
  const { margin = 0 } = options;
  if (target.ndim > 1) {
    throw torchError("RuntimeError", "0D or 1D target tensor expected, multi-target not supported");
  }
  if (input1.ndim !== target.ndim + 1 || input2.ndim !== target.ndim + 1) {
    throw torchError(
      "RuntimeError",
      `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with sizes [${input1.shape.join(", ")}] and [${input2.shape.join(", ")}].`,
    );
  }
  const axis = target.ndim;
  // Keeps vectors of zeros from being divided by; the constant is PyTorch's.
  const tiny = 1e-12;
  const square1 = input1.mul(input1).sum(axis).add(tiny);
  const square2 = input2.mul(input2).sum(axis).add(tiny);
  const cosine = input1.mul(input2).sum(axis).div(square1.mul(square2).sqrt());
  const together = where(target.eq(1), rsub(cosine, 1), 0);
  const apart = where(target.eq(-1), cosine.sub(margin).clampMin(0), 0);
  return reduced(together.add(apart), reduction);
}

/** Options of the triplet losses. */
export interface TripletOptions extends MarginOptions {
  /** Whether the negative's distance to the positive counts where it is the smaller one. Default false. */
  readonly swap?: boolean;
}

/** Options of `tripletMarginLoss`. */
export interface TripletMarginOptions extends TripletOptions {
  /** The degree of the norm. Default 2. */
  readonly p?: number;
  /** Added to the differences. Default 1e-6. */
  readonly eps?: number;
}

/**
 * Asks that an anchor be nearer to a positive than to a negative example: max(0, d(a, p) − d(a, n) + margin).
 *
 * `margin` defaults to 1.
 * Shape: (*, features) three times → (*) before reduction.
 * Throws: PyTorch's ValueError for a margin that is not positive, its RuntimeError for different numbers of dimensions.
 *
 * @example
 * tripletMarginLoss(tensor([[0, 0.5]]), tensor([[0, 1.5]]), zeros(1, 2)); // tensor(1.5000)
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  const { p = 2, eps = 1e-6, ...rest } = options;
  return tripletMarginWithDistanceLoss(anchor, positive, negative, {
    ...rest,
    distanceFunction: (a, b) => pairwiseDistance(a, b, { p, eps }),
  });
}

/** Options of `tripletMarginWithDistanceLoss`. */
export interface TripletWithDistanceOptions extends TripletOptions {
  /** How far two tensors are from each other. Default: `pairwiseDistance`. */
  readonly distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null;
}

/** As `tripletMarginLoss`, with a distance of your own. Throws: as `tripletMarginLoss`. */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletWithDistanceOptions = {},
): Tensor {
  const reduction = reductionOf(options);
  const { margin = 1, swap = false } = options;
  const distance = options.distanceFunction ?? ((a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b));
  if (margin <= 0) throw torchError("ValueError", `margin must be greater than 0, got ${margin}`);
  if (anchor.ndim !== positive.ndim || positive.ndim !== negative.ndim) {
    throw torchError(
      "RuntimeError",
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${anchor.ndim}D, positive ${positive.ndim}D, and negative ${negative.ndim}D inputs`,
    );
  }
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const compared = swap ? far.minimum(distance(positive, negative)) : far;
  return reduced(near.add(margin).sub(compared).clampMin(0), reduction);
}
