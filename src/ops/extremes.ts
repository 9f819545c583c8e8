/**
 * The greatest and smallest elements, and where they are.
 */

import { noteCuts } from "../autograd/cut.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { scalarSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import { maximum, minimum } from "./choosing.ts";
import { converted } from "./elementwise.ts";
import type { Overloaded } from "./family.ts";
import { IndexedValues } from "./indexed-values.ts";
import { jointOp } from "./joint-op.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import type { LineArguments, ReduceArgument, ReduceOptions } from "./reduction-arguments.ts";
import {
  alongAxis,
  reducedShape,
  requireElements,
  toLine,
  toReduction,
  unreduced,
} from "./reduction-arguments.ts";
import { toPlaces } from "./places.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Which end is looked for. */
type End = "max" | "min";

/** Writes the place of the best element of each line; the first of equal ones, and a NaN before all numbers. */
function findPlaces(
  self: Tensor,
  isReduced: readonly boolean[],
  end: End,
  kernel: string,
  found: (at: number, value: number | bigint, place: number) => void,
): void {
  const lines = linesOf(self, isReduced, lineDtype(self.dtype, kernel));
  const items = lines.items as Float64Array;
  const { length } = lines;
  forEachLine(lines, (start, step, at) => {
    let best = items[start]!;
    let place = 0;
    for (let k = 1, i = start + step; k < length && best === best; k++, i += step) {
      const x = items[i]!;
      if (end === "max" ? !(x <= best) : !(x >= best)) {
        best = x;
        place = k;
      }
    }
    found(at, best, place);
  });
}

/** The values alone, in the tensor's dtype. */
function extremesOf(
  self: Tensor,
  isReduced: readonly boolean[],
  shape: Size,
  end: End,
  kernel: string,
): Tensor {
  const out = newTensor(lineDtype(self.dtype, kernel), shape, self.storage.device);
  if (self.storage.device === "cpu" && out.count > 0) {
    const items = out.items as Float64Array;
    findPlaces(self, isReduced, end, kernel, (at, value) => {
      items[at] = value as number;
    });
  }
  return converted(out, self.dtype);
}

/** Where elements are the result; a result that is NaN is where they are NaN. */
function isResult(self: Tensor, result: Tensor): Tensor {
  const equal = self.eq(result);
  return self.dtype.kind === "float" ? equal.logicalOr(self.isnan().logicalAnd(result.isnan())) : equal;
}

function whole(name: End): Op<(self: Tensor) => Tensor> {
  return op({
    name,
    inputs: ["self"],
    gradName: name === "max" ? "MaxBackward1" : "MinBackward1",
    forward(self) {
      requireElements(name, self, null);
      return extremesOf(
        self,
        self.shape.map(() => true),
        scalarSize,
        name,
        `${name}_all`,
      );
    },
    backward: {
      // The gradient in equal shares to all elements that are the result.
      self: needs(["self", "output"], (g, { self, output }) => {
        const mask = isResult(self, output);
        return mask.mul(g.div(mask.sum()));
      }),
    },
    samples: () => [],
  });
}

function alongOne(name: End): Op<(self: Tensor, line: LineArguments) => IndexedValues> {
  return jointOp({
    name,
    tensors: (self: Tensor, _line: LineArguments) => [self],
    forward(self, { axis, keepdim }) {
      if (self.isComplex()) throw torchError("RuntimeError", `${name}(): does not support complex input`);
      requireElements(name, self, axis);
      const isReduced = alongAxis(self.shape.length, axis);
      const shape = reducedShape(self.shape, { isReduced, keepdim });
      const values = newTensor(lineDtype(self.dtype, `${name}_cpu`), shape, self.storage.device);
      const indices = newTensor(dtypes.int64, shape, self.storage.device);
      if (self.storage.device === "cpu" && values.count > 0) {
        const to = values.items as Float64Array;
        const places = indices.items as BigInt64Array;
        findPlaces(self, isReduced, name, `${name}_cpu`, (at, value, place) => {
          to[at] = value as number;
          places[at] = BigInt(place);
        });
      }
      return [converted(values, self.dtype), indices];
    },
    save: ([self], outputs) => [self!, outputs[1]!],
    // The gradient to the element that was found.
    backward: ([g], { saved: [self, indices], args: [, line] }) => [
      toPlaces(g!, indices!, line, self!.shape),
    ],
    result: ([values, indices]) => new IndexedValues(name, values!, indices!),
    samples: () => [],
  });
}

