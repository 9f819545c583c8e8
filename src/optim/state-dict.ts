/**
 * State dicts of optimizers, in PyTorch's layout: parameters are numbers, counted through the groups.
 */

import { pythonFactsOf, rememberPython } from "../catalog/python-facts.ts";
import type { Saveable } from "../catalog/saveable.ts";
import { torchError } from "../errors.ts";
import { converted } from "../ops/elementwise.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { floatsOf, isTuple, setHyper, tupleLike, tupleOf } from "./hyper-parameter.ts";
import type { ParameterGroup } from "./parameter-group.ts";
import { fillGroup } from "./parameter-group.ts";

/** What an optimizer remembers of one parameter, under PyTorch's names: `"exp_avg"`, `"step"`. */
export type ParameterState = Map<string, Saveable>;

/** What a state dict is made of, and made into. */
export interface OptimizerFacts {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly paramGroups: readonly ParameterGroup[];
  /** State of no parameter stands under its number. */
  readonly state: Map<Tensor | number, ParameterState>;
}

/**
 * `"state"`: what is remembered of each parameter, by its number; `"param_groups"`: the hyper-parameters of each group,
 * with the numbers of its parameters as `"params"`.
 */
export interface OptimizerStateDict extends Map<string, Saveable> {
  get(name: "state"): Map<number, ParameterState>;
  get(name: "param_groups"): Map<string, Saveable>[];
  get(name: string): Saveable | undefined;
}

/** What `loadStateDict` takes: a state dict, or one written as plain objects. */
export type LoadableOptimizerState = ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

/** `stateDict`: see `Optimizer`. */
export function optimizerStateDict(optimizer: OptimizerFacts): OptimizerStateDict {
  const numbers = new Map<Tensor, number>();
  let start = 0;
  const groups = optimizer.paramGroups.map((group) => {
    const packed = new Map<string, unknown>();
    for (const [name, value] of Object.entries(group)) {
      if (name === "params") continue;
      packed.set(name, tupleLike(optimizer.defaults[name], value));
    }
    // A parameter that a group has twice goes by its last place in the first such group.
    const places = new Map(group.params.map((parameter, index) => [parameter, start + index]));
    for (const [parameter, place] of places) if (!numbers.has(parameter)) numbers.set(parameter, place);
    packed.set(
      "params",
      group.params.map((parameter) => numbers.get(parameter)!),
    );
    start += group.params.length;
    return rememberPython(packed, { floats: new Set(floatsOf(group)) });
  });
  const state = new Map<number, ParameterState>();
  for (const [parameter, held] of optimizer.state) {
    const number = isTensor(parameter) ? numbers.get(parameter) : parameter;
    if (number === undefined) throw torchError("KeyError", "a parameter that is in no group has state");
    state.set(number, held);
  }
  return new Map<string, unknown>([
    ["state", state],
    ["param_groups", groups],
  ]) as OptimizerStateDict;
}

/** A state dict of its own, with the parts of another. */
export function asStateDict(given: LoadableOptimizerState): OptimizerStateDict {
  return new Map(pairsOf(given)) as OptimizerStateDict;
}

/** The groups and the state that an optimizer has after loading; see `Optimizer`. */
export function loadOptimizerState(
  optimizer: OptimizerFacts,
  dict: OptimizerStateDict,
): Pick<OptimizerFacts, "paramGroups" | "state"> {
  const saved = listOf(required(dict, "param_groups"));
  const numbers = saved.map((group) => listOf(required(new Map(pairsOf(group)), "params")));
  requireFitting(optimizer, numbers);

  const parameters = new Map<unknown, Tensor>();
  numbers.forEach((list, index) => {
    list.forEach((number, k) => parameters.set(keyOf(number), optimizer.paramGroups[index]!.params[k]!));
  });
  const state: OptimizerFacts["state"] = new Map();
  for (const [number, held] of pairsOf(required(dict, "state"))) {
    const parameter = parameters.get(keyOf(number));
    if (parameter === undefined) state.set(number as unknown as number, held as ParameterState);
    else state.set(parameter, castValue(parameter, held, undefined) as ParameterState);
  }
  const paramGroups = optimizer.paramGroups.map((group, index) =>
    loadedGroup(optimizer, group, saved[index]),
  );
  return { paramGroups, state };
}

function requireFitting(optimizer: OptimizerFacts, saved: readonly (readonly unknown[])[]): void {
  const groups = optimizer.paramGroups;
  if (groups.length !== saved.length) {
    throw torchError("ValueError", "loaded state dict has a different number of parameter groups");
  }
  if (groups.some(({ params }, index) => params.length !== saved[index]!.length)) {
    throw torchError(
      "ValueError",
      "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    );
  }
}

/** A group with its parameters and all else as it was saved; the defaults may lack, as in PyTorch. */
function loadedGroup(optimizer: OptimizerFacts, group: ParameterGroup, saved: unknown): ParameterGroup {
  const loaded = {} as ParameterGroup;
  const floats = floatsOf(saved as object);
  const values = new Map(pairsOf(saved));
  if (group.param_names !== undefined && !values.has("param_names")) {
    values.set("param_names", group.param_names);
  }
  for (const [name, value] of values) {
    const kept = name === "params" ? group.params : Array.isArray(value) ? copied(value) : value;
    setHyper(loaded, String(name), kept, floats.has(name));
  }
  const known = Object.entries(optimizer.defaults).filter(([name]) => Object.hasOwn(loaded, name));
  fillGroup(loaded, Object.fromEntries(known));
  return loaded;
}

function copied(list: readonly unknown[]): unknown[] {
  return isTuple(list) ? tupleOf(rememberPython([...list], pythonFactsOf(list))) : [...list];
}

/** State of a parameter: floats get the parameter's dtype, except the count of steps. */
function castValue(parameter: Tensor, value: unknown, name: unknown): unknown {
  if (isTensor(value)) {
    const isKept = name === "step" || parameter.dtype.kind !== "float" || value.dtype === parameter.dtype;
    return isKept ? value : converted(value, parameter.dtype);
  }
  if (Array.isArray(value)) {
    const list = value.map((item) => castValue(parameter, item, undefined));
    return rememberPython(list, pythonFactsOf(value));
  }
  if (typeof value === "object" && value !== null && !("kind" in value)) {
    const cast = new Map<unknown, unknown>();
    for (const [key, item] of pairsOf(value)) cast.set(key, castValue(parameter, item, key));
    return rememberPython(cast, pythonFactsOf(value));
  }
  return value;
}

/** A number of a parameter, as Map, plain object or JSON writes it. */
function keyOf(number: unknown): string {
  return String(number);
}

function pairsOf(value: unknown): Iterable<[unknown, unknown]> & Iterable<[string, unknown]> {
  if (value instanceof Map) return value as Map<string, unknown>;
  if (typeof value === "object" && value !== null && !isTensor(value)) return Object.entries(value);
  throw torchError("TypeError", `a state dict has ${String(value)} where a dict is expected`);
}

function required(dict: ReadonlyMap<string, unknown>, name: string): unknown {
  if (!dict.has(name)) throw torchError("KeyError", name);
  return dict.get(name);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw torchError("TypeError", `a state dict has ${String(value)} where a list is expected`);
}
