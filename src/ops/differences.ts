/**
 * Differences of neighbours, and how variables vary together.
 */

import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { cat } from "./joining.ts";
import type { Op } from "./op.ts";
import { composed } from "./op.ts";
import { input } from "./samples.ts";

/** Options of `diff`. */
export interface DiffOptions {
  /** How often differences are taken; default 1. */
  readonly n?: number;
  /** Default −1. */
  readonly dim?: number;
  /** Put before and after the elements along the dimension. */
  readonly prepend?: Tensor;
  readonly append?: Tensor;
}

/**
 * The differences of neighbours along a dimension; of bools, whether they differ.
 *
 * Throws: PyTorch's RuntimeErrors for a tensor without dimensions and for n below 0.
 *
 * @example
 * tensor([1, 3, 2]).diff(); // tensor([ 2, -1])
 */
export const diff: Op<(self: Tensor, n?: number | DiffOptions, dim?: number | DiffOptions) => Tensor> =
  composed(
    {
      name: "diff",
      samples: () => [
        [input([2, 4])],
        [input([2, 4]), 2],
        [input([2, 4]), 1, 0],
        [input([2, 4]), { prepend: input([2, 1]), append: input([2, 2]) }],
        [input([3]), 5],
        [input([])],
        [input([2, 4]), 0],
        [input([2, 4]), -1],
      ],
    },
    (self: Tensor, n?: number | DiffOptions, dim?: number | DiffOptions): Tensor => {
      const given: DiffOptions = {
        ...(typeof n === "object" ? n : n === undefined ? {} : { n }),
        ...(typeof dim === "object" ? dim : dim === undefined ? {} : { dim }),
      };
      const { n: times = 1, prepend, append } = given;
      if (self.shape.length === 0) {
        throw torchError("RuntimeError", "diff expects input to be at least one-dimensional");
      }
      if (times < 0) {
        throw torchError("RuntimeError", `order must be non-negative but got ${times}`);
      }
      const axis = toAxis(given.dim ?? -1, self.shape.length);
      const parts = [prepend, self, append].filter((part) => part !== undefined);
      let found = parts.length === 1 ? self : cat(parts, axis);
      if (times === 0) return newTensor(self.dtype, found.shape, self.device).copy_(found);
      for (let k = 0; k < Math.min(times, found.shape[axis]! + k); k++) {
        const length = found.shape[axis]!;
        if (length === 0) return found;
        const [after, before] = [found.narrow(axis, 1, length - 1), found.narrow(axis, 0, length - 1)];
        found = self.dtype.kind === "bool" ? after.logicalXor(before) : after.sub(before);
      }
      return found;
    },
  );

/** Options of `cov`. */
export interface CovarianceOptions {
  /** Subtracted from the number of observations in the divisor; default 1. */
  readonly correction?: number;
}

/**
 * The covariances of variables, the rows of self, over observations, its columns.
 *
 * Shape: (variables, observations) → (variables, variables); a vector is one variable.
 * Throws: PyTorch's RuntimeErrors for more than two dimensions and for bools.
 */
export const cov: Op<(self: Tensor, options?: CovarianceOptions) => Tensor> = composed(
  {
    name: "cov",
    takesComplex: true,
    samples: () => [[input([3, 4])], [input([4])], [input([2, 3]), { correction: 0 }], [input([2, 2, 2])]],
  },
  (self: Tensor, { correction = 1 }: CovarianceOptions = {}): Tensor => {
    const refuse = (text: string): never => {
      throw torchError("RuntimeError", `cov(): ${text}`);
    };
    if (self.shape.length > 2) {
      refuse(
        `expected input to have two or fewer dimensions but got an input with ${self.shape.length} dimensions`,
      );
    }
    if (self.dtype.kind === "bool") refuse("bool dtype is not supported for input");
    const rows = self.shape.length < 2 ? self.view([1, -1]) : self;
    const observations = rows.shape[1]!;
    const centred = rows.sub(
      rows.mean(1, rows.isFloatingPoint() || rows.isComplex() ? {} : { dtype: "float32" }).unsqueeze(1),
    );
    const sums = centred.mm(centred.t().conj());
    const spread = sums.div(Math.max(0, observations - correction));
    return spread.squeeze();
  },
);

/**
 * The correlations of variables, the rows of self. Throws: as `cov`.
 *
 * Shape: (variables, observations) → (variables, variables).
 */
export const corrcoef: Op<(self: Tensor) => Tensor> = composed(
  { name: "corrcoef", samples: () => [[input([3, 4])], [input([2, 2, 2])]] },
  (self: Tensor): Tensor => {
    if (self.shape.length > 2) {
      throw torchError(
        "RuntimeError",
        `corrcoef(): expected input to have two or fewer dimensions but got an input with ${self.shape.length} dimensions`,
      );
    }
    const spread = cov(self);
    if (spread.shape.length === 0) return spread.div(spread);
    const deviations = spread.diagonal().sqrt();
    return spread
      .div(deviations.view([-1, 1]))
      .div(deviations.view([1, -1]))
      .clamp(-1, 1);
  },
);
