/**
 * Registering slots by name, with PyTorch's checks in PyTorch's order.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { ModuleProtocol, SlotFacts, SlotKind } from "./module-record.ts";
import { isModule, recordOf } from "./module-record.ts";
import type { Parameter } from "./parameter.ts";
import { isParameter } from "./parameter.ts";
import { assign, attributeOf, factsOf, hasAttribute, integerLike, noteSlots, typeName } from "./slots.ts";

/** `registerParameter`: see `Module`. */
export function registerParameter(module: ModuleProtocol, name: string, value: Parameter | null): void {
  checkParameter(module, name, value);
  place(module, name, value, factsOf("parameter"));
}

/** The checks of `registerParameter`. */
export function checkParameter(module: ModuleProtocol, name: string, value: Parameter | null): void {
  checkName(module, name, "parameter");
  if (value !== null && !isParameter(value)) {
    throw torchError(
      "TypeError",
      `cannot assign '${typeName(value)}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
    );
  }
  if (value !== null && value.gradFn !== null) {
    throw torchError(
      "ValueError",
      `Cannot assign non-leaf Tensor to parameter '${name}'. Model parameters must be created explicitly. To express '${name}' as a function of another Tensor, compute the value in the forward() method.`,
    );
  }
}

/** `registerBuffer`: see `Module`. */
export function registerBuffer(
  module: ModuleProtocol,
  name: string,
  value: Tensor | null,
  persistent: boolean,
): void {
  checkName(module, name, "buffer");
  if (value !== null && !isTensor(value)) {
    throw torchError(
      "TypeError",
      `cannot assign '${typeName(value)}' object to buffer '${name}' (torch Tensor or None required)`,
    );
  }
  place(module, name, value, factsOf("buffer", persistent));
}

/** `registerModule`: see `Module`. */
export function registerModule(module: ModuleProtocol, name: string, value: ModuleProtocol | null): void {
  if (value !== null && !isModule(value)) {
    throw torchError("TypeError", `${typeName(value)} is not a Module subclass`);
  }
  requireString(name, "module");
  requireFree(module, name, "module");
  if (name.includes(".")) throw torchError("KeyError", `module name can't contain ".", got: ${name}`);
  if (name === "") throw torchError("KeyError", 'module name can\'t be empty string ""');
  place(module, name, value, factsOf("module"));
}

function checkName(module: ModuleProtocol, name: string, kind: "parameter" | "buffer"): void {
  requireString(name, kind);
  if (name.includes(".")) throw torchError("KeyError", `${kind} name can't contain "."`);
  if (name === "") throw torchError("KeyError", `${kind} name can't be empty string ""`);
  requireFree(module, name, kind);
}

function requireString(name: unknown, kind: SlotKind): void {
  if (typeof name !== "string") {
    throw torchError("TypeError", `${kind} name should be a string. Got ${pythonTypeName(name)}`);
  }
}

/** A name may be taken by a slot of the same kind; it is overwritten then, and keeps its place. */
function requireFree(module: ModuleProtocol, name: string, kind: SlotKind): void {
  noteSlots(module);
  const { slots, freeNames } = recordOf(module);
  if (slots.get(name)?.kind === kind || freeNames?.has(name) === true) return;
  // A field that was declared without a value is as good as none.
  if (hasAttribute(module, name) && attributeOf(module, name) !== undefined) {
    throw torchError("KeyError", `attribute '${name}' already exists`);
  }
}

function place(module: ModuleProtocol, name: string, value: unknown, facts: SlotFacts): void {
  const { slots, entries } = recordOf(module);
  slots.set(name, facts);
  if (entries?.has(name) === true || integerLike.test(name) || hasMethod(module, name))
    addEntry(module, name, value);
  else (module as unknown as Record<string, unknown>)[name] = value;
}

/**
 * Puts a value under a name that is no field: it keeps its place in the order whatever the name is. The name can be
 * read and assigned as a property, too, unless a method has it.
 */
export function addEntry(module: ModuleProtocol, name: string, value: unknown): void {
  const record = recordOf(module);
  record.entries ??= new Map();
  const isNew = !record.entries.has(name);
  record.entries.set(name, value);
  if (!isNew || hasMethod(module, name)) return;
  // The accessors ask the module they are read on, so that they may be copied to another one.
  Object.defineProperty(module, name, {
    get(this: ModuleProtocol) {
      return recordOf(this).entries?.get(name);
    },
    set(this: ModuleProtocol, other: unknown) {
      assign(this, name, other);
    },
    enumerable: false,
    configurable: true,
  });
}

/** Takes an entry away. */
export function removeEntry(module: ModuleProtocol, name: string): void {
  const record = recordOf(module);
  if (record.entries?.delete(name) !== true) return;
  record.slots.delete(name);
  if (!hasMethod(module, name)) delete (module as unknown as Record<string, unknown>)[name];
}

function hasMethod(module: ModuleProtocol, name: string): boolean {
  return name in (Object.getPrototypeOf(module) as object);
}
