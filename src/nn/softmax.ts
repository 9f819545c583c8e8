/**
 * Activation layers that look along a dimension: softmax and its kin, and GLU.
 */

import { torchError } from "../errors.ts";
import * as activation from "../functional/activation.ts";
import { namedArguments } from "../ops/named-arguments.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";

/** Options of `Softmax`, `Softmin` and `LogSoftmax`. */
export interface DimOptions {
  /** The dimension whose elements sum to 1. Without it PyTorch's old choice is taken, with a warning. */
  readonly dim?: number | null;
}

/** A layer with a dimension that may be left out. */
class DimModule extends Module {
  dim: number | null;

  constructor(...args: [dim?: number | null | DimOptions, options?: DimOptions]) {
    super();
    this.dim = namedArguments<DimOptions>("__init__", ["dim"], args).dim ?? null;
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

/**
 * The first half of a dimension times σ of the second.
 *
 * Shape: (*, 2·n, *) → (*, n, *).
 */
export class GLU extends Module {
  dim: number;

  constructor(...args: [dim?: number | GLUOptions, options?: GLUOptions]) {
    super();
    this.dim = namedArguments<GLUOptions>("__init__", ["dim"], args).dim ?? -1;
  }

  override forward(input: Tensor): Tensor {
    return activation.glu(input, { dim: this.dim });
  }

  override extraRepr(): string {
    return describe({ dim: this.dim });
  }
}
