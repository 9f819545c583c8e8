/**
 * Normalizations by name. The computation of most is `ops/normalization.ts`.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { normalized } from "../ops/normalization.ts";
import { pad } from "../ops/padding.ts";
import { countOf, sameShape, shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { avgPool2d, avgPool3d } from "./pooling.ts";
import { refuseGradients } from "./no-derivative.ts";

/** Options of `layerNorm`, `groupNorm` and, among more, of the others. */
export interface NormOptions {
  /** Multiplies what was normalized. Default: none. */
  readonly weight?: Tensor | null;
  /** Is added to it. Default: none. */
  readonly bias?: Tensor | null;
  /** Is added to the variance. Default 1e-5. */
  readonly eps?: number;
}

/** Options of `batchNorm`. */
export interface BatchNormOptions extends NormOptions {
  /** Whether the batch's own mean and variance are used. Default false. */
  readonly training?: boolean;
  /** The share of the new in running statistics. Default 0.1. */
  readonly momentum?: number;
}

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

function checkSize(name: string, tensor: Tensor | null | undefined, channels: number): void {
  if (tensor === null || tensor === undefined || tensor.count === channels) return;
  refuse(`${name} should contain ${channels} elements not ${tensor.count}`);
}

/** running = (1 − momentum)·running + momentum·new, rounded once. */
function blend(running: Tensor, value: Tensor, momentum: number): void {
  running.copy_(
    running
      .double()
      .mul(1 - momentum)
      .add(value.detach().mul(momentum)),
  );
}

/**
 * Normalizes each channel over the batch and all positions; in training it updates the running statistics in place, with
 * the unbiased variance.
 *
 * Formula: y = (x − mean) / √(variance + eps) · weight + bias.
 * Shape: input (N, channels, *), all others (channels).
 * Throws: PyTorch's ValueError for a single value a channel, its RuntimeErrors for what does not fit.
 *
 * @example
 * batchNorm(tensor([[1.5], [3.5]]), null, null, { training: true }); // tensor([[-1.0000], [ 1.0000]])
 */
export function batchNorm(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  const { weight = null, bias = null, eps = 1e-5, training = false, momentum = 0.1 } = options;
  const channels = input.size(1);
  const perChannel = channels === 0 ? 0 : input.count / channels;
  if (training && perChannel === 1) {
    throw torchError(
      "ValueError",
      `Expected more than 1 value per channel when training, got input size ${String(input.shape)}`,
    );
  }
  if (!training && runningMean === null) refuse("running_mean must be defined in evaluation mode");
  if (!training && runningVar === null) refuse("running_var must be defined in evaluation mode");
  checkSize("running_mean", runningMean, channels);
  checkSize("running_var", runningVar, channels);
  checkSize("weight", weight, channels);
  checkSize("bias", bias, channels);
  refuseGradients("native_batch_norm", { running_mean: runningMean, running_var: runningVar });
  if (input.dtype.kind === "float") requireOneDtype(input, weight, bias, runningMean, runningVar);
  const tail = countOf(input.shape.slice(2));
  const [output, mean, variance] = normalized(input, weight, bias, {
    nodeName: "NativeBatchNormBackward0",
    kernel: "batch_norm",
    layout: { outer: input.shape[0]!, groups: channels, inner: tail, channels, tail },
    eps,
    constants: training ? null : { mean: runningMean!, variance: runningVar! },
  });
  if (training && input.device === "cpu" && input.count > 0) {
    noGradNorNotes(() => {
      if (runningMean !== null) blend(runningMean, mean, momentum);
      if (runningVar !== null) blend(runningVar, variance.mul(perChannel / (perChannel - 1)), momentum);
    });
  }
  return output;
}

/**
 * Throws PyTorch's RuntimeErrors for parameters of another dtype than the input's, which only float32 ones of narrower inputs may
 * be. What counts is the first that there is.
 */
function requireOneDtype(input: Tensor, ...parameters: (Tensor | null)[]): void {
  const { dtype } = input;
  const given = parameters.filter((tensor) => tensor !== null);
  if (given.length === 0 || given[0]!.dtype === dtype) return;
  if (given.some((tensor) => tensor.dtype !== dtypes.float32)) {
    refuse("mixed dtype (CPU): expect parameter to have scalar type of Float");
  }
  if (dtype.kind === "float" && dtype.bits < 32) return;
  refuse("mixed dtype (CPU): all inputs must share same datatype.");
}

/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends NormOptions {
  /** Whether each sample's own mean and variance are used. Default true. */
  readonly useInputStats?: boolean;
  /** The share of the new in running statistics. Default 0.1. */
  readonly momentum?: number;
}

/**
 * Normalizes each channel of each sample over all positions: a batch norm of one sample with N·channels channels.
 *
 * Shape: input (N, channels, *), all others (channels).
 * Throws: PyTorch's ValueError for a single position, its RuntimeErrors for what does not fit.
 */
