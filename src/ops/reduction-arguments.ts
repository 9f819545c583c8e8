/**
 * What the arguments of reductions say: which dimensions, whether they stay, in which dtype.
 */

import type { DType } from "../dtype.ts";
import { toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { toAxis, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

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

/** Which dimensions go, and whether they stay with length 1. */
export interface ReducedAxes {
  /** By axis: whether it is reduced. */
  readonly isReduced: readonly boolean[];
  readonly keepdim: boolean;
}

/** What the arguments of a reduction say, for a tensor of some rank. */
export interface Reduction extends ReducedAxes {
  readonly dtype: DType | null;
  /** Whether all dimensions are reduced because none was named. */
  readonly isTotal: boolean;
  /** The dimensions that were named. */
  readonly axes: readonly number[];
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
  const dtype = askedDtype(options);
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
  return { isReduced, keepdim, dtype, isTotal: dim === null || dim === undefined, axes: [...seen] };
}

/** The dtype that the arguments of a reduction ask for, or null. */
export function askedDtype(first?: ReduceArgument, second?: ReduceOptions): DType | null {
  const dtype = second?.dtype ?? (isOptions(first) ? first.dtype : null);
  return dtype === null || dtype === undefined ? null : toDtype(dtype);
}

/** The shape after a reduction. */
export function reducedShape(shape: Size, reduction: ReducedAxes): Size {
  const { isReduced, keepdim } = reduction;
  if (keepdim) return toSize(shape.map((length, axis) => (isReduced[axis] === true ? 1 : length)));
  return toSize(shape.filter((_, axis) => isReduced[axis] !== true));
}

/** A gradient of the reduced shape, made to broadcast over the shape before. */
export function unreduced(gradient: Tensor, shape: Size, reduction: ReducedAxes): Tensor {
  if (reduction.keepdim) return gradient;
  let result = gradient;
  for (let axis = 0; axis < shape.length; axis++)
    if (reduction.isReduced[axis] === true) result = result.unsqueeze(axis);
  return result;
}

/** PyTorch has two nodes for a reduction: number 0 over everything, number 1 over named dimensions. */
export function toReductionName(name: string, dim?: ReduceArgument, options?: ReduceOptions): string {
  const named =
    isOptions(dim) || dim === undefined ? { ...(isOptions(dim) ? dim : {}), ...options }.dim : dim;
  return `${name}Backward${named === null || named === undefined ? 0 : 1}`;
}

/** What the arguments of an op along one dimension say. */
export interface LineArguments {
  /** The dimension, or null for all elements in one line. */
  readonly axis: number | null;
  readonly keepdim: boolean;
  readonly dtype: DType | null;
}

/**
 * Reads the arguments of an op along one dimension: `max(1)`, `argmax({ dim: 1, keepdim: true })`.
 *
 * Throws: PyTorch's IndexError for a dimension that is out of range.
 */
export function toLine(rank: number, first?: ReduceArgument, second?: ReduceOptions): LineArguments {
  const { isTotal, keepdim, dtype, axes } = toReduction(rank, first, second);
  return { axis: isTotal ? null : axes[0]!, keepdim, dtype };
}

/** Which axes a line goes along. */
export function alongAxis(rank: number, axis: number | null): boolean[] {
  return Array.from({ length: rank }, (_, each) => axis === null || each === axis);
}

/** Throws PyTorch's IndexError for a maximum and its like over a dimension that is empty. */
export function requireElements(
  name: string,
  self: Tensor,
  axis: number | null,
  dim: number | null = axis,
): void {
  if (axis === null) {
    if (self.count > 0) return;
    throw torchError(
      "RuntimeError",
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  }
  if (self.shape.length === 0 || self.shape[axis]! > 0) return;
  throw torchError("IndexError", `${name}(): Expected reduction dim ${dim} to have non-zero size.`);
}
