/**
 * Arguments of functions that PyTorch lets its users write by position or by name: `uniform_(-1, 1)` is
 * `uniform_({ from: -1, to: 1 })`.
 */

import { torchError } from "../errors.ts";

/** Whether an argument is an options object and no value. */
function isOptions(argument: unknown): argument is Readonly<Record<string, unknown>> {
  if (typeof argument !== "object" || argument === null) return false;
  const prototype: unknown = Object.getPrototypeOf(argument);
  return (prototype === Object.prototype || prototype === null) && !("kind" in argument);
}

/**
 * Merges arguments by position with the options object that may follow them. `names` are the positions' names.
 *
 * Throws: PyTorch's TypeErrors for too many arguments and for one that is given twice.
 *
 * @example
 * namedArguments("normal_", ["mean", "std"], [0, { std: 2 }]); // { std: 2, mean: 0 }
 */
export function namedArguments<Options extends object>(
  name: string,
  names: readonly (keyof Options & string)[],
  args: readonly unknown[],
): Options {
  if (args.length === 0) return {} as Options;
  if (args.length === 1 && isOptions(args[0])) return args[0] as Options;
  const given = args.slice();
  while (given.length > 0 && given.at(-1) === undefined) given.pop();
  const options: Record<string, unknown> = isOptions(given.at(-1)) ? { ...(given.pop() as object) } : {};
  if (given.length > names.length) {
    throw torchError(
      "TypeError",
      `${name}() takes from 0 to ${names.length} positional arguments but ${given.length} were given`,
    );
  }
  given.forEach((value, place) => {
    const key = names[place]!;
    if (value === undefined) return;
    if (options[key] !== undefined) {
      throw torchError("TypeError", `${name}() got multiple values for argument '${key}'`);
    }
    options[key] = value;
  });
  return options as Options;
}
