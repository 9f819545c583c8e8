/** Edits of a catalog as data: what a draft records, and what its refusals say. */

import type { DTypeName } from "../dtype.ts";
import { quote, UsageError } from "../errors.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import type { Entry } from "./entry.ts";
import type { Value } from "./value.ts";

/** One edit. Names are those that the entries had when it was made. */
export type Edit =
  | { readonly edit: "rename"; readonly names: readonly (readonly [name: string, newName: string])[] }
  | { readonly edit: "delete"; readonly names: readonly string[] }
  | { readonly edit: "delete-item"; readonly path: Path }
  | { readonly edit: "set-item"; readonly path: Path; readonly value: Value }
  | { readonly edit: "write"; readonly name: string; readonly byteLength: number }
  | {
      readonly edit: "replace";
      readonly name: string;
      readonly dtype: DTypeName;
      readonly shape: readonly number[];
    }
  | { readonly edit: "cast"; readonly names: readonly string[]; readonly dtype: DTypeName }
  | { readonly edit: "set-metadata"; readonly key: string; readonly text: string | null };

/** Whether a tensor's elements are all that it is. */
export function isPlain(entry: Entry): boolean {
  return entry.quantization === undefined && entry.lazy === undefined && entry.subclass === undefined;
}

/** Why an entry has no plain elements, as a phrase. */
export function whyNotPlain(entry: Entry): string {
  if (entry.layout === "absent") return entry.why;
  if (entry.quantization !== undefined) return "it is quantized";
  if (entry.lazy !== undefined)
    return `it is a view whose elements are changed when they are read (${entry.lazy.join(", ")})`;
  if (entry.subclass !== undefined) return `only its class ${quote(entry.subclass)} knows what they mean`;
  return entry.layout === "strided" ? "they do not take whole bytes" : `its layout is ${entry.layout}`;
}

/** The refusal to change the elements of a tensor that has no plain ones. */
export function notEditable(entry: Entry, doing: string): UsageError {
  return new UsageError(
    `${doing} ${quote(entry.name)}: its elements cannot be changed, ${whyNotPlain(entry)}`,
    {
      code: "not-editable",
      hint: "Only plain strided tensors can be edited; others are kept as they are, or deleted.",
    },
  );
}

/** The refusal of a name or pattern that finds nothing. */
export function noSuchName(doing: string, name: string): UsageError {
  return new UsageError(`${doing} ${quote(name)}: no tensor has such a name`, {
    code: "no-such-name",
    hint: "Names are those of the draft's entries, as earlier edits left them.",
  });
}

/** The refusal of a path that leads to no item of a dictionary. */
export function noSuchItem(path: Path): UsageError {
  return new UsageError(`editing ${quote(joinPath(path))}: no dictionary has such an item`, {
    code: "no-such-item",
  });
}

/** The refusal of bytes that are not as many as the elements take. */
export function wrongLength(doing: string, name: string, found: number, expected: number): UsageError {
  return new UsageError(`${doing} ${quote(name)}: found ${found} bytes, expected ${expected}`, {
    code: "bad-length",
  });
}
