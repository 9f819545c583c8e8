/** Arguments of Python calls as a program here writes them. */

import type { PythonValue } from "../../src/tensor/python-repr.ts";
import { rememberPython } from "../../src/catalog/python-facts.ts";
import { CaseError } from "./case-data.ts";

/** A list or a tuple as an array, which remembers that it is a tuple; floats keep their kind. */
export function programArgument(value: PythonValue): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("kind" in value) {
    switch (value.kind) {
      case "list":
        return value.items.map(programArgument);
      case "tuple":
        return tuple(value.items);
      case "float":
        return value;
      default:
        throw new CaseError(`an argument is of kind ${value.kind}, expected a number, text, list or tuple`);
    }
  }
  return tuple(value);
}

function tuple(items: readonly PythonValue[]): unknown {
  const floats = new Set<number>();
  const values = items.map((item, k) => {
    const value = programArgument(item);
    if (typeof value !== "object" || value === null || !("value" in value)) return value;
    floats.add(k);
    return value.value;
  });
  return rememberPython(values, { kind: "tuple", floats });
}
