/**
 * `renorm`: slices that are shrunk to a norm, as the rows of an embedding.
 */

import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { slopeOfNorm } from "./norms.ts";
import type { InPlaceOp } from "./op.ts";
import { composed, needs } from "./op.ts";
import { input } from "./samples.ts";
import { replacingOp } from "./twin.ts";
import { where } from "./where.ts";

/** The dimensions of a tensor but for one. */
function otherAxes(self: { readonly shape: readonly number[] }, axis: number): number[] {
  return self.shape.flatMap((_, each) => (each === axis ? [] : [each]));
}

const shrunk: InPlaceOp<(self: Tensor, p: number, axis: number, maxnorm: number) => Tensor> = replacingOp(
  {
    name: "renorm",
    inputs: ["self"],
    forward(self, p: number, axis: number, maxnorm: number) {
      const plain = self.detach();
      const norms = plain.norm(p, otherAxes(self, axis), { keepdim: true });
      // PyTorch's guard against a norm of 0.
      return plain.mul(where(norms.gt(maxnorm), norms.add(1e-7).reciprocal().mul(maxnorm), 1)).contiguous();
    },
    backward: {
      // y = x·m/(n + ε) where the norm n is above m: ∂⟨g, y⟩/∂x = g·m/(n + ε) − ⟨g, x⟩·m/(n + ε)²·∂n/∂x
      self: needs(["self"], (g, { self }, p: number, axis: number, maxnorm: number) => {
        const axes = otherAxes(self, axis);
        const norms = self.norm(p, axes, { keepdim: true });
        const inverse = norms.add(1e-7).reciprocal();
        const along = g.mul(self).sum(axes, { keepdim: true });
        const slope = slopeOfNorm(along.mul(inverse), self, norms, p, axes);
        const turned = slope === null ? g : g.sub(slope);
        return where(norms.gt(maxnorm), turned.mul(inverse).mul(maxnorm), g);
      }),
    },
    samples: () => [],
  },
  () => {},
);

function checkRenorm(self: Tensor, p: number, dim: number, maxnorm: number): number {
  const refuse = (text: string): never => {
    throw torchError("RuntimeError", text);
  };
  const rank = self.shape.length;
  if (!(p > 0)) refuse("renorm: non-positive-norm not supported");
  if (!(maxnorm >= 0)) refuse(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`);
  if (rank < 2) refuse(`renorm: input needs at least 2 dimensions, got ${rank} dimensions`);
  return toAxis(dim, rank);
}

/**
 * A copy whose slices along a dimension are shrunk to a norm, where theirs is larger: (Σ|x|ᵖ)^(1/p) ≤ maxnorm.
 *
 * Throws: PyTorch's RuntimeErrors for orders that are not positive, negative norms, and fewer than two dimensions.
 *
 * @example
 * tensor([[3, 4], [0, 1]], { dtype: "float32" }).renorm(2, 0, 1); // tensor([[0.6000, 0.8000], [0.0000, 1.0000]])
 */
export const renorm: InPlaceOp<(self: Tensor, p: number, dim: number, maxnorm: number) => Tensor> =
  Object.assign(
    composed(
      {
        name: "renorm",
        samples: () => [
          [input([3, 4]), 2, 0, 2.5],
          [input([3, 4], { layout: "transposed" }), 1, -1, 4],
          [input([2, 3, 2]), 3, 1, 1.5],
          [input([3, 4]), 2, 0, 100],
          [input([3, 4]), 0, 0, 1],
          [input([3, 4]), 2, 0, -5],
          [input([3]), 2, 0, 1],
          [input([3, 4]), 2, 2, 1],
        ],
      },
      (self: Tensor, p: number, dim: number, maxnorm: number): Tensor =>
        shrunk(self, p, checkRenorm(self, p, dim, maxnorm), maxnorm),
    ),
    {
      inPlace: (self: Tensor, p: number, dim: number, maxnorm: number): Tensor =>
        shrunk.inPlace(self, p, checkRenorm(self, p, dim, maxnorm), maxnorm),
    },
  );
