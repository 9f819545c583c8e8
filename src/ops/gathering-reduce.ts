/**
 * `scatterReduce` and `indexReduce`: elements, or whole slices, that meet at one place are summed, multiplied, averaged, or the extreme of them stays.
 */

import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";
import { denseItems, fillDense } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, viewOf } from "../tensor/tensor.ts";
import { checkScatter } from "./gathering.ts";
import { atLeastVector, corner, placesOf, readPlaces, writePlaces } from "./gathering-places.ts";
import type { Combination } from "./gathering-sums.ts";
import { combineAt } from "./gathering-sums.ts";
import { checkMeeting } from "./gathering-slices.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { InPlaceOp } from "./op.ts";
import { composed, needs } from "./op.ts";
import { input } from "./samples.ts";
import { writingOp } from "./twin.ts";

/** How elements that meet are reduced to one. */
export type ScatterReduction = Combination | "mean";

/** Options of `scatterReduce`. */
export interface ScatterReduceOptions {
  /** Whether what stood at the place counts too. Default true. */
  readonly includeSelf?: boolean;
}

const reductions: ReadonlySet<string> = new Set(["sum", "prod", "mean", "amax", "amin"]);

/** What a reduction begins with where the place's own element does not count. */
function neutral(how: ScatterReduction, dtype: Tensor["dtype"]): number | bigint {
  if (how === "sum" || how === "mean") return 0;
  if (how === "prod") return 1;
  const isLeast = how === "amin";
  if (dtype.kind === "float") return isLeast ? Infinity : -Infinity;
  if (dtype.kind === "bool") return isLeast ? 1 : 0;
  const bits = BigInt(dtype.bits);
  if (dtype.kind === "uint") return isLeast ? 2n ** bits - 1n : 0n;
  return isLeast ? 2n ** (bits - 1n) - 1n : -(2n ** (bits - 1n));
}

/** How many elements are averaged at each place, at least 1. */
function meanCounts(like: Tensor, dim: number, index: Tensor, src: Tensor, includesSelf: boolean): Tensor {
  const counts = newTensor(like.dtype, like.shape, like.device);
  if (includesSelf) fillDense(counts, 1);
  const ones = newTensor(like.dtype, src.shape, src.device);
  fillDense(ones, 1);
  const added = counts.scatterAdd(dim, index, ones);
  return added.maskedFill(added.eq(0), 1);
}

function reduceInto(
  out: Tensor,
  index: Tensor,
  src: Tensor,
  dim: number,
  { how, includesSelf }: Reducing,
): void {
  if (index.count === 0) return;
  const [target, numbers] = [atLeastVector(out), atLeastVector(index)];
  const places = placesOf(target, toAxis(dim, target.shape.length), numbers);
  const dense = denseItems(corner(atLeastVector(src), numbers.shape));
  if (!includesSelf) {
    const start = newTensor(out.dtype, corner(target, []).shape);
    fillDense(start, neutral(how, out.dtype));
    writePlaces(target, places, denseItems(start));
  }
  combineAt(target, places, dense, how === "mean" ? "sum" : how);
  if (how !== "mean") return;
  const counts = meanCounts(out.detach(), dim, index, src.detach(), includesSelf);
  const isFloat = out.dtype.kind === "float" || out.dtype.kind === "complex";
  const means = out.detach().div(counts);
  const whole = isFloat ? means : means.floor().to(out.dtype);
  const back = atLeastVector(whole);
  const values = newTensor(out.dtype, numbers.shape);
  readPlaces(back, placesOf(back, toAxis(dim, back.shape.length), numbers), values);
  writePlaces(target, places, denseItems(values));
}

/** How elements are reduced, as one argument. */
interface Reducing {
  readonly how: ScatterReduction;
  readonly includesSelf: boolean;
}

type Rest = [dim: number, reducing: Reducing];

type Facts = Readonly<Record<"self" | "index" | "src" | "output", Tensor>>;

