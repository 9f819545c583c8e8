/**
 * Losses of numbers that should be near other numbers: squared and absolute errors, and the likelihoods of Poisson and
 * normal distributions.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { torchError } from "../errors.ts";
import { fullLike } from "../ops/creation-like.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { pairLoss } from "./loss-record.ts";
import type { OlderReductionOptions, Reduction, ReductionOptions } from "./loss-reduction.ts";
import { askedReduction, reduced, reductionOf } from "./loss-reduction.ts";
import { warn } from "../warnings.ts";

/** Options of losses whose elements may have weights. */
export interface ElementWeightOptions extends ReductionOptions {
  /** A weight for each element, of the input's shape. Default: none. */
  readonly weight?: Tensor | null;
}

const squaredErrors = pairLoss({
  name: "mseLoss",
  kernel: "mse_cpu",
  value(x, y) {
    const d = x.sub(y);
    return d.mul(d);
  },
  // ∂(x − y)²/∂x = 2·(x − y)
  slope: (x, y) => x.sub(y).mul(2),
  targetSlope: (x, y) => y.sub(x).mul(2),
});

const smoothErrors = pairLoss({
  name: "smoothL1Loss",
  kernel: "smooth_l1_cpu",
  value: (x, y, beta) => bowl(x, y, beta).div(beta),
  // ∂/∂x = d/beta between ±1, d = x − y
  slope: (x, y, beta) => x.sub(y).div(beta).clamp(-1, 1),
  targetSlope: (x, y, beta) => y.sub(x).div(beta).clamp(-1, 1),
});

const huberErrors = pairLoss({
  name: "huberLoss",
  kernel: "huber_cpu",
  value: bowl,
  // ∂/∂x = d between ±delta, d = x − y
  slope: (x, y, delta) => x.sub(y).clamp(-delta, delta),
  targetSlope: (x, y, delta) => y.sub(x).clamp(-delta, delta),
});

/** d²/2 for |d| up to `width`, then width·(|d| − width/2), which continues it straight; d = x − y. */
function bowl(x: Tensor, y: Tensor, width: number): Tensor {
  const distance = x.sub(y).abs();
  const near = distance.clamp({ max: width });
  return near.mul(distance.sub(near.mul(0.5)));
}

/** Mean, sum or all of weighted errors; the mean divides by the sum of the weights if `isWeightedMean`. */
function weighted(
  errors: Tensor,
  weight: Tensor,
  input: Tensor,
  reduction: Reduction,
  isWeightedMean: boolean,
): Tensor {
  if (!sameShape(weight.shape, input.shape)) {
    throw torchError("ValueError", "Weights and input must have the same size.");
  }
  const losses = errors.mul(weight);
  return reduction === "mean" && isWeightedMean ? losses.sum().div(weight.sum()) : reduced(losses, reduction);
}

