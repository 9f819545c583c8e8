/** The levels of a path that the keys of pickled dictionaries give. */

import type { Value } from "../catalog/value.ts";
import { quote } from "../errors.ts";
import { qualifiedName } from "../pickle/globals.ts";
import type { PythonValue } from "../tensor/python-repr.ts";
import { pythonRepr } from "../tensor/python-repr.ts";

/** Values inside a tuple that its level spells out. Real: pairs. Prevents: names as long as the file. */
const longestTuple = 32;

/** Plain data without much nesting, which `repr` can follow. */
function isPlain(key: Value, depth: number): key is Value & PythonValue {
  if (key === null || typeof key !== "object") return true;
  switch (key.kind) {
    case "float":
    case "complex":
    case "bytes":
      return true;
    case "tuple":
      return (
        depth > 0 && key.items.length <= longestTuple && key.items.every((item) => isPlain(item, depth - 1))
      );
    default:
      return false;
  }
}

/**
 * A key as a level of a path: strings and integers as they are, other plain values as Python writes them, objects by
 * their place among the keys.
 *
 * @example
 * levelOf("weight", 0); // "weight"
 * levelOf({ kind: "tuple", items: [1, "a"] }, 3); // "(1, 'a')"
 */
export function levelOf(key: Value, place: number): string | number {
  if (typeof key === "string" || typeof key === "number") return key;
  const name = qualifiedName(key);
  if (name !== undefined) return `<class ${quote(name)}>`;
  return isPlain(key, 3) ? pythonRepr(key) : `<key ${place}>`;
}
