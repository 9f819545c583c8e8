/**
 * Whether any or all elements are true, and how many: everything but 0 is true, NaN too.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { forEachLine, linesOf } from "./lines.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import type { ReduceArgument, ReduceOptions } from "./reduction-arguments.ts";
import { reducedShape, toReduction } from "./reduction-arguments.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** A reduction of truths. */
export type TruthReducer = Op<(self: Tensor, dim?: ReduceArgument, options?: ReduceOptions) => Tensor>;

function samples(): readonly Sample[] {
  const values = [0, 1, 2, 0, 0, 3];
  return [
    [input([2, 3], { values })],
    [input([2, 3], { values }), 0],
    [input([2, 3], { values }), [0, 1], { keepdim: true }],
    [input([3, 2], { values, layout: "transposed" }), 1],
    [input([0])],
    [input([2, 2], { values: [NaN, 0, 0, 0], smooth: false }), 1],
    [input([2], { values: [1, 2], dtype: "uint8" })],
  ];
}

/** Ends at the first element whose truth is `deciding`. */
function quantified(name: "any" | "all", deciding: 0 | 1): TruthReducer {
  return composed(
    { name, isDifferentiable: false, samples },
    (self: Tensor, dim?: ReduceArgument, options?: ReduceOptions): Tensor => {
      const reduction = toReduction(self.shape.length, dim, options);
      // Bytes stay bytes, as they were PyTorch's truths once.
      const dtype = self.dtype === dtypes.uint8 ? dtypes.uint8 : dtypes.bool;
      const out = newTensor(dtype, reducedShape(self.shape, reduction), self.storage.device);
      if (self.storage.device === "meta") return out;
      const lines = linesOf(converted(self, dtypes.bool), reduction.isReduced, dtypes.bool);
      const items = lines.items as Uint8Array;
      const { length } = lines;
      forEachLine(lines, (start, step, at) => {
        let k = 0;
        for (let i = start; k < length && items[i] !== deciding; i += step) k++;
        out.items[at] = k < length ? deciding : 1 - deciding;
      });
      return out;
    },
  );
}

/** Whether any element is true. Throws: PyTorch's IndexError for dimensions out of range. */
export const any: TruthReducer = quantified("any", 1);

/** Whether all elements are true; of none, they are. Throws: as `any`. */
export const all: TruthReducer = quantified("all", 0);

/** How many elements are not 0. Throws: as `any`. */
export const countNonzero: Op<(self: Tensor, dim?: number | readonly number[] | null) => Tensor> = composed(
  {
    name: "countNonzero",
    isDifferentiable: false,
    samples: () => samples().filter(([, , options]) => options === undefined),
  },
  (self: Tensor, dim?: number | readonly number[] | null): Tensor => converted(self, dtypes.bool).sum(dim),
);

/** Whether the one element is not 0. Throws: PyTorch's RuntimeErrors for none and for several. */
export const isNonzero: Op<(self: Tensor) => boolean> = composed(
  { name: "isNonzero", isDifferentiable: false, samples: () => [[input([1])], [input([2])], [input([0])]] },
  (self: Tensor): boolean => {
    if (self.count === 1) return Boolean(self.detach().to(dtypes.bool).item());
    throw torchError(
      "RuntimeError",
      self.count === 0
        ? "Boolean value of Tensor with no values is ambiguous"
        : "Boolean value of Tensor with more than one value is ambiguous",
    );
  },
);
