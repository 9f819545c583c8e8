/**
 * The older names of `interpolate`, which PyTorch still has and warns about.
 */

import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import type { InterpolateOptions } from "./interpolation.ts";
import { interpolate } from "./interpolation.ts";

/** `interpolate`, by its older name, with a warning. Shape and throws: as `interpolate`. */
export function upsample(input: Tensor, options: InterpolateOptions = {}): Tensor {
  warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.");
  return interpolate(input, options);
}

/**
 * `interpolate` with mode `"nearest"`, by its older name, with a warning.
 *
 * Shape: as `interpolate`.
 */
export function upsampleNearest(
  input: Tensor,
  options: Pick<InterpolateOptions, "size" | "scaleFactor"> = {},
): Tensor {
  warn("`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.");
  return interpolate(input, { ...options, mode: "nearest" });
}

/**
 * `interpolate` with mode `"bilinear"` and `alignCorners`, by its older name, with a warning.
 *
 * Shape: as `interpolate`.
 */
export function upsampleBilinear(
  input: Tensor,
  options: Pick<InterpolateOptions, "size" | "scaleFactor"> = {},
): Tensor {
  warn("`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.");
  return interpolate(input, { ...options, mode: "bilinear", alignCorners: true });
}