export function instanceNorm(
  input: Tensor,
  runningMean: Tensor | null = null,
  runningVar: Tensor | null = null,
  options: InstanceNormOptions = {},
): Tensor {
  const { weight = null, bias = null, eps = 1e-5, useInputStats = true, momentum = 0.1 } = options;
  const [samples, channels, ...lengths] = input.shape as readonly number[] as [number, number, ...number[]];
  if (useInputStats && countOf(lengths) === 1) {
    throw torchError(
      "ValueError",
      `Expected more than 1 spatial element when training, got input size ${String(input.shape)}`,
    );
  }
  if (!useInputStats && (runningMean === null || runningVar === null)) {
    refuse("Expected running_mean and running_var to be defined when use_input_stats is false");
  }
  const repeated = (tensor: Tensor | null): Tensor | null => tensor?.repeat(samples) ?? null;
  // Running statistics may be of any dtype here: each sample has its own copy of them.
  const ownCopy = (tensor: Tensor | null): Tensor | null => repeated(tensor)?.to(input.dtype) ?? null;
  const [mean, variance] = [ownCopy(runningMean), ownCopy(runningVar)];
  const output = batchNorm(input.reshape(1, samples * channels, ...lengths), mean, variance, {
    weight: repeated(weight),
    bias: repeated(bias),
    eps,
    training: useInputStats,
    momentum,
  });
  if (useInputStats) {
    noGradNorNotes(() => {
      const average = (tensor: Tensor): Tensor => tensor.view(samples, channels).mean(0);
      if (runningMean !== null) runningMean.copy_(average(mean!));
      if (runningVar !== null) runningVar.copy_(average(variance!));
    });
  }
  return output.view(input.shape);
}

/** Checks that the last dimensions are as said; gives their number of elements. */
function checkNormalizedShape(input: Tensor, shape: readonly number[], comma: string): number {
  if (shape.length === 0) {
    refuse(
      "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []",
    );
  }
  if (input.ndim < shape.length || !sameShape(input.shape.slice(-shape.length), shape)) {
    refuse(
      `Given normalized_shape=${shapeText(shape)}, expected input with shape [*${comma}${shape.join(", ")}], but got input of size${shapeText(input.shape)}`,
    );
  }
  return countOf(shape);
}

function checkSameShape(name: string, tensor: Tensor | null, shape: readonly number[]): void {
  if (tensor === null || sameShape(tensor.shape, shape)) return;
  refuse(
    `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${shapeText(tensor.shape)} and normalized_shape = ${shapeText(shape)}`,
  );
}

/**
 * Normalizes over the last dimensions.
 *
 * Formula: y = (x − mean) / √(variance + eps) · weight + bias.
 * Shape: input (*, *normalizedShape), weight and bias (*normalizedShape).
 * Throws: PyTorch's RuntimeErrors for shapes that do not fit.
 *
 * @example
 * layerNorm(tensor([[1.5, 3.5]]), [2]); // tensor([[-1.0000, 1.0000]])
 */
export function layerNorm(
  input: Tensor,
  normalizedShape: readonly number[],
  options: NormOptions = {},
): Tensor {
  const { weight = null, bias = null, eps = 1e-5 } = options;
  const inner = checkNormalizedShape(input, normalizedShape, ", ");
  checkSameShape("weight", weight, normalizedShape);
  checkSameShape("bias", bias, normalizedShape);
  requireOneDtype(input, weight, bias);
  return normalized(input, weight, bias, {
    nodeName: "NativeLayerNormBackward0",
    kernel: "LayerNormKernelImpl",
    layout: { outer: 1, groups: inner === 0 ? 0 : input.count / inner, inner, channels: inner, tail: 1 },
    eps,
    constants: null,
  })[0];
}

/**
 * Normalizes groups of channels of each sample.
 *
 * Shape: input (N, channels, *), weight and bias (channels).
 * Throws: PyTorch's errors for channels that groups do not divide, a single value a group, and shapes that do not fit.
 *
 * @example
 * groupNorm(tensor([[[1.5, 3.5]]]), 1); // tensor([[[-1.0000, 1.0000]]])
 */
