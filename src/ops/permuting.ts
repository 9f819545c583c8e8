/**
 * Views with the dimensions in another order.
 */

import { torchError } from "../errors.ts";
import { shapeText, toAxis, toSize } from "../shape.ts";
import { Tensor, viewOf } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";
import { toLengths } from "./arguments.ts";
import type { ShapeArguments } from "./arguments.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { aliasOf } from "./reshaping.ts";
import { input } from "./samples.ts";

/**
 * Exchanges two dimensions.
 *
 * Throws: PyTorch's IndexError for dimensions that are out of range.
 */
export const transpose: Op<(self: Tensor, dim0: number, dim1: number) => Tensor> = op({
  name: "transpose",
  inputs: ["self"],
  isView: true,
  forward(self, dim0: number, dim1: number) {
    const rank = self.shape.length;
    const a = toAxis(dim0, rank);
    const b = toAxis(dim1, rank);
    return rank === 0 ? viewOf(self, self.shape, self.strides, self.offset) : exchanged(self, a, b);
  },
  // The gradient is exchanged back.
  backward: { self: needsNothing((g, _, dim0: number, dim1: number) => g.transpose(dim0, dim1)) },
  samples: () => [
    [input([2, 3]), 0, 1],
    [input([2, 3, 4]), -1, 0],
    [input([]), 0, -1],
  ],
});

function exchanged(self: Tensor, a: number, b: number): Tensor {
  const shape = self.shape.slice();
  const strides = self.strides.slice();
  [shape[a], shape[b]] = [shape[b]!, shape[a]!];
  [strides[a], strides[b]] = [strides[b]!, strides[a]!];
  return viewOf(self, toSize(shape), strides, self.offset);
}

/**
 * The transposed matrix; a tensor of fewer than two dimensions as it is.
 *
 * Throws: PyTorch's RuntimeError for more than two dimensions.
 */
export const t: Op<(self: Tensor) => Tensor> = op({
  name: "t",
  inputs: ["self"],
  isView: true,
  forward(self) {
    const rank = self.shape.length;
    if (rank > 2) {
      throw torchError("RuntimeError", `t() expects a tensor with <= 2 dimensions, but self is ${rank}D`);
    }
    if (rank < 2) return viewOf(self, self.shape, self.strides, self.offset);
    const { shape, strides } = self;
    return viewOf(self, toSize([shape[1]!, shape[0]!]), [strides[1]!, strides[0]!], self.offset);
  },
  backward: { self: needsNothing((g) => g.t()) },
  samples: () => [[input([2, 3])], [input([3])]],
});

