/**
 * Elements by the coordinates that an index tensor gives along one dimension: read, written, added.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, countOf, shapeText, toAxis, toSize } from "../shape.ts";
import { convertItems, denseItems, fillDense } from "../tensor/elements.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import {
  atLeastVector,
  corner,
  indexNumbers,
  isIndexDtype,
  placesOf,
  readPlaces,
  writePlaces,
} from "./gathering-places.ts";
import { combineAt } from "./gathering-sums.ts";
import { requireTensor } from "./matrix-product.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import { pad } from "./padding.ts";
import { input } from "./samples.ts";
import { writingOp } from "./twin.ts";

function checkIndex(name: string, self: Tensor, dim: number, index: Tensor): number {
  requireTensor(name, "index", 2, index);
  const axis = toAxis(dim, self.shape.length);
  if (index.count > 0 && !isIndexDtype(index)) {
    throw torchError("RuntimeError", `${name}(): Expected dtype int32/int64 for index`);
  }
  return axis;
}

const gatherAt: Op<(self: Tensor, index: Tensor, dim: number) => Tensor> = op({
  name: "gather",
  inputs: ["self", "index"],
  forward(self, index, dim: number) {
    const axis = checkIndex("gather", self, dim, index);
    const out = newTensor(self.dtype, index.shape, self.device);
    if (index.count === 0) return out;
    const [source, places] = [atLeastVector(self), atLeastVector(index)];
    if (source.shape.length !== places.shape.length) {
      throw torchError(
        "RuntimeError",
        "Index tensor must have the same number of dimensions as input tensor",
      );
    }
    places.shape.forEach((length, at) => {
      if (at === axis || length <= source.shape[at]!) return;
      throw torchError(
        "RuntimeError",
        `Size does not match at dimension ${at} expected index ${shapeText(index.shape)} to be no larger than self ${shapeText(self.shape)} apart from dimension ${axis}`,
      );
    });
    if (out.device === "cpu") readPlaces(source, placesOf(source, axis, places), out);
    return out;
  },
  // Zeros, with the gradients added up at the places they came from.
  backward: {
    self: needs(["index"], (g, { index, shape }, dim: number) =>
      newTensor(g.dtype, shape, g.device).scatterAdd(dim, index, g),
    ),
  },
  samples: () => [],
});

/**
 * The elements that an index names along a dimension: `out[i][j] = self[index[i][j]][j]` for `dim` 0.
 *
 * Shape: the index's, which is no longer than self but along `dim`.
 * Throws: PyTorch's RuntimeErrors for indices out of range, of other dtypes than int64 and int32, and shapes that do not
 * fit.
 *
 * @example
 * tensor([[1, 2], [3, 4]]).gather(1, tensor([[0], [1]])); // tensor([[1], [4]])
 */
export const gather: Op<(self: Tensor, dim: number, index: Tensor) => Tensor> = composed(
  {
    name: "gather",
    samples: () => [
      [input([3, 2]), 0, input([2, 2], { values: [0, 2, 1, 0], dtype: "int64" })],
      [input([2, 3], { layout: "transposed" }), -1, input([2, 2], { values: [0, 2, 1, 0], dtype: "int64" })],
      [input([3]), 0, input([4], { values: [0, 2, 1, 0], dtype: "int32" })],
      [input([]), 0, input([], { values: [0], dtype: "int64" })],
      [input([3]), 0, input([0], { dtype: "int64" })],
      [input([2, 2, 3]), 1, input([1, 2, 2], { values: [0, 1, 1, 0], dtype: "int64" })],
      [input([2, 3]), 0, input([2, 3], { dtype: "float32" })],
      [input([2, 3]), 0, input([2], { values: [0, 1], dtype: "int64" })],
      [input([2, 3]), 0, input([1, 4], { values: [0, 1, 0, 1], dtype: "int64" })],
      [input([2, 3]), 0, input([1, 1], { values: [2], dtype: "int64" })],
      [input([2, 3]), 1, input([1, 1], { values: [-1], dtype: "int64" })],
    ],
  },
  (self: Tensor, dim: number, index: Tensor): Tensor => gatherAt(self, index, dim),
);

/**
 * As `gather`, where self and index broadcast but along `dim`; without `dim`, of the flattened tensor.
 */
