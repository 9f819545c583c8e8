/**
 * SyncBatchNorm: a batch norm over the batches of all processes. Here there is one process, so it is a batch norm of any rank.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { RunningNormOptions } from "./batch-norm.ts";
import { BatchNormModule } from "./batch-norm.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven } from "./float-option.ts";
import type { Module } from "./module.ts";
import { isModule } from "./module-record.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

const syncBatchNormArguments = signature<[numFeatures: number], RunningNormOptions>()(
  ["numFeatures"],
  ["eps", "momentum", "affine", "trackRunningStats", "processGroup", "device", "dtype"],
  ["bias"],
);

/**
 * Normalizes each channel over the batch and all positions. Shape: (N, numFeatures, *).
 *
 * Throws: PyTorch's ValueErrors for inputs without channels.
 */
export class SyncBatchNorm extends BatchNormModule {
  constructor(...args: ArgumentsOf<typeof syncBatchNormArguments>) {
    super(...syncBatchNormArguments.take("SyncBatchNorm", args));
  }

  override checkInputDim(input: Tensor): void {
    if (input.ndim < 2) {
      throw torchError("ValueError", `expected at least 2D input (got ${input.ndim}D input)`);
    }
    if (input.shape[1] === 0) {
      throw torchError("ValueError", "SyncBatchNorm number of input channels should be non-zero");
    }
  }

  /**
   * A network with every batch norm replaced by a SyncBatchNorm of the same parameters and buffers. Other modules are changed in
   * place and given back.
   *
   * @example
   * const net = SyncBatchNorm.convertSyncBatchnorm(new Sequential(new Linear(20, 100), new BatchNorm1d(100)));
   */
  static convertSyncBatchnorm(module: Module): Module {
    let made = module;
    if (module instanceof BatchNormModule) {
      const { numFeatures, affine, trackRunningStats } = module;
      const [eps, momentum] = [asGiven(module, "eps"), asGiven(module, "momentum")] as [
        FloatOption,
        FloatOption | null,
      ];
      const sync = new SyncBatchNorm(numFeatures, { eps, momentum, affine, trackRunningStats });
      if (affine) Object.assign(sync, { weight: module.weight, bias: module.bias });
      const { running_mean, running_var, num_batches_tracked } = module;
      Object.assign(sync, { running_mean, running_var, num_batches_tracked, training: module.training });
      made = sync;
    }
    for (const [name, child] of module.namedChildren()) {
      if (isModule(child)) made.addModule(name, SyncBatchNorm.convertSyncBatchnorm(child as Module));
    }
    return made;
  }
}
