/**
 * Exponentials that are weighed against each other along a dimension: softmax, its logarithm, and the logarithm of sums.
 */

import type { DType } from "../dtype.ts";
import { toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { defaultDtype } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { cast } from "./copy.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import type { ReduceArgument, ReduceOptions } from "./reduction-arguments.ts";
import { alongAxis, reducedShape, toLine, toReduction, unreduced } from "./reduction-arguments.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  readonly dim?: number;
  /** Convert to this dtype first; default: as it is. */
  readonly dtype?: DType | string | null;
}

/** An op that weighs elements along a dimension. */
export type Softmax = Op<(self: Tensor, dim: number | SoftmaxOptions, options?: SoftmaxOptions) => Tensor>;

/** The greatest of a line, by which exponents are lowered so that none overflows; 0 where it is infinite. */
function levelOf(items: Float64Array, start: number, step: number, length: number): number {
  let most = -Infinity;
  for (let k = 0, i = start; k < length; k++, i += step) if (items[i]! > most) most = items[i]!;
  return most;
}

function softmaxLine(
  items: Float64Array,
  out: Float64Array,
  start: number,
  step: number,
  length: number,
): void {
  const level = levelOf(items, start, step, length);
  let sum = 0;
  for (let k = 0, i = start; k < length; k++, i += step) {
    const e = Math.exp(items[i]! - level);
    out[i] = e;
    sum += e;
  }
  for (let k = 0, i = start; k < length; k++, i += step) out[i] = out[i]! / sum;
}

function logSoftmaxLine(
  items: Float64Array,
  out: Float64Array,
  start: number,
  step: number,
  length: number,
): void {
  const level = levelOf(items, start, step, length);
  let sum = 0;
  for (let k = 0, i = start; k < length; k++, i += step) sum += Math.exp(items[i]! - level);
  const logarithm = Math.log(sum);
  for (let k = 0, i = start; k < length; k++, i += step) out[i] = items[i]! - level - logarithm;
}

function weighed(self: Tensor, axis: number, line: typeof softmaxLine, kernel: string): Tensor {
  const isLast = axis === Math.max(0, self.shape.length - 1);
  const compute = lineDtype(self.dtype, `${kernel}_${isLast ? "lastdim_" : ""}kernel_impl`);
  const out = newTensor(compute, self.shape, self.storage.device);
  if (self.storage.device === "cpu" && self.count > 0) {
    const lines = linesOf(self, alongAxis(self.shape.length, axis), compute);
    forEachLine(lines, (start, step) => {
      line(lines.items as Float64Array, out.items as Float64Array, start, step, lines.length);
    });
  }
  return converted(out, self.dtype);
}

const softmaxOf: Op<(self: Tensor, axis: number) => Tensor> = op({
  name: "softmax",
  inputs: ["self"],
  forward: (self, axis: number) => weighed(self, axis, softmaxLine, "softmax"),
  backward: {
    // ∂/∂xₖ = yₖ·(gₖ − Σ gᵢ·yᵢ)
    self: needs(["output"], (g, { output }, axis: number) => {
      const weighted = g.mul(output);
      if (output.shape.length === 0) return weighted.sub(weighted.mul(output));
      return weighted.sub(output.mul(weighted.sum(axis, { keepdim: true })));
    }),
  },
  samples: () => [],
});

const logSoftmaxOf: Op<(self: Tensor, axis: number) => Tensor> = op({
  name: "logSoftmax",
  inputs: ["self"],
  forward: (self, axis: number) => weighed(self, axis, logSoftmaxLine, "log_softmax"),
  backward: {
    // ∂/∂xₖ = gₖ − e^(yₖ)·Σ gᵢ
    self: needs(["output"], (g, { output }, axis: number) =>
      g.sub(output.exp().mul(output.shape.length === 0 ? g : g.sum(axis, { keepdim: true }))),
    ),
  },
  samples: () => [],
});

function samples(): readonly Sample[] {
  return [
    [input([2, 3]), 1],
    [input([2, 3, 2]), -2],
    [input([3, 2], { layout: "transposed" }), { dim: 0 }],
    [input([]), 0],
    [input([2, 3]), 0, { dtype: "float64" }],
    [input([4], { values: [1000, -1000, 999, 0] }), 0],
    [input([3], { values: [-Infinity, 1, 2], smooth: false }), 0],
    [input([2], { values: [NaN, 1], smooth: false }), 0],
    [input([2, 0]), 1],
    [input([2, 3]), 2],
  ];
}

