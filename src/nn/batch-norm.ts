/**
 * Batch and instance norms: layers with running statistics. Their functions are in `functional/normalization.ts`.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { printable, torchError } from "../errors.ts";
import { batchNorm, instanceNorm } from "../functional/normalization.ts";
import { empty, ones, tensor, zeros } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import { Buffer } from "./buffer.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { ones_, zeros_ } from "./init.ts";
import type { LoadContext } from "./load-state-dict.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of batch and instance norms. */
export interface RunningNormOptions extends FactoryOptions {
  /** Is added to the variance. Default 1e-5. */
  readonly eps?: FloatOption;
  /** The share of the new in running statistics; null for the average over all batches. Default 0.1. */
  readonly momentum?: FloatOption | null;
  /** Whether there are a weight and a bias. Default true, but false for instance norms. */
  readonly affine?: boolean;
  /** Whether running statistics are kept, and used in evaluation. Default true, but false for instance norms. */
  readonly trackRunningStats?: boolean;
  /** Whether a bias is added, if the layer is affine. Default true. */
  readonly bias?: boolean;
}

/** What batch and instance norms share. */
export class RunningNormModule extends Module {
  numFeatures: number;
  eps: number;
  momentum: number | null;
  affine: boolean;
  trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  running_mean: Buffer | null;
  running_var: Buffer | null;
  num_batches_tracked: Buffer | null;

  constructor(numFeatures: number, options: RunningNormOptions, isOn: boolean) {
    super();
    const { affine = isOn, trackRunningStats = isOn, bias = true } = options;
    this.numFeatures = numFeatures;
    this.eps = takeFloat(this, "eps", options.eps, 1e-5);
    this.momentum = takeFloat(this, "momentum", options.momentum, 0.1);
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    // Empty slots stay slots: what is put there later is a parameter or a buffer.
    if (!affine) this.registerParameter("weight", null);
    if (!affine || !bias) this.registerParameter("bias", null);
    if (!trackRunningStats) {
      for (const name of ["running_mean", "running_var", "num_batches_tracked"])
        this.registerBuffer(name, null);
    }
    this.weight = affine ? new Parameter(ones(numFeatures, options)) : null;
    this.bias = affine && bias ? new Parameter(empty(numFeatures, options)) : null;
    this.running_mean = trackRunningStats ? new Buffer(zeros(numFeatures, options)) : null;
    this.running_var = trackRunningStats ? new Buffer(ones(numFeatures, options)) : null;
    const device = options.device ?? "cpu";
    this.num_batches_tracked = trackRunningStats ? new Buffer(tensor(0, { dtype: "int64", device })) : null;
  }

  /** Sets the running statistics back to mean 0 and variance 1. */
  resetRunningStats(): void {
    noGrad(() => {
      this.running_mean?.zero_();
      this.running_var?.fill_(1);
      this.num_batches_tracked?.zero_();
    });
  }

  /** Sets running statistics, weight and bias back to their first values. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** Throws PyTorch's ValueError for an input of another rank. */
  checkInputDim(_input: Tensor): void {}

  override get stateVersion(): number {
    return 2;
  }

  /** State dicts before version 2 do not have the number of batches. */
  override loadFromStateDict(state: Map<string, unknown>, context: LoadContext): void {
    const isOld = (context.metadata.version ?? 0) < 2;
    const { num_batches_tracked: count } = this;
    const name = `${context.prefix}num_batches_tracked`;
    if (isOld && this.trackRunningStats && count !== null && !state.has(name)) {
      state.set(name, count.device === "meta" ? tensor(0, { dtype: "int64" }) : count);
    }
    super.loadFromStateDict(state, context);
  }

  override extraRepr(): string {
    return describe([this.numFeatures], {
      eps: asGiven(this, "eps"),
      momentum: asGiven(this, "momentum"),
      affine: this.affine,
      bias: this.bias !== null,
      track_running_stats: this.trackRunningStats,
    });
  }
}

function requireRank(input: Tensor, ranks: readonly number[]): void {
  if (ranks.includes(input.ndim)) return;
  throw torchError(
    "ValueError",
    `expected ${ranks.map((rank) => `${rank}D`).join(" or ")} input (got ${input.ndim}D input)`,
  );
}

const runningNormArguments = signature<[numFeatures: number], RunningNormOptions>()(
  ["numFeatures"],
  ["eps", "momentum", "affine", "trackRunningStats", "device", "dtype"],
  ["bias"],
);

/** What batch norms of all ranks share. */
export class BatchNormModule extends RunningNormModule {
  constructor(...args: ArgumentsOf<typeof runningNormArguments>) {
    const [numFeatures, options] = runningNormArguments.take("_BatchNorm", args);
    super(numFeatures, options, true);
  }

