/** The kinds of cases the runner knows, by the name that case files carry. Adding a kind is adding a line. */

import type { Kind } from "./kind.ts";
import { loadStateDict } from "./kinds/load-state-dict.ts";
import { naming } from "./kinds/naming.ts";
import { optimizers } from "./kinds/optimizers.ts";
import { printing } from "./kinds/printing.ts";
import { repr } from "./kinds/repr.ts";
import { schedulers } from "./kinds/schedulers.ts";

/** Every kind by its name. */
export const kinds: ReadonlyMap<string, Kind> = new Map(
  [loadStateDict, naming, optimizers, printing, repr, schedulers].map((kind) => [kind.name, kind]),
);
