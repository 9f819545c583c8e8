/**
 * Sequential: modules that run one after the other.
 */

import { torchError } from "../errors.ts";
import type { Module } from "./module.ts";
import { isModule } from "./module-record.ts";
import type { ByPosition } from "./numbered.ts";
import { NumberedModules, classText, setNumbered, slicePositions } from "./numbered.ts";
import type { childrenMark } from "./paths.ts";
import { childrenOf, integerLike, slotsOfKind, typeName } from "./slots.ts";

/** Modules by name: a map, or an object where no name is a number. */
export type NamedModules = ReadonlyMap<string, Module> | Readonly<Record<string, Module>>;

/** What a Sequential can be made of: modules, or one set of named ones. */
export type SequentialInput = readonly Module[] | readonly [NamedModules];

type First<T> = T extends readonly [infer A extends Module, ...unknown[]] ? A : Module;
type Last<T> = T extends readonly [...unknown[], infer Z extends Module] ? Z : Module;

/** A Sequential made of `T`: typed by position, or by name where an object gave the names. */
export type Sequential<T extends SequentialInput = readonly Module[]> = T extends readonly Module[]
  ? SequentialModule<T> & ByPosition<T>
  : T extends readonly [infer Names]
    ? Names extends ReadonlyMap<string, Module>
      ? SequentialModule<readonly Module[]> & ByPosition<readonly Module[]>
      : SequentialModule<readonly Module[]> &
          ByPosition<readonly Module[]> & { readonly [childrenMark]: Names } & Names
    : never;

/**
 * Modules that run one after the other, each on what the one before it gave. Without modules it gives back its input.
 *
 * `sequential[0]` is typed by position. With a Map or an object the modules have names instead of numbers.
 *
 * Throws: PyTorch's TypeError for what is no module, its KeyError for names that cannot be.
 *
 * @example
 * const net = new Sequential(new Linear(10, 20), new ReLU(), new Linear(20, 5));
 * net[0].weight.shape; // torch.Size([20, 10])
 * const named = new Sequential({ input: new Linear(10, 20), act: new ReLU() });
 * named.getParameter("input.weight");
 */
export class SequentialModule<T extends readonly Module[]> extends NumberedModules<T> {
  constructor(...input: SequentialInput) {
    super();
    const [first] = input;
    const names = input.length === 1 && !isModule(first) ? namedEntries(first) : null;
    if (names === null) input.forEach((module, k) => this.addModule(String(k), module as Module));
    else for (const [name, module] of names) this.addModule(name, module);
  }

  override forward(...input: Parameters<First<T>["forward"]>): ReturnType<Last<T>["forward"]> {
    const [first] = input as readonly unknown[];
    let value: unknown = first;
    for (const module of childrenOf<Module>(this)) value = (module as Module)(value);
    return value as ReturnType<Last<T>["forward"]>;
  }

  /** A Sequential of the modules between two indices; they keep their names. */
  slice(start?: number | null, end?: number | null, step?: number | null): Sequential {
    const slots = slotsOfKind<Module, "module">(this, "module");
    const positions = slicePositions(
      { start: start ?? null, end: end ?? null, step: step ?? null },
      slots.length,
    );
    return sequentialLike(this, new Map(positions.map((k) => [slots[k]!.name, slots[k]!.value as Module])));
  }

  /** Puts a module before the one at an index and moves the numbers of those behind it. Throws: PyTorch's errors. */
  insert(index: number, module: Module): this {
    if (!isModule(module)) {
      throw torchError(
        "AssertionError",
        "module should be of type: <class 'torch.nn.modules.module.Module'>",
      );
    }
    const slots = slotsOfKind<Module, "module">(this, "module");
    const count = slots.length;
    if (!Number.isInteger(index) || index < -count || index > count) {
      throw torchError("IndexError", `Index out of range: ${index}`);
    }
    const at = index < 0 ? index + count : index;
    const values = new Map(slots.map(({ name, value }) => [name, value]));
    for (let k = count; k > at; k--) {
      const former = values.get(String(k - 1));
      if (former === undefined)
        throw torchError("KeyError", String(k - 1), "Modules with names cannot be moved by insert.");
      setNumbered(this, k, former);
    }
    setNumbered(this, at, module);
    return this;
  }

  /** Appends modules one by one. Throws: PyTorch's TypeError for what is no list. */
  extend(modules: Iterable<Module>): this {
    if (typeof (modules as Partial<Iterable<Module>> | null)?.[Symbol.iterator] !== "function")
      throw torchError("TypeError", `'${typeName(modules)}' object is not iterable`);
    for (const module of modules) this.append(module);
    return this;
  }

  /** A new Sequential of these modules and those of another: `a + b`. Throws: PyTorch's ValueError for other values. */
  concat(other: SequentialModule<readonly Module[]>): Sequential {
    if (!(other instanceof SequentialModule)) {
      throw torchError(
        "ValueError",
        `add operator supports only objects of Sequential class, but ${classText(other)} is given.`,
      );
    }
    return new Sequential(...this, ...other);
  }

  /** A new Sequential that has these modules, the same objects, several times: `a * 2`. */
  repeat(times: number): Sequential {
    if (!Number.isInteger(times)) {
      throw torchError(
        "TypeError",
        `unsupported operand type(s) for *: ${containerClass} and ${classText(times)}`,
      );
    }
    if (times <= 0)
      throw torchError("ValueError", `Non-positive multiplication factor ${times} for ${containerClass}`);
    return new Sequential(...Array.from({ length: times }, () => [...this]).flat());
  }

  static {
    // The text of a module begins with the name of its class.
    Object.defineProperty(this, "name", { value: "Sequential", configurable: true });
  }
}

const containerClass = "<class 'torch.nn.modules.container.Sequential'>";

/** Makes a Sequential; its type follows the modules it is given. */
export const Sequential: new <const T extends SequentialInput = readonly Module[]>(
  ...input: T
) => Sequential<T> = SequentialModule as never;

/** A Sequential of the same class. */
function sequentialLike(container: Module, modules: ReadonlyMap<string, Module>): Sequential {
  const { constructor } = Object.getPrototypeOf(container) as { constructor: typeof SequentialModule };
  return new constructor(modules) as unknown as Sequential;
}

function namedEntries(names: unknown): Iterable<readonly [string, Module]> | null {
  if (names instanceof Map) return names as ReadonlyMap<string, Module>;
  if (typeof names !== "object" || names === null || Array.isArray(names)) return null;
  if (Object.getPrototypeOf(names) !== Object.prototype) return null;
  const number = Object.keys(names).find((name) => integerLike.test(name));
  if (number !== undefined) {
    throw torchError(
      "TypeError",
      "dict is not a Module subclass",
      `An object does not keep the place of the name "${number}": use a Map.`,
    );
  }
  return Object.entries(names as Readonly<Record<string, Module>>);
}
