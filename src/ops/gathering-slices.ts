/**
 * Whole slices by their numbers along one dimension: `indexSelect` and the ops that write slices.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { shapeText, toAxis, toSize } from "../shape.ts";
import { denseItems } from "../tensor/elements.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, viewOf } from "../tensor/tensor.ts";
import type { Places } from "./gathering-places.ts";
import {
  atLeastVector,
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
import { input } from "./samples.ts";
import { writingOp } from "./twin.ts";

/** The items of the slices that a vector of indices names, in row-major order of the slices. */
export function slicePlaces(self: Tensor, axis: number, index: Tensor): Places {
  const vector = atLeastVector(index);
  const shape = self.shape.slice();
  shape[axis] = vector.count;
  const strides = shape.map((_, at) => (at === axis ? vector.strides[0]! : 0));
  return placesOf(self, axis, viewOf(vector, toSize(shape), strides, vector.offset));
}

/** Throws what `error` makes of the first index that is out of range. */
function checkRange(index: Tensor, length: number, error: (found: number) => Error): void {
  const numbers = indexNumbers(index);
  for (let k = 0; k < numbers.length; k++) {
    if (numbers[k]! < 0 || numbers[k]! >= length) throw error(numbers[k]!);
  }
}

/** The length along a dimension; a tensor without dimensions has one slice. */
export function lengthAlong(self: Tensor, axis: number): number {
  return self.shape.length === 0 ? 1 : self.shape[axis]!;
}

const selectSlices: Op<(self: Tensor, index: Tensor, dim: number) => Tensor> = op({
  name: "indexSelect",
  inputs: ["self", "index"],
  forward(self, index, dim: number) {
    requireTensor("index_select", "index", 2, index);
    const axis = toAxis(dim, self.shape.length);
    if (index.shape.length > 1) {
      throw torchError("IndexError", "index_select(): Index is supposed to be a vector");
    }
    if (!isIndexDtype(index)) {
      throw torchError("RuntimeError", "index_select(): Expected dtype int32 or int64 for index");
    }
    if (self.shape.length === 0 && index.count !== 1) {
      throw torchError(
        "RuntimeError",
        `index_select(): Index to scalar can have only 1 value, got ${index.count} value(s)`,
      );
    }
    const length = lengthAlong(self, axis);
    checkRange(index, length, () => torchError("IndexError", "index out of range in self"));
    const shape = self.shape.slice();
    if (shape.length > 0) shape[axis] = index.count;
    const out = newTensor(self.dtype, toSize(shape), self.device);
    const source = atLeastVector(self);
    if (out.device === "cpu" && out.count > 0) readPlaces(source, slicePlaces(source, axis, index), out);
    return out;
  },
  // Zeros, with the gradients added up at the slices they came from.
  backward: {
    self: needs(["index"], (g, { index, shape }, dim: number) =>
      newTensor(g.dtype, shape, g.device).indexAdd(dim, index, g),
    ),
  },
  samples: () => [],
});

/**
 * The slices along a dimension that a vector names, in its order.
 *
 * Shape: as self, with the index's length along `dim`.
 * Throws: PyTorch's errors for indices out of range (also negative ones), of other dtypes than int64 and int32.
 *
 * @example
 * tensor([[1, 2], [3, 4]]).indexSelect(0, tensor([1, 1])); // tensor([[3, 4], [3, 4]])
 */
export const indexSelect: Op<(self: Tensor, dim: number, index: Tensor) => Tensor> = composed(
  {
    name: "indexSelect",
    samples: () => [
      [input([3, 2]), 0, input([4], { values: [0, 2, 1, 0], dtype: "int64" })],
      [input([3, 2], { layout: "transposed" }), -1, input([1], { values: [1], dtype: "int32" })],
      [input([3]), 0, input([], { values: [1], dtype: "int64" })],
      [input([]), 0, input([1], { values: [0], dtype: "int64" })],
      [input([3, 2]), 0, input([0], { dtype: "int64" })],
      [input([3]), 0, input([1], { values: [3], dtype: "int64" })],
      [input([3]), 0, input([1], { values: [-1], dtype: "int64" })],
      [input([3]), 0, input([1], { values: [0], dtype: "float32" })],
      [input([3]), 0, input([1, 1], { values: [0], dtype: "int64" })],
      [input([]), 0, input([2], { values: [0, 0], dtype: "int64" })],
    ],
  },
  (self: Tensor, dim: number, index: Tensor): Tensor => selectSlices(self, index, dim),
);

/** Options of `indexAdd`. */
export interface IndexAddOptions {
  /** Multiplies what is added; default 1. */
  readonly alpha?: ScalarArgument;
}

