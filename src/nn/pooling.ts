/**
 * Pooling layers. Their functions are in `functional/pooling.ts` and `functional/adaptive-pooling.ts`.
 */

import type { PerAxis } from "../functional/conv.ts";
import type {
  AvgPoolOptions,
  LpPoolOptions,
  MaxPoolOptions,
  PooledWithIndices,
} from "../functional/pooling.ts";
import * as pooling from "../functional/pooling.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { Module } from "./module.ts";
import { perAxis } from "./conv.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of max pooling layers. */
export interface MaxPoolLayerOptions extends MaxPoolOptions {
  /** Whether `forward` gives the places of the elements too, for `MaxUnpool2d` and its kin. Default false. */
  readonly returnIndices?: boolean;
}

/** What a max pooling layer gives. */
export type MaxPooled<Indices extends boolean> = Indices extends true ? PooledWithIndices : Tensor;

/** What the three ranks of max pooling share. */
export class MaxPoolModule extends Module {
  kernelSize: PerAxis;
  stride: PerAxis;
  padding: PerAxis;
  dilation: PerAxis;
  returnIndices: boolean;
  ceilMode: boolean;

  constructor(kernelSize: PerAxis, options: MaxPoolLayerOptions) {
    super();
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.dilation = options.dilation ?? 1;
    this.returnIndices = options.returnIndices ?? false;
    this.ceilMode = options.ceilMode ?? false;
  }

  override extraRepr(): string {
    return describe({
      kernel_size: this.kernelSize,
      stride: this.stride,
      padding: this.padding,
      dilation: this.dilation,
      ceil_mode: this.ceilMode,
    });
  }
}

const maxPoolArguments = signature<[kernelSize: PerAxis], MaxPoolLayerOptions>()(
  ["kernelSize"],
  ["stride", "padding", "dilation", "returnIndices", "ceilMode"],
);

/**
 * The largest element of each window; with `returnIndices` a pair with their places.
 *
 * Shape: (N, channels, length) or (channels, length) → (…, *windows).
 *
 * @example
 * new MaxPool1d(3, { stride: 2 })(zeros(20, 16, 50)).shape; // torch.Size([20, 16, 24])
 */
