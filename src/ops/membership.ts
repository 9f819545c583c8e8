/**
 * Which elements are among others. A function and no method, as in PyTorch.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { isNumberArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted, numberTensor, resultTypeOf } from "./elementwise.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** Options of `isin`. */
export interface IsinOptions {
  /** Accepted for PyTorch's sake: that no value comes twice makes nothing faster here. */
  readonly assumeUnique?: boolean;
  /** Whether to tell which elements are not among the others. Default false. */
  readonly invert?: boolean;
}

/**
 * Whether each of the elements is among the test elements; one of the two may be a number. NaN never is.
 *
 * Shape: as `elements`.
 * Throws: PyTorch's RuntimeError for bools and complex numbers.
 *
 * @example
 * isin(tensor([1, 2, 3]), tensor([3, 1])); // tensor([ True, False,  True])
 */
export const isin: Op<
  (elements: Tensor | NumberArgument, testElements: Tensor | NumberArgument, options?: IsinOptions) => Tensor
> = composed(
  {
    name: "isin",
    torch: "torch.isin",
    isDifferentiable: false,
    samples: () => [
      [input([2, 3], { values: [1, 2, 3, 0, 2, -1] }), input([2], { values: [2, -1] })],
      [
        input([2, 3], { values: [1, 2, 3, 0, 2, -1], layout: "stepped" }),
        input([1, 2], { values: [0, 3] }),
        { invert: true, assumeUnique: true },
      ],
      [input([3], { values: [1, 2, 3] }), input([2], { values: [2.5, 3], dtype: "float32" })],
      [input([3], { values: [1, 2, 3] }), input([0])],
      [input([0]), input([2])],
      [input([2], { values: [NaN, 1] }), input([2], { values: [NaN, 1] })],
      [input([2], { values: [1, 0] }), input([2], { values: [1, 0], dtype: "bool" })],
    ],
  },
  (elements, testElements, { invert = false }: IsinOptions = {}): Tensor => {
    const [self, tests] = [elements, testElements].map((each) =>
      isNumberArgument(each) ? numberTensor(each) : each,
    ) as [Tensor, Tensor];
    for (const { dtype } of [self, tests]) {
      if (dtype.kind === "bool" || dtype.kind === "complex") {
        throw torchError(
          "RuntimeError",
          `Unsupported input type encountered for isin(): ${dtype.scalarType}`,
        );
      }
    }
    const out = newTensor(dtypes.bool, self.shape, self.device);
    if (out.device === "meta") return out;
    const compute = computeDtype(resultTypeOf([self, tests]));
    const known = new Set<number | bigint>(denseItems(converted(tests, compute)));
    denseItems(converted(self, compute)).forEach((item: number | bigint, k: number) => {
      // A Set takes NaN for equal to itself.
      out.items[k] = Number((item === item && known.has(item)) !== invert);
    });
    return out;
  },
);
