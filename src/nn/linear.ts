/**
 * Linear layers: Linear, Bilinear, and Identity, which does nothing.
 */

import { torchError } from "../errors.ts";
import { bilinear, linear } from "../functional/linear.ts";
import { empty } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { fanInAndFanOut, kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of `Linear` and `Bilinear`. */
export interface LinearOptions extends FactoryOptions {
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
}

const linearArguments = signature<[inFeatures: number, outFeatures: number], LinearOptions>()(
  ["inFeatures", "outFeatures"],
  ["bias", "device", "dtype"],
);

/**
 * A linear map: y = x·Wᵀ + b.
 *
 * Shape: (*, inFeatures) → (*, outFeatures); `weight` (outFeatures, inFeatures), `bias` (outFeatures).
 *
 * @example
 * new Linear(20, 30)(zeros(128, 20)).shape; // torch.Size([128, 30])
 */
export class Linear extends Module {
  inFeatures: number;
  outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(...args: ArgumentsOf<typeof linearArguments>) {
    super();
    const [inFeatures, outFeatures, options] = linearArguments.take("Linear", args);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty(outFeatures, inFeatures, options));
    this.bias = options.bias === false ? null : new Parameter(empty(outFeatures, options));
    this.resetParameters();
  }

  /** Draws fresh parameters: weight, then bias, both evenly from ±1/√inFeatures. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const { fanIn } = fanInAndFanOut(this.weight);
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return describe({
      in_features: this.inFeatures,
      out_features: this.outFeatures,
      bias: this.bias !== null,
    });
  }
}

/** See the class. */
export interface Identity {
  /** Any value passes, not tensors only. */
  <T>(input: T): T;
}

/**
 * Gives its input back. The constructor takes any arguments, and ignores them.
 *
 * Shape: any → the same.
 */
export class Identity extends Module {
  constructor(..._ignored: readonly unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}

const bilinearArguments = signature<
  [in1Features: number, in2Features: number, outFeatures: number],
  LinearOptions
>()(["in1Features", "in2Features", "outFeatures"], ["bias", "device", "dtype"]);

/**
 * A bilinear map: y = x₁ᵀ·W·x₂ + b.
 *
 * Shape: (*, in1Features), (*, in2Features) → (*, outFeatures); `weight` (outFeatures, in1Features, in2Features).
 * Throws: PyTorch's ValueError for in1Features below 1.
 *
 * @example
 * new Bilinear(20, 30, 40)(zeros(128, 20), zeros(128, 30)).shape; // torch.Size([128, 40])
 */
export class Bilinear extends Module {
  in1Features: number;
  in2Features: number;
  outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(...args: ArgumentsOf<typeof bilinearArguments>) {
    super();
    const [in1Features, in2Features, outFeatures, options] = bilinearArguments.take("Bilinear", args);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(empty(outFeatures, in1Features, in2Features, options));
    this.bias = options.bias === false ? null : new Parameter(empty(outFeatures, options));
    this.resetParameters();
  }

  /** Draws fresh parameters: weight, then bias, both evenly from ±1/√in1Features. */
  resetParameters(): void {
    if (this.in1Features <= 0) {
      throw torchError("ValueError", `in1_features must be > 0, but got (in1_features=${this.in1Features})`);
    }
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    return describe({
      in1_features: this.in1Features,
      in2_features: this.in2Features,
      out_features: this.outFeatures,
      bias: this.bias !== null,
    });
  }
}
