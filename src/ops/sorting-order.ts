/**
 * The order of elements along a dimension: a stable merge sort of positions, in which NaN is the greatest.
 */

import type { ItemArray } from "../dtype.ts";
import { computeDtype, convertItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Numbers by which elements are ordered. */
export type Keys = Float64Array | BigInt64Array;

/** Dense items of a dtype as keys: numbers, or bigints for 64-bit integers. */
export function keysOf(dense: ItemArray, self: Tensor): Keys {
  if (dense instanceof BigInt64Array) return dense;
  if (dense instanceof BigUint64Array) return BigInt64Array.from(dense, (key) => key - 2n ** 63n);
  const compute = computeDtype(self.dtype);
  const items = compute === self.dtype ? dense : convertItems(dense, self.dtype, compute, self.count);
  return Float64Array.from(items as Float64Array);
}

/** Whether the key at `b` comes before that at `a`, so that the two have to change places. */
function isBefore(keys: Float64Array, b: number, a: number, isDescending: boolean): boolean {
  const [x, y] = [keys[b]!, keys[a]!];
  if (isDescending) return x > y || (x !== x && y === y);
  return x < y || (y !== y && x === x);
}

/** Runs that are sorted by insertion before they are merged. */
const runLength = 16;

/**
 * The positions 0 to n - 1 of the keys from `start` on, `step` apart, in the order of the keys. Equal keys keep theirs.
 */
export function orderOf(
  keys: Keys,
  start: number,
  step: number,
  n: number,
  isDescending: boolean,
): Uint32Array {
  // Comparison treats bigints as numbers.
  const values = keys as Float64Array;
  let order = new Uint32Array(n);
  for (let k = 0; k < n; k++) order[k] = k;
  for (let from = 0; from < n; from += runLength) {
    const to = Math.min(from + runLength, n);
    for (let k = from + 1; k < to; k++) {
      const moved = order[k]!;
      let at = k;
      while (
        at > from &&
        isBefore(values, start + moved * step, start + order[at - 1]! * step, isDescending)
      ) {
        order[at] = order[at - 1]!;
        at--;
      }
      order[at] = moved;
    }
  }
  let spare = new Uint32Array(n);
  for (let width = runLength; width < n; width *= 2) {
    for (let from = 0; from < n; from += 2 * width) {
      const middle = Math.min(from + width, n);
      const end = Math.min(from + 2 * width, n);
      let [left, right] = [from, middle];
      for (let k = from; k < end; k++) {
        const takesRight =
          left === middle ||
          (right < end &&
            isBefore(values, start + order[right]! * step, start + order[left]! * step, isDescending));
        spare[k] = takesRight ? order[right++]! : order[left++]!;
      }
    }
    [order, spare] = [spare, order];
  }
  return order;
}
