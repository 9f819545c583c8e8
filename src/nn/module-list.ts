/**
 * ModuleList: numbered modules that run nothing by themselves.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Module } from "./module.ts";
import { isModule } from "./module-record.ts";
import type { ByPosition } from "./numbered.ts";
import { NumberedModules, renumber, setNumbered, slicePositions } from "./numbered.ts";
import { framed, indented } from "./repr.ts";
import { childrenOf } from "./slots.ts";

/** A ModuleList of the modules `T`, typed by position where the list was written out. */
export type ModuleList<T extends readonly Module[] = readonly Module[]> = ModuleListModule<T> & ByPosition<T>;

/**
 * A list of modules, which are children named by their numbers. It has no `forward`.
 *
 * Throws: PyTorch's TypeError for what is no module or no list.
 *
 * @example
 * class Net extends Module {
 *   layers = new ModuleList([new Linear(10, 10), new Linear(10, 10)]);
 *   override forward(x: Tensor): Tensor {
 *     for (const layer of this.layers) x = layer(x);
 *     return x;
 *   }
 * }
 */
export class ModuleListModule<T extends readonly Module[]> extends NumberedModules<T> {
  constructor(modules?: Iterable<Module> | null) {
    super();
    if (modules !== undefined && modules !== null) this.extend(modules);
  }

  /** A new list of the modules between two indices, numbered from 0. */
  slice(start?: number | null, end?: number | null, step?: number | null): ModuleList {
    const modules = childrenOf<Module>(this);
    const positions = slicePositions(
      { start: start ?? null, end: end ?? null, step: step ?? null },
      modules.length,
    );
    const { constructor } = Object.getPrototypeOf(this) as { constructor: typeof ModuleListModule };
    return new constructor(positions.map((k) => modules[k] as Module)) as unknown as ModuleList;
  }

  /**
   * Puts a module, or null, before the one at an index and moves the numbers of those behind it.
   *
   * Throws: `append`'s TypeError for what is no module.
   * Differs from PyTorch, which does not look at what it is given here.
   */
  insert(index: number, module: Module | null): void {
    const modules: readonly (Module | null)[] = childrenOf<Module>(this);
    if (module !== null && !isModule(module))
      throw torchError("TypeError", `${pythonTypeName(module)} is not a Module subclass`);
    // PyTorch moves the modules behind the index first, and so asks for one that is not there.
    if (index < 0) throw torchError("KeyError", "-1", "Count from the start.");
    if (index > modules.length) setNumbered(this, index, module);
    else renumber(this, [...modules.slice(0, index), module, ...modules.slice(index)]);
  }

  /** Adds modules at the end. Throws: PyTorch's TypeError for what is no list. */
  extend(modules: Iterable<Module>): this {
    if (typeof (modules as Partial<Iterable<Module>> | null)?.[Symbol.iterator] !== "function") {
      throw torchError(
        "TypeError",
        `ModuleList.extend should be called with an iterable, but got ${pythonTypeName(modules)}`,
      );
    }
    const offset = this.length;
    let count = 0;
    for (const module of modules) this.addModule(String(offset + count++), module);
    return this;
  }

  /** A new list of these modules and others. */
  concat(other: Iterable<Module>): ModuleList {
    return new ModuleList([...this, ...other]) as unknown as ModuleList;
  }

  /** The text PyTorch prints: children that print alike are counted. */
  override toString(): string {
    const lines: string[] = [];
    const texts = childrenOf<Module>(this).map((module) => (module === null ? "None" : module.toString()));
    for (let start = 0, end = 0; start < texts.length; start = end) {
      const text = texts[start]!;
      while (end < texts.length && texts[end] === text) end++;
      const many = end - start > 1;
      lines.push(indented(many ? `(${start}-${end - 1}): ${end - start} x ${text}` : `(${start}): ${text}`));
    }
    return framed(this.getName(), "", lines);
  }

  static {
    // The text of a module begins with the name of its class.
    Object.defineProperty(this, "name", { value: "ModuleList", configurable: true });
  }
}

/** Makes a ModuleList; its type follows the modules it is given. */
export const ModuleList: new <const T extends readonly Module[] = readonly Module[]>(
  modules?: T | Iterable<T[number]> | null,
) => ModuleList<T> = ModuleListModule as never;
