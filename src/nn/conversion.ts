/**
 * Changing the dtype or device of a network in place: parameters keep their identity, buffers are replaced.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import type { DType } from "../dtype.ts";
import { toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { DeviceName } from "../tensor/device.ts";
import { dtypeOrDevice, toDevice } from "../tensor/device.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, newTensor } from "../tensor/tensor.ts";
import { Buffer, isBuffer } from "./buffer.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { Parameter } from "./parameter.ts";
import { assign } from "./registration.ts";
import { slotsOf } from "./slots.ts";
import { namedModules } from "./traversal.ts";

/** Where a network is to lie and in which dtype. */
export interface ModuleToOptions {
  /** A floating-point or complex dtype for what is of such a dtype. */
  readonly dtype?: DType | string;
  /** `"cpu"`, or `"meta"` for shapes without data. */
  readonly device?: DeviceName;
}

/** What `to` takes: a dtype or device by itself, both as options, or a tensor that has them. */
export type ModuleToTarget = DType | string | Tensor | ModuleToOptions;

/**
 * Replaces every tensor of a network by what `change` makes of it. A parameter takes over the bytes of the new tensor;
 * where that lies on another device, a new parameter takes its place. Gradients are changed alike. What stands under
 * several names is changed under each, so that ties of buffers, and on another device those of parameters, end there,
 * as in PyTorch.
 */
export function changeTensors(root: ModuleProtocol, change: (tensor: Tensor) => Tensor): void {
  noGrad(() => {
    // The walk is finished before anything is changed.
    for (const module of Array.from(namedModules(root), ([, one]) => one)) {
      for (const slot of slotsOf(module)) {
        if (slot.kind === "module" || slot.value === null) continue;
        const { name, value } = slot;
        const result =
          slot.kind === "parameter" ? changedParameter(slot.value, change) : changedBuffer(value, change);
        if (result !== value) assign(module, name, result);
      }
    }
  });
}

function changedParameter(parameter: Parameter, change: (tensor: Tensor) => Tensor): Parameter {
  const { grad } = parameter;
  const data = change(parameter);
  const newGrad = grad === null ? null : change(grad);
  if (data.device !== parameter.device) {
    const moved = new Parameter(data, { requiresGrad: parameter.requiresGrad });
    moved.grad = newGrad;
    return moved;
  }
  if (data === parameter) return parameter;
  parameter.data = data;
  if (grad !== null && newGrad !== null) {
    grad.data = newGrad;
    parameter.grad = grad;
  }
  return parameter;
}

function changedBuffer(buffer: Tensor, change: (tensor: Tensor) => Tensor): Tensor {
  const result = change(buffer);
  return isBuffer(buffer) && result !== buffer
    ? new Buffer(result, { persistent: buffer.persistent })
    : result;
}

/** Which dtype and device a target means. Throws: PyTorch's errors for devices and dtypes that modules cannot have. */
function parseTarget(target: ModuleToTarget): { dtype: DType | null; device: DeviceName | null } {
  if (isTensor(target)) return { dtype: target.dtype, device: target.device };
  if (typeof target === "number") {
    throw torchError("RuntimeError", "Cannot access accelerator device when none is available.");
  }
  const asked: ModuleToOptions =
    typeof target === "string" ? dtypeOrDevice(target) : "itemSize" in target ? { dtype: target } : target;
  return {
    dtype: asked.dtype === undefined ? null : checkDtype(toDtype(asked.dtype)),
    device: asked.device === undefined ? null : toDevice(asked.device),
  };
}

function checkDtype(dtype: DType): DType {
  if (dtype.kind === "float" || dtype.kind === "complex") return dtype;
  throw torchError(
    "TypeError",
    `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${String(dtype)}`,
  );
}

function isConvertible(tensor: Tensor): boolean {
  return tensor.dtype.kind === "float" || tensor.dtype.kind === "complex";
}

/** `to`: see `Module`. */
export function convertTo(root: ModuleProtocol, target: ModuleToTarget): void {
  const { dtype, device } = parseTarget(target);
  changeTensors(root, (tensor) => {
    const wanted = dtype !== null && isConvertible(tensor) ? dtype : tensor.dtype;
    if (device === null || device === tensor.device)
      return wanted === tensor.dtype ? tensor : tensor.to(wanted);
    if (device === "meta") return newTensor(wanted, tensor.shape, "meta");
    throw torchError(
      "NotImplementedError",
      "Cannot copy out of meta tensor; no data! Please use torch.nn.Module.to_empty() instead of torch.nn.Module.to() when moving module from meta to a different device.",
      'Use toEmpty({ device: "cpu" }), or loadStateDict(…, { assign: true }).',
    );
  });
}

/** `float`, `double`, `half`, `bfloat16`: only floating-point tensors change. */
export function convertFloats(root: ModuleProtocol, dtype: DType): void {
  changeTensors(root, (tensor) =>
    tensor.dtype.kind === "float" && tensor.dtype !== dtype ? tensor.to(dtype) : tensor,
  );
}

/** `type`: every tensor changes. */
export function convertAll(root: ModuleProtocol, dtype: DType): void {
  changeTensors(root, (tensor) => (tensor.dtype === dtype ? tensor : tensor.to(dtype)));
}

/** `toEmpty`: see `Module`. */
export function toEmpty(root: ModuleProtocol, device: DeviceName): void {
  toDevice(device);
  changeTensors(root, (tensor) => newTensor(tensor.dtype, tensor.shape, device));
}