export const takeAlongDim: Op<(self: Tensor, index: Tensor, dim?: number | null) => Tensor> = composed(
  {
    name: "takeAlongDim",
    samples: () => [
      [input([2, 3]), input([2, 1], { values: [2, 0], dtype: "int64" }), 1],
      [input([2, 3]), input([1, 3], { values: [1, 0, 1], dtype: "int64" }), 0],
      [input([2, 3]), input([2], { values: [5, 0], dtype: "int64" })],
    ],
  },
  (self: Tensor, index: Tensor, dim?: number | null): Tensor => {
    if (dim === undefined || dim === null) return self.reshape(-1).gather(0, index.reshape(-1));
    const axis = toAxis(dim, self.shape.length);
    if (self.shape.length !== index.shape.length) {
      throw torchError(
        "RuntimeError",
        `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${self.shape.length} dimensions for input, and ${index.shape.length} dimensions for indices`,
      );
    }
    const one = (shape: readonly number[]): number[] => shape.map((length, at) => (at === axis ? 1 : length));
    const common = broadcastShapes(toSize(one(self.shape)), toSize(one(index.shape)));
    const wide = (each: Tensor): Tensor =>
      each.expand(common.map((length, at) => (at === axis ? each.shape[axis]! : length)));
    return wide(self).gather(axis, wide(index));
  },
);

/** Throws PyTorch's RuntimeErrors where index and source do not fit the tensor that is written. */
export function checkScatter(
  name: string,
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | null,
): number {
  const axis = checkIndex("scatter", self, dim, index);
  if (index.count === 0) return axis;
  if (src !== null && src.dtype !== self.dtype) {
    throw torchError("RuntimeError", `${name}(): Expected self.dtype to be equal to src.dtype`);
  }
  const [target, places] = [atLeastVector(self), atLeastVector(index)];
  for (const [other, what] of [
    [target, "self"],
    [src === null ? target : atLeastVector(src), "src"],
  ] as const) {
    if (other.shape.length === places.shape.length) continue;
    throw torchError(
      "RuntimeError",
      `Index tensor must have the same number of dimensions as ${what} tensor`,
    );
  }
  const source = src === null ? null : atLeastVector(src);
  const isTooLarge = places.shape.some(
    (length, at) =>
      (at !== axis && length > target.shape[at]!) || (source !== null && length > source.shape[at]!),
  );
  if (isTooLarge) {
    const beyond = src === null ? "" : ` and to be no larger size than src ${shapeText(src.shape)}`;
    throw torchError(
      "RuntimeError",
      `Expected index ${shapeText(index.shape)} to be no larger than self ${shapeText(self.shape)} apart from dimension ${axis}${beyond}`,
    );
  }
  return axis;
}

const scatterTensor: InPlaceOp<(self: Tensor, index: Tensor, src: Tensor, dim: number) => Tensor> = writingOp(
  {
    name: "scatter",
    inputs: ["self", "index", "src"],
    check: (self, index, src, dim: number) => checkScatter("scatter", self, dim, index, src),
    write(out, index, src, dim: number) {
      if (index.count === 0) return;
      const [target, numbers] = [atLeastVector(out), atLeastVector(index)];
      const places = placesOf(target, toAxis(dim, target.shape.length), numbers);
      writePlaces(target, places, denseItems(corner(atLeastVector(src), numbers.shape)));
    },
    backward: {
      // What was overwritten has no influence.
      self: needs(["index"], (g, { index }, dim: number) => g.scatter(dim, index, 0)),
      // ∂out[index]/∂src = 1
      src: needs(["index"], (g, { index, shape }, dim: number) => fitted(g.gather(dim, index), shape)),
    },
    samples: () => [],
  },
);

/** A gradient of the corner that the index covered, with zeros around it. */
function fitted(gradient: Tensor, shape: readonly number[]): Tensor {
  if (gradient.count === countOf(shape)) return gradient.reshape(shape);
  if (gradient.count === 0) return newTensor(gradient.dtype, toSize(shape.slice()), gradient.device);
  const padding = shape.flatMap((length, axis) => [0, length - gradient.shape[axis]!]);
  const reversed: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--)
    reversed.push(padding[2 * axis]!, padding[2 * axis + 1]!);
  return pad(gradient, reversed);
}

