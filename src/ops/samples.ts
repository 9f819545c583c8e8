/**
 * Sample arguments of ops, as data: the same recipes feed gradient checks here and goldens made by PyTorch.
 */

import type { Complex, DTypeName } from "../dtype.ts";
import { countOf } from "../shape.ts";

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
  /** Whether differences show the derivative: false at kinks, ties and where values are not finite. */
  readonly isSmooth: boolean;
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
  /** False at kinks, ties and where values are not finite: then gradients are compared with goldens only. */
  readonly smooth?: boolean;
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
    isSmooth: options.smooth ?? true,
  };
}

/** Whether an argument of a sample is a recipe. */
export function isSampleTensor(argument: unknown): argument is SampleTensor {
  return typeof argument === "object" && argument !== null && (argument as SampleTensor).kind === "tensor";
}

/** Whether the derivative of an op at the sample can be seen from differences. */
export function isSmooth(sample: Sample): boolean {
  return sample.every((argument) => {
    if (isSampleTensor(argument)) return argument.isSmooth;
    return typeof argument !== "object" || argument === null || isSmooth(Object.values(argument));
  });
}

/** Tensors of several shapes and layouts, for ops of one tensor: their values lie between `low` and `high`. */
export function anyShape(low: number = -2, high: number = 2): readonly Sample[] {
  return [
    [input([2, 3], { low, high })],
    [input([], { low, high })],
    [input([3, 2], { low, high, layout: "transposed" })],
    [input([0], { low, high })],
  ];
}

/** Samples of activations with the same further arguments: away from kinks, and at them and beyond. */
export function activationSamples(...args: readonly unknown[]): readonly Sample[] {
  return [
    ...anyShape().map((sample) => sample.concat(args)),
    [input([7], { values: [0, -3, 3, 30, -30, Infinity, NaN], smooth: false }), ...args],
  ];
}

/** Pairs of tensors that broadcast, and a tensor with a number, for ops of two operands. */
export function anyPair(low: number = -2, high: number = 2, number: number = 2): readonly Sample[] {
  return [
    [input([2, 3], { low, high }), input([3], { low, high })],
    [input([2, 1], { low, high }), input([1, 3], { low, high, layout: "stepped" })],
    [input([3, 2], { low, high, layout: "transposed" }), input([], { low, high })],
    [input([2, 2], { low, high }), number],
  ];
}

/** The values of a recipe as complex numbers: the imaginary parts are the real ones from the other end. */
export function complexSampleValues(values: readonly number[]): Complex[] {
  return values.map((re, k) => ({ re, im: values[values.length - 1 - k]! + 0.25 }));
}

/**
 * The elements of a recipe, in row-major order. Spread evenly, so that none are equal and none falls on 0 by accident,
 * in an order mixed by a multiplicative step; `salt` keeps several arguments of one call apart.
 */
export function sampleValues(recipe: SampleTensor, salt: number): number[] {
  if (recipe.values !== null) return recipe.values.slice();
  const count = countOf(recipe.shape);
  const step = 7919 + 2 * salt;
  return Array.from({ length: count }, (_, k) => {
    const place = (((k + 1) * step) % 104_729) / 104_729;
    const spread = (place + (k + 0.37 + 0.11 * salt) / (count + 1)) % 1;
    return Number((recipe.low + (recipe.high - recipe.low) * spread).toFixed(4));
  });
}
