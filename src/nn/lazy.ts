/**
 * Lazy layers: they learn their input's channels from the first input, draw their parameters then, and become the layers
 * that they stand for.
 */

import { torchError } from "../errors.ts";
import type { PerAxis } from "../functional/conv.ts";
import { tensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { RunningNormModule, RunningNormOptions } from "./batch-norm.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from "./batch-norm.ts";
import { Buffer } from "./buffer.ts";
import type { ConvLayerOptions, ConvModule } from "./conv.ts";
import { Conv1d, Conv2d, Conv3d } from "./conv.ts";
import type { ConvTransposeLayerOptions } from "./conv-transpose.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./conv-transpose.ts";
import type { RegisteredHook } from "./hook-tables.ts";
import type { LinearOptions } from "./linear.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { recordOf } from "./module-record.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";
import type { Uninitialized } from "./uninitialized.ts";
import { UninitializedBuffer, UninitializedParameter, isUninitialized } from "./uninitialized.ts";

/** What of a module has no shape yet, by name. */
function uninitialized(module: Module): (readonly [name: string, value: Uninitialized])[] {
  return Object.entries(module).flatMap(([name, value]: [string, unknown]) =>
    isUninitialized(value) ? [[name, value] as const] : [],
  );
}

/** Gives a parameter or buffer its shape, if it lacks one. */
function giveShape(value: Tensor | null, shape: readonly number[]): void {
  if (isUninitialized(value)) value.materialize(shape);
}

/**
 * Lets a layer be lazy: before its first `forward`, `learn` gives shapes by the input and draws; then the layer is of
 * class `becomes`. Loading a state dict gives shapes, too.
 */
function makeLazy<M extends Module>(
  module: M,
  becomes: { readonly prototype: M },
  learn: (layer: M, input: Tensor) => void,
): void {
  module.registerLoadStateDictPreHook((lazy, state, { prefix }) => {
    for (const [name, value] of uninitialized(lazy)) {
      const given = state.get(prefix + name);
      if (isTensor(given) && !isUninitialized(given)) value.materialize(given.shape);
    }
  });
  // Copies of a module have the hooks of the first, so the hook asks which module is called.
  const learnOnce = (lazy: Module, [input]: readonly unknown[]): void => {
    if (input === undefined) {
      throw torchError(
        "TypeError",
        `${lazy.getName()}.initialize_parameters() missing 1 required positional argument: 'input'`,
      );
    }
    learn(lazy as M, input as Tensor);
    const hooks = recordOf(lazy).hooks.of("forwardPre") as Set<RegisteredHook>;
    for (const hook of hooks) if (hook.run === learnOnce) hooks.delete(hook);
    Object.setPrototypeOf(lazy, becomes.prototype);
  };
  module.registerForwardPreHook(learnOnce);
}

const lazyLinearArguments = signature<[outFeatures: number], LinearOptions>()(
  ["outFeatures"],
  ["bias", "device", "dtype"],
);

/**
 * `Linear` that takes `inFeatures` from its first input.
 *
 * Shape: as `Linear`.
 *
 * @example
 * const layer = new LazyLinear(4);
 * layer(zeros(2, 3));
 * String(layer); // Linear(in_features=3, out_features=4, bias=True)
 */
export class LazyLinear extends Linear {
  constructor(...args: ArgumentsOf<typeof lazyLinearArguments>) {
    const [outFeatures, options] = lazyLinearArguments.take("LazyLinear", args);
    super(0, 0, { ...options, bias: false });
    this.outFeatures = outFeatures;
    this.weight = new UninitializedParameter(options);
    if (options.bias !== false) this.bias = new UninitializedParameter(options);
    makeLazy<Linear>(this, Linear, (layer, input) => {
      if (input.ndim === 0) throw torchError("IndexError", "tuple index out of range");
      layer.inFeatures = input.shape.at(-1)!;
      if (uninitialized(layer).length === 0) return;
      giveShape(layer.weight, [layer.outFeatures, layer.inFeatures]);
      giveShape(layer.bias, [layer.outFeatures]);
      layer.resetParameters();
    });
  }

  /** Draws fresh parameters, if the shapes are known. */
  override resetParameters(): void {
    if (this.inFeatures !== 0) super.resetParameters();
  }
}

/** Makes a convolution lazy. */
function makeLazyConv<M extends ConvModule>(
  module: M,
  becomes: { readonly prototype: M },
  options: ConvLayerOptions,
): void {
  module.weight = new UninitializedParameter(options);
  if (options.bias !== false) module.bias = new UninitializedParameter(options);
  makeLazy(module, becomes, (layer, input) => {
    if (uninitialized(layer).length === 0) return;
    const rank = layer.kernelSize.length;
    if (input.ndim !== rank + 1 && input.ndim !== rank + 2) {
      throw torchError(
        "RuntimeError",
        `Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to ${layer.getName()}, but got input of size: ${String(input.shape)}`,
      );
    }
    const channels = input.shape[input.ndim - rank - 1]!;
    if (channels % layer.groups !== 0) {
      throw torchError("ValueError", "in_channels must be divisible by groups");
    }
    layer.inChannels = channels;
    giveShape(layer.weight, layer.weightShape());
    giveShape(layer.bias, [layer.outChannels]);
    layer.resetParameters();
  });
}

/** Makes a batch or instance norm lazy. */
function makeLazyNorm<M extends RunningNormModule>(
  module: M,
  becomes: { readonly prototype: M },
  options: RunningNormOptions,
): void {
  const { affine = true, trackRunningStats = true, bias = true, device = "cpu" } = options;
  module.affine = affine;
  module.trackRunningStats = trackRunningStats;
  if (affine) module.weight = new UninitializedParameter(options);
  if (affine && bias) module.bias = new UninitializedParameter(options);
  if (trackRunningStats) {
    module.running_mean = new UninitializedBuffer(options);
    module.running_var = new UninitializedBuffer(options);
    module.num_batches_tracked = new Buffer(tensor(0, { dtype: "int64", device }));
  }
  makeLazy(module, becomes, (layer, input) => {
    layer.checkInputDim(input);
    if (uninitialized(layer).length === 0) return;
    layer.numFeatures = input.shape[1]!;
    for (const [, value] of uninitialized(layer)) value.materialize([layer.numFeatures]);
    layer.resetParameters();
  });
}

/** What a lazy norm is before it is told: nothing that has a shape. */
function bare(options: RunningNormOptions): RunningNormOptions {
  return { ...options, affine: false, trackRunningStats: false };
}

const lazyConvArguments = signature<[outChannels: number, kernelSize: PerAxis], ConvLayerOptions>()(
  ["outChannels", "kernelSize"],
  ["stride", "padding", "dilation", "groups", "bias", "paddingMode", "device", "dtype"],
);

/**
 * `Conv1d` that takes `inChannels` from its first input.
 *
 * Shape: as `Conv1d`.
 */
export class LazyConv1d extends Conv1d {
  constructor(...args: ArgumentsOf<typeof lazyConvArguments>) {
    const [outChannels, kernelSize, options] = lazyConvArguments.take("LazyConv1d", args);
    super(0, outChannels, kernelSize, { ...options, bias: false });
    makeLazyConv<Conv1d>(this, Conv1d, options);
  }
}

/**
 * `Conv2d` that takes `inChannels` from its first input.
 *
 * Shape: as `Conv2d`.
 */
export class LazyConv2d extends Conv2d {
  constructor(...args: ArgumentsOf<typeof lazyConvArguments>) {
    const [outChannels, kernelSize, options] = lazyConvArguments.take("LazyConv2d", args);
    super(0, outChannels, kernelSize, { ...options, bias: false });
    makeLazyConv<Conv2d>(this, Conv2d, options);
  }
}

/**
 * `Conv3d` that takes `inChannels` from its first input.
 *
 * Shape: as `Conv3d`.
 */
export class LazyConv3d extends Conv3d {
  constructor(...args: ArgumentsOf<typeof lazyConvArguments>) {
    const [outChannels, kernelSize, options] = lazyConvArguments.take("LazyConv3d", args);
    super(0, outChannels, kernelSize, { ...options, bias: false });
    makeLazyConv<Conv3d>(this, Conv3d, options);
  }
}

const lazyConvTransposeArguments = signature<
  [outChannels: number, kernelSize: PerAxis],
  ConvTransposeLayerOptions
>()(
  ["outChannels", "kernelSize"],
  ["stride", "padding", "outputPadding", "groups", "bias", "dilation", "paddingMode", "device", "dtype"],
);

/**
 * `ConvTranspose1d` that takes `inChannels` from its first input.
 *
 * Shape: as `ConvTranspose1d`.
 */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(...args: ArgumentsOf<typeof lazyConvTransposeArguments>) {
    const [outChannels, kernelSize, options] = lazyConvTransposeArguments.take("LazyConvTranspose1d", args);
    super(0, outChannels, kernelSize, { ...options, bias: false });
    makeLazyConv<ConvTranspose1d>(this, ConvTranspose1d, options);
  }
}

