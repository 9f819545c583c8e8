/**
 * The text of a module, as PyTorch prints it: its name, its hyper-parameters, and its children indented below.
 */

import type { ModuleProtocol } from "./module-record.ts";
import { slotsOfKind } from "./slots.ts";

/** Text whose lines after the first are moved to the right by two spaces; blank lines become empty. */
export function indented(text: string): string {
  if (!text.includes("\n")) return text;
  return text
    .split("\n")
    .map((line, k) => {
      if (k === 0) return line;
      return line.trim() === "" ? "" : `  ${line}`;
    })
    .join("\n");
}

/** One line, or block of lines, for each child. */
function childLines(module: ModuleProtocol): string[] {
  return slotsOfKind(module, "module").map(
    ({ name, value }) => `(${name}): ${value === null ? "None" : indented(value.toString())}`,
  );
}

/** The name of a module and between parentheses its parts: on one line if there is one part and it is no child. */
export function framed(name: string, extra: string, children: readonly string[]): string {
  const extraLines = extra === "" ? [] : extra.split("\n");
  if (extraLines.length === 1 && children.length === 0) return `${name}(${extra})`;
  const lines = [...extraLines, ...children];
  return lines.length === 0 ? `${name}()` : `${name}(\n  ${lines.join("\n  ")}\n)`;
}

/** The text of a module. Throws: RangeError where a module contains itself, as PyTorch's RecursionError. */
export function moduleText(module: ModuleProtocol): string {
  return framed(module.getName(), module.extraRepr(), childLines(module));
}
