/**
 * What sorting tells: medians, the k-th smallest element, the most frequent one.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { scalarSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { Overloaded } from "./family.ts";
import { IndexedValues } from "./indexed-values.ts";
import { jointOp } from "./joint-op.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import { toPlaces } from "./places.ts";
import type { LineArguments, ReduceOptions } from "./reduction-arguments.ts";
import { alongAxis, reducedShape, requireElements, toLine } from "./reduction-arguments.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Chooses among the places of a line, which come sorted by value with NaN last and ties in order. */
type Choice = (
  sorted: readonly number[],
  isNaN: (place: number) => boolean,
  value: (place: number) => number,
) => number;

/** Calls `found` with the place that `choose` gives for each line. */
function choosePlaces(
  self: Tensor,
  isReduced: readonly boolean[],
  choose: Choice,
  kernel: string,
  found: (at: number, value: number, place: number) => void,
): void {
  const lines = linesOf(self, isReduced, lineDtype(self.dtype, kernel));
  const items = lines.items as Float64Array;
  const { length } = lines;
  forEachLine(lines, (start, step, at) => {
    const value = (place: number): number => items[start + place * step]!;
    const isNaN = (place: number): boolean => value(place) !== value(place);
    const order = Array.from({ length }, (_, place) => place);
    order.sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x < y) return -1;
      if (x > y) return 1;
      return Number(x !== x) - Number(y !== y) || a - b;
    });
    const place = choose(order, isNaN, value);
    found(at, value(place), place);
  });
}

/** The lower of the two middle elements; a NaN if there is one. */
function middle(sorted: readonly number[], isNaN: (place: number) => boolean): number {
  const last = sorted[sorted.length - 1]!;
  if (isNaN(last)) return sorted.find(isNaN)!;
  return sorted[(sorted.length - 1) >> 1]!;
}

/** The lower of the two middle elements among the numbers. */
function middleOfNumbers(sorted: readonly number[], isNaN: (place: number) => boolean): number {
  const first = sorted.findIndex(isNaN);
  const count = first < 0 ? sorted.length : first;
  return sorted[count === 0 ? 0 : (count - 1) >> 1]!;
}

/** The smallest of the most frequent elements, at its last place. */
function mostFrequent(
  sorted: readonly number[],
  _isNaN: (place: number) => boolean,
  value: (place: number) => number,
): number {
  let best = sorted[0]!;
  let most = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && value(sorted[end]!) === value(sorted[start]!)) end++;
    if (end - start > most) {
      most = end - start;
      best = sorted[end - 1]!;
    }
    start = end;
  }
  return best;
}

/** The arguments of a choice along a line, and the choice. */
interface ChosenLine extends LineArguments {
  readonly choose: Choice;
}

/** PyTorch's name of the kernel: both medians have one. */
function kernelOf(name: string): string {
  return name === "nanmedian" ? "median_cpu" : `${name}_cpu`;
}

function along(name: string, gradName: string): Op<(self: Tensor, line: ChosenLine) => IndexedValues> {
  return jointOp({
    name,
    gradName,
    tensors: (self: Tensor, _line: ChosenLine) => [self],
    forward(self, { axis, keepdim, choose }) {
      const kernel = kernelOf(name);
      const isReduced = alongAxis(self.shape.length, axis);
      const shape = reducedShape(self.shape, { isReduced, keepdim });
      const values = newTensor(lineDtype(self.dtype, kernel), shape, self.storage.device);
      const indices = newTensor(dtypes.int64, shape, self.storage.device);
      if (self.storage.device === "cpu" && values.count > 0) {
        choosePlaces(self, isReduced, choose, kernel, (at, value, place) => {
          values.items[at] = value;
          indices.items[at] = BigInt(place);
        });
      }
      return [converted(values, self.dtype), indices];
    },
    save: ([self], outputs) => [self!, outputs[1]!],
    // The gradient to the element that was chosen.
    backward: ([g], { saved: [self, indices], args: [, line] }) => [
      toPlaces(g!, indices!, line, self!.shape),
    ],
    result: ([values, indices]) => new IndexedValues(name, values!, indices!),
    samples: () => [],
  });
}

/** A median of all elements, or of each line with the places. */
export interface Median {
  (self: Tensor): Tensor;
  (self: Tensor, dim: number | ReduceOptions, options?: ReduceOptions): IndexedValues;
}

/** The same as a method. */
export interface MedianMethod {
  (): Tensor;
  (dim: number | ReduceOptions, options?: ReduceOptions): IndexedValues;
}

/** `median` or `nanmedian`. */
export type MedianOp = Op<Median> & Overloaded<MedianMethod>;