/**
 * Checks slices that meet others at their places. `name` is the op's in PyTorch.
 *
 * Throws: PyTorch's errors for indices out of range and for shapes and dtypes that do not fit.
 */
export function checkMeeting(name: string, self: Tensor, index: Tensor, source: Tensor, dim: number): void {
  requireTensor(name, "index", 2, index);
  requireTensor(name, "source", 3, source);
  const axis = toAxis(dim, self.shape.length);
  if (index.shape.length > 1) {
    throw torchError(
      "IndexError",
      `${name}_(): Index is supposed to be a vector, but got dim: ${index.shape.length} with type: ${index.dtype.scalarType} and size: ${shapeText(index.shape)}`,
    );
  }
  if (!isIndexDtype(index)) {
    throw torchError(
      "RuntimeError",
      `${name}_(): Expected dtype int32/int64 for index but got: ${index.dtype.scalarType}`,
    );
  }
  if (self.dtype !== source.dtype) {
    throw torchError(
      "RuntimeError",
      `${name}_(): self (${self.dtype.scalarType}) and source (${source.dtype.scalarType}) must have the same scalar type`,
    );
  }
  const along = lengthAlong(source, axis);
  if (index.count !== along) {
    throw torchError(
      "RuntimeError",
      `${name}_(): Number of indices (${index.count}) should be equal to source.size(dim): (${along}), for dim: ${axis}`,
    );
  }
  const rest = (each: Tensor): string => each.shape.filter((_, at) => at !== axis).join();
  if (self.shape.length !== source.shape.length || rest(self) !== rest(source)) {
    throw torchError(
      "RuntimeError",
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${shapeText(self.shape)} source.shape = ${shapeText(source.shape)}`,
    );
  }
  const length = lengthAlong(self, axis);
  checkRange(index, length, (found) =>
    self.shape.length <= 1 || name === "index_reduce"
      ? torchError("IndexError", "index out of range in self")
      : torchError(
          "RuntimeError",
          `index ${found} is out of bounds for dimension ${axis} with size ${length}`,
        ),
  );
}

function scaled(source: Tensor, options: IndexAddOptions | undefined): Tensor {
  return options?.alpha === undefined ? source : source.mul(options.alpha);
}

const addSlices: InPlaceOp<
  (self: Tensor, index: Tensor, source: Tensor, dim: number, options?: IndexAddOptions) => Tensor
> = writingOp({
  name: "indexAdd",
  inputs: ["self", "index", "source"],
  check: (self, index, source, dim: number) => checkMeeting("index_add", self, index, source, dim),
  write(out, index, source, dim: number, options?: IndexAddOptions) {
    if (index.count === 0) return;
    const target = atLeastVector(out);
    const places = slicePlaces(target, toAxis(dim, target.shape.length), index);
    combineAt(target, places, denseItems(scaled(source.detach(), options).to(out.dtype)), "sum");
  },
  backward: {
    // ∂/∂self = 1
    self: needs([], (g) => g),
    // ∂out[index]/∂source = α
    source: needs(["index"], (g, { index, shape }, dim: number, options?: IndexAddOptions) =>
      scaled(g.indexSelect(dim, index), options).view(shape),
    ),
  },
  samples: () => [],
});

/** Puts the dimension where PyTorch has it: behind the tensor that is written, before the index. */
function reordered<Rest extends unknown[]>(
  run: InPlaceOp<(self: Tensor, index: Tensor, source: Tensor, dim: number, ...rest: Rest) => Tensor>,
  name: string,
  samples: Parameters<typeof composed>[0]["samples"],
): InPlaceOp<(self: Tensor, dim: number, index: Tensor, source: Tensor, ...rest: Rest) => Tensor> {
  return Object.assign(
    composed(
      { name, samples },
      (self: Tensor, dim: number, index: Tensor, source: Tensor, ...rest: Rest): Tensor =>
        run(self, index, source, dim, ...rest),
    ),
    {
      inPlace: (self: Tensor, dim: number, index: Tensor, source: Tensor, ...rest: Rest): Tensor =>
        run.inPlace(self, index, source, dim, ...rest),
    },
  );
}

/**
 * A copy to which slices are added: `out[index[i]] += alpha · source[i]`.
 *
 * Throws: PyTorch's errors for indices out of range and for shapes and dtypes that do not fit.
 */
export const indexAdd: InPlaceOp<
  (self: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions) => Tensor
> = reordered(addSlices, "indexAdd", () => [
  [input([3, 2]), 0, input([3], { values: [0, 2, 0], dtype: "int64" }), input([3, 2])],
  [
    input([2, 3], { layout: "transposed" }),
    1,
    input([1], { values: [1], dtype: "int32" }),
    input([2, 1]),
    { alpha: 2 },
  ],
  [input([3]), 0, input([1], { values: [1], dtype: "int64" }), input([1])],
  [input([3, 2]), 0, input([1], { values: [0], dtype: "int64" }), input([2, 2])],
  [input([3, 2]), 0, input([1], { values: [0], dtype: "int64" }), input([1, 3])],
  [input([3, 2]), 0, input([1], { values: [3], dtype: "int64" }), input([1, 2])],
  [input([3]), 0, input([1], { values: [-1], dtype: "int64" }), input([1])],
  [input([3, 2]), 0, input([1], { values: [0], dtype: "float32" }), input([1, 2])],
]);

function checkCopy(self: Tensor, index: Tensor, source: Tensor, dim: number): void {
  requireTensor("index_copy", "index", 2, index);
  requireTensor("index_copy", "source", 3, source);
  const axis = toAxis(dim, self.shape.length);
  const ranks = [source.shape.length, self.shape.length] as const;
  if (index.shape.length > 1) {
    throw torchError(
      "IndexError",
      `index_copy_(): Index should have dimension 1 or 0 (got ${index.shape.length})`,
    );
  }
  if (ranks[0] === 0 && index.count !== 1) {
    throw torchError(
      "IndexError",
      `index_copy_(): When source is scalar, index should have one element (got ${index.count})`,
    );
  }
  if (ranks[0] !== ranks[1] && ranks[0] !== 0 && ranks[1] !== 0) {
    throw torchError(
      "IndexError",
      `index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality (${ranks[0]}), destination dimensionality (${ranks[1]})`,
    );
  }
  if (index.dtype !== dtypes.int64) {
    throw torchError(
      "RuntimeError",
      `index_copy_(): Expected a long tensor for index, but got ${index.dtype.scalarType}`,
    );
  }
  if (self.dtype !== source.dtype) {
    throw torchError(
      "RuntimeError",
      `index_copy_(): self and source expected to have the same dtype, but got (self) ${self.dtype.scalarType} and (source) ${source.dtype.scalarType}`,
    );
  }
  const rest = (each: Tensor): string => each.shape.filter((_, at) => at !== axis).join(" ");
  if (rest(self) !== rest(source)) {
    throw torchError(
      "RuntimeError",
      `index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ${rest(self)} at dimension ${axis} and source slice shape: ${rest(source)} at dimension ${ranks[0] === 0 ? 0 : axis}.`,
    );
  }
  const along = lengthAlong(source, axis);
  if (index.count !== along) {
    throw torchError(
      "IndexError",
      `index_copy_(): Number of indices (${index.count}) should be equal to source.size(dim) (${along})`,
    );
  }
  const length = lengthAlong(self, axis);
  checkRange(index, length, (found) =>
    torchError(
      "IndexError",
      `index_copy_(): index ${found} is out of bounds for dimension ${axis} with size ${length}`,
    ),
  );
}

const copySlices: InPlaceOp<(self: Tensor, index: Tensor, source: Tensor, dim: number) => Tensor> = writingOp(
  {
    name: "indexCopy",
    inputs: ["self", "index", "source"],
    check: checkCopy,
    write(out, index, source, dim: number) {
      if (index.count === 0) return;
      const target = atLeastVector(out);
      writePlaces(target, slicePlaces(target, toAxis(dim, target.shape.length), index), denseItems(source));
    },
    backward: {
      // What was overwritten has no influence.
      self: needs(["index"], (g, { index }, dim: number) => g.indexFill(dim, index, 0)),
      // ∂out[index]/∂source = 1
      source: needs(["index"], (g, { index, shape }, dim: number) => g.indexSelect(dim, index).view(shape)),
    },
    samples: () => [],
  },
);

/**
 * A copy in which slices are those of another tensor: `out[index[i]] = source[i]`.
 *
 * Throws: PyTorch's errors for indices out of range and for shapes and dtypes that do not fit.
 */
export const indexCopy: InPlaceOp<(self: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor> =
  reordered(copySlices, "indexCopy", () => [
    [input([3, 2]), 0, input([2], { values: [0, 2], dtype: "int64" }), input([2, 2])],
    [input([2, 3], { layout: "transposed" }), 1, input([1], { values: [1], dtype: "int64" }), input([2, 1])],
    [input([3, 2]), 0, input([1], { values: [0], dtype: "int64" }), input([2, 2])],
    [input([3, 2]), 0, input([1], { values: [0], dtype: "int64" }), input([1, 3])],
    [input([3, 2]), 0, input([1], { values: [3], dtype: "int64" }), input([1, 2])],
    [input([3, 2]), 0, input([1], { values: [0], dtype: "int32" }), input([1, 2])],
  ]);