/** The gradients of self and src, as PyTorch's `scatter_reduce_backward` gives them. */
function gradients(
  g: Tensor,
  { self, index, src, output }: Facts,
  ...[dim, { how, includesSelf }]: Rest
): { self: Tensor; src: Tensor } {
  const uncovered = (gradient: Tensor): Tensor => (includesSelf ? gradient : gradient.scatter(dim, index, 0));
  switch (how) {
    case "sum":
      // ∂Σ = 1
      return { self: uncovered(g), src: g.gather(dim, index) };
    case "mean": {
      // ∂(Σ/n) = 1/n
      const share = g.div(meanCounts(g.detach(), dim, index, src, includesSelf));
      return { self: uncovered(share), src: share.gather(dim, index) };
    }
    case "prod": {
      // ∂(x·y)/∂x = x·y/x, and at zeros the product of the others.
      const safeSelf = self.maskedFill(self.eq(0), 1);
      const withoutZeros = scatterReduce(safeSelf, dim, index, src, how, { includeSelf: includesSelf });
      const isZero = src.eq(0);
      const none = newTensor(self.dtype, self.shape);
      const zeros = none.scatterAdd(dim, index, isZero.to(self.dtype)).gather(dim, index);
      const isOnlyZero = isZero.mul(zeros.eq(1));
      const others = scatterReduce(self, dim, index, src.maskedFill(isOnlyZero, 1), how, {
        includeSelf: includesSelf,
      });
      const plain = g.mul(output).gather(dim, index).div(src.maskedFill(isZero, 1));
      return {
        self: uncovered(g.mul(withoutZeros).div(safeSelf)),
        src: plain.maskedFill(isOnlyZero, 0).add(g.mul(others).gather(dim, index).mul(isOnlyZero)),
      };
    }
    default: {
      // The gradient is shared evenly by all that are the extreme.
      const isSelf = self.eq(output).to(g.dtype);
      const isSource = src.eq(output.gather(dim, index)).to(g.dtype);
      const counted = uncovered(isSelf).scatterAdd(dim, index, isSource);
      const share = g.div(counted.maskedFill(counted.eq(0), 1));
      return { self: uncovered(isSelf.mul(share)), src: isSource.mul(share.gather(dim, index)) };
    }
  }
}

const reduceAt: InPlaceOp<(self: Tensor, index: Tensor, src: Tensor, ...rest: Rest) => Tensor> = writingOp({
  name: "scatterReduce",
  inputs: ["self", "index", "src"],
  check(self, index, src, dim: number, { how }: Reducing) {
    if (!reductions.has(how)) {
      throw torchError(
        "RuntimeError",
        `reduce argument must be either sum, prod, mean, amax or amin, got ${String(how)}`,
      );
    }
    checkScatter("scatter", self, dim, index, src);
    if (how === "mean" && self.dtype.kind === "bool" && index.count > 0) {
      throw torchError(
        "NotImplementedError",
        `"scatter_gather_tensor_cpu_reduce_mean" not implemented for 'Bool'`,
      );
    }
  },
  write(out, index, src, ...rest: Rest) {
    reduceInto(out, index, src, ...rest);
  },
  backward: {
    self: needs(
      ["self", "index", "src", "output"],
      (g, facts, ...rest: Rest) => gradients(g, facts, ...rest).self,
    ),
    src: needs(
      ["self", "index", "src", "output"],
      (g, facts, ...rest: Rest) => gradients(g, facts, ...rest).src,
    ),
  },
  samples: () => [],
});

type Reduce = (
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options?: ScatterReduceOptions,
) => Tensor;

const places = { values: [0, 1, 0, 0, 0, 1], dtype: "int64" } as const;

/**
 * A copy in which the elements of `src` that an index sends to one place are reduced to one, together with what stood
 * there: `"sum"`, `"prod"`, `"mean"`, `"amax"`, `"amin"`.
 *
 * Throws: as `scatter`.
 *
 * @example
 * zeros(2).scatterReduce(0, tensor([0, 0, 1]), tensor([1.5, 3.5, 5.5]), "amax"); // tensor([3.5000, 5.5000])
 */
export const scatterReduce: InPlaceOp<Reduce> = Object.assign(
  composed(
    {
      name: "scatterReduce",
      isVariadic: true,
      samples: () => [
        [input([2, 3]), 0, input([2, 3], places), input([2, 3]), "sum"],
        [input([2, 3]), 0, input([2, 3], places), input([2, 3]), "mean"],
        [input([2, 3]), 0, input([2, 3], places), input([2, 3], { low: 0.5 }), "prod"],
        [input([2, 3]), 0, input([2, 3], places), input([2, 3]), "amax"],
        [input([2, 3]), 0, input([2, 3], places), input([2, 3]), "amin", { includeSelf: false }],
        [input([2, 3]), 0, input([2, 3], places), input([2, 3]), "mean", { includeSelf: false }],
        [
          input([2, 3]),
          0,
          input([2, 3], places),
          input([2, 3], { low: 0.5 }),
          "prod",
          { includeSelf: false },
        ],
        [input([2, 3]), 0, input([2, 3], places), input([2, 3]), "median"],
      ],
    },
    (
      self: Tensor,
      dim: number,
      index: Tensor,
      src: Tensor,
      reduce: ScatterReduction,
      options?: ScatterReduceOptions,
    ): Tensor =>
      reduceAt(self, index, src, dim, {
        how: reduce,
        includesSelf: options?.includeSelf !== false,
      }),
  ),
  {
    inPlace: (
      self: Tensor,
      dim: number,
      index: Tensor,
      src: Tensor,
      reduce: ScatterReduction,
      options?: ScatterReduceOptions,
    ): Tensor =>
      reduceAt.inPlace(self, index, src, dim, {
        how: reduce,
        includesSelf: options?.includeSelf !== false,
      }),
  },
);

