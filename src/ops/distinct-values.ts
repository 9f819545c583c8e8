/**
 * Values without repetition, and their places among sorted ones: `unique`, `searchsorted`, `bucketize`.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { sameShape, shapeText, toAxis, toSize } from "../shape.ts";
import { convertItems, denseItems } from "../tensor/elements.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import { numberTensor } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";
import { keysOf, orderOf } from "./sorting-order.ts";

/** Options of `unique` and `uniqueConsecutive`. */
export interface UniqueOptions {
  /** Slices along this dimension are compared instead of elements. */
  readonly dim?: number;
  /** Also give the place of every element in the result. Default false. */
  readonly returnInverse?: boolean;
  /** Also give how often each value occurs. Default false. */
  readonly returnCounts?: boolean;
}

function int64Of(numbers: Float64Array, shape: readonly number[]): Tensor {
  const out = newTensor(dtypes.int64, toSize(shape.slice()));
  out.items.set(convertItems(numbers, dtypes.float64, dtypes.int64, numbers.length) as never);
  return out;
}

/** The slices of a tensor along an axis as rows; without an axis, its elements. */
function rowsOf(self: Tensor, dim: number | undefined): { rows: Tensor; axis: number | null } {
  if (dim === undefined) return { rows: self.detach().reshape([self.count, 1]), axis: null };
  const axis = toAxis(dim, self.shape.length);
  const moved = self.detach().movedim(axis, 0);
  const length = moved.shape[0] ?? 1;
  return { rows: moved.reshape([length, length === 0 ? 0 : self.count / length]), axis };
}

/** The order of the rows: by their last column, then by the one before it, as a stable sort allows. */
function orderOfRows(rows: Tensor): Uint32Array {
  const [n, width] = rows.shape as unknown as [number, number];
  const keys = keysOf(denseItems(rows), rows);
  if (width === 1) return orderOf(keys, 0, 1, n, false);
  let order = Uint32Array.from({ length: n }, (_, k) => k);
  const column = keys.slice(0, n);
  for (let at = width - 1; at >= 0; at--) {
    for (let k = 0; k < n; k++) column[k] = keys[order[k]! * width + at]!;
    const step = orderOf(column, 0, 1, n, false);
    order = step.map((place) => order[place]!);
  }
  return order;
}

/** Finds runs of equal rows in an order: the first of each, the run of every row, the lengths of the runs. */
function runsIn(
  rows: Tensor,
  order: Uint32Array,
): { firsts: number[]; inverse: Float64Array; counts: number[] } {
  const width = rows.shape[1]!;
  // Items, not numbers, so that half types are compared by their values' bits; zeros of both signs are equal.
  const items = keysOf(denseItems(rows), rows) as Float64Array;
  const inverse = new Float64Array(order.length);
  const firsts: number[] = [];
  const counts: number[] = [];
  order.forEach((row, k) => {
    let isNew = k === 0;
    for (let at = 0; at < width && !isNew; at++) {
      isNew = items[row * width + at] !== items[order[k - 1]! * width + at];
    }
    if (isNew) {
      firsts.push(row);
      counts.push(0);
    }
    inverse[row] = firsts.length - 1;
    counts[counts.length - 1]!++;
  });
  return { firsts, inverse, counts };
}

function distinct(self: Tensor, order: (rows: Tensor) => Uint32Array, options: UniqueOptions): Tensor[] {
  const { rows, axis } = rowsOf(self, options.dim);
  const { firsts, inverse, counts } = runsIn(rows, order(rows));
  const places = int64Of(Float64Array.from(firsts), [firsts.length]);
  const values =
    axis === null
      ? self.detach().reshape(-1).indexSelect(0, places)
      : self.detach().movedim(axis, 0).indexSelect(0, places).movedim(0, axis);
  const results = [values];
  if (options.returnInverse === true) {
    results.push(int64Of(inverse, axis === null ? self.shape : [rows.shape[0]!]));
  }
  if (options.returnCounts === true) {
    results.push(int64Of(Float64Array.from(counts), [counts.length]));
  }
  return results;
}

