/**
 * Transposed convolution layers, which make images larger. Their functions are in `functional/conv.ts`.
 */

import { torchError } from "../errors.ts";
import type { PerAxis } from "../functional/conv.ts";
import { convTranspose1d, convTranspose2d, convTranspose3d } from "../functional/conv.ts";
import { shapeText, toSize } from "../shape.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AnyConvLayerOptions } from "./conv.ts";
import { ConvModule } from "./conv.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of transposed convolution layers. */
export interface ConvTransposeLayerOptions extends AnyConvLayerOptions {
  /** What is cut off at both ends of the full result. Default 0. */
  readonly padding?: PerAxis;
  /** What is added at one end. Default 0. */
  readonly outputPadding?: PerAxis;
}

/** What the three ranks share. */
export class ConvTransposeModule extends ConvModule {
  constructor(
    rank: number,
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: ConvTransposeLayerOptions,
  ) {
    const { paddingMode = "zeros", outputPadding = 0 } = options;
    if (paddingMode !== "zeros") {
      throw torchError("ValueError", `Only "zeros" padding mode is supported for ConvTranspose${rank}d`);
    }
    super(rank, inChannels, outChannels, kernelSize, options, outputPadding);
  }

  /** What is added at one end, to make an output of the size asked for. Throws: PyTorch's ValueErrors for other sizes. */
  outputPaddingFor(input: Tensor, outputSize: readonly number[] | null): readonly number[] {
    if (outputSize === null) return this.outputPadding;
    const rank = this.kernelSize.length;
    const lead = input.ndim - rank;
    const size = outputSize.length === input.ndim ? outputSize.slice(lead) : outputSize;
    if (size.length !== rank) {
      throw torchError(
        "ValueError",
        `ConvTranspose${rank}D: for ${input.ndim}D input, output_size must have ${rank} or ${input.ndim} elements (got ${outputSize.length})`,
      );
    }
    const lengths = input.shape.slice(lead);
    const padding = this.padding as readonly number[];
    const low = lengths.map(
      (length, k) =>
        (length - 1) * this.stride[k]! - 2 * padding[k]! + this.dilation[k]! * (this.kernelSize[k]! - 1) + 1,
    );
    const high = low.map((length, k) => length + this.stride[k]! - 1);
    if (size.some((length, k) => length < low[k]! || length > high[k]!)) {
      throw torchError(
        "ValueError",
        `requested an output size of ${pythonRepr(size)}, but valid sizes range from ${shapeText(low)} to ${shapeText(high)} (for an input of ${String(toSize(lengths))})`,
      );
    }
    return size.map((length, k) => length - low[k]!);
  }
}

function spread(
  layer: ConvTransposeModule,
  input: Tensor,
  outputSize: readonly number[] | null,
  run: typeof convTranspose2d,
): Tensor {
  const { weight, bias, stride, padding, dilation, groups } = layer;
  const outputPadding = layer.outputPaddingFor(input, outputSize);
  return run(input, weight, {
    bias,
    stride,
    padding: padding as readonly number[],
    outputPadding,
    groups,
    dilation,
  });
}

const convTransposeArguments = signature<
  [inChannels: number, outChannels: number, kernelSize: PerAxis],
  ConvTransposeLayerOptions
>()(
  ["inChannels", "outChannels", "kernelSize"],
  ["stride", "padding", "outputPadding", "groups", "bias", "dilation", "paddingMode", "device", "dtype"],
);

/**
 * The transpose of `Conv1d`: each element spreads over a window.
 *
 * Shape: (N, inChannels, length) or (inChannels, length) → (N, outChannels, longer); `weight` (inChannels,
 * outChannels / groups, kernelSize), `bias` (outChannels). Where several lengths fit, `forward` takes the one to make.
 * Throws: PyTorch's ValueErrors for groups and padding that do not fit, and for sizes that cannot be made.
 *
 * @example
 * new ConvTranspose1d(4, 2, 3, { stride: 2 })(zeros(1, 4, 5)).shape; // torch.Size([1, 2, 11])
 */
export class ConvTranspose1d extends ConvTransposeModule {
  constructor(...args: ArgumentsOf<typeof convTransposeArguments>) {
    super(1, ...convTransposeArguments.take("ConvTranspose1d", args));
  }

  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return spread(this, input, outputSize, convTranspose1d);
  }
}

/**
 * The transpose of `Conv2d`, as `ConvTranspose1d`.
 *
 * Shape: (N, inChannels, height, width) or unbatched → (…, outChannels, height, width).
 */
export class ConvTranspose2d extends ConvTransposeModule {
  constructor(...args: ArgumentsOf<typeof convTransposeArguments>) {
    super(2, ...convTransposeArguments.take("ConvTranspose2d", args));
  }

  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return spread(this, input, outputSize, convTranspose2d);
  }
}

/**
 * The transpose of `Conv3d`, as `ConvTranspose1d`.
 *
 * Shape: (N, inChannels, depth, height, width) or unbatched → (…, outChannels, depth, height, width).
 */
export class ConvTranspose3d extends ConvTransposeModule {
  constructor(...args: ArgumentsOf<typeof convTransposeArguments>) {
    super(3, ...convTransposeArguments.take("ConvTranspose3d", args));
  }

  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return spread(this, input, outputSize, convTranspose3d);
  }
}
