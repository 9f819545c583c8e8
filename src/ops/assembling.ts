/**
 * Functions that put tensors together, or make them fit together: columns, common shapes.
 */

import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
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
    const shape = tensors.map((each) => each.shape).reduce(broadcastShapes);
    return tensors.map((each) => each.expand(shape));
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
