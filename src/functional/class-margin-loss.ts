/**
 * Margins between the scores of classes that are right and of those that are not: `multiMarginLoss` for one right class,
 * `multilabelMarginLoss` for several.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { ones } from "../ops/creation.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { sameShape } from "../shape.ts";
import { denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { pick, place } from "./class-places.ts";
import type { MarginOptions } from "./margin-loss.ts";
import type { Reduction, ReductionOptions } from "./loss-reduction.ts";
import { reduced, reductionOf, shared } from "./loss-reduction.ts";
import { refuseGradients } from "./no-derivative.ts";

/** No target is ignored: all below 0 are refused. */
const ignoreNone = -1;

function requireScores(input: Tensor): void {
  if (input.ndim <= 2 && input.shape.at(-1) !== 0) return;
  throw torchError(
    "RuntimeError",
    `Expected non-empty vector or matrix with optional 0-dim batch size, but got: [${input.shape.join(", ")}]`,
  );
}

function requireWide({ dtype }: Tensor, kernel: string): void {
  if (dtype === dtypes.float32 || dtype === dtypes.float64) return;
  throw torchError("NotImplementedError", `"${kernel}" not implemented for '${dtype.scalarType}'`);
}

function requireLong(target: Tensor): void {
  if (target.dtype === dtypes.int64) return;
  throw torchError("RuntimeError", `expected scalar type Long but found ${target.dtype.scalarType}`);
}

interface MultiMarginSettings {
  readonly p: 1 | 2;
  readonly margin: number;
  readonly weight: Tensor | undefined;
  readonly reduction: Reduction;
  /** The shape of the losses: () where there is no dimension of samples. */
  readonly shape: readonly number[];
}

/** The factor of each sample's loss: the weight of its class over the number of classes. */
function sampleFactors(input: Tensor, target: Tensor, weight: Tensor | undefined): Tensor {
  const classes = input.shape[1]!;
  const factors = ones(target.count, { dtype: input.dtype }).div(classes);
  if (weight === undefined) return factors;
  return factors.mul(pick(weight.expand(input.shape), target, ignoreNone));
}

/** By how much each wrong class misses the margin; 0 for the right one. */
function misses(input: Tensor, target: Tensor, margin: number): Tensor {
  const right = pick(input, target, ignoreNone).unsqueeze(1);
  const missing = input.sub(right).add(margin).clampMin(0);
  const isRight = place(ones(target.count, { dtype: input.dtype }), target, input.shape, ignoreNone);
  return missing.mul(isRight.sub(1).neg());
}

const multiMargins: Op<(input: Tensor, target: Tensor, settings: MultiMarginSettings) => Tensor> = op({
  name: "multiMarginLoss",
  inputs: ["self", "target"],
  forward(input, target, { p, margin, weight, reduction, shape }: MultiMarginSettings) {
    return noGradNorNotes(() => {
      const missing = misses(input, target, margin);
      const losses = (p === 1 ? missing : missing.mul(missing)).sum(1);
      return reduced(losses.mul(sampleFactors(input, target, weight)).reshape(shape), reduction);
    });
  },
  saveArguments: ({ weight }: MultiMarginSettings) => (weight === undefined ? [] : [weight]),
  backward: {
    // ∂/∂x at a wrong class that misses = w·p·missᵖ⁻¹/C, at the right one minus the sum of these
    self: needs(["self", "target"], (g, { self: input, target }, settings: MultiMarginSettings) => {
      const { p, margin, weight, reduction } = settings;
      const missing = misses(input, target, margin);
      const slopes = p === 1 ? missing.gt(0).to(input.dtype) : missing.mul(2);
      const each = shared(g, reduction, target.count).mul(sampleFactors(input, target, weight));
      const wrong = slopes.mul(each.unsqueeze(1));
      return wrong.sub(place(wrong.sum(1), target, input.shape, ignoreNone));
    }),
  },
  samples: () => [],
});

/** Options of `multiMarginLoss`. */
export interface MultiMarginOptions extends MarginOptions {
  /** The power of what misses the margin, 1 or 2. Default 1. */
  readonly p?: 1 | 2;
  /** A weight for each class. Default: none. */
  readonly weight?: Tensor | null;
}

/**
 * Asks that the right class score more than each other by a margin: Σ max(0, margin − x[y] + x[c])ᵖ / classes, over the
 * classes c other than y.
 *
 * `margin` defaults to 1.
 * Shape: (samples, classes), (samples); or (classes), ().
 * Throws: PyTorch's ValueErrors for p and weights, its RuntimeErrors for shapes and targets that do not fit.
 *
 * @example
 * multiMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([3])); // tensor(0.3250)
 */
