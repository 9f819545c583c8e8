/**
 * Convolutions by name: `conv2d(input, weight, { bias, stride })`. The computation is `ops/convolution.ts`.
 */

import { torchError } from "../errors.ts";
import { convolution } from "../ops/convolution.ts";
import { namedArguments } from "../ops/named-arguments.ts";
import { pad } from "../ops/padding.ts";
import { shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** One number for all spatial dimensions, or one for each. */
export type PerAxis = number | readonly number[];

/** Options of convolutions. */
export interface ConvOptions {
  /** One number for each output channel. Default: none. */
  readonly bias?: Tensor | null;
  /** How far windows are apart. Default 1. */
  readonly stride?: PerAxis;
  /** Zeros added at both ends; `"same"` keeps the lengths, `"valid"` adds none. Default 0. */
  readonly padding?: PerAxis | "same" | "valid";
  /** How far elements of a window are apart. Default 1. */
  readonly dilation?: PerAxis;
  /** Into how many groups channels fall that see only each other. Default 1. */
  readonly groups?: number;
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** What is cut off at both ends of the full result. Default 0. */
  readonly padding?: PerAxis;
  /** What is added at one end, where several lengths would give the same input length. Default 0. */
  readonly outputPadding?: PerAxis;
}

/** The bias may stand alone: `conv2d(x, weight, bias, { stride: 2 })`. */
type ConvArguments<Options> = [bias?: Tensor | null | Options, options?: Options];

function list(value: PerAxis): readonly number[] {
  return typeof value === "number" ? [value] : value;
}

/** A tensor with a batch dimension; the function undoes it. */
function batched(name: string, input: Tensor, rank: number): [batch: Tensor, undo: (made: Tensor) => Tensor] {
  if (input.ndim === rank + 2) return [input, (made) => made];
  if (input.ndim === rank + 1) return [input.unsqueeze(0), (made) => made.squeeze(0)];
  throw torchError(
    "RuntimeError",
    `Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${name}, but got input of size: ${shapeText(input.shape)}`,
  );
}

/** Zeros at the ends of each dimension so that lengths stay: what is odd goes to the far end. */
function samePadding(
  weight: Tensor,
  stride: readonly number[],
  dilation: readonly number[],
): [number, number][] {
  if (stride.some((value) => value !== 1)) {
    throw torchError("RuntimeError", "padding='same' is not supported for strided convolutions");
  }
  return weight.shape.slice(2).map((length, axis) => {
    const total = (dilation[axis] ?? dilation[0]!) * (length - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

function convolve(
  name: string,
  rank: number,
  input: Tensor,
  weight: Tensor,
  args: ConvArguments<ConvOptions>,
): Tensor {
  const options = namedArguments<ConvOptions>(name, ["bias"], args);
  const { bias = null, padding = 0, groups = 1 } = options;
  const [stride, dilation] = [list(options.stride ?? 1), list(options.dilation ?? 1)];
  const [batch, undo] = batched(name, input, rank);
  const run = (from: Tensor, zeros: readonly number[]): Tensor =>
    undo(convolution(from, weight, bias, stride, zeros, dilation, false, [0], groups));
  if (padding === "valid") return run(batch, [0]);
  if (padding === "same") {
    const ends = samePadding(weight, stride, dilation);
    const extra = ends.map(([before, after]) => after - before);
    const zeros = ends.map(([before]) => before);
    if (extra.every((length) => length === 0)) return run(batch, zeros);
    warn(
      "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created",
    );
    return run(
      pad(
        batch,
        extra.toReversed().flatMap((length) => [0, length]),
      ),
      zeros,
    );
  }
  if (typeof padding === "string")
    throw torchError("RuntimeError", `Invalid padding string: '${String(padding)}'`);
  return run(batch, list(padding));
}

function transpose(
  name: string,
  rank: number,
  input: Tensor,
  weight: Tensor,
  args: ConvArguments<ConvTransposeOptions>,
): Tensor {
  const options = namedArguments<ConvTransposeOptions>(name, ["bias"], args);
  const { bias = null, stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1 } = options;
  const [batch, undo] = batched(name, input, rank);
  return undo(
    convolution(
      batch,
      weight,
      bias,
      list(stride),
      list(padding),
      list(dilation),
      true,
      list(outputPadding),
      groups,
    ),
  );
}

/**
 * Slides windows along a line.
 *
 * Shape: input (N, in, length) or (in, length), weight (out, in / groups, kernel), bias (out) → (N, out, positions).
 * Throws: PyTorch's RuntimeErrors for what does not fit together.
 *
 * @example
 * conv1d(ones(1, 2, 5), ones(3, 2, 3), { padding: 1 }).shape; // torch.Size([1, 3, 5])
 */
export function conv1d(input: Tensor, weight: Tensor, ...args: ConvArguments<ConvOptions>): Tensor {
  return convolve("conv1d", 1, input, weight, args);
}

/**
 * Slides windows over an image.
 *
 * Shape: input (N, in, height, width) or unbatched, weight (out, in / groups, *kernel), bias (out) → (N, out, *positions).
 * Throws: PyTorch's RuntimeErrors for what does not fit together.
 */
export function conv2d(input: Tensor, weight: Tensor, ...args: ConvArguments<ConvOptions>): Tensor {
  return convolve("conv2d", 2, input, weight, args);
}

/** Slides windows through a volume: as `conv2d`, with (depth, height, width). */
export function conv3d(input: Tensor, weight: Tensor, ...args: ConvArguments<ConvOptions>): Tensor {
  return convolve("conv3d", 3, input, weight, args);
}

/**
 * The transpose of `conv1d`: each element spreads over a window.
 *
 * Shape: input (N, in, length) or (in, length), weight (in, out / groups, kernel), bias (out) → (N, out, longer).
 * Throws: PyTorch's RuntimeErrors for what does not fit together.
 */
export function convTranspose1d(
  input: Tensor,
  weight: Tensor,
  ...args: ConvArguments<ConvTransposeOptions>
): Tensor {
  return transpose("conv_transpose1d", 1, input, weight, args);
}

/** The transpose of `conv2d`, as `convTranspose1d`. */
export function convTranspose2d(
  input: Tensor,
  weight: Tensor,
  ...args: ConvArguments<ConvTransposeOptions>
): Tensor {
  return transpose("conv_transpose2d", 2, input, weight, args);
}

/** The transpose of `conv3d`, as `convTranspose1d`. */
export function convTranspose3d(
  input: Tensor,
  weight: Tensor,
  ...args: ConvArguments<ConvTransposeOptions>
): Tensor {
  return transpose("conv_transpose3d", 3, input, weight, args);
}
