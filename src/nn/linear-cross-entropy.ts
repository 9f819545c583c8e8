/**
 * LinearCrossEntropyLoss: a linear layer and the cross entropy of what it gives, as one loss.
 */

import { torchError } from "../errors.ts";
import type { LinearCrossEntropyOptions } from "../functional/linear-cross-entropy.ts";
import { linearCrossEntropy } from "../functional/linear-cross-entropy.ts";
import { countOf, sameShape } from "../shape.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe, plain } from "./extra-repr.ts";
import type { WithFloats } from "./float-option.ts";
import { asGiven, numberText, plainNumber, takeFloat } from "./float-option.ts";
import { Linear } from "./linear.ts";
import { WeightedLoss } from "./loss.ts";
import type { FactoryOptions } from "./parameter.ts";
import { factoryOf } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of `LinearCrossEntropyLoss`. */
export interface LinearCrossEntropyLossOptions
  extends FactoryOptions, Omit<WithFloats<LinearCrossEntropyOptions, "labelSmoothing">, "linearBias"> {
  /** The lengths of places that each have classes of their own. Default: none. */
  readonly outFeatures?: readonly number[];
  /** Whether the linear layer has a bias. Default false. */
  readonly bias?: boolean;
}

const linearCrossEntropyArguments = signature<
  [inFeatures: number, numClasses: number],
  LinearCrossEntropyLossOptions
>()(
  ["inFeatures", "numClasses"],
  [],
  [
    "outFeatures",
    "bias",
    "device",
    "dtype",
    "reduction",
    "weight",
    "ignoreIndex",
    "labelSmoothing",
    "options",
  ],
);

/**
 * The cross entropy of the logits that its linear layer makes.
 *
 * Shape: input (N, inFeatures) or (inFeatures); target (N, *outFeatures), or probabilities (N, numClasses, *outFeatures);
 * `linear.weight` (numClasses · outFeatures, inFeatures).
 * Throws: PyTorch's RuntimeErrors for weights, smoothing and shapes that do not fit.
 *
 * @example
 * new LinearCrossEntropyLoss(64, 1000)(hidden, labels).backward();
 */
export class LinearCrossEntropyLoss extends WeightedLoss {
  numClasses: number;
  outFeatures: readonly number[];
  ignoreIndex: number | null;
  labelSmoothing: number;
  linear: Linear;

  constructor(...args: ArgumentsOf<typeof linearCrossEntropyArguments>) {
    const [inFeatures, numClasses, options] = linearCrossEntropyArguments.take(
      "LinearCrossEntropyLoss",
      args,
    );
    const { weight = null, labelSmoothing, outFeatures = [], bias = false } = options;
    if (weight !== null && !sameShape(weight.shape, [numClasses])) {
      throw torchError(
        "RuntimeError",
        `expected weight shape to be ${pythonRepr([numClasses])}, got ${pythonRepr(weight.shape)}`,
      );
    }
    const share = plainNumber(labelSmoothing ?? 0);
    if (share < 0 || share > 1) {
      throw torchError(
        "RuntimeError",
        `expected label_smoothing to be in range [0, 1], got ${numberText(labelSmoothing ?? 0)}`,
      );
    }
    super(options);
    this.numClasses = numClasses;
    this.outFeatures = [...outFeatures];
    this.ignoreIndex = options.ignoreIndex ?? null;
    this.labelSmoothing = takeFloat(this, "labelSmoothing", labelSmoothing, 0);
    this.linear = new Linear(inFeatures, numClasses * countOf(outFeatures), { bias, ...factoryOf(options) });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction, ignoreIndex, labelSmoothing, numClasses, outFeatures, linear } = this;
    return linearCrossEntropy(
      input,
      linear.weight.reshape(numClasses, ...outFeatures, linear.inFeatures),
      target,
      {
        linearBias: linear.bias === null ? null : linear.bias.reshape(numClasses, ...outFeatures),
        weight,
        reduction,
        ignoreIndex,
        labelSmoothing,
      },
    );
  }

  override extraRepr(): string {
    return describe({
      in_features: this.linear.inFeatures,
      num_classes: this.numClasses,
      out_features: this.outFeatures,
      bias: this.linear.bias !== null,
      reduction: plain(this.reduction),
      ignore_index: this.ignoreIndex,
      label_smoothing: asGiven(this, "labelSmoothing"),
      options: null,
    });
  }
}