/** Warns, in PyTorch's words, of shapes that broadcast: mostly they were meant to be one. */
function warnOfBroadcast(input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  warn(
    `Using a target size (${String(target.shape)}) that is different to the input size (${String(input.shape)}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
  );
}

/**
 * Squared errors: (x − y)².
 *
 * Shape: input and target broadcast.
 * Throws: PyTorch's RuntimeError for shapes that do not, its ValueError for weights of another shape.
 *
 * @example
 * mseLoss(tensor([1, 2]).float(), tensor([1, 4]).float()); // tensor(2.)
 */
export function mseLoss(input: Tensor, target: Tensor, options: ElementWeightOptions = {}): Tensor {
  const reduction = reductionOf(options);
  warnOfBroadcast(input, target);
  const { weight } = options;
  if (weight === undefined || weight === null) return squaredErrors(input, target, reduction, 0);
  const errors = input.sub(target);
  return weighted(errors.mul(errors), weight, input, reduction, true);
}

/** Absolute errors: |x − y|. Shape and throws: as `mseLoss`. */
export function l1Loss(input: Tensor, target: Tensor, options: ElementWeightOptions = {}): Tensor {
  const reduction = reductionOf(options);
  warnOfBroadcast(input, target);
  const { weight } = options;
  const errors = input.sub(target).abs();
  if (weight === undefined || weight === null) return reduced(errors, reduction);
  return weighted(errors, weight, input, reduction, true);
}

/** Options of `smoothL1Loss`. */
export interface SmoothL1Options extends ReductionOptions {
  /** Where the square gives way to the absolute error. Default 1; 0 is `l1Loss`. */
  readonly beta?: number;
}

/**
 * Squared errors near zero, absolute ones far off: d²/(2·beta) for |d| < beta, else |d| − beta/2; d = x − y.
 *
 * Shape: input and target that broadcast → (), or theirs with `reduction: "none"`.
 * Throws: PyTorch's RuntimeError for a negative beta.
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor {
  const reduction = reductionOf(options);
  const { beta = 1 } = options;
  if (beta < 0) {
    throw torchError("RuntimeError", "smooth_l1_loss does not support negative values for beta.");
  }
  if (beta === 0) return l1Loss(input, target, { reduction });
  warnOfBroadcast(input, target);
  return smoothErrors(input, target, reduction, beta);
}

/** Options of `huberLoss`. */
export interface HuberOptions extends ElementWeightOptions {
  /** Where the square gives way to the absolute error. Default 1. */
  readonly delta?: number;
}

/**
 * Squared errors near zero, absolute ones far off: d²/2 for |d| ≤ delta, else delta·(|d| − delta/2); d = x − y.
 *
 * Shape: input and target that broadcast → (), or theirs with `reduction: "none"`.
 * Throws: PyTorch's RuntimeError for a delta that is not positive, its ValueError for weights of another shape.
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberOptions = {}): Tensor {
  const reduction = reductionOf(options);
  const { delta = 1, weight } = options;
  if (delta <= 0) {
    throw torchError("RuntimeError", "huber_loss does not support non-positive values for delta.");
  }
  warnOfBroadcast(input, target);
  if (weight === undefined || weight === null) return huberErrors(input, target, reduction, delta);
  return weighted(huberErrors(input, target, "none", delta), weight, input, reduction, false);
}

/** Options of `poissonNllLoss`. */
export interface PoissonNllOptions extends ReductionOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  readonly logInput?: boolean;
  /** Whether Stirling's term for ln(target!) is added. Default false. */
  readonly full?: boolean;
  /** Keeps the logarithm of a rate from being one of 0. Default 1e-8. */
  readonly eps?: number;
}

/**
 * The negative log likelihood of counts under a Poisson distribution: eˣ − y·x, or x − y·ln(x + eps) where the input is
 * the rate itself.
 *
 * Shape: input and target that broadcast → (), or theirs with `reduction: "none"`.
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options: PoissonNllOptions = {}): Tensor {
  const reduction = reductionOf(options);
  const { logInput = true, full = false, eps = 1e-8 } = options;
  const losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
  if (!full) return reduced(losses, reduction);
  // ln(y!) ≈ y·ln y − y + ln(2π·y)/2, for y above 1
  const stirling = target
    .mul(target.log())
    .sub(target)
    .add(
      target
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return reduced(losses.add(stirling.maskedFill(target.le(1), 0)), reduction);
}

/** Options of `gaussianNllLoss`. */
export interface GaussianNllOptions extends ReductionOptions {
  /** Whether the constant ln(2π)/2 is added. Default false. */
  readonly full?: boolean;
  /** The smallest variance. Default 1e-6. */
  readonly eps?: number;
}

/**
 * The negative log likelihood of targets under normal distributions: (ln v + (x − y)²/v)/2. The variance is one for
 * all, one for each element, or one along a dimension of length 1 or along a last one that it lacks.
 *
 * Shape: input and target (*), variances (*), or (*) without or with 1 as the last dimension → (), or (*) with `reduction: "none"`.
 * Throws: PyTorch's ValueErrors for a negative variance and one of another shape.
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options: GaussianNllOptions = {},
): Tensor {
  const { full = false, eps = 1e-6, reduction = "mean" } = options;
  const given = typeof variance === "number" ? fullLike(input, variance) : variance;
  if (given.lt(0).any().item<boolean>() === true)
    throw torchError("ValueError", "var has negative entry/entries");
  const spread = fittingVariance(input, given).clone();
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum") {
    throw torchError("ValueError", `${String(reduction)} is not valid`);
  }
  // The gradient passes by the bound, as in PyTorch.
  noGradNorNotes(() => spread.clamp_({ min: eps }));
  const errors = input.sub(target);
  const losses = spread.log().add(errors.mul(errors).div(spread)).mul(0.5);
  return reduced(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
}

function fittingVariance(input: Tensor, variance: Tensor): Tensor {
  const { shape } = input;
  if (sameShape(variance.shape, shape)) return variance;
  if (sameShape(variance.shape, shape.slice(0, -1))) return variance.unsqueeze(-1);
  const differing = variance.shape.filter((length, axis) => length !== shape[axis]);
  if (variance.ndim === input.ndim && differing.length === 1 && differing[0] === 1) return variance;
  throw torchError("ValueError", "var is of incorrect size");
}

const meanText =
  "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.";

/** Options of `klDiv`. */
export interface KlDivOptions extends OlderReductionOptions {
  /** `"batchmean"` divides the sum by the length of the first dimension, which is the divergence's definition. Default `"mean"`. */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target is given as logarithms. Default false. */
  readonly logTarget?: boolean;
}

/**
 * The Kullback–Leibler divergence of the input, given as logarithms, from the target: y·(ln y − x).
 *
 * Shape: input and target that broadcast → (), or theirs with `reduction: "none"`.
 *
 * @example
 * const target = tensor([[0.5, 0.5]]);
 * klDiv(zeros(1, 2).logSoftmax(1), target, { reduction: "batchmean" }); // tensor(0.)
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  const { logTarget = false } = options;
  const reduction = askedReduction(options);
  const isPerSample = reduction === "batchmean";
  if (reduction === "mean") warn(meanText);
  const kind = isPerSample ? "sum" : reductionOf({ reduction });
  if (
    [input, target].some(
      ({ dtype }) => dtype.kind === "int" || dtype.kind === "uint" || dtype.kind === "bool",
    )
  ) {
    throw torchError("RuntimeError", "kl_div: Integral inputs not supported.");
  }
  const losses = logTarget
    ? target.exp().mul(target.sub(input))
    : target.xlogy(target).sub(target.mul(input));
  const result = reduced(losses, kind);
  return isPerSample && input.ndim > 0 ? result.div(input.shape[0]!) : result;
}
