/**
 * A document as names and tensors, for formats that hold nothing else: which name each tensor gets, what to do with
 * other values, and with names that share elements.
 */

import type { Document, DocumentLeaf, StoredBytes, StoredTensor } from "../catalog/document.ts";
import type { Value } from "../catalog/value.ts";
import { byteLengthOf } from "../dtype.ts";
import { quote, StateError } from "../errors.ts";
import { joinPath } from "../name.ts";
import { levelOf } from "./level.ts";

/**
 * What to do with names that share elements: `refuse`; `drop` all names but one and record them in the metadata, as
 * safetensors' `save_model` does; or `copy` the elements for each name.
 */
export type Ties = "refuse" | "drop" | "copy";

/** A tensor under its name. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: StoredTensor;
}

/** The tensors of a document, and what was left out because it shares the elements of a name that is there. */
export interface NamedTensors {
  readonly tensors: readonly NamedTensor[];
  /** From the name that was left out to the one that has its elements. */
  readonly dropped: ReadonlyMap<string, string>;
}

/** Names that a message shows at most. */
const shownNames = 5;

function shown(names: readonly string[]): string {
  return `${names.slice(0, shownNames).map(quote).join(", ")}${names.length > shownNames ? ", …" : ""}`;
}

/** The containers that hold tensors, as names of their own: their common part is not repeated in every name. */
function named(leaves: readonly DocumentLeaf[]): readonly (readonly [string, DocumentLeaf])[] {
  const [first] = leaves;
  if (first === undefined) return [];
  const around = joinPath(first.path.slice(0, -1));
  const outside = leaves.find(({ path }) => joinPath(path.slice(0, -1)) !== around);
  if (outside !== undefined) {
    throw new StateError(
      `writing named tensors: they lie in several containers, ${quote(joinPath(first.path))} and ${quote(joinPath(outside.path))}`,
      {
        code: "several-containers",
        hint: "Delete the items that do not belong to the model (an optimizer's state), or save the file as .pt.",
      },
    );
  }
  return leaves.map((leaf) => [String(leaf.path.at(-1) ?? "tensor"), leaf]);
}

/** The items beside the tensors, by name, where the tree is nothing but dictionaries; `_metadata` is no such item. */
function othersIn(root: Value): string[] {
  const others: string[] = [];
  const open: { value: Value; path: readonly (string | number)[] }[] = [{ value: root, path: [] }];
  const seen = new Set<Value>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === "object" && value?.kind === "tensor") continue;
    if (typeof value === "object" && value?.kind === "dict") {
      if (seen.has(value)) continue;
      seen.add(value);
      for (const [place, item] of [...value.items.values()].entries()) {
        open.push({ value: item.value, path: [...path, levelOf(item.key, place)] });
      }
    } else if (!isModuleLike(value)) {
      others.push(joinPath(path));
    }
  }
  return others;
}

/** A pickled object: its tensors are listed, what else it is no format but a pickle can hold. */
function isModuleLike(value: Value): boolean {
  return typeof value === "object" && value?.kind === "object";
}

/**
 * The tensors of a document by name.
 *
 * Throws: `StateError`.
 */
export function namedTensors(document: Document, ties: Ties, others: "refuse" | "drop"): NamedTensors {
  const leaves = document.leaves.filter((leaf) => leaf !== null);
  const unplain = leaves.filter(({ tensor }) => tensor === null);
  if (unplain.length > 0) {
    const first = unplain[0]!;
    throw new StateError(
      `writing named tensors: ${quote(joinPath(first.path))} has no plain elements, ${first.why ?? "it was not read"}`,
      { code: "unwritable-tensor", hint: "Delete it, or save the file as .pt." },
    );
  }
  if (others === "refuse") {
    const found = othersIn(document.root);
    if (found.length > 0) {
      throw new StateError(
        `writing named tensors: ${shown(found)} ${found.length === 1 ? "is" : "are"} no tensor`,
        {
          code: "not-a-tensor",
          hint: 'Pass others: "drop" to leave such values out, or save the file as .pt.',
        },
      );
    }
  }
  const tensors = named(leaves).map(([name, leaf]): NamedTensor => ({ name, tensor: leaf.tensor! }));
  const dropped = new Map<string, string>();
  if (ties !== "copy") {
    for (const group of shared(tensors)) {
      if (ties === "refuse" || !isOneView(group)) throw sharing(group, ties);
      const [kept, ...rest] = group.map(({ name }) => name).sort(compareNames);
      for (const name of rest) dropped.set(name, kept!);
    }
  }
  return { tensors: tensors.filter(({ name }) => !dropped.has(name)), dropped };
}

/** Python's order of strings, for the names that people use; only which one is kept depends on it. */
function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sharing(group: readonly NamedTensor[], ties: Ties): StateError {
  const names = shown(group.map(({ name }) => name));
  return ties === "refuse"
    ? new StateError(`writing named tensors: ${names} share elements, which safetensors cannot say`, {
        code: "shared-tensors",
        hint: 'Pass ties: "drop" to write one of the names and record the others, or ties: "copy" to write all.',
      })
    : new StateError(`writing named tensors: ${names} share some of their elements, not all`, {
        code: "overlapping-tensors",
        hint: 'Pass ties: "copy" to write the elements of each.',
      });
}

/** The first byte of a tensor in its storage, and the byte after its last. */
function windowOf({ dtype, shape, stride, offset }: StoredTensor): readonly [start: number, end: number] {
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * stride[axis]!, offset);
  return [byteLengthOf(dtype, offset), byteLengthOf(dtype, last + 1)];
}

/** Tensors whose windows of a storage overlap, in groups of at least two. Tensors without elements share none. */
function shared(tensors: readonly NamedTensor[]): NamedTensor[][] {
  const byStorage = new Map<StoredBytes, NamedTensor[]>();
  for (const named of tensors) {
    if (named.tensor.shape.includes(0)) continue;
    const known = byStorage.get(named.tensor.storage);
    if (known === undefined) byStorage.set(named.tensor.storage, [named]);
    else known.push(named);
  }
  const groups: NamedTensor[][] = [];
  for (const members of byStorage.values()) {
    if (members.length < 2) continue;
    const windows = members
      .map((named) => ({ named, window: windowOf(named.tensor) }))
      .sort((a, b) => a.window[0] - b.window[0]);
    let group: NamedTensor[] = [];
    let reach = -1;
    for (const { named, window } of windows) {
      if (window[0] >= reach) {
        if (group.length > 1) groups.push(group);
        group = [];
      }
      group.push(named);
      reach = Math.max(reach, window[1]);
    }
    if (group.length > 1) groups.push(group);
  }
  return groups;
}

/** Whether all are the very same elements in the same arrangement. */
function isOneView(group: readonly NamedTensor[]): boolean {
  const [first, ...rest] = group.map(({ tensor: { dtype, shape, stride, offset } }) =>
    JSON.stringify([dtype.name, shape, stride, offset]),
  );
  return rest.every((text) => text === first);
}
