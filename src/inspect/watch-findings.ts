/** What stands out over a run, in words: since when, and whether it still does. Its limits are those of one step. */

import { quote } from "../errors.ts";
import { findingsOf } from "./gradient-findings.ts";
import type { GradientFinding } from "./gradient-report.ts";
import type { WatchColumn } from "./watch-log.ts";
import type { WatchFinding, WatchRow } from "./watch-report.ts";

/** Records in a row after which a gradient counts as vanished or dead: a single batch may leave any unit out. */
const persistence = 5;

/** One thing that was found, over the records. */
interface Sighting {
  readonly code: WatchFinding["code"];
  names: readonly string[];
  message: string;
  /** The first step of all, and of those in a row up to the last. */
  first: number;
  since: number;
  last: number;
  /** Records in a row up to the last. */
  row: number;
  /** The number of the last record that shows it. */
  record: number;
}

const severity: readonly WatchFinding["code"][] = [
  "nan",
  "loss",
  "exploding",
  "vanishing",
  "dead",
  "not-optimized",
];

/** Follows findings from record to record. */
export class WatchFindings {
  readonly #sightings: Map<string, Sighting> = new Map();
  #records = 0;

  /** Looks at a record: its rows, which of their outputs are off, and the loss, if there is one. */
  add(step: number, rows: readonly WatchRow[], off: WatchColumn | null, loss: number | null): void {
    this.#records++;
    // The pass back comes to the last parameters first.
    const ordered = rows.map((row, order) => ({ row, order, off: off?.[order] ?? 0 }));
    const isBroken = loss !== null && !Number.isFinite(loss);
    for (const finding of findingsOf(ordered, loss)) this.#see(step, finding);
    if (isBroken) {
      this.#see(step, {
        code: "loss",
        message: `The loss is ${Number.isNaN(loss) ? "NaN" : "infinite"}.`,
        names: [],
      });
    }
    for (const { name, gradient, group } of rows) {
      if (gradient === null || group !== null) continue;
      const message = `${quote(name)} has a gradient but is in no group of the optimizer: it never changes.`;
      this.#see(step, { code: "not-optimized", message, names: [name] });
    }
  }

  #see(
    step: number,
    { code, message, names }: Omit<GradientFinding, "code"> & Pick<WatchFinding, "code">,
  ): void {
    // What explodes or vanishes is told of in one finding, about more parameters from step to step.
    const key = code === "dead" || code === "not-optimized" ? `${code} ${names[0] ?? ""}` : code;
    const known = this.#sightings.get(key);
    const record = this.#records;
    if (known === undefined) {
      this.#sightings.set(key, {
        code,
        names,
        message,
        first: step,
        since: step,
        last: step,
        row: 1,
        record,
      });
      return;
    }
    if (known.record === record) return;
    const isNext = known.record === record - 1;
    known.row = isNext ? known.row + 1 : 1;
    if (!isNext) known.since = step;
    // Of NaN the first place is what matters: it spreads.
    if (code !== "nan") {
      known.message = message;
      known.names = names;
    }
    known.last = step;
    known.record = record;
  }

  /** Forgets what was first seen after a step. */
  cut(step: number): void {
    for (const [key, { first }] of this.#sightings) if (first > step) this.#sightings.delete(key);
  }

  /** What stands out now, and what did and must not be forgotten; the worst first. */
  get findings(): WatchFinding[] {
    const found = [...this.#sightings.values()].flatMap((sighting) => this.#finding(sighting) ?? []);
    return found.sort((a, b) => severity.indexOf(a.code) - severity.indexOf(b.code) || a.first - b.first);
  }

  #finding({ code, names, message, first, since, last, row, record }: Sighting): WatchFinding | null {
    const isNow = record === this.#records;
    const steps = first === last ? `At step ${first}` : `From step ${first} to ${last}, not any more`;
    const lasting = { code, names, first, last };
    switch (code) {
      case "nan":
        return { ...lasting, message: `Step ${first}: ${message}` };
      case "loss":
      case "exploding":
        return { ...lasting, message: isNow ? `${message} Since step ${since}.` : `${steps}: ${message}` };
      case "vanishing":
      case "dead":
        if (!isNow || row < persistence) return null;
        return { ...lasting, first: since, message: `${message} Since step ${since}.` };
      case "not-optimized":
        return isNow ? { ...lasting, message } : null;
    }
  }
}
