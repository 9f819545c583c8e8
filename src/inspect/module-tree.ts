/**
 * The module tree of a report: every module with the entries and elements of its own and of its whole subtree.
 */

import type { ModuleFacts } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import { moduleTree } from "../catalog/modules.ts";
import type { Sharing } from "./sharing.ts";

/** Entries, and their elements with what they share counted once. */
export interface Count {
  readonly entries: number;
  readonly elements: number;
}

/** A module with what it holds. */
export interface ModuleRow extends ModuleFacts {
  /** What lies directly in it. */
  readonly own: Count;
  /** What lies in it and in all modules below it. */
  readonly total: Count;
}

/** A module while it is being counted. */
interface Node {
  readonly facts: ModuleFacts;
  /** The nearest listed module around it. */
  readonly parent: Node | null;
  readonly own: Tally;
  readonly total: Tally;
}

/** Entries while they are being counted. */
interface Tally {
  entries: number;
  /** Elements that nothing else shows. */
  unshared: number;
  /** Entries whose elements something else may show too; null for none, as nearly always. */
  shared: Entry[] | null;
}

/** Whether a name lies in a module or below it. */
export function isInside(name: string, module: string): boolean {
  if (module === "") return true;
  if (name.length <= module.length || !name.startsWith(module)) return false;
  return name[module.length] === "." || name[module.length] === "/";
}

/** The modules by name, each with the one around it, in tree order. */
function nodesOf(modules: readonly ModuleFacts[], entries: readonly Entry[]): Map<string, Node> {
  const nodes = new Map<string, Node>();
  let around: Node | null = null;
  for (const facts of modules) {
    while (around !== null && !isInside(facts.name, around.facts.name)) around = around.parent;
    around = { facts, parent: around, own: newTally(), total: newTally() };
    nodes.set(facts.name, around);
  }
  // A catalog lists the modules of all its entries; one that is made by hand may leave that to us.
  const unlisted = entries.filter(({ module }) => !nodes.has(module)).map(({ module }) => module);
  return unlisted.length === 0 ? nodes : nodesOf(moduleTree(modules, unlisted), []);
}

function newTally(): Tally {
  return { entries: 0, unshared: 0, shared: null };
}

function addShared(tally: Tally, entry: Entry): void {
  if (tally.shared === null) tally.shared = [entry];
  else tally.shared.push(entry);
}

function countOf({ entries, unshared, shared }: Tally, sharing: Sharing): Count {
  return { entries, elements: unshared + (shared === null ? 0 : sharing.amountOf(shared).elements) };
}

/**
 * Counts the modules of some entries, in tree order. Modules below which there is no entry are left out unless
 * `withEmpty`.
 */
export function moduleRows(
  modules: readonly ModuleFacts[],
  entries: readonly Entry[],
  sharing: Sharing,
  withEmpty: boolean,
): ModuleRow[] {
  const nodes = nodesOf(modules, entries);
  for (const entry of entries) {
    const home = nodes.get(entry.module)!;
    home.own.entries++;
    if (!sharing.isShared(entry)) {
      home.own.unshared += entry.numel;
      continue;
    }
    addShared(home.own, entry);
    for (let node: Node | null = home; node !== null; node = node.parent) addShared(node.total, entry);
  }
  const ordered = [...nodes.values()];
  for (const { own, total, parent } of ordered.toReversed()) {
    total.entries += own.entries;
    total.unshared += own.unshared;
    if (parent === null) continue;
    parent.total.entries += total.entries;
    parent.total.unshared += total.unshared;
  }
  return ordered
    .filter(({ total }) => withEmpty || total.entries > 0)
    .map(({ facts, own, total }) => ({
      name: facts.name,
      class: facts.class,
      training: facts.training,
      own: countOf(own, sharing),
      total: countOf(total, sharing),
    }));
}
