/**
 * Slots: the names of a module that hold its parameters, buffers and children.
 *
 * Note [slots]: modules have plain fields. A walk looks at the own enumerable ones: a Parameter, Buffer or Module makes
 * its name a slot of that kind, from then on; the order is that in which the fields were defined. A slot whose value
 * became null stays, and takes only what fits its kind; a name that is gone or undefined is no slot any more. A null
 * that never held anything is no slot either, as `self.bias = None` is none in PyTorch; `registerParameter(name, null)`
 * makes one. Differs from PyTorch: a value of the wrong kind is found at the next walk or call instead of at once.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { isBuffer } from "./buffer.ts";
import type { ModuleProtocol, SlotFacts, SlotKind } from "./module-record.ts";
import { isModule, moduleBrand, recordOf } from "./module-record.ts";
import type { Parameter } from "./parameter.ts";
import { isParameter } from "./parameter.ts";
import { moduleAttributes } from "./python-attributes.ts";
import { qualifiedName } from "./python-classes.ts";

/** One slot of a module; `value` is null where it is empty. */
export type Slot<M extends ModuleProtocol = ModuleProtocol> =
  | { readonly kind: "parameter"; readonly name: string; readonly value: Parameter | null }
  | {
      readonly kind: "buffer";
      readonly name: string;
      readonly value: Tensor | null;
      readonly persistent: boolean;
    }
  | { readonly kind: "module"; readonly name: string; readonly value: M | null };

const parameterFacts: SlotFacts = { kind: "parameter", persistent: true };
const moduleFacts: SlotFacts = { kind: "module", persistent: true };
const bufferFacts: SlotFacts = { kind: "buffer", persistent: true };
const passingBufferFacts: SlotFacts = { kind: "buffer", persistent: false };

/** The facts of a slot of a kind. */
export function factsOf(kind: SlotKind, persistent: boolean = true): SlotFacts {
  if (kind === "buffer") return persistent ? bufferFacts : passingBufferFacts;
  return kind === "parameter" ? parameterFacts : moduleFacts;
}

/**
 * What a name holding `value` is, given what it was; null if it is no slot.
 *
 * Throws: PyTorch's TypeError for a value that does not fit what the name was.
 */
export function judge(name: string, value: unknown, known: SlotFacts | undefined): SlotFacts | null {
  if (isParameter(value)) return parameterFacts;
  if (value === null) return known ?? null;
  if (known?.kind === "parameter") throw wrongKind(name, value, "parameter");
  if (isModule(value)) return moduleFacts;
  if (known?.kind === "module") throw wrongKind(name, value, "module");
  if (isBuffer(value)) return factsOf("buffer", value.persistent);
  if (known === undefined) return null;
  if (isTensor(value)) return known;
  throw wrongKind(name, value, "buffer");
}

function wrongKind(name: string, value: unknown, kind: SlotKind): Error {
  const slot = {
    parameter: `as parameter '${name}' (torch.nn.Parameter or None expected)`,
    module: `as child module '${name}' (torch.nn.Module or None expected)`,
    buffer: `as buffer '${name}' (torch.nn.Buffer, torch.Tensor or None expected)`,
  }[kind];
  return torchError(
    "TypeError",
    `cannot assign '${typeName(value)}' ${slot}`,
    `Assignments are checked at the next walk or call; look where ${name} was assigned.`,
  );
}

/** The type of a value, as PyTorch's messages about slots name it. */
export function typeName(value: unknown): string {
  if (isTensor(value)) return `torch.${value.dtype.scalarType}Tensor`;
  if (isModule(value)) return qualifiedName(value.getName());
  return pythonTypeName(value);
}

/** Names that as properties would not keep their place in the order, see Note [slots]. */
export const integerLike: RegExp = /^(0|[1-9]\d*)$/;

/**
 * Whether a module has an attribute in PyTorch: a slot, another field, something that its own class adds to `Module`,
 * or one of PyTorch's own names. Methods that only our `Module` has do not count, nor do the positions that numbered
 * containers let read as properties. A field that was declared without a value is as good as none.
 */
export function hasAttribute(module: ModuleProtocol, name: string): boolean {
  const { entries, freeNames } = recordOf(module);
  if (entries?.has(name) === true) return true;
  if (freeNames?.has(name) === true) return false;
  if (Object.hasOwn(module, name)) return fieldsOf(module)[name] !== undefined;
  if (moduleAttributes.has(name)) return true;
  if (integerLike.test(name)) return false;
  const levels: object[] = [];
  let level = Object.getPrototypeOf(module) as object;
  for (; !Object.hasOwn(level, moduleBrand); level = Object.getPrototypeOf(level) as object)
    levels.push(level);
  // What a class overrides of `Module` is no more an attribute than what it overrides.
  return !(name in level) && levels.some((one) => Object.hasOwn(one, name));
}

