/** Recognises the dictionaries that PyTorch programs save: state dicts, with or without Parameters, and optimizers'. */

import type { ModuleFacts } from "../catalog/catalog.ts";
import { inferKind } from "../catalog/kind.ts";
import type { EntryKind, KindFrom } from "../catalog/entry.ts";
import type { DictValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { dtypes } from "../dtype.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import { isKind } from "../pickle/globals.ts";
import type { TensorRecord } from "../pickle/tensor-record.ts";
import type { TorchReader } from "../pickle/torch.ts";

/**
 * What a container says of the tensors in it. `state-dict`: flags of gradients mean nothing, PyTorch detached all.
 * `kept-vars`: the Parameters among them are known, so are the flags. `module`: attributes of a module, which PyTorch
 * does not count as parameters unless they are Parameters. `optimizer`: none is a parameter of the network.
 */
export type Surroundings = "none" | "state-dict" | "kept-vars" | "module" | "optimizer";

/** The last part of the names under which modules keep objects of their own in a state dict. */
const extraState = "_extra_state";

/** The value of a text key. */
export function itemOf(value: Value | undefined, key: string): Value | undefined {
  return isKind(value, "dict") ? value.items.get(keyOf(key))?.value : undefined;
}

/** What a dictionary is to the tensors in it, inside a container that is `outer` to it. */
export function surroundingsOf(dict: DictValue, outer: Surroundings, torch: TorchReader): Surroundings {
  if (outer === "optimizer" || isOptimizer(dict)) return "optimizer";
  const isMarked = isKind(itemOf(dict.attributes, "_metadata"), "dict");
  const unmarked = outer === "module" ? "module" : "none";
  let keepsVars = false;
  let tensors = 0;
  let hasOthers = false;
  let hasDottedNames = false;
  for (const { key, value } of dict.items.values()) {
    const reading = torch.tensor(value);
    const isExtra = typeof key === "string" && (key === extraState || key.endsWith(`.${extraState}`));
    if (!isMarked && typeof key !== "string") return unmarked;
    hasOthers ||= reading === undefined && !isExtra;
    if (reading === undefined) continue;
    tensors += 1;
    hasDottedNames ||= typeof key === "string" && key.includes(".");
    // A plain tensor that requires a gradient does not come from a detached state dict either.
    keepsVars ||=
      reading.record !== null && (reading.record.role !== "tensor" || reading.record.requiresGrad === true);
  }
  // Beside other values (`epoch`), only names of parameters in modules tell a state dict from a bag of tensors.
  if (tensors === 0 || (hasOthers && !isMarked && !hasDottedNames)) return unmarked;
  return keepsVars ? "kept-vars" : "state-dict";
}

/** Whether a dictionary, or the attributes of an object, are an optimizer's. */
export function isOptimizer(dict: DictValue): boolean {
  return isKind(itemOf(dict, "state"), "dict") && isKind(itemOf(dict, "param_groups"), "list");
}

/** What a tensor is to its network, and whether it is trained, as far as can be said. */
export interface KindFacts {
  readonly kind: EntryKind;
  readonly kindFrom: KindFrom;
  readonly requiresGrad: boolean | null;
}

/** What a tensor's class, name and surroundings say of it. */
export function kindOf(record: TensorRecord, path: Path, surroundings: Surroundings): KindFacts {
  const { role, requiresGrad } = record;
  if (role !== "tensor") return { kind: role, kindFrom: "recorded", requiresGrad };
  // What PyTorch quantizes and saves are weights; that they are not trained says nothing of what they are.
  if (dtypes[record.dtype].kind === "quantized" && surroundings !== "optimizer" && surroundings !== "none") {
    const recorded = surroundings === "state-dict" ? null : requiresGrad;
    return { kind: "parameter", kindFrom: "inferred", requiresGrad: recorded };
  }
  const level = path.at(-1) ?? "";
  switch (surroundings) {
    case "optimizer":
      return { kind: "optimizer-state", kindFrom: "inferred", requiresGrad };
    case "module":
      return { kind: "buffer", kindFrom: "inferred", requiresGrad };
    case "kept-vars":
      return { kind: requiresGrad === true ? "parameter" : "buffer", kindFrom: "inferred", requiresGrad };
    case "state-dict":
      return {
        kind: inferKind(String(level), dtypes[record.dtype]),
        kindFrom: "inferred",
        requiresGrad: null,
      };
    case "none":
      return isGeneratorState(record, path)
        ? { kind: "buffer", kindFrom: "inferred", requiresGrad }
        : { kind: "tensor", kindFrom: "unknown", requiresGrad };
  }
}

/** Whether it is the state of a random generator: bytes in a row, by a name that trainers give it. No network has such. */
function isGeneratorState({ dtype, shape }: TensorRecord, path: Path): boolean {
  return dtype === "uint8" && shape.length === 1 && /rng|random|seed/i.test(path.join("/"));
}

/** The modules that a state dict's `_metadata` names, in the order of their registration. */
export function metadataModules(dict: DictValue, path: Path): readonly ModuleFacts[] {
  const metadata = itemOf(dict.attributes, "_metadata");
  if (!isKind(metadata, "dict")) return [];
  return [...metadata.items.values()].flatMap(({ key }) =>
    typeof key === "string"
      ? [{ name: joinPath(key === "" ? path : [...path, key]), class: null, training: null }]
      : [],
  );
}