  override forward(input: Tensor): Tensor {
    this.checkInputDim(input);
    const { running_mean: mean, running_var: variance, weight, bias, eps } = this;
    const keeps = this.training && this.trackRunningStats;
    let momentum = this.momentum ?? 0;
    if (keeps && this.num_batches_tracked !== null) {
      this.num_batches_tracked.add_(1);
      if (this.momentum === null) momentum = 1 / Number(this.num_batches_tracked.item());
    }
    const training = this.training || (mean === null && variance === null);
    const isUsed = !this.training || this.trackRunningStats;
    return batchNorm(input, isUsed ? mean : null, isUsed ? variance : null, {
      weight,
      bias,
      training,
      momentum,
      eps,
    });
  }
}

/**
 * Normalizes each channel over the batch and all positions; in evaluation by the running statistics.
 *
 * Formula: y = (x − mean) / √(variance + eps) · weight + bias.
 * Shape: (N, numFeatures) or (N, numFeatures, length); `weight`, `bias`, `running_mean`, `running_var` (numFeatures).
 * Throws: PyTorch's ValueErrors for other ranks, and for a single value a channel in training.
 *
 * @example
 * new BatchNorm1d(4)(randn(8, 4)).mean(0); // nearly 0
 */
export class BatchNorm1d extends BatchNormModule {
  override checkInputDim(input: Tensor): void {
    requireRank(input, [2, 3]);
  }
}

/** As `BatchNorm1d`. Shape: (N, numFeatures, height, width). */
export class BatchNorm2d extends BatchNormModule {
  override checkInputDim(input: Tensor): void {
    requireRank(input, [4]);
  }
}

/** As `BatchNorm1d`. Shape: (N, numFeatures, depth, height, width). */
export class BatchNorm3d extends BatchNormModule {
  override checkInputDim(input: Tensor): void {
    requireRank(input, [5]);
  }
}

/** What instance norms of all ranks share. */
export class InstanceNormModule extends RunningNormModule {
  constructor(...args: ArgumentsOf<typeof runningNormArguments>) {
    const [numFeatures, options] = runningNormArguments.take("_InstanceNorm", args);
    super(numFeatures, options, false);
  }

  /** The rank of an input without a batch. */
  get unbatchedRank(): number {
    return 2;
  }

  override checkInputDim(input: Tensor): void {
    requireRank(input, [this.unbatchedRank, this.unbatchedRank + 1]);
  }

  /** State dicts without a version may hold running statistics that were kept by mistake. */
  override loadFromStateDict(state: Map<string, unknown>, context: LoadContext): void {
    const stale = ["running_mean", "running_var"]
      .map((name) => context.prefix + name)
      .filter((name) => state.has(name));
    if (context.metadata.version === undefined && !this.trackRunningStats && stale.length > 0) {
      const name = this.getName();
      context.errors.push(
        `Unexpected running stats buffer(s) ${stale.map((key) => `"${printable(key)}"`).join(" and ")} for ${name} with track_running_stats=False. If state_dict is a checkpoint saved before 0.4.0, this may be expected because ${name} does not track running stats by default since 0.4.0. Please remove these keys from state_dict. If the running stats are actually needed, instead set track_running_stats=True in ${name} to enable them. See the documentation of ${name} for details.`,
      );
      for (const key of stale) state.delete(key);
    }
    super.loadFromStateDict(state, context);
  }

  override forward(input: Tensor): Tensor {
    this.checkInputDim(input);
    const axis = input.ndim - this.unbatchedRank;
    const channels = input.shape[axis]!;
    if (channels !== this.numFeatures) {
      if (this.affine) {
        throw torchError(
          "ValueError",
          `expected input's size at dim=${axis} to match num_features (${this.numFeatures}), but got: ${channels}.`,
        );
      }
      warn(
        `input's size at dim=${axis} does not match num_features. You can silence this warning by not passing in num_features, which is not used because affine=False`,
      );
    }
    return axis === 0 ? this.normalize(input.unsqueeze(0)).squeeze(0) : this.normalize(input);
  }

  /** Normalizes a batch. */
  normalize(input: Tensor): Tensor {
    const { running_mean: mean, running_var: variance, weight, bias, eps } = this;
    const useInputStats = this.training || !this.trackRunningStats;
    return instanceNorm(input, mean, variance, {
      weight,
      bias,
      eps,
      useInputStats,
      momentum: this.momentum ?? 0,
    });
  }
}

/**
 * Normalizes each channel of each sample over all positions.
 *
 * Shape: (N, numFeatures, length) or (numFeatures, length).
 * Throws: PyTorch's ValueErrors for other ranks and channels, and for a single position in training.
 */
export class InstanceNorm1d extends InstanceNormModule {}

/** As `InstanceNorm1d`. Shape: (N, numFeatures, height, width) or unbatched. */
export class InstanceNorm2d extends InstanceNormModule {
  override get unbatchedRank(): number {
    return 3;
  }
}

/** As `InstanceNorm1d`. Shape: (N, numFeatures, depth, height, width) or unbatched. */
export class InstanceNorm3d extends InstanceNormModule {
  override get unbatchedRank(): number {
    return 4;
  }
}
