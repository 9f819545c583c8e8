/** Trees of values as a whole: a copy that may be changed, and the places where tensors stand in one. */

import type { DictItem, DictValue, NodeValue, ObjectValue, Value } from "./value.ts";
import { keyOf } from "./value.ts";

/** A place in a container that holds a tensor. */
export type Slot =
  | { readonly holder: DictValue; readonly key: Value }
  | { readonly holder: Value[]; readonly index: number }
  | { readonly holder: DictItem[]; readonly index: number }
  | { readonly holder: ObjectValue; readonly field: "state" };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function isNode(value: Value | undefined): value is NodeValue {
  return typeof value === "object" && value !== null;
}

/**
 * A copy of a tree whose containers and objects are new, with the same sharing and the same cycles; texts, bytes, names
 * and the keys of dictionaries are shared with the original. `leaf` gives the value that stands for a tensor, or
 * undefined to leave out the item of a dictionary that it is; elsewhere it then becomes None.
 */
export function copyTree(root: Value, leaf: (entry: number) => Value | undefined): Value {
  const copies = new Map<NodeValue, Value>();
  const open: (() => void)[] = [];

  const copyOf = (value: Value): Value => {
    if (!isNode(value)) return value;
    if (value.kind === "tensor") return leaf(value.entry) ?? null;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const copy = shellOf(value);
    copies.set(value, copy);
    return copy;
  };
  const copyItems = (from: readonly Value[], to: Value[]): void => {
    for (const item of from) to.push(copyOf(item));
  };
  const copyDictItems = (from: Iterable<DictItem>): DictItem[] =>
    [...from].flatMap(({ key, value }) =>
      isNode(value) && value.kind === "tensor" && leaf(value.entry) === undefined
        ? []
        : [{ key, value: copyOf(value) }],
    );
  const shellOf = (value: Exclude<NodeValue, { kind: "tensor" }>): Value => {
    switch (value.kind) {
      case "list":
      case "tuple":
      case "set": {
        const copy = { ...value, items: [] };
        open.push(() => copyItems(value.items, copy.items));
        return copy;
      }
      case "dict": {
        const copy: Mutable<DictValue> = { ...value, items: new Map() };
        open.push(() => {
          for (const item of copyDictItems(value.items.values())) copy.items.set(keyOf(item.key), item);
          copy.attributes = copyOf(value.attributes);
          if (value.moreStates !== undefined) copy.moreStates = value.moreStates.map(copyOf);
          if (value.args !== undefined) copy.args = copyOf(value.args);
        });
        return copy;
      }
      case "object": {
        const copy: Mutable<ObjectValue> = { ...value };
        open.push(() => {
          copy.callable = copyOf(value.callable);
          copy.args = copyOf(value.args);
          copy.kwargs = copyOf(value.kwargs);
          copy.state = copyOf(value.state);
          if (value.moreStates !== undefined) copy.moreStates = value.moreStates.map(copyOf);
          if (value.appended !== undefined) copy.appended = value.appended.map(copyOf);
          if (value.items !== undefined) copy.items = copyDictItems(value.items);
        });
        return copy;
      }
      case "float":
      case "complex":
      case "bytes":
      case "global":
      case "persistent":
        return value;
    }
  };

  const copied = copyOf(root);
  for (let fill = open.pop(); fill !== undefined; fill = open.pop()) fill();
  return copied;
}

/** Where each tensor stands in a tree, by entry; nowhere for an entry whose path leads through a shared container. */
export function slotsOf(root: Value): ReadonlyMap<number, readonly Slot[]> {
  const slots = new Map<number, Slot[]>();
  const seen = new Set<NodeValue>();
  const open: NodeValue[] = [];
  const look = (value: Value, slot: Slot | null): void => {
    if (!isNode(value)) return;
    if (value.kind === "tensor") {
      if (slot === null) return;
      const known = slots.get(value.entry);
      if (known === undefined) slots.set(value.entry, [slot]);
      else known.push(slot);
      return;
    }
    if (seen.has(value)) return;
    seen.add(value);
    open.push(value);
  };
  const lookAll = (items: Value[]): void =>
    items.forEach((item, index) => look(item, { holder: items, index }));
  look(root, null);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    switch (node.kind) {
      case "list":
      case "tuple":
      case "set":
        lookAll(node.items);
        break;
      case "dict":
        for (const { key, value } of node.items.values()) look(value, { holder: node, key });
        for (const value of [node.attributes, node.args ?? null, ...(node.moreStates ?? [])])
          look(value, null);
        break;
      case "object": {
        const { items, appended } = node;
        look(node.state, { holder: node, field: "state" });
        for (const value of [node.callable, node.args, node.kwargs, ...(node.moreStates ?? [])])
          look(value, null);
        if (appended !== undefined) lookAll(appended);
        items?.forEach(({ value }, index) => look(value, { holder: items, index }));
        break;
      }
      default:
    }
  }
  return slots;
}
