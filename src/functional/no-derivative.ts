/**
 * Arguments that PyTorch has no derivative for: a gradient that is asked for them is refused instead of left out.
 */

import { isGradEnabled } from "../autograd/grad-mode.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Throws PyTorch's RuntimeError where an argument, by its name there, requires a gradient that would be recorded. */
export function refuseGradients(
  torchName: string,
  named: Readonly<Record<string, Tensor | null | undefined>>,
): void {
  if (!isGradEnabled()) return;
  for (const [argument, tensor] of Object.entries(named)) {
    if (tensor?.requiresGrad !== true) continue;
    throw torchError(
      "RuntimeError",
      `The function '${torchName}' is not differentiable with respect to argument '${argument}'. This input cannot have requires_grad True.`,
    );
  }
}
