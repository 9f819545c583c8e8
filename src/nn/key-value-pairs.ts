/**
 * The pairs that dictionaries of modules and parameters are made of, with PyTorch's checks.
 */

import { pythonTypeName } from "../autograd/history.ts";
import { torchError } from "../errors.ts";
import { isModule } from "./module-record.ts";

/** A container that gives its items. */
interface WithItems {
  items(): Iterable<readonly [string, unknown]>;
}

/**
 * The keys and values of a map, an object, another container or a list of pairs. `method` and `container` are how
 * PyTorch's two messages name the caller.
 *
 * Throws: PyTorch's TypeErrors and ValueError for other values.
 */
export function* keyValuePairs(
  method: string,
  container: string,
  source: unknown,
): Generator<readonly [string, unknown], undefined> {
  if (source instanceof Map) {
    yield* source as ReadonlyMap<string, unknown>;
    return;
  }
  if (isModule(source) && typeof (source as Partial<WithItems>).items === "function") {
    yield* (source as unknown as WithItems).items();
    return;
  }
  if (isIterable(source)) {
    let k = 0;
    for (const pair of source) yield checkedPair(container, pair, k++);
    return;
  }
  if (typeof source !== "object" || source === null) {
    throw torchError(
      "TypeError",
      `${method}.update should be called with an iterable of key/value pairs, but got ${pythonTypeName(source)}`,
    );
  }
  yield* Object.entries(source);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    (typeof value === "object" || typeof value === "string") &&
    value !== null &&
    typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function"
  );
}

function checkedPair(container: string, pair: unknown, k: number): readonly [string, unknown] {
  if (!isIterable(pair)) {
    throw torchError(
      "TypeError",
      `${container} update sequence element #${k} should be Iterable; is${pythonTypeName(pair)}`,
    );
  }
  const parts = [...pair];
  if (parts.length !== 2) {
    throw torchError(
      "ValueError",
      `${container} update sequence element #${k} has length ${parts.length}; 2 is required`,
    );
  }
  return parts as [string, unknown];
}
