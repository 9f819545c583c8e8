/**
 * What the containers of an unpickled tree hold, as visits: each value with its path, and how to put a leaf in its
 * place. The walk over them is in `pickled.ts`.
 */

import type { DictItem, DictValue, NodeValue, ObjectValue, TensorValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import type { Path } from "../name.ts";
import { constructionOf, isKind } from "../pickle/globals.ts";
import { levelOf } from "./level.ts";
import type { Surroundings } from "./state-dict.ts";
import { isOptimizer, itemOf } from "./state-dict.ts";

/** Where a container is, and what it says of the values in it. */
export interface Place {
  readonly path: Path;
  readonly surroundings: Surroundings;
  /** Whether a module's attribute led here: it is only looked at if nothing else leads to it. */
  readonly isAttribute: boolean;
}

/**
 * A value to look at. Its path is that of its container and its own level; null where it has none of its own. (A path
 * for each value of a large list would take memory for values that nobody asks for.)
 */
export interface Visit {
  readonly value: Value;
  readonly container: Place;
  readonly level: string | number | null;
  /** Puts a leaf in the place of the value. */
  readonly replace: (leaf: TensorValue) => void;
}

/** The path of a value that is visited. */
export function pathOf({ container, level }: Visit): Path {
  return level === null ? container.path : [...container.path, level];
}

/** Puts a leaf under a key of a dictionary; nowhere when the dictionary is not there. */
export function replaceIn(dict: Value | undefined, key: Value): (leaf: TensorValue) => void {
  return (leaf) => {
    if (isKind(dict, "dict")) dict.items.set(keyOf(key), { key, value: leaf });
  };
}

/** The dictionary of a module's attributes, wherever its object keeps it. */
export function attributesOf(module: ObjectValue): Value | undefined {
  const args = isKind(module.args, "tuple") ? module.args.items : [];
  const state = isKind(module.state, "tuple") ? module.state.items : [module.state];
  return [...state, ...args].find((value) => itemOf(value, "_parameters") !== undefined);
}

/** How many visits a container comes to, at most. */
export function sizeOf(value: NodeValue): number {
  switch (value.kind) {
    case "dict":
      return value.items.size;
    case "list":
    case "tuple":
    case "set":
      return value.items.length;
    case "object": {
      const states = [value.args, value.kwargs, value.state, ...(value.moreStates ?? [])];
      const inner = states.map((state) => (isKind(state, "object") ? 1 : childCount(state)));
      return inner.reduce(
        (sum, size) => sum + size,
        (value.appended?.length ?? 0) + (value.items?.length ?? 0),
      );
    }
    default:
      return 0;
  }
}

function childCount(value: Value): number {
  if (isKind(value, "dict")) return value.items.size;
  return isKind(value, "tuple") || isKind(value, "list") ? value.items.length : 1;
}

/** The values in a container, in their order; each is made when it is asked for. */
export function* visitsOf(value: NodeValue, place: Place): Generator<Visit> {
  switch (value.kind) {
    case "dict":
      yield* dictVisits(value, place);
      return;
    case "list":
    case "tuple":
    case "set":
      yield* itemVisits(value.items, place);
      return;
    case "object":
      yield* objectVisits(value, place);
      return;
    default:
  }
}

function* dictVisits(dict: DictValue, container: Place): Generator<Visit> {
  let index = 0;
  for (const { key, value } of dict.items.values()) {
    yield { value, container, level: levelOf(key, index), replace: replaceIn(dict, key) };
    index += 1;
  }
}

/** The items of a list by their places, which count from the item `first`. */
function* itemVisits(items: Value[], container: Place, first: number = 0): Generator<Visit> {
  for (let at = first; at < items.length; at += 1) {
    const replace = (leaf: TensorValue): void => {
      items[at] = leaf;
    };
    yield { value: items[at]!, container, level: at - first, replace };
  }
}

function* pairVisits(pairs: DictItem[], container: Place): Generator<Visit> {
  for (const [index, { key, value }] of pairs.entries()) {
    const replace = (leaf: TensorValue): void => {
      pairs[index] = { key, value: leaf };
    };
    yield { value, container, level: levelOf(key, index), replace };
  }
}

/** What an object of an unknown class holds: what it was made from, what was put into it, and its attributes. */
function* objectVisits(object: ObjectValue, place: Place): Generator<Visit> {
  if (isKind(object.args, "tuple")) {
    const { items } = object.args;
    // Helpers that make instances take the class first, which is no argument of its own.
    yield* itemVisits(items, place, items.length - constructionOf(object).args.length);
  }
  if (isKind(object.kwargs, "dict")) yield* dictVisits(object.kwargs, place);
  if (object.appended !== undefined) yield* itemVisits(object.appended, place);
  if (object.items !== undefined) yield* pairVisits(object.items, place);
  yield* stateVisits(object, object.state, place);
  for (const state of object.moreStates ?? []) yield* stateVisits(object, state, place);
}

/** Attributes under their names; of a state that is no dictionary, the value itself. */
function* stateVisits(object: ObjectValue, state: Value, place: Place): Generator<Visit> {
  if (isKind(state, "dict")) {
    yield* dictVisits(state, isOptimizer(state) ? { ...place, surroundings: "optimizer" } : place);
  } else if (isKind(state, "tuple") && state.items.length === 2 && isKind(state.items[1], "dict")) {
    // A pair of attributes and of the values in slots.
    const [own, slots] = state.items;
    if (isKind(own, "dict")) yield* dictVisits(own, place);
    yield* dictVisits(slots, place);
  } else {
    const replace = (leaf: TensorValue): void => {
      if (object.state === state) object.state = leaf;
    };
    yield { value: state, container: place, level: null, replace };
  }
}
