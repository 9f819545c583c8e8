/** Adam and AdamW. */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { arithmeticOf } from "./arithmetic.ts";
import { pow } from "../tensor/random/libm.ts";
import type { HyperArgument, HyperNumber } from "./hyper-parameter.ts";
import { floatTuple, requireThat } from "./hyper-parameter.ts";
import type { CapturableOptions, ImplementationOptions } from "./implementation.ts";
import { checkImplementation, requireImplemented } from "./implementation.ts";
import { requireBetas, requireFloatBetas } from "./betas.ts";
import { numbersOf, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import { countStep, newState, newStep, renewGroups, renewScalars } from "./state-tensors.ts";

/** Options of `AdamW`, and the first ones of `Adam`. */
export interface AdamWOptions extends ImplementationOptions, CapturableOptions {
  /** The learning rate. Default 1e-3. */
  readonly lr?: HyperNumber;
  /** How much the means of gradients and of their squares keep at each step. Default [0.9, 0.999]. */
  readonly betas?: readonly [HyperNumber, HyperNumber];
  /** Added to the divisor. Default 1e-8. */
  readonly eps?: HyperNumber;
  /** How much parameters shrink. Default 0 for Adam, 1e-2 for AdamW. */
  readonly weightDecay?: HyperNumber;
  /** Divide by the largest mean of squares so far. Default false. */
  readonly amsgrad?: boolean;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** Options of `Adam`. */
export interface AdamOptions extends AdamWOptions {
  /** Shrink the parameters themselves instead of changing their gradients, as AdamW does. Default false. */
  readonly decoupledWeightDecay?: boolean;
}

/** A group of `Adam` and `AdamW`. */
export interface AdamGroup extends ParameterGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  amsgrad: boolean;
  maximize: boolean;
  decoupled_weight_decay: boolean;
}

/**
 * Adam: m = β₁·m + (1 - β₁)·g and v = β₂·v + (1 - β₂)·g², the means of the gradient and its square; with their biases
 * corrected, p = p - lr/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + eps).
 *
 * State: `step`, `exp_avg`, `exp_avg_sq`, and `max_exp_avg_sq` with amsgrad.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3, weightDecay: 0.1, amsgrad: true });
 */
export class Adam extends Optimizer<AdamGroup> {
  /** `defaults` are a subclass's own, under PyTorch's names. */
  constructor(
    params: OptimizerParameters,
    options: AdamOptions = {},
    defaults: Readonly<Record<string, HyperArgument>> = {},
  ) {
    super(params, options, {
      lr: 1e-3,
      betas: floatTuple(0.9, 0.999),
      eps: 1e-8,
      weight_decay: 0,
      amsgrad: false,
      maximize: false,
      foreach: null,
      capturable: false,
      differentiable: false,
      fused: null,
      decoupled_weight_decay: false,
      ...defaults,
    });
    checkImplementation(options);
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, eps, weight_decay } = values as unknown as AdamGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(eps >= 0, "Invalid epsilon value", values, "eps");
    requireBetas(values);
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
    requireFloatBetas(values);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: AdamGroup): void {
    requireImplemented(group, parameter, gradient);
    const { amsgrad, decoupled_weight_decay: isDecoupled } = group;
    const [beta1, beta2] = group.betas;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("exp_avg", newState(parameter));
      state.set("exp_avg_sq", newState(parameter));
      if (amsgrad) state.set("max_exp_avg_sq", newState(parameter));
    }
    const mean = this.stateTensor(state, "exp_avg", gradient);
    const square = this.stateTensor(state, "exp_avg_sq", gradient);
    const largest = amsgrad ? this.stateTensor(state, "max_exp_avg_sq", gradient) : null;
    const step = countStep(state);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(isDecoupled ? 0 : group.weight_decay);
    const shrink = rounding.factor(isDecoupled ? 1 - group.lr * group.weight_decay : 1, group);
    const weight1 = rounding.between(1 - beta1);
    const keep2 = rounding.factor(beta2, group);
    const weight2 = rounding.between(1 - beta2);
    const scale = rounding.between(Math.sqrt(1 - pow(beta2, step)));
    const eps = rounding.round(group.eps);
    const rate = rounding.between(-(group.lr / (1 - pow(beta1, step))));

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const m = numbersOf(mean);
    const v = numbersOf(square);
    const maxima = largest === null ? v : numbersOf(largest);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      const x = shrink === 1 ? p[k]! : rounding.round(p[k]! * shrink);
      const mk = rounding.lerp(m[k]!, g, weight1);
      let vk = rounding.addcmul(rounding.round(v[k]! * keep2), g, g, weight2);
      m[k] = mk;
      v[k] = vk;
      if (amsgrad) {
        vk = Math.max(maxima[k]!, vk);
        maxima[k] = vk;
      }
      const divisor = rounding.round(rounding.round(rounding.sqrt(vk) / scale) + eps);
      p[k] = rounding.addcdiv(x, mk, divisor, rate);
    }
    store(mean, m);
    store(square, v);
    if (largest !== null) store(largest, maxima);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, {
      amsgrad: false,
      maximize: false,
      foreach: null,
      capturable: false,
      differentiable: false,
      decoupled_weight_decay: false,
      fused: null,
    });
    renewScalars(this, ["step"]);
  }
}

/**
 * Adam whose weight decay shrinks the parameters themselves: p = (1 - lr·decay)·p before each step of Adam.
 *
 * @example
 * const optimizer = new AdamW(model.parameters(), { lr: 3e-4, weightDecay: 0.05 });
 */
export class AdamW extends Adam {
  constructor(params: OptimizerParameters, options: AdamWOptions = {}) {
    if ("decoupledWeightDecay" in options) {
      throw torchError(
        "TypeError",
        "AdamW.__init__() got an unexpected keyword argument 'decoupled_weight_decay'",
        "AdamW always decouples the decay; Adam has the choice.",
      );
    }
    super(params, options, { weight_decay: 1e-2, decoupled_weight_decay: true });
  }

  protected override afterLoading(): void {
    super.afterLoading();
    for (const group of this.paramGroups) group.decoupled_weight_decay = true;
  }
}
