/**
 * Distances and angles between vectors as layers.
 */

import type { CosineSimilarityOptions, PairwiseDistanceOptions } from "../functional/distance.ts";
import { cosineSimilarity, pairwiseDistance } from "../functional/distance.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { WithFloats } from "./float-option.ts";
import { takeFloat } from "./float-option.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

const pairwiseDistanceArguments = signature<[], WithFloats<PairwiseDistanceOptions, "p" | "eps">>()(
  [],
  ["p", "eps", "keepdim"],
);

/**
 * The p-norm of the differences along the last dimension.
 *
 * Shape: (*, features), (*, features) → (*).
 *
 * @example
 * new PairwiseDistance()(tensor([[1.5, 2.5]]), tensor([[1.5, 0.5]])); // tensor([2.0000])
 */
export class PairwiseDistance extends Module {
  norm: number;
  eps: number;
  keepdim: boolean;

  constructor(...args: ArgumentsOf<typeof pairwiseDistanceArguments>) {
    super();
    const [options] = pairwiseDistanceArguments.take("PairwiseDistance", args);
    this.norm = takeFloat(this, "norm", options.p, 2);
    this.eps = takeFloat(this, "eps", options.eps, 1e-6);
    this.keepdim = options.keepdim ?? false;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, { p: this.norm, eps: this.eps, keepdim: this.keepdim });
  }
}

const cosineSimilarityArguments = signature<[], WithFloats<CosineSimilarityOptions, "eps">>()(
  [],
  ["dim", "eps"],
);

/**
 * The cosine of the angles between vectors along one dimension, by default 1.
 *
 * Shape: two of any that go together → theirs without the dimension.
 *
 * @example
 * new CosineSimilarity()(tensor([[1.5, 0]]), tensor([[1.5, 1.5]])); // tensor([0.7071])
 */
export class CosineSimilarity extends Module {
  dim: number;
  eps: number;

  constructor(...args: ArgumentsOf<typeof cosineSimilarityArguments>) {
    super();
    const [options] = cosineSimilarityArguments.take("CosineSimilarity", args);
    this.dim = options.dim ?? 1;
    this.eps = takeFloat(this, "eps", options.eps, 1e-8);
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps });
  }
}
