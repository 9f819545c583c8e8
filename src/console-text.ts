/**
 * What Node's `console.log` prints of our objects: their text, which is PyTorch's, instead of their fields. Nothing of
 * Node is imported, as the symbol is known by its name.
 */

const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/** Makes `console.log` print `String(object)` of an object, or of all that have it as their prototype. */
export function printAsText(target: object): void {
  Object.defineProperty(target, inspect, {
    value(this: object): string {
      return String(this);
    },
    writable: true,
    configurable: true,
  });
}
