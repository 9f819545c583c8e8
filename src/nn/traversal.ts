/**
 * Walks over a network: its modules, parameters and buffers with their dotted names, in PyTorch's order. A module's
 * own come before those of its children; what several names share is met once unless told otherwise.
 */

import type { Tensor } from "../tensor/tensor.ts";
import type { ModuleProtocol } from "./module-record.ts";
import type { Parameter } from "./parameter.ts";
import { slotsOf, slotsOfKind } from "./slots.ts";

/** Options of `namedModules`. */
export interface NamedModulesOptions<M = ModuleProtocol> {
  /** Modules that are passed over, with all that is only reached through them; those that are met are added. */
  readonly memo?: Set<M>;
  /** The name of the module itself, from which the others are made. Default `""`. */
  readonly prefix?: string;
  /** Meet a module under its first name only. Default true; false does not end where a network contains itself. */
  readonly removeDuplicate?: boolean;
}

/** Options of `namedParameters` and `namedBuffers`. */
export interface NamedTensorsOptions {
  /** Stands before all names, with a dot. Default `""`. */
  readonly prefix?: string;
  /** Walk the children, too. Default true. */
  readonly recurse?: boolean;
  /** Meet a tensor under its first name only. Default true. */
  readonly removeDuplicate?: boolean;
}

/** `prefix.name`, or the bare name where there is no prefix. */
export function dotted(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/** The children with their names, each module once. */
export function* namedChildren<M extends ModuleProtocol>(module: M): Generator<[string, M], undefined> {
  const seen = new Set<M>();
  for (const { name, value } of slotsOfKind(module, "module")) {
    if (value === null || seen.has(value)) continue;
    seen.add(value);
    yield [name, value];
  }
}

/** The module and all modules in it. */
export function* namedModules<M extends ModuleProtocol>(
  module: M,
  options: NamedModulesOptions<M> = {},
): Generator<[string, M], undefined> {
  const { memo = new Set<M>(), prefix = "", removeDuplicate = true } = options;
  // Iterative, so that depth is no limit: what is to be visited next is on top.
  const pending: [string, M][] = [[prefix, module]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [name, current] = next;
    if (memo.has(current)) continue;
    if (removeDuplicate) memo.add(current);
    yield [name, current];
    const children = slotsOfKind(current, "module");
    for (let k = children.length - 1; k >= 0; k--) {
      const { name: childName, value } = children[k]!;
      if (value !== null) pending.push([dotted(name, childName), value]);
    }
  }
}

/** The parameters with their names. */
export function namedParameters(
  module: ModuleProtocol,
  options: NamedTensorsOptions = {},
): Generator<[string, Parameter], undefined> {
  return namedTensors(module, "parameter", options) as Generator<[string, Parameter], undefined>;
}

/** The buffers with their names. */
export function namedBuffers(
  module: ModuleProtocol,
  options: NamedTensorsOptions = {},
): Generator<[string, Tensor], undefined> {
  return namedTensors(module, "buffer", options);
}

function* namedTensors(
  module: ModuleProtocol,
  kind: "parameter" | "buffer",
  options: NamedTensorsOptions,
): Generator<[string, Tensor], undefined> {
  const { prefix = "", recurse = true, removeDuplicate = true } = options;
  const seen = new Set<Tensor>();
  const modules = new Set<ModuleProtocol>();
  // As `namedModules`, in one walk, as it is what every training step runs.
  const pending: [string, ModuleProtocol][] = [[prefix, module]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [moduleName, current] = next;
    if (modules.has(current)) continue;
    if (removeDuplicate) modules.add(current);
    const slots = slotsOf(current);
    for (const slot of slots) {
      if (slot.kind !== kind || slot.value === null || seen.has(slot.value)) continue;
      if (removeDuplicate) seen.add(slot.value);
      yield [dotted(moduleName, slot.name), slot.value];
    }
    if (!recurse) return;
    for (let k = slots.length - 1; k >= 0; k--) {
      const slot = slots[k]!;
      if (slot.kind === "module" && slot.value !== null)
        pending.push([dotted(moduleName, slot.name), slot.value]);
    }
  }
}

/** The values of a walk without their names. */
export function* valuesOf<T>(named: Iterable<readonly [string, T]>): Generator<T, undefined> {
  for (const [, value] of named) yield value;
}
