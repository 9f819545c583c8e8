/**
 * Means together with variances or standard deviations. They are functions, not methods, in PyTorch too.
 */

import { realDtype } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { unreduced } from "./reduction-arguments.ts";
import { input } from "./samples.ts";
import type { VarianceArgument, VarianceOptions } from "./variance.ts";
import { moments, rooted, slopeOfDeviation, slopeOfVariance, toVariance } from "./variance.ts";

/** The variance or standard deviation, and the mean. */
export type WithMean = Op<
  (self: Tensor, dim?: VarianceArgument, options?: VarianceOptions) => [spread: Tensor, mean: Tensor]
>;

function withMean(name: "varMean" | "stdMean"): WithMean {
  const isDeviation = name === "stdMean";
  const what = isDeviation ? "std_mean" : "var_mean";
  return jointOp({
    name,
    torch: `torch.${what}`,
    tensors: (self: Tensor, _dim?: VarianceArgument, _options?: VarianceOptions) => [self],
    forward(self, dim, options) {
      const { variance, mean } = moments(self, toVariance(self.shape.length, dim, options), what);
      const spread = isDeviation ? rooted(variance) : variance;
      return [converted(spread, realDtype(self.dtype)), converted(mean, self.dtype)];
    },
    save: ([self], [spread]) => [self!, spread!],
    // As those of var or std, and of the mean.
    backward([spreadGradient, meanGradient], { saved: [self, spread], args: [, dim, options] }) {
      const reduction = toVariance(self!.shape.length, dim, options);
      const count = self!.count / Math.max(1, spread!.count);
      const fromSpread =
        spreadGradient === null || spreadGradient === undefined
          ? null
          : isDeviation
            ? slopeOfDeviation(spreadGradient, self!, spread!, reduction)
            : slopeOfVariance(spreadGradient, self!, reduction);
      if (meanGradient === null || meanGradient === undefined) return [fromSpread];
      const fromMean = unreduced(meanGradient, self!.shape, reduction).expand(self!.shape).div(count);
      return [fromSpread === null ? fromMean : fromSpread.add(fromMean)];
    },
    result: ([spread, mean]): [Tensor, Tensor] => [spread!, mean!],
    samples: () => [
      [input([2, 3])],
      [input([2, 3, 2]), [0, 2], { keepdim: true }],
      [input([3, 2], { layout: "transposed" }), { dim: 1, correction: 0 }],
    ],
  });
}

/**
 * The variance and the mean of the same elements. Throws: as `var`.
 *
 * @example
 * const [variance, mean] = varMean(x, 0);
 */
export const varMean: WithMean = withMean("varMean");

/** The standard deviation and the mean of the same elements. Throws: as `var`. */
export const stdMean: WithMean = withMean("stdMean");
