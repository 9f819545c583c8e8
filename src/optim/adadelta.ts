/** Adadelta: steps in proportion to the former ones, without a learning rate to choose. */

import { pyFloat } from "../catalog/value.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { arithmeticOf } from "./arithmetic.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { requireThat } from "./hyper-parameter.ts";
import type { CapturableOptions } from "./implementation.ts";
import { requireImplemented } from "./implementation.ts";
import { numbersOf, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import { countStep, newState, newStep, renewGroups, renewScalars } from "./state-tensors.ts";

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends CapturableOptions {
  /** What the step is multiplied with. Default 1. */
  readonly lr?: HyperNumber;
  /** How much the means of squares keep at each step. Default 0.9. */
  readonly rho?: HyperNumber;
  /** Added to the means under the root. Default 1e-6. */
  readonly eps?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `Adadelta`. */
export interface AdadeltaGroup extends ParameterGroup {
  rho: number;
  eps: number;
  weight_decay: number;
  maximize: boolean;
}

/**
 * Adadelta: v = ρ·v + (1 - ρ)·g², δ = √(u + eps)/√(v + eps)·g, u = ρ·u + (1 - ρ)·δ², p = p - lr·δ.
 *
 * State: `step`, `square_avg`, `acc_delta`.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new Adadelta(model.parameters());
 */
export class Adadelta extends Optimizer<AdadeltaGroup> {
  constructor(params: OptimizerParameters, options: AdadeltaOptions = {}) {
    super(params, options, {
      lr: pyFloat(1),
      rho: 0.9,
      eps: 1e-6,
      weight_decay: 0,
      maximize: false,
      capturable: false,
      foreach: null,
      differentiable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, rho, eps, weight_decay } = values as unknown as AdadeltaGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(rho >= 0 && rho <= 1, "Invalid rho value", values, "rho");
    requireThat(eps >= 0, "Invalid epsilon value", values, "eps");
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: AdadeltaGroup): void {
    if (group["capturable"] === true) {
      throw torchError(
        "AssertionError",
        "If capturable=True, params and state_steps must be on supported devices: ['cuda', 'xpu', 'hpu', 'privateuseone'].",
      );
    }
    requireImplemented(group, parameter, gradient);
    const { rho } = group;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("square_avg", newState(parameter));
      state.set("acc_delta", newState(parameter));
    }
    const square = this.stateTensor(state, "square_avg", gradient);
    const steps = this.stateTensor(state, "acc_delta", gradient);
    countStep(state);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(group.weight_decay);
    const keep = rounding.factor(rho, group);
    const weight = rounding.between(1 - rho);
    const eps = rounding.round(group.eps);
    const rate = rounding.round(-group.lr);

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const v = numbersOf(square);
    const u = numbersOf(steps);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      const vk = rounding.addcmul(rounding.round(v[k]! * keep), g, g, weight);
      const divisor = rounding.sqrt(rounding.round(vk + eps));
      const dividend = rounding.sqrt(rounding.round(u[k]! + eps));
      const delta = rounding.round(rounding.round(dividend / divisor) * g);
      v[k] = vk;
      u[k] = rounding.addcmul(rounding.round(u[k]! * keep), delta, delta, weight);
      p[k] = rounding.axpy(rate, delta, p[k]!, k);
    }
    store(square, v);
    store(steps, u);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, { foreach: null, maximize: false, differentiable: false, capturable: false });
    renewScalars(this, ["step"]);
  }
}
