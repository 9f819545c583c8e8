/** The kinds of cases the runner knows, by the name that case files carry. Adding a kind is adding a line. */

import type { Kind } from "./kind.ts";
import { printing } from "./kinds/printing.ts";

/** Every kind by its name. */
export const kinds: ReadonlyMap<string, Kind> = new Map([printing].map((kind) => [kind.name, kind]));
