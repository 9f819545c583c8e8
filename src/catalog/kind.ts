/** What a tensor of a plain state dict is to its network: a state dict does not say, names and dtypes hint. */

import type { DType } from "../dtype.ts";
import type { EntryKind } from "./entry.ts";

/**
 * Names that PyTorch's own layers (batch and instance norm) and the transformers library (position tables, rotary
 * frequencies) give to buffers and to nothing else.
 */
const bufferNames: ReadonlySet<string> = new Set([
  "running_mean",
  "running_var",
  "num_batches_tracked",
  "position_ids",
  "inv_freq",
]);

/**
 * The kind that the last dotted part of a name and the dtype suggest. Integers and bools are buffers, because PyTorch
 * lets only floating-point and complex tensors require gradients.
 *
 * @example
 * inferKind("bn1.running_mean", dtypes.float32); // "buffer"
 * inferKind("bn1.weight", dtypes.float32); // "parameter"
 */
export function inferKind(name: string, dtype: DType): EntryKind {
  if (dtype.kind === "int" || dtype.kind === "uint" || dtype.kind === "bool") return "buffer";
  return bufferNames.has(name.slice(name.lastIndexOf(".") + 1)) ? "buffer" : "parameter";
}
