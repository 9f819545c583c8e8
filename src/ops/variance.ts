/**
 * Variances and standard deviations.
 */

import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { pairsOf, partsOf } from "../tensor/complex-items.ts";
import { realDtype } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { Op } from "./op.ts";
import { needs, op } from "./op.ts";
import type { ReduceArgument, ReduceOptions, Reduction } from "./reduction-arguments.ts";
import { reducedShape, toReduction, unreduced } from "./reduction-arguments.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";
import { where } from "./where.ts";

/** Options of variances. */
export interface VarianceOptions extends ReduceOptions {
  /** What is subtracted from the number of elements in the divisor; default 1, the unbiased estimate. */
  readonly correction?: number | null;
  /** `false` is `correction: 0`, `true` is `correction: 1`. */
  readonly unbiased?: boolean;
}

/** The dimensions, or whether to be unbiased, as PyTorch's first argument may be either. */
export type VarianceArgument = ReduceArgument | VarianceOptions | boolean;

/** What the arguments of a variance say. */
interface VarianceReduction extends Reduction {
  readonly correction: number;
}

/** Reads the arguments: `var(0)`, `var(false)`, `var(0, { correction: 0 })`. */
export function toVariance(
  rank: number,
  first?: VarianceArgument,
  second?: VarianceOptions,
): VarianceReduction {
  const isFlag = typeof first === "boolean";
  const fromFirst = typeof first === "object" && first !== null && !Array.isArray(first) ? first : {};
  const options: VarianceOptions = {
    ...(isFlag ? { unbiased: first } : (fromFirst as VarianceOptions)),
    ...second,
  };
  const { correction, unbiased } = options;
  const reduction = toReduction(rank, isFlag ? undefined : (first as ReduceArgument), second);
  return { ...reduction, correction: correction ?? (unbiased === false ? 0 : 1) };
}

/** How many elements there are to a line. */
function countOf(shape: readonly number[], { isReduced }: Reduction): number {
  return shape.reduce((count, length, axis) => (isReduced[axis] === true ? count * length : count), 1);
}

function variedDtype(dtype: DType): DType {
  if (dtype.bits >= 16) return lineDtype(dtype, "std");
  throw torchError("RuntimeError", `std_var_all: Unsupported dtype ${dtype.scalarType}`);
}

/** Mean and variance of each line, in two passes in double precision, rounded once. */
export function moments(
  self: Tensor,
  reduction: VarianceReduction,
  what: string,
): { variance: Tensor; mean: Tensor } {
  if (self.isComplex()) return momentsOfPairs(self, reduction, what);
  if (self.dtype.kind !== "float") {
    throw torchError("RuntimeError", `${what} only support floating point and complex dtypes`);
  }
  const shape = reducedShape(self.shape, reduction);
  const compute = variedDtype(self.dtype);
  const variance = newTensor(compute, shape, self.storage.device);
  const mean = newTensor(compute, shape, self.storage.device);
  if (self.storage.device === "cpu") {
    const lines = linesOf(self, reduction.isReduced, compute);
    const items = lines.items as Float64Array;
    const { length } = lines;
    const divisor = Math.max(0, length - reduction.correction);
    forEachLine(lines, (start, step, at) => {
      let sum = 0;
      for (let k = 0, i = start; k < length; k++, i += step) sum += items[i]!;
      const middle = sum / length;
      let squares = 0;
      for (let k = 0, i = start; k < length; k++, i += step) squares += (items[i]! - middle) ** 2;
      mean.items[at] = middle;
      variance.items[at] = squares / divisor;
    });
  }
  return { variance, mean };
}

/** The variance of complex numbers is the sum of those of their parts, and so is their mean. */
function momentsOfPairs(
  self: Tensor,
  reduction: VarianceReduction,
  what: string,
): { variance: Tensor; mean: Tensor } {
  const parts = partsOf(self.detach());
  const isReduced = [...reduction.isReduced, false];
  const ofParts = moments(parts, { ...reduction, isReduced }, what);
  return { variance: ofParts.variance.sum(-1), mean: pairsOf(ofParts.mean) };
}

