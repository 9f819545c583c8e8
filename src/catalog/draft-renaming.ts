/**
 * Renaming the tensors of a draft: which keys of its tree become what, what stands in the way, and what follows the new
 * names. It changes nothing but the `_metadata` of state dicts; the draft does the rest.
 */

import { quote, UsageError } from "../errors.ts";
import { joinPath } from "../name.ts";
import type { ModuleFacts } from "./catalog.ts";
import type { DraftTensors } from "./draft-tensors.ts";
import type { DraftTree } from "./draft-tree.ts";
import { metadataNames, metadataOf, moveMetadata } from "./draft-tree.ts";
import type { Entry } from "./entry.ts";
import { movedModules, nameWithin, renamedModules } from "./renaming.ts";

/** New names that nothing stands in the way of. */
export interface Renaming {
  /** Old and new name of each tensor. */
  readonly names: readonly (readonly [string, string])[];
  /** The new key of each item that holds tensors, by the index of the first of them. */
  readonly keys: ReadonlyMap<number, string>;
  /** The new last level of each tensor's path, by its index. */
  readonly levels: ReadonlyMap<number, string>;
}

/** Faults that one message names. */
const shownFaults = 10;

/**
 * What renaming comes to: `rename` gets each name and gives the new one.
 *
 * Throws: `UsageError` with all names that meet, that would leave their container, or that have no key of their own.
 */
export function planRenaming(
  tree: DraftTree,
  tensors: DraftTensors,
  rename: (name: string) => string,
): Renaming {
  const names = tensors.held.flatMap(({ entry }) => {
    const newName = rename(entry.name);
    return newName === entry.name ? [] : [{ entry, newName }];
  });
  const keys = new Map<number, string>();
  const levels = new Map<number, string>();
  const faults: string[] = [];
  for (const { entry, newName } of names) {
    const fault = plan(tree, entry, newName, keys, levels);
    if (fault !== null) faults.push(`${quote(entry.name)} cannot become ${quote(newName)}: ${fault}`);
  }
  faults.push(...tree.collisions(keys));
  if (faults.length > 0) {
    const more = faults.length > shownFaults ? `; and ${faults.length - shownFaults} more` : "";
    const shown = faults.slice(0, shownFaults).join("; ");
    throw new UsageError(`renaming ${names.length} tensors: ${shown}${more}`, {
      code: "bad-rename",
      hint: "Nothing was renamed.",
    });
  }
  return { names: names.map(({ entry, newName }) => [entry.name, newName]), keys, levels };
}

/** Notes the new key and level of a tensor; a phrase where it cannot have that name. */
function plan(
  tree: DraftTree,
  { name, path, index }: Entry,
  newName: string,
  keys: Map<number, string>,
  levels: Map<number, string>,
): string | null {
  const cut = newName.lastIndexOf("/") + 1;
  if (newName.slice(0, cut) !== name.slice(0, name.lastIndexOf("/") + 1))
    return "it would leave its container";
  const level = newName.slice(cut).replaceAll("~1", "/").replaceAll("~0", "~");
  const { key, fault } = tree.newKey(index, path.at(-1), level);
  if (key === undefined) return fault;
  const group = tree.group(index);
  const first = group[0]!;
  if (keys.has(first) && keys.get(first) !== key) return "it stands at another path too, under one key";
  keys.set(first, key);
  for (const one of group) levels.set(one, level);
  return null;
}

/**
 * The modules after a renaming. The `_metadata` of the state dicts in the tree follow it here; the tree has still its old
 * keys.
 */
export function modulesAfter(
  { levels }: Renaming,
  tree: DraftTree,
  tensors: DraftTensors,
  modules: readonly ModuleFacts[],
): readonly ModuleFacts[] {
  const containers = new Map<string, { readonly names: Map<string, string>; readonly index: number }>();
  for (const { entry } of tensors.held) {
    const level = entry.path.at(-1);
    if (typeof level !== "string") continue;
    const around = joinPath(entry.path.slice(0, -1));
    let container = containers.get(around);
    if (container === undefined)
      containers.set(around, (container = { names: new Map(), index: entry.index }));
    container.names.set(level, levels.get(entry.index) ?? level);
  }
  let after = modules;
  for (const [around, { names, index }] of containers) {
    if ([...names].every(([old, fresh]) => old === fresh)) continue;
    const metadata = metadataOf(tree.holder(index));
    const within = after.flatMap(({ name }) => nameWithin(name, around) ?? []);
    const moved = movedModules(names, [...within, ...metadataNames(metadata)]);
    if (metadata !== null) moveMetadata(metadata, moved);
    after = renamedModules(after, around, moved);
  }
  return after;
}
