/**
 * Weights as a length times a direction, and their lengths.
 *
 * Note [float32 norms]: lengths are stored in checkpoints, so they are rounded as PyTorch's CPU build rounds them. Along
 * the last dimension it sums squares in eight lanes, then the lanes one after the other, then what is left over; of
 * that, if it is four or more, four squares are rounded before they are added, and the others are not (fused
 * multiply-add). Along other dimensions it sums squares one after the other. Measured on PyTorch 2.13.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { dtypes } from "../dtype.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { countOf, toSize } from "../shape.ts";
import { denseItems } from "../tensor/elements.ts";
import { fma32 } from "../tensor/float32.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";

const lanes = 8;

/** The 2-norm of a row of float32 numbers; see Note [float32 norms]. */
export function rowNorm32(items: Float32Array, start: number, length: number): number {
  const sums = new Float32Array(lanes);
  const even = start + length - (length % lanes);
  for (let k = start; k < even; k += lanes) {
    for (let lane = 0; lane < lanes; lane++) {
      const x = items[k + lane]!;
      sums[lane] = sums[lane]! + Math.fround(x * x);
    }
  }
  let sum = sums[0]!;
  for (let lane = 1; lane < lanes; lane++) sum = Math.fround(sum + sums[lane]!);
  const rest = length % lanes;
  for (let k = 0; k < rest; k++) {
    const x = items[even + k]!;
    const isRoundedFirst = rest >= 4 && k < 4;
    sum = isRoundedFirst ? Math.fround(sum + Math.fround(x * x)) : fma32(x, x, sum);
  }
  return Math.fround(Math.sqrt(sum));
}

/** The 2-norm of a column of float32 numbers that lie `step` apart. */
function columnNorm32(items: Float32Array, start: number, step: number, length: number): number {
  let sum = 0;
  for (let k = 0, at = start; k < length; k++, at += step) {
    sum = Math.fround(sum + Math.fround(items[at]! * items[at]!));
  }
  return Math.fround(Math.sqrt(sum));
}

/** All axes but one; all of them for −1, which here does not mean the last. */
function axesExcept(rank: number, dim: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== dim);
}

/**
 * The 2-norm over all dimensions but one, without gradient; over all for −1.
 *
 * Shape: (…, d, …) → (1, …, d, …, 1), or () for −1.
 */
export function normExceptDim(v: Tensor, dim: number): Tensor {
  const { shape } = v;
  if (v.dtype !== dtypes.float32 || v.device === "meta") {
    const values = v.detach();
    return dim === -1 ? values.norm(2) : values.norm(2, axesExcept(v.ndim, dim), { keepdim: true });
  }
  if (dim === -1) {
    const out = newTensor(dtypes.float32, toSize([]));
    out.items[0] = rowNorm32(denseItems(v) as Float32Array, 0, v.count);
    return out;
  }
  const out = newTensor(dtypes.float32, toSize(shape.map((length, axis) => (axis === dim ? length : 1))));
  const isLast = dim === v.ndim - 1 && dim > 0;
  const items = denseItems(isLast ? v : v.detach().transpose(0, dim)) as Float32Array;
  const length = countOf(shape) / Math.max(1, out.count);
  for (let k = 0; k < out.count; k++) {
    out.items[k] = isLast ? columnNorm32(items, k, out.count, length) : rowNorm32(items, k * length, length);
  }
  return out;
}

/** The 2-norm over all dimensions but one, with gradient. */
function lengths(v: Tensor, dim: number): Tensor {
  return v.norm(2, axesExcept(v.ndim, dim), { keepdim: true });
}

const scaledDirections: Op<(v: Tensor, g: Tensor, dim: number) => Tensor> = op({
  name: "weightNormInterface",
  inputs: ["v", "g"],
  forward: (v, g, dim: number) => noGradNorNotes(() => v.mul(g.div(normExceptDim(v, dim)))),
  backward: {
    // ∂/∂v = g/‖v‖ · (G − v·⟨G, v⟩/‖v‖²)
    v: needs(["v", "g"], (gradient, { v, g }, dim: number) => {
      const length = lengths(v, dim);
      const along = gradient.mul(v).sum(axesExcept(v.ndim, dim), { keepdim: true });
      return gradient.sub(v.mul(along.div(length.mul(length)))).mul(g.div(length));
    }),
    // ∂/∂g = ⟨G, v⟩/‖v‖
    g: needs(["v"], (gradient, { v }, dim: number) =>
      gradient.mul(v).sum(axesExcept(v.ndim, dim), { keepdim: true }).div(lengths(v, dim)),
    ),
  },
  samples: () => [],
});

/**
 * A weight of length g and direction v: g·v/‖v‖, the norm over all dimensions but `dim`, or over all for −1.
 *
 * Shape: v (…, d, …), g (1, …, d, …, 1), or () for −1 → that of v.
 */
export function weightNorm(v: Tensor, g: Tensor, dim: number = 0): Tensor {
  const isOneNode = dim === 0 || dim === v.ndim - 1;
  if (isOneNode) return scaledDirections(v, g, dim);
  return v.mul(g.div(dim === -1 ? v.norm(2) : lengths(v, dim)));
}