const scatterValue: InPlaceOp<(self: Tensor, index: Tensor, value: ScalarArgument, dim: number) => Tensor> =
  writingOp({
    name: "scatter",
    gradName: "ScatterBackward1",
    inputs: ["self", "index"],
    check: (self, index, value: ScalarArgument, dim: number) => {
      checkScatter("scatter", self, dim, index, null);
      checkedScalar(value, self.dtype);
    },
    write(out, index, value: ScalarArgument, dim: number) {
      if (index.count === 0) return;
      const [target, numbers] = [atLeastVector(out), atLeastVector(index)];
      const one = newTensor(out.dtype, toSize([1]));
      fillDense(one, checkedScalar(value, out.dtype));
      writePlaces(target, placesOf(target, toAxis(dim, target.shape.length), numbers), denseItems(one));
    },
    backward: {
      // What was overwritten has no influence.
      self: needs(["index"], (g, { index }, _value: ScalarArgument, dim: number) => g.scatter(dim, index, 0)),
    },
    samples: () => [],
  });

type Scatter = (self: Tensor, dim: number, index: Tensor, src: Tensor | ScalarArgument) => Tensor;

/**
 * A copy in which the elements that an index names along a dimension are those of `src`, or a number:
 * `out[index[i][j]][j] = src[i][j]` for `dim` 0. Where several go to one place, the last one stays.
 *
 * Throws: PyTorch's RuntimeErrors for indices out of range and shapes or dtypes that do not fit.
 *
 * @example
 * zeros(2, 3).scatter(1, tensor([[0], [2]]), 1); // tensor([[1., 0., 0.], [0., 0., 1.]])
 */
export const scatter: InPlaceOp<Scatter> = Object.assign(
  composed(
    {
      name: "scatter",
      samples: () => [
        [input([2, 3]), 0, input([1, 3], { values: [0, 1, 1], dtype: "int64" }), input([1, 3])],
        [input([3, 2]), 1, input([2, 2], { values: [0, 1, 1, 0], dtype: "int64" }), input([2, 2])],
        [
          input([3, 2], { layout: "transposed" }),
          1,
          input([2, 1], { values: [0, 1], dtype: "int64" }),
          input([2, 1]),
        ],
        [input([2, 3]), -1, input([2, 1], { values: [2, 0], dtype: "int32" }), 5],
        [input([2, 3]), 0, input([0], { dtype: "int64" }), 1],
        [input([]), 0, input([], { values: [0], dtype: "int64" }), input([])],
        [input([2, 3]), 0, input([1, 3], { values: [0, 1, 1], dtype: "int64" }), input([1, 2])],
        [input([2, 3]), 0, input([1, 4], { values: [0, 1, 1, 0], dtype: "int64" }), 1],
        [input([2, 3]), 0, input([2], { values: [0, 1], dtype: "int64" }), input([2])],
        [input([2, 3]), 0, input([1, 1], { values: [2], dtype: "int64" }), 1],
        [input([2, 3]), 0, input([1, 1]), 1],
        [input([2, 3]), 0, input([1, 1], { values: [1], dtype: "int64" }), input([1, 1], { dtype: "int32" })],
      ],
    },
    (self: Tensor, dim: number, index: Tensor, src: Tensor | ScalarArgument): Tensor =>
      isTensor(src) ? scatterTensor(self, index, src, dim) : scatterValue(self, index, src, dim),
  ),
  {
    inPlace: (self: Tensor, dim: number, index: Tensor, src: Tensor | ScalarArgument): Tensor =>
      isTensor(src)
        ? scatterTensor.inPlace(self, index, src, dim)
        : scatterValue.inPlace(self, index, src, dim),
  },
);

