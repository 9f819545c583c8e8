/**
 * Sums, means and products over dimensions.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toSize } from "../shape.ts";
import { categoryOf } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { multiply } from "../kernels/complex.ts";
import { partsOf } from "../tensor/complex-items.ts";
import { converted } from "./elementwise.ts";
import { loopDtype } from "./loop-dtypes.ts";
import { cat } from "./joining.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { Lines } from "./lines.ts";
import type { Op } from "./op.ts";
import { composed, needs, needsNothing, op } from "./op.ts";
import type { ReduceArgument, ReduceOptions, Reduction } from "./reduction-arguments.ts";
import {
  askedDtype,
  reducedShape,
  toLine,
  toReduction,
  toReductionName,
  unreduced,
} from "./reduction-arguments.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** A reduction over one, several or all dimensions. */
export type Reducer = Op<(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions) => Tensor>;

/** The dtype of a sum: integers and bools sum to int64. */
function sumDtype(self: Tensor, dtype: DType | null): DType {
  return dtype ?? (categoryOf(self.dtype) < categoryOf(dtypes.float32) ? dtypes.int64 : self.dtype);
}

/** The dtype in which elements are added: bools and small integers fit a double exactly, as long as there are not too many. */
function addingDtype(self: Tensor, dtype: DType): DType {
  if (dtype.kind === "float" || dtype.kind === "complex") return lineDtype(dtype, "sum_cpu");
  const bits = self.dtype.kind === "bool" ? 1 : self.dtype.bits;
  return bits < 64 && self.count <= 2 ** (53 - bits) ? dtypes.float64 : dtypes.int64;
}

/** Adds in double precision (integers exactly) and rounds once. PyTorch adds in float32 by parts: equal within 1e-6. */
function sumForward(self: Tensor, reduction: Reduction | null): Tensor {
  const dtype = sumDtype(self, reduction?.dtype ?? null);
  if (dtype.kind === "complex") return sumOfPairs(self, dtype, reduction);
  const shape = reduction === null ? toSize([]) : reducedShape(self.shape, reduction);
  // A dtype that was asked for comes first: it may be narrower than the elements.
  const source = reduction?.dtype === undefined || reduction.dtype === null ? self : converted(self, dtype);
  const compute = addingDtype(source, dtype);
  const out = newTensor(compute, shape, self.storage.device);
  if (self.storage.device === "meta") return newTensor(dtype, shape, "meta");
  if (reduction === null && source.dtype === compute && source.isContiguous()) {
    const whole = { items: source.items.subarray(source.offset, source.offset + source.count) };
    addLines({ ...whole, outer: 1, length: source.count, inner: 1 }, out);
  } else addLines(linesOf(source, reduction?.isReduced ?? self.shape.map(() => true), compute), out);
  return converted(out, dtype);
}

/** The parts of complex numbers are summed as numbers of their own, along a last dimension that stays. */
function sumOfPairs(self: Tensor, dtype: DType, reduction: Reduction | null): Tensor {
  const isReduced = [...(reduction?.isReduced ?? self.shape.map(() => true)), false];
  const source = converted(self, loopDtype(dtype));
  const shape = reduction === null ? toSize([]) : reducedShape(self.shape, reduction);
  const out = newTensor(source.dtype, shape, self.storage.device);
  if (self.storage.device === "meta") return newTensor(dtype, shape, "meta");
  const parts = partsOf(source);
  addLines(linesOf(parts, isReduced, parts.dtype), out);
  return converted(out, dtype);
}

function addLines(lines: Lines, out: Tensor): void {
  if (lines.items instanceof BigInt64Array) addBig(lines, lines.items, out.items as BigInt64Array);
  else addNumbers(lines, lines.items as Float64Array, out.items as Float64Array);
}

function addNumbers({ outer, length, inner }: Lines, items: Float64Array, out: Float64Array): void {
  if (inner === 1) {
    for (let o = 0, at = 0; o < outer; o++) {
      const end = at + length;
      // Four sums at once: one alone waits for each addition before the next.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (; at + 4 <= end; at += 4) {
        s0 += items[at]!;
        s1 += items[at + 1]!;
        s2 += items[at + 2]!;
        s3 += items[at + 3]!;
      }
      for (; at < end; at++) s0 += items[at]!;
      out[o] = s0 + s1 + (s2 + s3);
    }
    return;
  }
  const sums = new Float64Array(inner);
  for (let o = 0, at = 0; o < outer; o++) {
    sums.fill(0);
    for (let k = 0; k < length; k++) for (let i = 0; i < inner; i++) sums[i]! += items[at++]!;
    out.set(sums, o * inner);
  }
}

function addBig(lines: Lines, items: BigInt64Array, out: BigInt64Array): void {
  forEachLine(lines, (start, step, at) => {
    let sum = 0n;
    for (let k = 0; k < lines.length; k++) sum = BigInt.asIntN(64, sum + items[start + k * step]!);
    out[at] = sum;
  });
}

