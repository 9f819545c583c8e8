/**
 * Counting integers and numbers: `oneHot`, `bincount`, `histc`.
 */

import { noteCuts } from "../autograd/cut.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { checkLengths, toSize } from "../shape.ts";
import { convertInto, convertItems, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { indexNumbers } from "./gathering-places.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/**
 * A vector for each class number: 1 at the class, else 0. -1 classes (the default) are as many as the numbers need.
 *
 * Shape: (*) → (*, numClasses), int64.
 * Throws: PyTorch's RuntimeErrors for other dtypes than int64, and for numbers that are negative or too large.
 *
 * @example
 * oneHot(tensor([0, 2])); // tensor([[1, 0, 0], [0, 0, 1]])
 */
export const oneHot: Op<(self: Tensor, numClasses?: number) => Tensor> = composed(
  {
    name: "oneHot",
    torch: "torch.nn.functional.one_hot",
    isDifferentiable: false,
    samples: () => [
      [input([3], { values: [0, 2, 1], dtype: "int64" })],
      [input([2, 2], { values: [0, 2, 1, 0], dtype: "int64" }), 4],
      [input([], { values: [1], dtype: "int64" })],
      [input([0], { dtype: "int64" }), 3],
      [input([0], { dtype: "int64" })],
      [input([2], { values: [0, 2], dtype: "int64" }), 2],
      [input([2], { values: [0, -1], dtype: "int64" })],
      [input([2], { values: [0, 2], dtype: "int64" }), 0],
      [input([2], { values: [0, 2] })],
    ],
  },
  (self: Tensor, numClasses: number = -1): Tensor => {
    if (self.dtype !== dtypes.int64) {
      throw torchError("RuntimeError", "one_hot is only applicable to index tensor of type LongTensor.");
    }
    const numbers = Float64Array.from(indexNumbers(self));
    if (numbers.length === 0 && numClasses <= 0) {
      throw torchError("RuntimeError", "Can not infer total number of classes from empty tensor.");
    }
    if (numbers.some((number) => number < 0)) {
      throw torchError("RuntimeError", "Class values must be non-negative.");
    }
    const needed = numbers.reduce((most, number) => Math.max(most, number + 1), 0);
    if (numClasses !== -1 && needed > numClasses) {
      throw torchError("RuntimeError", "Class values must be smaller than num_classes.");
    }
    const classes = numClasses === -1 ? needed : numClasses;
    checkLengths([...self.shape, classes]);
    const out = newTensor(dtypes.int64, toSize([...self.shape, classes]));
    const words = new Int32Array(out.items.buffer, out.items.byteOffset, 2 * out.count);
    for (let k = 0; k < numbers.length; k++) words[2 * (k * classes + numbers[k]!)] = 1;
    noteCuts(out, [self]);
    return out;
  },
);

/** Options of `bincount`. */
export interface BincountOptions {
  /** What each element counts; default 1. */
  readonly weights?: Tensor;
  /** The least number of bins. Default 0. */
  readonly minlength?: number;
}

/**
 * How often each non-negative integer occurs.
 *
 * Shape: (n) → (greatest + 1), int64, or the dtype of the weights (of integers float64).
 * Throws: PyTorch's RuntimeErrors for negative numbers, floats, and weights of another length.
 */
export const bincount: Op<(self: Tensor, options?: BincountOptions) => Tensor> = composed(
  {
    name: "bincount",
    isDifferentiable: false,
    samples: () => [
      [input([4], { values: [0, 2, 2, 1], dtype: "int64" })],
      [input([3], { values: [0, 2, 2], dtype: "int32" }), { minlength: 5 }],
      [
        input([2], { values: [0, 1], dtype: "int64" }),
        { weights: input([2], { values: [1, 2], dtype: "int64" }) },
      ],
      [input([0], { dtype: "int64" })],
      [input([2], { values: [0, -2], dtype: "int64" })],
      [input([2], { values: [0, 2], dtype: "float32" })],
      [input([1, 2], { values: [0, 2], dtype: "int64" })],
      [input([1], { values: [0], dtype: "int64" }), { minlength: -1 }],
      [
        input([2], { values: [0, 1], dtype: "int64" }),
        { weights: input([1], { values: [1], dtype: "int64" }) },
      ],
    ],
  },
  (self: Tensor, options: BincountOptions = {}): Tensor => {
    const { weights, minlength = 0 } = options;
    if (self.dtype.kind !== "int" && self.dtype.kind !== "uint") {
      throw torchError(
        "NotImplementedError",
        `"bincount_cpu" not implemented for '${self.dtype.scalarType}'`,
      );
    }
    if (minlength < 0) throw torchError("RuntimeError", "minlength should be >= 0");
    const numbers = Float64Array.from(indexNumbers(self.to(dtypes.int64)));
    if (self.shape.length !== 1 || numbers.some((number) => number < 0)) {
      throw torchError("RuntimeError", "bincount only supports 1-d non-negative integral inputs.");
    }
    if (weights !== undefined && (weights.shape.length !== 1 || weights.count !== self.count)) {
      throw torchError("RuntimeError", "weights should be 1-d and have the same length as input");
    }
    const length = numbers.reduce((most, number) => Math.max(most, number + 1), minlength);
    checkLengths([length]);
    const isSingle = weights?.dtype === dtypes.float32;
    const dtype = weights === undefined ? dtypes.int64 : isSingle ? dtypes.float32 : dtypes.float64;
    const sums = isSingle ? new Float32Array(length) : new Float64Array(length);
    const each =
      weights === undefined ? null : (denseItems(weights.detach().to(dtypes.float64)) as Float64Array);
    for (let k = 0; k < numbers.length; k++) sums[numbers[k]!]! += each === null ? 1 : each[k]!;
    const out = newTensor(dtype, toSize([length]));
    out.items.set(convertItems(sums, isSingle ? dtypes.float32 : dtypes.float64, dtype, length) as never);
    return out;
  },
);

/** Options of `histc`. */
export interface HistogramOptions {
  /** The number of bins; default 100. */
  readonly bins?: number;
  /** The lower edge; default 0. If both edges are 0, they are the least and greatest elements. */
  readonly min?: number;
  /** The upper edge; default 0. */
  readonly max?: number;
}

/**
 * How many elements lie in each of `bins` intervals of equal width; those outside are not counted.
 *
 * Throws: PyTorch's RuntimeErrors for no bins, reversed edges and edges that are not finite.
 */
export const histc: Op<
  (self: Tensor, bins?: number | HistogramOptions, options?: HistogramOptions) => Tensor
> = composed(
  {
    name: "histc",
    isDifferentiable: false,
    samples: () => [
      [input([6], { values: [1, 2, 1, 0, 3, 5] }), 4, { min: 0, max: 3 }],
      [input([2, 2], { values: [1, 2, 1, 4] }), { bins: 4 }],
      [input([3], { values: [2, 2, 2] }), 3],
      [input([3]), 0],
      [input([3]), 4, { min: 3, max: 0 }],
      [input([2], { values: [1, NaN] }), 4],
    ],
  },
  (self: Tensor, first?: number | HistogramOptions, second?: HistogramOptions): Tensor => {
    const options = (typeof first === "object" ? first : second) ?? {};
    const bins = typeof first === "number" ? first : (options.bins ?? 100);
    let { min = 0, max = 0 } = options;
    if (bins <= 0) {
      throw torchError(
        "RuntimeError",
        `torch.histogram(): bins must be > 0, but got ${bins} for dimension 0`,
      );
    }
    if (min > max) throw torchError("RuntimeError", "torch.histc: max must be larger than min");
    const items = denseItems(self.detach().to(dtypes.float64)) as Float64Array;
    if (min === max && items.length > 0) {
      min = items.reduce((least, item) => (item < least || item !== item ? item : least), Infinity);
      max = items.reduce((most, item) => (item > most || item !== item ? item : most), -Infinity);
    }
    if (min === max) {
      min -= 1;
      max += 1;
    }
    if (!Number.isFinite(min) || !Number.isFinite(max)) {
      const text = (edge: number): string =>
        Number.isNaN(edge)
          ? self.dtype.bits === 16
            ? "nan"
            : "-nan"
          : String(edge).replace("Infinity", "inf");
      throw torchError("RuntimeError", `torch.histc: range of [${text(min)}, ${text(max)}] is not finite`);
    }
    if (self.dtype.kind !== "float") {
      const kernel = self.dtype === dtypes.bool ? "linspace_cpu" : "histogram_cpu";
      throw torchError("NotImplementedError", `"${kernel}" not implemented for '${self.dtype.scalarType}'`);
    }
    const counts = new Float64Array(bins);
    for (const item of items) {
      if (!(item >= min && item <= max)) continue;
      counts[Math.min(Math.floor(((item - min) * bins) / (max - min)), bins - 1)]! += 1;
    }
    const out = newTensor(self.dtype, toSize([bins]));
    convertInto(counts, dtypes.float64, out.items, self.dtype, bins);
    return out;
  },
);
