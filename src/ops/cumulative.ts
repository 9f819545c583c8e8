/**
 * Running sums, products and extremes along a dimension.
 */

import type { DType, ItemArray } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { multiply } from "../kernels/complex.ts";
import { logAddExp } from "../kernels/special.ts";
import { categoryOf } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { cName, loopDtype, notImplemented } from "./loop-dtypes.ts";
import { IndexedValues } from "./indexed-values.ts";
import { cat } from "./joining.ts";
import { jointOp } from "./joint-op.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { Program, call1, callInPlace, needs, needsNothing, op, withFacts } from "./op.ts";
import type { AnyRecord } from "./op.ts";
import type { ReduceOptions } from "./reduction-arguments.ts";
import { alongAxis, toLine } from "./reduction-arguments.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Options of running ops. */
export interface CumulativeOptions {
  readonly dim?: number;
  /** Convert to this dtype first. */
  readonly dtype?: DType | string | null;
}

/** A running op along a dimension. */
export type Cumulative = (
  self: Tensor,
  dim: number | CumulativeOptions,
  options?: CumulativeOptions,
) => Tensor;

/** Goes along one line: from `start` in steps, in `items`, writing at the same places of `out`. */
type Run = (items: ItemArray, out: ItemArray, start: number, step: number, length: number) => void;

const addAlong: Run = (items, out, start, step, length) => {
  const from = items as Float64Array;
  let sum = 0;
  for (let k = 0, i = start; k < length; k++, i += step) {
    sum += from[i]!;
    out[i] = sum;
  }
};

const addBigAlong: Run = (items, out, start, step, length) => {
  const from = items as BigInt64Array;
  let sum = 0n;
  for (let k = 0, i = start; k < length; k++, i += step) {
    sum = BigInt.asIntN(64, sum + from[i]!);
    out[i] = sum;
  }
};

const multiplyAlong: Run = (items, out, start, step, length) => {
  const from = items as Float64Array;
  let product = 1;
  for (let k = 0, i = start; k < length; k++, i += step) {
    product *= from[i]!;
    out[i] = product;
  }
};

const multiplyBigAlong: Run = (items, out, start, step, length) => {
  const from = items as BigInt64Array;
  let product = 1n;
  for (let k = 0, i = start; k < length; k++, i += step) {
    product = BigInt.asIntN(64, product * from[i]!);
    out[i] = product;
  }
};

const logAddAlong: Run = (items, out, start, step, length) => {
  const from = items as Float64Array;
  let sum = -Infinity;
  for (let k = 0, i = start; k < length; k++, i += step) {
    sum = sum === -Infinity ? from[i]! : logAddExp(sum, from[i]!);
    out[i] = sum;
  }
};

/** Over complex elements, which lie in pairs of items. */
const addPairsAlong: Run = (items, out, start, step, length) => {
  const from = items as Float64Array;
  let re = 0;
  let im = 0;
  for (let k = 0, i = 2 * start; k < length; k++, i += 2 * step) {
    re += from[i]!;
    im += from[i + 1]!;
    out[i] = re;
    out[i + 1] = im;
  }
};

const multiplyPairsAlong: Run = (items, out, start, step, length) => {
  const from = items as Float64Array;
  const product = { re: 1, im: 0 };
  for (let k = 0, i = 2 * start; k < length; k++, i += 2 * step) {
    multiply(product, product.re, product.im, from[i]!, from[i + 1]!);
    out[i] = product.re;
    out[i + 1] = product.im;
  }
};

/** How a running op goes along a line, by the kind of its elements. */
interface Runs {
  /** PyTorch's name of it, for refusals. */
  readonly kernel: string;
  readonly run: Run;
  readonly big: Run;
  readonly complex: Run;
}

/** A fresh tensor of `dtype` with what `run` writes along each line. */
function ran(self: Tensor, axis: number | null, dtype: DType, runs: Runs): Tensor {
  const compute =
    dtype.kind === "complex"
      ? loopDtype(dtype)
      : dtype.kind === "float"
        ? lineDtype(dtype, runs.kernel)
        : dtypes.int64;
  const out = newTensor(compute, self.shape, self.storage.device);
  if (self.storage.device === "meta" || self.count === 0) return converted(out, dtype);
  const lines = linesOf(converted(self, dtype), alongAxis(self.shape.length, axis), compute);
  const step = compute === dtypes.int64 ? runs.big : compute.kind === "complex" ? runs.complex : runs.run;
  forEachLine(lines, (start, inner) => {
    step(lines.items, out.items, start, inner, lines.length);
  });
  return converted(out, dtype);
}

