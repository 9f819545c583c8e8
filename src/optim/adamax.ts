/** Adamax: Adam with the largest gradient so far instead of the mean of squares. */

import type { Tensor } from "../tensor/tensor.ts";
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
import { countStep, newState, newStep, renewGroups, renewScalars } from "./state-tensors.ts";

/** Options of `Adamax`. */
export interface AdamaxOptions extends CapturableOptions {
  /** The learning rate. Default 2e-3. */
  readonly lr?: HyperNumber;
  /** How much the mean and the largest gradient keep at each step. Default [0.9, 0.999]. */
  readonly betas?: readonly [HyperNumber, HyperNumber];
  /** Added to the gradient's magnitude. Default 1e-8. */
  readonly eps?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `Adamax`. */
export interface AdamaxGroup extends ParameterGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  maximize: boolean;
}

/**
 * Adamax: m = β₁·m + (1 - β₁)·g, u = max(β₂·u, |g| + eps), p = p - lr/(1 - β₁ᵗ) · m/u.
 *
 * State: `step`, `exp_avg`, `exp_inf`.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new Adamax(model.parameters(), { lr: 2e-3 });
 */
export class Adamax extends Optimizer<AdamaxGroup> {
  constructor(params: OptimizerParameters, options: AdamaxOptions = {}) {
    super(params, options, {
      lr: 2e-3,
      betas: floatTuple(0.9, 0.999),
      eps: 1e-8,
      weight_decay: 0,
      foreach: null,
      maximize: false,
      differentiable: false,
      capturable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, eps, weight_decay } = values as unknown as AdamaxGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(eps >= 0, "Invalid epsilon value", values, "eps");
    requireBetas(values);
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: AdamaxGroup): void {
    requireImplemented(group, parameter, gradient);
    const [beta1, beta2] = group.betas;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("exp_avg", newState(parameter));
      state.set("exp_inf", newState(parameter));
    }
    const mean = this.stateTensor(state, "exp_avg", gradient);
    const largest = this.stateTensor(state, "exp_inf", gradient);
    const step = countStep(state);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(group.weight_decay);
    const weight1 = rounding.between(1 - beta1);
    const keep2 = rounding.factor(beta2, group);
    const eps = rounding.round(group.eps);
    const rate = rounding.between(-(group.lr / (1 - pow(beta1, step))));

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const m = numbersOf(mean);
    const u = numbersOf(largest);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      const mk = rounding.lerp(m[k]!, g, weight1);
      const uk = Math.max(rounding.round(u[k]! * keep2), rounding.round(Math.abs(g) + eps));
      m[k] = mk;
      u[k] = uk;
      p[k] = rounding.addcdiv(p[k]!, mk, uk, rate);
    }
    store(mean, m);
    store(largest, u);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, { foreach: null, maximize: false, differentiable: false, capturable: false });
    renewScalars(this, ["step"]);
  }
}
