/**
 * ModuleDict: modules by name that run nothing by themselves.
 */

import { torchError } from "../errors.ts";
import { Module } from "./module.ts";
import { recordKey, recordOf } from "./module-record.ts";
import { nearestNames } from "./nearest-names.ts";
import { keyValuePairs } from "./key-value-pairs.ts";
import type { childrenMark } from "./paths.ts";
import { removeEntry } from "./registration.ts";
import { slotsOfKind } from "./slots.ts";

/** Names of methods that PyTorch's class lacks, so that keys may have them. */
const freeNames: ReadonlySet<string> = new Set(["get", "set", "has", "delete", "size"]);

/** Modules by name. */
export type ModulesByName = Readonly<Record<string, Module>>;

/** A ModuleDict of the modules `N`, typed by name where an object gave them. */
export type ModuleDict<N extends ModulesByName = ModulesByName> = ModuleDictModule<N> &
  (string extends keyof N ? unknown : Omit<N, keyof ModuleDictModule<N>>);

/** See the class. */
export interface ModuleDictModule<N extends ModulesByName> {
  readonly [childrenMark]: N;
}

/**
 * A dictionary of modules, which are children with the keys as their names. It has no `forward`. Keys keep the order
 * in which they were added, integer-like ones too where they come from a Map or from pairs.
 *
 * Throws: PyTorch's TypeError for what is no module, its KeyErrors for keys that cannot be names.
 *
 * @example
 * const heads = new ModuleDict({ mean: new Linear(8, 1), variance: new Linear(8, 1) });
 * heads.mean.weight;
 * heads.get("mean");
 */
export class ModuleDictModule<N extends ModulesByName> extends Module {
  constructor(modules?: ReadonlyMap<string, Module> | Iterable<readonly [string, Module]> | N | null) {
    super();
    this[recordKey].freeNames = freeNames;
    if (modules !== undefined && modules !== null) this.update(modules);
  }

  /** The number of modules. */
  get size(): number {
    return slotsOfKind(this, "module").length;
  }

  /** The module of a key. Throws: PyTorch's KeyError where there is none. */
  get<const K extends string>(key: K): K extends keyof N ? N[K] : Module {
    const slot = slotsOfKind<Module, "module">(this, "module").find(({ name }) => name === key);
    if (slot === undefined) throw torchError("KeyError", key, nearestNames(key, [...this.keys()]));
    return slot.value as K extends keyof N ? N[K] : Module;
  }

  /** Puts a module under a key. */
  set(key: string, module: Module): this {
    this.addModule(key, module);
    return this;
  }

  /** Whether there is a module under a key. */
  has(key: string): boolean {
    return slotsOfKind(this, "module").some(({ name }) => name === key);
  }

  /** Takes the module of a key away. Throws: PyTorch's KeyError where there is none. */
  delete(key: string): void {
    this.get(key);
    if (recordOf(this).entries?.has(key) === true) removeEntry(this, key);
    else delete (this as unknown as Record<string, unknown>)[key];
    recordOf(this).slots.delete(key);
  }

  /** Takes the module of a key away and gives it. Throws: PyTorch's KeyError where there is none. */
  pop<const K extends string>(key: K): K extends keyof N ? N[K] : Module {
    const module = this.get(key);
    this.delete(key);
    return module;
  }

  /** Takes all modules away. */
  clear(): void {
    for (const key of Array.from(this.keys())) this.delete(key);
  }

  /** The keys in order. */
  *keys(): Generator<string, undefined> {
    for (const { name } of slotsOfKind(this, "module")) yield name;
  }

  /** The modules in order. */
  *values(): Generator<Module, undefined> {
    for (const { value } of slotsOfKind<Module, "module">(this, "module")) yield value as Module;
  }

  /** The keys with their modules in order. */
  *items(): Generator<[string, Module], undefined> {
    for (const { name, value } of slotsOfKind<Module, "module">(this, "module"))
      yield [name, value as Module];
  }

  /** The keys, as PyTorch's class runs over them. */
  [Symbol.iterator](): Generator<string, undefined> {
    return this.keys();
  }

  /** Puts modules under their keys. Throws: PyTorch's errors for what are no pairs of key and module. */
  update(modules: ReadonlyMap<string, Module> | Iterable<readonly [string, Module]> | ModulesByName): void {
    for (const [key, module] of keyValuePairs("ModuleDict", "ModuleDict", modules))
      this.set(key, module as Module);
  }

  static {
    // The text of a module begins with the name of its class.
    Object.defineProperty(this, "name", { value: "ModuleDict", configurable: true });
  }
}

/** Makes a ModuleDict; its type follows the modules it is given. */
export const ModuleDict: new <const N extends ModulesByName = ModulesByName>(
  modules?: N | ReadonlyMap<string, Module> | Iterable<readonly [string, Module]> | null,
) => ModuleDict<N> = ModuleDictModule as never;
