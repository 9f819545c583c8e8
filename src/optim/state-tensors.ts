/**
 * The tensors that optimizers remember: how they are made, counted up, and renewed from what older versions of PyTorch
 * saved.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { defaultDtype } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newScalarTensor, newTensorLike } from "../tensor/tensor.ts";
import { setHyper } from "./hyper-parameter.ts";
import { filled, numbersOf, store } from "./numbers.ts";
import type { OptimizerFacts, ParameterState } from "./state-dict.ts";

/** A fresh count of steps: a float32 0 without dimensions, float64 where that is the default dtype. */
export function newStep(value: number = 0): Tensor {
  return filled(newScalarTensor(defaultDtype() === dtypes.float64 ? dtypes.float64 : dtypes.float32), value);
}

/** A fresh tensor laid out as a parameter, filled with one number. */
export function newState(parameter: Tensor, value: number = 0): Tensor {
  const fresh = newTensorLike(parameter, parameter.dtype);
  return value === 0 ? fresh : filled(fresh, value);
}

/** Counts one step more, in the tensor; gives the new count. */
export function countStep(state: ParameterState): number {
  const step = state.get("step");
  if (!isTensor(step)) throw torchError("KeyError", "step");
  return setNumberIn(step, numberIn(step) + 1);
}

/** The number in a tensor of one element; of any dtype, as loaded ones have that of their parameter. */
export function numberIn(tensor: Tensor): number {
  return numbersOf(tensor)[0] ?? 0;
}

/** Sets the number in a tensor of one element; gives it as it is kept. */
export function setNumberIn(tensor: Tensor, value: number): number {
  const numbers = numbersOf(tensor);
  numbers[0] = value;
  store(tensor, numbers);
  return numberIn(tensor);
}

/** Makes tensors of the counts that older versions of PyTorch kept as plain numbers. */
export function renewScalars(optimizer: OptimizerFacts, names: readonly string[]): void {
  for (const state of optimizer.state.values()) {
    for (const name of names) {
      const value = state.get(name);
      if (typeof value === "number" || typeof value === "bigint") state.set(name, newStep(Number(value)));
    }
  }
}

/** Gives every group what groups of older versions of PyTorch lack. */
export function renewGroups(optimizer: OptimizerFacts, defaults: Readonly<Record<string, unknown>>): void {
  for (const group of optimizer.paramGroups) {
    for (const [name, value] of Object.entries(defaults)) {
      if (!Object.hasOwn(group, name)) setHyper(group, name, value);
    }
  }
}
