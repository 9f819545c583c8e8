/**
 * Layers that pool to a length, and those that undo max pooling. Their functions are in
 * `functional/adaptive-pooling.ts` and `unpooling.ts`.
 */

import type { OutputSize } from "../functional/adaptive-pooling.ts";
import * as pooling from "../functional/adaptive-pooling.ts";
import type { PerAxis } from "../functional/conv.ts";
import type { MaxUnpoolOptions } from "../functional/unpooling.ts";
import * as unpooling from "../functional/unpooling.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { perAxis } from "./conv.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";
import type { MaxPooled } from "./pooling.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** What all layers that pool to a length share. */
export class AdaptivePoolModule extends Module {
  outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    return describe({ output_size: this.outputSize });
  }
}

const adaptiveAvgPoolArguments = signature<[outputSize: OutputSize]>()(["outputSize"]);

/** What the three ranks of adaptive average pooling share. */
export class AdaptiveAvgPoolModule extends AdaptivePoolModule {
  constructor(...args: ArgumentsOf<typeof adaptiveAvgPoolArguments>) {
    const [outputSize] = adaptiveAvgPoolArguments.take("_AdaptiveAvgPoolNd", args);
    super(outputSize);
  }
}

/**
 * Means of as many windows as asked for.
 *
 * Shape: (N, channels, length) or (channels, length) → (…, *outputSize).
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPoolModule {
  override forward(input: Tensor): Tensor {
    return pooling.adaptiveAvgPool1d(input, this.outputSize);
  }
}

/**
 * Means of as many windows as asked for; null keeps a length.
 *
 * Shape: (N, channels, height, width) or unbatched → (…, *outputSize).
 *
 * @example
 * new AdaptiveAvgPool2d([5, 7])(zeros(1, 64, 8, 9)).shape; // torch.Size([1, 64, 5, 7])
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPoolModule {
  override forward(input: Tensor): Tensor {
    return pooling.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/**
 * Means of as many windows as asked for; null keeps a length.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → (…, *outputSize).
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPoolModule {
  override forward(input: Tensor): Tensor {
    return pooling.adaptiveAvgPool3d(input, this.outputSize);
  }
}

/** Options of adaptive max pooling layers. */
export interface AdaptiveMaxPoolOptions {
  /** Whether `forward` gives the places of the elements too. Default false. */
  readonly returnIndices?: boolean;
}

/** What the three ranks of adaptive max pooling share. */
export class AdaptiveMaxPoolModule extends AdaptivePoolModule {
  returnIndices: boolean;

  constructor(outputSize: OutputSize, options: AdaptiveMaxPoolOptions) {
    super(outputSize);
    this.returnIndices = options.returnIndices ?? false;
  }
}

const adaptiveMaxPoolArguments = signature<[outputSize: OutputSize], AdaptiveMaxPoolOptions>()(
  ["outputSize"],
  ["returnIndices"],
);

/** The largest elements of as many windows as asked for. Shape: as `AdaptiveAvgPool1d`. */
export class AdaptiveMaxPool1d<const Indices extends boolean = false> extends AdaptiveMaxPoolModule {
  constructor(...args: ArgumentsOf<typeof adaptiveMaxPoolArguments, { readonly returnIndices?: Indices }>) {
    super(...adaptiveMaxPoolArguments.take("_AdaptiveMaxPoolNd", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const [output, indices] = pooling.adaptiveMaxPool1dWithIndices(input, this.outputSize);
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}

/** The largest elements of as many windows as asked for. Shape: as `AdaptiveAvgPool2d`. */
export class AdaptiveMaxPool2d<const Indices extends boolean = false> extends AdaptiveMaxPoolModule {
  constructor(...args: ArgumentsOf<typeof adaptiveMaxPoolArguments, { readonly returnIndices?: Indices }>) {
    super(...adaptiveMaxPoolArguments.take("_AdaptiveMaxPoolNd", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const [output, indices] = pooling.adaptiveMaxPool2dWithIndices(input, this.outputSize);
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}

/** The largest elements of as many windows as asked for. Shape: as `AdaptiveAvgPool3d`. */
export class AdaptiveMaxPool3d<const Indices extends boolean = false> extends AdaptiveMaxPoolModule {
  constructor(...args: ArgumentsOf<typeof adaptiveMaxPoolArguments, { readonly returnIndices?: Indices }>) {
    super(...adaptiveMaxPoolArguments.take("_AdaptiveMaxPoolNd", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const [output, indices] = pooling.adaptiveMaxPool3dWithIndices(input, this.outputSize);
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}

/** What the three ranks of the inverse of max pooling share. */
export class MaxUnpoolModule extends Module {
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[];

  constructor(rank: number, kernelSize: PerAxis, options: Omit<MaxUnpoolOptions, "outputSize">) {
    super();
    this.kernelSize = perAxis(kernelSize, rank);
    this.stride = perAxis(options.stride ?? kernelSize, rank);
    this.padding = perAxis(options.padding ?? 0, rank);
  }

  override extraRepr(): string {
    return describe({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

const maxUnpoolArguments = signature<[kernelSize: PerAxis], Omit<MaxUnpoolOptions, "outputSize">>()(
  ["kernelSize"],
  ["stride", "padding"],
);

/**
 * Puts what `MaxPool1d` kept back to where it was, among zeros. Where several sizes fit, `forward` takes the one to make.
 *
 * Shape: (N, channels, windows) or unbatched, and the places of the same shape → (…, length).
 */
export class MaxUnpool1d extends MaxUnpoolModule {
  constructor(...args: ArgumentsOf<typeof maxUnpoolArguments>) {
    super(1, ...maxUnpoolArguments.take("MaxUnpool1d", args));
  }

  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { stride, padding } = this;
    return unpooling.maxUnpool1d(input, indices, this.kernelSize, { stride, padding, outputSize });
  }
}

/**
 * Puts what `MaxPool2d` kept back to where it was, among zeros. Where several sizes fit, `forward` takes the one to make.
 *
 * Shape: (N, channels, rows, columns) or unbatched, and the places of the same shape → (…, height, width).
 */
export class MaxUnpool2d extends MaxUnpoolModule {
  constructor(...args: ArgumentsOf<typeof maxUnpoolArguments>) {
    super(2, ...maxUnpoolArguments.take("MaxUnpool2d", args));
  }

  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { stride, padding } = this;
    return unpooling.maxUnpool2d(input, indices, this.kernelSize, { stride, padding, outputSize });
  }
}

/**
 * Puts what `MaxPool3d` kept back to where it was, among zeros. Where several sizes fit, `forward` takes the one to make.
 *
 * Shape: (N, channels, layers, rows, columns) or unbatched, and the places of the same shape → (…, depth, height,
 * width).
 */
export class MaxUnpool3d extends MaxUnpoolModule {
  constructor(...args: ArgumentsOf<typeof maxUnpoolArguments>) {
    super(3, ...maxUnpoolArguments.take("MaxUnpool3d", args));
  }

  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { stride, padding } = this;
    return unpooling.maxUnpool3d(input, indices, this.kernelSize, { stride, padding, outputSize });
  }
}
