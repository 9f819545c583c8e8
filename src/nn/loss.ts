/**
 * What all losses share: a reduction, and weights that are buffers.
 */

import type { Reduction, ReductionOptions } from "../functional/loss-reduction.ts";
import { askedReduction } from "../functional/loss-reduction.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Buffer } from "./buffer.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** The base of losses: it keeps what becomes of the losses of the elements. */
export abstract class Loss extends Module {
  /** Checked when the loss is computed. */
  reduction: Reduction;

  constructor(options: ReductionOptions) {
    super();
    this.reduction = askedReduction(options);
  }
}

const lossArguments = signature<[], ReductionOptions>()([], ["sizeAverage", "reduce", "reduction"]);

/** The base of losses that have nothing but a reduction. */
export abstract class PlainLoss extends Loss {
  constructor(...args: ArgumentsOf<typeof lossArguments>) {
    super(...lossArguments.take("_Loss", args));
  }
}

/** Options of losses with weights. */
export interface WeightedLossOptions extends ReductionOptions {
  /** The weights, which become the buffer `weight`. Default: none. */
  readonly weight?: Tensor | null;
}

/** The base of losses with weights. */
export abstract class WeightedLoss extends Loss {
  /** A slot also where there are no weights. */
  declare weight: Buffer | null;

  constructor(options: WeightedLossOptions) {
    super(options);
    this.registerBuffer("weight", options.weight ?? null);
  }
}

const weightedLossArguments = signature<[], WeightedLossOptions>()(
  [],
  ["weight", "sizeAverage", "reduce", "reduction"],
);

/** The base of losses that have nothing but weights and a reduction. */
export abstract class PlainWeightedLoss extends WeightedLoss {
  constructor(...args: ArgumentsOf<typeof weightedLossArguments>) {
    super(...weightedLossArguments.take("_WeightedLoss", args));
  }
}
