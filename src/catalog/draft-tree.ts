/**
 * The tree of a draft: a copy of the file's, in which keys are renamed and items taken out. Tensors are numbered as in
 * the file, whatever happens to others.
 */

import { quote } from "../errors.ts";
import type { Path } from "../name.ts";
import type { Catalog } from "./catalog.ts";
import type { Slot } from "./tree.ts";
import { copyTree, slotsOf } from "./tree.ts";
import type { DictItem, DictValue, Value } from "./value.ts";
import { keyOf } from "./value.ts";

/** A place in a dictionary. */
type KeySlot = Extract<Slot, { readonly key: Value }>;

function hasKey(slot: Slot): slot is KeySlot {
  return "key" in slot;
}

/** A tensor's new key, or why it cannot have it. */
export type NewKey =
  | { readonly key: string; readonly fault?: never }
  | { readonly fault: string; readonly key?: never };

function isDict(value: Value | undefined): value is DictValue {
  return typeof value === "object" && value !== null && value.kind === "dict";
}

/** The copy of a tree, and where its tensors stand. */
export class DraftTree {
  readonly root: Value;
  #slots: ReadonlyMap<number, readonly Slot[]>;
  /** The tensors that stand in the same places: a container that two paths lead to has each of its tensors once. */
  readonly #groups: ReadonlyMap<number, readonly number[]>;

  constructor(base: Catalog, made: readonly Value[]) {
    this.root = copyTree(base.root, (entry) => ({ kind: "tensor", entry }));
    this.#slots = slotsOf(this.root);
    const homes = new Map<string, Map<Value, number>>();
    const groups = new Map<number, number[]>();
    for (const { index, path } of base.entries) {
      const level = String(path.at(-1) ?? "");
      const value = made[index] ?? null;
      let home = homes.get(level);
      if (home === undefined) homes.set(level, (home = new Map()));
      if (this.#slots.has(index)) {
        if (!home.has(value)) home.set(value, index);
        groups.set(index, [index]);
        continue;
      }
      const first = value === null ? undefined : home.get(value);
      const group = (first === undefined ? undefined : groups.get(first)) ?? [];
      group.push(index);
      groups.set(index, group);
    }
    this.#groups = groups;
  }

  /** A tensor and those that stand in the same places; the first of them is the one in the tree. */
  group(index: number): readonly number[] {
    return this.#groups.get(index) ?? [index];
  }

  /** The places of a tensor. */
  slots(index: number): readonly Slot[] {
    return this.#slots.get(this.group(index)[0]!) ?? [];
  }

  /** The dictionary that a tensor stands in, if it is one. */
  holder(index: number): DictValue | null {
    const slot = this.slots(index)[0];
    return slot !== undefined && hasKey(slot) ? slot.holder : null;
  }

  /** Whether a tensor can be taken out: it is an item of dictionaries and of nothing else. */
  isItem(index: number): boolean {
    const slots = this.slots(index);
    return slots.length > 0 && slots.every(hasKey);
  }

  /** Takes a tensor out of its dictionaries. */
  remove(index: number): void {
    for (const slot of this.slots(index)) if (hasKey(slot)) slot.holder.items.delete(keyOf(slot.key));
  }

  /** The key that a tensor at `level` gets in its dictionary when the level becomes `newLevel`. */
  newKey(index: number, level: string | number | undefined, newLevel: string): NewKey {
    const [slot] = this.slots(index);
    if (slot === undefined || !hasKey(slot) || !this.isItem(index))
      return { fault: "it is no item of a dictionary" };
    if (typeof slot.key !== "string") return { fault: "its key is no text" };
    if (level === slot.key) return { key: newLevel };
    // In a whole module the level has the names of the modules around it too.
    const around = String(level).slice(0, -slot.key.length);
    if (!newLevel.startsWith(around) || newLevel.slice(around.length).includes(".")) {
      return { fault: "in a pickled module only the last part of a name can change" };
    }
    return { key: newLevel.slice(around.length) };
  }

  /** What is wrong with giving tensors these keys: those that would be in one dictionary twice. */
  collisions(keys: ReadonlyMap<number, string>): string[] {
    const changes = this.#changes(keys);
    const faults: string[] = [];
    for (const [dict, changed] of changes) {
      const taken = new Set([...dict.items.keys()].filter((key) => !changed.has(key)));
      for (const key of changed.values()) {
        if (taken.has(keyOf(key))) faults.push(`${quote(key)} would be there twice`);
        taken.add(keyOf(key));
      }
    }
    return faults;
  }

  /** Gives tensors new keys; all items keep their places. */
  rekey(keys: ReadonlyMap<number, string>): void {
    for (const [dict, changed] of this.#changes(keys)) {
      const items = [...dict.items].map(([before, item]): DictItem => {
        const key = changed.get(before);
        return key === undefined ? item : { key, value: item.value };
      });
      dict.items.clear();
      for (const item of items) dict.items.set(keyOf(item.key), item);
    }
    this.#slots = slotsOf(this.root);
  }

  /** New keys by dictionary and old key. */
  #changes(keys: ReadonlyMap<number, string>): Map<DictValue, Map<string, string>> {
    const changes = new Map<DictValue, Map<string, string>>();
    for (const [index, key] of keys) {
      for (const slot of this.slots(index).filter(hasKey)) {
        let changed = changes.get(slot.holder);
        if (changed === undefined) changes.set(slot.holder, (changed = new Map()));
        changed.set(keyOf(slot.key), key);
      }
    }
    return changes;
  }

  /** The dictionary in which a path ends; undefined where it leads elsewhere. */
  dictAt(path: Path): DictValue | undefined {
    let value: Value | undefined = this.root;
    for (const level of path.slice(0, -1)) {
      if (isDict(value)) value = value.items.get(keyOf(level))?.value;
      else if (typeof value === "object" && (value?.kind === "list" || value?.kind === "tuple"))
        value = value.items[Number(level)];
      else return undefined;
    }
    return isDict(value) && path.length > 0 ? value : undefined;
  }

  /** Looks anew where tensors stand, after items came or went. */
  refresh(): void {
    this.#slots = slotsOf(this.root);
  }
}

/** What a state dict keeps of its modules, by name; null for other dictionaries. */
export function metadataOf(dict: DictValue | null): DictValue | null {
  const metadata = isDict(dict?.attributes)
    ? dict.attributes.items.get(keyOf("_metadata"))?.value
    : undefined;
  return isDict(metadata) ? metadata : null;
}

/** The module names that a state dict's metadata has. */
export function metadataNames(metadata: DictValue | null): string[] {
  return [...(metadata?.items.values() ?? [])].flatMap(({ key }) => (typeof key === "string" ? [key] : []));
}

/** Renames the keys of a state dict's metadata; where two meet, the one that moved there stays. */
export function moveMetadata(metadata: DictValue, moved: ReadonlyMap<string, string>): void {
  const items = [...metadata.items.values()];
  const targetOf = ({ key }: DictItem): Value => (typeof key === "string" ? (moved.get(key) ?? key) : key);
  const arrived = new Set(
    items.filter((item) => targetOf(item) !== item.key).map((item) => keyOf(targetOf(item))),
  );
  metadata.items.clear();
  for (const item of items) {
    const key = targetOf(item);
    if (key === item.key && arrived.has(keyOf(key))) continue;
    metadata.items.set(keyOf(key), { key, value: item.value });
  }
}
