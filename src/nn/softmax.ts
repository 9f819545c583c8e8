/**
 * Activation layers that look along a dimension: softmax and its kin, and GLU.
 */

import { torchError } from "../errors.ts";
import * as activation from "../functional/activation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";
import { signature } from "./signature.ts";

/** Options of `Softmax`, `Softmin` and `LogSoftmax`. */
export interface DimOptions {
  /** The dimension whose elements sum to 1. Without it PyTorch's old choice is taken, with a warning. */
  readonly dim?: number | null;
}

type DimArguments = [dim?: number | null | DimOptions, options?: DimOptions];

const dimArguments = signature<[], DimOptions>()([], ["dim"]);

/** A layer with a dimension that may be left out. */
class DimModule extends Module {
  dim: number | null;

  constructor(options: DimOptions) {
    super();
    this.dim = options.dim ?? null;
  }

  override extraRepr(): string {
    return describe({ dim: this.dim });
  }
}

/**
 * e^x / Σe^x along a dimension.
 *
 * Shape: any → the same.
 *
 * @example
 * new Softmax({ dim: 1 })(zeros(1, 4)); // tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
 */
export class Softmax extends DimModule {
  constructor(...args: DimArguments) {
    super(...dimArguments.take("Softmax", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.softmax(input, { dim: this.dim });
  }
}

/**
 * `Softmax` of −x.
 *
 * Shape: any → the same.
 */
export class Softmin extends DimModule {
  constructor(...args: DimArguments) {
    super(...dimArguments.take("Softmin", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.softmin(input, { dim: this.dim });
  }
}

/**
 * The logarithm of `Softmax`.
 *
 * Shape: any → the same.
 */
export class LogSoftmax extends DimModule {
  constructor(...args: DimArguments) {
    super(...dimArguments.take("LogSoftmax", args));
  }

  override forward(input: Tensor): Tensor {
    return activation.logSoftmax(input, { dim: this.dim });
  }
}

/**
 * `Softmax` over the channels of every pixel.
 *
 * Shape: (N, channels, height, width) or (channels, height, width).
 * Throws: PyTorch's ValueError for other shapes.
 */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim === 3 || input.ndim === 4) return activation.softmax(input, { dim: -3 });
    throw torchError("ValueError", `Softmax2d: expected input to be 3D or 4D, got ${input.ndim}D instead`);
  }
}

/** Options of `GLU`. */
export interface GLUOptions {
  /** The dimension that is halved. Default -1. */
  readonly dim?: number;
}

const gluArguments = signature<[], GLUOptions>()([], ["dim"]);

/**
 * The first half of a dimension times σ of the second.
 *
 * Shape: (*, 2·n, *) → (*, n, *).
 */
export class GLU extends Module {
  dim: number;

  constructor(...args: [dim?: number | GLUOptions, options?: GLUOptions]) {
    super();
    const [options] = gluArguments.take("GLU", args);
    this.dim = options.dim ?? -1;
  }

  override forward(input: Tensor): Tensor {
    return activation.glu(input, { dim: this.dim });
  }

  override extraRepr(): string {
    return describe({ dim: this.dim });
  }
}