/** What `unique` gives: the values, or a list that begins with them. */
export type Unique = Op<(self: Tensor, options?: UniqueOptions) => Tensor | Tensor[]>;

/** Makes an op that gives values without repetition; like PyTorch's it has a node, but no derivative. */
function distinctOp(
  name: string,
  nodes: { readonly elements: string; readonly slices: string },
  order: (rows: Tensor) => Uint32Array,
  samples: Unique["op"]["samples"],
): Unique {
  return jointOp({
    name,
    gradName: (_self: Tensor, options?: UniqueOptions) =>
      options?.dim === undefined ? nodes.elements : nodes.slices,
    tensors: (self: Tensor) => [self],
    forward(self: Tensor, options: UniqueOptions = {}) {
      if (self.isComplex()) throw notImplemented("unique", self.dtype);
      return distinct(self, order, options);
    },
    backward(_gradients, { args: [, options] }) {
      const node = options?.dim === undefined ? nodes.elements : nodes.slices;
      const kernel = node.replace("Backward0", "").replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`);
      throw torchError(
        "NotImplementedError",
        `the derivative for '${kernel.toLowerCase().replace("unique2", "_unique2")}' is not implemented.`,
      );
    },
    result: (outputs) => (outputs.length === 1 ? outputs[0]! : outputs.slice()),
    samples,
  });
}

/**
 * The values of a tensor in ascending order, each once; with options a list of values, inverse and counts. Every NaN is
 * a value of its own.
 *
 * @example
 * tensor([3, 1, 3]).unique({ returnCounts: true }); // [tensor([1, 3]), tensor([1, 2])]
 */
export const unique: Unique = distinctOp(
  "unique",
  { elements: "Unique2Backward0", slices: "UniqueDimBackward0" },
  orderOfRows,
  () => [
    [input([4], { values: [3, 1, 2, 1], smooth: false })],
    [
      input([2, 3], { values: [3, 1, 2, 1, 3, 3], smooth: false }),
      { returnInverse: true, returnCounts: true },
    ],
    [
      input([3, 2], { values: [3, 1, 2, 1, 3, 1], smooth: false }),
      { dim: 0, returnInverse: true, returnCounts: true },
    ],
    [input([2, 3], { values: [3, 2, 3, 1, 1, 1], smooth: false }), { dim: 1 }],
    [input([3], { values: [NaN, 1, NaN], smooth: false })],
    [input([0], { smooth: false })],
    [input([2]), { dim: 1 }],
  ],
);

/** The values without immediate repetitions, in their order; with options a list of values, inverse and counts. */
export const uniqueConsecutive: Unique = distinctOp(
  "uniqueConsecutive",
  { elements: "UniqueConsecutiveBackward0", slices: "UniqueConsecutiveBackward0" },
  (rows) => Uint32Array.from({ length: rows.shape[0]! }, (_, k) => k),
  () => [
    [input([5], { values: [1, 1, 2, 2, 1], smooth: false })],
    [input([5], { values: [1, 1, 2, 2, 1], smooth: false }), { returnInverse: true, returnCounts: true }],
    [input([3, 2], { values: [1, 2, 1, 2, 0, 1], smooth: false }), { dim: 0 }],
  ],
);

/** Options of `searchsorted` and `bucketize`. */
export interface SearchOptions {
  /** Whether equal values go behind the boundary instead of before it. Default false. */
  readonly right?: boolean;
  /** int32 instead of int64 results. Default false. */
  readonly outInt32?: boolean;
}

/** How many of the sorted numbers from `start` on are less than a value, or also equal with `isRight`. */
function countBelow(
  sorted: Float64Array,
  start: number,
  length: number,
  value: number,
  isRight: boolean,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bound = sorted[start + middle]!;
    if (isRight ? !(bound > value) : !(bound >= value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function numbersOf(self: Tensor): Float64Array {
  return denseItems(self.detach().to(dtypes.float64)) as Float64Array;
}

function search(sorted: Tensor, values: Tensor, options: SearchOptions): Tensor {
  if (sorted.dtype === dtypes.bool) {
    throw torchError("NotImplementedError", `"searchsorted_out_cpu" not implemented for 'Bool'`);
  }
  const length = sorted.shape.at(-1)!;
  const perRow = sorted.shape.length === 1 ? values.count : values.shape.at(-1)!;
  const [bounds, wanted] = [numbersOf(sorted), numbersOf(values)];
  const places = Float64Array.from(wanted, (value, k) =>
    countBelow(bounds, Math.floor(k / perRow) * length, length, value, options.right === true),
  );
  const found = int64Of(places, values.shape);
  return options.outInt32 === true ? found.to(dtypes.int32) : found;
}

/**
 * Where values would have to be inserted among the sorted ones along the last dimension so that they stay sorted.
 *
 * Shape: self (n) and any values, or self (*, n) and values (*, m); as the values.
 * Throws: PyTorch's RuntimeErrors for shapes that do not fit.
 *
 * @example
 * tensor([1, 3, 5]).searchsorted(tensor([3, 6])); // tensor([1, 3])
 */
export const searchsorted: Op<
  (self: Tensor, values: Tensor | ScalarArgument, options?: SearchOptions) => Tensor
> = composed(
  {
    name: "searchsorted",
    torch: "torch.searchsorted",
    isDifferentiable: false,
    samples: () => [
      [input([3], { values: [1, 3, 5] }), input([2, 2], { values: [0, 1, 2, 6] })],
      [input([3], { values: [1, 3, 5] }), input([4], { values: [0, 1, 5, 6] }), { right: true }],
      [input([2, 2], { values: [1, 3, 2, 4] }), input([2, 1], { values: [2, 3] })],
      [input([2, 2], { values: [1, 3, 2, 4] }), input([1, 1], { values: [2] })],
    ],
  },
  (self: Tensor, values: Tensor | ScalarArgument, options: SearchOptions = {}): Tensor => {
    const wanted = isTensor(values) ? values : numberTensor(values);
    const rank = self.shape.length;
    if (rank !== 1 && wanted.shape.length === 0) {
      throw torchError(
        "RuntimeError",
        `torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${rank}) and input value's dim(0) numel(1)`,
      );
    }
    const fits = rank === 1 || sameShape(self.shape.slice(0, -1), wanted.shape.slice(0, -1));
    if (!fits) {
      throw torchError(
        "RuntimeError",
        `torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${shapeText(self.shape)} and input value tensor ${shapeText(wanted.shape)}`,
      );
    }
    return search(self, wanted, options);
  },
);

/**
 * The number of the bucket of every element, between sorted boundaries.
 *
 * Throws: PyTorch's RuntimeError for boundaries that are no vector.
 */
export const bucketize: Op<(self: Tensor, boundaries: Tensor, options?: SearchOptions) => Tensor> = composed(
  {
    name: "bucketize",
    torch: "torch.bucketize",
    isDifferentiable: false,
    samples: () => [
      [input([2, 2], { values: [1, 6, 3, 0] }), input([3], { values: [1, 3, 5] })],
      [input([2], { values: [1, 6] }), input([3], { values: [1, 3, 5] }), { right: true }],
      [input([2]), input([1, 3])],
    ],
  },
  (self: Tensor, boundaries: Tensor, options: SearchOptions = {}): Tensor => {
    if (boundaries.shape.length !== 1) {
      throw torchError(
        "RuntimeError",
        `boundaries tensor must be 1 dimension, but got dim(${boundaries.shape.length})`,
      );
    }
    return search(boundaries, self, options);
  },
);
