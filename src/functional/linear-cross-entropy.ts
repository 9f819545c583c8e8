/**
 * The cross entropy of logits that a linear map makes.
 */

import { torchError } from "../errors.ts";
import { countOf, sameShape } from "../shape.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { crossEntropy } from "./classification-loss.ts";
import { linear } from "./linear.ts";
import type { ReductionOptions } from "./loss-reduction.ts";

/** Options of `linearCrossEntropy`. */
export interface LinearCrossEntropyOptions extends ReductionOptions {
  /** Added to the logits: (classes, *places). Default: none. */
  readonly linearBias?: Tensor | null;
  /** A weight for each class. Default: none. */
  readonly weight?: Tensor | null;
  /** The class that does not count; not with probabilities as targets. Default: -100. */
  readonly ignoreIndex?: number | null;
  /** How much of each target is spread evenly over all classes, from 0 to 1. Default 0. */
  readonly labelSmoothing?: number;
}

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

/**
 * `crossEntropy` of input·Wᵀ + b.
 *
 * Shape: input (N, in) or (in), linearWeight (classes, *places, in); target (N, *places), or probabilities (N, classes, *places).
 * Throws: PyTorch's RuntimeErrors for shapes that do not fit.
 * Differs from PyTorch: it has `options` for computing the logits in chunks, which saves memory and changes no result.
 *
 * @example
 * linearCrossEntropy(hidden, head.weight, labels);
 */
export function linearCrossEntropy(
  input: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  const {
    linearBias = null,
    ignoreIndex = null,
    weight = null,
    reduction = "mean",
    labelSmoothing = 0,
  } = options;
  if (input.ndim < 1 || input.ndim > 2) {
    refuse(`expected input with dimensionality 1 or 2, got ${input.ndim}`);
  }
  if (linearWeight.ndim < 2) {
    refuse(`expected linear_weight with dimensionality at least 2, got ${linearWeight.ndim}`);
  }
  const [features, found] = [linearWeight.shape.at(-1)!, input.shape.at(-1)!];
  if (features !== found) {
    refuse(
      `expected equal input and linear_weight last dimensions (in_features), got ${found} and ${features}, respectively`,
    );
  }
  const made = linearWeight.shape.slice(0, -1);
  if (linearBias !== null && !sameShape(linearBias.shape, made)) {
    refuse(`expected linear_bias shape ${pythonRepr(made)}, got ${pythonRepr(linearBias.shape)}`);
  }
  if (made.length > 1 && input.ndim === 1) {
    refuse(
      `K-dimensional loss defined by linear_weight shape ${pythonRepr(linearWeight.shape)} requires batched input, (N, ${features}), got unbatched input with shape ${pythonRepr(input.shape)}`,
    );
  }
  const shape = [...input.shape.slice(0, -1), ...made];
  if (ignoreIndex !== null && sameShape(target.shape, shape)) {
    refuse("ignore_index cannot be specified when target contains probabilities");
  }
  const rows = linearWeight.reshape(countOf(made), features);
  const logits = linear(input, rows, linearBias === null ? null : linearBias.reshape(-1)).reshape(shape);
  return crossEntropy(logits, target, {
    weight,
    reduction,
    labelSmoothing,
    ignoreIndex: ignoreIndex ?? -100,
  });
}
