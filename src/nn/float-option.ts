/**
 * Numbers that layers are told where PyTorch takes floats: `1` is Python's `1`, `pyFloat(1)` its `1.0`. A layer keeps the plain
 * number, to compute with, and remembers beside it that it is a float, for its text.
 */

import type { PythonValue } from "../tensor/python-repr.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { FloatNumber } from "../tensor/scalar.ts";
import type { ModuleProtocol } from "./module-record.ts";
import { recordOf } from "./module-record.ts";

/** A number as an option: `pyFloat(1)` is Python's `1.0`. */
export type FloatOption = number | FloatNumber;

/** Options of a function as those of its layer, where the named numbers may be `pyFloat(1)`. */
export type WithFloats<Options, Names extends keyof Options> = Omit<Options, Names> & {
  readonly [Name in Names]?: FloatOption | Extract<Options[Name], null>;
};

/** The plain number. */
export function plainNumber(given: FloatOption): number {
  return typeof given === "object" ? given.value : given;
}

/** Python's text of a number, for messages. */
export function numberText(given: FloatOption): string {
  return pythonRepr(given);
}

/**
 * The plain number for a field, which the module remembers to be a Python float if `given` is one. `usual`, PyTorch's default
 * for what is not given, is one too.
 *
 * @example
 * this.alpha = takeFloat(this, "alpha", options.alpha, 1);
 */
export function takeFloat(
  module: ModuleProtocol,
  field: string,
  given: FloatOption | undefined,
  usual?: number,
): number;
export function takeFloat(
  module: ModuleProtocol,
  field: string,
  given: FloatOption | null | undefined,
  usual: number | null,
): number | null;
export function takeFloat(
  module: ModuleProtocol,
  field: string,
  given: FloatOption | null | undefined,
  usual: number | null = null,
): number | null {
  const isFloat = given === undefined ? usual !== null : typeof given === "object" && given !== null;
  if (isFloat) (recordOf(module).floats ??= new Set()).add(field);
  if (given === undefined) return usual;
  return given === null ? null : plainNumber(given);
}

/**
 * The value of a field as it was given, for the module's text: `1` or `1.0`.
 *
 * @example
 * describe({ alpha: asGiven(this, "alpha") });
 */
export function asGiven(module: ModuleProtocol, field: string): PythonValue {
  const value = (module as unknown as Readonly<Record<string, unknown>>)[field];
  const isFloat = typeof value === "number" && recordOf(module).floats?.has(field) === true;
  return isFloat ? { kind: "float", value } : (value as PythonValue);
}
