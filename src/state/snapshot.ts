/** The values of a network at one moment, to compare it with later. */

import { isComplete, knownShape, numbersOf } from "./tensor-statistics.ts";
import { namedBuffers, namedParameters } from "../nn/traversal.ts";
import type { ModuleProtocol } from "../nn/module-record.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** One tensor of a snapshot. */
export interface SnapshotTensor {
  readonly kind: "parameter" | "buffer";
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The elements in row-major order, in float32 or float64; null where there are none. */
  readonly values: Float32Array | Float64Array | null;
}

/** Copies of all parameters and buffers of a network, under their first names, in PyTorch's order. */
export class Snapshot {
  /** The network's class. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, SnapshotTensor>;

  constructor(source: string, tensors: ReadonlyMap<string, SnapshotTensor>) {
    this.source = source;
    this.tensors = tensors;
  }
}

/**
 * Keeps the values that a network has now. Costs a copy of its parameters and buffers.
 *
 * @example
 * const before = snapshot(model);
 * optimizer.step();
 * console.log(renderChangeText(compare(before, model)).join("\n"));
 */
export function snapshot(model: ModuleProtocol): Snapshot {
  const tensors = new Map<string, SnapshotTensor>();
  const add = (kind: SnapshotTensor["kind"], name: string, tensor: Tensor): void => {
    const values = isComplete(tensor) ? numbersOf(tensor).slice() : null;
    tensors.set(name, { kind, shape: knownShape(tensor), dtype: tensor.dtype.name, values });
  };
  for (const [name, tensor] of namedParameters(model)) add("parameter", name, tensor);
  for (const [name, tensor] of namedBuffers(model)) add("buffer", name, tensor);
  return new Snapshot(model.getName(), tensors);
}
