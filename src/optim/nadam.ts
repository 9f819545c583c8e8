/** NAdam: Adam with Nesterov's momentum. */

import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { torchError } from "../errors.ts";
import { arithmeticOf } from "./arithmetic.ts";
import { requireBetas } from "./betas.ts";
import { pow } from "../tensor/random/libm.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { floatTuple, requireThat } from "./hyper-parameter.ts";
import type { CapturableOptions } from "./implementation.ts";
import { requireImplemented } from "./implementation.ts";
import { numbersOf, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import {
  countStep,
  newState,
  newStep,
  numberIn,
  renewGroups,
  renewScalars,
  setNumberIn,
} from "./state-tensors.ts";

/** Options of `NAdam`. */
export interface NAdamOptions extends CapturableOptions {
  /** The learning rate. Default 2e-3. */
  readonly lr?: HyperNumber;
  /** How much the means of gradients and of their squares keep at each step. Default [0.9, 0.999]. */
  readonly betas?: readonly [HyperNumber, HyperNumber];
  /** Added to the divisor. Default 1e-8. */
  readonly eps?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** How fast the momentum rises to β₁. Default 4e-3. */
  readonly momentumDecay?: HyperNumber;
  /** Shrink the parameters themselves, as AdamW does. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `NAdam`. */
export interface NAdamGroup extends ParameterGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  momentum_decay: number;
  decoupled_weight_decay: boolean;
  maximize: boolean;
}

/**
 * NAdam: m and v as Adam's, μₜ = β₁·(1 - 0.96^(t·momentumDecay)/2), M = μ₁·…·μₜ, and
 * p = p - lr·(1 - μₜ)/(1 - M) · g/d - lr·μₜ₊₁/(1 - M·μₜ₊₁) · m/d with d = √(v/(1 - β₂ᵗ)) + eps.
 *
 * State: `step`, `mu_product`, `exp_avg`, `exp_avg_sq`.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new NAdam(model.parameters(), { lr: 2e-3 });
 */
export class NAdam extends Optimizer<NAdamGroup> {
  constructor(params: OptimizerParameters, options: NAdamOptions = {}) {
    super(params, options, {
      lr: 2e-3,
      betas: floatTuple(0.9, 0.999),
      eps: 1e-8,
      weight_decay: 0,
      momentum_decay: 4e-3,
      decoupled_weight_decay: false,
      maximize: false,
      foreach: null,
      capturable: false,
      differentiable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, eps, weight_decay, momentum_decay } = values as unknown as NAdamGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(eps >= 0, "Invalid epsilon value", values, "eps");
    requireBetas(values);
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
    requireThat(momentum_decay >= 0, "Invalid momentum_decay value", values, "momentum_decay");
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: NAdamGroup): void {
    requireImplemented(group, parameter, gradient, "params, mu_products and state_steps");
    const { lr, momentum_decay: momentumDecay, decoupled_weight_decay: isDecoupled } = group;
    const [beta1, beta2] = group.betas;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("mu_product", newStep(1));
      state.set("exp_avg", newState(parameter));
      state.set("exp_avg_sq", newState(parameter));
    }
    const mean = this.stateTensor(state, "exp_avg", gradient);
    const square = this.stateTensor(state, "exp_avg_sq", gradient);
    const product = state.get("mu_product");
    if (!isTensor(product)) throw torchError("KeyError", "mu_product");
    const step = countStep(state);
    const mu = beta1 * (1 - 0.5 * pow(0.96, step * momentumDecay));
    const muNext = beta1 * (1 - 0.5 * pow(0.96, (step + 1) * momentumDecay));
    const muProduct = setNumberIn(product, numberIn(product) * arithmeticOf(product).between(mu));

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(isDecoupled ? 0 : group.weight_decay);
    const shrink = rounding.factor(isDecoupled ? 1 - lr * group.weight_decay : 1, group);
    const weight1 = rounding.between(1 - beta1);
    const keep2 = rounding.factor(beta2, group);
    const weight2 = rounding.between(1 - beta2);
    // PyTorch's update of many tensors at once divides the roots, the plain one takes the root of the quotient.
    const isTogether = group["foreach"] === true;
    const bias = 1 - pow(beta2, step);
    const scale = rounding.between(isTogether ? Math.sqrt(bias) : bias);
    const eps = rounding.round(group.eps);
    const rate = rounding.between((-lr * (1 - mu)) / (1 - muProduct));
    const rateNext = rounding.between((-lr * muNext) / (1 - muProduct * muNext));

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const m = numbersOf(mean);
    const v = numbersOf(square);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      const x = shrink === 1 ? p[k]! : rounding.round(p[k]! * shrink);
      const mk = rounding.lerp(m[k]!, g, weight1);
      const vk = rounding.addcmul(rounding.round(v[k]! * keep2), g, g, weight2);
      m[k] = mk;
      v[k] = vk;
      const root = isTogether
        ? rounding.round(rounding.sqrt(vk) / scale)
        : rounding.sqrt(rounding.round(vk / scale));
      const divisor = rounding.round(root + eps);
      p[k] = rounding.addcdiv(rounding.addcdiv(x, g, divisor, rate), mk, divisor, rateNext);
    }
    store(mean, m);
    store(square, v);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, {
      maximize: false,
      foreach: null,
      capturable: false,
      differentiable: false,
      decoupled_weight_decay: false,
    });
    renewScalars(this, ["step", "mu_product"]);
  }
}
