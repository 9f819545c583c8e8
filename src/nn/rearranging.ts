/**
 * Layers that rearrange channels and positions. Their functions are in `functional/rearranging.ts`.
 */

import type { PerAxis } from "../functional/conv.ts";
import type { FoldOptions } from "../functional/rearranging.ts";
import { channelShuffle, fold, pixelShuffle, pixelUnshuffle, unfold } from "../functional/rearranging.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";

/**
 * Channels become positions.
 *
 * Shape: (*, channels·factor², height, width) → (*, channels, height·factor, width·factor).
 *
 * @example
 * new PixelShuffle(3)(zeros(1, 9, 4, 4)).shape; // torch.Size([1, 1, 12, 12])
 */
export class PixelShuffle extends Module {
  upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = upscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return describe({ upscale_factor: this.upscaleFactor });
  }
}

/** Positions become channels. Shape: (*, channels, height·factor, width·factor) → (*, channels·factor², height, width). */
export class PixelUnshuffle extends Module {
  downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = downscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return describe({ downscale_factor: this.downscaleFactor });
  }
}

/** Deals channels of groups out in turn. Shape: (N, channels, *). */
export class ChannelShuffle extends Module {
  groups: number;

  constructor(groups: number) {
    super();
    this.groups = groups;
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return describe({ groups: this.groups });
  }
}

/**
 * Sliding blocks as columns.
 *
 * Shape: (N, channels, height, width) or unbatched → (N, channels·kernel, blocks).
 *
 * @example
 * new Unfold([2, 3])(zeros(2, 5, 3, 4)).shape; // torch.Size([2, 30, 4])
 */
export class Unfold extends Module {
  kernelSize: PerAxis;
  dilation: PerAxis;
  padding: PerAxis;
  stride: PerAxis;

  constructor(kernelSize: PerAxis, options: FoldOptions = {}) {
    super();
    this.kernelSize = kernelSize;
    this.dilation = options.dilation ?? 1;
    this.padding = options.padding ?? 0;
    this.stride = options.stride ?? 1;
  }

  override forward(input: Tensor): Tensor {
    return unfold(input, this.kernelSize, this);
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return describe({ kernel_size: kernelSize, dilation, padding, stride });
  }
}

/** Columns back to an image. Shape: (N, channels·kernel, blocks) or unbatched → (N, channels, *outputSize). */
export class Fold extends Module {
  outputSize: PerAxis;
  kernelSize: PerAxis;
  dilation: PerAxis;
  padding: PerAxis;
  stride: PerAxis;

  constructor(outputSize: PerAxis, kernelSize: PerAxis, options: FoldOptions = {}) {
    super();
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.dilation = options.dilation ?? 1;
    this.padding = options.padding ?? 0;
    this.stride = options.stride ?? 1;
  }

  override forward(input: Tensor): Tensor {
    return fold(input, this.outputSize, this.kernelSize, this);
  }

  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return describe({ output_size: outputSize, kernel_size: kernelSize, dilation, padding, stride });
  }
}
