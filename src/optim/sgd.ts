/** Stochastic gradient descent, with momentum. */

import { addProducts32 } from "../tensor/float32.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensorLike } from "../tensor/tensor.ts";
import { torchError } from "../errors.ts";
import { arithmeticOf } from "./arithmetic.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { requireThat } from "./hyper-parameter.ts";
import { numbersOf, requireSameShape, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import { renewGroups } from "./state-tensors.ts";
import type { ImplementationOptions } from "./implementation.ts";
import { checkImplementation, requireImplemented } from "./implementation.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";

/** Options of `SGD`. */
export interface SGDOptions extends ImplementationOptions {
  /** The learning rate. Default 1e-3. */
  readonly lr?: HyperNumber;
  /** How much of the former steps each step repeats. Default 0. */
  readonly momentum?: HyperNumber;
  /** How much less of the gradient enters the momentum. Default 0. */
  readonly dampening?: HyperNumber;
  /** How much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: HyperNumber;
  /** Nesterov's momentum. Default false. */
  readonly nesterov?: boolean;
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `SGD`. */
export interface SGDGroup extends ParameterGroup {
  momentum: number;
  dampening: number;
  weight_decay: number;
  nesterov: boolean;
  maximize: boolean;
}

/**
 * Stochastic gradient descent: g = ∂loss/∂p + decay·p; b = momentum·b + (1 - dampening)·g, at first b = g;
 * p = p - lr·b, or with Nesterov's momentum p = p - lr·(g + momentum·b).
 *
 * State: `momentum_buffer`, with momentum only.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 */
export class SGD extends Optimizer<SGDGroup> {
  constructor(params: OptimizerParameters, options: SGDOptions = {}) {
    super(params, options, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weight_decay: 0,
      nesterov: false,
      maximize: false,
      foreach: null,
      differentiable: false,
      fused: null,
    });
    checkImplementation(options);
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, momentum, dampening, weight_decay, nesterov } = values as unknown as SGDGroup;
    requireThat(!(lr < 0), "Invalid learning rate", values, "lr");
    requireThat(!(momentum < 0), "Invalid momentum value", values, "momentum");
    requireThat(!(weight_decay < 0), "Invalid weight_decay value", values, "weight_decay");
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw torchError("ValueError", "Nesterov momentum requires a momentum and zero dampening");
    }
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: SGDGroup): void {
    requireImplemented(group, parameter, gradient);
    const { momentum, nesterov } = group;
    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const decay = rounding.round(group.weight_decay);
    const keep = rounding.factor(momentum, group);
    const ahead = rounding.round(momentum);
    const enter = rounding.round(1 - group.dampening);
    const rate = rounding.round(-group.lr);

    const state = momentum === 0 ? null : this.stateOf(parameter);
    const known = state?.get("momentum_buffer");
    const isFirst = !isTensor(known);
    const buffer = state === null ? null : isFirst ? newTensorLike(gradient, gradient.dtype) : known;
    if (buffer !== null) requireSameShape(buffer, gradient);

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const isSingle = parameter.items instanceof Float32Array && gradients instanceof Float32Array;
    if (buffer === null && decay === 0 && isSingle) {
      // The commonest step, and the same numbers: p + rate · g.
      addProducts32(p as Float32Array, sign * rate, gradients);
      store(parameter, p);
      return;
    }
    const b = buffer === null ? p : numbersOf(buffer);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      if (decay !== 0) g = rounding.axpy(decay, p[k]!, g, k);
      if (buffer !== null) {
        const mean = isFirst ? g : rounding.axpy(enter, g, rounding.round(b[k]! * keep), k);
        b[k] = mean;
        g = nesterov ? rounding.axpy(ahead, mean, g, k) : mean;
      }
      p[k] = rounding.axpy(rate, g, p[k]!, k);
    }
    store(parameter, p);
    if (buffer === null) return;
    store(buffer, b);
    if (isFirst) {
      buffer.version.value = 0;
      state?.set("momentum_buffer", buffer);
    }
  }

  protected override afterLoading(): void {
    renewGroups(this, {
      nesterov: false,
      maximize: false,
      foreach: null,
      differentiable: false,
      fused: false,
    });
  }
}
