/**
 * Quantized tensors: integers with a scale and a zero point for all of them, or one of each along an axis.
 */

import type { ListValue, Value } from "../catalog/value.ts";
import { dtypes } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { boolOrNull, claimCount, claimItems, refuse, shown } from "./claim.ts";
import { isGlobal, isKind } from "./globals.ts";
import { claimPart, stridedTensor } from "./interpreter.ts";
import type { Interpreter } from "./interpreter.ts";
import type { PartRecord, QuantizationRecord, TensorRecord } from "./tensor-record.ts";

/** A finite real number, float or integer. */
function claimNumber(value: Value | undefined, what: string): number {
  const number = isKind(value, "float") ? value.value : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  return refuse(`${what} is ${shown(value)}, where a number is expected`);
}

/** Numbers that stand as a list in the pickle, as a tensor of them: old PyTorch writes per-channel scales so. */
function partOfList(interpreter: Interpreter, list: ListValue, dtype: DType, what: string): PartRecord {
  const storage = interpreter.table.inline(list, dtype, "<", () => {
    const bytes = new Uint8Array(list.items.length * dtype.itemSize);
    const view = new DataView(bytes.buffer);
    list.items.forEach((item, index) => dtype.set(view, index, claimNumber(item, what)));
    return bytes;
  });
  return {
    layout: "strided",
    dtype: dtype.name,
    shape: [list.items.length],
    stride: [1],
    offset: 0,
    storage,
  };
}

function claimQuantization(
  interpreter: Interpreter,
  value: Value | undefined,
  shape: readonly number[],
): QuantizationRecord {
  const items = claimItems(value, 3, 4, "its quantizer");
  const [scheme, scale, zeroPoint, axisValue] = items;
  if (isGlobal(scheme, "torch", "per_tensor_affine") && items.length === 3) {
    return {
      scheme: "per-tensor",
      scale: claimNumber(scale, "its scale"),
      zeroPoint: claimNumber(zeroPoint, "its zero point"),
    };
  }
  const isFloat = isGlobal(scheme, "torch", "per_channel_affine_float_qparams");
  if ((!isFloat && !isGlobal(scheme, "torch", "per_channel_affine")) || items.length !== 4) {
    return refuse(
      `its quantization scheme is ${shown(scheme)} with ${items.length - 1} values, which PyTorch does not write`,
    );
  }
  const axis = claimCount(axisValue, "its quantization axis");
  const part = (given: Value | undefined, dtype: DType, what: string): PartRecord =>
    isKind(given, "list") ? partOfList(interpreter, given, dtype, what) : claimPart(interpreter, given, what);
  const scales = part(scale, isFloat ? dtypes.float32 : dtypes.float64, "its scales");
  const zeroPoints = part(zeroPoint, isFloat ? dtypes.float32 : dtypes.int64, "its zero points");
  const count = shape[axis];
  for (const [name, found] of [
    ["scales", scales],
    ["zero points", zeroPoints],
  ] as const) {
    if (count === undefined || found.shape.length !== 1 || found.shape[0] !== count) {
      return refuse(
        `its ${name} [${found.shape.join(", ")}] do not fit axis ${axis} of sizes [${shape.join(", ")}]`,
      );
    }
  }
  return { scheme: "per-channel", axis, scales, zeroPoints };
}

/** `_rebuild_qtensor(storage, storage_offset, size, stride, quantizer_params, requires_grad, backward_hooks)`. */
export function quantized(interpreter: Interpreter, args: readonly Value[]): TensorRecord {
  const [storage, offset, size, stride, quantizer, requiresGrad] = args;
  const tensor = stridedTensor(interpreter, { storage, offset, size, stride }, boolOrNull(requiresGrad));
  if (dtypes[tensor.dtype].kind !== "quantized")
    return refuse(`it is quantized, but its storage holds ${tensor.dtype}`);
  return { ...tensor, quantization: claimQuantization(interpreter, quantizer, tensor.shape) };
}