function axisOf(name: string, self: Tensor, dim: unknown, options?: CumulativeOptions): number | null {
  const { axis } = toLine(self.shape.length, dim as number | ReduceOptions, options);
  if (axis !== null) return axis;
  throw torchError("TypeError", `${name}() missing 1 required positional arguments: "dim"`);
}

interface CumulativeRecord {
  readonly name: string;
  readonly runs: Runs;
  readonly backward: AnyRecord["backward"];
  readonly samples: () => readonly Sample[];
}

/** A running op whose integers become int64. */
function cumulative(record: CumulativeRecord): InPlaceOp<Cumulative> {
  const { name, runs } = record;
  const program = new Program({ ...record, inputs: ["self"], takesComplex: true });
  const compute = (self: Tensor, dim: unknown, options?: unknown): Tensor => {
    const given = options as CumulativeOptions | undefined;
    const axis = axisOf(name, self, dim, given);
    const { dtype } = toLine(self.shape.length, dim as number | ReduceOptions, given);
    const natural = categoryOf(self.dtype) < categoryOf(dtypes.float32) ? dtypes.int64 : self.dtype;
    return ran(self, axis, dtype ?? natural, runs);
  };
  const call: Cumulative = (self, dim, options) => call1(program, compute, self, dim, options);
  const inPlace: Cumulative = (self, dim, options) =>
    callInPlace(program, [self], [dim, options], (target) => {
      const { dtype } = toLine(target.shape.length, dim, options);
      if (dtype !== null && dtype !== target.dtype) {
        throw torchError(
          "RuntimeError",
          `Bad in-place call: input tensor dtype ${cName(target.dtype)} and output tensor dtype ${cName(dtype)} should match`,
        );
      }
      if (target.dtype === dtypes.bool && target.ndim > 0 && target.count > 0)
        throw notImplemented(`${name}_out_cpu`, target.dtype);
      target.detach().copy_(compute(target.detach(), dim, options));
    });
  return Object.assign(withFacts(call, program), { inPlace });
}

function samples(): readonly Sample[] {
  return [
    [input([2, 3]), 0],
    [input([2, 3, 2]), -2],
    [input([3, 2], { layout: "transposed" }), { dim: 1 }],
    [input([]), 0],
    [input([0, 3]), 0],
    [input([2, 3], { smooth: false }), 1, { dtype: "float64" }],
    [input([2, 3]), 2],
  ];
}

/** The dimension that a rule's arguments name. */
function axisGiven(
  shape: Tensor["shape"],
  dim: number | CumulativeOptions,
  options?: CumulativeOptions,
): number {
  return toLine(shape.length, dim, options).axis ?? 0;
}

/** Sums from each element to the end of its line. */
function sumsToEnd(g: Tensor, axis: number): Tensor {
  return g.shape.length === 0 ? g : g.flip(axis).cumsum(axis).flip(axis);
}

/**
 * Running sums along a dimension. Integers and bools sum to int64.
 *
 * Throws: PyTorch's IndexError for a dimension that is out of range.
 *
 * @example
 * tensor([1, 2, 3]).cumsum(0); // tensor([1, 3, 6])
 */
export const cumsum: InPlaceOp<Cumulative> = cumulative({
  name: "cumsum",
  runs: { kernel: "cumsum_out_cpu", run: addAlong, big: addBigAlong, complex: addPairsAlong },
  backward: {
    // Each element is in all sums from its own on.
    self: needsNothing((g, { shape }, dim: number | CumulativeOptions, options?: CumulativeOptions) =>
      sumsToEnd(g, axisGiven(shape, dim, options)),
    ),
  },
  samples,
});

/**
 * ∂L/∂xₖ = Σ_{i ≥ k} gᵢ·yᵢ/xₖ, of the conjugates of complex x and y. Where an element is 0, the products without it are made one by one.
 */
function slopeOfProducts(g: Tensor, self: Tensor, output: Tensor, axis: number): Tensor {
  if (self.shape.length === 0) return g;
  if (self.eq(0).any().item<boolean>() !== true) return sumsToEnd(g.mul(output), axis).div(self);
  const length = self.shape[axis]!;
  const slopes = Array.from({ length }, (_, k) => {
    const before = self.narrow(axis, 0, k).prod(axis, { keepdim: true });
    const one = self.narrow(axis, k, 1).mul(0).add(1);
    const after = cat([one, self.narrow(axis, k + 1, length - k - 1)], axis).cumprod(axis);
    return before.mul(
      g
        .narrow(axis, k, length - k)
        .mul(after)
        .sum(axis, { keepdim: true }),
    );
  });
  return cat(slopes, axis);
}