export class MaxPool1d<const Indices extends boolean = false> extends MaxPoolModule {
  constructor(...args: ArgumentsOf<typeof maxPoolArguments, { readonly returnIndices?: Indices }>) {
    super(...maxPoolArguments.take("_MaxPoolNd", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = this.returnIndices ? pooling.maxPool1dWithIndices : pooling.maxPool1d;
    return pool(input, kernelSize, { stride, padding, dilation, ceilMode }) as MaxPooled<Indices>;
  }
}

/**
 * The largest element of each window; with `returnIndices` a pair with their places.
 *
 * Shape: (N, channels, height, width) or unbatched → (…, *windows).
 *
 * @example
 * new MaxPool2d(2)(zeros(1, 3, 8, 8)).shape; // torch.Size([1, 3, 4, 4])
 */
export class MaxPool2d<const Indices extends boolean = false> extends MaxPoolModule {
  constructor(...args: ArgumentsOf<typeof maxPoolArguments, { readonly returnIndices?: Indices }>) {
    super(...maxPoolArguments.take("_MaxPoolNd", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const [output, indices] = pooling.maxPool2dWithIndices(input, this.kernelSize, this);
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}

/**
 * The largest element of each window; with `returnIndices` a pair with their places.
 *
 * Shape: (N, channels, depth, height, width) or unbatched → (…, *windows).
 */
export class MaxPool3d<const Indices extends boolean = false> extends MaxPoolModule {
  constructor(...args: ArgumentsOf<typeof maxPoolArguments, { readonly returnIndices?: Indices }>) {
    super(...maxPoolArguments.take("_MaxPoolNd", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const [output, indices] = pooling.maxPool3dWithIndices(input, this.kernelSize, this);
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}

/** What the three ranks of average pooling share. */
export class AvgPoolModule extends Module {
  kernelSize: PerAxis;
  stride: PerAxis;
  padding: PerAxis;
  ceilMode: boolean;
  countIncludePad: boolean;
  divisorOverride: number | null;

  constructor(kernelSize: PerAxis, options: AvgPoolOptions) {
    super();
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.ceilMode = options.ceilMode ?? false;
    this.countIncludePad = options.countIncludePad ?? true;
    this.divisorOverride = options.divisorOverride ?? null;
  }

  override extraRepr(): string {
    return describe({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

const avgPool1dArguments = signature<[kernelSize: PerAxis], Omit<AvgPoolOptions, "divisorOverride">>()(
  ["kernelSize"],
  ["stride", "padding", "ceilMode", "countIncludePad"],
);

/**
 * The mean of each window.
 *
 * Shape: (N, channels, length) or (channels, length) → (…, windows).
 */
export class AvgPool1d extends AvgPoolModule {
  constructor(...args: ArgumentsOf<typeof avgPool1dArguments>) {
    super(...avgPool1dArguments.take("AvgPool1d", args));
    this.kernelSize = perAxis(this.kernelSize, 1);
    this.stride = perAxis(this.stride, 1);
    this.padding = perAxis(this.padding, 1);
  }

  override forward(input: Tensor): Tensor {
    return pooling.avgPool1d(input, this.kernelSize, this);
  }
}

const avgPoolArguments = signature<[kernelSize: PerAxis], AvgPoolOptions>()(
  ["kernelSize"],
  ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"],
);

/** The mean of each window. Shape: (N, channels, height, width) or unbatched → (…, *windows). */
export class AvgPool2d extends AvgPoolModule {
  constructor(...args: ArgumentsOf<typeof avgPoolArguments>) {
    super(...avgPoolArguments.take("AvgPool2d", args));
  }

  override forward(input: Tensor): Tensor {
    return pooling.avgPool2d(input, this.kernelSize, this);
  }
}

/** The mean of each window. Shape: (N, channels, depth, height, width) or unbatched → (…, *windows). */
export class AvgPool3d extends AvgPoolModule {
  constructor(...args: ArgumentsOf<typeof avgPoolArguments>) {
    super(...avgPoolArguments.take("AvgPool3d", args));
  }

  override forward(input: Tensor): Tensor {
    return pooling.avgPool3d(input, this.kernelSize, this);
  }
}

const lpPoolArguments = signature<[normType: FloatOption, kernelSize: PerAxis], LpPoolOptions>()(
  ["normType", "kernelSize"],
  ["stride", "ceilMode"],
);

/** What the three ranks of power-average pooling share. */
export class LPPoolModule extends Module {
  normType: number;
  kernelSize: PerAxis;
  stride: PerAxis | null;
  ceilMode: boolean;

  constructor(...args: ArgumentsOf<typeof lpPoolArguments>) {
    super();
    const [normType, kernelSize, options] = lpPoolArguments.take("_LPPoolNd", args);
    this.normType = takeFloat(this, "normType", normType);
    this.kernelSize = kernelSize;
    this.stride = options.stride ?? null;
    this.ceilMode = options.ceilMode ?? false;
  }

  override extraRepr(): string {
    return describe({
      norm_type: asGiven(this, "normType"),
      kernel_size: this.kernelSize,
      stride: this.stride,
      ceil_mode: this.ceilMode,
    });
  }
}

/** The p-norm of each window. Shape: as `AvgPool1d`. */
export class LPPool1d extends LPPoolModule {
  override forward(input: Tensor): Tensor {
    return pooling.lpPool1d(input, this.normType, this.kernelSize, this);
  }
}

/** The p-norm of each window. Shape: as `AvgPool2d`. */
export class LPPool2d extends LPPoolModule {
  override forward(input: Tensor): Tensor {
    return pooling.lpPool2d(input, this.normType, this.kernelSize, this);
  }
}

/** The p-norm of each window. Shape: as `AvgPool3d`. */
export class LPPool3d extends LPPoolModule {
  override forward(input: Tensor): Tensor {
    return pooling.lpPool3d(input, this.normType, this.kernelSize, this);
  }
}
