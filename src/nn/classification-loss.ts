/**
 * Losses of classes as layers. The formulas are told in `functional/classification-loss.ts` and its neighbours.
 */

import type { LogitsOptions } from "../functional/binary-loss.ts";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  multilabelSoftMarginLoss,
  softMarginLoss,
} from "../functional/binary-loss.ts";
import type { CrossEntropyOptions, NllOptions } from "../functional/classification-loss.ts";
import { crossEntropy, nllLoss } from "../functional/classification-loss.ts";
import type { CtcOptions, Lengths } from "../functional/ctc-loss.ts";
import { ctcLoss } from "../functional/ctc-loss.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Buffer } from "./buffer.ts";
import type { WithFloats } from "./float-option.ts";
import { takeFloat } from "./float-option.ts";
import { Loss, PlainLoss, PlainWeightedLoss, WeightedLoss } from "./loss.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

const crossEntropyArguments = signature<[], WithFloats<CrossEntropyOptions, "labelSmoothing">>()(
  [],
  ["weight", "sizeAverage", "ignoreIndex", "reduce", "reduction", "labelSmoothing"],
);

/**
 * The cross entropy between classes, or probabilities of classes, and logits.
 *
 * Shape: (classes), (samples, classes) or (samples, classes, *places); targets without the dimension of classes, or of
 * the input's shape.
 *
 * @example
 * new CrossEntropyLoss()(net(inputs), labels).backward();
 */
export class CrossEntropyLoss extends WeightedLoss {
  ignoreIndex: number;
  labelSmoothing: number;

  constructor(...args: ArgumentsOf<typeof crossEntropyArguments>) {
    const [options] = crossEntropyArguments.take("CrossEntropyLoss", args);
    super(options);
    this.ignoreIndex = options.ignoreIndex ?? -100;
    this.labelSmoothing = takeFloat(this, "labelSmoothing", options.labelSmoothing, 0);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}

const nllArguments = signature<[], NllOptions>()(
  [],
  ["weight", "sizeAverage", "ignoreIndex", "reduce", "reduction"],
);

/** The negative log likelihood of classes, given logarithms of probabilities. Shape: as `CrossEntropyLoss`. */
export class NLLLoss extends WeightedLoss {
  ignoreIndex: number;

  constructor(...args: ArgumentsOf<typeof nllArguments>) {
    const [options] = nllArguments.take("NLLLoss", args);
    super(options);
    this.ignoreIndex = options.ignoreIndex ?? -100;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return nllLoss(input, target, { weight, ignoreIndex, reduction });
  }
}

/** `NLLLoss` by its older name. Shape: as `CrossEntropyLoss`. */
export class NLLLoss2d extends NLLLoss {
  constructor(...args: ArgumentsOf<typeof nllArguments>) {
    super(...nllArguments.take("NLLLoss2d", args));
  }
}

/**
 * The cross entropy of yes-or-no answers, given probabilities.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class BCELoss extends PlainWeightedLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

const bceWithLogitsArguments = signature<[], LogitsOptions>()(
  [],
  ["weight", "sizeAverage", "reduce", "reduction", "posWeight"],
);

/**
 * The cross entropy of yes-or-no answers, given logits.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class BCEWithLogitsLoss extends WeightedLoss {
  /** A slot also where positive answers have no weights of their own. */
  declare pos_weight: Buffer | null;

  constructor(...args: ArgumentsOf<typeof bceWithLogitsArguments>) {
    const [options] = bceWithLogitsArguments.take("BCEWithLogitsLoss", args);
    super(options);
    this.registerBuffer("pos_weight", options.posWeight ?? null);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, pos_weight: posWeight, reduction } = this;
    return binaryCrossEntropyWithLogits(input, target, { weight, posWeight, reduction });
  }
}

/**
 * The logistic loss of answers ±1.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class SoftMarginLoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * The cross entropy of several yes-or-no answers for each sample, averaged over the classes.
 *
 * Shape: input and target (N, classes) or (classes) → (), or (N) with `reduction: "none"`.
 */
export class MultiLabelSoftMarginLoss extends PlainWeightedLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

const ctcArguments = signature<[], CtcOptions>()([], ["blank", "reduction", "zeroInfinity"]);

/**
 * The likelihood of a sequence of classes whose places in time are not known. See `ctcLoss`.
 *
 * Shape: (time, N, classes) or (time, classes), targets (N, longest) or joined (sum of lengths) → (), or (N) with
 * `reduction: "none"`.
 */
export class CTCLoss extends Loss {
  blank: number;
  zeroInfinity: boolean;

  constructor(...args: ArgumentsOf<typeof ctcArguments>) {
    const [options] = ctcArguments.take("CTCLoss", args);
    super(options);
    this.blank = options.blank ?? 0;
    this.zeroInfinity = options.zeroInfinity ?? false;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity });
  }
}
