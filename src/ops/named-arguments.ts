/**
 * Arguments that PyTorch lets its users write by position or by name: `uniform_(-1, 1)` is `uniform_({ from: -1, to: 1 })`. What a
 * call binds is bound here by Python's rules, with Python's errors.
 */

import { torchError } from "../errors.ts";
import { snakeCase } from "./program.ts";

/** The arguments of a function of PyTorch. */
export interface Taken {
  /** Their names: what is required first, then what else may stand by position, then what has to be named. */
  readonly names: readonly string[];
  /** How many are required. */
  readonly required: number;
  /** How many may stand by position. */
  readonly positional: number;
  /** How many more Python counts in front of them: 1 for `self`. */
  readonly hidden: number;
  /** Whether there are others, which only have names. */
  readonly isOpen: boolean;
}

/** Whether an argument is an options object and no value. */
function isOptions(argument: unknown): argument is Readonly<Record<string, unknown>> {
  if (typeof argument !== "object" || argument === null) return false;
  const prototype: unknown = Object.getPrototypeOf(argument);
  return (prototype === Object.prototype || prototype === null) && !("kind" in argument);
}

/** `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`, as Python lists names. */
function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `'${snakeCase(name)}'`);
  const last = quoted.pop()!;
  if (quoted.length === 0) return last;
  return `${quoted.join(", ")}${quoted.length > 1 ? "," : ""} and ${last}`;
}

/** "1 positional argument", "2 positional arguments". */
function counted(count: number | string, isOne: boolean): string {
  return `${count} positional argument${isOne ? "" : "s"}`;
}

function tooMany(name: string, taken: Taken, given: number, options: object): Error {
  const { hidden, required, positional, names } = taken;
  const [least, most] = [required + hidden, positional + hidden];
  const range = least === most ? counted(most, most === 1) : counted(`from ${least} to ${most}`, false);
  const named = Object.keys(options).filter((key) => names.indexOf(key) >= positional).length;
  const count = given + hidden;
  const found =
    named > 0
      ? `${counted(count, count === 1)} (and ${named} keyword-only argument${named === 1 ? "" : "s"}) were`
      : `${count} ${count === 1 ? "was" : "were"}`;
  return torchError("TypeError", `${name}() takes ${range} but ${found} given`);
}

function unexpected(name: string, { names }: Taken, key: string): Error {
  const meant = names.find((known) => snakeCase(known) === key);
  return torchError(
    "TypeError",
    `${name}() got an unexpected keyword argument '${key}'`,
    meant === undefined ? `It takes ${names.join(", ")}.` : `Here it is called ${meant}.`,
  );
}

function missing(name: string, names: readonly string[]): Error {
  const count = `${names.length} required positional argument${names.length === 1 ? "" : "s"}`;
  return torchError("TypeError", `${name}() missing ${count}: ${listed(names)}`);
}

/**
 * The required arguments in their order, then an object with all others that are given. Undefined is not given. `name` is the
 * function's in messages: `"Linear.__init__"`.
 *
 * Throws: Python's TypeErrors for arguments that are unknown, given twice, too many or missing.
 *
 * @example
 * const taken = { names: ["inFeatures", "outFeatures", "bias"], required: 2, positional: 3, hidden: 1, isOpen: false };
 * bindArguments("Linear.__init__", taken, [3, { bias: false, outFeatures: 4 }]); // [3, 4, { bias: false }]
 */
export function bindArguments(name: string, taken: Taken, args: readonly unknown[]): unknown[] {
  const { names, required } = taken;
  let given = args.length;
  while (given > 0 && args[given - 1] === undefined) given--;
  const last = args[given - 1];
  const options: Readonly<Record<string, unknown>> = isOptions(last) ? last : {};
  if (options === last) given--;

  // Options without a required argument are handed on as they are.
  let isMixed = given > required;
  for (const key of Object.keys(options)) {
    const place = names.indexOf(key);
    if (options[key] === undefined) continue;
    if (place < 0 && !taken.isOpen) throw unexpected(name, taken, key);
    if (place >= 0 && place < taken.positional && place < given && args[place] !== undefined) {
      throw torchError("TypeError", `${name}() got multiple values for argument '${snakeCase(key)}'`);
    }
    isMixed ||= place >= 0 && place < required;
  }
  if (given > taken.positional) throw tooMany(name, taken, given, options);

  const bound: unknown[] = [];
  for (let place = 0; place < required; place++) {
    const value = place < given ? args[place] : undefined;
    bound.push(value === undefined ? options[names[place]!] : value);
  }
  if (bound.includes(undefined)) {
    throw missing(
      name,
      names.slice(0, required).filter((_, place) => bound[place] === undefined),
    );
  }
  bound.push(isMixed ? others(taken, args, given, options) : options);
  return bound;
}

/** All that is given of what is not required. */
function others(
  { names, required }: Taken,
  args: readonly unknown[],
  given: number,
  options: object,
): object {
  const found: Record<string, unknown> = { ...options };
  for (const name of names.slice(0, required)) delete found[name];
  for (let place = required; place < given; place++) {
    if (args[place] !== undefined) found[names[place]!] = args[place];
  }
  return found;
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
  const taken = { names, required: 0, positional: names.length, hidden: 0, isOpen: true };
  return bindArguments(name, taken, args)[0] as Options;
}
