/**
 * Putting things into containers: items into dictionaries, members into lists and sets, a state into an object. What a
 * pickle extends that it did not make (a class, a storage) is wrapped in an object, so that nothing it says is lost;
 * what Python itself cannot extend is a fault.
 */

import { keyOf } from "../catalog/value.ts";
import type { DictItem, DictValue, ObjectValue, Value } from "../catalog/value.ts";
import { cost } from "./state.ts";
import type { PickleState } from "./state.ts";

/** Puts an item into a dictionary: a repeated key keeps its first place and its first form, as in Python. */
export function setItem(state: PickleState, dict: DictValue, key: Value, value: Value): void {
  const text = keyOf(key);
  // The key's length is paid too: a long one fetched from the memo is compared anew each time.
  state.spend(cost.item + (text.length >> 5));
  const before = dict.items.get(text);
  dict.items.set(text, { key: before === undefined ? key : before.key, value });
}

/** What a value is called in a fault. */
function kindName(value: Value): string {
  if (value === null) return "None";
  switch (typeof value) {
    case "string":
      return "a str";
    case "boolean":
      return "a bool";
    case "object":
      return value.kind === "dict" ? "a dict" : value.kind === "object" ? "an object" : `a ${value.kind}`;
    default:
      return "an int";
  }
}

/** The last value of the stack as an object to extend. */
function extensible(state: PickleState): ObjectValue {
  const value = state.top();
  if (typeof value === "object" && value !== null) {
    if (value.kind === "object") return value;
    if (value.kind === "global" || value.kind === "persistent") {
      const wrapper = newObject("extend", value, null);
      state.spend(cost.node);
      state.replaceTop(wrapper);
      return wrapper;
    }
  }
  throw state.fault("pickle-target", `${state.opcode} cannot extend ${kindName(value)}`);
}

/** An object that nothing was put into yet. */
export function newObject(
  made: ObjectValue["made"],
  callable: Value,
  args: Value,
  kwargs: Value = null,
): ObjectValue {
  return { kind: "object", made, callable, args, kwargs, state: null };
}

/** SETITEM and SETITEMS: `pairs` holds keys and values in turn. With none of them, any target will do, as in Python. */
export function setItems(state: PickleState, pairs: readonly Value[]): void {
  if (pairs.length % 2 !== 0) {
    throw state.fault(
      "pickle-stack",
      `${state.opcode} needs keys and values in pairs, found ${pairs.length} values`,
    );
  }
  if (pairs.length === 0) return;
  const target = state.top();
  if (typeof target === "object" && target?.kind === "dict") {
    for (let index = 0; index < pairs.length; index += 2)
      setItem(state, target, pairs[index]!, pairs[index + 1]!);
    return;
  }
  const items: DictItem[] = (extensible(state).items ??= []);
  state.spend(cost.item * (pairs.length / 2));
  for (let index = 0; index < pairs.length; index += 2)
    items.push({ key: pairs[index]!, value: pairs[index + 1]! });
}

/** The members that `seen` does not have yet, each once: members meet as the keys of a dictionary do. */
export function distinct(
  state: PickleState,
  members: readonly Value[],
  seen: Set<string> = new Set(),
): Value[] {
  return members.filter((member) => {
    const text = keyOf(member);
    state.spend(cost.item + (text.length >> 5));
    return seen.size < seen.add(text).size;
  });
}

/** APPEND and APPENDS: members go to a list or to an object. */
export function append(state: PickleState, members: readonly Value[]): void {
  if (members.length === 0) return;
  const target = state.top();
  const isList = typeof target === "object" && target?.kind === "list";
  const items = isList ? target.items : (extensible(state).appended ??= []);
  if (items.length === 0) state.spend(cost.firstMember);
  for (const member of members) items.push(member);
}

/** ADDITEMS: members go to a set or to an object. */
export function add(state: PickleState, members: readonly Value[]): void {
  if (members.length === 0) return;
  const target = state.top();
  if (typeof target === "object" && target?.kind === "set" && !target.frozen) {
    for (const member of distinct(state, members, state.membersOf(target))) target.items.push(member);
    return;
  }
  const appended = (extensible(state).appended ??= []);
  for (const member of members) appended.push(member);
}

/** BUILD: gives an object its state, a dictionary its attributes. */
export function build(state: PickleState, given: Value): void {
  const top = state.top();
  if (typeof top === "object" && top?.kind === "dict") {
    if (top.attributes === null) top.attributes = given;
    else (top.moreStates ??= []).push(given);
    return;
  }
  const object = extensible(state);
  if (object.state === null) object.state = given;
  else (object.moreStates ??= []).push(given);
}
