/**
 * Quantiles: values below which given shares of the elements lie.
 */

import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { scalarTensor } from "./copy.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { squeezedInPlace } from "./reshaping.ts";
import { input } from "./samples.ts";
import { where } from "./where.ts";

/** What a quantile between two elements is. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Options of `quantile`. */
export interface QuantileOptions {
  /** The dimension; default: of all elements. */
  readonly dim?: number | null;
  /** Keep the dimension, with length 1. Default false. */
  readonly keepdim?: boolean;
  /** Default `"linear"`. */
  readonly interpolation?: Interpolation;
}

/** `quantile` or `nanquantile`. */
export type Quantile = Op<
  (
    self: Tensor,
    q: number | Tensor,
    dim?: number | null | QuantileOptions,
    options?: QuantileOptions,
  ) => Tensor
>;

const interpolations: ReadonlySet<string> = new Set(["linear", "lower", "higher", "midpoint", "nearest"]);

/** The shares as a tensor, of one dimension or none. */
function checked(self: Tensor, q: number | Tensor, interpolation: string): Tensor {
  const demand = (holds: boolean, text: string): void => {
    if (!holds) throw torchError("RuntimeError", `quantile() ${text}`);
  };
  if (!isTensor(q)) demand(q >= 0 && q <= 1, `q must be in the range [0, 1] but got ${q}`);
  demand(self.count > 0, "input tensor must be non-empty");
  if (isTensor(q)) demand(q.shape.length <= 1, "q must be a scalar or 1D tensor");
  const ways = "linear, lower, higher, midpoint or nearest";
  demand(interpolations.has(interpolation), `interpolation must be one of ${ways}, but got ${interpolation}`);
  const isFloat = self.dtype.name === "float32" || self.dtype.name === "float64";
  demand(isFloat, "input tensor must be either float or double dtype");
  const shares = isTensor(q) ? q : scalarTensor(q, self.dtype);
  demand(shares.dtype === self.dtype, "q tensor must be same dtype as the input tensor");
  const values = shares.detach();
  const isWithin = values.ge(0).logicalAnd(values.le(1)).all().item<boolean>() === true;
  demand(isWithin, "q values must be in the range [0, 1]");
  return shares;
}

/** The lines whose quantiles are wanted along the last dimension; that which is to be kept has length 1 in its place. */
function linesOf(self: Tensor, axis: number | null, keepdim: boolean): Tensor {
  const rank = self.shape.length;
  if (axis === null || rank === 0) {
    const line = self.flatten();
    return keepdim ? line.view([...Array<number>(rank).fill(1), line.count]) : line;
  }
  if (keepdim) return self.unsqueeze(-1).transpose(axis, -1);
  return axis === rank - 1 ? self : self.unsqueeze(-1).transpose(axis, -1).squeeze(axis);
}

/** The places of the shares among sorted elements: a NaN among these is the quantile, unless NaN is left out. */
function ranksOf(sorted: Tensor, shares: Tensor, leavesOutNaN: boolean): Tensor {
  const values = sorted.detach();
  if (leavesOutNaN) {
    const counts = values.isnan().logicalNot().sum(-1, { keepdim: true });
    return shares.mul(counts.sub(1)).clamp(0);
  }
  const last = sorted.shape.at(-1)! - 1;
  return where(values.isnan().any(-1, { keepdim: true }), last, shares.mul(last));
}

function quantileOp(name: "quantile" | "nanquantile"): Quantile {
  const samples = (): readonly unknown[][] => [
    [input([3, 4]), 0.3],
    [input([3, 4]), 0.3, 1],
    [input([3, 4]), 0.25, 0, { keepdim: true }],
    [input([3, 4]), input([2], { values: [0.2, 0.5], smooth: false }), 1],
    [input([3, 4], { smooth: false }), input([3], { values: [0, 0.7, 1] }), { keepdim: true }],
    [input([2, 3, 2], { layout: "transposed" }), 0.4, { dim: 1 }],
    [input([5]), 0.3, { interpolation: "lower" }],
    [input([5]), 0.3, { interpolation: "higher" }],
    [input([5]), 0.3, { interpolation: "midpoint" }],
    [input([5]), 0.3, { interpolation: "nearest" }],
    [input([2, 3], { values: [1, NaN, 3, 4, 6, 5], smooth: false }), 0.5, 1],
    [input([2], { values: [NaN, NaN], smooth: false }), 0.5],
    [input([]), 0.5],
    [input([2]), 1.5],
    [input([2]), input([1], { values: [1.5] })],
    [input([2]), input([1, 1])],
    [input([2]), 0.5, { interpolation: "up" }],
    [input([0]), 0.5],
  ];
  return composed({ name, samples }, (self, q, dim, options): Tensor => {
    const isNamed = typeof dim === "object" && dim !== null;
    const all: QuantileOptions = {
      ...(isNamed ? dim : { dim: dim ?? null }),
      ...options,
    };
    const { keepdim = false, interpolation = "linear" } = all;
    const shares = checked(self, q, interpolation);
    const axis = all.dim === undefined || all.dim === null ? null : toAxis(all.dim, self.shape.length);
    const sorted = linesOf(self, axis, keepdim).sort(-1).values;
    const shape = [...sorted.shape.slice(0, -1), shares.count];
    const exact = ranksOf(sorted, shares.reshape(-1), name === "nanquantile").expand(shape);
    const ranks =
      interpolation === "lower"
        ? exact.floor()
        : interpolation === "higher"
          ? exact.ceil()
          : interpolation === "nearest"
            ? exact.round()
            : exact;
    const below = sorted.gather(-1, ranks.detach().long());
    let found = below;
    if (interpolation === "linear" || interpolation === "midpoint") {
      const weights =
        interpolation === "linear" ? ranks.sub(ranks.detach().floor()) : exact.detach().mul(0).add(0.5);
      found = below.lerp(sorted.gather(-1, ranks.detach().ceil().long()), weights);
    }
    if (shares.shape.length > 0) found = found.unsqueeze(0).transpose(0, -1);
    return squeezedInPlace(found, -1);
  });
}

/**
 * The value below which a share q of the elements lies, of all or along a dimension; for several shares in a tensor, those
 * come as a first dimension. A NaN makes its line's NaN.
 *
 * Throws: PyTorch's RuntimeErrors for shares beyond [0, 1], for no elements, and for other dtypes than float32 and float64.
 *
 * @example
 * tensor([1.5, 2.5, 4.5]).quantile(0.5); // tensor(2.5000)
 */
export const quantile: Quantile = quantileOp("quantile");

/** The same of the elements that are not NaN. Throws: as `quantile`. */
export const nanquantile: Quantile = quantileOp("nanquantile");
