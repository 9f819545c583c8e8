/**
 * Activations. Each takes a tensor and gives one of the same shape, but for `glu`. With `inplace` the tensor itself is
 * written.
 */

import type { DType } from "../dtype.ts";
import { torchError } from "../errors.ts";
import * as curves from "../ops/activation.ts";
import { fullLike, onesLike } from "../ops/creation-like.ts";
import { namedArguments } from "../ops/named-arguments.ts";
import * as pieces from "../ops/piecewise-activation.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { defaultGenerator } from "../tensor/random/generator.ts";
import { denseItems, setElementAt } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import { gated } from "./glu.ts";
import { noisyLeak } from "./noisy-leak.ts";

/** Options of activations that may write into their input. */
export interface InplaceOptions {
  /** Whether the input is overwritten. Default false. */
  readonly inplace?: boolean;
}

/** max(x, 0). Shape: any → the same. */
export function relu(input: Tensor, options: InplaceOptions = {}): Tensor {
  return options.inplace === true ? input.relu_() : input.relu();
}

/** min(max(x, 0), 6). Shape: any → the same. */
export function relu6(input: Tensor, options: InplaceOptions = {}): Tensor {
  return hardtanh(input, { minVal: 0, maxVal: 6, ...options });
}

/** 1 / (1 + e⁻ˣ). Shape: any → the same. */
export function sigmoid(input: Tensor): Tensor {
  return input.sigmoid();
}

/** The hyperbolic tangent. Shape: any → the same. */
export function tanh(input: Tensor): Tensor {
  return input.tanh();
}

/** x where it is above `threshold`, else `value`. Shape: any → the same. */
export function threshold(input: Tensor, limit: number, value: number, options: InplaceOptions = {}): Tensor {
  return (options.inplace === true ? pieces.threshold.inPlace : pieces.threshold)(input, limit, value);
}

/** Options of `leakyRelu`. */
export interface LeakyReluOptions extends InplaceOptions {
  /** The slope below 0. Default 0.01. */
  readonly negativeSlope?: number;
}

/**
 * x, or `negativeSlope`·x below 0.
 *
 * Shape: any → the same.
 *
 * @example
 * leakyRelu(tensor([-1.5, 2]), 0.2); // tensor([-0.3000, 2.0000])
 */
export function leakyRelu(
  input: Tensor,
  ...args: [
    negativeSlope?: number | LeakyReluOptions,
    inplace?: boolean | LeakyReluOptions,
    options?: LeakyReluOptions,
  ]
): Tensor {
  const options = namedArguments<LeakyReluOptions>("leaky_relu", ["negativeSlope", "inplace"], args);
  return (options.inplace === true ? pieces.leakyRelu.inPlace : pieces.leakyRelu)(
    input,
    options.negativeSlope ?? 0.01,
  );
}

/** Options of `rrelu`. */
export interface RreluOptions extends InplaceOptions {
  /** The smallest slope below 0. Default 1/8. */
  readonly lower?: number;
  /** The largest one. Default 1/3. */
  readonly upper?: number;
  /** Whether slopes are drawn; else it is their middle. Default false. */
  readonly training?: boolean;
  /** Where the slopes come from; default: the global generator. */
  readonly generator?: Generator;
}

/**
 * x, or x times a slope that is drawn for each element below 0.
 *
 * Shape: any → the same.
 * Throws: PyTorch's RuntimeError for crossed bounds.
 */
export function rrelu(input: Tensor, options: RreluOptions = {}): Tensor {
  const { lower = 1 / 8, upper = 1 / 3, training = false, generator = defaultGenerator } = options;
  if (lower > upper) {
    throw torchError("RuntimeError", "Lower bound should be less than or equal to the upper bound");
  }
  const noise = training
    ? drawnSlopes(input, lower, upper, generator)
    : fullLike(input.detach(), (lower + upper) / 2);
  const made = noisyLeak(input, noise);
  return options.inplace === true ? input.copy_(made) : made;
}

/** A slope for each element up to 0, drawn in order; 1 for the others, for which nothing is drawn. */
function drawnSlopes(input: Tensor, lower: number, upper: number, generator: Generator): Tensor {
  const noise = onesLike(input.detach()).contiguous();
  if (input.device !== "cpu") return noise;
  const items = denseItems(input.detach().double());
  for (let k = 0; k < items.length; k++) {
    if (Number(items[k]) <= 0)
      setElementAt(noise, noise.offset + k, generator.uniform64() * (upper - lower) + lower);
  }
  return noise;
}

/** Options of `elu` and `celu`. */
export interface EluOptions extends InplaceOptions {
  /** The depth far below 0. Default 1. */
  readonly alpha?: number;
}