const scatterAddAt: InPlaceOp<(self: Tensor, index: Tensor, src: Tensor, dim: number) => Tensor> = writingOp({
  name: "scatterAdd",
  inputs: ["self", "index", "src"],
  check: (self, index, src, dim: number) => checkScatter("scatter", self, dim, index, src),
  write(out, index, src, dim: number) {
    if (index.count === 0) return;
    const [target, numbers] = [atLeastVector(out), atLeastVector(index)];
    const places = placesOf(target, toAxis(dim, target.shape.length), numbers);
    combineAt(target, places, denseItems(corner(atLeastVector(src), numbers.shape)), "sum");
  },
  backward: {
    // ∂/∂self = 1
    self: needs([], (g) => g),
    // ∂out[index]/∂src = 1
    src: needs(["index"], (g, { index, shape }, dim: number) => fitted(g.gather(dim, index), shape)),
  },
  samples: () => [],
});

/**
 * A copy to which elements are added at the places that an index names: `out[index[i][j]][j] += src[i][j]` for `dim` 0.
 *
 * Throws: as `scatter`.
 */
export const scatterAdd: InPlaceOp<(self: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor> =
  Object.assign(
    composed(
      {
        name: "scatterAdd",
        samples: () => [
          [input([2, 3]), 0, input([2, 3], { values: [0, 1, 0, 0, 0, 1], dtype: "int64" }), input([2, 3])],
          [input([3, 2]), 1, input([2, 1], { values: [1, 0], dtype: "int64" }), input([2, 1])],
          [input([3]), 0, input([4], { values: [0, 2, 1, 0], dtype: "int32" }), input([4])],
          [input([2, 3]), 0, input([1, 1], { values: [2], dtype: "int64" }), input([1, 1])],
        ],
      },
      (self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor => scatterAddAt(self, index, src, dim),
    ),
    {
      inPlace: (self: Tensor, dim: number, index: Tensor, src: Tensor): Tensor =>
        scatterAddAt.inPlace(self, index, src, dim),
    },
  );

/** Counts negative indices of a flat tensor from its end. Throws: PyTorch's IndexErrors. */
function flatNumbers(self: Tensor, index: Tensor): Tensor {
  if (index.dtype !== dtypes.int64) {
    throw torchError(
      "RuntimeError",
      `take(): Expected a long tensor for index, but got ${index.dtype.scalarType}`,
    );
  }
  if (self.count === 0 && index.count > 0) {
    throw torchError("IndexError", "take(): tried to take from an empty tensor");
  }
  const numbers = indexNumbers(index);
  const out = newTensor(index.dtype, index.shape);
  const counted = Float64Array.from(numbers, (number) => {
    if (number < -self.count || number >= self.count) {
      throw torchError(
        "IndexError",
        `out of range: tried to access index ${number} on a tensor of ${self.count} elements.`,
      );
    }
    return number < 0 ? number + self.count : number;
  });
  out.items.set(convertItems(counted, dtypes.float64, index.dtype, index.count) as never);
  return out;
}

const takeAt: Op<(self: Tensor, index: Tensor) => Tensor> = op({
  name: "take",
  inputs: ["self", "index"],
  forward(self, index) {
    requireTensor("take", "index", 1, index);
    const numbers = flatNumbers(self, index);
    return self.detach().reshape(-1).gather(0, numbers.reshape(-1)).view(index.shape);
  },
  // Zeros, with the gradients added up at the places they came from.
  backward: {
    self: needs(["index"], (g, { index, shape }) => {
      const flat = newTensor(g.dtype, toSize([countOf(shape)]), g.device);
      return flat.scatterAdd(0, flatNumbers(flat, index).reshape(-1), g.reshape(-1)).view(shape);
    }),
  },
  samples: () => [],
});

/**
 * The elements of the flattened tensor that an index names; negative numbers count from the end.
 *
 * Shape: the index's.
 * Throws: PyTorch's errors for indices out of range and of another dtype than int64.
 */
export const take: Op<(self: Tensor, index: Tensor) => Tensor> = composed(
  {
    name: "take",
    samples: () => [
      [input([2, 3]), input([2, 2], { values: [0, 5, -1, 2], dtype: "int64" })],
      [input([2, 3], { layout: "transposed" }), input([2], { values: [1, 1], dtype: "int64" })],
      [input([2, 3]), input([1], { values: [6], dtype: "int64" })],
      [input([2, 3]), input([1], { values: [0], dtype: "float32" })],
      [input([0]), input([1], { values: [0], dtype: "int64" })],
    ],
  },
  (self: Tensor, index: Tensor): Tensor => takeAt(self, index),
);
