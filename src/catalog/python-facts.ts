/**
 * What a container of a program remembers of the Python container that it was loaded from, where JavaScript has one kind
 * for several: tuples are arrays, `1.0` is `1`. Saving asks for it, so that a file that was loaded is saved as it was.
 */

import type { Value } from "./value.ts";

/** What is remembered. It belongs to the container, not to what is in it: a float that is changed stays a float. */
export interface PythonFacts {
  /**
   * Of an array: it is a tuple, or, where arrays else stand for tuples, a list; of a Set: it is frozen; of a Uint8Array: it is
   * a bytearray.
   */
  readonly kind?: "tuple" | "list" | "frozenset" | "bytearray";
  /** Of a Map: the class of the mapping where it is none that a Map can say, and what its class was called with. */
  readonly class?: string;
  readonly args?: Value;
  /** The keys, or positions, under which there are floats without a fraction. */
  readonly floats?: ReadonlySet<unknown>;
}

/** Where a container keeps it; the same for every copy of this package. */
const factsKey: unique symbol = Symbol.for("parascope.pythonFacts") as never;

/** Makes a container remember; copies of it do not. */
export function rememberPython<Container extends object>(
  container: Container,
  facts: PythonFacts,
): Container {
  return Object.defineProperty(container, factsKey, { value: facts, configurable: true });
}

/** What a container remembers; nothing for one that a program made itself. */
export function pythonFactsOf(container: object): PythonFacts {
  return (container as { readonly [factsKey]?: PythonFacts })[factsKey] ?? {};
}
