/** What a kind of conformance cases is. */

import type { CaseRecord } from "./case-data.ts";

/** One thing that PyTorch did otherwise. */
export interface Mismatch {
  /** What was compared: `"text"`, `"state_dict keys"`. */
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/** A kind of cases: one file of `kinds/` each, listed in `kinds.ts`. */
export interface Kind {
  /** The `kind` that case files carry. */
  readonly name: string;
  /** Does what the case says and compares; empty when all agrees. An error it throws fails the case. */
  check(given: CaseRecord): readonly Mismatch[];
}
