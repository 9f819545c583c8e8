/** ASGD: gradient descent that also keeps the mean of the parameters on their way. */

import { pyFloat } from "../catalog/value.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { arithmeticOf } from "./arithmetic.ts";
import { pow } from "../tensor/random/libm.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { requireThat } from "./hyper-parameter.ts";
import type { CapturableOptions } from "./implementation.ts";
import { requireImplemented } from "./implementation.ts";
import { numbersOf, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import type { ParameterState } from "./state-dict.ts";
import {
  countStep,
  newState,
  newStep,
  numberIn,
  renewGroups,
  renewScalars,
  setNumberIn,
} from "./state-tensors.ts";

/** Options of `ASGD`. */
export interface ASGDOptions extends CapturableOptions {
  /** The learning rate. Default 1e-2. */
  readonly lr?: HyperNumber;
  /** How much parameters shrink. Default 1e-4. */
  readonly lambd?: HyperNumber;
  /** The power by which the learning rate falls. Default 0.75. */
  readonly alpha?: HyperNumber;
  /** The step after which the mean begins. Default 1e6. */
  readonly t0?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `ASGD`. */
export interface ASGDGroup extends ParameterGroup {
  lambd: number;
  alpha: number;
  t0: number;
  weight_decay: number;
  maximize: boolean;
}

/**
 * Averaged gradient descent: p = (1 - λ·η)·p - η·g, ā = ā + μ·(p - ā); then η = lr/(1 + λ·lr·t)^α and
 * μ = 1/max(1, t - t0).
 *
 * State: `step`, `eta`, `mu`, and `ax`, the mean.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new ASGD(model.parameters(), { lr: 1e-2, t0: 1000 });
 */
export class ASGD extends Optimizer<ASGDGroup> {
  constructor(params: OptimizerParameters, options: ASGDOptions = {}) {
    super(params, options, {
      lr: 1e-2,
      lambd: 1e-4,
      alpha: 0.75,
      t0: pyFloat(1e6),
      weight_decay: 0,
      foreach: null,
      maximize: false,
      differentiable: false,
      capturable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, weight_decay } = values as unknown as ASGDGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    requireThat(weight_decay >= 0, "Invalid weight_decay value", values, "weight_decay");
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: ASGDGroup): void {
    requireImplemented(group, parameter, gradient, "params, mus, etas, and state_steps");
    const { lr, lambd } = group;
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("eta", newStep(lr));
      state.set("mu", newStep(1));
      state.set("ax", newState(parameter));
    }
    const mean = this.stateTensor(state, "ax", gradient);
    const eta = scalarOf(state, "eta");
    const mu = scalarOf(state, "mu");
    const step = countStep(state);
    const etaNow = numberIn(eta);
    const muNow = numberIn(mu);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(group.weight_decay);
    const shrink = rounding.between(1 - lambd * etaNow);
    const rate = rounding.round(-etaNow);
    const share = rounding.between(muNow);
    const isCopied = muNow === 1;
    // PyTorch's update of many tensors at once: p = p - η·(g + λ·p), ā = ā + μ·(p - ā), with η and μ as tensors.
    const isTogether = group["foreach"] === true;
    const pull = rounding.round(lambd);
    // Tensors without dimensions have the dtype of those with some, but not of their like.
    const isSingle = parameter.shape.length === 0;
    const stepSize = isSingle ? rounding.between(etaNow) : rounding.round(etaNow);
    const part = isSingle ? rounding.between(muNow) : rounding.round(muNow);

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const a = numbersOf(mean);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      if (isTogether) {
        const x = rounding.addcmul(p[k]!, rounding.axpy(pull, p[k]!, g, k), stepSize, -1);
        p[k] = x;
        a[k] = rounding.addcmul(a[k]!, rounding.round(x - a[k]!), part, 1);
        continue;
      }
      const x = rounding.axpy(rate, g, rounding.round(p[k]! * shrink), k);
      p[k] = x;
      a[k] = isCopied ? x : rounding.round(a[k]! + rounding.round(rounding.round(x - a[k]!) * share));
    }
    store(parameter, p);
    store(mean, a);
    setNumberIn(eta, isTogether ? etaOfTensors(group, step) : lr / pow(1 + lambd * lr * step, group.alpha));
    setNumberIn(mu, 1 / Math.max(1, step - group.t0));
  }

  protected override afterLoading(): void {
    renewGroups(this, { foreach: null, maximize: false, differentiable: false, capturable: false });
    renewScalars(this, ["step", "eta", "mu"]);
  }
}

function scalarOf(state: ParameterState, name: string): Tensor {
  const tensor = state.get(name);
  if (!isTensor(tensor)) throw torchError("KeyError", name);
  return tensor;
}

/** The next η as PyTorch's update of many tensors at once has it: computed from the count in float32. */
function etaOfTensors({ lr, lambd, alpha }: ASGDGroup, step: number): number {
  const decay = Math.fround(1 + Math.fround(Math.fround(lambd * lr) * step));
  return Math.fround(Math.fround(1 / Math.fround(pow(decay, alpha))) * Math.fround(lr));
}
