/**
 * `weightNorm`: a parameter as a length and a direction, which are trained in its place.
 */

import { torchError } from "../../errors.ts";
import { normExceptDim, weightNorm as weightOf } from "../../functional/weight-norm.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { isTensor } from "../../tensor/tensor.ts";
import type { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { findReplacement, fieldsOf, replaceBy } from "./replaced-parameter.ts";
import { isUninitialized } from "../uninitialized.ts";

/** Options of `weightNorm`. */
export interface WeightNormOptions {
  /** The parameter. Default `"weight"`. */
  readonly name?: string;
  /** The dimension along which each entry has a length of its own; null for one length. Default 0. */
  readonly dim?: number | null;
}

/**
 * Replaces a parameter by its length, `weight_g`, and its direction, `weight_v`; the weight itself is computed before
 * every call and is no parameter any more. Returns the module.
 *
 * Throws: PyTorch's RuntimeError for a parameter that is replaced already, its AttributeError for one that is not there.
 *
 * @example
 * const layer = weightNorm(new Linear(20, 40));
 * String(layer.getParameter("weight_g").shape); // torch.Size([40, 1])
 */
export function weightNorm<M extends Module>(module: M, options: WeightNormOptions = {}): M {
  const { name = "weight" } = options;
  const dim = options.dim === undefined ? 0 : (options.dim ?? -1);
  if (findReplacement(module, "weight_norm", name) !== null) {
    throw torchError("RuntimeError", `Cannot register two weight_norm hooks on the same parameter ${name}`);
  }
  const weight = fieldsOf(module)[name];
  if (!isTensor(weight)) {
    throw torchError("AttributeError", `'${module.getName()}' object has no attribute '${name}'`);
  }
  if (isUninitialized(weight)) {
    throw torchError(
      "ValueError",
      "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the dummy forward before applying weight normalization",
    );
  }
  const compute = (target: Module): Tensor => {
    const fields = fieldsOf(target);
    return weightOf(fields[`${name}_v`] as Tensor, fields[`${name}_g`] as Tensor, dim);
  };
  const parts = [
    [`${name}_g`, new Parameter(normExceptDim(weight, dim))],
    [`${name}_v`, new Parameter(weight.data)],
  ] as const;
  replaceBy(module, { kind: "weight_norm", name, compute }, parts);
  return module;
}

/**
 * Makes a parameter one again that `weightNorm` had replaced. Returns the module.
 *
 * Throws: PyTorch's ValueError where none was replaced.
 */
export function removeWeightNorm<M extends Module>(module: M, name: string = "weight"): M {
  const found = findReplacement(module, "weight_norm", name);
  if (found === null) {
    throw torchError("ValueError", `weight_norm of '${name}' not found in ${String(module)}`);
  }
  const weight = found.replacement.compute(module, false).data;
  const fields = fieldsOf(module);
  for (const field of [name, `${name}_g`, `${name}_v`]) delete fields[field];
  fields[name] = new Parameter(weight);
  found.remove();
  return module;
}
