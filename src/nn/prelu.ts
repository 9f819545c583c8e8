/**
 * PReLU: the activation layer that learns its slopes.
 */

import * as activation from "../functional/activation.ts";
import { empty } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { takeFloat } from "./float-option.ts";
import { constant_ } from "./init.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import { signature } from "./signature.ts";

/** Options of `PReLU`. */
export interface PReLUOptions extends FactoryOptions {
  /** How many slopes there are: 1, or one a channel. Default 1. */
  readonly numParameters?: number;
  /** The first value of the slopes. Default 0.25. */
  readonly init?: FloatOption;
}

const preluArguments = signature<[], PReLUOptions>()([], ["numParameters", "init", "device", "dtype"]);

/**
 * x, or a learnt slope times x below 0.
 *
 * Shape: (N, channels, *); `weight` (numParameters).
 *
 * @example
 * new PReLU({ numParameters: 3 })(zeros(1, 3, 8)).shape; // torch.Size([1, 3, 8])
 */
export class PReLU extends Module {
  numParameters: number;
  init: number;
  weight: Parameter;

  constructor(
    ...args: [
      numParameters?: number | PReLUOptions,
      init?: FloatOption | PReLUOptions,
      options?: PReLUOptions,
    ]
  ) {
    const [{ numParameters = 1, init, ...factory }] = preluArguments.take("PReLU", args);
    super();
    this.numParameters = numParameters;
    this.init = takeFloat(this, "init", init, 0.25);
    this.weight = new Parameter(empty(numParameters, factory));
    this.resetParameters();
  }

  /** Sets the slopes back to their first value. */
  resetParameters(): void {
    constant_(this.weight, this.init);
  }

  override forward(input: Tensor): Tensor {
    return activation.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return describe({ num_parameters: this.numParameters });
  }
}
