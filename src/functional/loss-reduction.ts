/**
 * What becomes of the losses of the elements: each is given back, or their mean, or their sum.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** `"none"`: one loss an element. `"mean"`: their mean. `"sum"`: their sum. */
export type Reduction = "none" | "mean" | "sum";

/** Options that every loss takes. */
export interface ReductionOptions {
  /** Default `"mean"`. */
  readonly reduction?: Reduction;
}

/** The reduction that options ask for. Throws: PyTorch's ValueError for one that does not exist. */
export function reductionOf(options: ReductionOptions): Reduction {
  const { reduction = "mean" } = options;
  if (reduction === "none" || reduction === "mean" || reduction === "sum") return reduction;
  throw torchError("ValueError", `${String(reduction)} is not a valid value for reduction`);
}

/** The losses, or their mean or sum. */
export function reduced(losses: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return losses;
  return reduction === "mean" ? losses.mean() : losses.sum();
}

/** The gradient of each of `count` losses, given that of what they were reduced to. */
export function shared(gradient: Tensor, reduction: Reduction, count: number): Tensor {
  return reduction === "mean" ? gradient.div(count) : gradient;
}
