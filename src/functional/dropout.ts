/**
 * Dropout: noise for training. Masks are PyTorch's, drawn from the same stream.
 */

import { torchError } from "../errors.ts";
import { namedArguments } from "../ops/named-arguments.ts";
import { dropout as dropElements } from "../ops/random-draws.ts";
import { toSize } from "../shape.ts";
import type { Generator } from "../tensor/random/generator.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** Options of the functions here. */
export interface DropoutOptions {
  /** The probability of being dropped. Default 0.5. */
  readonly p?: number;
  /** Whether anything is dropped. Default true, but false for `alphaDropout` and `featureAlphaDropout`. */
  readonly training?: boolean;
  /** Whether the input is overwritten. Default false. */
  readonly inplace?: boolean;
  /** The stream to draw from. Default: the global one. */
  readonly generator?: Generator;
}

/** What may stand by position: `dropout(x, 0.2, this.training)` is `dropout(x, { p: 0.2, training: this.training })`. */
type DropoutArguments = [
  p?: number | DropoutOptions,
  training?: boolean | DropoutOptions,
  inplace?: boolean | DropoutOptions,
  options?: DropoutOptions,
];

function named(name: string, args: DropoutArguments): DropoutOptions {
  return namedArguments<DropoutOptions>(name, ["p", "training", "inplace"], args);
}

function checked(options: DropoutOptions): number {
  const { p = 0.5 } = options;
  if (p >= 0 && p <= 1) return p;
  throw torchError("ValueError", `dropout probability has to be between 0 and 1, but got ${p}`);
}

function draw({ generator }: DropoutOptions): { generator?: Generator } {
  return generator === undefined ? {} : { generator };
}

/** One number for each sample and channel. */
function featureShape({ shape }: Tensor): number[] {
  if (shape.length < 2) {
    throw torchError("RuntimeError", "Feature dropout requires at least 2 dimensions in the input");
  }
  return shape.map((length, axis) => (axis < 2 ? length : 1));
}

/**
 * Sets elements to 0 with probability `p`, and multiplies the others by 1 / (1 − p).
 *
 * Shape: any → the same.
 * Throws: PyTorch's ValueError for a probability outside [0, 1].
 *
 * @example
 * dropout(ones(3), 0.5, false); // tensor([1., 1., 1.])
 */
export function dropout(input: Tensor, ...args: DropoutArguments): Tensor {
  const options = named("dropout", args);
  const p = checked(options);
  const made = dropElements(input, { p, training: options.training ?? true, ...draw(options) });
  return options.inplace === true && made !== input ? input.copy_(made) : made;
}

/** Drops whole channels of (N, channels, *). */
function dropFeatures(input: Tensor, options: DropoutOptions): Tensor {
  const p = checked(options);
  if (!(options.training ?? true) || p === 0 || input.count === 0) return input;
  const shape = toSize(featureShape(input));
  const ones = newTensor(input.dtype, shape, input.device).fill_(1);
  const noise = dropElements(ones, { p, ...draw(options) });
  return options.inplace === true ? input.mul_(noise) : input.mul(noise);
}

/**
 * Drops whole channels.
 *
 * Shape: (N, channels, length) or (channels, length).
 * Throws: PyTorch's errors for other shapes and probabilities.
 */
export function dropout1d(input: Tensor, ...args: DropoutArguments): Tensor {
  const options = named("dropout1d", args);
  checked(options);
  if (input.ndim !== 2 && input.ndim !== 3) {
    throw torchError(
      "RuntimeError",
      `dropout1d: Expected 2D or 3D input, but received a ${input.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
    );
  }
  return input.ndim === 3
    ? dropFeatures(input, options)
    : dropFeatures(input.unsqueeze(0), options).squeeze(0);
}

/**
 * Drops whole channels.
 *
 * Shape: (N, channels, height, width).
 * Throws: PyTorch's errors for too few dimensions and for probabilities outside [0, 1].
 */
export function dropout2d(input: Tensor, ...args: DropoutArguments): Tensor {
  const options = named("dropout2d", args);
  checked(options);
  if (input.ndim !== 3 && input.ndim !== 4) {
    warn(
      `dropout2d: Received a ${input.ndim}-D input to dropout2d, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).`,
    );
  }
  if (input.ndim === 3) {
    warn(
      "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
    );
  }
  return dropFeatures(input, options);
}

/**
 * Drops whole channels.
 *
 * Shape: (N, channels, depth, height, width) or unbatched.
 * Throws: PyTorch's errors for too few dimensions and for probabilities outside [0, 1].
 */
export function dropout3d(input: Tensor, ...args: DropoutArguments): Tensor {
  const options = named("dropout3d", args);
  checked(options);
  if (input.ndim !== 4 && input.ndim !== 5) {
    warn(
      `dropout3d: Received a ${input.ndim}-D input to dropout3d, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that dropout3d exists to provide channel-wise dropout on inputs with 3 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).`,
    );
  }
  // Whatever has other than five dimensions is taken for one sample.
  return input.ndim === 5
    ? dropFeatures(input, options)
    : dropFeatures(input.unsqueeze(0), options).squeeze(0);
}

/** What SELU tends to far below 0: −scale·alpha. */
const lowest = 1.7580993408473766;

/**
 * Sets what is dropped to the lowest value of SELU, then scales and shifts so that mean and variance stay: Klambauer and
 * others (2017).
 */
function dropToLowest(input: Tensor, options: DropoutOptions, areFeatures: boolean): Tensor {
  const p = checked(options);
  const { training = false, inplace = false } = options;
  if (!training || p === 0 || input.count === 0) return input;
  const noise = areFeatures
    ? newTensor(input.dtype, toSize(featureShape(input)), input.device)
    : newTensorLike(input, input.dtype);
  if (p === 1) return inplace ? input.mul_(noise) : input.mul(noise);
  noise.bernoulli_(1 - p, draw(options));
  const scale = 1 / Math.sqrt((lowest ** 2 * p + 1) * (1 - p));
  const shift = noise
    .sub(1)
    .mul(lowest * scale)
    .add(lowest * scale * p);
  noise.mul_(scale);
  return inplace ? input.mul_(noise).add_(shift) : input.mul(noise).add(shift);
}

/**
 * Dropout that keeps mean and variance after SELU.
 *
 * Shape: any → the same.
 * Throws: PyTorch's ValueError for a probability outside [0, 1].
 */
export function alphaDropout(input: Tensor, ...args: DropoutArguments): Tensor {
  return dropToLowest(input, named("alpha_dropout", args), false);
}

/** `alphaDropout` of whole channels. Shape: (N, channels, *). Throws: PyTorch's errors for other shapes and probabilities. */
export function featureAlphaDropout(input: Tensor, ...args: DropoutArguments): Tensor {
  return dropToLowest(input, named("feature_alpha_dropout", args), true);
}
