/**
 * Functions that put tensors together, or make them fit together: columns, common shapes.
 */

import { torchError } from "../errors.ts";
import { broadcastShapes as joinedShape, shapeText, toSize } from "../shape.ts";
import type { Size } from "../shape.ts";
import { convertItems, denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { dtypes } from "../dtype.ts";
import { resultTypeOf } from "./elementwise.ts";
import { jointOp } from "./joint-op.ts";
import { hstack } from "./joining.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Each tensor expanded to the shape that all broadcast to. Throws: PyTorch's RuntimeError where they do not. */
export const broadcastTensors: Op<(...tensors: Tensor[]) => Tensor[]> = composed(
  {
    name: "broadcastTensors",
    torch: "torch.broadcast_tensors",
    isVariadic: true,
    samples: () => [
      [input([2, 1]), input([3])],
      [input([2]), input([3])],
    ],
  },
  (...tensors: Tensor[]): Tensor[] => {
    const shape = tensors.map((each) => each.shape).reduce(joinedShape);
    return tensors.map((each) => each.expand(shape));
  },
);

/**
 * The shape that all broadcast to; a number is the shape of a vector.
 *
 * Throws: PyTorch's RuntimeError where there is none, and its ValueError for negative lengths.
 *
 * @example
 * broadcastShapes([2, 1], [3]); // torch.Size([2, 3])
 */
export function broadcastShapes(...shapes: readonly (number | readonly number[])[]): Size {
  const lists = shapes.map((shape) => (typeof shape === "number" ? [shape] : shape));
  const rank = lists.reduce((longest, { length }) => Math.max(longest, length), 0);
  const joined = Array<number>(rank).fill(1);
  lists.forEach((shape, at) => {
    // From the last dimension on, as PyTorch looks.
    for (let from = -1; from >= -shape.length; from--) {
      const length = shape.at(from)!;
      if (length < 0) {
        throw torchError("ValueError", "Attempting to broadcast a dimension with negative length!");
      }
      const known = joined.at(from)!;
      if (length === 1 || length === known) continue;
      if (known !== 1) {
        throw torchError(
          "RuntimeError",
          `Attempting to broadcast a dimension of length ${length} at ${from}! Mismatching argument at index ${at} had ${shapeText(shape)}; but expected shape should be broadcastable to [${joined.join(", ")}]`,
        );
      }
      joined[rank + from] = length;
    }
  });
  return toSize(joined);
}

/** Rows and columns of a tensor as a block: a vector is one row. */
function blockShape(each: Tensor, at: number): readonly [rows: number, columns: number] {
  if (each.ndim > 2) {
    throw torchError(
      "RuntimeError",
      `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${at} has ${each.ndim} dimensions`,
    );
  }
  return [each.ndim < 2 ? 1 : each.shape[0]!, each.shape.at(-1) ?? 1];
}

/** The part of a matrix in which each block lies. */
function blocksOf(whole: Tensor, tensors: readonly Tensor[]): Tensor[] {
  let [row, column] = [0, 0];
  return tensors.map((each, at) => {
    const [rows, columns] = blockShape(each, at);
    const block = whole.narrow(0, row, rows).narrow(1, column, columns);
    row += rows;
    column += columns;
    return block;
  });
}

/**
 * A matrix of zeros with the tensors as blocks along the diagonal; a vector is one row, a tensor without dimensions one
 * element.
 *
 * Throws: PyTorch's RuntimeError for more than two dimensions.
 *
 * @example
 * blockDiag(tensor([[1, 2]]), tensor(3)); // tensor([[1, 2, 0], [0, 0, 3]])
 */
export const blockDiag: Op<(...tensors: Tensor[]) => Tensor> = jointOp({
  name: "blockDiag",
  torch: "torch.block_diag",
  tensors: (...tensors: Tensor[]) => tensors,
  forward(...tensors: Tensor[]) {
    if (tensors.length === 0) return [newTensor(dtypes.float32, toSize([1, 0]))];
    const shapes = tensors.map(blockShape);
    const size = [0, 1].map((axis) => shapes.reduce((sum, shape) => sum + shape[axis]!, 0));
    const dtype = resultTypeOf(tensors);
    const out = newTensor(dtype, toSize(size), tensors[0]!.device);
    if (out.device === "meta") return [out];
    blocksOf(out, tensors).forEach((block, k) => {
      const each = tensors[k]!;
      scatterItems(convertItems(denseItems(each), each.dtype, dtype, each.count), block);
    });
    return [out];
  },
  // Each tensor gets its block of the gradient.
  backward: ([gradient], { wanted, args }) =>
    blocksOf(gradient!, args).map((block, k) =>
      wanted[k] === true ? block.reshape(args[k]!.shape).to(args[k]!.dtype) : null,
    ),
  result: ([output]) => output!,
  samples: () => [
    [input([2, 3]), input([1, 2])],
    [input([2]), input([]), input([2, 2], { layout: "transposed" })],
    [input([2, 1]), input([2], { values: [1, 2], dtype: "int64" })],
    [input([0, 2]), input([1, 1])],
    [input([2, 2, 2])],
  ],
});

/** Options of `vander`. */
export interface VanderOptions {
  /** Whether the powers grow from left to right. Default false. */
  readonly increasing?: boolean;
}

/**
 * The powers of the elements of a vector, a row for each: xᴺ⁻¹, …, x, 1. N is the number of elements unless it is given.
 * As in PyTorch it cannot be differentiated: the backward pass finds that its columns were written after they were read.
 *
 * Throws: PyTorch's RuntimeErrors for what is no vector and for a negative N.
 *
 * @example
 * vander(tensor([1, 2, 3])); // tensor([[1, 1, 1], [4, 2, 1], [9, 3, 1]])
 */
export const vander: Op<(x: Tensor, n?: number | VanderOptions, options?: VanderOptions) => Tensor> =
  composed(
    {
      name: "vander",
      torch: "torch.vander",
      isDifferentiable: false,
      samples: () => [
        [input([3])],
        [input([3]), 2],
        [input([3]), 4, { increasing: true }],
        [input([3]), 1],
        [input([3]), { increasing: true }],
        [input([3]), 0],
        [input([0])],
        [input([2, 2])],
        [input([3]), -1],
      ],
    },
    (x: Tensor, first?: number | VanderOptions, options?: VanderOptions): Tensor => {
      const n = typeof first === "number" ? first : x.count;
      const { increasing = false } = (typeof first === "object" ? first : options) ?? {};
      if (x.ndim !== 1) throw torchError("RuntimeError", "x must be a one-dimensional tensor.");
      if (n < 0) throw torchError("RuntimeError", "N must be non-negative.");
      const isReal = x.isFloatingPoint() || x.isComplex();
      const powers = newTensor(isReal ? x.dtype : dtypes.int64, toSize([x.count, n]), x.device);
      if (n > 0) powers.select(1, 0).fill_(1);
      if (n > 1) {
        const factors = powers.narrow(1, 1, n - 1);
        factors.copy_(x.unsqueeze(1).expand([x.count, n - 1]));
        factors.copy_(factors.cumprod(1));
      }
      return increasing ? powers : powers.flip([1]);
    },
  );

/** A tensor with at least so many dimensions, by views. */
function atLeast(rank: number, widened: (self: Tensor) => Tensor): Op<(self: Tensor) => Tensor> {
  const samples = (): readonly Sample[] => [[input([])], [input([2])], [input([2, 3])], [input([1, 2, 3])]];
  return composed({ name: `atleast${rank}d`, torch: `torch.atleast_${rank}d`, samples }, widened);
}

/** At least one dimension. */
export const atleast1d: Op<(self: Tensor) => Tensor> = atLeast(1, (self) =>
  self.ndim === 0 ? self.reshape([1]) : self,
);

/** At least two dimensions: a vector becomes a row. */
export const atleast2d: Op<(self: Tensor) => Tensor> = atLeast(2, (self) => {
  if (self.ndim === 0) return self.reshape([1, 1]);
  return self.ndim === 1 ? self.unsqueeze(0) : self;
});

/** At least three dimensions: a vector lies along the middle one. */
export const atleast3d: Op<(self: Tensor) => Tensor> = atLeast(3, (self) => {
  if (self.ndim === 0) return self.reshape([1, 1, 1]);
  if (self.ndim === 1) return self.unsqueeze(0).unsqueeze(-1);
  return self.ndim === 2 ? self.unsqueeze(-1) : self;
});

/** Tensors side by side as columns; vectors are single columns. Throws: as `hstack`. */
export const columnStack: Op<(tensors: readonly Tensor[]) => Tensor> = composed(
  {
    name: "columnStack",
    torch: "torch.column_stack",
    samples: () => [[[input([2]), input([2])]], [[input([2, 3]), input([2])]], [[input([2]), input([3])]]],
  },
  (tensors: readonly Tensor[]): Tensor =>
    hstack(tensors.map((each) => (each.ndim <= 1 ? each.reshape([each.count, 1]) : each))),
);
