/**
 * Whose state an optimizer's tensors are. A file keeps them under numbers, `state/0/exp_avg`; names are written down only
 * by optimizers that were given names, and as keys by those that FSDP gathers. Else the order tells: the numbers count the
 * parameters as `parameters()` has them, which is the order of the state dict without its buffers. That is believed only
 * when there are as many of both and every shape agrees, and it is marked as inferred.
 *
 * Source: `Optimizer.state_dict` in torch/optim/optimizer.py of PyTorch 2.13.
 */

import type { Entry, ParameterOwner } from "../catalog/entry.ts";
import type { Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import { isKind } from "../pickle/globals.ts";
import { itemOf } from "./state-dict.ts";

/** The states of one parameter: all tensors under one number or name. */
interface ParameterState {
  readonly key: string | number;
  readonly entries: Entry[];
}

/** The states of one optimizer. */
interface OptimizerState {
  /** The keys that lead to the optimizer's dictionary. */
  readonly path: Path;
  /** In the order of the file. */
  readonly states: Map<string | number, ParameterState>;
}

/** The entries, those of optimizers with the names of their parameters where they can be known. */
export function withOwners(entries: readonly Entry[], root: Value): readonly Entry[] {
  const optimizers = optimizersOf(entries);
  if (optimizers.length === 0) return entries;
  const models = parametersOf(entries);
  const owners = new Map<Entry, ParameterOwner>();
  for (const optimizer of optimizers) {
    const names = namesOf(optimizer, valueAt(root, optimizer.path), models);
    for (const { key, entries: states } of optimizer.states.values()) {
      const owner = names.get(key);
      if (owner !== undefined) for (const entry of states) owners.set(entry, owner);
    }
  }
  if (owners.size === 0) return entries;
  return entries.map((entry) => {
    const owner = owners.get(entry);
    return owner === undefined ? entry : { ...entry, owner };
  });
}

function optimizersOf(entries: readonly Entry[]): OptimizerState[] {
  const optimizers = new Map<string, OptimizerState>();
  for (const entry of entries) {
    if (entry.kind !== "optimizer-state") continue;
    const at = entry.path.indexOf("state");
    const key = entry.path[at + 1];
    if (at < 0 || key === undefined) continue;
    const path = entry.path.slice(0, at);
    const name = joinPath(path);
    const optimizer = optimizers.get(name) ?? { path, states: new Map<string | number, ParameterState>() };
    optimizers.set(name, optimizer);
    const state = optimizer.states.get(key) ?? { key, entries: [] };
    optimizer.states.set(key, state);
    state.entries.push(entry);
  }
  return [...optimizers.values()];
}

/** The parameters of each state dict in the file, in order, a tensor with several names once. */
function parametersOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const models = new Map<string, Entry[]>();
  const seen = new Map<string, Set<string>>();
  for (const entry of entries) {
    if (entry.kind !== "parameter" && entry.kind !== "tensor") continue;
    const model = joinPath(entry.path.slice(0, -1));
    const parameters = models.get(model) ?? [];
    const views = seen.get(model) ?? new Set<string>();
    models.set(model, parameters);
    seen.set(model, views);
    const view =
      entry.layout === "strided" ? `${entry.storage.key} ${entry.offset} ${entry.shape.join()}` : entry.name;
    if (views.has(view)) continue;
    views.add(view);
    parameters.push(entry);
  }
  return [...models.values()];
}

/** The value under keys; undefined where there is none. */
function valueAt(root: Value, path: Path): Value | undefined {
  let value: Value | undefined = root;
  for (const level of path) {
    if (isKind(value, "dict")) value = value.items.get(keyOf(level))?.value;
    else if ((isKind(value, "list") || isKind(value, "tuple")) && typeof level === "number")
      value = value.items[level];
    else return undefined;
  }
  return value;
}

/** The parameter of each number or name, as far as it can be known. */
function namesOf(
  { states }: OptimizerState,
  optimizer: Value | undefined,
  models: readonly (readonly Entry[])[],
): ReadonlyMap<string | number, ParameterOwner> {
  const names = new Map<string | number, ParameterOwner>();
  const numbers: number[] = [];
  const groups = itemOf(optimizer, "param_groups");
  for (const group of isKind(groups, "list") ? groups.items : []) {
    const keys = itemOf(group, "params");
    const given = itemOf(group, "param_names");
    for (const [index, key] of (isKind(keys, "list") ? keys.items : []).entries()) {
      if (typeof key !== "number") continue;
      numbers.push(key);
      const name = isKind(given, "list") ? given.items[index] : undefined;
      if (typeof name === "string") names.set(key, { name, from: "recorded" });
    }
  }
  for (const key of states.keys())
    if (typeof key === "string") names.set(key, { name: key, from: "recorded" });
  if (names.size > 0) return names;
  const model = models.find((parameters) => isInOrder(numbers, parameters, states));
  if (model === undefined) return names;
  return new Map(numbers.map((key, index) => [key, { name: model[index]!.name, from: "inferred" }]));
}

/** Whether parameters can be those that the numbers count: as many, and of the shapes of all that is kept for them. */
function isInOrder(
  numbers: readonly number[],
  parameters: readonly Entry[],
  states: ReadonlyMap<string | number, ParameterState>,
): boolean {
  if (numbers.length === 0 || numbers.length !== parameters.length) return false;
  let compared = 0;
  const agrees = numbers.every((key, index) => {
    // Counts of steps are scalars for parameters of any shape.
    const kept = (states.get(key)?.entries ?? []).filter(({ shape }) => shape.length > 0);
    compared += kept.length;
    return kept.every(({ shape }) => String(shape) === String(parameters[index]!.shape));
  });
  return agrees && compared > 0;
}
