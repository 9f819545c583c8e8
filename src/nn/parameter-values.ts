/**
 * What ParameterList and ParameterDict share: plain tensors become parameters, and the lines that stand for the values.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Module } from "./module.ts";
import { isModule, recordOf } from "./module-record.ts";
import { Parameter, isParameter } from "./parameter.ts";
import { addEntry, assign } from "./registration.ts";
import { factsOf } from "./slots.ts";

/** A value as these containers keep it: a tensor as a parameter, anything else as it is. */
export function asParameter(value: unknown): unknown {
  return isTensor(value) && !isParameter(value) ? new Parameter(value) : value;
}

/**
 * Puts a value under a name as assigning the attribute does: parameters and modules become slots.
 *
 * Throws: PyTorch's TypeError for what does not fit the slot that is there.
 */
export function setValue(container: Module, name: string, value: unknown): void {
  const { slots, entries } = recordOf(container);
  if (entries?.has(name) === true) {
    assign(container, name, value);
    return;
  }
  if (isParameter(value)) slots.set(name, factsOf("parameter"));
  else if (isModule(value)) slots.set(name, factsOf("module"));
  addEntry(container, name, value);
}

/** The lines for the values; `typeText` names the type of a tensor. */
export function valueLines(
  values: Iterable<readonly [string, unknown]>,
  typeText: (tensor: Tensor) => string,
): string {
  return Array.from(values, ([name, value]) => {
    if (!isTensor(value)) {
      return `  (${name}): Object of type: ${isModule(value) ? value.getName() : pythonTypeName(value)}`;
    }
    const what = isParameter(value) ? "Parameter" : "Tensor";
    return `  (${name}): ${what} containing: [${typeText(value)} of size ${value.shape.join("x")}]`;
  }).join("\n");
}
