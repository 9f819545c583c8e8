/**
 * Losses of yes-or-no answers: cross entropy of probabilities and of their logits, and soft margins.
 */

import { noGradNorNotes } from "../autograd/cut.ts";
import { torchError } from "../errors.ts";
import { rsub } from "../ops/arithmetic.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { broadcastShapes, isExpandable, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { logSigmoid } from "./activation.ts";
import { pairLoss } from "./loss-record.ts";
import type { Reduction, ReductionOptions } from "./loss-reduction.ts";
import { askedReduction, reduced, reductionOf, shared } from "./loss-reduction.ts";
import { refuseGradients } from "./no-derivative.ts";

/** Options of losses with a weight that broadcasts. */
export interface WeightOptions extends ReductionOptions {
  /** Factors of the losses, which broadcast. Default: none. */
  readonly weight?: Tensor | null;
}

function requireProbabilities(input: Tensor): void {
  const isProbable = input.ge(0).logicalAnd(input.le(1)).all().item<boolean>();
  if (!isProbable) {
    throw torchError("RuntimeError", "all elements of input should be between 0 and 1");
  }
}

/** The weighted losses must not be larger than the losses. */
function times(losses: Tensor, weight: Tensor | undefined): Tensor {
  if (weight === undefined) return losses;
  const shape = broadcastShapes(losses.shape, weight.shape);
  if (!sameShape(shape, losses.shape)) {
    throw torchError(
      "RuntimeError",
      `output with shape [${losses.shape.join(", ")}] doesn't match the broadcast shape [${shape.join(", ")}]`,
    );
  }
  return losses.mul(weight);
}

/** A logarithm that does not fall below −100, so that answers that are sure and wrong cost something finite. */
function boundedLog(logarithm: Tensor): Tensor {
  return logarithm.clamp({ min: -100 });
}

/** What the entropies are told beside their tensors. */
interface EntropySettings {
  readonly reduction: Reduction;
  readonly weight: Tensor | undefined;
  readonly posWeight: Tensor | undefined;
}

function weightsAmong({ weight, posWeight }: EntropySettings): readonly Tensor[] {
  return [weight, posWeight].filter((each) => each !== undefined);
}

const crossEntropies: Op<(input: Tensor, target: Tensor, settings: EntropySettings) => Tensor> = op({
  name: "binaryCrossEntropy",
  inputs: ["self", "target"],
  forward(input, target, { weight, reduction }: EntropySettings) {
    if (input.dtype.kind !== "float") {
      throw torchError(
        "NotImplementedError",
        `"binary_cross_entropy" not implemented for '${input.dtype.scalarType}'`,
      );
    }
    if (target.dtype !== input.dtype) {
      throw torchError(
        "RuntimeError",
        `Found dtype ${target.dtype.scalarType} but expected ${input.dtype.scalarType}`,
      );
    }
    return noGradNorNotes(() => {
      requireProbabilities(input);
      const no = target.sub(1).mul(boundedLog(input.neg().log1p()));
      return reduced(times(no.sub(target.mul(boundedLog(input.log()))), weight), reduction);
    });
  },
  saveArguments: weightsAmong,
  backward: {
    // ∂/∂x = (x − y) / (x·(1 − x)); the divisor is kept from 0 as PyTorch keeps it
    self: needs(["self", "target"], (g, { self: input, target }, { weight, reduction }: EntropySettings) => {
      const divisor = rsub(input, 1).mul(input).clamp({ min: 1e-12 });
      return times(shared(g, reduction, input.count).mul(input.sub(target)).div(divisor), weight);
    }),
    // ∂/∂y = ln(1 − x) − ln x
    target: needs(["self"], (g, { self: input }, { weight, reduction }: EntropySettings) => {
      const slope = boundedLog(input.neg().log1p()).sub(boundedLog(input.log()));
      return times(shared(g, reduction, input.count).mul(slope), weight);
    }),
  },
  samples: () => [],
});

/**
 * The cross entropy of probabilities: −(y·ln x + (1 − y)·ln(1 − x)), the logarithms not below −100.
 *
 * Shape: input and target are alike.
 * Throws: PyTorch's ValueError for shapes that differ, its RuntimeError for what is no probability.
 *
 * @example
 * binaryCrossEntropy(tensor([0.5, 0.5]), tensor([1, 0], { dtype: "float32" })); // tensor(0.6931)
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options: WeightOptions = {}): Tensor {
  const reduction = reductionOf(options);
  if (!sameShape(input.shape, target.shape)) {
    throw torchError(
      "ValueError",
      `Using a target size (${String(target.shape)}) that is different to the input size (${String(input.shape)}) is deprecated. Please ensure they have the same size.`,
    );
  }
  const weight = options.weight ?? undefined;
  if (weight !== undefined && !isExpandable(weight.shape, target.shape)) requireFit(target, weight);
  refuseGradients("binary_cross_entropy", { weight });
  return crossEntropies(input, target, { weight, posWeight: undefined, reduction });
}

/** Throws `torch.broadcast_shapes`' error where two shapes do not broadcast. */
function requireFit(target: Tensor, weight: Tensor): void {
  for (let axis = 1; axis <= Math.min(target.ndim, weight.ndim); axis++) {
    const [expected, found] = [target.shape.at(-axis)!, weight.shape.at(-axis)!];
    if (expected === found || expected === 1 || found === 1) continue;
    throw torchError(
      "RuntimeError",
      `Attempting to broadcast a dimension of length ${found} at -${axis}! Mismatching argument at index 1 had ${String(weight.shape)}; but expected shape should be broadcastable to [${target.shape.join(", ")}]`,
    );
  }
}

