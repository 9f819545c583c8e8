/**
 * Elements where a mask is true: filled, selected, replaced; and the places where a tensor is not zero.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, countOf, sameShape, toSize } from "../shape.ts";
import { denseItems, fillDense, itemsPerElement, noData, scatterItems } from "../tensor/elements.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import { requireOutputShape } from "./outputs.ts";
import { cppName, requireTensor } from "./matrix-product.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed, needs, op } from "./op.ts";
import { input } from "./samples.ts";
import { writingOp } from "./twin.ts";

/** A mask in the shape of the tensor it is for, as bytes in row-major order. */
function bytesOf(mask: Tensor, shape: readonly number[]): Uint8Array {
  const spread = sameShape(mask.shape, shape) ? mask : mask.detach().expand(shape);
  return denseItems(spread) as Uint8Array;
}

function cName(dtype: DType): string {
  return dtype === dtypes.int64 ? "long int" : cppName(dtype);
}

function checkMask(self: Tensor, mask: Tensor): void {
  requireTensor("masked_fill", "mask", 1, mask);
  if (mask.dtype !== dtypes.bool) {
    throw torchError(
      "RuntimeError",
      `masked_fill_ only supports boolean masks, but got mask with dtype ${cName(mask.dtype)}`,
    );
  }
  requireBroadcast(self, mask);
}

function requireBroadcast(self: Tensor, mask: Tensor): void {
  requireOutputShape(self, broadcastShapes(self.shape, mask.shape));
}

/** Sets the items of a tensor where the mask is true to those of one element of its dtype. */
function fillMasked(out: Tensor, mask: Tensor, element: Tensor): void {
  const where = bytesOf(mask, out.shape);
  const width = itemsPerElement(out.dtype);
  const dense = denseItems(out) as Float64Array;
  const value = denseItems(element) as Float64Array;
  for (let k = 0; k < where.length; k++) {
    if (where[k] === 0) continue;
    for (let part = 0; part < width; part++) dense[k * width + part] = value[part]!;
  }
  if (!out.isContiguous()) scatterItems(dense, out);
}