/** x, or `alpha`·(eˣ − 1) below 0. Shape: any → the same. */
export function elu(
  input: Tensor,
  ...args: [alpha?: number | EluOptions, inplace?: boolean | EluOptions, options?: EluOptions]
): Tensor {
  const options = namedArguments<EluOptions>("elu", ["alpha", "inplace"], args);
  return (options.inplace === true ? curves.elu.inPlace : curves.elu)(input, options.alpha ?? 1);
}

/**
 * x, or `alpha`·(e^(x / alpha) − 1) below 0.
 *
 * Shape: any → the same.
 * Throws: PyTorch's RuntimeError for alpha 0.
 */
export function celu(
  input: Tensor,
  ...args: [alpha?: number | EluOptions, inplace?: boolean | EluOptions, options?: EluOptions]
): Tensor {
  const options = namedArguments<EluOptions>("celu", ["alpha", "inplace"], args);
  const { alpha = 1 } = options;
  if (alpha === 0) throw torchError("RuntimeError", "ZeroDivisionError: alpha cannot be 0 for CELU");
  return (options.inplace === true ? curves.celu.inPlace : curves.celu)(input, alpha);
}

/** `scale`·elu(x, `alpha`) with the constants that keep mean 0 and variance 1. Shape: any → the same. */
export function selu(input: Tensor, options: InplaceOptions = {}): Tensor {
  return (options.inplace === true ? curves.selu.inPlace : curves.selu)(input);
}

/** Options of `hardtanh`. */
export interface HardtanhOptions extends InplaceOptions {
  /** Default -1. */
  readonly minVal?: number;
  /** Default 1. */
  readonly maxVal?: number;
}

/**
 * x held between two bounds.
 *
 * Shape: any → the same.
 * Throws: PyTorch's ValueError for crossed bounds.
 */
export function hardtanh(input: Tensor, options: HardtanhOptions = {}): Tensor {
  const { minVal = -1, maxVal = 1 } = options;
  if (minVal > maxVal) throw torchError("ValueError", "min_val cannot be greater than max_val");
  return (options.inplace === true ? pieces.hardtanh.inPlace : pieces.hardtanh)(input, minVal, maxVal);
}

/** min(max(x + 3, 0), 6) / 6. Shape: any → the same. */
export function hardsigmoid(input: Tensor, options: InplaceOptions = {}): Tensor {
  return (options.inplace === true ? pieces.hardsigmoid.inPlace : pieces.hardsigmoid)(input);
}

/** x·hardsigmoid(x). Shape: any → the same. */
export function hardswish(input: Tensor, options: InplaceOptions = {}): Tensor {
  return (options.inplace === true ? pieces.hardswish.inPlace : pieces.hardswish)(input);
}

/** x·σ(x). Shape: any → the same. */
export function silu(input: Tensor, options: InplaceOptions = {}): Tensor {
  return (options.inplace === true ? curves.silu.inPlace : curves.silu)(input);
}

/** x·tanh(ln(1 + eˣ)). Shape: any → the same. */
export function mish(input: Tensor, options: InplaceOptions = {}): Tensor {
  return (options.inplace === true ? curves.mish.inPlace : curves.mish)(input);
}

/** Options of `gelu`. */
export interface GeluOptions {
  /** `"tanh"` for the approximation that is faster elsewhere. Default `"none"`. */
  readonly approximate?: "none" | "tanh";
}

/**
 * x·Φ(x), with Φ the normal distribution.
 *
 * Shape: any → the same.
 * Throws: PyTorch's RuntimeError for another approximation.
 */
export function gelu(input: Tensor, options: GeluOptions = {}): Tensor {
  switch (options.approximate ?? "none") {
    case "none":
      return curves.gelu(input);
    case "tanh":
      return curves.geluTanh(input);
    default:
      throw torchError("RuntimeError", "approximate argument must be either none or tanh.");
  }
}

/** Options of `glu`. */
export interface GluOptions {
  /** The dimension that is halved. Default -1. */
  readonly dim?: number;
}

/**
 * The first half of a dimension times σ of the second.
 *
 * Shape: (*, 2·n, *) → (*, n, *).
 * Throws: PyTorch's RuntimeErrors for an odd length and for tensors without dimensions.
 */
export function glu(input: Tensor, ...args: [dim?: number | GluOptions, options?: GluOptions]): Tensor {
  const options = namedArguments<GluOptions>("glu", ["dim"], args);
  return gated(input, options.dim ?? -1);
}

/** Options of `hardshrink` and `softshrink`. */
export interface ShrinkOptions {
  /** Half the width of the middle. Default 0.5. */
  readonly lambd?: number;
}

/** x, but 0 within ±`lambd`. Shape: any → the same. */
export function hardshrink(input: Tensor, options: ShrinkOptions = {}): Tensor {
  return pieces.hardshrink(input, options.lambd ?? 0.5);
}

