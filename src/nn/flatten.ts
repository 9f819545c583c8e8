/**
 * Layers that change shapes: Flatten and Unflatten.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import { Module } from "./module.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Options of `Flatten`. */
export interface FlattenOptions {
  /** The first dimension to join. Default 1. */
  readonly startDim?: number;
  /** The last one. Default -1. */
  readonly endDim?: number;
}

const flattenArguments = signature<[], FlattenOptions>()([], ["startDim", "endDim"]);

/**
 * Joins dimensions, by default all but the first.
 *
 * Shape: (N, …) → (N, product of the rest), or with other dimensions joined.
 *
 * @example
 * new Flatten()(zeros(2, 3, 4)).shape; // torch.Size([2, 12])
 */
export class Flatten extends Module {
  startDim: number;
  endDim: number;

  constructor(
    ...args: [startDim?: number | FlattenOptions, endDim?: number | FlattenOptions, options?: FlattenOptions]
  ) {
    super();
    const [{ startDim = 1, endDim = -1 }] = flattenArguments.take("Flatten", args);
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return describe({ start_dim: this.startDim, end_dim: this.endDim });
  }
}

const unflattenArguments = signature<[dim: number, unflattenedSize: readonly number[]]>()([
  "dim",
  "unflattenedSize",
]);

/**
 * Splits a dimension into several.
 *
 * Shape: (…, length, …) → (…, *unflattenedSize, …).
 * Throws: PyTorch's TypeError for sizes that are no list.
 *
 * @example
 * new Unflatten(1, [3, 4])(zeros(2, 12)).shape; // torch.Size([2, 3, 4])
 */
export class Unflatten extends Module {
  dim: number;
  unflattenedSize: readonly number[];

  constructor(...args: ArgumentsOf<typeof unflattenArguments>) {
    super();
    const [dim, unflattenedSize] = unflattenArguments.take("Unflatten", args);
    if (!Array.isArray(unflattenedSize)) {
      throw torchError(
        "TypeError",
        `unflattened_size must be a tuple of ints, but found type ${pythonTypeName(unflattenedSize)}`,
      );
    }
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return describe({ dim: this.dim, unflattened_size: this.unflattenedSize });
  }
}