export function multiMarginLoss(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  const reduction = reductionOf(options);
  const { p = 1, margin = 1 } = options;
  const weight = options.weight ?? undefined;
  if (p !== 1 && p !== 2) throw torchError("ValueError", "only p == 1 and p == 2 supported");
  if (weight !== undefined && weight.ndim !== 1)
    throw torchError("ValueError", "weight must be one-dimensional");
  requireScores(input);
  const rows = input.ndim === 2 ? input : input.reshape(1, input.count);
  const [samples, classes] = rows.shape as readonly number[] as [number, number];
  if (target.ndim > 1 || target.count !== samples) {
    throw torchError(
      "RuntimeError",
      `multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [${samples}], but got [${target.shape.join(", ")}]. Input has shape [${input.shape.join(", ")}].`,
    );
  }
  if (weight !== undefined && weight.count !== classes) {
    throw torchError(
      "RuntimeError",
      `inconsistent weight size, expected ${classes} but got [${weight.shape.join(", ")}]`,
    );
  }
  requireLong(target);
  if (target.lt(0).logicalOr(target.ge(classes)).any().item<boolean>() === true) {
    throw torchError("RuntimeError", "target out of range");
  }
  requireWide(input, "multi_margin_loss_cpu_kernel");
  const shape = input.shape.slice(0, -1);
  refuseGradients("multi_margin_loss", { weight });
  return multiMargins(rows, target.reshape(samples), { p, margin, weight, reduction, shape });
}

/** How often each class is named as a right one; a row of targets ends at its first −1. */
function namedClasses(input: Tensor, target: Tensor): Tensor {
  const [samples, classes] = input.shape as readonly number[] as [number, number];
  const counts = newTensor(dtypes.float64, input.shape);
  const to = counts.items as Float64Array;
  const labels = denseItems(target) as BigInt64Array;
  for (let row = 0; row < samples; row++) {
    for (let k = 0; k < classes; k++) {
      const label = Number(labels[row * classes + k]!);
      if (label === -1) break;
      to[row * classes + label]! += 1;
    }
  }
  return counts.to(input.dtype);
}

/** By how much, for each sample, each right class fails to beat each other one by 1, counted as often as it is named. */
function pairMisses(input: Tensor, target: Tensor): { readonly missing: Tensor; readonly pairs: Tensor } {
  const named = namedClasses(input, target);
  const pairs = named.unsqueeze(2).mul(named.eq(0).to(input.dtype).unsqueeze(1));
  return { missing: input.unsqueeze(1).sub(input.unsqueeze(2)).add(1).clampMin(0), pairs };
}

const multilabelMargins: Op<
  (input: Tensor, target: Tensor, reduction: Reduction, shape: readonly number[]) => Tensor
> = op({
  name: "multilabelMarginLoss",
  inputs: ["self", "target"],
  forward(input, target, reduction: Reduction, shape: readonly number[]) {
    return noGradNorNotes(() => {
      const { missing, pairs } = pairMisses(input, target);
      return reduced(missing.mul(pairs).sum([1, 2]).div(input.shape[1]!).reshape(shape), reduction);
    });
  },
  backward: {
    // ∂/∂x = 1/C at the wrong class of each pair that misses, −1/C at the right one
    self: needs(["self", "target"], (g, { self: input, target }, reduction: Reduction) => {
      const { missing, pairs } = pairMisses(input, target);
      const [samples, classes] = input.shape as readonly number[] as [number, number];
      const each = shared(g, reduction, samples).div(classes);
      const slopes = missing
        .gt(0)
        .to(input.dtype)
        .mul(pairs)
        .mul(each.reshape(-1, 1, 1));
      return slopes.sum(1).sub(slopes.sum(2));
    }),
  },
  samples: () => [],
});

/**
 * Asks that every right class score more than every other by 1: Σ max(0, 1 − x[y] + x[c]) / classes, over the right
 * classes y and the others c. A row of targets names the right classes and ends with −1.
 *
 * Shape: (samples, classes) twice, or (classes) twice.
 * Throws: PyTorch's RuntimeErrors for shapes and targets that do not fit.
 *
 * @example
 * multilabelMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([[3, 0, -1, 1]])); // tensor(0.8500)
 */
export function multilabelMarginLoss(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  const reduction = reductionOf(options);
  requireScores(input);
  if (!sameShape(input.shape, target.shape)) {
    throw torchError(
      "RuntimeError",
      `inconsistent target size: [${target.shape.join(", ")}] for input of size: [${input.shape.join(", ")}]`,
    );
  }
  requireLong(target);
  const classes = input.shape.at(-1) ?? 1;
  if (target.lt(-1).logicalOr(target.ge(classes)).any().item<boolean>() === true) {
    throw torchError("RuntimeError", "argument #2 'target' is out of range");
  }
  requireWide(input, "multilabel_margin_loss_forward_out_frame");
  const rows = input.ndim === 2 ? input : input.reshape(1, classes);
  return multilabelMargins(rows, target.reshape(rows.shape), reduction, input.shape.slice(0, -1));
}
