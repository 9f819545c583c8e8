/**
 * Classes and functions that a pickle names: asking for one by its exact name, and the list of all of them for the
 * safety report. A name is all we ever have of them.
 */

import { quote } from "../errors.ts";
import type { ObjectValue, Value } from "../catalog/value.ts";

/** One class or function that a pickle names, and how. */
export interface GlobalUse {
  /** `"?"` where a hostile file has something that is no text; so for the name. */
  readonly module: string;
  readonly name: string;
  /** The module and name as they stand in the file, where Python 2 called them otherwise; else the same two. */
  readonly writtenModule: string;
  readonly writtenName: string;
  /** The opcode that named it first. */
  readonly how: "GLOBAL" | "STACK_GLOBAL" | "INST" | "EXT";
  /** Where in the pickle it was named first, in bytes. */
  readonly offset: number;
  /** How often it was named; what is fetched from the memo is not named again. */
  count: number;
  /** How often loading the file in Python would call it. */
  calls: number;
}

/** Whether a value is a kind of node; primitives are none. */
export function isKind<K extends string>(
  value: Value | undefined,
  kind: K,
): value is Extract<Value, { readonly kind: K }> {
  return typeof value === "object" && value !== null && value.kind === kind;
}

/** Whether a value names exactly this class or function. */
export function isGlobal(value: Value | undefined, module: string, name: string): boolean {
  return isKind(value, "global") && value.name === name && value.module === module;
}

/**
 * `module.name` of a class or function; undefined for any other value.
 *
 * @example
 * qualifiedName({ kind: "global", module: "torch._utils", name: "_rebuild_tensor_v2" });
 */
export function qualifiedName(value: Value | undefined): string | undefined {
  return isKind(value, "global") ? `${value.module}.${value.name}` : undefined;
}

/** What an object is a call of: the arguments when it calls exactly this function, else undefined. */
export function callArguments(
  value: Value | undefined,
  module: string,
  name: string,
): readonly Value[] | undefined {
  if (!isKind(value, "object") || value.made === "extend" || !isGlobal(value.callable, module, name))
    return undefined;
  return isKind(value.args, "tuple") ? value.args.items : undefined;
}

/** The class of an object and what its constructor is given. */
export interface Construction {
  readonly class: Value;
  readonly args: readonly Value[];
}

/**
 * The class an object is an instance of, seen through Python's helpers for making instances (`copyreg.__newobj__`,
 * `_reconstructor`). For a call of a function it is that function: a name does not tell which of the two it is.
 */
export function constructionOf(object: ObjectValue): Construction {
  const args = isKind(object.args, "tuple") ? object.args.items : [];
  const helper =
    isKind(object.callable, "global") && object.callable.module === "copyreg" ? object.callable.name : "";
  const first = args[0];
  if (first === undefined) return { class: object.callable, args };
  switch (helper) {
    case "__newobj__":
      return { class: first, args: args.slice(1) };
    case "_reconstructor":
      // (class, base, what the base is made from); `object` is made from nothing.
      return { class: first, args: args[2] === undefined || args[2] === null ? [] : [args[2]] };
    default:
      return { class: object.callable, args };
  }
}

/** A class or function as a message shows it. */
export function describeCallable(value: Value | undefined): string {
  const name = qualifiedName(value);
  return name === undefined ? "something that is no function" : quote(name);
}