/** The value of a name: of a slot, or of any other attribute; undefined where there is none to be had. */
export function attributeOf(module: ModuleProtocol, name: string): unknown {
  const { entries } = recordOf(module);
  if (entries?.has(name) === true) return entries.get(name);
  return hasAttribute(module, name) ? fieldsOf(module)[name] : undefined;
}

/** A module as an object with fields of any name. */
function fieldsOf(module: ModuleProtocol): Readonly<Record<string, unknown>> {
  return module as unknown as Readonly<Record<string, unknown>>;
}

/**
 * Brings the record up to date with the fields.
 *
 * Throws: PyTorch's TypeError for a value that does not fit its slot.
 */
export function noteSlots(module: ModuleProtocol): void {
  const record = recordOf(module);
  const names = Object.keys(module);
  if (record.isNoted && isNoted(module, names)) return;
  record.isNoted = true;
  const { slots, entries } = record;
  const fields = fieldsOf(module);
  const found: [string, SlotFacts][] = [];
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) continue;
    if (record.isNumbered && integerLike.test(name))
      throw torchError("IndexError", `index ${name} is out of range`);
    const facts = judge(name, value, slots.get(name));
    if (facts !== null) found.push([name, facts]);
  }
  // Entries keep their places; the fields between them follow the order in which they are defined.
  const former = [...slots];
  const rest = found[Symbol.iterator]();
  slots.clear();
  for (const [name, facts] of former) {
    if (entries?.has(name) === true) slots.set(name, facts);
    else {
      const next = rest.next();
      if (next.done !== true) slots.set(...next.value);
    }
  }
  for (const [name, facts] of rest) slots.set(name, facts);
}

/** Whether the record says of the fields what they are: the usual case, found out without making anything. */
function isNoted(module: ModuleProtocol, names: readonly string[]): boolean {
  const { slots, entries } = recordOf(module);
  const fields = fieldsOf(module);
  let at = 0;
  for (const [name, facts] of slots) {
    if (entries?.has(name) === true) continue;
    // What stands before the next slot must be no slot.
    for (; names[at] !== name; at++) {
      if (at >= names.length || isSlotValue(fields[names[at]!])) return false;
      if (slots.has(names[at]!)) return false;
    }
    if (!isStill(fields[name], facts)) return false;
    at++;
  }
  for (; at < names.length; at++) if (isSlotValue(fields[names[at]!])) return false;
  return true;
}

/** Whether a value makes its name a slot. */
function isSlotValue(value: unknown): boolean {
  if (typeof value === "function") return isModule(value);
  return typeof value === "object" && value !== null && (isParameter(value) || isBuffer(value));
}

/** Whether a value leaves a slot as it is. */
function isStill(value: unknown, facts: SlotFacts): boolean {
  if (value === null) return true;
  if (facts.kind === "parameter") return isParameter(value);
  if (facts.kind === "module") return isModule(value);
  if (!isTensor(value) || isParameter(value)) return false;
  return !isBuffer(value) || value.persistent === facts.persistent;
}

/**
 * The slots of one module, in order.
 *
 * Throws: PyTorch's TypeError for a value that does not fit its slot.
 */
export function slotsOf<M extends ModuleProtocol>(module: M): Slot<M>[] {
  noteSlots(module);
  const { slots, entries } = recordOf(module);
  const fields = fieldsOf(module);
  return Array.from(slots, ([name, { kind, persistent }]) => {
    const value = entries?.has(name) === true ? entries.get(name) : fields[name];
    return { kind, name, value, persistent } as Slot<M>;
  });
}

/** The values of a module's children, in order, empty slots included: what numbered containers run over. */
export function childrenOf<M extends ModuleProtocol>(module: M): (M | null)[] {
  noteSlots(module);
  const { slots, entries } = recordOf(module);
  const children: (M | null)[] = [];
  for (const [name, { kind }] of slots) {
    if (kind === "module")
      children.push((entries?.has(name) === true ? entries.get(name) : module[name as keyof M]) as M | null);
  }
  return children;
}

/** The slots of one kind, in order. */
export function slotsOfKind<M extends ModuleProtocol, K extends SlotKind>(
  module: M,
  kind: K,
): Extract<Slot<M>, { kind: K }>[] {
  return slotsOf(module).filter((slot): slot is Extract<Slot<M>, { kind: K }> => slot.kind === kind);
}