/** ∂var/∂x = 2·(x − mean)/(n − correction), times the gradient. */
export function slopeOfVariance(g: Tensor, self: Tensor, reduction: VarianceReduction): Tensor {
  const divisor = Math.max(0, countOf(self.shape, reduction) - reduction.correction);
  const axes = self.shape.flatMap((_, axis) => (reduction.isReduced[axis] === true ? [axis] : []));
  const centred = self.sub(axes.length === 0 ? self : self.mean(axes, { keepdim: true }));
  return unreduced(g, self.shape, reduction)
    .mul(2 / divisor)
    .mul(centred);
}

/** The same for the standard deviation: ∂√v/∂v = 1/(2√v), 0 where v is 0. */
export function slopeOfDeviation(
  g: Tensor,
  self: Tensor,
  deviation: Tensor,
  reduction: VarianceReduction,
): Tensor {
  return slopeOfVariance(where(deviation.eq(0), 0, g.div(deviation.mul(2))), self, reduction);
}

function samples(): readonly Sample[] {
  return [
    [input([2, 3])],
    [input([2, 3]), 0],
    [input([2, 3, 2]), [0, 2], { keepdim: true }],
    [input([3, 2], { layout: "transposed" }), { dim: 1, correction: 0 }],
    [input([2, 3]), false],
    [input([2, 3]), { unbiased: false }],
    [input([4]), { correction: 2 }],
    [input([1], { smooth: false })],
    [input([], { smooth: false })],
    [input([2, 2], { values: [3, 3, 1, 2], smooth: false }), 1],
  ];
}

/** A variance or standard deviation over one, several or all dimensions. */
export type VarianceReducer = Op<(self: Tensor, dim?: VarianceArgument, options?: VarianceOptions) => Tensor>;

/**
 * The variance, unbiased unless told: Σ(x − mean)² / (n − correction). The method is `var`.
 *
 * Throws: PyTorch's RuntimeError for integers and bools.
 *
 * @example
 * tensor([1, 2, 3], { dtype: "float32" }).var(); // tensor(1.)
 */
export const variance: VarianceReducer = op({
  name: "var",
  takesComplex: true,
  inputs: ["self"],
  forward(self, dim?: VarianceArgument, options?: VarianceOptions) {
    const reduction = toVariance(self.shape.length, dim, options);
    return converted(moments(self, reduction, "std and var").variance, realDtype(self.dtype));
  },
  backward: {
    self: needs(["self"], (g, { self }, dim?: VarianceArgument, options?: VarianceOptions) =>
      slopeOfVariance(g, self, toVariance(self.shape.length, dim, options)),
    ),
  },
  samples,
});

/** The standard deviation, the square root of the variance. Throws: as `var`. */
export const std: VarianceReducer = op({
  name: "std",
  takesComplex: true,
  inputs: ["self"],
  forward(self, dim?: VarianceArgument, options?: VarianceOptions) {
    const reduction = toVariance(self.shape.length, dim, options);
    return converted(rooted(moments(self, reduction, "std and var").variance), realDtype(self.dtype));
  },
  backward: {
    self: needs(
      ["self", "output"],
      (g, { self, output }, dim?: VarianceArgument, options?: VarianceOptions) =>
        slopeOfDeviation(g, self, output, toVariance(self.shape.length, dim, options)),
    ),
  },
  samples,
});

/** The square roots, in place. */
export function rooted(variances: Tensor): Tensor {
  for (let at = 0; at < variances.count; at++) variances.items[at] = Math.sqrt(Number(variances.items[at]));
  return variances;
}

/** The methods of this family; nothing can be declared by the name `var`. */
export const varianceMethods: { readonly var: VarianceReducer; readonly std: VarianceReducer } = {
  var: variance,
  std,
};
