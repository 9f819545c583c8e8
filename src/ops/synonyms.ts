/**
 * Ops by their second names, as PyTorch has them from NumPy.
 */

import type { Tensor } from "../tensor/tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { ge, gt, le, lt, ne } from "./comparison.ts";
import { div } from "./division.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed } from "./op.ts";
import { neg } from "./pointwise.ts";
import { trunc } from "./rounding.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";
import { acos, acosh, asin, asinh, atan, atan2, atanh } from "./trigonometry.ts";

type Call = (self: Tensor, ...rest: never[]) => Tensor;

/** An op under another name: the same function, node and all, with its twin. */
function synonym<F extends Call>(
  name: string,
  of: InPlaceOp<F>,
  samples: () => readonly Sample[],
): InPlaceOp<F> {
  const run = of as unknown as (...args: unknown[]) => Tensor;
  const call = (...args: unknown[]): Tensor => run(...args);
  return Object.assign(composed({ name, samples }, call as unknown as F), { inPlace: of.inPlace });
}

const pair = (): readonly Sample[] => [
  [input([2, 3]), input([3], { low: 1, high: 2 })],
  [input([2]), 2],
];
const single = (): readonly Sample[] => [[input([2, 3])]];
const within = (): readonly Sample[] => [[input([2, 3], { low: -0.9, high: 0.9 })]];

/** `mul`. */
export const multiply: typeof mul = synonym("multiply", mul, pair);
/** `sub`. */
export const subtract: typeof sub = synonym("subtract", sub, pair);
/** `div`. */
export const divide: typeof div = synonym("divide", div, pair);
/** `neg`. */
export const negative: typeof neg = synonym("negative", neg, single);
/** `trunc`. */
export const fix: typeof trunc = synonym("fix", trunc, single);
/** `gt`. */
export const greater: typeof gt = synonym("greater", gt, pair);
/** `ge`. */
export const greaterEqual: typeof ge = synonym("greaterEqual", ge, pair);
/** `lt`. */
export const less: typeof lt = synonym("less", lt, pair);
/** `le`. */
export const lessEqual: typeof le = synonym("lessEqual", le, pair);
/** `ne`. */
export const notEqual: typeof ne = synonym("notEqual", ne, pair);
/** `acos`. */
export const arccos: typeof acos = synonym("arccos", acos, within);
/** `asin`. */
export const arcsin: typeof asin = synonym("arcsin", asin, within);
/** `atan`. */
export const arctan: typeof atan = synonym("arctan", atan, single);
/** `asinh`. */
export const arcsinh: typeof asinh = synonym("arcsinh", asinh, single);
/** `atanh`. */
export const arctanh: typeof atanh = synonym("arctanh", atanh, within);
/** `acosh`. */
export const arccosh: typeof acosh = synonym("arccosh", acosh, () => [
  [input([2, 3], { low: 1.2, high: 3 })],
]);
/** `atan2`. */
export const arctan2: Op<(self: Tensor, other: Tensor) => Tensor> = synonym("arctan2", atan2, () => [
  [input([2, 3]), input([3])],
]);
