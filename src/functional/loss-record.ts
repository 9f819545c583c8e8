/**
 * Losses that are one node of the graph, as in PyTorch, although their values and slopes are composed of ops: `mseLoss`
 * prints as `MseLossBackward0`. Not recording the steps also halves the cost of a small loss.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { torchError } from "../errors.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { promoteTypes } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Reduction } from "./loss-reduction.ts";
import { reduced, shared } from "./loss-reduction.ts";

/** What the author of a loss of two tensors writes. */
export interface PairLoss {
  /** The name of the function; its node is `NameBackward0`. */
  readonly name: string;
  /** What PyTorch's text calls the loop, for dtypes that it lacks. */
  readonly kernel: string;
  /** The loss of each element; `parameter` is beta, delta and the like. */
  readonly value: (input: Tensor, target: Tensor, parameter: number) => Tensor;
  /** Its derivative with respect to `input`. */
  readonly slope: (input: Tensor, target: Tensor, parameter: number) => Tensor;
  /** Its derivative with respect to `target`, where PyTorch has one. */
  readonly targetSlope?: (input: Tensor, target: Tensor, parameter: number) => Tensor;
}

/** A loss of two tensors as it is called. */
export type PairLossOp = Op<
  (input: Tensor, target: Tensor, reduction: Reduction, parameter: number) => Tensor
>;

/** Makes the op of a loss of two tensors that broadcast. Throws: PyTorch's NotImplementedError for integers. */
export function pairLoss({ name, kernel, value, slope, targetSlope }: PairLoss): PairLossOp {
  type Slope = PairLoss["slope"];
  const rule = (slopeOf: Slope) =>
    needs(["self", "target"], (g, { self, target }, reduction: Reduction, parameter: number) => {
      const slopes = slopeOf(self, target, parameter);
      return shared(g, reduction, slopes.count).mul(slopes);
    });
  return op({
    name,
    inputs: ["self", "target"],
    forward(self, target, reduction: Reduction, parameter: number) {
      const dtype = promoteTypes(self.dtype, target.dtype);
      if (dtype.kind !== "float") {
        throw torchError("NotImplementedError", `"${kernel}" not implemented for '${dtype.scalarType}'`);
      }
      return noGradNorNotes(() => reduced(value(self, target, parameter), reduction));
    },
    backward:
      targetSlope === undefined ? { self: rule(slope) } : { self: rule(slope), target: rule(targetSlope) },
    samples: () => [],
  });
}
