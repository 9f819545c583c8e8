/**
 * Ordering along a dimension: `sort`, `topk` and what follows from them.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { countOf, toAxis, toSize } from "../shape.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike } from "../tensor/tensor.ts";
import { IndexedValues } from "./indexed-values.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";
import { keysOf, orderOf } from "./sorting-order.ts";

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Default -1. */
  readonly dim?: number;
  /** From the greatest to the smallest. Default false. */
  readonly descending?: boolean;
  /** Whether equal elements keep their order; here they always do. */
  readonly stable?: boolean;
}

/** Options of `topk`. */
export interface TopkOptions {
  /** Default -1. */
  readonly dim?: number;
  /** The greatest, or else the smallest. Default true. */
  readonly largest?: boolean;
  /** Whether they come in order; here they always do. */
  readonly sorted?: boolean;
}

/** The dimension given by position or in options. */
function withDim<Options extends { readonly dim?: number }>(
  dim: number | Options | undefined,
  options: Options | undefined,
): Options & { readonly dim: number } {
  const named = (typeof dim === "object" ? dim : options) ?? ({} as Options);
  return { ...named, dim: typeof dim === "number" ? dim : (named.dim ?? -1) };
}

/**
 * Takes the first `count` elements in order along an axis, of every row: values and indices, row-major. `self` is dense.
 */
function firstInOrder(
  self: Tensor,
  axis: number,
  count: number,
  isDescending: boolean,
): { values: Tensor; indices: Tensor } {
  const shape = self.shape.slice();
  const length = shape.length === 0 ? 1 : shape[axis]!;
  if (shape.length > 0) shape[axis] = count;
  const values = newTensor(self.dtype, toSize(shape.slice()), self.device);
  const indices = newTensor(dtypes.int64, toSize(shape), self.device);
  if (self.device === "meta" || values.count === 0) return { values, indices };
  const dense = denseItems(self) as Float64Array;
  const keys = keysOf(dense, self);
  const inner = countOf(self.shape.slice(axis + 1));
  const outer = self.count / (length * inner);
  const to = values.items as Float64Array;
  const words = new Int32Array(indices.items.buffer, indices.items.byteOffset, 2 * indices.count);
  for (let block = 0; block < outer; block++) {
    for (let column = 0; column < inner; column++) {
      const start = block * length * inner + column;
      const order = orderOf(keys, start, inner, length, isDescending);
      for (let k = 0; k < count; k++) {
        const at = (block * count + k) * inner + column;
        to[at] = dense[start + order[k]! * inner]!;
        words[2 * at] = order[k]!;
      }
    }
  }
  return { values, indices };
}

/** A result laid out in memory as another tensor of its shape is. */
function laidOutAs(result: Tensor, like: Tensor): Tensor {
  const out = newTensorLike(like, result.dtype);
  if (out.isContiguous()) return result;
  if (out.device === "cpu") scatterItems(denseItems(result), out);
  return out;
}

function refuseComplex(kernel: string, self: Tensor): void {
  if (self.dtype.kind !== "complex") return;
  throw torchError("RuntimeError", `Sort does not support complex dtypes on CPU (${kernel})`);
}

/** The gradient of values that were picked along a dimension: zeros, with it at the indices. */
function scattered(gradient: Tensor, self: Tensor, axis: number, indices: Tensor): Tensor {
  return newTensor(gradient.dtype, self.shape, gradient.device).scatter(axis, indices, gradient);
}

/**
 * The elements in order along a dimension, and where they were. NaN is the greatest; equal elements keep their order.
 *
 * Throws: PyTorch's IndexError for a dimension that is out of range.
 *
 * @example
 * const { values, indices } = tensor([3, 1, 2]).sort(); // [1, 2, 3], [1, 2, 0]
 */