/** What `max` and `min` may be called with. */
export interface Extreme {
  /** The one extreme of all elements. */
  (self: Tensor): Tensor;
  /** Elementwise, of two tensors. */
  (self: Tensor, other: Tensor): Tensor;
  /** Along a dimension, with the places. */
  (self: Tensor, dim: number | ReduceOptions, options?: ReduceOptions): IndexedValues;
}

/** The same as methods. */
export interface ExtremeMethod {
  /** The one extreme of all elements. */
  (): Tensor;
  /** Elementwise, of two tensors. */
  (other: Tensor): Tensor;
  /** Along a dimension, with the places. */
  (dim: number | ReduceOptions, options?: ReduceOptions): IndexedValues;
}

/** `max` or `min`. */
export type ExtremeOp = Op<Extreme> & Overloaded<ExtremeMethod>;

function extreme(name: End, tried: () => readonly Sample[]): ExtremeOp {
  const ofAll = whole(name);
  const ofLines = alongOne(name);
  const ofTwo = name === "max" ? maximum : minimum;
  return composed(
    { name, samples: tried },
    (self: Tensor, first?: Tensor | number | ReduceOptions, options?: ReduceOptions) => {
      if (first === undefined && options === undefined) return ofAll(self);
      if (isTensor(first)) return ofTwo(self, first);
      const line = toLine(self.shape.length, first, options);
      return line.axis === null ? ofAll(self) : ofLines(self, line);
    },
  ) as unknown as ExtremeOp;
}

/** Everything and along dimensions, with ties, NaN and empties. */
function samples(): readonly Sample[] {
  return [
    [input([2, 3])],
    [input([2, 3, 2]), 1],
    [input([2, 3]), -1, { keepdim: true }],
    [input([3, 2], { layout: "transposed" }), { dim: 0 }],
    [input([])],
    [input([]), 0],
    [input([2, 3], { values: [1, 3, 3, NaN, 5, NaN], smooth: false }), 1],
    [input([2, 3], { values: [1, 3, 3, -4, -4, 2], smooth: false })],
    [input([3], { values: [1, NaN, NaN], smooth: false })],
    [input([0, 3]), 0],
    [input([0, 3]), 1],
    [input([0])],
  ];
}

/**
 * The greatest element; along a dimension, the greatest of each line with their places; with another tensor, the
 * greater of both elementwise. The first of equal elements is found, and a NaN before all numbers.
 *
 * Throws: PyTorch's errors for no elements.
 *
 * @example
 * tensor([[1, 5], [7, 2]]).max(1).indices; // tensor([1, 0])
 */
export const max: ExtremeOp = extreme("max", () => [...samples(), [input([2, 3]), input([3])]]);

/** The smallest element; otherwise as `max`. */
export const min: ExtremeOp = extreme("min", () => [...samples(), [input([2, 3]), input([3])]]);

/** The extremes of lines along any number of dimensions, without places. */
function extremeValues(
  name: "amax" | "amin",
): Op<(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions) => Tensor> {
  const end = name === "amax" ? "max" : "min";
  return op({
    name,
    inputs: ["self"],
    forward(self, dim?: ReduceArgument, options?: ReduceOptions) {
      const reduction = toReduction(self.shape.length, dim, options);
      if (reduction.axes.length === 0) requireElements(name, self, null);
      for (const axis of reduction.axes) requireElements(name, self, axis);
      return extremesOf(
        self,
        reduction.isReduced,
        reducedShape(self.shape, reduction),
        end,
        `${end}_values_cpu`,
      );
    },
    backward: {
      // The gradient in equal shares to the elements of a line that are its result.
      self: needs(
        ["self", "output"],
        (g, { self, output, shape }, dim?: ReduceArgument, options?: ReduceOptions) => {
          const reduction = toReduction(shape.length, dim, options);
          const mask = self.eq(unreduced(output, shape, reduction));
          const axes = shape.flatMap((_, axis) => (reduction.isReduced[axis] === true ? [axis] : []));
          const shares = axes.length === 0 ? mask : mask.sum(axes, { keepdim: true });
          return unreduced(g, shape, reduction).mul(mask).div(shares);
        },
      ),
    },
    samples: () => [
      [input([2, 3])],
      [input([2, 3, 2]), [0, 2]],
      [input([2, 3]), 1, { keepdim: true }],
      [input([])],
      [input([2, 3], { values: [1, 3, 3, NaN, 5, 2], smooth: false }), 1],
      [input([0, 3]), 0],
      [input([0])],
    ],
  });
}

