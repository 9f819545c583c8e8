/**
 * Copies of a tensor in which one of its views has other elements: the ops of views, where nothing may be written in place.
 */

import { torchError } from "../errors.ts";
import { sameShape, shapeText, toAxis } from "../shape.ts";
import { convertItems, denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike } from "../tensor/tensor.ts";
import { diagonal } from "./diagonals.ts";
import type { DiagonalOptions } from "./diagonals.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";
import { select, sliceAlong } from "./slicing.ts";

/** Which view of a tensor is meant. */
type Look = (self: Tensor) => Tensor;

/** The op that lays `src` over the view that `look` gives. */
function overlay(name: string): Op<(self: Tensor, src: Tensor, look: Look) => Tensor> {
  const run: Op<(self: Tensor, src: Tensor, look: Look) => Tensor> = op({
    name,
    inputs: ["self", "src"],
    forward(self, src, look: Look) {
      const out = newTensorLike(self, self.dtype);
      const part = look(out);
      if (!sameShape(part.shape, src.shape)) {
        throw torchError(
          "RuntimeError",
          `expected src to have a size equal to the slice of self. src size = ${shapeText(src.shape)}, slice size = ${shapeText(part.shape)}`,
        );
      }
      if (self.device === "meta") return out;
      scatterItems(denseItems(self), out);
      scatterItems(convertItems(denseItems(src), src.dtype, self.dtype, src.count), part);
      return out;
    },
    backward: {
      // What lies under src has no influence.
      self: needsNothing((g, _, look: Look) => {
        const { shape } = look(g.detach());
        return run(g, newTensor(g.dtype, shape, g.device), look);
      }),
      // ∂/∂src = the view of the gradient
      src: needsNothing((g, _, look: Look) => look(g)),
    },
    samples: () => [],
  });
  return run;
}

const overSelected = overlay("selectScatter");
const overSlice = overlay("sliceScatter");
const overDiagonal = overlay("diagonalScatter");

/**
 * A copy of self with `src` at one place of a dimension.
 *
 * Shape: src has the shape of `self.select(dim, index)`.
 * Throws: as `select`, and PyTorch's RuntimeError for another shape of src.
 *
 * @example
 * zeros(2, 2).selectScatter(ones(2), 0, 0); // tensor([[1., 1.], [0., 0.]])
 */
export const selectScatter: Op<(self: Tensor, src: Tensor, dim: number, index: number) => Tensor> = composed(
  {
    name: "selectScatter",
    samples: () => [
      [input([2, 3]), input([3]), 0, 1],
      [input([2, 3], { layout: "transposed" }), input([2]), -1, -1],
      [input([2, 3]), input([2]), 0, 1],
      [input([2, 3]), input([3]), 0, 2],
      [input([2, 3]), input([3], { values: [1, 0, 1], dtype: "int64" }), 0, 0],
    ],
  },
  (self: Tensor, src: Tensor, dim: number, index: number): Tensor =>
    overSelected(self, src, (each) => select(each, dim, index)),
);

/** Options of `sliceScatter`. */
export interface SliceScatterOptions {
  /** Default 0. */
  readonly dim?: number;
  /** Where the slice starts; default 0. Negative places count from the end. */
  readonly start?: number;
  /** Where it ends, exclusive; default: the end of the dimension. */
  readonly end?: number;
  /** Default 1. */
  readonly step?: number;
}

/**
 * A copy of self with `src` in place of a slice along a dimension.
 *
 * Shape: src has the shape of the slice.
 * Throws: PyTorch's RuntimeErrors for another shape of src and for steps below 1.
 *
 * @example
 * zeros(4).sliceScatter(ones(2), { start: 1, end: 3 }); // tensor([0., 1., 1., 0.])
 */
export const sliceScatter: Op<(self: Tensor, src: Tensor, options?: SliceScatterOptions) => Tensor> =
  composed(
    {
      name: "sliceScatter",
      samples: () => [
        [input([3, 4]), input([2, 4]), { start: 1 }],
        [input([3, 4]), input([3, 2]), { dim: 1, start: 0, end: 4, step: 2 }],
        [input([3, 4]), input([3, 4])],
        [input([3, 2], { layout: "transposed" }), input([1, 2]), { start: 1, end: -1 }],
        [input([3, 4]), input([2, 4]), { start: 2 }],
        [input([3, 4]), input([2, 4]), { start: 0, end: 2, step: 0 }],
      ],
    },
    (self: Tensor, src: Tensor, options: SliceScatterOptions = {}): Tensor => {
      const { dim = 0, start = 0, end = Infinity, step = 1 } = options;
      const axis = toAxis(dim, self.shape.length);
      if (step < 1) throw torchError("RuntimeError", "slice step must be positive");
      return overSlice(self, src, (each) => sliceAlong(each, axis, start, end, step));
    },
  );

/**
 * A copy of self with `src` on a diagonal.
 *
 * Shape: src has the shape of `self.diagonal(…)`.
 * Throws: as `diagonal`, and PyTorch's RuntimeError for another shape of src.
 *
 * @example
 * zeros(2, 2).diagonalScatter(ones(2)); // tensor([[1., 0.], [0., 1.]])
 */
export const diagonalScatter: Op<
  (self: Tensor, src: Tensor, offset?: number | DiagonalOptions, dim1?: number, dim2?: number) => Tensor
> = composed(
  {
    name: "diagonalScatter",
    samples: () => [
      [input([3, 4]), input([3])],
      [input([3, 4]), input([3]), 1],
      [input([3, 4]), input([2]), { offset: -1 }],
      [input([2, 3, 3]), input([2, 3]), 0, 1, 2],
      [input([3, 4]), input([2])],
      [input([3, 4]), input([3]), 0, 0, 0],
    ],
  },
  (self, src, offset?: number | DiagonalOptions, dim1?: number, dim2?: number): Tensor =>
    overDiagonal(self, src, (each) => diagonal(each, offset, dim1, dim2)),
);
