/**
 * Clipping gradients: by the norm of all of them, or each by its value.
 */

import { noGrad } from "../../autograd/grad-mode.ts";
import { torchError } from "../../errors.ts";
import { tensor } from "../../ops/creation.ts";
import { stack } from "../../ops/joining.ts";
import { pythonRepr } from "../../tensor/python-repr.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { isTensor } from "../../tensor/tensor.ts";

/** Parameters whose gradients are meant; one alone stands for a list of it. */
export type Parameters = Iterable<Tensor> | Tensor;

function listOf(tensors: Parameters): Tensor[] {
  return isTensor(tensors) ? [tensors] : [...tensors];
}

function gradientsOf(parameters: readonly Tensor[]): Tensor[] {
  return parameters.flatMap(({ grad }) => (grad === null ? [] : [grad]));
}

/** How norms are taken. */
export interface TotalNormOptions {
  /** The order of the norm, also Infinity. Default 2. */
  readonly normType?: number;
  /** Refuse a norm that is NaN or infinite. Default false. */
  readonly errorIfNonfinite?: boolean;
}

/**
 * The norm of all elements of some tensors, as if they were one vector.
 *
 * Throws: PyTorch's RuntimeError for a norm that is not finite, if asked to.
 */
export function getTotalNorm(tensors: Parameters, options: TotalNormOptions = {}): Tensor {
  const { normType = 2, errorIfNonfinite = false } = options;
  const list = listOf(tensors);
  if (list.length === 0) return tensor(0, { dtype: "float32" });
  return noGrad(() => {
    const total = stack(list.map((each) => each.norm(normType))).norm(normType);
    if (errorIfNonfinite && !Number.isFinite(Number(total.item()))) {
      const order = pythonRepr({ kind: "float", value: normType });
      throw torchError(
        "RuntimeError",
        `The total norm of order ${order} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
      );
    }
    return total;
  });
}

/** Multiplies gradients so that their norm, which is `totalNorm`, becomes `maxNorm` at most. */
export function clipGradsWithNorm_(parameters: Parameters, maxNorm: number, totalNorm: Tensor): void {
  noGrad(() => {
    // Multiplied also where the factor is 1, so that no value has to be waited for; so does PyTorch.
    const factor = totalNorm.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
    for (const gradient of gradientsOf(listOf(parameters))) gradient.mul_(factor);
  });
}

/**
 * Clips the gradients of parameters in place, so that their norm as one vector becomes `maxNorm` at most. Returns the
 * norm before; 0 where there are no gradients.
 *
 * Throws: PyTorch's RuntimeError for a norm that is not finite, if asked to.
 *
 * @example
 * loss.backward();
 * clipGradNorm_(model.parameters(), 1);
 * optimizer.step();
 */
export function clipGradNorm_(
  parameters: Parameters,
  maxNorm: number,
  options: TotalNormOptions = {},
): Tensor {
  const list = listOf(parameters);
  const total = getTotalNorm(gradientsOf(list), options);
  clipGradsWithNorm_(list, maxNorm, total);
  return total;
}

/**
 * Clips every element of the gradients of parameters to ±clipValue, in place.
 *
 * @example
 * clipGradValue_(model.parameters(), 0.5);
 */
export function clipGradValue_(parameters: Parameters, clipValue: number): void {
  noGrad(() => {
    for (const gradient of gradientsOf(listOf(parameters))) gradient.clamp_(-clipValue, clipValue);
  });
}
