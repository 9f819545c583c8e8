/** The elements of live tensors as float64 numbers, and their statistics. */

import { dtypes } from "../dtype.ts";
import {
  blockLength,
  emptyStatistics,
  mergeStatistics,
  reduceBlock,
  reduceValues,
} from "../inspect/statistics.ts";
import type { PartialStatistics } from "../inspect/statistics.ts";
import { isUninitialized } from "../nn/uninitialized.ts";
import { convertItems, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Elements in row-major order; of complex ones the magnitudes. Float tensors that lie so are not copied. */
export function numbersOf(tensor: Tensor): Float32Array | Float64Array {
  const items = denseItems(tensor);
  const { dtype, count } = tensor;
  if (items instanceof Float64Array || items instanceof Float32Array) {
    if (dtype.kind !== "complex") return items;
  }
  if (dtype.kind !== "complex") return convertItems(items, dtype, dtypes.float64, count) as Float64Array;
  const parts = convertItems(items, dtype, dtypes.complex128, count) as Float64Array;
  return Float64Array.from({ length: count }, (_, k) => Math.hypot(parts[2 * k]!, parts[2 * k + 1]!));
}

/** The statistics of a tensor's elements, in a form that merges. */
export function reduceTensor(tensor: Tensor): PartialStatistics {
  return reduceValues(numbersOf(tensor));
}

/** Whether a tensor has elements to read: not on the meta device, nor in a lazy layer before its first input. */
export function isComplete(tensor: Tensor): boolean {
  return tensor.device !== "meta" && !isUninitialized(tensor);
}

/** The shape for a report; empty where a lazy layer does not know it yet. */
export function knownShape(tensor: Tensor): readonly number[] {
  return isUninitialized(tensor) ? [] : [...tensor.shape];
}

/** The statistics of the differences, after minus before, taken in float64. What is the same, NaN too, differs by 0. */
export function reduceDifference(
  before: Float32Array | Float64Array,
  after: Float32Array | Float64Array,
): PartialStatistics {
  const block = new Float64Array(Math.min(blockLength, after.length));
  let whole = emptyStatistics;
  for (let start = 0; start < after.length; start += blockLength) {
    const length = Math.min(blockLength, after.length - start);
    for (let k = 0; k < length; k++) {
      const value = after[start + k]!;
      const former = before[start + k]!;
      block[k] = Object.is(value, former) ? 0 : value - former;
    }
    whole = mergeStatistics(whole, reduceBlock(block, 0, length));
  }
  return whole;
}
