/** Colours for terminals: Select Graphic Rendition codes by the part that a text plays. */

import type { Styler } from "../inspect/table.ts";

/** Names stand out, what is as usual steps back. */
const codes: Readonly<Record<Parameters<Styler>[1], string>> = {
  heading: "1",
  name: "36",
  plain: "",
  quiet: "2",
  buffer: "34",
  frozen: "33",
  note: "35",
};

/** What these codes look like within a text. */
export const ansiCodes: RegExp = /\u001b\[[0-9;]*m/g;

/** Colours a text by its role. */
export const ansiStyler: Styler = (text, role) =>
  codes[role] === "" ? text : `\u001b[${codes[role]}m${text}\u001b[0m`;

/** Whether a terminal wants colours. https://no-color.org: any value of `NO_COLOR` but the empty one counts. */
export function wantsColours(environment: Readonly<Record<string, string | undefined>>): boolean {
  return !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
}

/** Whether the cursor of a terminal can be moved. */
export function movesCursor(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment["TERM"] !== "dumb";
}
