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
import { moduleAttributes } from "./python-attributes.ts";
import { factsOf, hasAttribute, integerLike, judge, noteSlots, typeName } from "./slots.ts";

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
  if (recordOf(module).slots.get(name)?.kind === kind) return;
  if (hasAttribute(module, name)) throw torchError("KeyError", `attribute '${name}' already exists`);
}

function place(module: ModuleProtocol, name: string, value: unknown, facts: SlotFacts): void {
  const { slots, entries } = recordOf(module);
  slots.set(name, facts);
  if (entries?.has(name) === true || cannotBeField(module, name)) addEntry(module, name, value);
  else setField(module, name, value);
}

function setField(module: ModuleProtocol, name: string, value: unknown): void {
  if (name !== "__proto__") (module as unknown as Record<string, unknown>)[name] = value;
  else Object.defineProperty(module, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether a property of a name would lose its place in the order, or hide something of the class. */
function cannotBeField(module: ModuleProtocol, name: string): boolean {
  return integerLike.test(name) || hasMethod(module, name);
}

/**
 * Puts a value under a name as assigning the attribute does in PyTorch, whatever the name is. A name that changes its
 * kind moves to the end of the order.
 *
 * Throws: PyTorch's TypeError for a value that does not fit the slot that is there; its errors for names that a
 * parameter cannot have.
 */
export function assign(module: ModuleProtocol, name: string, value: unknown): void {
  noteSlots(module);
  const { slots } = recordOf(module);
  const known = slots.get(name);
  const facts = judge(name, value, known);
  if (facts !== null && facts.kind !== known?.kind) {
    if (facts.kind === "buffer") checkName(module, name, "buffer");
    forget(module, name);
    if (isParameter(value)) checkParameter(module, name, value);
  }
  if (facts !== null) place(module, name, value, facts);
  else if (isOwnMethod(module, name)) addEntry(module, name, value);
  else setField(module, name, value);
}

/** Takes a name away, whatever holds it. */
function forget(module: ModuleProtocol, name: string): void {
  removeEntry(module, name);
  recordOf(module).slots.delete(name);
  if (Object.hasOwn(module, name)) delete (module as unknown as Record<string, unknown>)[name];
}

/** Whether a method has the name that PyTorch's classes lack: there, other values of the name hide nothing. */
function isOwnMethod(module: ModuleProtocol, name: string): boolean {
  return (
    hasMethod(module, name) && name !== "training" && !integerLike.test(name) && !moduleAttributes.has(name)
  );
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

/** Whether the class has a name, or the mode of the module does. */
function hasMethod(module: ModuleProtocol, name: string): boolean {
  return name === "training" || name in (Object.getPrototypeOf(module) as object);
}
