/**
 * `DTensor`: a tensor of which every rank of a mesh has a part. A rank saves the shape of the whole and its own part; where
 * that is the whole (replicated, or a mesh of one), it is the tensor.
 *
 * Source: torch/distributed/tensor/_api.py and _dtensor_spec.py of PyTorch 2.13.
 */

import type { Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { shapeText } from "../shape.ts";
import { constructionOf, isKind, qualifiedName } from "./globals.ts";
import type { Interpreter } from "./interpreter.ts";
import type { TensorRecord } from "./tensor-record.ts";

const className = /^torch\.distributed\._?tensor\.(?:_?api\.)?DTensor$/;

/** An attribute in the state of an object, or in the slots that stand beside it. */
function fieldOf(state: Value | undefined, name: string): Value | undefined {
  const dicts = isKind(state, "tuple") ? state.items : [state];
  for (const dict of dicts) {
    const found = isKind(dict, "dict") ? dict.items.get(keyOf(name))?.value : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How the tensor is placed, by the names of the classes: `Shard`, `Replicate`, `Partial`. */
function placementsOf(spec: Value | undefined): string[] {
  const placements = isKind(spec, "object") ? fieldOf(spec.state, "placements") : undefined;
  if (!isKind(placements, "tuple")) return [];
  return placements.items.map((placement) => {
    const made = isKind(placement, "object") ? constructionOf(placement).class : undefined;
    const name = qualifiedName(made) ?? "";
    return name.slice(name.lastIndexOf(".") + 1);
  });
}

/** The record of a DTensor with what `state` says of its elements; any other tensor as it is. */
export function withLocalPart(
  interpreter: Interpreter,
  tensor: TensorRecord,
  state: Value | undefined,
): TensorRecord {
  const local = fieldOf(state, "_local_tensor");
  if (local === undefined || !className.test(tensor.subclass ?? "") || tensor.layout.layout !== "absent") {
    return tensor;
  }
  const { layout, dtype, shape, lazy } = interpreter.tensor(local);
  const placements = placementsOf(fieldOf(state, "_spec"));
  // What is partial has still to be summed over the ranks.
  const isWhole =
    dtype === tensor.dtype &&
    String(shape) === String(tensor.shape) &&
    placements.length > 0 &&
    placements.every((name) => name === "Shard" || name === "Replicate");
  if (isWhole) return { ...tensor, layout, lazy };
  const how = placements.length === 0 ? "" : ` (${placements.join(", ")})`;
  const why = `the file has one rank's part of it, ${shapeText(shape)}${how}; the others are in the files of theirs`;
  return { ...tensor, layout: { ...tensor.layout, why } };
}
