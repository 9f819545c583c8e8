/**
 * Activation layers of each element by itself with numbers to choose. Their functions are in `functional/activation.ts`.
 */

import { torchError } from "../errors.ts";
import type { InplaceOptions } from "../functional/activation.ts";
import * as activation from "../functional/activation.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { InplaceModule } from "./activation.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of `LeakyReLU`. */
export interface LeakyReLUOptions extends InplaceOptions {
  /** The slope below 0. Default 0.01. */
  readonly negativeSlope?: FloatOption;
}

const leakyReluArguments = signature<[], LeakyReLUOptions>()([], ["negativeSlope", "inplace"]);

/**
 * x, or a small slope times x below 0.
 *
 * Shape: any → the same.
 *
 * @example
 * new LeakyReLU({ negativeSlope: 0.2 });
 */
export class LeakyReLU extends InplaceModule {
  negativeSlope: number;

  constructor(
    ...args: [
      negativeSlope?: FloatOption | LeakyReLUOptions,
      inplace?: boolean | LeakyReLUOptions,
      options?: LeakyReLUOptions,
    ]
  ) {
    const [options] = leakyReluArguments.take("LeakyReLU", args);
    super(options);
    this.negativeSlope = takeFloat(this, "negativeSlope", options.negativeSlope, 0.01);
  }

  override forward(input: Tensor): Tensor {
    return activation.leakyRelu(input, { negativeSlope: this.negativeSlope, inplace: this.inplace });
  }

  override extraRepr(): string {
    return describe({ negative_slope: asGiven(this, "negativeSlope"), inplace: this.inplace || undefined });
  }
}

/** Options of `ELU`. */
export interface ELUOptions extends InplaceOptions {
  /** The depth far below 0. Default 1. */
  readonly alpha?: FloatOption;
}

const eluArguments = signature<[], ELUOptions>()([], ["alpha", "inplace"]);

/**
 * x, or alpha·(eˣ − 1) below 0.
 *
 * Shape: any → the same.
 *
 * @example
 * new ELU({ alpha: 0.5 });
 */
export class ELU extends InplaceModule {
  alpha: number;

  constructor(
    ...args: [alpha?: FloatOption | ELUOptions, inplace?: boolean | ELUOptions, options?: ELUOptions]
  ) {
    const [options] = eluArguments.take("ELU", args);
    super(options);
    this.alpha = takeFloat(this, "alpha", options.alpha, 1);
  }

  override forward(input: Tensor): Tensor {
    return activation.elu(input, { alpha: this.alpha, inplace: this.inplace });
  }

  override extraRepr(): string {
    return describe({ alpha: asGiven(this, "alpha"), inplace: this.inplace || undefined });
  }
}

/** Options of `CELU`. */
export interface CELUOptions extends InplaceOptions {
  /** The depth far below 0. Default 1. */
  readonly alpha?: FloatOption;
}

const celuArguments = signature<[], CELUOptions>()([], ["alpha", "inplace"]);

/**
 * x, or alpha·(e^(x / alpha) − 1) below 0.
 *
 * Shape: any → the same.
 *
 * @example
 * new CELU({ alpha: 0.5 });
 */
export class CELU extends InplaceModule {
  alpha: number;

  constructor(
    ...args: [alpha?: FloatOption | CELUOptions, inplace?: boolean | CELUOptions, options?: CELUOptions]
  ) {
    const [options] = celuArguments.take("CELU", args);
    super(options);
    this.alpha = takeFloat(this, "alpha", options.alpha, 1);
  }

  override forward(input: Tensor): Tensor {
    return activation.celu(input, { alpha: this.alpha, inplace: this.inplace });
  }

  override extraRepr(): string {
    return describe({ alpha: asGiven(this, "alpha"), inplace: this.inplace || undefined });
  }
}

/** Options of `Hardtanh`. */
export interface HardtanhOptions extends InplaceOptions {
  /** The lower bound. Default -1. */
  readonly minVal?: FloatOption;
  /** The upper bound. Default 1. */
  readonly maxVal?: FloatOption;
}

const hardtanhArguments = signature<[], HardtanhOptions>()([], ["minVal", "maxVal", "inplace"]);

/**
 * x held between two bounds.
 *
 * Shape: any → the same.
 * Throws: PyTorch's AssertionError for crossed bounds.
 *
 * @example
 * new Hardtanh({ minVal: 0 });
 */
export class Hardtanh extends InplaceModule {
  minVal: number;
  maxVal: number;

  constructor(
    ...args: [
      minVal?: FloatOption | HardtanhOptions,
      maxVal?: FloatOption | HardtanhOptions,
      inplace?: boolean | HardtanhOptions,
      options?: HardtanhOptions,
    ]
  ) {
    const [options] = hardtanhArguments.take("Hardtanh", args);
    super(options);
    this.minVal = takeFloat(this, "minVal", options.minVal, -1);
    this.maxVal = takeFloat(this, "maxVal", options.maxVal, 1);
    if (this.maxVal <= this.minVal) {
      throw torchError(
        "AssertionError",
        `max_val (${pythonRepr(asGiven(this, "maxVal"))}) must be greater than min_val (${pythonRepr(asGiven(this, "minVal"))})`,
      );
    }
  }

  override forward(input: Tensor): Tensor {
    return activation.hardtanh(input, { minVal: this.minVal, maxVal: this.maxVal, inplace: this.inplace });
  }

  override extraRepr(): string {
    return describe({
      min_val: asGiven(this, "minVal"),
      max_val: asGiven(this, "maxVal"),
      inplace: this.inplace || undefined,
    });
  }
}