/** Running products along a dimension. Integers and bools multiply to int64. Throws: as `cumsum`. */
export const cumprod: InPlaceOp<Cumulative> = cumulative({
  name: "cumprod",
  runs: {
    kernel: "cumprod_out_cpu",
    run: multiplyAlong,
    big: multiplyBigAlong,
    complex: multiplyPairsAlong,
  },
  backward: {
    self: needs(
      ["self", "output"],
      (g, { self, output, shape }, dim: number | CumulativeOptions, options?: CumulativeOptions) =>
        slopeOfProducts(g, self.conj(), output.conj(), axisGiven(shape, dim, options)),
    ),
  },
  samples: () => [...samples(), [input([2, 3], { values: [1, 0, 2, 0, 0, 3] }), 1]],
});

/** Running logarithms of sums of exponentials along a dimension. Throws: PyTorch's NotImplementedError for integers. */
export const logcumsumexp: Op<Cumulative> = op({
  name: "logcumsumexp",
  inputs: ["self"],
  forward(self, dim: number | CumulativeOptions, options?: CumulativeOptions) {
    const axis = axisOf("logcumsumexp", self, dim, options);
    if (self.dtype.kind !== "float") throw notImplemented("logcumsumexp_out_cpu", self.dtype);
    const runs = { run: logAddAlong, big: logAddAlong, complex: logAddAlong };
    return ran(self, axis, self.dtype, { kernel: "logcumsumexp_out_cpu", ...runs });
  },
  backward: {
    // ∂/∂xₖ = Σ_{i ≥ k} gᵢ·e^(xₖ − yᵢ)
    self: needs(
      ["self", "output"],
      (g, { self, output, shape }, dim: number | CumulativeOptions, options?: CumulativeOptions) =>
        sumsToEnd(g.mul(output.neg().exp()), axisGiven(shape, dim, options)).mul(self.exp()),
    ),
  },
  samples: () => samples().slice(0, 5),
});

function runningExtreme(
  name: "cummax" | "cummin",
): Op<(self: Tensor, dim: number | CumulativeOptions) => IndexedValues> {
  const isMax = name === "cummax";
  return jointOp({
    name,
    tensors: (self: Tensor, _dim: number | CumulativeOptions) => [self],
    forward(self, dim) {
      const axis = axisOf(name, self, dim);
      const values = newTensor(lineDtype(self.dtype, `${name}_cpu`), self.shape, self.storage.device);
      const indices = newTensor(dtypes.int64, self.shape, self.storage.device);
      if (self.storage.device === "meta" || self.count === 0) return [converted(values, self.dtype), indices];
      const lines = linesOf(self, alongAxis(self.shape.length, axis), lineDtype(self.dtype, `${name}_cpu`));
      const items = lines.items as Float64Array;
      forEachLine(lines, (start, step) => {
        let best = items[start]!;
        let place = 0;
        for (let k = 0, i = start; k < lines.length; k++, i += step) {
          const x = items[i]!;
          // The latest of equal elements; a NaN stays, but a later one takes its place.
          if (x !== x || (best === best && (isMax ? x >= best : x <= best))) {
            best = x;
            place = k;
          }
          values.items[i] = best;
          indices.items[i] = BigInt(place);
        }
      });
      return [converted(values, self.dtype), indices];
    },
    save: ([self], outputs) => [self!, outputs[1]!],
    // Each gradient to the element that was the extreme then.
    backward: ([g], { saved: [self, indices], args: [, dim] }) => [
      gathered(g!, indices!, axisGiven(self!.shape, dim)),
    ],
    result: ([values, indices]) => new IndexedValues(name, values!, indices!),
    samples: () => [
      [input([2, 3]), 1],
      [input([2, 3, 2]), -2],
      [input([]), 0],
      [input([5], { values: [1, 3, 3, NaN, 5], smooth: false }), 0],
    ],
  });
}

/** Adds up gradients at the places of their elements. */
function gathered(g: Tensor, indices: Tensor, axis: number): Tensor {
  return g.shape.length === 0 ? g : g.mul(0).scatterAdd(axis, indices, g);
}

/** Running maxima along a dimension, and the places of the latest one. Throws: as `cumsum`. */
export const cummax: Op<(self: Tensor, dim: number | CumulativeOptions) => IndexedValues> =
  runningExtreme("cummax");

/** Running minima along a dimension, and the places of the latest one. Throws: as `cumsum`. */
export const cummin: Op<(self: Tensor, dim: number | CumulativeOptions) => IndexedValues> =
  runningExtreme("cummin");
