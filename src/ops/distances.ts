/**
 * Distances between the rows of two matrices. A function and no method, as in PyTorch.
 */

import { torchError } from "../errors.ts";
import { broadcastShapes, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { notImplemented } from "./loop-dtypes.ts";
import { slopeOfNorm } from "./norms.ts";
import type { Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import { input } from "./samples.ts";

/** How PyTorch may be told to compute Euclidean distances; here all are computed from the differences. */
const computeModes: ReadonlySet<string> = new Set([
  "use_mm_for_euclid_dist_if_necessary",
  "use_mm_for_euclid_dist",
  "donot_use_mm_for_euclid_dist",
]);

/** Options of `cdist`. */
export interface CdistOptions {
  /** The order of the norm; default 2. */
  readonly p?: number;
  /** Accepted for PyTorch's sake: the differences are always taken, which is the exact way. */
  readonly computeMode?: string;
}

/** All differences of rows: (…, P, M) and (…, R, M) → (…, P, R, M). */
function differences(x1: Tensor, x2: Tensor): Tensor {
  return x1.unsqueeze(-2).sub(x2.unsqueeze(-3));
}

/** The gradient of each difference. */
function slope(g: Tensor, x1: Tensor, x2: Tensor, output: Tensor, p: number): Tensor {
  const apart = differences(x1, x2);
  return slopeOfNorm(g.unsqueeze(-1), apart, output.unsqueeze(-1), p, [apart.ndim - 1]) ?? apart.mul(0);
}

const distancesOf: Op<(x1: Tensor, x2: Tensor, p: number) => Tensor> = op({
  name: "cdist",
  inputs: ["x1", "x2"],
  forward(x1, x2, p: number) {
    const apart = differences(x1.detach(), x2.detach());
    if (x1.dtype.bits < 32 && apart.count > 0) throw notImplemented("cdist", x1.dtype);
    return apart.norm(p, -1);
  },
  backward: {
    // ∂‖a − b‖/∂a, added up over the rows of the other matrix
    x1: needs(["x1", "x2", "output"], (g, { x1, x2, output }, p: number) =>
      slope(g, x1, x2, output, p).sum(-2),
    ),
    // ∂‖a − b‖/∂b = −∂‖a − b‖/∂a
    x2: needs(["x1", "x2", "output"], (g, { x1, x2, output }, p: number) =>
      slope(g, x1, x2, output, p).sum(-3).neg(),
    ),
  },
  samples: () => [],
});

function checkRows(x1: Tensor, x2: Tensor, p: number, computeMode: string): void {
  if (!computeModes.has(computeMode)) {
    throw torchError("ValueError", `${computeMode} is not a valid value for compute_mode`);
  }
  const refuse = (text: string): never => {
    throw torchError("RuntimeError", text);
  };
  const named = [x1, x2].map((each, k) => ({ each, name: `X${k + 1}` }));
  for (const { each, name } of named) {
    if (each.ndim < 2) refuse(`cdist only supports at least 2D tensors, ${name} got: ${each.ndim}D`);
  }
  const [columns, others] = [x1.shape.at(-1)!, x2.shape.at(-1)!];
  if (columns !== others) {
    refuse(`X1 and X2 must have the same number of columns. X1: ${columns} X2: ${others}`);
  }
  for (const { each, name } of named) {
    if (!each.isFloatingPoint()) {
      refuse(`cdist only supports floating-point dtypes, ${name} got: ${each.dtype.scalarType}`);
    }
  }
  if (!(p >= 0)) refuse("cdist only supports non-negative p values");
  if (x1.dtype !== x2.dtype) {
    refuse(`expected scalar type ${x1.dtype.scalarType} but found ${x2.dtype.scalarType}`);
  }
}

/**
 * The distances (Σ|aᵢ − bᵢ|ᵖ)^(1/p) between the rows of two matrices, or of batches of them.
 *
 * Shape: x1 (…, P, M), x2 (…, R, M) → (…, P, R); the batches broadcast. It takes memory for P·R·M elements.
 * Throws: PyTorch's errors for other shapes, dtypes and orders.
 * Differs from PyTorch: Euclidean distances of more than 25 rows are taken from the differences here, and from a product of
 * matrices there, which is less exact; gradients can be differentiated again.
 *
 * @example
 * cdist(tensor([[0, 0]], { dtype: "float32" }), tensor([[3, 4]], { dtype: "float32" })); // tensor([[5.]])
 */
export const cdist: Op<
  (x1: Tensor, x2: Tensor, p?: number | CdistOptions, options?: CdistOptions) => Tensor
> = composed(
  {
    name: "cdist",
    torch: "torch.cdist",
    samples: () => [
      [input([3, 2]), input([2, 2])],
      [input([3, 2]), input([2, 2]), 1],
      [input([2, 3]), input([2, 3]), { p: 3 }],
      [
        input([2, 3], { values: [1, 2, 3, 0, -1, 2.5] }),
        input([2, 3], { values: [0.3, 2.4, 1, 2, 5, -0.1] }),
        Infinity,
      ],
      [input([2, 3]), input([2, 3]), 0],
      [input([2, 3]), input([2, 3]), 1.5],
      [input([1, 3, 2]), input([2, 2, 2], { layout: "transposed" })],
      [input([2, 2], { values: [1, 2, 3, 4], smooth: false }), input([1, 2], { values: [1, 2] })],
      [input([0, 2]), input([2, 2])],
      [input([2, 3]), input([2, 2])],
      [input([2]), input([2, 2])],
      [input([2, 2]), input([2, 2]), -1],
      [input([2, 2]), input([2, 2]), { computeMode: "fast" }],
      [input([2, 3, 2]), input([3, 3, 2])],
    ],
  },
  (x1: Tensor, x2: Tensor, order?: number | CdistOptions, options?: CdistOptions): Tensor => {
    const given =
      typeof order === "object" ? order : { ...options, ...(order !== undefined && { p: order }) };
    const { p = 2, computeMode = "use_mm_for_euclid_dist_if_necessary" } = given;
    checkRows(x1, x2, p, computeMode);
    const batches = broadcastShapes(toSize(x1.shape.slice(0, -2)), toSize(x2.shape.slice(0, -2)));
    const wide = (each: Tensor): Tensor => each.expand([...batches, ...each.shape.slice(-2)]);
    return distancesOf(wide(x1), wide(x2), p);
  },
);