/** A vector of slices as an index of each of their elements. */
function ofElements(index: Tensor, source: Tensor, dim: number): Tensor {
  const vector = atLeastVector(index);
  const axis = toAxis(dim, source.shape.length);
  const strides = source.shape.map((_, at) => (at === axis ? vector.strides[0]! : 0));
  return viewOf(vector, source.shape, strides, vector.offset);
}

/** The tensors that the gradients of slices need, as those of elements. */
function ofSlices({ self, index, src, output }: Facts, dim: number): Facts {
  return { self, index: ofElements(index, src, dim), src, output };
}

const reduceSlices: InPlaceOp<(self: Tensor, index: Tensor, src: Tensor, ...rest: Rest) => Tensor> =
  writingOp({
    name: "indexReduce",
    inputs: ["self", "index", "src"],
    check(self, index, src, dim: number, { how, includesSelf }: Reducing) {
      if (how === "sum" || !reductions.has(how)) {
        throw torchError(
          "RuntimeError",
          `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${String(how)}.`,
        );
      }
      checkMeeting("index_reduce", self, index, src, dim);
      if (self.dtype.kind !== "bool") return;
      if (!includesSelf) throw notImplemented("index_reduce_func_exclude_input_init", self.dtype);
      if (how === "mean") throw notImplemented("div_floor_cpu", self.dtype);
    },
    write(out, index, src, dim: number, reducing: Reducing) {
      if (index.count > 0) reduceInto(out, ofElements(index, src, dim), src, dim, reducing);
    },
    backward: {
      self: needs(
        ["self", "index", "src", "output"],
        (g, facts, dim: number, reducing: Reducing) => gradients(g, ofSlices(facts, dim), dim, reducing).self,
      ),
      src: needs(
        ["self", "index", "src", "output"],
        (g, facts, dim: number, reducing: Reducing) => gradients(g, ofSlices(facts, dim), dim, reducing).src,
      ),
    },
    samples: () => [],
  });

/** Calls `reduceSlices` with the arguments in PyTorch's order. */
function slicewise(run: typeof reduceSlices.inPlace): Reduce {
  return (self, dim, index, source, reduce, options) =>
    run(self, index, source, dim, { how: reduce, includesSelf: options?.includeSelf !== false });
}

const rows = { values: [0, 2, 0], dtype: "int64" } as const;

/**
 * A copy in which slices that an index sends to one place are reduced to one, together with what stood there: `"prod"`,
 * `"mean"`, `"amax"`, `"amin"`.
 *
 * Throws: as `indexAdd`, and PyTorch's RuntimeError for other reductions.
 *
 * @example
 * ones(2).indexReduce(0, tensor([0, 0]), ones(2).mul(2), "prod"); // tensor([4., 1.])
 */
export const indexReduce: InPlaceOp<Reduce> = Object.assign(
  composed(
    {
      name: "indexReduce",
      isVariadic: true,
      samples: () => [
        [input([3, 2]), 0, input([3], rows), input([3, 2], { low: 0.5 }), "prod"],
        [input([3, 2]), 0, input([3], rows), input([3, 2]), "mean"],
        [input([2, 3], { layout: "transposed" }), 1, input([3], rows), input([2, 3]), "amax"],
        [input([3, 2]), -2, input([3], rows), input([3, 2]), "amin", { includeSelf: false }],
        [input([3, 2]), 0, input([3], rows), input([3, 2]), "mean", { includeSelf: false }],
        [input([3]), 0, input([3], rows), input([3], { low: 0.5 }), "prod", { includeSelf: false }],
        [input([3, 2]), 0, input([3], rows), input([3, 2]), "sum"],
        [input([3, 2]), 0, input([3], rows), input([2, 2]), "mean"],
        [input([3, 2]), 0, input([1], { values: [3], dtype: "int64" }), input([1, 2]), "mean"],
      ],
    },
    slicewise(reduceSlices),
  ),
  { inPlace: slicewise(reduceSlices.inPlace) },
);