/**
 * x drawn towards 0 by `lambd`.
 *
 * Shape: any → the same.
 * Throws: PyTorch's RuntimeError for a negative one.
 */
export function softshrink(input: Tensor, options: ShrinkOptions = {}): Tensor {
  return pieces.softshrink(input, options.lambd ?? 0.5);
}

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is. Default 1. */
  readonly beta?: number;
  /** Where beta·x is above it, the result is x. Default 20. */
  readonly threshold?: number;
}

/** ln(1 + e^(beta·x)) / beta. Shape: any → the same. */
export function softplus(input: Tensor, options: SoftplusOptions = {}): Tensor {
  return curves.softplus(input, options.beta ?? 1, options.threshold ?? 20);
}

/** ln σ(x). Shape: any → the same. */
export function logSigmoid(input: Tensor): Tensor {
  return curves.logSigmoid(input);
}

/** x / (1 + |x|). Shape: any → the same. */
export function softsign(input: Tensor): Tensor {
  return input.div(input.abs().add(1));
}

/** x − tanh x. Shape: any → the same. */
export function tanhshrink(input: Tensor): Tensor {
  return input.sub(input.tanh());
}

/** Options of `softmax`, `logSoftmax` and `softmin`. */
export interface SoftmaxOptions {
  /** The dimension whose elements sum to 1. Without it PyTorch's old choice is taken, with a warning. */
  readonly dim?: number | null;
  /** Convert to this dtype first. */
  readonly dtype?: DType | string | null;
}

/** The dimension may stand alone: `softmax(x, 1)` is `softmax(x, { dim: 1 })`. */
type SoftmaxArguments = [dim?: number | null | SoftmaxOptions, options?: SoftmaxOptions];

/** The dimension asked for, or the one that PyTorch chose before there was the argument. */
function softmaxDim(name: string, input: Tensor, { dim }: SoftmaxOptions): number {
  if (dim !== undefined && dim !== null) return dim;
  warn(
    `Implicit dimension choice for ${name} has been deprecated. Change the call to include dim=X as an argument.`,
  );
  return input.ndim === 0 || input.ndim === 1 || input.ndim === 3 ? 0 : 1;
}

/** `method` along the dimension asked for, of a dtype asked for. `name` is PyTorch's. */
function weighed(
  name: string,
  method: "softmax" | "logSoftmax",
  input: Tensor,
  args: SoftmaxArguments,
  sign: 1 | -1 = 1,
): Tensor {
  const options = namedArguments<SoftmaxOptions>(name, ["dim"], args);
  const dim = softmaxDim(name, input, options);
  return (sign === 1 ? input : input.neg())[method](dim, { dtype: options.dtype ?? null });
}

/**
 * e^x / Σe^x along a dimension.
 *
 * Shape: any → the same.
 * Throws: PyTorch's IndexError for a dimension that is not there.
 *
 * @example
 * softmax(zeros(1, 4), 1); // tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
 */
export function softmax(input: Tensor, ...args: SoftmaxArguments): Tensor {
  return weighed("softmax", "softmax", input, args);
}

/**
 * The logarithm of `softmax`, exact also where that is nearly 0.
 *
 * Shape: any → the same.
 * Throws: as `softmax`.
 */
export function logSoftmax(input: Tensor, ...args: SoftmaxArguments): Tensor {
  return weighed("log_softmax", "logSoftmax", input, args);
}

/**
 * `softmax` of −x.
 *
 * Shape: any → the same.
 * Throws: as `softmax`.
 */
export function softmin(input: Tensor, ...args: SoftmaxArguments): Tensor {
  return weighed("softmin", "softmax", input, args, -1);
}

/**
 * x, or weight·x up to 0.
 *
 * Shape: input (N, channels, *), weight (channels) or (1).
 * Throws: PyTorch's RuntimeErrors for weights of another shape or dtype.
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  if (input.dtype !== weight.dtype) {
    throw torchError(
      "RuntimeError",
      `prelu: Type promoting not supported. Got ${input.dtype.scalarType} and ${weight.dtype.scalarType}`,
    );
  }
  if (weight.ndim > 1) {
    throw torchError(
      "RuntimeError",
      `prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.ndim}`,
    );
  }
  if (weight.count === 1) return pieces.preluKernel(input, weight.reshape(input.shape.map(() => 1)));
  if (input.ndim === 0) throw torchError("RuntimeError", "Not allow zero-dim input tensor.");
  const channels = input.ndim > 1 ? input.shape[1]! : 1;
  if (channels !== weight.count) {
    throw torchError(
      "RuntimeError",
      `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.count} and channel size = ${channels}.`,
    );
  }
  return pieces.preluKernel(input, weight.reshape(input.shape.map((_, axis) => (axis === 1 ? channels : 1))));
}