export const sort: Op<(self: Tensor, dim?: number | SortOptions, options?: SortOptions) => IndexedValues> =
  jointOp({
    name: "sort",
    // PyTorch has two nodes: number 1 where stability was mentioned.
    gradName: (_self: Tensor, dim?: number | SortOptions, options?: SortOptions) =>
      `SortBackward${withDim<SortOptions>(dim, options).stable === undefined ? 0 : 1}`,
    tensors: (self: Tensor) => [self],
    forward(self: Tensor, dim?: number | SortOptions, options?: SortOptions) {
      const settings = withDim<SortOptions>(dim, options);
      const axis = toAxis(settings.dim, self.shape.length);
      refuseComplex("sort", self);
      const length = self.shape[axis] ?? 1;
      const { values, indices } = firstInOrder(self, axis, length, settings.descending === true);
      return [laidOutAs(values, self), laidOutAs(indices, self)];
    },
    save: (_, [, indices]) => [indices!],
    // The gradients go back to where the values were.
    backward([gradient], { saved: [indices], args: [self, dim, options] }) {
      if (gradient === null || gradient === undefined) return [null];
      const axis = toAxis(withDim<SortOptions>(dim, options).dim, self.shape.length);
      return [scattered(gradient, self, axis, indices!)];
    },
    result: ([values, indices]) => new IndexedValues("sort", values!, indices!),
    samples: () => [
      [input([2, 5])],
      [input([3, 2], { layout: "transposed" }), 0],
      [input([2, 2, 3]), 1, { descending: true }],
      [input([4], { values: [1, NaN, -Infinity, Infinity], smooth: false })],
      [input([4], { values: [1, NaN, -1, 2], smooth: false }), { descending: true }],
      [input([])],
      [input([0])],
      [input([40]), { dim: 0, stable: true }],
      [input([2]), 1],
    ],
  });

/**
 * Where the elements in order along a dimension are.
 *
 * Throws: as `sort`.
 */
export const argsort: Op<(self: Tensor, dim?: number | SortOptions, options?: SortOptions) => Tensor> =
  composed(
    {
      name: "argsort",
      isDifferentiable: false,
      samples: () => [
        [input([2, 3])],
        [input([3, 2], { layout: "transposed" }), 0],
        [input([2, 3]), { dim: 0, descending: true }],
        [input([])],
        [input([2]), 2],
      ],
    },
    (self: Tensor, dim?: number | SortOptions, options?: SortOptions): Tensor => {
      const settings = withDim<SortOptions>(dim, options);
      return sort(self.detach(), settings).indices;
    },
  );

/** The elements in ascending order along the first dimension. */
export const msort: Op<(self: Tensor) => Tensor> = composed(
  { name: "msort", samples: () => [[input([3, 2])], [input([4])]] },
  (self: Tensor): Tensor => sort(self, 0).values,
);

/**
 * The `k` greatest elements along a dimension, or the smallest, in order, and where they were. Of equal elements the
 * first ones are taken.
 *
 * Differs from PyTorch: there, which of equal elements are taken depends on how the C++ library sorts.
 * Throws: PyTorch's RuntimeErrors for more elements than there are, and for bools.
 *
 * @example
 * tensor([3, 1, 2]).topk(2).values; // tensor([3, 2])
 */
export const topk: Op<
  (self: Tensor, k: number, dim?: number | TopkOptions, options?: TopkOptions) => IndexedValues
> = jointOp({
  name: "topk",
  tensors: (self: Tensor) => [self],
  forward(self: Tensor, k: number, dim?: number | TopkOptions, options?: TopkOptions) {
    const settings = withDim<TopkOptions>(dim, options);
    const axis = toAxis(settings.dim, self.shape.length);
    const length = self.shape[axis] ?? 1;
    if (!Number.isInteger(k) || k < 0 || k > length) {
      throw torchError("RuntimeError", "selected index k out of range");
    }
    if (self.dtype === dtypes.bool) {
      throw torchError("RuntimeError", "topk does not support bool dtypes on CPU");
    }
    refuseComplex("topk", self);
    const { values, indices } = firstInOrder(self, axis, k, settings.largest !== false);
    return [values, indices];
  },
  save: (_, [, indices]) => [indices!],
  // The gradients go back to where the values were.
  backward([gradient], { saved: [indices], args: [self, , dim, options] }) {
    if (gradient === null || gradient === undefined) return [null];
    const axis = toAxis(withDim<TopkOptions>(dim, options).dim, self.shape.length);
    return [scattered(gradient, self, axis, indices!)];
  },
  result: ([values, indices]) => new IndexedValues("topk", values!, indices!),
  samples: () => [
    [input([6], { values: [3, -1, 4, 2, 7, 0] }), 2],
    [input([2, 3], { values: [3, -1, 4, 2, 7, 0] }), 2, 0],
    [input([3, 2], { values: [3, -1, 4, 2, 7, 0], layout: "transposed" }), 1, { largest: false }],
    [input([4], { values: [3, NaN, 4, 2], smooth: false }), 2],
    [input([]), 1],
    [input([0]), 0],
    [input([3]), 4],
    [input([3]), -1],
    [input([3]), 1, 2],
  ],
});
