/**
 * Losses of one class out of many: negative log likelihood and cross entropy.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { converted } from "../ops/elementwise.ts";
import type { Op } from "../ops/op.ts";
import { needs, needsNothing, op } from "../ops/op.ts";
import { countOf, sameShape } from "../shape.ts";
import { denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { pick, place, requireLabels } from "./class-places.ts";
import type { Reduction, ReductionOptions } from "./loss-reduction.ts";
import { reduced, reductionOf } from "./loss-reduction.ts";
import { refuseGradients } from "./no-derivative.ts";

/** Options of `nllLoss`. */
export interface NllOptions extends ReductionOptions {
  /** A weight for each class. With reduction `"mean"` the sum is divided by that of the weights. Default: none. */
  readonly weight?: Tensor | null;
  /** Targets of this class count for nothing. Default -100. */
  readonly ignoreIndex?: number;
}

/** The weight of each target: that of its class, 0 for ignored ones. */
function targetWeights(
  target: Tensor,
  weight: Tensor | undefined,
  input: Tensor,
  ignoreIndex: number,
): Tensor {
  const classes = input.shape[input.ndim === 1 ? 0 : 1]!;
  const labels = denseItems(target);
  const weights = weight === undefined ? null : denseItems(converted(weight, dtypes.float64));
  const wide = newTensor(dtypes.float64, target.shape);
  const to = wide.items as Float64Array;
  for (let k = 0; k < to.length; k++) {
    const label = Number(labels[k]!);
    if (label === ignoreIndex || label < 0 || label >= classes) continue;
    to[k] = weights === null ? 1 : (weights[label] as number);
  }
  return converted(wide, input.dtype);
}

/** What the negative log likelihood is told beside its tensors. */
interface LikelihoodSettings {
  readonly weight: Tensor | undefined;
  readonly reduction: Reduction;
  readonly ignoreIndex: number;
}

type Likelihood = Op<(input: Tensor, target: Tensor, settings: LikelihoodSettings) => Tensor>;

/** The negative log likelihood as one node; PyTorch has one for vectors of classes and one for images of them. */
function likelihood(gradName: string): Likelihood {
  return op({
    name: "nllLoss",
    gradName,
    inputs: ["self", "target"],
    forward(input, target, { weight, reduction, ignoreIndex }: LikelihoodSettings) {
      return noGradNorNotes(() => {
        const chosen = pick(input, target, ignoreIndex);
        const weights = targetWeights(target, weight, input, ignoreIndex);
        const losses = chosen.mul(weights).neg();
        if (reduction === "none") return losses;
        return reduction === "sum" ? losses.sum() : losses.sum().div(weights.sum());
      });
    },
    saveArguments: ({ weight }: LikelihoodSettings) => (weight === undefined ? [] : [weight]),
    backward: {
      // ∂/∂x at the target's class = −w, divided by Σw for the mean
      self: needs(["self", "target"], (g, { self: input, target }, settings: LikelihoodSettings) => {
        const { weight, reduction, ignoreIndex } = settings;
        const weights = targetWeights(target, weight, input, ignoreIndex);
        const each = reduction === "mean" ? g.div(weights.sum()) : g;
        return place(each.mul(weights).neg(), target, input.shape, ignoreIndex);
      }),
    },
    samples: () => [],
  });
}

const vectorLikelihood = likelihood("NllLossBackward0");
const imageLikelihood = likelihood("NllLoss2DBackward0");

