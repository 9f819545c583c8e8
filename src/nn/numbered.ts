/**
 * What containers that count their contents share: positions, `container[0]`, renumbering, and their types by position.
 */

import { torchError } from "../errors.ts";
import { Module } from "./module.ts";
import { isModule, recordKey, recordOf } from "./module-record.ts";
import type { childrenMark } from "./paths.ts";
import { addEntry, assign, removeEntry } from "./registration.ts";
import { childrenOf, factsOf, slotsOfKind, typeName } from "./slots.ts";

/** The modules of a tuple by position; those of a list of any length by any position. */
type Positions<T extends readonly Module[]> = number extends T["length"]
  ? { readonly [position: number]: T[number] }
  : { [K in keyof T as K extends `${number}` ? K : never]: T[K] };

/**
 * What `container[k]` is: in a tuple the module at that position, and undefined beyond its end. Where modules of any
 * class are asked for, a container of any length can be given, so any position may have none.
 */
export type ByPosition<T extends readonly Module[]> = number extends T["length"]
  ? { readonly [position: number]: Module extends T[number] ? Module | undefined : T[number] }
  : Positions<T> & { readonly [position: number]: T[number] | undefined };

/** A start, an end that is excluded, and a step, with Python's rules for what is negative or left out. */
export interface Slice {
  readonly start?: number | null;
  readonly end?: number | null;
  readonly step?: number | null;
}

/**
 * The positions a slice means in a list of `length`.
 *
 * Throws: PyTorch's ValueError for a step of 0.
 */
export function slicePositions({ start, end, step }: Slice, length: number): number[] {
  const by = step ?? 1;
  if (by === 0) throw torchError("ValueError", "slice step cannot be zero");
  const clamp = (value: number, low: number, high: number): number =>
    Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const positions: number[] = [];
  if (by > 0) {
    const to = clamp(end ?? length, 0, length);
    for (let k = clamp(start ?? 0, 0, length); k < to; k += by) positions.push(k);
  } else {
    // Without an end the slice runs to the first one, for which there is no negative number.
    const to = clamp(end ?? -1 - length, -1, length - 1);
    for (let k = clamp(start ?? length - 1, -1, length - 1); k > to; k += by) positions.push(k);
  }
  return positions;
}

/** The position an index means. Throws: PyTorch's IndexError for one that is out of range. */
export function positionOf(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw torchError("IndexError", `index ${index} is out of range`);
  }
  return index < 0 ? index + length : index;
}

/** See the class. */
export interface NumberedModules<T extends readonly Module[]> {
  readonly [childrenMark]: Positions<T>;
}

/** Names of methods that PyTorch's classes lack, so that modules may have them. */
const freeNames: ReadonlySet<string> = new Set([
  "at",
  "concat",
  "entries",
  "length",
  "map",
  "repeat",
  "slice",
]);

/**
 * A container of modules that are numbered: the base of Sequential and ModuleList. `container[0]` is the first module;
 * a position that is out of range gives undefined there, and PyTorch's IndexError from `at`.
 */
export class NumberedModules<T extends readonly Module[]> extends Module {
  constructor() {
    super();
    this[recordKey].isNumbered = true;
    this[recordKey].freeNames = freeNames;
  }

  /** The number of modules. */
  override get length(): number {
    return childrenOf(this).length;
  }

  /** The module at an index; negative ones count from the end. Throws: PyTorch's IndexError. */
  at(index: number): T[number] {
    const modules = childrenOf<Module>(this);
    return modules[positionOf(index, modules.length)] as T[number];
  }

  /** The modules in order. */
  *[Symbol.iterator](): Generator<T[number], undefined> {
    yield* childrenOf<Module>(this) as Iterable<T[number]>;
  }

  /**
   * The modules with their positions, for what Python does with `enumerate`.
   *
   * @example
   * for (const [k, layer] of new Sequential(new Linear(3, 2), new ReLU()).entries()) console.log(k, layer.getName());
   */
  *entries(): Generator<[position: number, module: T[number]], undefined> {
    yield* childrenOf<Module>(this).entries() as Iterable<[number, T[number]]>;
  }

  /**
   * What a function makes of each module, as an array.
   *
   * @example
   * new ModuleList([new Linear(3, 2), new Linear(3, 4)]).map((layer) => layer.outFeatures); // [2, 4]
   */
  map<R>(make: (module: T[number], position: number) => R): R[] {
    return childrenOf<Module>(this).map((module, position) => make(module as T[number], position));
  }

  /** Puts a module in the place of another, under its name. Throws: PyTorch's IndexError and TypeError. */
  setAt(index: number, module: Module): void {
    const slots = slotsOfKind(this, "module");
    const slot = slots[positionOf(index, slots.length)]!;
    if (!isModule(module)) {
      throw torchError(
        "TypeError",
        `cannot assign '${typeName(module)}' as child module '${slot.name}' (torch.nn.Module or None expected)`,
      );
    }
    assign(this, slot.name, module);
  }

  /** Takes the modules at the positions away and numbers the others anew, which loses names that are no numbers. */
  removeAt(which: number | Slice): void {
    const modules = childrenOf<Module>(this);
    const positions = new Set(
      typeof which === "number" ? [positionOf(which, modules.length)] : slicePositions(which, modules.length),
    );
    renumber(
      this,
      modules.filter((_, k) => !positions.has(k)),
    );
  }

  /** Takes the module at an index away and gives it; by default the last one. */
  pop(index: number = -1): T[number] {
    const module = this.at(index);
    this.removeAt(index);
    return module;
  }

  /** Adds a module at the end, named by the number of modules before it. */
  append(module: Module): this {
    this.addModule(String(this.length), module);
    return this;
  }

  override addModule(name: string, module: Module | null): void {
    this.registerModule(name, module);
  }

  override registerModule(name: string, module: Module | null): void {
    super.registerModule(name, module);
    showPositions(this.length);
  }
}

/** Gives the modules the names `"0"`, `"1"`, …, in the place of all names there are. */
export function renumber(container: Module, modules: readonly (Module | null)[]): void {
  for (const { name } of slotsOfKind(container, "module")) {
    if (recordOf(container).entries?.has(name) === true) removeEntry(container, name);
    else delete (container as unknown as Record<string, unknown>)[name];
    recordOf(container).slots.delete(name);
  }
  modules.forEach((module, k) => setNumbered(container, k, module));
}

/** Puts a module under a number as its name, without checks. */
export function setNumbered(container: Module, number: number, module: Module | null): void {
  recordOf(container).slots.set(String(number), factsOf("module"));
  addEntry(container, String(number), module);
  showPositions(number + 1);
}

let shownCount = 0;

/** Lets the first positions of all numbered containers be read, and assigned, as properties. */
function showPositions(count: number): void {
  for (; shownCount < count; shownCount++) {
    const position = shownCount;
    Object.defineProperty(NumberedModules.prototype, position, {
      get(this: NumberedModules<readonly Module[]>): Module | null | undefined {
        return childrenOf<Module>(this)[position];
      },
      set(this: NumberedModules<readonly Module[]>, module: Module) {
        this.setAt(position, module);
      },
      configurable: true,
    });
  }
}

/** The class of a value as PyTorch's messages show it: `<class 'list'>`. */
export function classText(value: unknown): string {
  return `<class '${typeName(value)}'>`;
}
