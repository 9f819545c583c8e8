/**
 * Devices by their names: where tensors can lie here, and PyTorch's refusals of all other places.
 */

import type { DType } from "../dtype.ts";
import { findDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";

/** Where a storage lies. `meta` has a size and no bytes: for shapes without data. */
export type DeviceName = "cpu" | "meta";

const hint = 'There are the devices "cpu" and "meta".';

/** Source: the message of `torch.device("foo")`. */
const kinds =
  "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone";
const known: ReadonlySet<string> = new Set(kinds.split(", "));

/**
 * The device of a name such as `"cpu"` or `"cpu:0"`.
 *
 * Throws: PyTorch's errors for what names no device, and for devices that are not here.
 */
export function toDevice(name: string): DeviceName {
  if (name === "cpu" || name === "meta") return name;
  if (name === "") throw torchError("RuntimeError", "Device string must not be empty", hint);
  const kind = /^([A-Za-z_]+)(?::(?:0|[1-9]\d*))?$/.exec(name)?.[1];
  if (kind === undefined) throw torchError("RuntimeError", `Invalid device string: '${name}'`, hint);
  if (!known.has(kind)) {
    throw torchError(
      "RuntimeError",
      `Expected one of ${kinds} device type at start of device string: ${kind}`,
      hint,
    );
  }
  if (kind === "cpu" || kind === "meta") return kind;
  if (kind === "cuda" || kind === "xpu") {
    throw torchError("AssertionError", `Torch not compiled with ${kind.toUpperCase()} enabled`, hint);
  }
  throw torchError("RuntimeError", `PyTorch is not linked with support for ${kind} devices`, hint);
}

/** What a text names to which something is to be brought: a dtype, else a device. Throws: as `toDevice`. */
export function dtypeOrDevice(text: string): { readonly dtype: DType } | { readonly device: DeviceName } {
  const dtype = findDtype(text);
  return dtype === undefined ? { device: toDevice(text) } : { dtype };
}
