/**
 * Losses with margins as layers. The formulas are told in `functional/margin-loss.ts` and `class-margin-loss.ts`.
 */

import { torchError } from "../errors.ts";
import type { MultiMarginOptions } from "../functional/class-margin-loss.ts";
import { multiMarginLoss, multilabelMarginLoss } from "../functional/class-margin-loss.ts";
import type {
  MarginOptions,
  TripletMarginOptions,
  TripletWithDistanceOptions,
} from "../functional/margin-loss.ts";
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../functional/margin-loss.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { PairwiseDistance } from "./distance.ts";
import type { FloatOption, WithFloats } from "./float-option.ts";
import { numberText, plainNumber, takeFloat } from "./float-option.ts";
import { Loss, PlainLoss, WeightedLoss } from "./loss.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

const marginRankingArguments = signature<[], WithFloats<MarginOptions, "margin">>()(
  [],
  ["margin", "sizeAverage", "reduce", "reduction"],
);

/**
 * Ranks two inputs; the target is 1 where the first should be larger, else −1.
 *
 * Shape: two inputs and a target, any, the same → (), or theirs with `reduction: "none"`.
 *
 * @example
 * new MarginRankingLoss({ margin: 0.5 })(tensor([0.5, 2.5]), tensor([1.5, 1.5]), tensor([1, 1])); // tensor(0.7500)
 */
export class MarginRankingLoss extends Loss {
  margin: number;

  constructor(...args: ArgumentsOf<typeof marginRankingArguments>) {
    const [options] = marginRankingArguments.take("MarginRankingLoss", args);
    super(options);
    this.margin = takeFloat(this, "margin", options.margin, 0);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction });
  }
}

const hingeEmbeddingArguments = signature<[], WithFloats<MarginOptions, "margin">>()(
  [],
  ["margin", "sizeAverage", "reduce", "reduction"],
);

/**
 * The loss of distances between pairs that belong together (target 1) or do not (−1).
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class HingeEmbeddingLoss extends Loss {
  margin: number;

  constructor(...args: ArgumentsOf<typeof hingeEmbeddingArguments>) {
    const [options] = hingeEmbeddingArguments.take("HingeEmbeddingLoss", args);
    super(options);
    this.margin = takeFloat(this, "margin", options.margin, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, { margin: this.margin, reduction: this.reduction });
  }
}

const cosineEmbeddingArguments = signature<[], WithFloats<MarginOptions, "margin">>()(
  [],
  ["margin", "sizeAverage", "reduce", "reduction"],
);

/**
 * The loss of angles between pairs that belong together (target 1) or do not (−1).
 *
 * Shape: two inputs (N, width) or (width), target (N) or () → (), or the target's with `reduction: "none"`.
 */
export class CosineEmbeddingLoss extends Loss {
  margin: number;

  constructor(...args: ArgumentsOf<typeof cosineEmbeddingArguments>) {
    const [options] = cosineEmbeddingArguments.take("CosineEmbeddingLoss", args);
    super(options);
    this.margin = takeFloat(this, "margin", options.margin, 0);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction });
  }
}

const multiMarginArguments = signature<[], WithFloats<MultiMarginOptions, "margin" | "p">>()(
  [],
  ["p", "margin", "weight", "sizeAverage", "reduce", "reduction"],
);

/**
 * Asks that the right class score more than each other by a margin.
 *
 * Shape: (N, classes) or (classes), target (N) or () → (), or the target's with `reduction: "none"`.
 * Throws: PyTorch's ValueErrors for p other than 1 and 2 and for weights that are no vector.
 */
export class MultiMarginLoss extends WeightedLoss {
  p: 1 | 2;
  margin: number;

  constructor(...args: ArgumentsOf<typeof multiMarginArguments>) {
    const [options] = multiMarginArguments.take("MultiMarginLoss", args);
    super(options);
    const { weight } = options;
    const p = plainNumber(options.p ?? 1);
    if (p !== 1 && p !== 2) throw torchError("ValueError", "only p == 1 and p == 2 supported");
    if (weight !== undefined && weight !== null && weight.ndim !== 1) {
      throw torchError(
        "ValueError",
        `MultiMarginLoss: expected weight to be None or 1D tensor, got ${weight.ndim}D instead`,
      );
    }
    this.p = p;
    this.margin = takeFloat(this, "margin", options.margin, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this;
    return multiMarginLoss(input, target, { p, margin, weight, reduction });
  }
}

/**
 * Asks that every right class score more than every other by 1.
 *
 * Shape: input and target (N, classes) or (classes) → (), or (N) with `reduction: "none"`.
 */
export class MultiLabelMarginLoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

function requireMargin(name: string, margin: FloatOption | undefined): FloatOption | undefined {
  if (margin === undefined || plainNumber(margin) > 0) return margin;
  throw torchError(
    "ValueError",
    `${name}: expected margin to be greater than 0, got ${numberText(margin)} instead`,
  );
}

const tripletMarginArguments = signature<[], WithFloats<TripletMarginOptions, "margin" | "p" | "eps">>()(
  [],
  ["margin", "p", "eps", "swap", "sizeAverage", "reduce", "reduction"],
);

/**
 * Asks that an anchor be nearer to a positive than to a negative example, by a margin.
 *
 * Shape: anchor, positive and negative (N, width) or (width) → (), or (N) with `reduction: "none"`.
 * Throws: PyTorch's ValueError for a margin that is not positive.
 *
 * @example
 * new TripletMarginLoss({ margin: 0.5 })(tensor([[0, 0.5]]), tensor([[0, 1.5]]), zeros(1, 2)); // tensor(1.0000)
 */
export class TripletMarginLoss extends Loss {
  margin: number;
  p: number;
  eps: number;
  swap: boolean;

  constructor(...args: ArgumentsOf<typeof tripletMarginArguments>) {
    const [options] = tripletMarginArguments.take("TripletMarginLoss", args);
    super(options);
    this.margin = takeFloat(this, "margin", requireMargin("TripletMarginLoss", options.margin), 1);
    this.p = takeFloat(this, "p", options.p, 2);
    this.eps = takeFloat(this, "eps", options.eps, 1e-6);
    this.swap = options.swap ?? false;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

const tripletMarginWithDistanceArguments = signature<[], WithFloats<TripletWithDistanceOptions, "margin">>()(
  [],
  [],
  ["distanceFunction", "margin", "swap", "reduction"],
);

/**
 * As `TripletMarginLoss`, with a distance of your own. A distance that is a module is a child of the loss.
 *
 * Shape: anchor, positive and negative as the distance takes them → (), or what it gives with `reduction: "none"`.
 * Throws: as `TripletMarginLoss`.
 */
export class TripletMarginWithDistanceLoss extends Loss {
  distance_function: (a: Tensor, b: Tensor) => Tensor;
  margin: number;
  swap: boolean;

  constructor(...args: ArgumentsOf<typeof tripletMarginWithDistanceArguments>) {
    const [options] = tripletMarginWithDistanceArguments.take("TripletMarginWithDistanceLoss", args);
    super(options);
    this.margin = takeFloat(
      this,
      "margin",
      requireMargin("TripletMarginWithDistanceLoss", options.margin),
      1,
    );
    this.distance_function = options.distanceFunction ?? new PairwiseDistance();
    this.swap = options.swap ?? false;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distance_function: distanceFunction, margin, swap, reduction } = this;
    return tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction,
      margin,
      swap,
      reduction,
    });
  }
}
