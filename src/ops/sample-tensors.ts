/**
 * Sample recipes made into tensors.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { isNumberArgument } from "../tensor/scalar.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { tensor } from "./creation.ts";
import type { Sample, SampleTensor } from "./samples.ts";
import { complexSampleValues, isSampleTensor, sampleValues } from "./samples.ts";

/** The arguments of a sample, its tensors made in `dtype` unless a recipe fixes its own; also those in lists and options. */
export function sampleArguments(sample: Sample, dtype: DType): unknown[] {
  return sample.map((argument, salt) => argumentOf(argument, salt, dtype));
}

function argumentOf(argument: unknown, salt: number, dtype: DType): unknown {
  if (isSampleTensor(argument)) return madeOf(argument, salt, dtype);
  if (typeof argument !== "object" || argument === null || isNumberArgument(argument)) return argument;
  if (Array.isArray(argument)) return argument.map((each: unknown, k) => argumentOf(each, salt + k, dtype));
  return Object.fromEntries(
    Object.entries(argument).map(([name, value], k) => [name, argumentOf(value, salt + k, dtype)]),
  );
}

/** The tensors among arguments, also those in lists and options, in order. */
export function tensorsAmong(args: readonly unknown[]): Tensor[] {
  return args.flatMap((argument) => {
    if (isTensor(argument)) return [argument];
    if (typeof argument !== "object" || argument === null) return [];
    return tensorsAmong(Object.values(argument));
  });
}

/** The arguments with their tensors replaced, in order: what `tensorsAmong` gave may come back changed. */
export function withTensors(args: readonly unknown[], tensors: readonly Tensor[]): unknown[] {
  const rest = tensors.slice();
  const replaced = (argument: unknown): unknown => {
    if (isTensor(argument)) return rest.shift();
    if (typeof argument !== "object" || argument === null) return argument;
    if (Array.isArray(argument)) return argument.map(replaced);
    return Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, replaced(value)]));
  };
  return args.map(replaced);
}

/** What stands for a number where integers are asked for; as in the requests for goldens. */
function integral(value: number): number {
  return Number.isFinite(value) ? Math.trunc(value) : 0;
}

/** A leaf of the recipe's values and layout. */
function madeOf(recipe: SampleTensor, salt: number, dtype: DType): Tensor {
  const values = sampleValues(recipe, salt);
  const made = recipe.dtype === null ? dtype : dtypes[recipe.dtype];
  const elements =
    made.kind === "complex"
      ? complexSampleValues(values)
      : made.kind === "float"
        ? values
        : values.map(integral);
  const dense = tensor(elements, { dtype: made }).reshape(recipe.shape);
  switch (recipe.layout) {
    case "dense":
      return dense.clone();
    case "transposed":
      return dense
        .permute(recipe.shape.map((_, axis) => recipe.shape.length - 1 - axis))
        .contiguous()
        .permute(recipe.shape.map((_, axis) => recipe.shape.length - 1 - axis))
        .detach();
    case "stepped": {
      const wide = dense
        .unsqueeze(-1)
        .expand([...recipe.shape, 2])
        .clone();
      return wide.select(-1, 0).detach();
    }
  }
}
