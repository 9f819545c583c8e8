/**
 * Hyper-parameters: what optimizers and schedulers are told, with the Python kind that is printed and saved.
 *
 * Here they are plain numbers. Whether `1` stands for Python's `1.0` is remembered beside them, by the object or the
 * Map that holds them (`catalog/python-facts.ts`); whoever writes `pyFloat(1)` says it by hand.
 */

import { pythonFactsOf, rememberPython } from "../catalog/python-facts.ts";
import { torchError } from "../errors.ts";
import type { PythonValue } from "../tensor/python-repr.ts";
import { floatRepr, pythonRepr } from "../tensor/python-repr.ts";
import type { FloatNumber } from "../tensor/scalar.ts";

/** A number as an option: `pyFloat(1)` is Python's `1.0`. */
export type HyperNumber = number | FloatNumber;

/** What an option may be. */
export type HyperArgument = HyperNumber | boolean | string | null | readonly HyperNumber[];

/** PyTorch's spelling of an option: `weightDecay` is `weight_decay`. */
export function pythonName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The spelling of an option here: `weight_decay` is `weightDecay`. */
export function optionName(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function isFloat(value: unknown): value is FloatNumber {
  return typeof value === "object" && value !== null && (value as FloatNumber).kind === "float";
}

const none: ReadonlySet<unknown> = new Set();

/** The keys of an object or Map, or the places of an array, whose integral numbers are Python floats. */
export function floatsOf(container: object): ReadonlySet<unknown> {
  return pythonFactsOf(container).floats ?? none;
}

/** The same set, to be added to; made where there is none. */
function ownFloatsOf(container: object): Set<unknown> {
  const { floats } = pythonFactsOf(container);
  if (floats instanceof Set) return floats;
  const fresh = new Set<unknown>();
  rememberPython(container, { ...pythonFactsOf(container), floats: fresh });
  return fresh;
}

/** Whether an array stands for a tuple. */
export function isTuple(value: unknown): boolean {
  return Array.isArray(value) && pythonFactsOf(value).kind === "tuple";
}

/** An array that is saved and printed as a tuple; one that is already is given back. */
export function tupleOf(
  items: readonly unknown[],
  floatPlaces: Iterable<unknown> = floatsOf(items),
): unknown[] {
  if (isTuple(items)) return items as unknown[];
  const floats = new Set(floatPlaces);
  const plain = items.map((item, index) => {
    if (!isFloat(item)) return item;
    floats.add(index);
    return item.value;
  });
  return rememberPython(plain, { kind: "tuple", floats });
}

/** A value as an option's default has it: a tuple, with floats at the same places, where that is one. */
export function tupleLike(model: unknown, value: unknown): unknown {
  return Array.isArray(value) && Array.isArray(model) ? tupleOf(value, floatsOf(model)) : value;
}

/** A tuple of Python floats. */
export function floatTuple(...items: readonly number[]): readonly number[] {
  return tupleOf(items, items.keys()) as number[];
}

/** Puts a value into an object under a name of any spelling, and remembers whether it is a Python float. */
export function setHyper(target: object, name: string, value: unknown, isPythonFloat: boolean = false): void {
  if (isPythonFloat || isFloat(value)) ownFloatsOf(target).add(name);
  const plain = isFloat(value) ? value.value : value;
  // Defined, not assigned: names may come from files.
  Object.defineProperty(target, name, { value: plain, writable: true, enumerable: true, configurable: true });
}

/** Puts values into an object, one after the other. */
export function setHypers(target: object, values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) setHyper(target, name, value);
}

/** A number without its Python kind. */
export function plainNumber(value: HyperNumber): number {
  return isFloat(value) ? value.value : value;
}

/** A list of plain numbers, which remembers which ones are Python floats. */
export function numberList(values: readonly HyperNumber[]): number[] {
  const floats = new Set(floatsOf(values));
  values.forEach((value, place) => {
    if (isFloat(value)) floats.add(place);
  });
  return rememberPython(values.map(plainNumber), { floats });
}

/** A value that an object holds, with its Python kind, for texts. */
export function pythonValueOf(value: unknown, isPythonFloat: boolean): PythonValue {
  if (typeof value === "number") return isPythonFloat ? { kind: "float", value } : value;
  if (!Array.isArray(value)) return value as PythonValue;
  const floats = floatsOf(value);
  const items = value.map((item: unknown, index) => pythonValueOf(item, floats.has(index)));
  return { kind: isTuple(value) ? "tuple" : "list", items };
}

/** Python's `str` of a value that an object holds under a name. */
export function hyperText(container: object, name: string): string {
  const value = (container as Readonly<Record<string, unknown>>)[name];
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return String(value);
  return pythonRepr(pythonValueOf(value, floatsOf(container).has(name)));
}

/** Python's `str` of a number in a message. */
export function numberText(value: unknown, isPythonFloat: boolean = false): string {
  if (typeof value === "number" && isPythonFloat) return floatRepr(value);
  return pythonRepr(value as PythonValue);
}

/**
 * Refuses a hyper-parameter outside of its range, in PyTorch's words.
 *
 * @example
 * const defaults = { lr: 0.1 };
 * requireThat(defaults.lr >= 0, "Invalid learning rate", defaults, "lr"); // else ValueError: Invalid learning rate: 0.1
 */
export function requireThat(holds: boolean, what: string, container: object, name: string): void {
  if (!holds) throw torchError("ValueError", `${what}: ${hyperText(container, name)}`);
}
