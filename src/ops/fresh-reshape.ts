/**
 * Fresh results under another shape. Nobody else has seen them, so they are no views; PyTorch's nodes for it differ by place.
 */

import { contiguousStrides, toSize } from "../shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { needsNothing, op } from "./op.ts";

/** A fresh result in another shape: shares its bytes, but as nobody else has it, it counts as no view. */
export function freshReshape(gradName: string): Op<(self: Tensor, shape: readonly number[]) => Tensor> {
  return op({
    name: "reshapeFresh",
    gradName,
    inputs: ["self"],
    forward(self, lengths: readonly number[]) {
      const { storage, dtype, offset, count, version } = self;
      const shape = toSize(lengths.slice());
      return new Tensor(storage, dtype, shape, contiguousStrides(shape), offset, count, version, null);
    },
    // The elements stay where they are: so does the gradient.
    backward: { self: needsNothing((g, { shape }) => g.reshape(shape)) },
    samples: () => [],
  });
}
