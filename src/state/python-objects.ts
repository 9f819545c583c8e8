/**
 * The value tree of a file as the values of a program: what `torch.load` gives, in JavaScript's kinds. Iterative, so that
 * depth does not matter; what is shared stays shared, and cycles stay cycles.
 */

import { copyTree } from "../catalog/tree.ts";
import { rememberPython } from "../catalog/python-facts.ts";
import { orderedAttributes } from "../catalog/saveable.ts";
import type { DictValue, NodeValue, ObjectValue, SetValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { findDtype } from "../dtype.ts";
import type { ModuleMetadata } from "../nn/state-dict.ts";
import { StateDict } from "../nn/state-dict.ts";
import { callArguments, isKind } from "../pickle/globals.ts";
import { toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What stands in the place of nodes that a tree alone does not tell: of tensors and of whole modules. */
export interface Replacements {
  tensor(entry: number): Tensor;
  /** What an object of a class that is not here becomes; undefined to leave it as the data it is. */
  object(value: ObjectValue): unknown;
}

/**
 * The values of a tree.
 *
 * A `dict` becomes a Map, a state dict a `StateDict`, a `list` and a `tuple` an array, a `set` a Set, `bytes` a
 * Uint8Array, a number a number (a bigint beyond 2^53), a dtype a `DType`. What is neither becomes a plain object of the
 * value tree: data, never an instance.
 */
export function programValue(root: Value, replacements: Replacements): unknown {
  return new Conversion(replacements).run(root);
}

class Conversion {
  readonly #replacements: Replacements;
  readonly #known: Map<NodeValue, unknown> = new Map();
  readonly #open: (() => void)[] = [];

  constructor(replacements: Replacements) {
    this.#replacements = replacements;
  }

  run(root: Value): unknown {
    const value = this.#valueOf(root);
    for (let fill = this.#open.pop(); fill !== undefined; fill = this.#open.pop()) fill();
    return value;
  }

  #valueOf(value: Value): unknown {
    if (typeof value !== "object" || value === null) return value;
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const made = this.#made(value);
    this.#known.set(value, made);
    return made;
  }

  #made(value: NodeValue): unknown {
    switch (value.kind) {
      case "float":
        return value.value;
      case "bytes":
        return value.mutable
          ? rememberPython(value.bytes.slice(), { kind: "bytearray" })
          : value.bytes.slice();
      case "tensor":
        return this.#replacements.tensor(value.entry);
      case "list":
        return this.#array(value.items, {});
      case "tuple":
        return this.#array(value.items, { kind: "tuple" });
      case "set":
        return this.#set(value);
      case "dict":
        return this.#map(value);
      case "global":
        return (value.module === "torch" ? findDtype(value.name) : undefined) ?? value;
      case "object": {
        const lengths = callArguments(value, "torch", "Size")?.[0];
        if (isKind(lengths, "tuple") && lengths.items.every((item) => typeof item === "number")) {
          return toSize([...(lengths.items as number[])]);
        }
        // What it is made of stays as the file has it, but for the tensors in it.
        return (
          this.#replacements.object(value) ??
          copyTree(value, (entry) => this.#replacements.tensor(entry) as unknown as Value)
        );
      }
      case "complex":
      case "persistent":
        return value;
    }
  }

  #array(items: readonly Value[], facts: { readonly kind?: "tuple" }): unknown[] {
    const floats = new Set(items.flatMap((item, index) => (isWholeFloat(item) ? [index] : [])));
    const array: unknown[] = [];
    if (floats.size > 0 || facts.kind !== undefined) rememberPython(array, { ...facts, floats });
    this.#open.push(() => {
      for (const item of items) array.push(this.#valueOf(item));
    });
    return array;
  }

  #set({ items, frozen }: SetValue): Set<unknown> {
    const set = new Set<unknown>();
    if (frozen) rememberPython(set, { kind: "frozenset" });
    this.#open.push(() => {
      for (const item of items) set.add(this.#valueOf(item));
    });
    return set;
  }

  #map(dict: DictValue): Map<unknown, unknown> {
    const metadata = isStateDict(dict) ? metadataOf(dict) : undefined;
    const map: Map<unknown, unknown> =
      metadata === undefined ? new Map() : (new StateDict() as Map<unknown, unknown>);
    for (const [name, facts] of metadata ?? []) (map as unknown as StateDict).metadata.set(name, facts);
    const isOrdered = dict.class === "collections.OrderedDict";
    this.#open.push(() => {
      const floats = new Set<unknown>();
      for (const { key, value } of dict.items.values()) {
        const name = this.#valueOf(key);
        map.set(name, this.#valueOf(value));
        if (isWholeFloat(value)) floats.add(name);
      }
      const isOther = !isOrdered && dict.class !== "dict";
      if (isOther || floats.size > 0) {
        const others = isOther
          ? { class: dict.class, ...(dict.args !== undefined && { args: dict.args }) }
          : {};
        rememberPython(map, { floats, ...others });
      }
      if (isOrdered && metadata === undefined) {
        const attributes = dict.attributes === null ? undefined : this.#valueOf(dict.attributes);
        Object.defineProperty(map, orderedAttributes, { value: attributes, configurable: true });
      }
    });
    return map;
  }
}

function isWholeFloat(value: Value): boolean {
  return isKind(value, "float") && Number.isSafeInteger(value.value);
}

/** Whether a dictionary is what `state_dict()` gives: text keys, and `_metadata` attached and nothing else. */
function isStateDict({ items, attributes }: DictValue): boolean {
  if (!isKind(attributes, "dict") || attributes.items.size !== 1) return false;
  for (const { key } of items.values()) if (typeof key !== "string") return false;
  return true;
}

/** The `_metadata` of a state dict; undefined where it has another form than PyTorch's. */
function metadataOf({ attributes }: DictValue): Map<string, ModuleMetadata> | undefined {
  const given = isKind(attributes, "dict") ? attributes.items.get(keyOf("_metadata"))?.value : undefined;
  if (!isKind(given, "dict")) return undefined;
  const metadata = new Map<string, ModuleMetadata>();
  for (const { key, value } of given.items.values()) {
    if (typeof key !== "string" || !isKind(value, "dict")) return undefined;
    const facts = new Map<string, unknown>();
    for (const { key: fact, value: told } of value.items.values()) {
      // Facts that are more than numbers, texts and flags would not survive in this form.
      if (typeof fact !== "string" || (typeof told === "object" && told !== null)) return undefined;
      facts.set(fact, told);
    }
    metadata.set(key, Object.fromEntries(facts));
  }
  return metadata;
}