function medianOp(name: "median" | "nanmedian", choose: Choice): MedianOp {
  const node = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const ofLines = along(name, `${node}Backward1`);
  const ofAll: Op<(self: Tensor) => Tensor> = op({
    name,
    gradName: `${node}Backward0`,
    inputs: ["self"],
    forward(self) {
      const out = newTensor(lineDtype(self.dtype, "median_cpu"), scalarSize, self.storage.device);
      if (self.storage.device === "meta") return converted(out, self.dtype);
      // Of nothing, NaN; of no integers what x86 makes of it, their least number.
      if (self.count === 0) out.items[0] = out.dtype === dtypes.int64 ? -(2n ** 63n) : NaN;
      else {
        choosePlaces(
          self,
          self.shape.map(() => true),
          choose,
          "median_cpu",
          (_, value) => {
            out.items[0] = value;
          },
        );
      }
      return converted(out, self.dtype);
    },
    backward: {
      // In equal shares to all elements that are the median.
      self: needs(["self", "output"], (g, { self, output }) => {
        const mask = output.isnan().item<boolean>() === true ? self.isnan() : self.eq(output);
        return mask.mul(g.div(mask.sum()));
      }),
    },
    samples: () => [],
  });
  return composed(
    { name, samples: medianSamples },
    (self: Tensor, dim?: number | ReduceOptions, options?: ReduceOptions) => {
      const line = toLine(self.shape.length, dim, options);
      if (self.dtype === dtypes.bool)
        throw notImplemented(line.axis === null ? "median_cpu" : "median_out", self.dtype);
      if (line.axis === null) return ofAll(self);
      requireElements("median", self, line.axis);
      return ofLines(self, { ...line, choose });
    },
  ) as unknown as MedianOp;
}

function medianSamples(): readonly Sample[] {
  return [
    [input([2, 3])],
    [input([4])],
    [input([2, 3]), 1],
    [input([3, 2], { layout: "transposed", dtype: "float64" }), { dim: 0, keepdim: true }],
    [input([3], { values: [NaN, 1, 2], smooth: false, dtype: "float64" }), 0],
    [input([3], { values: [NaN, 1, 2], smooth: false })],
    [input([5], { values: [1, 3, 3, 2, 3], smooth: false })],
    [input([0], { dtype: "float32", smooth: false })],
    [input([0, 3], { dtype: "float32" }), 0],
  ];
}

/** The median, of an even number of elements the lower middle; NaN if there is one. Throws: PyTorch's errors for bools and empty lines. */
export const median: MedianOp = medianOp("median", middle);

/** The median of the elements that are not NaN. Throws: as `median`. */
export const nanmedian: MedianOp = medianOp("nanmedian", middleOfNumbers);

const kthOfLines = along("kthvalue", "KthvalueBackward0");

/**
 * The k-th smallest element of each line, counted from 1, and its place.
 *
 * Throws: PyTorch's RuntimeError for a k that is out of range.
 */
export const kthvalue: Op<
  (self: Tensor, k: number, dim?: number | ReduceOptions, options?: ReduceOptions) => IndexedValues
> = composed(
  {
    name: "kthvalue",
    samples: () => [
      [input([5], { values: [5, 1, 4, 2, 3] }), 2],
      [input([2, 3], { dtype: "float64" }), 3, 0, { keepdim: true }],
      [input([2, 3], { dtype: "float64" }), 1, 1, { keepdim: true }],
      [input([3], { values: [NaN, 1, 2], smooth: false, dtype: "float64" }), 3],
    ],
  },
  (self: Tensor, k: number, dim: number | ReduceOptions = -1, options?: ReduceOptions): IndexedValues => {
    if (self.dtype === dtypes.bool) throw notImplemented("kthvalue_cpu", self.dtype);
    const line = lastUnlessNamed(self, dim, options);
    requireElements("kthvalue", self, line.axis);
    const length = self.shape.length === 0 ? 1 : self.shape[line.axis!]!;
    if (!(k >= 1 && k <= length)) {
      throw torchError(
        "RuntimeError",
        `kthvalue(): selected number k out of range for dimension ${line.axis}`,
      );
    }
    return kthOfLines(self, { ...line, choose: (sorted) => sorted[k - 1]! });
  },
);

function lastUnlessNamed(self: Tensor, dim: number | ReduceOptions, options?: ReduceOptions): LineArguments {
  const line = toLine(self.shape.length, dim, options);
  return line.axis === null ? toLine(self.shape.length, -1, { keepdim: line.keepdim }) : line;
}

const modeOfLines = along("mode", "ModeBackward0");

/** The most frequent element of each line, the smallest of several, and its place. Throws: PyTorch's IndexError for empty lines. */
export const mode: Op<
  (self: Tensor, dim?: number | ReduceOptions, options?: ReduceOptions) => IndexedValues
> = composed(
  {
    name: "mode",
    samples: () => [
      [input([5], { values: [2, 1, 2, 1, 3], smooth: false })],
      [input([2, 3], { values: [1, 3, 3, 2, 2, 5], smooth: false }), 1, { keepdim: true }],
      [input([2, 3]), 0],
    ],
  },
  (self: Tensor, dim: number | ReduceOptions = -1, options?: ReduceOptions): IndexedValues => {
    const line = lastUnlessNamed(self, dim, options);
    requireElements("mode", self, line.axis);
    return modeOfLines(self, { ...line, choose: mostFrequent });
  },
);
