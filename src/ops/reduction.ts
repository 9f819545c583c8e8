/**
 * Reductions: what makes one element of many.
 */

import type { DType } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { toAxis, toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import type { Op } from "./op.ts";
import { needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

/** Options of reductions over dimensions. */
export interface ReduceOptions {
  /** The dimensions to reduce; default: all. */
  readonly dim?: number | readonly number[] | null;
  /** Keep the reduced dimensions, with length 1. Default false. */
  readonly keepdim?: boolean;
  /** Convert to this dtype first. */
  readonly dtype?: DType | string | null;
}

/** The dimensions to reduce, given by position or in options. */
export type ReduceArgument = number | readonly number[] | ReduceOptions | null;

/** What the arguments of a reduction say, for a tensor of some rank. */
export interface Reduction {
  /** By axis: whether it is reduced. */
  readonly isReduced: readonly boolean[];
  readonly keepdim: boolean;
  readonly dtype: DType | null;
  /** Whether all dimensions are reduced because none was named. */
  readonly isTotal: boolean;
}

function isOptions(argument: ReduceArgument | undefined): argument is ReduceOptions {
  return typeof argument === "object" && argument !== null && !Array.isArray(argument);
}

/**
 * Reads the arguments of a reduction: `sum(1)`, `sum([0, 1], { keepdim: true })`, `sum({ dim: 1 })`.
 *
 * Throws: PyTorch's errors for dimensions that are out of range or named twice.
 */
export function toReduction(rank: number, first?: ReduceArgument, second?: ReduceOptions): Reduction {
  const options: ReduceOptions = { ...(isOptions(first) ? first : {}), ...second };
  const dim = isOptions(first) || first === undefined ? options.dim : first;
  const dtype = options.dtype === null || options.dtype === undefined ? null : toDtype(options.dtype);
  const keepdim = options.keepdim ?? false;
  const named = dim === null || dim === undefined ? [] : typeof dim === "number" ? [dim] : dim;
  const isTotal = named.length === 0;
  const isReduced: boolean[] = Array.from({ length: rank }, () => isTotal);
  const seen = new Set<number>();
  for (const each of named) {
    const axis = toAxis(each, rank);
    if (seen.has(axis)) {
      throw torchError("RuntimeError", `dim ${axis} appears multiple times in the list of dims`);
    }
    seen.add(axis);
    if (rank > 0) isReduced[axis] = true;
  }
  return { isReduced, keepdim, dtype, isTotal: dim === null || dim === undefined };
}

/** The shape after a reduction. */
export function reducedShape(shape: Size, reduction: Reduction): Size {
  const { isReduced, keepdim } = reduction;
  if (keepdim) return toSize(shape.map((length, axis) => (isReduced[axis] === true ? 1 : length)));
  return toSize(shape.filter((_, axis) => isReduced[axis] !== true));
}

/** A gradient of the reduced shape, made to broadcast over the shape before. */
export function unreduced(gradient: Tensor, shape: Size, reduction: Reduction): Tensor {
  if (reduction.keepdim) return gradient;
  let result = gradient;
  for (let axis = 0; axis < shape.length; axis++)
    if (reduction.isReduced[axis] === true) result = result.unsqueeze(axis);
  return result;
}

/** Sums in double precision (integers exactly) and rounds once. PyTorch adds in float32 by parts: equal within 1e-6. */
function sumForward(self: Tensor, first?: ReduceArgument, second?: ReduceOptions): Tensor {
  const isWhole = first === undefined && second === undefined;
  const reduction = isWhole ? null : toReduction(self.shape.length, first, second);
  const isIntegral = self.dtype.kind === "int" || self.dtype.kind === "uint" || self.dtype.kind === "bool";
  const dtype = reduction?.dtype ?? (isIntegral ? dtypes.int64 : self.dtype);
  const shape = reduction === null ? toSize([]) : reducedShape(self.shape, reduction);
  const compute = computeDtype(dtype);
  const source = converted(self, compute);
  const out = newTensor(compute, shape, self.storage.device);
  if (self.storage.device === "meta") return converted(out, dtype);
  const isEverything = reduction === null || reduction.isReduced.every(Boolean);
  if (compute === dtypes.float32 || compute === dtypes.float64) {
    if (isEverything) out.items[0] = total(denseItems(source) as Float64Array, source.count);
    else
      sumAxes(denseItems(source) as Float64Array, self.shape, reduction.isReduced, out.items as Float64Array);
  } else if (compute === dtypes.int64) {
    sumBig(
      denseItems(source) as BigInt64Array,
      self.shape,
      reduction?.isReduced ?? self.shape.map(() => true),
      out.items as BigInt64Array,
    );
  } else sumConverted(source, self.shape, reduction?.isReduced ?? self.shape.map(() => true), out);
  return converted(out, dtype);
}

function total(items: Float64Array, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += items[k]!;
  return sum;
}

/** Steps by axis through the result of a reduction: 0 along reduced axes. */
function resultSteps(shape: readonly number[], isReduced: readonly boolean[]): number[] {
  const steps: number[] = shape.map(() => 0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (isReduced[axis] === true) continue;
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
}

/** Calls `run(from, to, step, n)` for each row of a dense tensor: where its sum goes, and how far apart. */
function forEachDenseRow(
  shape: readonly number[],
  isReduced: readonly boolean[],
  run: (from: number, to: number, step: number, n: number) => void,
): void {
  const steps = resultSteps(shape, isReduced);
  const last = shape.length - 1;
  const n = last < 0 ? 1 : shape[last]!;
  const rows = shape.reduce((product, length, axis) => (axis < last ? product * length : product), 1);
  if (n === 0) return;
  const index = new Int32Array(Math.max(last, 0));
  let to = 0;
  for (let row = 0; row < rows; row++) {
    run(row * n, to, last < 0 ? 0 : steps[last]!, n);
    for (let axis = last - 1; axis >= 0; axis--) {
      to += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      to -= shape[axis]! * steps[axis]!;
      index[axis] = 0;
    }
  }
}

function sumAxes(
  items: Float64Array,
  shape: readonly number[],
  isReduced: readonly boolean[],
  out: Float64Array,
): void {
  const sums = new Float64Array(out.length);
  forEachDenseRow(shape, isReduced, (from, to, step, n) => {
    for (let k = 0, at = to; k < n; k++, at += step) sums[at]! += items[from + k]!;
  });
  out.set(sums);
}

function sumBig(
  items: BigInt64Array,
  shape: readonly number[],
  isReduced: readonly boolean[],
  out: BigInt64Array,
): void {
  forEachDenseRow(shape, isReduced, (from, to, step, n) => {
    for (let k = 0, at = to; k < n; k++, at += step) out[at]! += items[from + k]!;
  });
}

/** Sums into narrow integers wrap: by way of 64 bits, which wrap to the same. */
function sumConverted(
  source: Tensor,
  shape: readonly number[],
  isReduced: readonly boolean[],
  out: Tensor,
): void {
  const wide = newTensor(dtypes.int64, out.shape);
  sumBig(
    denseItems(converted(source, dtypes.int64)) as BigInt64Array,
    shape,
    isReduced,
    wide.items as BigInt64Array,
  );
  out.items.set(converted(wide, out.dtype).items as never);
}

/**
 * The sum over some dimensions, or over all. Integers and bools sum to int64.
 *
 * Shape: the dimensions that were summed are gone, or 1 with `keepdim`.
 * Throws: PyTorch's errors for dimensions that are out of range or named twice.
 *
 * @example
 * ones(2, 3).sum(1); // tensor([3., 3.])
 */
export const sum: Op<(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions) => Tensor> = op({
  name: "sum",
  inputs: ["self"],
  gradName: (dim?: ReduceArgument, options?: ReduceOptions) => toReductionName("Sum", dim, options),
  forward: (self, dim?: ReduceArgument, options?: ReduceOptions) => sumForward(self, dim, options),
  backward: {
    // ∂Σx/∂xᵢ = 1
    self: needsNothing((g, { shape }, dim?: ReduceArgument, options?: ReduceOptions) =>
      (dim === undefined && options === undefined
        ? g
        : unreduced(g, shape, toReduction(shape.length, dim, options))
      ).expand(shape),
    ),
  },
  samples: () => [
    [input([2, 3])],
    [input([2, 3]), 0],
    [input([2, 3, 2]), [0, -1], { keepdim: true }],
    [input([3, 2], { layout: "transposed" }), { dim: 1 }],
    [input([])],
    [input([0, 3]), 0],
  ],
});

/** PyTorch has two nodes for a reduction: number 0 over everything, number 1 over named dimensions. */
export function toReductionName(name: string, dim?: ReduceArgument, options?: ReduceOptions): string {
  const named =
    isOptions(dim) || dim === undefined ? { ...(isOptions(dim) ? dim : {}), ...options }.dim : dim;
  return `${name}Backward${named === null || named === undefined ? 0 : 1}`;
}