/** Options of `Hardshrink`. */
export interface HardshrinkOptions {
  /** Half the width of the middle. Default 0.5. */
  readonly lambd?: FloatOption;
}

const hardshrinkArguments = signature<[], HardshrinkOptions>()([], ["lambd"]);

/**
 * x, but 0 within ±lambd.
 *
 * Shape: any → the same.
 *
 * @example
 * new Hardshrink({ lambd: 1 });
 */
export class Hardshrink extends Module {
  lambd: number;

  constructor(...args: [lambd?: FloatOption | HardshrinkOptions, options?: HardshrinkOptions]) {
    const [options] = hardshrinkArguments.take("Hardshrink", args);
    super();
    this.lambd = takeFloat(this, "lambd", options.lambd, 0.5);
  }

  override forward(input: Tensor): Tensor {
    return activation.hardshrink(input, { lambd: this.lambd });
  }

  override extraRepr(): string {
    return describe([asGiven(this, "lambd")]);
  }
}

/** Options of `Softshrink`. */
export interface SoftshrinkOptions {
  /** How far. Default 0.5. */
  readonly lambd?: FloatOption;
}

const softshrinkArguments = signature<[], SoftshrinkOptions>()([], ["lambd"]);

/**
 * x drawn towards 0 by lambd.
 *
 * Shape: any → the same.
 *
 * @example
 * new Softshrink({ lambd: 1 });
 */
export class Softshrink extends Module {
  lambd: number;

  constructor(...args: [lambd?: FloatOption | SoftshrinkOptions, options?: SoftshrinkOptions]) {
    const [options] = softshrinkArguments.take("Softshrink", args);
    super();
    this.lambd = takeFloat(this, "lambd", options.lambd, 0.5);
  }

  override forward(input: Tensor): Tensor {
    return activation.softshrink(input, { lambd: this.lambd });
  }

  override extraRepr(): string {
    return describe([asGiven(this, "lambd")]);
  }
}

/** Options of `Softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is. Default 1. */
  readonly beta?: FloatOption;
  /** Where the function becomes x. Default 20. */
  readonly threshold?: FloatOption;
}

const softplusArguments = signature<[], SoftplusOptions>()([], ["beta", "threshold"]);

/**
 * ln(1 + e^(beta·x)) / beta, or x where beta·x is above the threshold.
 *
 * Shape: any → the same.
 *
 * @example
 * new Softplus({ beta: 2 });
 */
export class Softplus extends Module {
  beta: number;
  threshold: number;

  constructor(
    ...args: [
      beta?: FloatOption | SoftplusOptions,
      threshold?: FloatOption | SoftplusOptions,
      options?: SoftplusOptions,
    ]
  ) {
    const [options] = softplusArguments.take("Softplus", args);
    super();
    this.beta = takeFloat(this, "beta", options.beta, 1);
    this.threshold = takeFloat(this, "threshold", options.threshold, 20);
  }

  override forward(input: Tensor): Tensor {
    return activation.softplus(input, { beta: this.beta, threshold: this.threshold });
  }

  override extraRepr(): string {
    return describe({ beta: asGiven(this, "beta"), threshold: asGiven(this, "threshold") });
  }
}

/** Options of `RReLU`. */
export interface RReLUOptions extends InplaceOptions {
  /** The smallest slope. Default 1 / 8. */
  readonly lower?: FloatOption;
  /** The largest slope. Default 1 / 3. */
  readonly upper?: FloatOption;
}

const rreluArguments = signature<[], RReLUOptions>()([], ["lower", "upper", "inplace"]);

/**
 * x, or below 0 x times a slope: drawn for each element in training, the middle of the bounds in evaluation.
 *
 * Shape: any → the same.
 *
 * @example
 * new RReLU({ lower: 0.1 });
 */
export class RReLU extends InplaceModule {
  lower: number;
  upper: number;

  constructor(
    ...args: [
      lower?: FloatOption | RReLUOptions,
      upper?: FloatOption | RReLUOptions,
      inplace?: boolean | RReLUOptions,
      options?: RReLUOptions,
    ]
  ) {
    const [options] = rreluArguments.take("RReLU", args);
    super(options);
    this.lower = takeFloat(this, "lower", options.lower, 1 / 8);
    this.upper = takeFloat(this, "upper", options.upper, 1 / 3);
  }

  override forward(input: Tensor): Tensor {
    return activation.rrelu(input, {
      lower: this.lower,
      upper: this.upper,
      training: this.training,
      inplace: this.inplace,
    });
  }

  override extraRepr(): string {
    return describe({
      lower: asGiven(this, "lower"),
      upper: asGiven(this, "upper"),
      inplace: this.inplace || undefined,
    });
  }
}

const thresholdArguments = signature<[threshold: FloatOption, value: FloatOption], InplaceOptions>()(
  ["threshold", "value"],
  ["inplace"],
);

/**
 * x where it is above a limit, else a value.
 *
 * Shape: any → the same.
 */
export class Threshold extends InplaceModule {
  threshold: number;
  value: number;

  constructor(...args: ArgumentsOf<typeof thresholdArguments>) {
    const [threshold, value, options] = thresholdArguments.take("Threshold", args);
    super(options);
    this.threshold = takeFloat(this, "threshold", threshold);
    this.value = takeFloat(this, "value", value);
  }

  override forward(input: Tensor): Tensor {
    return activation.threshold(input, this.threshold, this.value, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return describe({
      threshold: asGiven(this, "threshold"),
      value: asGiven(this, "value"),
      inplace: this.inplace || undefined,
    });
  }
}
