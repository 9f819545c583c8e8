/**
 * Layers that rearrange channels and positions. Their functions are in `functional/rearranging.ts`.
 */

import type { PerAxis } from "../functional/conv.ts";
import type { FoldOptions } from "../functional/rearranging.ts";
import { channelShuffle, fold, pixelShuffle, pixelUnshuffle, unfold } from "../functional/rearranging.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

const pixelShuffleArguments = signature<[upscaleFactor: number]>()(["upscaleFactor"]);

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

  constructor(...args: ArgumentsOf<typeof pixelShuffleArguments>) {
    super();
    const [upscaleFactor] = pixelShuffleArguments.take("PixelShuffle", args);
    this.upscaleFactor = upscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return describe({ upscale_factor: this.upscaleFactor });
  }
}

const pixelUnshuffleArguments = signature<[downscaleFactor: number]>()(["downscaleFactor"]);

/** Positions become channels. Shape: (*, channels, height·factor, width·factor) → (*, channels·factor², height, width). */
export class PixelUnshuffle extends Module {
  downscaleFactor: number;

  constructor(...args: ArgumentsOf<typeof pixelUnshuffleArguments>) {
    super();
    const [downscaleFactor] = pixelUnshuffleArguments.take("PixelUnshuffle", args);
    this.downscaleFactor = downscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return describe({ downscale_factor: this.downscaleFactor });
  }
}

const channelShuffleArguments = signature<[groups: number]>()(["groups"]);

/** Deals channels of groups out in turn. Shape: (N, channels, *). */
export class ChannelShuffle extends Module {
  groups: number;

  constructor(...args: ArgumentsOf<typeof channelShuffleArguments>) {
    super();
    const [groups] = channelShuffleArguments.take("ChannelShuffle", args);
    this.groups = groups;
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return describe({ groups: this.groups });
  }
}

const unfoldArguments = signature<[kernelSize: PerAxis], FoldOptions>()(
  ["kernelSize"],
  ["dilation", "padding", "stride"],
);

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

  constructor(...args: ArgumentsOf<typeof unfoldArguments>) {
    super();
    const [kernelSize, options] = unfoldArguments.take("Unfold", args);
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

const foldArguments = signature<[outputSize: PerAxis, kernelSize: PerAxis], FoldOptions>()(
  ["outputSize", "kernelSize"],
  ["dilation", "padding", "stride"],
);

/** Columns back to an image. Shape: (N, channels·kernel, blocks) or unbatched → (N, channels, *outputSize). */
export class Fold extends Module {
  outputSize: PerAxis;
  kernelSize: PerAxis;
  dilation: PerAxis;
  padding: PerAxis;
  stride: PerAxis;

  constructor(...args: ArgumentsOf<typeof foldArguments>) {
    super();
    const [outputSize, kernelSize, options] = foldArguments.take("Fold", args);
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
