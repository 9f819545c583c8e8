/**
 * Whether tensors are equal, or nearly.
 */

import { torchError } from "../errors.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { requireTensor } from "./matrix-product.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** How near is near: |a − b| ≤ atol + rtol·|b|. */
export interface ClosenessOptions {
  /** Relative; default 1e-5. */
  readonly rtol?: number;
  /** Absolute; default 1e-8. */
  readonly atol?: number;
  /** Whether NaN equals NaN. Default false. */
  readonly equalNan?: boolean;
}

/** By element: whether both are nearly equal. Throws: PyTorch's RuntimeErrors for different dtypes and negative bounds. */
export const isclose: Op<(self: Tensor, other: Tensor, options?: ClosenessOptions) => Tensor> = composed(
  {
    name: "isclose",
    isDifferentiable: false,
    samples: () => [
      [input([3], { values: [1, 2, 3] }), input([3], { values: [1, 2.00001, 3.1] })],
      [
        input([5], { values: [NaN, Infinity, Infinity, 1, 0] }),
        input([5], { values: [NaN, Infinity, -Infinity, NaN, 1e-9] }),
      ],
      [
        input([2], { values: [NaN, 1] }),
        input([2], { values: [NaN, 1.5] }),
        { equalNan: true, rtol: 0, atol: 0.6 },
      ],
      [input([2]), input([2], { dtype: "int32" })],
      [input([2]), input([2]), { rtol: -1 }],
      [input([2, 1]), input([3])],
    ],
  },
  (self: Tensor, other: Tensor, options: ClosenessOptions = {}): Tensor => {
    requireTensor("isclose", "other", 1, other);
    const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
    if (self.dtype !== other.dtype) {
      throw torchError("RuntimeError", `${self.dtype.scalarType} did not match ${other.dtype.scalarType}`);
    }
    for (const [name, value] of [
      ["rtol", rtol],
      ["atol", atol],
    ] as const) {
      if (!(value >= 0)) {
        throw torchError("RuntimeError", `${name} must be greater than or equal to zero, but got ${value}`);
      }
    }
    const [a, b] = [self.detach(), other.detach()];
    const isSame = a.eq(b);
    const isEqual =
      equalNan && (a.isFloatingPoint() || a.isComplex())
        ? isSame.logicalOr(a.isnan().logicalAnd(b.isnan()))
        : isSame;
    if (rtol === 0 && atol === 0) return isEqual;
    // Bools and integers are compared as floats, as products with the bounds are.
    const [x, y] = a.isFloatingPoint() || a.isComplex() ? [a, b] : [a.double(), b.double()];
    const bound = y.mul(rtol).abs().add(atol);
    const difference = x.sub(y).abs();
    return isEqual.logicalOr(difference.isfinite().logicalAnd(difference.le(bound)));
  },
);

/** Whether all elements are nearly equal. Throws: as `isclose`. */
export const allclose: Op<(self: Tensor, other: Tensor, options?: ClosenessOptions) => boolean> = composed(
  {
    name: "allclose",
    isDifferentiable: false,
    samples: () => [
      [input([3], { values: [1, 2, 3] }), input([3], { values: [1, 2.00001, 3] })],
      [input([3], { values: [1, 2, 3] }), input([3], { values: [1, 2, 3.5] })],
      [input([2], { values: [NaN, 1] }), input([2], { values: [NaN, 1] }), { equalNan: true }],
    ],
  },
  (self: Tensor, other: Tensor, options?: ClosenessOptions): boolean => {
    requireTensor("allclose", "other", 1, other);
    return isclose(self, other, options).all().item<boolean>() === true;
  },
);

/** Whether both have the same shape and the same elements; a NaN equals nothing. */
export const equal: Op<(self: Tensor, other: Tensor) => boolean> = composed(
  {
    name: "equal",
    isDifferentiable: false,
    samples: () => [
      [input([3], { values: [1, 2, 3] }), input([3], { values: [1, 2, 3] })],
      [input([3], { values: [1, 2, 3] }), input([3], { values: [1, 2, 4] })],
      [input([1], { values: [NaN] }), input([1], { values: [NaN] })],
      [input([3]), input([1, 3])],
      [input([0]), input([0])],
    ],
  },
  (self: Tensor, other: Tensor): boolean => {
    requireTensor("equal", "other", 1, other);
    return (
      sameShape(self.shape, other.shape) && self.detach().eq(other.detach()).all().item<boolean>() === true
    );
  },
);
