/**
 * Losses of numbers as layers. The formulas are told in `functional/regression-loss.ts`.
 */

import { askedReduction } from "../functional/loss-reduction.ts";
import type {
  GaussianNllOptions,
  HuberOptions,
  KlDivOptions,
  PoissonNllOptions,
  SmoothL1Options,
} from "../functional/regression-loss.ts";
import {
  gaussianNllLoss,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
} from "../functional/regression-loss.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { WithFloats } from "./float-option.ts";
import { takeFloat } from "./float-option.ts";
import { Loss, PlainLoss } from "./loss.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/**
 * Squared errors: (x − y)².
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 *
 * @example
 * new MSELoss()(net(inputs), zeros(4, 2)).backward();
 */
export class MSELoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * Absolute errors: |x − y|.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class L1Loss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, { reduction: this.reduction });
  }
}

const smoothL1Arguments = signature<[], WithFloats<SmoothL1Options, "beta">>()(
  [],
  ["sizeAverage", "reduce", "reduction", "beta"],
);

/**
 * Squared errors below `beta`, absolute ones above, scaled by 1/beta.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class SmoothL1Loss extends Loss {
  beta: number;

  constructor(...args: ArgumentsOf<typeof smoothL1Arguments>) {
    const [options] = smoothL1Arguments.take("SmoothL1Loss", args);
    super(options);
    this.beta = takeFloat(this, "beta", options.beta, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

const huberArguments = signature<[], WithFloats<Omit<HuberOptions, "weight">, "delta">>()(
  [],
  ["reduction", "delta"],
);

/**
 * Squared errors below `delta`, absolute ones above.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class HuberLoss extends Loss {
  delta: number;

  constructor(...args: ArgumentsOf<typeof huberArguments>) {
    const [options] = huberArguments.take("HuberLoss", args);
    super(options);
    this.delta = takeFloat(this, "delta", options.delta, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

const poissonNllArguments = signature<[], WithFloats<PoissonNllOptions, "eps">>()(
  [],
  ["logInput", "full", "sizeAverage", "eps", "reduce", "reduction"],
);

/**
 * The negative log likelihood of counts under a Poisson distribution.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class PoissonNLLLoss extends Loss {
  logInput: boolean;
  full: boolean;
  eps: number;

  constructor(...args: ArgumentsOf<typeof poissonNllArguments>) {
    const [options] = poissonNllArguments.take("PoissonNLLLoss", args);
    super(options);
    this.logInput = options.logInput ?? true;
    this.full = options.full ?? false;
    this.eps = takeFloat(this, "eps", options.eps, 1e-8);
  }

  override forward(logInput: Tensor, target: Tensor): Tensor {
    const { reduction, full, eps } = this;
    return poissonNllLoss(logInput, target, { reduction, logInput: this.logInput, full, eps });
  }
}

const gaussianNllArguments = signature<[], WithFloats<GaussianNllOptions, "eps">>()(
  [],
  [],
  ["full", "eps", "reduction"],
);

/**
 * The negative log likelihood of targets under normal distributions.
 *
 * Shape: input, target and variance any, the same, the variance also without the last dimension → (), or the input's
 * with `reduction: "none"`.
 */
export class GaussianNLLLoss extends Loss {
  full: boolean;
  eps: number;

  constructor(...args: ArgumentsOf<typeof gaussianNllArguments>) {
    const [options] = gaussianNllArguments.take("GaussianNLLLoss", args);
    super(options);
    this.full = options.full ?? false;
    this.eps = takeFloat(this, "eps", options.eps, 1e-6);
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    const { reduction, full, eps } = this;
    return gaussianNllLoss(input, target, variance, { reduction, full, eps });
  }
}

const klDivArguments = signature<[], KlDivOptions>()([], ["sizeAverage", "reduce", "reduction", "logTarget"]);

/**
 * The Kullback–Leibler divergence of the input, given as logarithms, from the target.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class KLDivLoss extends Module {
  reduction: NonNullable<KlDivOptions["reduction"]>;
  logTarget: boolean;

  constructor(...args: ArgumentsOf<typeof klDivArguments>) {
    super();
    const [options] = klDivArguments.take("KLDivLoss", args);
    this.reduction = askedReduction(options);
    this.logTarget = options.logTarget ?? false;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}