function weighing(name: "softmax" | "logSoftmax", of: typeof softmaxOf): Softmax {
  const kernel = name === "softmax" ? "softmax" : "log_softmax";
  return composed({ name, samples }, (self, dim, options) => {
    const line = toLine(self.shape.length, dim, options as ReduceOptions | undefined);
    if (line.axis === null) {
      throw torchError("TypeError", `${kernel}() missing 1 required positional arguments: "dim"`);
    }
    const source = line.dtype === null ? self : cast(self, toDtype(line.dtype));
    if (source.dtype.kind !== "float" && source.count > 0) {
      const isLast = line.axis === Math.max(0, source.shape.length - 1);
      throw notImplemented(`${kernel}_${isLast ? "lastdim_" : ""}kernel_impl`, source.dtype);
    }
    return of(source, line.axis);
  });
}

/**
 * eˣ divided by the sum of eˣ along a dimension: weights that add up to 1.
 *
 * Throws: PyTorch's NotImplementedError for integers, unless a float `dtype` is given.
 *
 * @example
 * tensor([0, 0], { dtype: "float32" }).softmax(0); // tensor([0.5000, 0.5000])
 */
export const softmax: Softmax = weighing("softmax", softmaxOf);

/** The logarithm of `softmax`, exact also where that is nearly 0. Throws: as `softmax`. */
export const logSoftmax: Softmax = weighing("logSoftmax", logSoftmaxOf);

/** Of complex numbers the greatest real part is the level. */
function complexLogSumExp(self: Tensor, dim: ReduceArgument, options?: ReduceOptions): Tensor {
  const real = self.real.nanToNum({ nan: 0, posinf: 0, neginf: 0 });
  const level = real.count === 0 ? real : real.amax();
  const shifted = self.sub(level.count === 1 ? level.reshape([]) : 0);
  const sums = shifted.exp().sum(dim, options).log();
  return level.count === 1 ? sums.add(level.reshape([])) : sums;
}

/** The logarithm of the sum of exponentials over dimensions, without overflow. Integers count as floats. */
export const logsumexp: Op<(self: Tensor, dim: ReduceArgument, options?: ReduceOptions) => Tensor> = op({
  name: "logsumexp",
  takesComplex: true,
  inputs: ["self"],
  forward(self, dim: ReduceArgument, options?: ReduceOptions) {
    const reduction = toReduction(self.shape.length, dim, options);
    if (self.isComplex()) return complexLogSumExp(self.detach(), dim, options);
    const dtype = self.dtype.kind === "float" ? self.dtype : defaultDtype();
    const compute = lineDtype(dtype, "max_values_cpu");
    const out = newTensor(compute, reducedShape(self.shape, reduction), self.storage.device);
    if (self.storage.device === "meta") return converted(out, dtype);
    const lines = linesOf(self, reduction.isReduced, compute);
    const items = lines.items as Float64Array;
    forEachLine(lines, (start, step, at) => {
      const most = levelOf(items, start, step, lines.length);
      const level = Number.isFinite(most) ? most : 0;
      let sum = 0;
      for (let k = 0, i = start; k < lines.length; k++, i += step) sum += Math.exp(items[i]! - level);
      out.items[at] = Math.log(sum) + level;
    });
    return converted(out, dtype);
  },
  backward: {
    // ∂/∂x = e^(x − y)
    self: needs(
      ["self", "output"],
      (g, { self, output, shape }, dim: ReduceArgument, options?: ReduceOptions) => {
        const reduction = toReduction(shape.length, dim, options);
        const difference = self.sub(unreduced(output, shape, reduction));
        return unreduced(g, shape, reduction).mul(difference.exp().conj());
      },
    ),
  },
  samples: () => [
    [input([2, 3]), 1],
    [input([2, 3, 2]), [0, -1], { keepdim: true }],
    [input([3, 2], { layout: "transposed" }), { dim: 0 }],
    [input([]), 0],
    [input([3], { values: [1000, 999, -1000] }), 0],
    [input([2], { values: [-Infinity, -Infinity], smooth: false }), 0],
    [input([2], { values: [Infinity, 1], smooth: false }), 0],
    [input([0, 2]), 0],
  ],
});
