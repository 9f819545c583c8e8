/**
 * Methods that make other tensors with the dtype and device of a tensor: `newZeros` and its kin.
 */

import { fillDense } from "../tensor/elements.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import { toDtype } from "../dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import type { CreationOptions, ShapeAndOptions } from "./creation-options.ts";
import { finished, splitArguments, toShape } from "./creation-options.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** A method that takes a shape in either of its spellings. */
type Maker = Op<(self: Tensor, ...shape: ShapeAndOptions) => Tensor>;

function filled(
  self: Tensor,
  shape: Parameters<typeof newTensor>[1],
  value: ScalarArgument,
  options: CreationOptions,
): Tensor {
  const dtype = options.dtype === undefined ? self.dtype : toDtype(options.dtype);
  const made = newTensor(dtype, shape, options.device ?? self.device);
  fillDense(made, checkedScalar(value, dtype));
  return finished(made, options);
}

function maker(name: string, torch: string, value: number, samples: Maker["op"]["samples"]): Maker {
  return composed(
    { name, isVariadic: true, isDifferentiable: false, samples },
    (self: Tensor, ...args: ShapeAndOptions): Tensor => {
      const { shape, options } = splitArguments(torch, args);
      return filled(self, shape, value, options);
    },
  );
}

/** Zeros of a shape, with the dtype and device of this tensor unless told. Throws: as `zeros`. */
export const newZeros: Maker = maker("newZeros", "new_zeros", 0, () => [
  [input([2]), 2, 3],
  [input([2]), [0, 3]],
]);

/** Ones of a shape, with the dtype and device of this tensor unless told. Throws: as `zeros`. */
export const newOnes: Maker = maker("newOnes", "new_ones", 1, () => [[input([2]), [2, 3]]]);

/** A tensor whose elements nobody chose, with the dtype and device of this one unless told: here zeros. */
export const newEmpty: Maker = maker("newEmpty", "new_empty", 0, () => []);

/**
 * A tensor of one value, with the dtype and device of this tensor unless told.
 *
 * Throws: PyTorch's RuntimeError for a value that the dtype does not hold.
 */
export const newFull: Op<
  (self: Tensor, shape: readonly number[], value: ScalarArgument, options?: CreationOptions) => Tensor
> = composed(
  { name: "newFull", isDifferentiable: false, samples: () => [[input([2]), [2, 3], 3.5]] },
  (self: Tensor, shape: readonly number[], value: ScalarArgument, options: CreationOptions = {}): Tensor =>
    filled(self, toShape("new_full", shape), value, options),
);
