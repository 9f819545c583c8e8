/**
 * What becomes of the losses of the elements: each is given back, or their mean, or their sum.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** `"none"`: one loss an element. `"mean"`: their mean. `"sum"`: their sum. */
export type Reduction = "none" | "mean" | "sum";

/** What PyTorch had before `reduction`, and still takes, with a warning. */
export interface OlderReductionOptions {
  /** Older than `reduction`: false for the sum. Default: true. */
  readonly sizeAverage?: boolean | null;
  /** Older than `reduction`: false for one loss an element. Default: true. */
  readonly reduce?: boolean | null;
}

/** Options that every loss takes. */
export interface ReductionOptions extends OlderReductionOptions {
  /** Default `"mean"`. */
  readonly reduction?: Reduction;
}

/** The reduction that options ask for, in whichever way; it may not exist. */
export function askedReduction<Asked extends string>(
  options: OlderReductionOptions & { readonly reduction?: Asked },
): Asked | Reduction {
  const sizeAverage = options.sizeAverage ?? null;
  const reduce = options.reduce ?? null;
  if (sizeAverage === null && reduce === null) return options.reduction ?? "mean";
  const reduction = reduce === false ? "none" : sizeAverage === false ? "sum" : "mean";
  warn(`size_average and reduce args will be deprecated, please use reduction='${reduction}' instead.`);
  return reduction;
}

/** The reduction that options ask for. Throws: PyTorch's ValueError for one that does not exist. */
export function reductionOf(options: ReductionOptions): Reduction {
  const reduction = askedReduction(options);
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
