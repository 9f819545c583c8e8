/**
 * What stands between the parentheses of a layer's text: its hyper-parameters, as Python writes them.
 */

import { pythonFactsOf } from "../catalog/python-facts.ts";
import type { PythonValue } from "../tensor/python-repr.ts";
import { pythonRepr } from "../tensor/python-repr.ts";

/** Text that stands as it is: PyTorch prints some strings without quotes. */
export interface PlainText {
  readonly kind: "plain";
  readonly text: string;
}

/** What a hyper-parameter may be: `undefined` leaves it out. An array is a tuple, unless it is known to be a list. */
export type Attribute = PythonValue | PlainText | undefined;

/**
 * A hyper-parameter that is a float in PyTorch, so that 1 prints as `1.0`. Null and undefined stay as they are.
 *
 * @example
 * describe({ p: float(1) }); // "p=1.0"
 */
export function float(value: number | null | undefined): Attribute {
  return typeof value === "number" ? { kind: "float", value } : value;
}

/**
 * Text that prints without quotes.
 *
 * @example
 * describe({ padding_mode: plain("reflect") }); // "padding_mode=reflect"
 */
export function plain(text: string): PlainText {
  return { kind: "plain", text };
}

/**
 * Writes hyper-parameters: first those without a name, then the named ones in the order given.
 *
 * @example
 * describe([3, 16], { kernel_size: [3, 3], eps: float(1e-5), bias: false });
 * // "3, 16, kernel_size=(3, 3), eps=1e-05, bias=False"
 */
export function describe(
  positional: readonly Attribute[] | Readonly<Record<string, Attribute>>,
  named: Readonly<Record<string, Attribute>> = {},
): string {
  if (!Array.isArray(positional)) return describe([], positional as Readonly<Record<string, Attribute>>);
  const parts = (positional as readonly Attribute[]).flatMap((value) => written(value));
  for (const [name, value] of Object.entries(named)) {
    for (const text of written(value)) parts.push(`${name}=${text}`);
  }
  return parts.join(", ");
}

function written(value: Attribute): string[] {
  if (value === undefined) return [];
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "plain")
    return [value.text];
  if (Array.isArray(value) && pythonFactsOf(value).kind === "list")
    return [pythonRepr({ kind: "list", items: value as readonly PythonValue[] })];
  return [pythonRepr(value as PythonValue)];
}