function reductionOf(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions): Reduction | null {
  return dim === undefined && options === undefined ? null : toReduction(self.shape.length, dim, options);
}

/** The gradient of each element of a sum: that of the sum. */
function spread(g: Tensor, shape: Tensor["shape"], dim?: ReduceArgument, options?: ReduceOptions): Tensor {
  const isWhole = dim === undefined && options === undefined;
  return (isWhole ? g : unreduced(g, shape, toReduction(shape.length, dim, options))).expand(shape);
}

/** Everything, one dimension, several, keeping them, by name, transposed, 0-d and empty. */
function reductionSamples(): readonly Sample[] {
  return [
    [input([2, 3])],
    [input([2, 3]), 0],
    [input([2, 3, 2]), [0, -1], { keepdim: true }],
    [input([3, 2], { layout: "transposed" }), { dim: 1 }],
    [input([2, 3, 2]), 1, { keepdim: true }],
    [input([])],
    [input([0, 3]), 0],
    [input([2, 3]), 2],
    [input([2, 3]), [0, 0]],
  ];
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
export const sum: Reducer = op({
  name: "sum",
  takesComplex: true,
  inputs: ["self"],
  gradName: (dim?: ReduceArgument, options?: ReduceOptions) => toReductionName("Sum", dim, options),
  forward: (self, dim?: ReduceArgument, options?: ReduceOptions) =>
    sumForward(self, reductionOf(self, dim, options)),
  backward: {
    // ∂Σx/∂xᵢ = 1
    self: needsNothing((g, { shape }, dim?: ReduceArgument, options?: ReduceOptions) =>
      spread(g, shape, dim, options),
    ),
  },
  samples: () => [
    ...reductionSamples(),
    [input([2, 3]), 0, { dtype: "float64" }],
    [input([2, 3], { low: 0, high: 300, dtype: "int64", smooth: false }), { dtype: "uint8" }],
    [input([2]), []],
  ],
});

/** The sum of the elements that are not NaN. Throws: as `sum`. */
export const nansum: Reducer = op({
  name: "nansum",
  inputs: ["self"],
  forward(self, dim?: ReduceArgument, options?: ReduceOptions) {
    if (self.isComplex()) throw torchError("RuntimeError", "nansum on CPU does not support complex inputs");
    if (self.isFloatingPoint()) lineDtype(self.dtype, "nansum_cpu");
    const plain =
      self.dtype.kind === "float" ? self.detach().nanToNum({ posinf: Infinity, neginf: -Infinity }) : self;
    return sumForward(plain, toReduction(self.shape.length, dim, options));
  },
  backward: {
    // ∂/∂xᵢ = 1, and 0 where it is NaN
    self: needs(["self"], (g, { self, shape }, dim?: ReduceArgument, options?: ReduceOptions) =>
      spread(g, shape, dim, options).mul(self.isnan().logicalNot()),
    ),
  },
  samples: () => [
    ...reductionSamples().slice(0, 4),
    [input([2, 2], { values: [NaN, 1, 2, Infinity], smooth: false }), 0],
  ],
});

function countOfReduced(shape: readonly number[], { isReduced }: Reduction): number {
  return shape.reduce((count, length, axis) => (isReduced[axis] === true ? count * length : count), 1);
}

/**
 * The mean over some dimensions, or over all.
 *
 * Throws: PyTorch's RuntimeError for integers and bools, unless a float `dtype` is given.
 *
 * @example
 * tensor([[1, 2], [3, 4]], { dtype: "float32" }).mean(0); // tensor([2., 3.])
 */
export const mean: Reducer = op({
  name: "mean",
  takesComplex: true,
  inputs: ["self"],
  gradName: (dim?: ReduceArgument, options?: ReduceOptions) => toReductionName("Mean", dim, options),
  forward(self, dim?: ReduceArgument, options?: ReduceOptions) {
    const asked = askedDtype(dim, options);
    const dtype = asked ?? self.dtype;
    if (categoryOf(dtype) < categoryOf(dtypes.float32)) {
      const which = asked === null ? "Input" : "Optional";
      throw torchError(
        "RuntimeError",
        `mean(): could not infer output dtype. ${which} dtype must be either a floating point or complex dtype. Got: ${dtype.scalarType}`,
      );
    }
    const reduction = toReduction(self.shape.length, dim, options);
    const wide = dtype.kind === "complex" ? dtype : lineDtype(dtype, "sum_cpu");
    const total = sumForward(self, { ...reduction, dtype: wide });
    return converted(total.div(countOfReduced(self.shape, reduction)), dtype);
  },
  backward: {
    // ∂(Σx/n)/∂xᵢ = 1/n
    self: needsNothing((g, { shape }, dim?: ReduceArgument, options?: ReduceOptions) =>
      spread(g, shape, dim, options).div(countOfReduced(shape, toReduction(shape.length, dim, options))),
    ),
  },
  samples: () => [...reductionSamples(), [input([2, 3], { smooth: false }), { dtype: "float32", dim: 1 }]],
});

/** The mean of the elements that are not NaN. Throws: as `mean`. */
export const nanmean: Reducer = composed(
  {
    name: "nanmean",
    samples: () => [
      [input([2, 3])],
      [input([2, 3]), 1, { keepdim: true }],
      [input([2, 2], { values: [NaN, 1, 2, NaN], smooth: false }), 0],
    ],
  },
  (self: Tensor, dim?: ReduceArgument, options?: ReduceOptions): Tensor => {
    if (self.dtype.kind !== "float" && !self.isComplex()) {
      throw torchError(
        "RuntimeError",
        `nanmean(): expected input to have floating point or complex dtype but got ${self.dtype.scalarType}`,
      );
    }
    return self.nansum(dim, options).div(self.isnan().logicalNot().sum(dim, options));
  },
);

function prodForward(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions): Tensor {
  const line = toLine(self.shape.length, dim, options);
  const dtype = sumDtype(self, line.dtype);
  const reduction = toReduction(self.shape.length, dim, options);
  const isComplex = dtype.kind === "complex";
  const compute = isComplex
    ? loopDtype(dtype)
    : dtype.kind === "float"
      ? lineDtype(dtype, "prod_out_cpu")
      : dtypes.int64;
  const out = newTensor(compute, reducedShape(self.shape, reduction), self.storage.device);
  if (self.storage.device === "meta") return converted(out, dtype);
  const lines = linesOf(line.dtype === null ? self : converted(self, dtype), reduction.isReduced, compute);
  const { items, length } = lines;
  forEachLine(lines, (start, step, at) => {
    if (isComplex) {
      const from = items as Float64Array;
      const product = { re: 1, im: 0 };
      for (let k = 0, i = 2 * start; k < length; k++, i += 2 * step) {
        multiply(product, product.re, product.im, from[i]!, from[i + 1]!);
      }
      out.items[2 * at] = product.re;
      out.items[2 * at + 1] = product.im;
    } else if (items instanceof BigInt64Array) {
      let product = 1n;
      for (let k = 0; k < length; k++) product = BigInt.asIntN(64, product * items[start + k * step]!);
      out.items[at] = product;
    } else {
      let product = 1;
      for (let k = 0; k < length; k++) product *= items[start + k * step] as number;
      out.items[at] = product;
    }
  });
  return converted(out, dtype);
}

/** For each element the product of all others of its line: those before it times those after it. */
function productOfOthers(self: Tensor, axis: number): Tensor {
  const length = self.shape[axis]!;
  const one = self.narrow(axis, 0, 1).mul(0).add(1);
  const before = cat([one, self.narrow(axis, 0, length - 1)], axis).cumprod(axis);
  const flipped = self.flip(axis);
  const after = cat([one, flipped.narrow(axis, 0, length - 1)], axis)
    .cumprod(axis)
    .flip(axis);
  return before.mul(after);
}

/** ∂(Πx)/∂xᵢ = Π_{j≠i} xⱼ: the product over xᵢ where no element is 0. */
function slopeOfProduct(
  g: Tensor,
  self: Tensor,
  output: Tensor,
  dim?: ReduceArgument,
  options?: ReduceOptions,
): Tensor {
  const { axis } = toLine(self.shape.length, dim, options);
  if (self.shape.length === 0) return g;
  const reduction = toReduction(self.shape.length, dim, options);
  const whole = unreduced(g, self.shape, reduction);
  if (!self.eq(0).any().item()) return whole.mul(unreduced(output, self.shape, reduction).div(self).conj());
  if (axis !== null) return whole.mul(productOfOthers(self, axis).conj());
  return whole.mul(productOfOthers(self.reshape(-1), 0).reshape(self.shape).conj());
}

/**
 * The product along a dimension, or of all elements. Integers and bools multiply to int64.
 *
 * Throws: PyTorch's IndexError for a dimension that is out of range.
 */
export const prod: Reducer = op({
  name: "prod",
  takesComplex: true,
  inputs: ["self"],
  gradName: (dim?: ReduceArgument, options?: ReduceOptions) => toReductionName("Prod", dim, options),
  forward: prodForward,
  backward: {
    self: needs(["self", "output"], (g, { self, output }, dim?: ReduceArgument, options?: ReduceOptions) =>
      slopeOfProduct(g, self, output, dim, options),
    ),
  },
  samples: () => [
    [input([2, 3])],
    [input([2, 3]), 0],
    [input([2, 3, 2]), -1, { keepdim: true }],
    [input([3, 2], { layout: "transposed" }), { dim: 1 }],
    [input([])],
    [input([0, 3]), 0],
    [input([2, 3], { values: [0, 2, 3, 4, 0, 0] }), 1],
    [input([4], { values: [3, 0, 5, 2] })],
  ],
});
