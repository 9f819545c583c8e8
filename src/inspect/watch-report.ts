/** What a watched run shows at a step, as plain data. Who gathers it from records is `watch-history.ts`. */

import type { JudgedRow, PathEnd } from "./gradient-report.ts";
import type { CurvePoint } from "./series.ts";
import type { ExponentHistogram } from "./watch-log.ts";

/** A number, and the first step at which it was. */
export interface Extreme {
  readonly value: number;
  readonly step: number;
}

/** A number over time. */
export interface WatchCurve {
  /** `"loss"`, `"lr"`, with its group where there are several, or the name that it was recorded under. */
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** The least and the greatest of all, with their steps; null where all were NaN. */
  readonly least: Extreme | null;
  readonly greatest: Extreme | null;
  /** At most 512 points; where there were more numbers, each is the mean of some. */
  readonly points: readonly CurvePoint[];
}

/** One parameter at the step. */
export interface WatchRow extends JudgedRow {
  readonly dtype: string;
  /** The parameter group of the optimizer that has it; null where none has. */
  readonly group: number | null;
  readonly pathEnd: PathEnd | null;
  /** ‖update‖ / ‖weight‖ of the step. */
  readonly updateRatio: number | null;
  /** The gradient's norm over time: at most 64 points. */
  readonly norms: readonly CurvePoint[];
  /** The last ones that were recorded. */
  readonly histograms: {
    readonly step: number;
    readonly weight: ExponentHistogram | null;
    readonly gradient: ExponentHistogram | null;
  } | null;
}

/** What stands out over the run. */
export interface WatchFinding {
  readonly code: "nan" | "loss" | "exploding" | "vanishing" | "dead" | "not-optimized";
  readonly message: string;
  readonly names: readonly string[];
  /** The first step at which it was seen, and the last. */
  readonly first: number;
  readonly last: number;
}

/** A watched run at one of its steps. Plain data. */
export interface WatchReport {
  readonly source: string;
  readonly model: string;
  readonly optimizer: string;
  readonly every: number;
  /** `"waiting"` for a first record; `"open"`: not ended yet, or never will be; `"ended"`. */
  readonly state: "waiting" | "open" | "ended";
  /** The step of the last record; of an ended run the last one it made. */
  readonly step: number;
  /** Seconds that it has run. */
  readonly time: number;
  readonly records: number;
  readonly curves: readonly WatchCurve[];
  /** In the network's order. */
  readonly parameters: readonly WatchRow[];
  /** The worst first. */
  readonly findings: readonly WatchFinding[];
  /** What of the log could not be used. */
  readonly notices: readonly { readonly code: string; readonly message: string }[];
}
