/**
 * Dropout layers: noise in training, nothing in evaluation. Their functions are in `functional/dropout.ts`.
 */

import { torchError } from "../errors.ts";
import * as functional from "../functional/dropout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, numberText, plainNumber, takeFloat } from "./float-option.ts";
import { Module } from "./module.ts";
import { signature } from "./signature.ts";

/** Options of the layers here. */
export interface DropoutOptions {
  /** The probability of being dropped. Default 0.5. */
  readonly p?: FloatOption;
  /** Whether the input is overwritten. Default false. */
  readonly inplace?: boolean;
}

type Arguments = [
  p?: FloatOption | DropoutOptions,
  inplace?: boolean | DropoutOptions,
  options?: DropoutOptions,
];

const dropoutArguments = signature<[], DropoutOptions>()([], ["p", "inplace"]);

/** What the layers share. */
class DropoutModule extends Module {
  p: number;
  inplace: boolean;

  constructor(...args: Arguments) {
    super();
    const [{ p, inplace = false }] = dropoutArguments.take("_DropoutNd", args);
    const isProbability = p === undefined || (plainNumber(p) >= 0 && plainNumber(p) <= 1);
    if (!isProbability) {
      throw torchError(
        "ValueError",
        `dropout probability has to be between 0 and 1, but got ${numberText(p)}`,
      );
    }
    this.p = takeFloat(this, "p", p, 0.5);
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return describe({ p: asGiven(this, "p"), inplace: this.inplace });
  }
}

/**
 * Sets elements to 0 with probability p, and multiplies the others by 1 / (1 − p).
 *
 * Shape: any → the same.
 *
 * @example
 * new Dropout({ p: 0.1 });
 */
export class Dropout extends DropoutModule {
  override forward(input: Tensor): Tensor {
    return functional.dropout(input, this.p, this.training, this.inplace);
  }
}

/** Drops whole channels. Shape: (N, channels, length) or (channels, length). */
export class Dropout1d extends DropoutModule {
  override forward(input: Tensor): Tensor {
    return functional.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** Drops whole channels. Shape: (N, channels, height, width). */
export class Dropout2d extends DropoutModule {
  override forward(input: Tensor): Tensor {
    return functional.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/** Drops whole channels. Shape: (N, channels, depth, height, width) or unbatched. */
export class Dropout3d extends DropoutModule {
  override forward(input: Tensor): Tensor {
    return functional.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/**
 * Dropout that keeps mean and variance after SELU.
 *
 * Shape: any → the same.
 */
export class AlphaDropout extends DropoutModule {
  override forward(input: Tensor): Tensor {
    return functional.alphaDropout(input, { p: this.p, training: this.training });
  }
}

/** `AlphaDropout` of whole channels. Shape: (N, channels, *). */
export class FeatureAlphaDropout extends DropoutModule {
  override forward(input: Tensor): Tensor {
    return functional.featureAlphaDropout(input, { p: this.p, training: this.training });
  }
}
