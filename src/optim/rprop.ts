/** Rprop: only the signs of the gradients count; every element has a step size of its own. */

import { tupleOf } from "./hyper-parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { torchError } from "../errors.ts";
import { arithmeticOf } from "./arithmetic.ts";
import type { HyperNumber } from "./hyper-parameter.ts";
import { floatsOf, numberText, requireThat } from "./hyper-parameter.ts";
import type { CapturableOptions } from "./implementation.ts";
import { requireImplemented } from "./implementation.ts";
import { numbersOf, store } from "./numbers.ts";
import { Optimizer } from "./optimizer.ts";
import type { OptimizerParameters, ParameterGroup } from "./parameter-group.ts";
import { countStep, newState, newStep, renewGroups, renewScalars } from "./state-tensors.ts";

/** Options of `Rprop`. */
export interface RpropOptions extends CapturableOptions {
  /** The first step size of every element. Default 1e-2. */
  readonly lr?: HyperNumber;
  /** What step sizes are multiplied with when the sign changed, and when it stayed. Default [0.5, 1.2]. */
  readonly etas?: readonly [HyperNumber, HyperNumber];
  /** The smallest and the largest step size. Default [1e-6, 50]. */
  readonly stepSizes?: readonly [HyperNumber, HyperNumber];
  /** Go up instead of down. Default false. */
  readonly maximize?: boolean;
}

/** A group of `Rprop`. */
export interface RpropGroup extends ParameterGroup {
  etas: readonly [number, number];
  step_sizes: readonly [number, number];
  maximize: boolean;
}

/**
 * Resilient propagation: step sizes grow while the gradient keeps its sign and shrink when it changes, which also skips
 * the element once; p = p - sign(g)·step.
 *
 * State: `step`, `prev`, `step_size`.
 *
 * Throws: PyTorch's ValueErrors for values out of range.
 *
 * @example
 * const optimizer = new Rprop(model.parameters(), { lr: 1e-2 });
 */
export class Rprop extends Optimizer<RpropGroup> {
  constructor(params: OptimizerParameters, options: RpropOptions = {}) {
    super(params, options, {
      lr: 1e-2,
      etas: tupleOf([0.5, 1.2]) as number[],
      step_sizes: tupleOf([1e-6, 50]) as number[],
      foreach: null,
      maximize: false,
      differentiable: false,
      capturable: false,
    });
  }

  protected override check(values: Readonly<Record<string, unknown>>): void {
    const { lr, etas } = values as unknown as RpropGroup;
    requireThat(lr >= 0, "Invalid learning rate", values, "lr");
    const [less, more] = etas;
    if (0 < less && less < 1 && 1 < more) return;
    const [lessText, moreText] = etas.map((eta, place) => numberText(eta, floatsOf(etas).has(place)));
    throw torchError("ValueError", `Invalid eta values: ${lessText}, ${moreText}`);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: RpropGroup): void {
    requireImplemented(group, parameter, gradient);
    const state = this.stateOf(parameter);
    if (state.size === 0) {
      state.set("step", newStep());
      state.set("prev", newState(parameter));
      state.set("step_size", newState(gradient, group.lr));
    }
    const previous = this.stateTensor(state, "prev", gradient);
    const sizes = this.stateTensor(state, "step_size", gradient);
    countStep(state);

    const rounding = arithmeticOf(parameter);
    const sign = group.maximize ? -1 : 1;
    const [less, more] = group.etas.map((eta) => rounding.round(eta)) as [number, number];
    const [smallest, largest] = group.step_sizes.map((size) => rounding.round(size)) as [number, number];

    const p = numbersOf(parameter);
    const gradients = numbersOf(gradient);
    const before = numbersOf(previous);
    const step = numbersOf(sizes);
    for (let k = 0; k < p.length; k++) {
      let g = sign * gradients[k]!;
      const agreement = rounding.round(g * before[k]!);
      // The sign of NaN is 0 to PyTorch.
      const factor = agreement > 0 ? more : agreement < 0 ? less : 1;
      const size = Math.min(Math.max(rounding.round(step[k]! * factor), smallest), largest);
      if (factor === less) g = 0;
      step[k] = size;
      before[k] = g;
      const way = g > 0 ? -1 : g < 0 ? 1 : 0;
      p[k] = rounding.fma(way, size, p[k]!);
    }
    store(sizes, step);
    store(previous, before);
    store(parameter, p);
  }

  protected override afterLoading(): void {
    renewGroups(this, { foreach: null, maximize: false, differentiable: false, capturable: false });
    renewScalars(this, ["step"]);
  }
}
