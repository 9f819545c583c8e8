/**
 * Tensors built of others in a pattern: Kronecker products, quarter turns, cross products, splits by halves and thirds.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { freshReshape } from "./fresh-reshape.ts";
import { notImplemented } from "./loop-dtypes.ts";
import { flip } from "./rearranging.ts";
import type { Op } from "./op.ts";
import { composed, needs, needsNothing, op } from "./op.ts";
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

const quarterTurns: Op<(self: Tensor, k: number, from: number, to: number) => Tensor> = op({
  name: "rot90",
  gradName: "Rot90Backward0",
  inputs: ["self"],
  takesComplex: true,
  forward(self, k: number, from: number, to: number) {
    const plain = self.detach();
    switch (((k % 4) + 4) % 4) {
      case 1:
        return flip(plain, [to]).transpose(from, to);
      case 2:
        return flip(plain, [from, to]);
      case 3:
        return flip(plain, [from]).transpose(from, to);
      default:
        return plain.clone({ memoryFormat: "contiguous" });
    }
  },
  // The gradient is turned back.
  backward: {
    self: needsNothing((g, _, k: number, from: number, to: number) => quarterTurns(g, -k, from, to)),
  },
  samples: () => [],
});

/**
 * A copy turned by k quarters in the plane of two dimensions, from the first to the second.
 *
 * Throws: PyTorch's RuntimeErrors for another number of dimensions and for the same one twice.
 */
export const rot90: Op<(self: Tensor, k?: number, dims?: readonly number[]) => Tensor> = composed(
  {
    name: "rot90",
    takesComplex: true,
    samples: () => [
      [input([2, 3])],
      [input([2, 3]), 2],
      [input([2, 3, 2]), -1, [1, 2]],
      [input([2, 3]), 0],
      [input([2])],
      [input([2, 3]), 1, [0]],
      [input([2, 3]), 1, [0, 0]],
    ],
  },
  (self: Tensor, k: number = 1, dims: readonly number[] = [0, 1]): Tensor => {
    const refuse = (text: string): never => {
      throw torchError("RuntimeError", text);
    };
    if (dims.length !== 2) {
      refuse(`expected total rotation dims == 2, but got dims = ${dims.length}`);
    }
    const rank = self.shape.length;
    if (rank < 2) refuse(`expected total dims >= 2, but got total dims = ${rank}`);
    const [from, to] = dims as unknown as [number, number];
    if (from === to || Math.abs(from - to) === rank) {
      refuse(`expected rotation dims to be different, but got dim0 = ${from} and dim1 = ${to}`);
    }
    return quarterTurns(self, k, toAxis(from, rank), toAxis(to, rank));
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

/** The places of the elements that are not 0, a row for each. */
export const argwhere: Op<(self: Tensor) => Tensor> = composed(
  {
    name: "argwhere",
    isDifferentiable: false,
    samples: () => [[input([2, 3], { values: [0, 1, 2, 0, 0, 3] })], [input([])]],
  },
  (self: Tensor): Tensor => self.detach().nonzero({ asTuple: false }) as Tensor,
);

function directedSplit(
  name: "hsplit" | "vsplit" | "dsplit",
  least: number,
): Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> {
  const rank = least;
  return composed(
    {
      name,
      samples: () => [
        [input([2, 2, 4]), 2],
        [input([4, 4, 4]), [1, 3]],
        [input([4]), 2],
        [input([3, 3, 3]), 2],
      ],
    },
    (self: Tensor, sections: number | readonly number[]): readonly Tensor[] => {
      const refuse = (text: string): never => {
        throw torchError("RuntimeError", text);
      };
      if (self.ndim < rank) {
        refuse(
          `torch.${name} requires a tensor with at least ${rank} dimension, but got a tensor with ${self.ndim} dimensions!`,
        );
      }
      const axis = name === "vsplit" ? 0 : name === "dsplit" ? 2 : self.ndim === 1 ? 0 : 1;
      const length = self.shape[axis]!;
      if (typeof sections === "number" && (sections === 0 || length % sections !== 0)) {
        refuse(
          `torch.${name} attempted to split along dimension ${axis}, but the size of the dimension ${length} is not divisible by the split_size ${sections}!`,
        );
      }
      return self.tensorSplit(sections as number, axis);
    },
  );
}

/** Splits columns: along dimension 1, or 0 of a vector. Throws: PyTorch's RuntimeError where they are not divisible. */
export const hsplit: Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> =
  directedSplit("hsplit", 1);
/** Splits rows: along dimension 0. Throws: as `hsplit`. */
export const vsplit: Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> =
  directedSplit("vsplit", 2);
/** Splits along dimension 2. Throws: as `hsplit`. */
export const dsplit: Op<(self: Tensor, sections: number | readonly number[]) => readonly Tensor[]> =
  directedSplit("dsplit", 3);

/** The dtype that a tensor has, for another. */
export const typeAs: Op<(self: Tensor, other: Tensor) => Tensor> = composed(
  { name: "typeAs", isDifferentiable: false, samples: () => [[input([2]), input([1], { dtype: "int32" })]] },
  (self: Tensor, other: Tensor): Tensor => self.to(other.dtype),
);

/** Whether the one element is not 0. Throws: PyTorch's RuntimeErrors for none and for several. */
export const isNonzero: Op<(self: Tensor) => boolean> = composed(
  { name: "isNonzero", isDifferentiable: false, samples: () => [[input([1])], [input([2])], [input([0])]] },
  (self: Tensor): boolean => {
    if (self.count === 1) return self.detach().to(dtypes.bool).item<boolean>() === true;
    throw torchError(
      "RuntimeError",
      self.count === 0
        ? "Boolean value of Tensor with no values is ambiguous"
        : "Boolean value of Tensor with more than one value is ambiguous",
    );
  },
);
