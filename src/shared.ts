/**
 * What copies of this package that meet in one program have in common: the first copy makes it, the others find it. So a model of
 * one copy can be trained, loaded and saved by another one: both mean the same dtypes, the same gradient mode, the same order
 * of nodes and the same random stream.
 */

/** Rises when something shared changes its shape; copies of different generations share nothing. */
const generation = 1;

/**
 * What the first copy made under a name.
 *
 * @example
 * const clock = shared("clock", () => ({ next: 1 }));
 */
export function shared<T>(name: string, make: () => T): T {
  const key = Symbol.for(`parascope.shared.${generation}.${name}`);
  const place = globalThis as unknown as Record<symbol, T | undefined>;
  return (place[key] ??= make());
}
