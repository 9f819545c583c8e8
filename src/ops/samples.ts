/**
 * Sample arguments of ops, as data: the same recipes feed gradient checks here and goldens made by PyTorch.
 */

import type { DTypeName } from "../dtype.ts";

/** How the elements of a sample lie in memory. */
export type SampleLayout = "dense" | "transposed" | "stepped";

/** A tensor to be made for a sample; without `values`, evenly spread numbers between `low` and `high` in mixed order. */
export interface SampleTensor {
  readonly kind: "tensor";
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly values: readonly number[] | null;
  /** Fixed dtype, for index and mask arguments; null where the op's own dtypes are tried. */
  readonly dtype: DTypeName | null;
  readonly layout: SampleLayout;
}

/** The arguments of one call; tensors are recipes, all else is passed as it is. */
export type Sample = readonly unknown[];

/** What may be said about a sample tensor beside its shape. */
export interface SampleOptions {
  /** Smallest value; default -2. */
  readonly low?: number;
  /** Largest value; default 2. */
  readonly high?: number;
  readonly values?: readonly number[];
  readonly dtype?: DTypeName;
  readonly layout?: SampleLayout;
}

/** A recipe for a tensor. */
export function input(shape: readonly number[], options: SampleOptions = {}): SampleTensor {
  return {
    kind: "tensor",
    shape,
    low: options.low ?? -2,
    high: options.high ?? 2,
    values: options.values ?? null,
    dtype: options.dtype ?? null,
    layout: options.layout ?? "dense",
  };
}

/** Whether an argument of a sample is a recipe. */
export function isSampleTensor(argument: unknown): argument is SampleTensor {
  return typeof argument === "object" && argument !== null && (argument as SampleTensor).kind === "tensor";
}

/**
 * The elements of a recipe, in row-major order. Spread evenly, so that none are equal and none falls on 0 by accident,
 * in an order mixed by a multiplicative step; `salt` keeps several arguments of one call apart.
 */
export function sampleValues(recipe: SampleTensor, salt: number): number[] {
  if (recipe.values !== null) return recipe.values.slice();
  const count = recipe.shape.reduce((product, length) => product * length, 1);
  const step = 7919 + 2 * salt;
  return Array.from({ length: count }, (_, k) => {
    const place = (((k + 1) * step) % 104_729) / 104_729;
    const spread = (place + (k + 0.37 + 0.11 * salt) / (count + 1)) % 1;
    return Number((recipe.low + (recipe.high - recipe.low) * spread).toFixed(4));
  });
}
