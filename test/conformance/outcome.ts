/** What a case comes to: a value, or an error as PyTorch names it. */

import { ParascopeError } from "../../src/errors.ts";
import type { Mismatch } from "./kind.ts";

/** What `run` gives, or `ErrorType: message`. Throws: errors that are not the package's, and those that PyTorch has not. */
export function outcomeOf(run: () => string): string {
  try {
    return run();
  } catch (error) {
    if (error instanceof ParascopeError && error.torchType !== undefined) {
      return `${error.torchType}: ${error.message}`;
    }
    throw error;
  }
}

/** Collects what differs, comparing values by their JSON. */
export class Comparison {
  readonly mismatches: Mismatch[] = [];

  /** Compares one value. A list that differs is shown from the first item that does. */
  equal(what: string, expected: unknown, found: unknown): void {
    if (JSON.stringify(expected) === JSON.stringify(found)) return;
    if (Array.isArray(expected) && Array.isArray(found)) {
      const at = expected.findIndex((item, k) => JSON.stringify(item) !== JSON.stringify(found[k]));
      const first = at < 0 ? expected.length : at;
      this.mismatches.push({
        what: `${what}, item ${first} of ${expected.length}`,
        expected: shown(expected[first]),
        found: shown((found as readonly unknown[])[first]),
      });
      return;
    }
    this.mismatches.push({ what, expected: shown(expected), found: shown(found) });
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
