/**
 * Products of vectors and of blocks: cross products and Kronecker products.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { freshReshape } from "./fresh-reshape.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import { input } from "./samples.ts";

const unsafeView = freshReshape("UnsafeViewBackward0");

/**
 * The Kronecker product: every element of self times all of other.
 *
 * Shape: (a…), (b…) → (a·b…), where the shorter shape gets leading ones.
 */
export const kron: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  {
    name: "kron",
    takesComplex: true,
    samples: () => [
      [input([2, 3]), input([2, 2])],
      [input([3]), input([2, 2])],
      [input([]), input([2])],
    ],
  },
  (self: Tensor, other: Tensor): Tensor => {
    const rank = Math.max(self.ndim, other.ndim);
    const padded = (of: Tensor): number[] => [...Array<number>(rank - of.ndim).fill(1), ...of.shape];
    const [a, b] = [padded(self), padded(other)];
    const left = self.reshape(a.flatMap((length) => [length, 1]));
    const right = other.reshape(b.flatMap((length) => [1, length]));
    const shape = a.map((length, axis) => length * b[axis]!);
    return unsafeView(left.mul(right).contiguous(), shape);
  },
);

const crossAlong: Op<(self: Tensor, other: Tensor, axis: number) => Tensor> = op({
  name: "linalgCross",
  gradName: "LinalgCrossBackward0",
  inputs: ["self", "other"],
  takesComplex: true,
  forward(self, other, axis: number) {
    const [a, b] = [self.detach(), other.detach()];
    const turned = (x: Tensor, by: number): Tensor => x.roll(by, axis);
    return turned(a, -1)
      .mul(turned(b, 1))
      .sub(turned(a, 1).mul(turned(b, -1)));
  },
  backward: {
    // ⟨g, x × y⟩ = ⟨y × g, x⟩
    self: needs(["other"], (g, { other }, axis: number) => crossAlong(other.conj(), g, axis)),
    // ⟨g, x × y⟩ = ⟨g × x, y⟩
    other: needs(["self"], (g, { self }, axis: number) => crossAlong(g, self.conj(), axis)),
  },
  samples: () => [],
});

/**
 * The cross products of vectors of three along a dimension; default: the first of length 3.
 *
 * Shape: self and other broadcast.
 * Throws: PyTorch's RuntimeErrors where a dimension has not length 3, and for different numbers of dimensions.
 */
export const cross: Op<(self: Tensor, other: Tensor, dim?: number | { readonly dim?: number }) => Tensor> =
  composed(
    {
      name: "cross",
      takesComplex: true,
      samples: () => [
        [input([2, 3]), input([2, 3]), 1],
        [input([3]), input([3])],
        [input([3, 2]), input([3, 1]), { dim: 0 }],
        [input([2, 2]), input([2, 2])],
        [input([2, 2]), input([2, 2]), 1],
        [input([3]), input([2, 3])],
      ],
    },
    (self: Tensor, other: Tensor, given?: number | { readonly dim?: number }): Tensor => {
      const dim = typeof given === "object" ? given.dim : given;
      if (
        dim === undefined &&
        self.ndim === other.ndim &&
        !broadcastShapes(self.shape, other.shape).includes(3)
      ) {
        throw torchError("RuntimeError", "no dimension of size 3 in input");
      }
      if (self.ndim !== other.ndim) {
        throw torchError("RuntimeError", "linalg.cross: inputs must have the same number of dimensions.");
      }
      const axis = dim === undefined ? self.shape.indexOf(3) : toAxis(dim, self.ndim);
      if (self.shape[axis] !== 3 || other.shape[axis] !== 3) {
        throw torchError(
          "RuntimeError",
          `linalg.cross: inputs dimension ${dim ?? axis} must have length 3. Got ${self.shape[axis]} and ${other.shape[axis]}`,
        );
      }
      if (self.dtype === dtypes.bool) throw notImplemented("cross", self.dtype);
      const shape = broadcastShapes(self.shape, other.shape);
      return crossAlong(self.expand(shape), other.expand(shape), axis);
    },
  );
