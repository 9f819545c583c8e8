/**
 * Norms and distances.
 */

import type { DType } from "../dtype.ts";
import { toDtype } from "../dtype.ts";
import { UsageError, torchError } from "../errors.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { isScalarArgument, plainScalar } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { forEachLine, lineDtype, linesOf } from "./lines.ts";
import type { Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import { reducedShape, toReduction, unreduced } from "./reduction-arguments.ts";
import { input } from "./samples.ts";
import { where } from "./where.ts";

/** The order of a norm: a number, also ±Infinity, or `"fro"` for 2. */
export type NormOrder = ScalarArgument | "fro";

/** Options of `norm`. */
export interface NormOptions {
  /** Default `"fro"`: the root of the sum of squares. */
  readonly p?: NormOrder | null;
  /** The dimensions; default: all. */
  readonly dim?: number | readonly number[] | null;
  /** Keep the dimensions, with length 1. Default false. */
  readonly keepdim?: boolean;
  /** Convert to this dtype first. */
  readonly dtype?: DType | string | null;
}

/** The norm of one line. */
function normOfLine(items: Float64Array, start: number, step: number, length: number, p: number): number {
  let sum = 0;
  if (p === 2) {
    for (let k = 0, i = start; k < length; k++, i += step) sum += items[i]! * items[i]!;
    // Beyond the range of squares, once more with the elements made smaller or larger.
    if ((sum === Infinity || sum < 1e-290) && length > 0) return scaledNorm(items, start, step, length);
    return Math.sqrt(sum);
  }
  if (p === 1) {
    for (let k = 0, i = start; k < length; k++, i += step) sum += Math.abs(items[i]!);
    return sum;
  }
  if (p === 0) {
    for (let k = 0, i = start; k < length; k++, i += step) sum += items[i] === 0 ? 0 : 1;
    return sum;
  }
  if (p === Infinity || p === -Infinity) return extremeOfLine(items, start, step, length, p > 0);
  for (let k = 0, i = start; k < length; k++, i += step) sum += Math.abs(items[i]!) ** p;
  return sum ** (1 / p);
}

function extremeOfLine(
  items: Float64Array,
  start: number,
  step: number,
  length: number,
  isGreatest: boolean,
): number {
  let best = isGreatest ? 0 : Infinity;
  for (let k = 0, i = start; k < length; k++, i += step) {
    best = isGreatest ? Math.max(best, Math.abs(items[i]!)) : Math.min(best, Math.abs(items[i]!));
  }
  return best;
}

function scaledNorm(items: Float64Array, start: number, step: number, length: number): number {
  const scale = extremeOfLine(items, start, step, length, true);
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  let sum = 0;
  for (let k = 0, i = start; k < length; k++, i += step) sum += (items[i]! / scale) ** 2;
  return scale * Math.sqrt(sum);
}

/** What PyTorch throws for the largest or smallest of no elements. */
function noExtreme(p: number, shape: readonly number[], dims: readonly number[]): Error {
  const order = p > 0 ? "inf" : "-inf";
  const empty = dims.find((dim) => shape.at(dim) === 0);
  // PyTorch's text has no blank before "because".
  const place =
    empty === undefined
      ? "an empty tensor because"
      : `the dimension ${empty}because this dimension is empty and`;
  return torchError(
    "RuntimeError",
    `linalg.vector_norm cannot compute the ${order} norm on ${place} the operation does not have an identity`,
  );
}

/** Norms in double precision, rounded once. */
function normForward(self: Tensor, p: number, options: NormOptions): Tensor {
  // The norms of complex numbers are those of their magnitudes.
  if (self.isComplex()) return normForward(self.detach().abs(), p, options);
  const reduction = toReduction(self.shape.length, options);
  const dtype = reduction.dtype ?? self.dtype;
  const compute = lineDtype(dtype, "norm_cpu");
  const out = newTensor(compute, reducedShape(self.shape, reduction), self.storage.device);
  if (self.storage.device === "meta") return converted(out, dtype);
  const lines = linesOf(converted(self, dtype), reduction.isReduced, compute);
  if ((p === Infinity || p === -Infinity) && lines.length === 0 && out.count > 0) {
    throw noExtreme(p, self.shape, [options.dim ?? []].flat());
  }
  forEachLine(lines, (start, step, at) => {
    out.items[at] = normOfLine(lines.items as Float64Array, start, step, lines.length, p);
  });
  return converted(out, dtype);
}

/** The derivative of a norm n of order p, by the order; `n` and `g` broadcast over `x`. */
export function slopeOfNorm(
  g: Tensor,
  x: Tensor,
  n: Tensor,
  p: number,
  axes: readonly number[],
): Tensor | null {
  // ∂n/∂x = sign x
  if (p === 1) return x.sgn().mul(g);
  // ∂n/∂x = x/n, 0 where n is 0
  if (p === 2) return x.mul(where(n.eq(0), 0, g.div(n)));
  // The count of what is not 0 does not change.
  if (p === 0) return null;
  if (p === Infinity || p === -Infinity) {
    // sign x, in equal shares to the elements of that magnitude
    const isExtreme = x.abs().eq(n).logicalOr(x.isnan().logicalAnd(n.isnan()));
    const shares = axes.length === 0 ? isExtreme : isExtreme.sum(axes, { keepdim: true });
    return x.sgn().mul(isExtreme).mul(g.div(shares));
  }
  // ∂n/∂x = sign x·(|x|/n)ᵖ⁻¹, 0 where n is 0, and for p < 1 where x is 0
  const scale = where(n.eq(0), 0, g.div(n.pow(p - 1)));
  const power = x.abs().pow(p - 1);
  return x
    .sgn()
    .mul(p < 1 ? where(x.eq(0), 0, power) : power)
    .mul(scale);
}

const vectorNorm: Op<(self: Tensor, p: number, options: NormOptions) => Tensor> = op({
  name: "norm",
  gradName: "LinalgVectorNormBackward0",
  inputs: ["self"],
  forward: (self, p: number, options: NormOptions) => normForward(self, p, options),
  backward: {
    self: needs(["self", "output"], (g, { self, output, shape }, p: number, options: NormOptions) => {
      const reduction = toReduction(shape.length, options);
      const axes = shape.flatMap((_, axis) => (reduction.isReduced[axis] === true ? [axis] : []));
      const [slope, norm] = [unreduced(g, shape, reduction), unreduced(output, shape, reduction)];
      return slopeOfNorm(slope, self, norm, p, axes);
    }),
  },
  samples: () => [],
});

function requireComplex(dtype: DType): void {
  if (dtype.kind === "complex") return;
  throw torchError(
    "RuntimeError",
    `linalg.vector_norm: dtype should be complex for complex inputs, but got ${dtype.scalarType}`,
  );
}

function orderOf(p: unknown): number {
  if (p === undefined || p === null || p === "fro") return 2;
  if (isScalarArgument(p)) return Number(plainScalar(p));
  if (p === "nuc") {
    throw new UsageError(
      'computing a norm: found the order "nuc", which needs a singular value decomposition that is not built here; expected a number or "fro"',
      { code: "nuclear-norm" },
    );
  }
  throw torchError("RuntimeError", `linalg.matrix_norm: Order ${String(p)} not supported.`);
}

/**
 * The norm of all elements, or of those along dimensions: (Σ|x|ᵖ)^(1/p).
 *
 * Throws: PyTorch's RuntimeError for integers and bools. The nuclear norm is not among the orders.
 *
 * @example
 * tensor([3, 4], { dtype: "float32" }).norm(); // tensor(5.)
 */
export const norm: Op<
  (
    self: Tensor,
    p?: NormOrder | NormOptions | null,
    dim?: number | readonly number[] | null | NormOptions,
    options?: NormOptions,
  ) => Tensor
> = composed(
  {
    name: "norm",
    takesComplex: true,
    samples: () => [
      [input([2, 3])],
      [input([2, 3]), 1],
      [input([2, 3]), 3, 0],
      [input([2, 3]), 2, [0, 1], { keepdim: true }],
      [input([2, 3]), { dim: 1 }],
      [input([2, 3]), Infinity, 1],
      [input([2, 3]), -Infinity],
      [input([2, 3]), 0, 1],
      [input([2, 3]), 0.5],
      [input([3, 2], { layout: "transposed" }), 1.5, 1],
      [input([2, 2], { values: [0, 0, 3, 4], smooth: false }), 2, 1],
      [input([3], { values: [2, -2, 1], smooth: false }), Infinity],
      [input([0], { smooth: false })],
      [input([])],
      [input([2]), { dtype: "float64" }],
    ],
  },
  (self, p, dim, options) => {
    const isOrder = p === undefined || p === null || typeof p === "string" || isScalarArgument(p);
    const fromP: NormOptions = isOrder ? { p: p ?? null } : p;
    const isNamed = typeof dim === "object" && dim !== null && !Array.isArray(dim);
    const fromDim: NormOptions = isNamed
      ? (dim as NormOptions)
      : dim === undefined
        ? {}
        : { dim: dim as number };
    const all: NormOptions = { ...fromP, ...fromDim, ...options };
    const order = orderOf(all.p);
    if (self.dtype.kind !== "float" && !self.isComplex()) {
      throw torchError(
        "RuntimeError",
        `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${self.dtype.scalarType}`,
      );
    }
    if (self.isComplex() && all.dtype !== undefined && all.dtype !== null) requireComplex(toDtype(all.dtype));
    return vectorNorm(self, order, all);
  },
);

/** The norm of the difference of two tensors, which broadcast. */
export const dist: Op<(self: Tensor, other: Tensor, p?: number) => Tensor> = op({
  name: "dist",
  inputs: ["self", "other"],
  forward(self, other, p: number = 2) {
    const difference = self.detach().sub(other.detach());
    if (difference.dtype.kind !== "float" && !difference.isComplex()) {
      throw torchError(
        "RuntimeError",
        `norm(): input dtype should be either floating point or complex. Got ${difference.dtype.scalarType} instead.`,
      );
    }
    return normForward(difference, p, toReduction(difference.ndim));
  },
  backward: {
    // As the norm's, of the difference.
    self: needs(["self", "other", "output"], (g, { self, other, output }, p: number = 2) => {
      const difference = self.sub(other);
      return slopeOfNorm(
        g,
        difference,
        output,
        p,
        difference.shape.map((_, axis) => axis),
      );
    }),
    other: needs(["self", "other", "output"], (g, { self, other, output }, p: number = 2) => {
      const difference = other.sub(self);
      return slopeOfNorm(
        g,
        difference,
        output,
        p,
        difference.shape.map((_, axis) => axis),
      );
    }),
  },
  samples: () => [
    [input([2, 3]), input([2, 3])],
    [input([2, 3]), input([3]), 1],
    [input([2, 3]), input([2, 3]), 3],
  ],
});
