/**
 * What renamed tensors mean for the modules they belong to: when `module.conv1.weight` becomes `conv1.weight`, the
 * module `module.conv1` becomes `conv1`, and so do those beside it that have no tensors.
 */

import type { ModuleFacts } from "./catalog.ts";

/** `name` without the dotted part `tail` at its end; undefined when it does not end so. */
function withoutTail(name: string, tail: string): string | undefined {
  if (name === tail) return "";
  return name.endsWith(`.${tail}`) ? name.slice(0, -tail.length - 1) : undefined;
}

function parentOf(name: string): string | null {
  if (name === "") return null;
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(0, dot);
}

/**
 * The new names of modules, from the old and new names of the tensors of one state dict. A module moves when all of its
 * tensors, those of its children included, keep the rest of their name behind a new one of its own; a module without
 * tensors moves with the nearest one around it.
 *
 * @example
 * movedModules(new Map([["a.b.weight", "b.weight"]]), ["", "a", "a.b", "a.relu"]);
 * // Map { "" => "", "a" => "", "a.b" => "b", "a.relu" => "relu" }
 */
export function movedModules(
  names: ReadonlyMap<string, string>,
  modules: readonly string[],
): ReadonlyMap<string, string> {
  const moved = new Map<string, string | null>();
  for (const [before, after] of names) {
    for (let module = parentOf(before); module !== null; module = parentOf(module)) {
      const rest = module === "" ? before : before.slice(module.length + 1);
      const target = withoutTail(after, rest) ?? null;
      const known = moved.get(module);
      moved.set(module, known === undefined || known === target ? target : null);
    }
  }
  const result = new Map<string, string>();
  for (const module of modules) {
    let around: string | null = module;
    while (around !== null && !moved.has(around)) around = parentOf(around);
    const target = around === null ? null : (moved.get(around) ?? null);
    if (around === null || target === null) {
      result.set(module, module);
      continue;
    }
    const rest = around === "" ? module : module.slice(around.length + 1);
    result.set(module, target === "" || rest === "" ? target + rest : `${target}.${rest}`);
  }
  return result;
}

/** Modules in the container at `around` under their new names; of modules that meet, the first stays. */
export function renamedModules(
  modules: readonly ModuleFacts[],
  around: string,
  moved: ReadonlyMap<string, string>,
): readonly ModuleFacts[] {
  const seen = new Set<string>();
  return modules.flatMap((facts) => {
    const own = nameWithin(facts.name, around);
    const target = own === null ? undefined : moved.get(own);
    const name = target === undefined ? facts.name : placed(target, around);
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ ...facts, name }];
  });
}

/** The dotted name of a module inside the container at `around`; null for modules elsewhere. */
export function nameWithin(name: string, around: string): string | null {
  if (name === around) return "";
  const prefix = around === "" ? "" : `${around}/`;
  if (!name.startsWith(prefix)) return null;
  const own = name.slice(prefix.length);
  return own.includes("/") ? null : own;
}

function placed(own: string, around: string): string {
  if (own === "") return around;
  return around === "" ? own : `${around}/${own}`;
}