export function groupNorm(input: Tensor, numGroups: number, options: NormOptions = {}): Tensor {
  const { weight = null, bias = null, eps = 1e-5 } = options;
  const { shape } = input;
  if (input.ndim < 2) refuse(`Expected at least 2 dimensions for input tensor but received ${input.ndim}`);
  const [samples, channels] = shape as readonly number[] as [number, number];
  const tail = countOf(shape.slice(2));
  // PyTorch looks at the groups of all samples as one batch.
  const rows = Math.floor((samples * channels) / numGroups);
  if (rows * tail === 1) {
    throw torchError(
      "ValueError",
      `Expected more than 1 value per channel when training, got input size ${shapeText([rows, numGroups, ...shape.slice(2)])}`,
    );
  }
  if (channels % numGroups !== 0) {
    refuse(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${shapeText(shape)} and num_groups=${numGroups}`,
    );
  }
  for (const [name, tensor] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (tensor === null || (tensor.ndim === 1 && tensor.count === channels)) continue;
    refuse(
      `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${shapeText(tensor.shape)} and input of shape ${shapeText(shape)}`,
    );
  }
  requireOneDtype(input, weight, bias);
  return normalized(input, weight, bias, {
    nodeName: "NativeGroupNormBackward0",
    kernel: "GroupNormKernelImpl",
    layout: { outer: 1, groups: samples * numGroups, inner: (channels / numGroups) * tail, channels, tail },
    eps,
    constants: null,
  })[0];
}

/** The distance from 1 to the next number: what `rmsNorm` adds where it is not told. */
const epsilons: Readonly<Record<string, number>> = { float64: 2 ** -52 };

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** Multiplies what was normalized. Default: none. */
  readonly weight?: Tensor | null;
  /** Is added to the mean square. Default: the distance from 1 to the next number, 2⁻²³ for float32. */
  readonly eps?: number | null;
}

/**
 * Divides by the root of the mean square over the last dimensions.
 *
 * Formula: y = x / √(mean x² + eps) · weight.
 * Shape: input (*, *normalizedShape), weight (*normalizedShape).
 * Throws: PyTorch's RuntimeErrors for shapes that do not fit.
 *
 * @example
 * rmsNorm(tensor([[1.5, 2]]), [2]); // tensor([[0.8485, 1.1314]])
 */
export function rmsNorm(
  input: Tensor,
  normalizedShape: readonly number[],
  options: RmsNormOptions = {},
): Tensor {
  const { weight = null } = options;
  if (input.ndim < normalizedShape.length) {
    throw torchError(
      "ValueError",
      `Input tensor must have at least ${normalizedShape.length} dimensions, but got ${input.ndim}`,
    );
  }
  checkNormalizedShape(input, normalizedShape, "");
  checkSameShape("weight", weight, normalizedShape);
  if (input.dtype.kind !== "float" && input.dtype.kind !== "complex") {
    throw torchError("NotImplementedError", `"rms_norm" not implemented for '${input.dtype.scalarType}'`);
  }
  const eps = options.eps ?? epsilons[input.dtype.name] ?? 2 ** -23;
  const axes = normalizedShape.map((_, axis) => axis - normalizedShape.length);
  const isNarrow = input.dtype.bits < 32;
  const wide = isNarrow ? input.float() : input;
  const scaled = wide.mul(wide.pow(2).mean(axes, { keepdim: true }).add(eps).rsqrt());
  const made = weight === null ? scaled : scaled.mul(weight);
  return isNarrow ? made.to(input.dtype) : made;
}

/** Options of `localResponseNorm`. */
export interface LocalResponseOptions {
  /** Default 1e-4. */
  readonly alpha?: number;
  /** Default 0.75. */
  readonly beta?: number;
  /** Default 1. */
  readonly k?: number;
}

/**
 * Divides by what neighbouring channels show: y = x / (k + alpha·mean x²)^beta over `size` channels.
 *
 * Shape: input (N, channels, *).
 * Throws: PyTorch's ValueError for fewer than three dimensions.
 */
export function localResponseNorm(input: Tensor, size: number, options: LocalResponseOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  if (input.ndim < 3) {
    // The gap is in PyTorch's text.
    throw torchError(
      "ValueError",
      `Expected 3D or higher dimensionality                          input (got ${input.ndim} dimensions)`,
    );
  }
  if (input.count === 0) return input;
  const [before, after] = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const squares = input.mul(input).unsqueeze(1);
  const [samples, channels, first, ...rest] = input.shape as readonly number[] as [
    number,
    number,
    number,
    ...number[],
  ];
  const means =
    input.ndim === 3
      ? avgPool2d(pad(squares, [0, 0, before, after]), [size, 1], { stride: 1 }).squeeze(1)
      : avgPool3d(
          pad(squares.view(samples, 1, channels, first, countOf(rest)), [0, 0, 0, 0, before, after]),
          [size, 1, 1],
          {
            stride: 1,
          },
        )
          .squeeze(1)
          .view(input.shape);
  return input.div(means.mul(alpha).add(k).pow(beta));
}

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** The p of the p-norm. Default 2. */
  readonly p?: number;
  /** The dimension. Default 1. */
  readonly dim?: number;
  /** The smallest norm divided by. Default 1e-12. */
  readonly eps?: number;
}

/**
 * Divides by the p-norm along a dimension.
 *
 * Shape: any → the same.
 *
 * @example
 * normalize(tensor([[1.5, 2]])); // tensor([[0.6000, 0.8000]])
 */
export function normalize(input: Tensor, options: NormalizeOptions = {}): Tensor {
  const { p = 2, dim = 1, eps = 1e-12 } = options;
  return input.div(input.norm(p, dim, { keepdim: true }).clampMin(eps).expandAs(input));
}
