/**
 * Layers that make images larger: interpolation. The function is in `functional/interpolation.ts`.
 */

import type { PerAxis } from "../functional/conv.ts";
import type { InterpolateOptions, InterpolationMode } from "../functional/interpolation.ts";
import { interpolate } from "../functional/interpolation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Attribute } from "./extra-repr.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { plainNumber } from "./float-option.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Factors are floats in PyTorch, one or several. */
function floats(value: PerAxis): Attribute {
  if (typeof value === "number") return { kind: "float", value };
  return value.map((each) => ({ kind: "float", value: each }) as const);
}

function plainFactors(factors: ScaleFactor | null): PerAxis | null {
  if (factors === null) return null;
  return isFactors(factors) ? factors.map(plainNumber) : plainNumber(factors);
}

function isFactors(factors: ScaleFactor): factors is readonly FloatOption[] {
  return Array.isArray(factors);
}

/** One factor for all axes, or one for each. */
export type ScaleFactor = FloatOption | readonly FloatOption[];

/** Options of `Upsample`. */
export interface UpsampleOptions extends Omit<InterpolateOptions, "scaleFactor"> {
  /** By what lengths are multiplied; either this or `size` is given. */
  readonly scaleFactor?: ScaleFactor | null;
}

const upsampleArguments = signature<[], UpsampleOptions>()(
  [],
  ["size", "scaleFactor", "mode", "alignCorners", "recomputeScaleFactor"],
);

/**
 * An image of another size: `size`, or its own multiplied by `scaleFactor`.
 *
 * Shape: (N, channels, *lengths) → (N, channels, *size), with one to three lengths.
 *
 * @example
 * new Upsample({ scaleFactor: 2, mode: "bilinear" })(zeros(1, 3, 4, 4)).shape; // torch.Size([1, 3, 8, 8])
 */
export class Upsample extends Module {
  size: PerAxis | null;
  scaleFactor: PerAxis | null;
  mode: InterpolationMode;
  alignCorners: boolean | null;
  recomputeScaleFactor: boolean | null;

  constructor(...args: ArgumentsOf<typeof upsampleArguments>) {
    super();
    const [options] = upsampleArguments.take("Upsample", args);
    this.size = options.size ?? null;
    this.scaleFactor = plainFactors(options.scaleFactor ?? null);
    this.mode = options.mode ?? "nearest";
    this.alignCorners = options.alignCorners ?? null;
    this.recomputeScaleFactor = options.recomputeScaleFactor ?? null;
  }

  override forward(input: Tensor): Tensor {
    return interpolate(input, this);
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    return scaleFactor === null
      ? describe({ size, mode })
      : describe({ scale_factor: floats(scaleFactor), mode });
  }
}

/** Options of `UpsamplingNearest2d` and `UpsamplingBilinear2d`. */
export interface UpsamplingOptions {
  /** The lengths to make. */
  readonly size?: PerAxis | null;
  /** By what lengths are multiplied; either this or `size` is given. */
  readonly scaleFactor?: ScaleFactor | null;
}

const upsamplingArguments = signature<[], UpsamplingOptions>()([], ["size", "scaleFactor"]);

/** `Upsample` with mode `"nearest"`, by its older name. Shape: (N, channels, height, width). */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: ArgumentsOf<typeof upsamplingArguments>) {
    const [options] = upsamplingArguments.take("UpsamplingNearest2d", args);
    super({ ...options, mode: "nearest" });
  }
}

/** `Upsample` with mode `"bilinear"` and `alignCorners`, by its older name. Shape: (N, channels, height, width). */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: ArgumentsOf<typeof upsamplingArguments>) {
    const [options] = upsamplingArguments.take("UpsamplingBilinear2d", args);
    super({ ...options, mode: "bilinear", alignCorners: true });
  }
}
