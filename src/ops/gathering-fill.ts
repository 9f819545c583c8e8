/**
 * Slices filled with one value, by their numbers along one dimension.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { toAxis, toSize } from "../shape.ts";
import { convertItems, denseItems, fillDense } from "../tensor/elements.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import { atLeastVector, indexNumbers, writePlaces } from "./gathering-places.ts";
import { lengthAlong, slicePlaces } from "./gathering-slices.ts";
import { requireTensor } from "./matrix-product.ts";
import type { InPlaceOp } from "./op.ts";
import { composed, needs } from "./op.ts";
import { input } from "./samples.ts";
import { writingOp } from "./twin.ts";

function checkFill(self: Tensor, index: Tensor, dim: number): number {
  requireTensor("index_fill", "index", 2, index);
  const axis = toAxis(dim, self.shape.length);
  if (index.dtype !== dtypes.int64) {
    throw torchError("IndexError", "index_fill_(): Expected dtype int64 for index.");
  }
  if (index.shape.length > 1) throw torchError("RuntimeError", "Index has to be a vector/scalar");
  return axis;
}

/** The index with negative numbers counted from the end. Throws: PyTorch's IndexError outside. */
function wrapped(index: Tensor, axis: number, length: number): Tensor {
  const numbers = Float64Array.from(indexNumbers(index), (number) => {
    if (number < -length || number >= length) {
      throw torchError(
        "IndexError",
        `index ${number} is out of bounds for dimension ${axis} with size ${length}`,
      );
    }
    return number < 0 ? number + length : number;
  });
  const out = newTensor(index.dtype, index.shape);
  out.items.set(convertItems(numbers, dtypes.float64, index.dtype, index.count) as never);
  return out;
}

function fillSlices(out: Tensor, index: Tensor, dim: number, element: Tensor): void {
  const target = atLeastVector(out);
  const axis = toAxis(dim, target.shape.length);
  const places = slicePlaces(target, axis, wrapped(index, axis, target.shape[axis]!));
  writePlaces(target, places, denseItems(element));
}

const fillTensor: InPlaceOp<(self: Tensor, index: Tensor, value: Tensor, dim: number) => Tensor> = writingOp({
  name: "indexFill",
  gradName: "IndexFillBackward1",
  inputs: ["self", "index", "value"],
  keepsOrder: true,
  check(self, index, value, dim: number) {
    if (value.shape.length > 0) {
      throw torchError(
        "RuntimeError",
        `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
      );
    }
    const axis = checkFill(self, index, dim);
    wrapped(index, axis, lengthAlong(self, axis));
  },
  write(out, index, value, dim: number) {
    if (index.count > 0) fillSlices(out, index, dim, value.detach().to(out.dtype));
  },
  backward: {
    // What was overwritten has no influence.
    self: needs(["index"], (g, { index }, dim: number) => g.indexFill(dim, index, 0)),
    // Every element of the slices is the value.
    value: needs(["index"], (g, { index }, dim: number) =>
      g
        .indexSelect(
          dim,
          wrapped(index, toAxis(dim, g.shape.length), lengthAlong(g, toAxis(dim, g.shape.length))),
        )
        .sum(),
    ),
  },
  samples: () => [],
});

const fillValue: InPlaceOp<(self: Tensor, index: Tensor, value: NumberArgument, dim: number) => Tensor> =
  writingOp({
    name: "indexFill",
    inputs: ["self", "index"],
    keepsOrder: true,
    check(self, index, value: NumberArgument, dim: number) {
      const axis = checkFill(self, index, dim);
      wrapped(index, axis, lengthAlong(self, axis));
      checkedScalar(value, self.dtype);
    },
    write(out, index, value: NumberArgument, dim: number) {
      const one = newTensor(out.dtype, toSize([1]));
      fillDense(one, checkedScalar(value, out.dtype));
      if (index.count > 0) fillSlices(out, index, dim, one);
    },
    backward: {
      // What was overwritten has no influence.
      self: needs(["index"], (g, { index }, _value: NumberArgument, dim: number) =>
        g.indexFill(dim, index, 0),
      ),
    },
    samples: () => [],
  });

/**
 * A copy in which the slices that a vector names have one value, a number or a tensor without dimensions. Negative
 * indices count from the end.
 *
 * Throws: PyTorch's errors for indices out of range and for values with dimensions.
 */
export const indexFill: InPlaceOp<
  (self: Tensor, dim: number, index: Tensor, value: NumberArgument | Tensor) => Tensor
> = Object.assign(
  composed(
    {
      name: "indexFill",
      samples: () => [
        [input([3, 2]), 0, input([2], { values: [0, -1], dtype: "int64" }), 2],
        [input([2, 3], { layout: "transposed" }), 1, input([1], { values: [1], dtype: "int64" }), input([])],
        [input([3, 2]), 0, input([1], { values: [3], dtype: "int64" }), 2],
        [input([3, 2]), 0, input([1], { values: [0], dtype: "int64" }), input([2])],
        [input([3, 2]), 0, input([1], { values: [0], dtype: "float32" }), 2],
        [input([3, 2]), 0, input([1, 1], { values: [0], dtype: "int64" }), 2],
      ],
    },
    (self: Tensor, dim: number, index: Tensor, value: NumberArgument | Tensor): Tensor =>
      isTensor(value) ? fillTensor(self, index, value, dim) : fillValue(self, index, value, dim),
  ),
  {
    inPlace: (self: Tensor, dim: number, index: Tensor, value: NumberArgument | Tensor): Tensor =>
      isTensor(value)
        ? fillTensor.inPlace(self, index, value, dim)
        : fillValue.inPlace(self, index, value, dim),
  },
);
