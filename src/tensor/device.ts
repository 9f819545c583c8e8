/**
 * Where tensors lie: the names of devices, and PyTorch's refusals of those that are not here.
 */

import { torchError } from "../errors.ts";

/** Where a storage lies. `meta` has a size and no bytes: for shapes without data. */
export type DeviceName = "cpu" | "meta";

/** The types of devices that PyTorch knows, as it lists them. */
const deviceTypes =
  "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone";

/** Whether a text names a device, be it one that is not here: `"cuda:0"`. */
export function isDeviceText(text: string): boolean {
  return deviceTypes.split(", ").includes(text.replace(/:\d+$/, ""));
}

/**
 * The device of a name.
 *
 * Throws: PyTorch's errors for other devices than `"cpu"` and `"meta"`.
 *
 * @example
 * checkDevice("cpu:0"); // cpu
 */
export function checkDevice(name: string): DeviceName {
  const type = name.replace(/:\d+$/, "");
  if (type === "cpu" || type === "meta") return type;
  const hint = 'There are the devices "cpu" and "meta".';
  if (type === "cuda" || type === "xpu") {
    throw torchError("AssertionError", `Torch not compiled with ${type.toUpperCase()} enabled`, hint);
  }
  if (isDeviceText(name)) {
    throw torchError("RuntimeError", `PyTorch is not linked with support for ${type} devices`, hint);
  }
  throw torchError(
    "RuntimeError",
    `Expected one of ${deviceTypes} device type at start of device string: ${name}`,
    hint,
  );
}
