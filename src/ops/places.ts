/**
 * Gradients of what was found along a dimension, put back to where it was found.
 */

import type { Size } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";

/** Where a result was looked for. */
export interface SearchedLine {
  /** The dimension. */
  readonly axis: number | null;
  /** Whether the dimension stayed, with length 1. */
  readonly keepdim: boolean;
}

/** Zeros of the searched tensor's shape, with the gradient at the places. */
export function toPlaces(
  gradient: Tensor,
  indices: Tensor,
  { axis, keepdim }: SearchedLine,
  shape: Size,
): Tensor {
  if (shape.length === 0 || axis === null) return gradient;
  const [g, places] = keepdim ? [gradient, indices] : [gradient.unsqueeze(axis), indices.unsqueeze(axis)];
  return newTensor(g.dtype, shape).scatterAdd(axis, places, g);
}
