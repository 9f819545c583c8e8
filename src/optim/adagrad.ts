/** Adagrad: gradients divided by the root of the sum of their squares so far. */

import type { Tensor } from "../tensor/tensor.ts";
import { arithmeticOf } from "./arithmetic.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { requireThat } from "./hyper-parameter.ts";
import type { ImplementationOptions } from "./implementation.ts";
import { checkImplementation, requireImplemented } from "./implementation.ts";
import { numbersOf, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import type { ParameterState } from "./state-dict.ts";
import { countStep, newState, newStep, renewGroups, renewScalars } from "./state-tensors.ts";

/** Options of `Adagrad`. */
export interface AdagradOptions extends ImplementationOptions {
  /** The learning rate. Default 1e-2. */
  readonly lr?: HyperNumber;
  /** How much the learning rate falls with each step. Default 0. */
  readonly lrDecay?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** The sum of squares to begin with. Default 0. */
  readonly initialAccumulatorValue?: HyperNumber;
  /** Added to the divisor. Default 1e-10. */
  readonly eps?: HyperNumber;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `Adagrad`. */
export interface AdagradGroup extends ParameterGroup {
  lr_decay: number;
  eps: number;
  weight_decay: number;
  initial_accumulator_value: number;
  maximize: boolean;
}

/**
 * Adagrad: s = s + g², p = p - lr/(1 + (t - 1)·lrDecay) · g/(√s + eps).
 *
 * State: `step`, `sum`, made with the optimizer.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new Adagrad(model.parameters(), { lr: 1e-2 });
 */
export class Adagrad extends Optimizer<AdagradGroup> {
  constructor(params: OptimizerParameters, options: AdagradOptions = {}) {
    super(params, options, {
      lr: 1e-2,
      lr_decay: 0,
      eps: 1e-10,
      weight_decay: 0,
      initial_accumulator_value: 0,
      foreach: null,
      maximize: false,
      differentiable: false,
      fused: null,
    });
    checkImplementation(options);
    for (const group of this.paramGroups) for (const parameter of group.params) this.#begin(parameter);
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const group = values as unknown as AdagradGroup;
    requireThat(group.lr >= 0, "Invalid learning rate", values, "lr");
    for (const name of ["lr_decay", "weight_decay", "initial_accumulator_value"] as const) {
      requireThat(group[name] >= 0, `Invalid ${name} value`, values, name);
    }
    requireThat(group.eps >= 0, "Invalid epsilon value", values, "eps");
  }

  #begin(parameter: Tensor): ParameterState {
    const state = this.stateOf(parameter);
    state.set("step", newStep());
    state.set("sum", newState(parameter, this.defaults["initial_accumulator_value"] as number));
    return state;
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: AdagradGroup): void {
    requireImplemented(group, parameter, gradient);
    const known = this.stateOf(parameter);
    const state = known.size === 0 ? this.#begin(parameter) : known;
    const sum = this.stateTensor(state, "sum", gradient);
    const step = countStep(state);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(group.weight_decay);
    const eps = rounding.round(group.eps);
    // PyTorch's update of many tensors at once multiplies the gradient before it divides.
    const isTogether = group["foreach"] === true;
    const ownRate = -(group.lr / (1 + (step - 1) * group.lr_decay));
    // What PyTorch multiplies in place, which it does with gradients that are its own, is rounded with the factor.
    const isOwn = group.weight_decay !== 0 || group.maximize;
    const rate = isOwn ? rounding.factor(ownRate, group) : rounding.between(ownRate);

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const s = numbersOf(sum);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      const sk = rounding.addcmul(s[k]!, g, g, 1);
      s[k] = sk;
      const divisor = rounding.round(rounding.sqrt(sk) + eps);
      p[k] = isTogether
        ? rounding.addcdiv(p[k]!, rounding.round(g * rate), divisor, 1)
        : rounding.addcdiv(p[k]!, g, divisor, rate);
    }
    store(sum, s);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, { foreach: null, maximize: false, differentiable: false, fused: null });
    renewScalars(this, ["step"]);
  }
}