/** The greatest element over dimensions; equal ones share the gradient. Throws: PyTorch's errors for no elements. */
export const amax: Op<(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions) => Tensor> =
  extremeValues("amax");

/** The smallest element over dimensions; equal ones share the gradient. Throws: PyTorch's errors for no elements. */
export const amin: Op<(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions) => Tensor> =
  extremeValues("amin");

/** Both ends at once. */
export interface MinAndMax {
  readonly min: Tensor;
  readonly max: Tensor;
}

/** The smallest and the greatest element, of all or along a dimension. Throws: PyTorch's errors for no elements. */
export const aminmax: Op<(self: Tensor, options?: ReduceOptions) => MinAndMax> = jointOp({
  name: "aminmax",
  tensors: (self: Tensor, _options?: ReduceOptions) => [self],
  forward(self, options) {
    const { axis, keepdim } = toLine(self.shape.length, options);
    if (self.count === 0 && axis === null) {
      throw torchError(
        "RuntimeError",
        "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.",
      );
    }
    if (axis !== null) requireElements("aminmax", self, axis);
    const isReduced = alongAxis(self.shape.length, axis);
    const shape = reducedShape(self.shape, { isReduced, keepdim });
    return [
      extremesOf(self, isReduced, shape, "min", "aminmax_cpu"),
      extremesOf(self, isReduced, shape, "max", "aminmax_cpu"),
    ];
  },
  save: ([self], [low, high]) => [self!, low!, high!],
  // As those of amin and amax.
  backward(gradients, { saved: [self, low, high], args: [, options] }) {
    const { axis, keepdim } = toLine(self!.shape.length, options);
    const reduction = { isReduced: alongAxis(self!.shape.length, axis), keepdim };
    const parts = [low!, high!].map((result, k) => {
      const g = gradients[k];
      if (g === null || g === undefined) return null;
      const mask = isResult(self!, unreduced(result, self!.shape, reduction));
      const shares = axis === null ? mask.sum() : mask.sum(axis, { keepdim: true });
      return unreduced(g, self!.shape, reduction).mul(mask).div(shares);
    });
    const [first, second] = parts;
    if (first === null || first === undefined) return [second ?? null];
    return [second === null || second === undefined ? first : first.add(second)];
  },
  result: ([low, high]) => ({ min: low!, max: high! }),
  samples: () => [[input([2, 3])], [input([2, 3]), { dim: 1, keepdim: true }], [input([0])]],
});

function places(
  name: "argmax" | "argmin",
): Op<(self: Tensor, dim?: number | ReduceOptions | null, options?: ReduceOptions) => Tensor> {
  const end = name === "argmax" ? "max" : "min";
  return composed(
    { name, isDifferentiable: false, samples },
    (self: Tensor, dim?: number | ReduceOptions | null, options?: ReduceOptions): Tensor => {
      if (self.dtype === dtypes.bool)
        throw torchError("RuntimeError", `${name}(): does not support bool input`);
      if (self.isComplex()) throw torchError("RuntimeError", `${name}(): does not support complex input`);
      const { axis, keepdim } = toLine(self.shape.length, dim, options);
      if (axis === null && self.count === 0) {
        throw torchError(
          "IndexError",
          `${name}(): Expected reduction dim to be specified for input.numel() == 0.`,
        );
      }
      if (axis !== null) requireElements(name, self, axis);
      const isReduced = alongAxis(self.shape.length, axis);
      const out = newTensor(
        dtypes.int64,
        reducedShape(self.shape, { isReduced, keepdim }),
        self.storage.device,
      );
      if (self.storage.device === "meta" || out.count === 0) return out;
      const items = out.items as BigInt64Array;
      findPlaces(self, isReduced, end, `${name}_cpu`, (at, _value, place) => {
        items[at] = BigInt(place);
      });
      noteCuts(out, [self]);
      return out;
    },
  );
}

/** The place of the greatest element, in the flattened tensor or along a dimension. Throws: PyTorch's errors for no elements. */
export const argmax: Op<
  (self: Tensor, dim?: number | ReduceOptions | null, options?: ReduceOptions) => Tensor
> = places("argmax");

/** The place of the smallest element, in the flattened tensor or along a dimension. Throws: as `argmax`. */
export const argmin: Op<
  (self: Tensor, dim?: number | ReduceOptions | null, options?: ReduceOptions) => Tensor
> = places("argmin");