/**
 * `ConvTranspose2d` that takes `inChannels` from its first input.
 *
 * Shape: as `ConvTranspose2d`.
 */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(...args: ArgumentsOf<typeof lazyConvTransposeArguments>) {
    const [outChannels, kernelSize, options] = lazyConvTransposeArguments.take("LazyConvTranspose2d", args);
    super(0, outChannels, kernelSize, { ...options, bias: false });
    makeLazyConv<ConvTranspose2d>(this, ConvTranspose2d, options);
  }
}

/**
 * `ConvTranspose3d` that takes `inChannels` from its first input.
 *
 * Shape: as `ConvTranspose3d`.
 */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(...args: ArgumentsOf<typeof lazyConvTransposeArguments>) {
    const [outChannels, kernelSize, options] = lazyConvTransposeArguments.take("LazyConvTranspose3d", args);
    super(0, outChannels, kernelSize, { ...options, bias: false });
    makeLazyConv<ConvTranspose3d>(this, ConvTranspose3d, options);
  }
}

const lazyNormArguments = signature<[], RunningNormOptions>()(
  [],
  ["eps", "momentum", "affine", "trackRunningStats", "device", "dtype"],
  ["bias"],
);

/**
 * `BatchNorm1d` that takes `numFeatures` from its first input.
 *
 * Shape: as `BatchNorm1d`.
 */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(...args: ArgumentsOf<typeof lazyNormArguments>) {
    const [options] = lazyNormArguments.take("_LazyNormBase", args);
    super(0, bare(options));
    makeLazyNorm<BatchNorm1d>(this, BatchNorm1d, options);
  }
}