const fillTensor: InPlaceOp<(self: Tensor, mask: Tensor, value: Tensor) => Tensor> = writingOp({
  name: "maskedFill",
  gradName: "MaskedFillBackward1",
  inputs: ["self", "mask", "value"],
  check(self, mask, value) {
    if (value.shape.length > 0) {
      throw torchError(
        "RuntimeError",
        `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
      );
    }
    checkMask(self, mask);
  },
  write(out, mask, value) {
    fillMasked(out, mask, value.detach().to(out.dtype));
  },
  backward: {
    // What was overwritten has no influence.
    self: needs(["mask"], (g, { mask }) => g.maskedFill(mask, 0)),
    // Every filled element is the value.
    value: needs(["mask"], (g, { mask }) => g.maskedSelect(mask).sum()),
  },
  samples: () => [],
});

const fillValue: InPlaceOp<(self: Tensor, mask: Tensor, value: NumberArgument) => Tensor> = writingOp({
  name: "maskedFill",
  inputs: ["self", "mask"],
  check(self, mask, value: NumberArgument) {
    checkMask(self, mask);
    checkedScalar(value, self.dtype);
  },
  write(out, mask, value: NumberArgument) {
    const element = newTensor(out.dtype, toSize([]));
    fillDense(element, checkedScalar(value, out.dtype));
    fillMasked(out, mask, element);
  },
  backward: {
    // What was overwritten has no influence.
    self: needs(["mask"], (g, { mask }) => g.maskedFill(mask, 0)),
  },
  samples: () => [],
});

/** A tensor in the shape to which it and a mask broadcast, as the out-of-place ops take it. */
function spreadTo(self: Tensor, mask: Tensor): Tensor {
  requireTensor("masked_fill", "mask", 1, mask);
  if (mask.dtype !== dtypes.bool) return self;
  const shape = broadcastShapes(mask.shape, self.shape);
  return sameShape(shape, self.shape) ? self : self.expand(shape);
}

/**
 * A copy in which the elements where the mask, which broadcasts, is true have one value.
 *
 * Throws: PyTorch's RuntimeErrors for masks that are not bool, for shapes that do not broadcast, and for values that the
 * dtype does not hold.
 *
 * @example
 * tensor([1, -1]).maskedFill(tensor([true, false]), 0); // tensor([ 0, -1])
 */
export const maskedFill: InPlaceOp<(self: Tensor, mask: Tensor, value: NumberArgument | Tensor) => Tensor> =
  Object.assign(
    composed(
      {
        name: "maskedFill",
        samples: () => [
          [input([2, 3]), input([3], { values: [1, 0, 1], dtype: "bool" }), 5],
          [
            input([2, 3], { layout: "transposed" }),
            input([2, 3], { values: [1, 0, 1, 0, 0, 1], dtype: "bool" }),
            0.5,
          ],
          [input([2, 3], { layout: "stepped" }), input([2, 1], { values: [1, 0], dtype: "bool" }), input([])],
          [input([2]), input([], { values: [1], dtype: "bool" }), -1],
          [input([0]), input([0], { dtype: "bool" }), 1],
          [input([2, 3]), input([3], { values: [1, 0, 1], dtype: "int64" }), 5],
          [input([2, 3]), input([2], { values: [1, 0], dtype: "bool" }), 5],
          [input([3]), input([3], { values: [1, 0, 1], dtype: "bool" }), input([2])],
          [input([3], { smooth: false }), input([3], { values: [1, 0, 1], dtype: "bool" }), -1e300],
        ],
      },
      (self: Tensor, mask: Tensor, value: NumberArgument | Tensor): Tensor => {
        const spread = spreadTo(self, mask);
        return isTensor(value) ? fillTensor(spread, mask, value) : fillValue(spread, mask, value);
      },
    ),
    {
      inPlace: (self: Tensor, mask: Tensor, value: NumberArgument | Tensor): Tensor =>
        isTensor(value) ? fillTensor.inPlace(self, mask, value) : fillValue.inPlace(self, mask, value),
    },
  );

/**
 * The elements where the mask is true, as a vector in row-major order. Mask and tensor broadcast.
 *
 * Throws: PyTorch's RuntimeErrors for masks that are not bool and for shapes that do not broadcast.
 */
export const maskedSelect: Op<(self: Tensor, mask: Tensor) => Tensor> = op({
  name: "maskedSelect",
  inputs: ["self", "mask"],
  forward(self, mask) {
    requireTensor("masked_select", "mask", 1, mask);
    if (mask.dtype !== dtypes.bool) {
      throw torchError("RuntimeError", "masked_select: expected BoolTensor for mask");
    }
    const shape = broadcastShapes(mask.shape, self.shape);
    if (mask.device === "meta") throw noData();
    const where = bytesOf(mask, shape);
    const width = itemsPerElement(self.dtype);
    const dense = denseItems(
      sameShape(self.shape, shape) ? self : self.detach().expand(shape),
    ) as Float64Array;
    let count = 0;
    for (let k = 0; k < where.length; k++) count += where[k] === 0 ? 0 : 1;
    const out = newTensor(self.dtype, toSize([count]));
    const to = out.items as Float64Array;
    for (let k = 0, at = 0; k < where.length; k++) {
      if (where[k] === 0) continue;
      for (let part = 0; part < width; part++) to[at++] = dense[k * width + part]!;
    }
    return out;
  },
  // Zeros, with the gradients where the mask is true.
  backward: {
    self: needs(["mask"], (g, { mask, shape }) => {
      const zeros = newTensor(g.dtype, broadcastShapes(shape, mask.shape), g.device);
      return zeros.maskedScatter(mask, g);
    }),
  },
  samples: () => [
    [input([2, 3]), input([2, 3], { values: [1, 0, 1, 0, 0, 1], dtype: "bool" })],
    [input([3, 2], { layout: "transposed" }), input([2], { values: [1, 0], dtype: "bool" })],
    [input([3]), input([2, 3], { values: [1, 0, 1, 0, 0, 1], dtype: "bool" })],
    [input([]), input([], { values: [1], dtype: "bool" })],
    [input([2]), input([2], { values: [0, 0], dtype: "bool" })],
    [input([2, 3]), input([3], { values: [1, 0, 1], dtype: "int64" })],
    [input([2, 3]), input([2], { values: [1, 0], dtype: "bool" })],
  ],
});

const scatterMasked: InPlaceOp<(self: Tensor, mask: Tensor, source: Tensor) => Tensor> = writingOp({
  name: "maskedScatter",
  inputs: ["self", "mask", "source"],
  check(self, mask, source) {
    requireTensor("masked_scatter", "mask", 1, mask);
    requireTensor("masked_scatter", "source", 2, source);
    if (self.dtype !== source.dtype) {
      throw torchError(
        "RuntimeError",
        `masked_scatter: expected self and source to have same dtypes but got${self.dtype.scalarType} and ${source.dtype.scalarType}`,
      );
    }
    if (mask.dtype !== dtypes.bool) {
      throw torchError(
        "RuntimeError",
        `masked_scatter_ only supports boolean masks, but got mask with dtype ${mask.dtype.scalarType}`,
      );
    }
    requireBroadcast(self, mask);
    if (self.device === "meta") return;
    const wanted = bytesOf(mask, self.shape).reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0);
    if (source.count < wanted) {
      throw torchError("RuntimeError", "Number of elements of source < number of ones in mask");
    }
  },
  write(out, mask, source) {
    const where = bytesOf(mask, out.shape);
    const width = itemsPerElement(out.dtype);
    const dense = denseItems(out) as Float64Array;
    const from = denseItems(source) as Float64Array;
    for (let k = 0, at = 0; k < where.length; k++) {
      if (where[k] === 0) continue;
      for (let part = 0; part < width; part++) dense[k * width + part] = from[at++]!;
    }
    if (!out.isContiguous()) scatterItems(dense, out);
  },
  backward: {
    // What was overwritten has no influence.
    self: needs(["mask"], (g, { mask }) => g.maskedFill(mask, 0)),
    // The elements that were taken, in order; the rest of the source has no influence.
    source: needs(["mask"], (g, { mask, shape }) => {
      const taken = g.maskedSelect(mask);
      const count = countOf(shape);
      const rest = newTensor(g.dtype, toSize([Math.max(count - taken.count, 0)]));
      return joinEnds(taken, rest).view(shape);
    }),
  },
  samples: () => [],
});

/** Two vectors, one behind the other. */
function joinEnds(first: Tensor, rest: Tensor): Tensor {
  if (rest.count === 0) return first;
  const whole = newTensor(first.dtype, toSize([first.count + rest.count]));
  const mask = newTensor(dtypes.bool, whole.shape);
  (mask.items as Uint8Array).fill(1, 0, first.count);
  return whole.maskedScatter(mask, first);
}

/**
 * A copy in which the elements where the mask, which broadcasts, is true are those of a source, one after the other.
 *
 * Throws: PyTorch's RuntimeErrors for masks that are not bool, two dtypes, and a source with too few elements.
 */
export const maskedScatter: InPlaceOp<(self: Tensor, mask: Tensor, source: Tensor) => Tensor> = Object.assign(
  composed(
    {
      name: "maskedScatter",
      samples: () => [
        [input([2, 3]), input([2, 3], { values: [1, 0, 1, 0, 0, 1], dtype: "bool" }), input([4])],
        [
          input([2, 3], { layout: "transposed" }),
          input([3], { values: [1, 0, 1], dtype: "bool" }),
          input([2, 2]),
        ],
        [input([3]), input([3], { values: [1, 0, 1], dtype: "bool" }), input([1])],
        [input([3]), input([3], { values: [1, 0, 1], dtype: "int64" }), input([3])],
        [input([3]), input([3], { values: [1, 0, 1], dtype: "bool" }), input([3], { dtype: "int32" })],
      ],
    },
    (self: Tensor, mask: Tensor, source: Tensor): Tensor => scatterMasked(spreadTo(self, mask), mask, source),
  ),
  { inPlace: scatterMasked.inPlace },
);

/** Options of `nonzero`. */
export interface NonzeroOptions {
  /** One vector of indices for each dimension, ready for indexing, instead of one row for each element. */
  readonly asTuple?: boolean;
}

/** The coordinates of the elements that are not zero: one column of numbers for each dimension. */
function coordinates(self: Tensor): BigInt64Array[] {
  if (self.device === "meta") throw noData();
  const where = denseItems(self.detach().to(dtypes.bool)) as Uint8Array;
  let count = 0;
  for (let k = 0; k < where.length; k++) count += where[k] === 0 ? 0 : 1;
  const columns = self.shape.map(() => new BigInt64Array(count));
  const words = columns.map((column) => new Int32Array(column.buffer));
  for (let k = 0, at = 0; k < where.length; k++) {
    if (where[k] === 0) continue;
    for (let axis = self.shape.length - 1, rest = k; axis >= 0; axis--) {
      const length = self.shape[axis]!;
      words[axis]![2 * at] = rest % length;
      rest = Math.floor(rest / length);
    }
    at++;
  }
  return columns;
}

function columnsOf(self: Tensor): Tensor[] {
  const source = self.shape.length === 0 ? self.detach().reshape(1) : self;
  return coordinates(source).map((column) => {
    const out = newTensor(dtypes.int64, toSize([column.length]));
    (out.items as BigInt64Array).set(column);
    return out;
  });
}

/**
 * The indices of all elements that are not zero, in row-major order: a row for each.
 *
 * Shape: (*) → (n, rank); with `asTuple` for each dimension a vector of n.
 *
 * @example
 * tensor([0, 3, 5]).nonzero(); // tensor([[1], [2]])
 */
export const nonzero: Op<{
  (self: Tensor, options?: { readonly asTuple?: false }): Tensor;
  (self: Tensor, options: NonzeroOptions): Tensor | Tensor[];
}> = composed(
  {
    name: "nonzero",
    isDifferentiable: false,
    samples: () => [
      [input([2, 3], { values: [1, 0, 1, 0, 0, 1] })],
      [input([3, 2], { values: [1, 0, 1, 0, 0, 1], layout: "transposed" })],
      [input([], { values: [1] })],
      [input([], { values: [0] })],
      [input([0, 3])],
      [input([2, 2], { values: [0, 0, 0, 0] })],
    ],
  },
  ((self: Tensor, options?: NonzeroOptions): Tensor | Tensor[] => {
    if (options?.asTuple === true) return columnsOf(self);
    const columns = coordinates(self);
    const count = columns[0]?.length ?? (Number(self.item()) === 0 ? 0 : 1);
    // PyTorch lays the columns one behind the other.
    const transposed = newTensor(dtypes.int64, toSize([self.shape.length, count]));
    columns.forEach((column, axis) => (transposed.items as BigInt64Array).set(column, axis * count));
    return transposed.t();
  }) as {
    (self: Tensor, options?: { readonly asTuple?: false }): Tensor;
    (self: Tensor, options: NonzeroOptions): Tensor | Tensor[];
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
