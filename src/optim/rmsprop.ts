/** RMSprop: gradients divided by the root of the mean of their squares. */

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

/** Options of `RMSprop`. */
export interface RMSpropOptions extends CapturableOptions {
  /** The learning rate. Default 1e-2. */
  readonly lr?: HyperNumber;
  /** How much the mean of squares keeps at each step. Default 0.99. */
  readonly alpha?: HyperNumber;
  /** Added to the divisor. Default 1e-8. */
  readonly eps?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** How much of the former steps each step repeats. Default 0. */
  readonly momentum?: HyperNumber;
  /** Subtract the square of the mean: divide by the deviation. Default false. */
  readonly centered?: boolean;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `RMSprop`. */
export interface RMSpropGroup extends ParameterGroup {
  momentum: number;
  alpha: number;
  eps: number;
  centered: boolean;
  weight_decay: number;
  maximize: boolean;
}

/**
 * RMSprop: v = α·v + (1 - α)·g², d = √v + eps, or centered d = √(v - m²) + eps with m = α·m + (1 - α)·g;
 * p = p - lr·g/d, or with momentum b = momentum·b + g/d, p = p - lr·b.
 *
 * State: `step`, `square_avg`, and `momentum_buffer`, `grad_avg` where they are used.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new RMSprop(model.parameters(), { lr: 1e-2, momentum: 0.9 });
 */
export class RMSprop extends Optimizer<RMSpropGroup> {
  constructor(params: OptimizerParameters, options: RMSpropOptions = {}) {
    super(params, options, {
      lr: 1e-2,
      momentum: 0,
      alpha: 0.99,
      eps: 1e-8,
      centered: false,
      weight_decay: 0,
      capturable: false,
      foreach: null,
      maximize: false,
      differentiable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, eps, momentum, weight_decay, alpha } = values as unknown as RMSpropGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(eps >= 0, "Invalid epsilon value", values, "eps");
    requireThat(momentum >= 0, "Invalid momentum value", values, "momentum");
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
    requireThat(alpha >= 0, "Invalid alpha value", values, "alpha");
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: RMSpropGroup): void {
    requireImplemented(group, parameter, gradient);
    const { alpha, centered: isCentered } = group;
    const hasMomentum = group.momentum > 0;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("square_avg", newState(parameter));
      if (hasMomentum) state.set("momentum_buffer", newState(parameter));
      if (isCentered) state.set("grad_avg", newState(parameter));
    }
    const square = this.stateTensor(state, "square_avg", gradient);
    const buffer = hasMomentum ? this.stateTensor(state, "momentum_buffer", gradient) : null;
    const mean = isCentered ? this.stateTensor(state, "grad_avg", gradient) : null;
    countStep(state);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(group.weight_decay);
    const keep = rounding.factor(alpha, group);
    const weight = rounding.between(1 - alpha);
    const eps = rounding.round(group.eps);
    const momentum = rounding.factor(group.momentum, group);
    const rate = hasMomentum ? rounding.round(-group.lr) : rounding.between(-group.lr);

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const v = numbersOf(square);
    const b = buffer === null ? v : numbersOf(buffer);
    const m = mean === null ? v : numbersOf(mean);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      let vk = rounding.addcmul(rounding.round(v[k]! * keep), g, g, weight);
      v[k] = vk;
      if (isCentered) {
        const mk = rounding.lerp(m[k]!, g, weight);
        m[k] = mk;
        vk = rounding.addcmul(vk, mk, mk, -1);
      }
      const divisor = rounding.round(rounding.sqrt(vk) + eps);
      if (hasMomentum) {
        const bk = rounding.addcdiv(rounding.round(b[k]! * momentum), g, divisor, 1);
        b[k] = bk;
        p[k] = rounding.axpy(rate, bk, p[k]!, k);
      } else p[k] = rounding.addcdiv(p[k]!, g, divisor, rate);
    }
    store(square, v);
    if (mean !== null) store(mean, m);
    if (buffer !== null) store(buffer, b);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, {
      momentum: 0,
      centered: false,
      foreach: null,
      maximize: false,
      differentiable: false,
      capturable: false,
    });
    renewScalars(this, ["step"]);
  }
}