const logitEntropies: Op<(input: Tensor, target: Tensor, settings: EntropySettings) => Tensor> = op({
  name: "binaryCrossEntropyWithLogits",
  inputs: ["self", "target"],
  forward(input, target, { weight, posWeight, reduction }: EntropySettings) {
    if (target.dtype.kind !== "float") {
      throw torchError(
        "RuntimeError",
        `result type ${input.dtype.scalarType} can't be cast to the desired output type ${target.dtype.scalarType}`,
      );
    }
    return noGradNorNotes(() => {
      const no = rsub(target, 1).mul(input);
      const sure = logSigmoid(input);
      const yes = posWeight === undefined ? sure : sure.mul(posWeight.sub(1).mul(target).add(1));
      return reduced(times(no.sub(yes), weight), reduction);
    });
  },
  saveArguments: weightsAmong,
  backward: {
    // ∂/∂x = (1 + (p − 1)·y)·σ(x) − p·y, p the weight of positive answers
    self: needs(["self", "target"], (g, { self: input, target }, settings: EntropySettings) => {
      const { weight, posWeight, reduction } = settings;
      const yes = posWeight === undefined ? target : target.mul(posWeight);
      const slope = input.sigmoid().mul(yes.add(1).sub(target)).sub(yes);
      return times(shared(g, reduction, input.count).mul(slope), weight);
    }),
    // ∂/∂y = ln σ(−x) − p·ln σ(x), which is −x where p is 1
    target: needs(["self"], (g, { self: input }, { weight, posWeight, reduction }: EntropySettings) => {
      const slope =
        posWeight === undefined ? input.neg() : logSigmoid(input.neg()).sub(posWeight.mul(logSigmoid(input)));
      return times(shared(g, reduction, input.count).mul(slope), weight);
    }),
  },
  samples: () => [],
});

/** Options of `binaryCrossEntropyWithLogits`. */
export interface LogitsOptions extends WeightOptions {
  /** Factors of the losses of positive answers, which broadcast. Default: none. */
  readonly posWeight?: Tensor | null;
}

/**
 * The cross entropy of probabilities that are given as logits: −(y·ln σ(x) + (1 − y)·ln σ(−x)), without overflow.
 *
 * Shape: input and target are alike.
 * Throws: PyTorch's ValueError for shapes that differ.
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: LogitsOptions = {},
): Tensor {
  const reduction = reductionOf(options);
  if (!sameShape(input.shape, target.shape)) {
    throw torchError(
      "ValueError",
      `Target size (${String(target.shape)}) must be the same as input size (${String(input.shape)})`,
    );
  }
  const { weight, posWeight } = options;
  refuseGradients("binary_cross_entropy_with_logits", { weight, pos_weight: posWeight });
  return logitEntropies(input, target, {
    weight: weight ?? undefined,
    posWeight: posWeight ?? undefined,
    reduction,
  });
}

const softMargins = pairLoss({
  name: "softMarginLoss",
  kernel: "soft_margin_loss",
  value: (x, y) => y.neg().mul(x).exp().log1p(),
  // ∂ln(1 + e⁻ʸˣ)/∂x = −y·σ(−y·x)
  slope: (x, y) => y.neg().mul(y.neg().mul(x).sigmoid()),
});

/** Logistic loss of answers ±1: ln(1 + exp(−y·x)). Shape: input and target broadcast. */
export function softMarginLoss(input: Tensor, target: Tensor, options: ReductionOptions = {}): Tensor {
  refuseGradients("soft_margin_loss", { target });
  return softMargins(input, target, reductionOf(options), 0);
}

/**
 * The cross entropy of several yes-or-no answers for each sample, given as logits, averaged over the classes.
 *
 * Shape: (*, classes), (*, classes) → (*) before reduction.
 * Throws: PyTorch's ValueError for a reduction that does not exist.
 */
export function multilabelSoftMarginLoss(input: Tensor, target: Tensor, options: WeightOptions = {}): Tensor {
  const { weight } = options;
  const reduction = askedReduction(options);
  const each = target
    .mul(logSigmoid(input))
    .add(rsub(target, 1).mul(logSigmoid(input.neg())))
    .neg();
  const losses = weight === undefined || weight === null ? each : each.mul(weight);
  const classes = input.shape.at(-1) ?? 1;
  const averages = losses.sum(input.ndim - 1).div(classes);
  if (reduction === "none" || reduction === "mean" || reduction === "sum")
    return reduced(averages, reduction);
  throw torchError("ValueError", `${String(reduction)} is not valid`);
}
