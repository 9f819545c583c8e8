/**
 * Convolution layers. Their functions are in `functional/conv.ts`.
 */

import { torchError } from "../errors.ts";
import type { PerAxis } from "../functional/conv.ts";
import { conv1d, conv2d, conv3d } from "../functional/conv.ts";
import { empty } from "../ops/creation.ts";
import { pad } from "../ops/padding.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe, plain } from "./extra-repr.ts";
import { fanInAndFanOut, kaimingUniform_, uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** What surrounds an image that is padded. */
export type ConvPaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** Options of all convolution layers. */
export interface AnyConvLayerOptions extends FactoryOptions {
  /** How far windows are apart. Default 1. */
  readonly stride?: PerAxis;
  /** How far elements of a window are apart. Default 1. */
  readonly dilation?: PerAxis;
  /** Into how many groups channels fall that see only each other. Default 1. */
  readonly groups?: number;
  /** Whether a bias is added. Default true. */
  readonly bias?: boolean;
  /** What surrounds the image. Default `"zeros"`, the only one of transposed convolutions. */
  readonly paddingMode?: ConvPaddingMode;
}

/** Options of `Conv1d`, `Conv2d` and `Conv3d`. */
export interface ConvLayerOptions extends AnyConvLayerOptions {
  /** How much is added at both ends; `"same"` keeps the lengths, `"valid"` adds nothing. Default 0. */
  readonly padding?: PerAxis | "same" | "valid";
}

/** One number for each axis, as PyTorch keeps them. */
export function perAxis(value: PerAxis, rank: number): readonly number[] {
  return typeof value === "number" ? Array.from({ length: rank }, () => value) : [...value];
}

const paddingModes: ReadonlySet<string> = new Set(["zeros", "reflect", "replicate", "circular"]);

function check(inChannels: number, outChannels: number, groups: number): void {
  if (groups <= 0) throw torchError("ValueError", "groups must be a positive integer");
  if (inChannels % groups !== 0) throw torchError("ValueError", "in_channels must be divisible by groups");
  if (outChannels % groups !== 0) throw torchError("ValueError", "out_channels must be divisible by groups");
}

/** What convolution layers of all kinds and ranks share. */
export class ConvModule extends Module {
  inChannels: number;
  outChannels: number;
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | "same" | "valid";
  dilation: readonly number[];
  transposed: boolean;
  outputPadding: readonly number[];
  groups: number;
  paddingMode: ConvPaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: ConvLayerOptions,
    outputPadding: PerAxis | null = null,
  ) {
    super();
    const { padding = 0, groups = 1, paddingMode = "zeros" } = options;
    check(inChannels, outChannels, groups);
    this.stride = perAxis(options.stride ?? 1, rank);
    if (typeof padding === "string") {
      if (padding !== "same" && padding !== "valid") {
        throw torchError(
          "ValueError",
          `Invalid padding string '${String(padding)}', should be one of {'valid', 'same'}`,
        );
      }
      if (padding === "same" && this.stride.some((step) => step !== 1)) {
        throw torchError("ValueError", "padding='same' is not supported for strided convolutions");
      }
    }
    if (!paddingModes.has(paddingMode)) {
      throw torchError(
        "ValueError",
        `padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='${String(paddingMode)}'`,
      );
    }
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perAxis(kernelSize, rank);
    this.padding = typeof padding === "string" ? padding : perAxis(padding, rank);
    this.dilation = perAxis(options.dilation ?? 1, rank);
    this.transposed = outputPadding !== null;
    this.outputPadding = perAxis(outputPadding ?? 0, rank);
    this.groups = groups;
    this.paddingMode = paddingMode;
    this.weight = new Parameter(empty(this.weightShape(), options));
    this.bias = options.bias === false ? null : new Parameter(empty(outChannels, options));
    this.resetParameters();
  }

  /** (out, in / groups, *kernel), transposed (in, out / groups, *kernel). */
  weightShape(): number[] {
    const { inChannels, outChannels, groups, kernelSize } = this;
    return this.transposed
      ? [inChannels, outChannels / groups, ...kernelSize]
      : [outChannels, inChannels / groups, ...kernelSize];
  }

  /** Draws fresh parameters: weight, then bias, both evenly from ±1/√(elements of a window). */
  resetParameters(): void {
    // Without input channels there is nothing to draw; a lazy layer has none yet.
    if (this.inChannels === 0) return;
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const { fanIn } = fanInAndFanOut(this.weight);
    if (fanIn === 0) return;
    const bound = 1 / Math.sqrt(fanIn);
    uniform_(this.bias, -bound, bound);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, outputPadding, groups, bias, paddingMode } = this;
    const unless = (numbers: readonly number[], usual: number): readonly number[] | undefined =>
      numbers.every((number) => number === usual) ? undefined : numbers;
    return describe([this.inChannels, this.outChannels], {
      kernel_size: kernelSize,
      stride,
      padding: typeof padding === "string" ? plain(padding) : unless(padding, 0),
      dilation: unless(dilation, 1),
      output_padding: unless(outputPadding, 0),
      groups: groups === 1 ? undefined : groups,
      bias: bias === null ? false : undefined,
      padding_mode: paddingMode === "zeros" ? undefined : plain(paddingMode),
    });
  }
}

