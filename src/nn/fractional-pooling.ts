/**
 * Layers of fractional max pooling. Their functions are in `functional/fractional-pooling.ts`.
 */

import { torchError } from "../errors.ts";
import type { PerAxis } from "../functional/conv.ts";
import {
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3dWithIndices,
} from "../functional/fractional-pooling.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Buffer } from "./buffer.ts";
import { perAxis } from "./conv.ts";
import { Module } from "./module.ts";
import type { MaxPooled } from "./pooling.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of the layers here; one of `outputSize` and `outputRatio` is needed. */
export interface FractionalPoolLayerOptions {
  /** How many windows there are along each axis. */
  readonly outputSize?: PerAxis | null;
  /** The same as parts of the lengths, between 0 and 1. */
  readonly outputRatio?: PerAxis | null;
  /** Whether `forward` gives the places of the elements too. Default false. */
  readonly returnIndices?: boolean;
  /** Numbers of [0, 1) that say where windows lie, instead of drawn ones: (samples, channels, axes). They become a buffer. */
  readonly randomSamples?: Tensor | null;
}

/** What both ranks share. */
export class FractionalPoolModule extends Module {
  kernelSize: readonly number[];
  returnIndices: boolean;
  /** A slot also where windows are drawn. */
  declare _random_samples: Buffer | null;
  outputSize: readonly number[] | null;
  outputRatio: readonly number[] | null;

  constructor(rank: 2 | 3, kernelSize: PerAxis, options: FractionalPoolLayerOptions) {
    super();
    const { outputSize = null, outputRatio = null } = options;
    this.kernelSize = perAxis(kernelSize, rank);
    this.returnIndices = options.returnIndices ?? false;
    this.registerBuffer("_random_samples", options.randomSamples ?? null);
    this.outputSize = outputSize === null ? null : perAxis(outputSize, rank);
    this.outputRatio = outputRatio === null ? null : perAxis(outputRatio, rank);
    if (outputSize === null && outputRatio === null) {
      throw torchError(
        "ValueError",
        `FractionalMaxPool${rank}d requires specifying either an output size, or a pooling ratio`,
      );
    }
    if (outputSize !== null && outputRatio !== null) {
      throw torchError("ValueError", "only one of output_size and output_ratio may be specified");
    }
    if (this.outputRatio?.every((ratio) => ratio > 0 && ratio < 1) === false) {
      throw torchError("ValueError", `output_ratio must be between 0 and 1 (got ${pythonRepr(outputRatio)})`);
    }
  }
}

const fractionalPoolArguments = signature<[kernelSize: PerAxis], FractionalPoolLayerOptions>()(
  ["kernelSize"],
  ["outputSize", "outputRatio", "returnIndices", "randomSamples"],
);

/**
 * The largest elements of windows at random steps, drawn at every call; with `returnIndices` a pair with their places.
 *
 * Shape: (N, channels, height, width) or unbatched → (…, *outputSize).
 * Throws: PyTorch's ValueErrors unless one of size and ratio is given.
 *
 * @example
 * new FractionalMaxPool2d(3, { outputRatio: 0.5 })(zeros(20, 16, 50, 32)).shape; // torch.Size([20, 16, 25, 16])
 */
export class FractionalMaxPool2d<const Indices extends boolean = false> extends FractionalPoolModule {
  constructor(...args: ArgumentsOf<typeof fractionalPoolArguments, { readonly returnIndices?: Indices }>) {
    super(2, ...fractionalPoolArguments.take("FractionalMaxPool2d", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const { outputSize, outputRatio, _random_samples: randomSamples } = this;
    const [output, indices] = fractionalMaxPool2dWithIndices(input, this.kernelSize, {
      outputSize,
      outputRatio,
      randomSamples,
    });
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}

/** As `FractionalMaxPool2d`. Shape: (N, channels, depth, height, width) or unbatched → (…, *outputSize). */
export class FractionalMaxPool3d<const Indices extends boolean = false> extends FractionalPoolModule {
  constructor(...args: ArgumentsOf<typeof fractionalPoolArguments, { readonly returnIndices?: Indices }>) {
    super(3, ...fractionalPoolArguments.take("FractionalMaxPool3d", args));
  }

  override forward(input: Tensor): MaxPooled<Indices> {
    const { outputSize, outputRatio, _random_samples: randomSamples } = this;
    const [output, indices] = fractionalMaxPool3dWithIndices(input, this.kernelSize, {
      outputSize,
      outputRatio,
      randomSamples,
    });
    return (this.returnIndices ? [output, indices] : output) as MaxPooled<Indices>;
  }
}