function checkVector(input: Tensor, target: Tensor, weight: Tensor | undefined): void {
  if (target.ndim > 1) {
    throw torchError("RuntimeError", "0D or 1D target tensor expected, multi-target not supported");
  }
  if (input.ndim === 1 && target.count !== 1) {
    throw torchError(
      "ValueError",
      `For 1D input, 1D target must have size 1, but got target size: ${target.count}`,
    );
  }
  const classes = input.shape.at(-1)!;
  if (weight !== undefined && (weight.ndim !== 1 || weight.count !== classes)) {
    throw torchError(
      "RuntimeError",
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: [${weight.shape.join(", ")}]`,
    );
  }
}

function checkImage(input: Tensor, target: Tensor, weight: Tensor | undefined): void {
  if (target.ndim !== 3) {
    throw torchError(
      "RuntimeError",
      `only batches of spatial targets supported (3D tensors) but got targets of dimension: ${target.ndim}`,
    );
  }
  const [samples, classes, ...places] = input.shape as readonly number[];
  if (!sameShape(target.shape, [samples!, ...places])) {
    throw torchError(
      "RuntimeError",
      `size mismatch (got input: [${input.shape.join(", ")}] , target: [${target.shape.join(", ")}]`,
    );
  }
  if (weight !== undefined && weight.count !== classes) {
    throw torchError("RuntimeError", "weight tensor should be defined either for all or no classes");
  }
}

function checkDtypes(input: Tensor, weight: Tensor | undefined, kernel: string): void {
  const { kind, scalarType } = input.dtype;
  if (kind !== "float") {
    throw torchError("NotImplementedError", `"${kernel}" not implemented for '${scalarType}'`);
  }
  if (weight !== undefined && weight.dtype !== input.dtype) {
    throw torchError(
      "RuntimeError",
      `expected scalar type ${scalarType} but found ${weight.dtype.scalarType}`,
    );
  }
}

/**
 * The negative log likelihood of classes, given the logarithms of their probabilities: −w[y]·x[y].
 *
 * Shape: input (classes), (samples, classes) or (samples, classes, *places); target without the dimension of classes,
 * int64 or uint8.
 * Throws: PyTorch's errors for shapes, dtypes and weights that do not fit, and for targets that are no class.
 *
 * @example
 * nllLoss(zeros(2, 3).logSoftmax(1), tensor([0, 2])); // tensor(1.0986)
 */
export function nllLoss(input: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  const settings = {
    weight: options.weight ?? undefined,
    reduction: reductionOf(options),
    ignoreIndex: options.ignoreIndex ?? -100,
  };
  const { weight, reduction } = settings;
  if (input.ndim < 1) throw torchError("ValueError", `Expected 1 or more dimensions (got ${input.ndim})`);
  if (input.ndim !== 1 && input.shape[0] !== target.shape[0]) {
    throw torchError(
      "ValueError",
      `Expected input batch_size (${input.shape[0]!}) to match target batch_size (${target.shape[0] ?? 1}).`,
    );
  }
  if (target.ndim <= 1 || input.ndim > 2) requireLabels(target);
  if (input.ndim <= 2) {
    refuseGradients("nll_loss_forward", { weight });
    checkVector(input, target, weight);
    checkDtypes(input, weight, "nll_loss_out_frame");
    return vectorLikelihood(input, input.ndim === 1 ? target.reshape([]) : target, settings);
  }
  refuseGradients("nll_loss2d_forward", { weight });
  if (input.ndim === 4) {
    checkImage(input, target, weight);
    checkDtypes(input, weight, "nll_loss2d_forward_out_frame");
    return imageLikelihood(input, target, settings);
  }
  const [samples, classes, ...places] = input.shape as readonly number[] as [number, number, ...number[]];
  if (!sameShape(target.shape.slice(1), places)) {
    throw torchError(
      "RuntimeError",
      `Expected target size [${[samples, ...places].join(", ")}], got [${target.shape.join(", ")}]`,
    );
  }
  // Other places than those of an image are laid out as one row of an image, as PyTorch does.
  const image = input.reshape(samples, classes, 1, countOf(places));
  const labels = target.reshape(samples, 1, countOf(places));
  checkImage(image, labels, weight);
  checkDtypes(image, weight, "nll_loss2d_forward_out_frame");
  const losses = imageLikelihood(image, labels, settings);
  return reduction === "none" ? losses.view([samples, ...places]) : losses;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllOptions {
  /** How much of each target is spread evenly over all classes, from 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

/**
 * The cross entropy between targets and the probabilities that logits stand for. Targets are classes, or probabilities
 * of all classes where they have the input's shape.
 *
 * Formula: −w[y]·ln softmax(x)[y], or −Σ w·y·ln softmax(x).
 *
 * Shape: input (classes), (samples, classes) or (samples, classes, *places); target without the dimension of classes,
 * or of the input's shape.
 * Throws: PyTorch's errors, as `nllLoss`.
 *
 * @example
 * crossEntropy(zeros(1, 4), tensor([2])); // tensor(1.3863)
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight = null, ignoreIndex = -100, labelSmoothing = 0 } = options;
  const reduction = reductionOf(options);
  const axis = input.ndim === 1 ? 0 : 1;
  if (sameShape(input.shape, target.shape)) {
    if (target.dtype.kind !== "float") {
      throw torchError(
        "RuntimeError",
        `Expected floating point type for target with class probabilities, got ${target.dtype.scalarType}`,
      );
    }
    if (ignoreIndex >= 0) {
      throw torchError("RuntimeError", "ignore_index is not supported for floating point target");
    }
    checkClassWeight(input, axis, weight);
    return probabilityEntropy(input, target, axis, weight, reduction, labelSmoothing);
  }
  if (labelSmoothing > 1) {
    throw torchError("RuntimeError", `label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  const logarithms = input.logSoftmax(axis);
  const settings = { weight, ignoreIndex, reduction };
  if (labelSmoothing <= 0) return nllLoss(logarithms, target, settings);
  checkClassWeight(input, axis, weight);
  const sharp = nllLoss(logarithms, target, settings);
  const smooth = evenLikelihood(logarithms, target, axis, weight, reduction, ignoreIndex);
  const classes = input.shape[axis]!;
  return sharp.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / classes));
}

function checkClassWeight(input: Tensor, axis: number, weight: Tensor | null): void {
  const classes = input.shape[axis]!;
  if (weight === null || (weight.ndim === 1 && weight.count === classes)) return;
  throw torchError(
    "RuntimeError",
    `cross_entropy: weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: [${weight.shape.join(", ")}]`,
  );
}

/** Class weights so that they broadcast over logits. */
function alongClasses(weight: Tensor, input: Tensor, axis: number): Tensor {
  return weight.view(input.shape.map((_, at) => (at === axis ? weight.count : 1)));
}

/** Division by a number that is no operand; PyTorch has a node of its own for it. */
const overCount: Op<(self: Tensor, count: number) => Tensor> = op({
  name: "div",
  gradName: "DivBackward1",
  inputs: ["self"],
  forward: (self, count: number) => noGradNorNotes(() => self.div(count)),
  // ∂(x/n)/∂x = 1/n
  backward: { self: needsNothing((g, _facts, count: number) => g.div(count)) },
  samples: () => [],
});

/** −Σ w·y·ln softmax(x) over the classes; the mean is over samples and places. */
function probabilityEntropy(
  input: Tensor,
  target: Tensor,
  axis: number,
  weight: Tensor | null,
  reduction: Reduction,
  labelSmoothing: number,
): Tensor {
  const classes = input.shape[axis]!;
  const aims = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const each = input.logSoftmax(axis).mul(aims);
  const weighted = weight === null ? each : each.mul(alongClasses(weight, input, axis));
  if (reduction === "none") return weighted.sum(axis).neg();
  const total = weighted.sum().neg();
  return reduction === "sum" ? total : overCount(total, input.count / classes);
}

/** The likelihood of a target that is spread evenly over all classes: −Σ w·ln softmax(x). */
function evenLikelihood(
  logarithms: Tensor,
  target: Tensor,
  axis: number,
  weight: Tensor | null,
  reduction: Reduction,
  ignoreIndex: number,
): Tensor {
  const weighted = weight === null ? logarithms : logarithms.mul(alongClasses(weight, logarithms, axis));
  const losses = weighted.sum(axis).neg().maskedFill(target.eq(ignoreIndex), 0);
  if (reduction !== "mean") return reduced(losses, reduction);
  return losses.sum().div(targetWeights(target, weight ?? undefined, logarithms, ignoreIndex).sum());
}
