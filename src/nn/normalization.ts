/**
 * Normalization layers without running statistics. Their functions are in `functional/normalization.ts`.
 */

import { torchError } from "../errors.ts";
import { groupNorm, layerNorm, localResponseNorm, rmsNorm } from "../functional/normalization.ts";
import { empty, ones } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { ones_, zeros_ } from "./init.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Sets a weight to 1 and a bias to 0. */
function resetAffine(weight: Parameter | null, bias: Parameter | null): void {
  if (weight !== null) ones_(weight);
  if (bias !== null) zeros_(bias);
}

/** Options of `LayerNorm`. */
export interface LayerNormOptions extends FactoryOptions {
  /** Is added to the variance. Default 1e-5. */
  readonly eps?: FloatOption;
  /** Whether there are a weight and a bias. Default true. */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a bias, if there is a weight. Default true. */
  readonly bias?: boolean;
}

const layerNormArguments = signature<[normalizedShape: number | readonly number[]], LayerNormOptions>()(
  ["normalizedShape"],
  ["eps", "elementwiseAffine", "bias", "device", "dtype"],
);

/**
 * Normalizes over the last dimensions.
 *
 * Formula: y = (x − mean) / √(variance + eps) · weight + bias.
 * Shape: (*, *normalizedShape); `weight` and `bias` (*normalizedShape).
 *
 * @example
 * new LayerNorm([5, 10])(zeros(2, 5, 10)).shape; // torch.Size([2, 5, 10])
 */
export class LayerNorm extends Module {
  normalizedShape: readonly number[];
  eps: number;
  elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(...args: ArgumentsOf<typeof layerNormArguments>) {
    super();
    const [normalizedShape, options] = layerNormArguments.take("LayerNorm", args);
    const { elementwiseAffine = true, bias = true } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.eps = takeFloat(this, "eps", options.eps, 1e-5);
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(empty(this.normalizedShape, options)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(empty(this.normalizedShape, options)) : null;
    this.resetParameters();
  }

  /** Sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    resetAffine(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this);
  }

  override extraRepr(): string {
    return describe([this.normalizedShape], {
      eps: asGiven(this, "eps"),
      elementwise_affine: this.elementwiseAffine,
      bias: this.bias !== null,
    });
  }
}

/** Options of `GroupNorm`. */
export interface GroupNormOptions extends FactoryOptions {
  /** Is added to the variance. Default 1e-5. */
  readonly eps?: FloatOption;
  /** Whether there are a weight and a bias. Default true. */
  readonly affine?: boolean;
  /** Whether there is a bias, if the layer is affine. Default true. */
  readonly bias?: boolean;
}

const groupNormArguments = signature<[numGroups: number, numChannels: number], GroupNormOptions>()(
  ["numGroups", "numChannels"],
  ["eps", "affine", "device", "dtype"],
  ["bias"],
);

/**
 * Normalizes groups of channels of each sample.
 *
 * Shape: (N, numChannels, *); `weight` and `bias` (numChannels).
 * Throws: PyTorch's ValueError for channels that groups do not divide.
 *
 * @example
 * new GroupNorm(3, 6)(zeros(20, 6, 10, 10)).shape; // torch.Size([20, 6, 10, 10])
 */
export class GroupNorm extends Module {
  numGroups: number;
  numChannels: number;
  eps: number;
  affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(...args: ArgumentsOf<typeof groupNormArguments>) {
    super();
    const [numGroups, numChannels, options] = groupNormArguments.take("GroupNorm", args);
    const { affine = true, bias = true } = options;
    if (numChannels % numGroups !== 0) {
      throw torchError(
        "ValueError",
        `num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`,
      );
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = takeFloat(this, "eps", options.eps, 1e-5);
    this.affine = affine;
    this.weight = affine ? new Parameter(empty(numChannels, options)) : null;
    this.bias = affine && bias ? new Parameter(empty(numChannels, options)) : null;
    this.resetParameters();
  }

  /** Sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    resetAffine(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this);
  }

  override extraRepr(): string {
    return describe([this.numGroups, this.numChannels], {
      eps: asGiven(this, "eps"),
      affine: this.affine,
      bias: this.bias !== null,
    });
  }
}

/** Options of `RMSNorm`. */
export interface RMSNormOptions extends FactoryOptions {
  /** Is added to the mean square. Default null: the distance from 1 to the next number. */
  readonly eps?: FloatOption | null;
  /** Whether there is a weight. Default true. */
  readonly elementwiseAffine?: boolean;
}

const rmsNormArguments = signature<[normalizedShape: number | readonly number[]], RMSNormOptions>()(
  ["normalizedShape"],
  ["eps", "elementwiseAffine", "device", "dtype"],
);

/**
 * Divides by the root of the mean square over the last dimensions.
 *
 * Shape: (*, *normalizedShape); `weight` (*normalizedShape).
 */
export class RMSNorm extends Module {
  normalizedShape: readonly number[];
  eps: number | null;
  elementwiseAffine: boolean;
  weight: Parameter | null;

  constructor(...args: ArgumentsOf<typeof rmsNormArguments>) {
    super();
    const [normalizedShape, options] = rmsNormArguments.take("RMSNorm", args);
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.eps = takeFloat(this, "eps", options.eps, null);
    this.elementwiseAffine = options.elementwiseAffine ?? true;
    this.weight = this.elementwiseAffine ? new Parameter(ones(this.normalizedShape, options)) : null;
  }

  /** Sets the weight to 1. */
  resetParameters(): void {
    resetAffine(this.weight, null);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this);
  }

  override extraRepr(): string {
    return describe([this.normalizedShape], {
      eps: asGiven(this, "eps"),
      elementwise_affine: this.elementwiseAffine,
    });
  }
}

/** Options of `LocalResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  readonly alpha?: FloatOption;
  /** Default 0.75. */
  readonly beta?: FloatOption;
  /** Default 1. */
  readonly k?: FloatOption;
}

const localResponseNormArguments = signature<[size: number], LocalResponseNormOptions>()(
  ["size"],
  ["alpha", "beta", "k"],
);

/**
 * Divides by what neighbouring channels show: y = x / (k + alpha·mean x²)^beta over `size` channels.
 *
 * Shape: (N, channels, *).
 */
export class LocalResponseNorm extends Module {
  size: number;
  alpha: number;
  beta: number;
  k: number;

  constructor(...args: ArgumentsOf<typeof localResponseNormArguments>) {
    super();
    const [size, options] = localResponseNormArguments.take("LocalResponseNorm", args);
    this.size = size;
    this.alpha = takeFloat(this, "alpha", options.alpha, 1e-4);
    this.beta = takeFloat(this, "beta", options.beta, 0.75);
    this.k = takeFloat(this, "k", options.k, 1);
  }

  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this);
  }

  override extraRepr(): string {
    return describe([this.size], {
      alpha: asGiven(this, "alpha"),
      beta: asGiven(this, "beta"),
      k: asGiven(this, "k"),
    });
  }
}
