/**
 * The gated linear unit: one node of the graph. `activation.ts` has it as it is called.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { torchError } from "../errors.ts";
import { cat } from "../ops/joining.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

function halves(self: Tensor, dim: number): readonly [Tensor, Tensor] {
  const half = self.shape[toAxis(dim, self.ndim)]! / 2;
  return [self.narrow(dim, 0, half), self.narrow(dim, half, half)];
}

/** The first half of a dimension times σ of the second. */
export const gated: Op<(self: Tensor, dim: number) => Tensor> = op({
  name: "glu",
  inputs: ["self"],
  forward(self, dim: number) {
    if (self.ndim === 0) {
      throw torchError("RuntimeError", "glu does not support scalars because halving size must be even");
    }
    const axis = toAxis(dim, self.ndim);
    const length = self.shape[axis]!;
    if (length % 2 !== 0) {
      throw torchError(
        "RuntimeError",
        `Halving dimension must be even, but dimension ${axis} is size ${length}`,
      );
    }
    if (self.dtype.kind !== "float") {
      throw torchError("NotImplementedError", `"glu_cpu" not implemented for '${self.dtype.scalarType}'`);
    }
    return noGradNorNotes(() => {
      const [value, gate] = halves(self, dim);
      return value.mul(gate.sigmoid());
    });
  },
  backward: {
    // ∂/∂a = σ(b), ∂/∂b = a·σ(b)·(1 − σ(b))
    self: needs(["self"], (g, { self }, dim: number) => {
      const [value, gate] = halves(self, dim);
      const sigma = gate.sigmoid();
      const share = g.mul(sigma);
      return cat([share, share.mul(value).mul(sigma.rsub(1))], dim);
    }),
  },
  samples: () => [],
});
