/**
 * Calls that are nothing but data: Python's own containers, bytes and complex numbers, which older protocols spell as
 * calls. They are recognised by exact name and made from their arguments; every other call stays an object.
 */

import { newDict, pyFloat } from "../catalog/value.ts";
import type { Value } from "../catalog/value.ts";
import { distinct, setItem } from "./container.ts";
import { isKind } from "./globals.ts";
import type { PickleState } from "./state.ts";
import { latin1Bytes } from "./text.ts";

/** Makes the value of a call, or leaves it (undefined) when the arguments are not what this class takes. */
type Constructor = (state: PickleState, args: readonly Value[]) => Value | undefined;

/** The members that a container is made from, copied and paid for; none without an argument. */
function members(state: PickleState, args: readonly Value[]): Value[] | undefined {
  const from = args[0];
  if (args.length === 0) return [];
  if (args.length > 1 || !(isKind(from, "list") || isKind(from, "tuple") || isKind(from, "set")))
    return undefined;
  state.spend(from.items.length);
  return [...from.items];
}

/** A mapping made from nothing, from another mapping, or from pairs as Python 2 writes an OrderedDict. */
function dictOf(className: string): Constructor {
  return (state, args) => {
    const from = args[0];
    const dict = newDict(className);
    if (args.length === 0) return dict;
    if (args.length > 1) return undefined;
    if (isKind(from, "dict")) {
      for (const { key, value } of from.items.values()) setItem(state, dict, key, value);
      return dict;
    }
    if (!isKind(from, "list") && !isKind(from, "tuple")) return undefined;
    for (const pair of from.items) {
      if (!(isKind(pair, "list") || isKind(pair, "tuple")) || pair.items.length !== 2) return undefined;
      setItem(state, dict, pair.items[0]!, pair.items[1]!);
    }
    return dict;
  };
}

const latin1Names = new Set<Value>(["latin1", "latin-1", "iso-8859-1"]);

/** The bytes of `text` in an encoding, which is ISO 8859-1 in every pickle that Python writes. */
function encoded(state: PickleState, [text, encoding]: readonly Value[]): Uint8Array | undefined {
  if (typeof text !== "string" || encoding === undefined || !latin1Names.has(encoding)) return undefined;
  state.spend(text.length >> 3);
  return latin1Bytes(text);
}

function bytesOf(mutable: boolean): Constructor {
  return (state, args) => {
    if (args.length === 0) return { kind: "bytes", bytes: new Uint8Array(0), mutable };
    const from = args[0];
    if (args.length === 1 && isKind(from, "bytes")) return { kind: "bytes", bytes: from.bytes, mutable };
    const bytes = args.length === 2 ? encoded(state, args) : undefined;
    return bytes && { kind: "bytes", bytes, mutable };
  };
}

/** A real number as JavaScript has it. */
function realOf(value: Value | undefined): number | undefined {
  if (isKind(value, "float")) return value.value;
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

const constructors: ReadonlyMap<string, Constructor> = new Map<string, Constructor>([
  ["collections.OrderedDict", dictOf("collections.OrderedDict")],
  ["collections.Counter", dictOf("collections.Counter")],
  ["builtins.dict", dictOf("dict")],
  [
    "collections.defaultdict",
    (_state, args) =>
      args.length > 1 ? undefined : newDict("collections.defaultdict", { kind: "tuple", items: [...args] }),
  ],
  [
    "builtins.list",
    (state, args) => {
      const items = members(state, args);
      return items && { kind: "list", items };
    },
  ],
  [
    "builtins.tuple",
    (state, args) => {
      const items = members(state, args);
      return items && { kind: "tuple", items };
    },
  ],
  [
    "builtins.set",
    (state, args) => {
      const items = members(state, args);
      return items && { kind: "set", frozen: false, items: distinct(state, items) };
    },
  ],
  [
    "builtins.frozenset",
    (state, args) => {
      const items = members(state, args);
      return items && { kind: "set", frozen: true, items: distinct(state, items) };
    },
  ],
  ["builtins.bytes", bytesOf(false)],
  ["builtins.bytearray", bytesOf(true)],
  [
    "_codecs.encode",
    (state, args) => {
      const bytes = encoded(state, args);
      return bytes && { kind: "bytes", bytes, mutable: false };
    },
  ],
  [
    "builtins.complex",
    (_state, args) => {
      const re = realOf(args[0] ?? 0);
      const im = realOf(args[1] ?? 0);
      return args.length > 2 || re === undefined || im === undefined
        ? undefined
        : { kind: "complex", re, im };
    },
  ],
  [
    "builtins.float",
    (_state, args) => {
      const value = realOf(args[0] ?? 0);
      return args.length > 1 || value === undefined ? undefined : pyFloat(value);
    },
  ],
]);

/**
 * The value of calling a class with these arguments where that is nothing but data, else undefined. Fresh each time, as
 * in Python; the arguments are not changed.
 */
export function dataOfCall(state: PickleState, callable: Value, args: Value): Value | undefined {
  if (!isKind(callable, "global") || !isKind(args, "tuple")) return undefined;
  if (callable.module !== "builtins" && callable.module !== "collections" && callable.module !== "_codecs") {
    return undefined;
  }
  return constructors.get(`${callable.module}.${callable.name}`)?.(state, args.items);
}
