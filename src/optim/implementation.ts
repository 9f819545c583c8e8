/**
 * The options with which PyTorch chooses among its implementations of a method. Here there is one; what the options
 * ask for is kept, printed and saved, and refused where it would need another.
 */

import { enableGrad } from "../autograd/grad-mode.ts";
import { checkInPlace } from "../autograd/history.ts";
import { torchError, UsageError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { ParameterGroup } from "./parameter-group.ts";

/** Options that all methods have. */
export interface ImplementationOptions {
  /** PyTorch's update of many tensors at once: here one after the other, rounded as there. Default null. */
  readonly foreach?: boolean | null;
  /** PyTorch's update in one kernel; here the same as without. Default null. */
  readonly fused?: boolean | null;
  /** Recording the update in the graph, which is not done here: only for tensors that are not trained. */
  readonly differentiable?: boolean;
}

/** Options of the methods that PyTorch can run inside graphs of other devices. */
export interface CapturableOptions extends Omit<ImplementationOptions, "fused"> {
  /** Running inside a graph of a device that is none here: only false. */
  readonly capturable?: boolean;
}

/**
 * Refuses options that exclude each other.
 *
 * Throws: PyTorch's RuntimeErrors.
 */
export function checkImplementation(options: ImplementationOptions): void {
  if (options.fused !== true) return;
  if (options.differentiable === true) {
    throw torchError("RuntimeError", "`fused` does not support `differentiable`");
  }
  if (options.foreach === true) {
    throw torchError("RuntimeError", "`fused` and `foreach` cannot be `True` together.");
  }
}

/**
 * Refuses to step a parameter in a way that there is not here. `differentiable` steps run with recording on: parameters
 * that are trained cannot be changed in place then, and others have no graph that the step would have to be part of.
 *
 * Throws: PyTorch's AssertionError for `capturable`, its RuntimeError for a trained parameter with `differentiable`;
 * `UsageError` where a graph would have to be recorded.
 */
export function requireImplemented(
  group: ParameterGroup,
  parameter: Tensor,
  gradient: Tensor,
  tensors: string = "params and state_steps",
): void {
  if (group["capturable"] === true) {
    throw torchError(
      "AssertionError",
      `If capturable=True, ${tensors} must be on supported devices: ['cuda', 'xpu', 'hpu', 'privateuseone', 'xla'].`,
    );
  }
  if (group["differentiable"] !== true || !(parameter.requiresGrad || gradient.requiresGrad)) return;
  enableGrad(() => checkInPlace(parameter, true));
  throw new UsageError("stepping an optimizer: found differentiable: true, which is not supported", {
    code: "differentiable-optimizer",
    hint: "Write the update with ops on tensors to record it in the graph.",
  });
}
