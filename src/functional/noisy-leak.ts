/**
 * The randomized leaky ReLU once its slopes are known: one node of the graph. `activation.ts` draws them.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** x, or x·noise up to 0, where the noise was drawn or is one slope. */
export const noisyLeak: Op<(self: Tensor, noise: Tensor) => Tensor> = op({
  name: "rrelu",
  gradName: "RreluWithNoiseBackward0",
  inputs: ["self", "noise"],
  forward: (self, noise) => noGradNorNotes(() => where(self.gt(0), self, self.mul(noise))),
  backward: {
    // ∂/∂x = 1 above 0, else the noise
    self: needs(["self", "noise"], (g, { self, noise }) => where(self.gt(0), g, g.mul(noise))),
  },
  samples: () => [],
});
