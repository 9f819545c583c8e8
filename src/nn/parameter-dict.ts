/**
 * ParameterDict: parameters by name.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";
import { keyValuePairs } from "./key-value-pairs.ts";
import { recordKey, recordOf } from "./module-record.ts";
import { nearestNames } from "./nearest-names.ts";
import type { Parameter } from "./parameter.ts";
import { isParameter } from "./parameter.ts";
import { asParameter, setValue, valueLines } from "./parameter-values.ts";
import type { ListedValue } from "./parameter-list.ts";
import type { childrenMark } from "./paths.ts";
import { checkParameter, removeEntry } from "./registration.ts";
import { typeName } from "./slots.ts";

/** Names of methods that PyTorch's class lacks, so that keys may have them; and the mode, which stays what it is beside such a key. */
const freeNames: ReadonlySet<string> = new Set(["set", "has", "delete", "size", "training"]);

/** Values by name. */
export type ValuesByName = Readonly<Record<string, unknown>>;

/** The values of a ParameterDict made of `N`: tensors are parameters. */
type Held<N> = { readonly [Key in keyof N]: ListedValue<N[Key]> };

/** A ParameterDict of the values `N`, typed by name where an object gave them. */
export type ParameterDict<N extends ValuesByName = Readonly<Record<string, Tensor>>> =
  ParameterDictModule<N> & (string extends keyof N ? unknown : Omit<Held<N>, keyof ParameterDictModule<N>>);

/** See the class. */
export interface ParameterDictModule<N extends ValuesByName> {
  readonly [childrenMark]: Held<N>;
}

/**
 * A dictionary of parameters, named by the keys. Tensors become parameters, other values are kept as they are. From an
 * object the keys are sorted, as PyTorch does with a plain `dict`; from a Map, pairs or another one they keep their order.
 *
 * Throws: PyTorch's errors for keys that cannot be names, and its RuntimeError for tensors of integers.
 *
 * @example
 * const choices = new ParameterDict({ left: ones(3), right: ones(4) });
 * choices.left.shape; // torch.Size([3])
 */
export class ParameterDictModule<N extends ValuesByName> extends Module {
  constructor(values?: N | ReadonlyMap<string, unknown> | Iterable<readonly [string, unknown]> | null) {
    super();
    this[recordKey].entries = new Map();
    this[recordKey].freeNames = freeNames;
    if (values !== undefined && values !== null) this.update(values);
  }

  /** The number of values. */
  get size(): number {
    return entriesOf(this).size;
  }

  /** The value of a key; where there is none, \`fallback\`, by default undefined. */
  get<const K extends string>(key: K): K extends keyof N ? Held<N>[K] : Parameter | undefined;
  get<Fallback>(key: string, fallback: Fallback): Held<N>[keyof N] | Fallback;
  get(key: string, fallback?: unknown): unknown {
    return entriesOf(this).has(key) ? entriesOf(this).get(key) : fallback;
  }

  /** The value of a key; where there is none, puts \`value\` there, by default null, and gives it back as it is kept. */
  setdefault(key: string, value: unknown = null): unknown {
    if (!entriesOf(this).has(key)) this.set(key, value);
    return entriesOf(this).get(key);
  }

  /** Puts a value under a key. Throws: PyTorch's errors for keys that cannot be names. */
  set(key: string, value: unknown): this {
    if (typeof key !== "string") {
      throw torchError(
        "TypeError",
        `Index given to ParameterDict cannot be used as a key as it is not a string (type is '${pythonTypeName(key)}'). Open an issue on github if you need non-string keys.`,
      );
    }
    const kept = asParameter(value);
    if (isParameter(kept) && !entriesOf(this).has(key)) checkParameter(this, key, kept);
    setValue(this, key, kept);
    return this;
  }

  /** Whether there is a value under a key. */
  has(key: string): boolean {
    return entriesOf(this).has(key);
  }

  /** Takes the value of a key away. Throws: PyTorch's KeyError where there is none. */
  delete(key: string): void {
    if (!entriesOf(this).has(key)) throw torchError("KeyError", key, nearestNames(key, [...this.keys()]));
    removeEntry(this, key);
  }

  /** Takes the value of a key away and gives it. Throws: PyTorch's AttributeError where there is none. */
  pop(key: string): unknown {
    if (!entriesOf(this).has(key)) {
      throw torchError(
        "AttributeError",
        `'ParameterDict' object has no attribute '${key}'`,
        nearestNames(key, [...this.keys()]),
      );
    }
    const value = entriesOf(this).get(key);
    removeEntry(this, key);
    return value;
  }

  /** Takes the last key with its value away and gives them. Throws: PyTorch's KeyError where there is none. */
  popitem(): [string, ListedValue<N[keyof N]>] {
    const last = [...this.items()].at(-1);
    if (last === undefined) throw torchError("KeyError", "popitem(): dictionary is empty");
    removeEntry(this, last[0]);
    return last;
  }

  /** A new dictionary of the same values, the same parameters among them. */
  copy(): ParameterDict<N> {
    return new ParameterDict<N>(new Map(this.items()));
  }

  /** A new dictionary that has one value under several keys. */
  fromkeys(keys: Iterable<string>, value: unknown = null): ParameterDict<ValuesByName> {
    return new ParameterDict<ValuesByName>(Array.from(keys, (key) => [key, value] as const));
  }

  /** Takes all values away. */
  clear(): void {
    for (const key of Array.from(this.keys())) removeEntry(this, key);
  }

  /** The keys in order. */
  *keys(): Generator<string, undefined> {
    yield* entriesOf(this).keys();
  }

  /** The values in order. */
  *values(): Generator<ListedValue<N[keyof N]>, undefined> {
    yield* entriesOf(this).values() as Iterable<ListedValue<N[keyof N]>>;
  }

  /** The keys with their values in order. */
  *items(): Generator<[string, ListedValue<N[keyof N]>], undefined> {
    yield* entriesOf(this) as Iterable<[string, ListedValue<N[keyof N]>]>;
  }

  /** The keys, as PyTorch's class runs over them. */
  [Symbol.iterator](): Generator<string, undefined> {
    return this.keys();
  }

  /** Puts values under their keys. Throws: PyTorch's errors for what are no pairs of key and value. */
  update(values: ValuesByName | ReadonlyMap<string, unknown> | Iterable<readonly [string, unknown]>): void {
    const pairs = keyValuePairs("ParametersDict", "ParameterDict", values);
    const isPlain = Object.getPrototypeOf(values) === Object.prototype;
    const ordered = isPlain ? [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)) : pairs;
    for (const [key, value] of ordered) this.set(key, value);
  }

  /** Throws PyTorch's RuntimeError: a dictionary computes nothing. */
  override forward(): never {
    throw torchError("RuntimeError", "ParameterDict should not be called.");
  }

  override extraRepr(): string {
    return valueLines(this.items(), typeName);
  }

  static {
    // The text of a module begins with the name of its class.
    Object.defineProperty(this, "name", { value: "ParameterDict", configurable: true });
  }
}

function entriesOf(module: Module): Map<string, unknown> {
  return recordOf(module).entries!;
}

/** Makes a ParameterDict; its type follows the values it is given. */
export const ParameterDict: new <const N extends ValuesByName = Readonly<Record<string, Tensor>>>(
  values?: N | ReadonlyMap<string, unknown> | Iterable<readonly [string, unknown]> | null,
) => ParameterDict<N> = ParameterDictModule as never;