/** How much is added before and after each axis, the last axis first, as `pad` takes it. */
function paddingLengths({ padding, kernelSize, dilation }: ConvModule): number[] {
  if (padding === "valid") return kernelSize.flatMap(() => [0, 0]);
  const ends = kernelSize.map((length, axis) => {
    if (padding !== "same") return [padding[axis]!, padding[axis]!];
    const total = dilation[axis]! * (length - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
  return ends.toReversed().flat();
}

/** Runs a convolution with the padding of its layer. */
function convolve(layer: ConvModule, input: Tensor, run: typeof conv2d): Tensor {
  const { weight, bias, stride, dilation, groups, padding, paddingMode } = layer;
  if (paddingMode === "zeros") return run(input, weight, { bias, stride, padding, dilation, groups });
  const padded = pad(input, paddingLengths(layer), { mode: paddingMode });
  return run(padded, weight, { bias, stride, dilation, groups });
}

const convArguments = signature<
  [inChannels: number, outChannels: number, kernelSize: PerAxis],
  ConvLayerOptions
>()(
  ["inChannels", "outChannels", "kernelSize"],
  ["stride", "padding", "dilation", "groups", "bias", "paddingMode", "device", "dtype"],
);

/**
 * Slides windows along a line.
 *
 * Shape: (N, inChannels, length) or (inChannels, length) → (N, outChannels, positions); `weight` (outChannels,
 * inChannels / groups, kernelSize), `bias` (outChannels).
 * Throws: PyTorch's ValueErrors for groups and padding that do not fit.
 *
 * @example
 * new Conv1d(16, 33, 3, { stride: 2 })(zeros(20, 16, 50)).shape; // torch.Size([20, 33, 24])
 */
export class Conv1d extends ConvModule {
  constructor(...args: ArgumentsOf<typeof convArguments>) {
    super(1, ...convArguments.take("Conv1d", args));
  }

  override forward(input: Tensor): Tensor {
    return convolve(this, input, conv1d);
  }
}

/**
 * Slides windows over an image.
 *
 * Shape: (N, inChannels, height, width) or unbatched → (N, outChannels, *positions); `weight` (outChannels,
 * inChannels / groups, *kernelSize), `bias` (outChannels).
 * Throws: PyTorch's ValueErrors for groups and padding that do not fit.
 *
 * @example
 * new Conv2d(3, 16, 3, { padding: 1, bias: false })(zeros(1, 3, 8, 8)).shape; // torch.Size([1, 16, 8, 8])
 */
export class Conv2d extends ConvModule {
  constructor(...args: ArgumentsOf<typeof convArguments>) {
    super(2, ...convArguments.take("Conv2d", args));
  }

  override forward(input: Tensor): Tensor {
    return convolve(this, input, conv2d);
  }
}

/**
 * Slides windows through a volume: as `Conv2d`, with (depth, height, width).
 *
 * Shape: (N, inChannels, depth, height, width) or unbatched → (…, outChannels, depth, height, width).
 */
export class Conv3d extends ConvModule {
  constructor(...args: ArgumentsOf<typeof convArguments>) {
    super(3, ...convArguments.take("Conv3d", args));
  }

  override forward(input: Tensor): Tensor {
    return convolve(this, input, conv3d);
  }
}
