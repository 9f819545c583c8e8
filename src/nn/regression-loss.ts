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
import { Loss } from "./loss.ts";
import { Module } from "./module.ts";

/**
 * Squared errors: (x − y)².
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 *
 * @example
 * new MSELoss()(net(inputs), zeros(4, 2)).backward();
 */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * Absolute errors: |x − y|.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, { reduction: this.reduction });
  }
}

/**
 * Squared errors below `beta`, absolute ones above, scaled by 1/beta.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class SmoothL1Loss extends Loss {
  beta: number;

  constructor(options: WithFloats<SmoothL1Options, "beta"> = {}) {
    super(options);
    this.beta = takeFloat(this, "beta", options.beta, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

/**
 * Squared errors below `delta`, absolute ones above.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class HuberLoss extends Loss {
  delta: number;

  constructor(options: WithFloats<Omit<HuberOptions, "weight">, "delta"> = {}) {
    super(options);
    this.delta = takeFloat(this, "delta", options.delta, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

/**
 * The negative log likelihood of counts under a Poisson distribution.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class PoissonNLLLoss extends Loss {
  logInput: boolean;
  full: boolean;
  eps: number;

  constructor(options: WithFloats<PoissonNllOptions, "eps"> = {}) {
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

/**
 * The negative log likelihood of targets under normal distributions.
 *
 * Shape: input, target and variance any, the same, the variance also without the last dimension → (), or the input's
 * with `reduction: "none"`.
 */
export class GaussianNLLLoss extends Loss {
  full: boolean;
  eps: number;

  constructor(options: WithFloats<GaussianNllOptions, "eps"> = {}) {
    super(options);
    this.full = options.full ?? false;
    this.eps = takeFloat(this, "eps", options.eps, 1e-6);
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    const { reduction, full, eps } = this;
    return gaussianNllLoss(input, target, variance, { reduction, full, eps });
  }
}

/**
 * The Kullback–Leibler divergence of the input, given as logarithms, from the target.
 *
 * Shape: input and target any, the same → (), or the input's with `reduction: "none"`.
 */
export class KLDivLoss extends Module {
  reduction: NonNullable<KlDivOptions["reduction"]>;
  logTarget: boolean;

  constructor(options: KlDivOptions = {}) {
    super();
    this.reduction = askedReduction(options);
    this.logTarget = options.logTarget ?? false;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}