const permuteTo: Op<(self: Tensor, dims: readonly number[]) => Tensor> = op({
  name: "permute",
  inputs: ["self"],
  isView: true,
  forward(self, dims: readonly number[]) {
    const rank = self.shape.length;
    if (dims.length !== rank) {
      throw torchError(
        "RuntimeError",
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}`,
      );
    }
    const axes = dims.map((dim) => toAxis(dim, rank));
    if (new Set(axes).size !== rank)
      throw torchError("RuntimeError", "permute(): duplicate dims are not allowed.");
    const shape = toSize(axes.map((axis) => self.shape[axis]!));
    return viewOf(
      self,
      shape,
      axes.map((axis) => self.strides[axis]!),
      self.offset,
    );
  },
  // The gradient is permuted by the inverse permutation.
  backward: {
    self: needsNothing((g, _, dims: readonly number[]) => {
      const inverse: number[] = dims.slice();
      dims.forEach((dim, place) => {
        inverse[toAxis(dim, dims.length)] = place;
      });
      return g.permute(inverse);
    }),
  },
  samples: () => [],
});

/** Puts the dimensions in another order. */
export const permute: Op<(self: Tensor, ...dims: ShapeArguments) => Tensor> = composed(
  {
    name: "permute",
    isVariadic: true,
    samples: () => [
      [input([2, 3, 4]), 2, 0, 1],
      [input([2, 3]), [-1, 0]],
    ],
  },
  (self: Tensor, ...dims: ShapeArguments): Tensor => permuteTo(self, toLengths(dims)),
);

/** `transpose` by its name in NumPy. */
export const swapaxes: Op<(self: Tensor, axis0: number, axis1: number) => Tensor> = composed(
  { name: "swapaxes", samples: () => [[input([2, 3, 4]), 0, -1]] },
  (self: Tensor, axis0: number, axis1: number): Tensor => transpose(self, axis0, axis1),
);

/** `transpose` by its other name. */
export const swapdims: Op<(self: Tensor, dim0: number, dim1: number) => Tensor> = composed(
  { name: "swapdims", samples: () => [[input([2, 3, 4]), 1, 0]] },
  (self: Tensor, dim0: number, dim1: number): Tensor => transpose(self, dim0, dim1),
);

/** One dimension or several. */
type Dims = number | readonly number[];

function movedAxes(name: "source" | "destination", dims: readonly number[], rank: number): number[] {
  const axes = dims.map((dim) => toAxis(dim, rank));
  if (new Set(axes).size === axes.length) return axes;
  throw torchError("RuntimeError", `movedim: repeated dim in \`${name}\` (${shapeText(dims)})`);
}

function moved(self: Tensor, source: Dims, destination: Dims): Tensor {
  const from = typeof source === "number" ? [source] : source;
  const to = typeof destination === "number" ? [destination] : destination;
  if (from.length !== to.length) {
    throw torchError(
      "RuntimeError",
      `movedim: Invalid source or destination dims: source (${shapeText(from)} dims) should contain the same number of dims as destination (${shapeText(to)} dims)`,
    );
  }
  const rank = self.shape.length;
  const sources = movedAxes("source", from, rank);
  const destinations = movedAxes("destination", to, rank);
  // A tensor without dimensions has nothing to move.
  if (rank === 0) return aliasOf(self);
  const order: number[] = self.shape.map(() => -1);
  destinations.forEach((place, k) => {
    order[place] = sources[k]!;
  });
  const rest = [...order.keys()].filter((axis) => !sources.includes(axis));
  return permuteTo(
    self,
    order.map((axis) => (axis >= 0 ? axis : rest.shift()!)),
  );
}

/**
 * Moves dimensions to other places; the rest keep their order.
 *
 * Throws: PyTorch's errors for dimensions out of range or repeated, and for lists of different lengths.
 *
 * @example
 * zeros(2, 3, 4).movedim(0, -1).shape; // torch.Size([3, 4, 2])
 */
export const movedim: Op<(self: Tensor, source: Dims, destination: Dims) => Tensor> = composed(
  {
    name: "movedim",
    samples: () => [
      [input([2, 3, 4]), 0, 2],
      [input([2, 3, 4]), [0, 1], [-1, 0]],
      [input([]), 0, 0],
      [input([2, 3, 4], { smooth: false }), [0, 1], [2]],
      [input([2, 3, 4], { smooth: false }), [0, 0], [1, 2]],
      [input([2, 3, 4], { smooth: false }), [0, 1], [1, 1]],
    ],
  },
  (self: Tensor, source: Dims, destination: Dims): Tensor => moved(self, source, destination),
);

/** `movedim` by its name in NumPy. */
export const moveaxis: Op<(self: Tensor, source: Dims, destination: Dims) => Tensor> = composed(
  { name: "moveaxis", samples: () => [[input([2, 3, 4]), 2, 0]] },
  (self: Tensor, source: Dims, destination: Dims): Tensor => moved(self, source, destination),
);

declare module "../tensor/tensor.ts" {
  interface Tensor {
    /** The dimensions in reverse order. Warns, as PyTorch does, where there are not two. */
    readonly T: Tensor;
    /** The last two dimensions exchanged. Throws: PyTorch's RuntimeError for fewer than two dimensions. */
    readonly mT: Tensor;
  }
}

function reversed(self: Tensor): Tensor {
  const rank = self.shape.length;
  if (rank !== 2)
    warn(
      rank === 0
        ? "Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases."
        : reversalText,
    );
  return permuteTo(
    self,
    self.shape.map((_, axis) => self.shape.length - 1 - axis),
  );
}

const reversalText =
  "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a future release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor.";

function matrixTransposed(self: Tensor): Tensor {
  const rank = self.shape.length;
  if (rank >= 2) return transpose(self, -2, -1);
  if (rank === 0) {
    warn("Tensor.mT is deprecated on 0-D tensors. This function is the identity in these cases.");
    return aliasOf(self);
  }
  throw torchError(
    "RuntimeError",
    `tensor.mT is only supported on matrices or batches of matrices. Got ${rank}-D tensor.`,
  );
}

const getters: Readonly<Record<string, (self: Tensor) => Tensor>> = { T: reversed, mT: matrixTransposed };

for (const [name, get] of Object.entries(getters)) {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor): Tensor {
      return get(this);
    },
    configurable: true,
  });
}