/**
 * `BatchNorm2d` that takes `numFeatures` from its first input.
 *
 * Shape: as `BatchNorm2d`.
 */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(...args: ArgumentsOf<typeof lazyNormArguments>) {
    const [options] = lazyNormArguments.take("_LazyNormBase", args);
    super(0, bare(options));
    makeLazyNorm<BatchNorm2d>(this, BatchNorm2d, options);
  }
}

/**
 * `BatchNorm3d` that takes `numFeatures` from its first input.
 *
 * Shape: as `BatchNorm3d`.
 */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(...args: ArgumentsOf<typeof lazyNormArguments>) {
    const [options] = lazyNormArguments.take("_LazyNormBase", args);
    super(0, bare(options));
    makeLazyNorm<BatchNorm3d>(this, BatchNorm3d, options);
  }
}

/**
 * `InstanceNorm1d` that takes `numFeatures` from its first input. By default affine and with running statistics.
 *
 * Shape: as `InstanceNorm1d`.
 */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(...args: ArgumentsOf<typeof lazyNormArguments>) {
    const [options] = lazyNormArguments.take("_LazyNormBase", args);
    super(0, bare(options));
    makeLazyNorm<InstanceNorm1d>(this, InstanceNorm1d, options);
  }
}

/**
 * `InstanceNorm2d` that takes `numFeatures` from its first input. By default affine and with running statistics.
 *
 * Shape: as `InstanceNorm2d`.
 */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(...args: ArgumentsOf<typeof lazyNormArguments>) {
    const [options] = lazyNormArguments.take("_LazyNormBase", args);
    super(0, bare(options));
    makeLazyNorm<InstanceNorm2d>(this, InstanceNorm2d, options);
  }
}

/**
 * `InstanceNorm3d` that takes `numFeatures` from its first input. By default affine and with running statistics.
 *
 * Shape: as `InstanceNorm3d`.
 */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(...args: ArgumentsOf<typeof lazyNormArguments>) {
    const [options] = lazyNormArguments.take("_LazyNormBase", args);
    super(0, bare(options));
    makeLazyNorm<InstanceNorm3d>(this, InstanceNorm3d, options);
  }
}
