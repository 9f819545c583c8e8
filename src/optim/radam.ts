/** RAdam: Adam that waits with dividing until the mean of squares is worth something. */

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

/** Options of `RAdam`. */
export interface RAdamOptions extends CapturableOptions {
  /** The learning rate. Default 1e-3. */
  readonly lr?: HyperNumber;
  /** How much the means of gradients and of their squares keep at each step. Default [0.9, 0.999]. */
  readonly betas?: readonly [HyperNumber, HyperNumber];
  /** Added to the divisor. Default 1e-8. */
  readonly eps?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** Shrink the parameters themselves, as AdamW does. Default false. */
  readonly decoupledWeightDecay?: boolean;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `RAdam`. */
export interface RAdamGroup extends ParameterGroup {
  betas: readonly [number, number];
  eps: number;
  weight_decay: number;
  decoupled_weight_decay: boolean;
  maximize: boolean;
}

/**
 * RAdam: m and v as Adam's, m̂ = m/(1 - β₁ᵗ), ρ∞ = 2/(1 - β₂) - 1, ρ = ρ∞ - 2t·β₂ᵗ/(1 - β₂ᵗ). While ρ ≤ 5,
 * p = p - lr·m̂; then p = p - lr·m̂·√(1 - β₂ᵗ)/(√v + eps)·r with r = √((ρ-4)(ρ-2)ρ∞ / ((ρ∞-4)(ρ∞-2)ρ)).
 *
 * State: `step`, `exp_avg`, `exp_avg_sq`.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new RAdam(model.parameters(), { lr: 1e-3 });
 */
export class RAdam extends Optimizer<RAdamGroup> {
  constructor(params: OptimizerParameters, options: RAdamOptions = {}) {
    super(params, options, {
      lr: 1e-3,
      betas: floatTuple(0.9, 0.999),
      eps: 1e-8,
      weight_decay: 0,
      maximize: false,
      foreach: null,
      capturable: false,
      decoupled_weight_decay: false,
      differentiable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, eps, weight_decay } = values as unknown as RAdamGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(eps >= 0, "Invalid epsilon value", values, "eps");
    requireBetas(values);
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: RAdamGroup): void {
    requireImplemented(group, parameter, gradient);
    const { decoupled_weight_decay: isDecoupled } = group;
    const [beta1, beta2] = group.betas;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("exp_avg", newState(parameter));
      state.set("exp_avg_sq", newState(parameter));
    }
    const mean = this.stateTensor(state, "exp_avg", gradient);
    const square = this.stateTensor(state, "exp_avg_sq", gradient);
    const step = countStep(state);
    const decayed = pow(beta2, step);
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * step * decayed) / (1 - decayed);
    const isRectified = length > 5;

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(isDecoupled ? 0 : group.weight_decay);
    const shrink = rounding.factor(isDecoupled ? 1 - group.lr * group.weight_decay : 1, group);
    const weight1 = rounding.between(1 - beta1);
    const keep2 = rounding.factor(beta2, group);
    const weight2 = rounding.between(1 - beta2);
    const bias1 = rounding.between(1 - pow(beta1, step));
    const bias2 = rounding.between(Math.sqrt(1 - decayed));
    const eps = rounding.round(group.eps);
    const rate = rounding.between(group.lr);
    const rectifier = Math.sqrt(
      ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length),
    );
    const rectification = rounding.between(rectifier);

    // PyTorch's update of many tensors at once: p = p + m · (1/((√v + eps)/rectified) + plain), one of the two being 0.
    const isTogether = group["foreach"] === true;
    const lrNow = group.lr / (1 - pow(beta1, step));
    const rectified = rounding.between(-Math.sqrt(1 - decayed) * (isRectified ? lrNow * rectifier : 0));
    const plain = rounding.round(isRectified ? -0 : -lrNow);

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
      if (isTogether) {
        const root = rounding.round(rounding.sqrt(vk) + eps);
        const inverse = rounding.round(1 / rounding.round(root / rectified));
        p[k] = rounding.addcmul(x, mk, rounding.round(inverse + plain), 1);
        continue;
      }
      let way = rounding.round(rounding.round(mk / bias1) * rate);
      if (isRectified) {
        // PyTorch divides a number by a tensor as the tensor's reciprocal times the number.
        const inverse = rounding.round(1 / rounding.round(rounding.sqrt(vk) + eps));
        way = rounding.round(rounding.round(way * rounding.round(inverse * bias2)) * rectification);
      }
      p[k] = rounding.round(x - way);
    }
    store(mean, m);
    store(square, v);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, {
      foreach: null,
      maximize: false,
      differentiable: false,
      decoupled_weight_decay: false,
      capturable: false,
    });
    renewScalars(this, ["step"]);
  }
}
