/**
 * Gathers the records of a run into what is shown of it, in memory that does not grow with their number. The same for
 * a log that is read, one that is followed, and a run that is drawn while it trains.
 */

import { FormatError } from "../errors.ts";
import { countOf } from "../shape.ts";
import type { NoGradientReason, PathEnd } from "./gradient-report.ts";
import { Series } from "./series.ts";
import { WatchFindings } from "./watch-findings.ts";
import { parseWatchLine } from "./watch-lines.ts";
import type { WatchColumn, WatchEnd, WatchHeader, WatchRecord } from "./watch-log.ts";
import type { Extreme, WatchReport, WatchRow } from "./watch-report.ts";

/** Points that a curve keeps at least; it has fewer than twice as many. */
const curveCapacity = 256;
const normCapacity = 32;

/** Curves at most: whoever writes a name anew for every record must not fill the memory. */
const curvesAtMost = 64;

/** A curve while it grows. */
interface Growing {
  readonly series: Series;
  readonly first: number;
  last: number;
  least: Extreme | null;
  greatest: Extreme | null;
}

/** A run, up to the last record that was added. */
export class WatchHistory {
  readonly #source: string;
  /** Records of later steps are passed over. */
  readonly #until: number;
  readonly #curves: Map<string, Growing> = new Map();
  readonly #findings: WatchFindings = new WatchFindings();
  #norms: Series[] = [];
  #header: WatchHeader | null = null;
  #rows: readonly WatchRow[] = [];
  #histograms: { readonly step: number; readonly of: NonNullable<WatchRecord["histograms"]> } | null = null;
  #end: WatchEnd | null = null;
  #step = 0;
  #time = 0;
  /** Seconds of the parts before the last header. */
  #timeBefore = 0;
  #records = 0;
  #lines = 0;
  #unreadable: { readonly line: number; readonly message: string; count: number } | null = null;

  /** `until` is the last step to look at; default: all. */
  constructor(source: string, until: number = Infinity) {
    this.#source = source;
    this.#until = until;
  }

  /** Whether the run has said that it is over. */
  get hasEnded(): boolean {
    return this.#end !== null;
  }

  get header(): WatchHeader | null {
    return this.#header;
  }

  /**
   * Adds a line of a log. One that cannot be read is passed over and noted, as what a crash leaves in the middle of a
   * line must not cost the rest; the first one must be a header.
   *
   * Throws: `FormatError` for what is no such log.
   */
  addLine(text: string): void {
    this.#lines++;
    if (text.trim() === "") return;
    try {
      const line = parseWatchLine(text, this.#header);
      if (line.kind === "header") this.addHeader(line.header);
      else if (line.kind === "record") this.addRecord(line.record);
      else this.addEnd(line.end);
    } catch (error) {
      if (!(error instanceof FormatError) || this.#header === null || error.code !== "watch-line")
        throw error;
      if (this.#unreadable === null)
        this.#unreadable = { line: this.#lines, message: error.message, count: 1 };
      else this.#unreadable.count++;
    }
  }

  /** Begins a run, or goes on with it after a step: what came after that is forgotten. */
  addHeader(header: WatchHeader): void {
    const isSame =
      this.#header !== null && JSON.stringify(this.#header.parameters) === JSON.stringify(header.parameters);
    this.#header = header;
    this.#end = null;
    this.#timeBefore = this.#time;
    if (header.step < this.#step) {
      for (const { series } of this.#curves.values()) series.cut(header.step);
      for (const norm of this.#norms) norm.cut(header.step);
      this.#findings.cut(header.step);
      this.#step = header.step;
    }
    if (isSame) return;
    this.#norms = header.parameters.map(() => new Series(normCapacity));
    this.#rows = [];
    this.#histograms = null;
  }

  /** Adds what a step left. */
  addRecord(record: WatchRecord): void {
    const { step, time, loss, rates, values, histograms } = record;
    if (step > this.#until) return;
    this.#records++;
    this.#step = step;
    this.#time = this.#timeBefore + time;
    if (loss !== null) this.#draw("loss", step, loss);
    rates.forEach((rate, group) => this.#draw(rates.length === 1 ? "lr" : `lr ${group}`, step, rate));
    for (const [name, value] of values) this.#draw(name, step, value);
    if (histograms !== null) this.#histograms = { step, of: histograms };
    record.gradient.norm.forEach((norm, position) => {
      if (norm !== null) this.#norms[position]!.add(step, norm);
    });
    this.#rows = this.#rowsOf(record);
    this.#findings.add(step, this.#rows, record.gradient.off, loss);
  }

  addEnd(end: WatchEnd): void {
    if (end.step > this.#until) return;
    this.#end = end;
    this.#step = end.step;
    this.#time = this.#timeBefore + end.time;
  }

  #draw(name: string, step: number, value: number): void {
    let curve = this.#curves.get(name);
    if (curve === undefined) {
      if (this.#curves.size === curvesAtMost) return;
      curve = { series: new Series(curveCapacity), first: value, last: value, least: null, greatest: null };
      this.#curves.set(name, curve);
    }
    curve.series.add(step, value);
    curve.last = value;
    if (Number.isNaN(value)) return;
    if (curve.least === null || value < curve.least.value) curve.least = { value, step };
    if (curve.greatest === null || value > curve.greatest.value) curve.greatest = { value, step };
  }

  #rowsOf({ gradient, weight, update, missing, ends: pathEnds }: WatchRecord): WatchRow[] {
    const reasons = new Map<number, NoGradientReason>();
    for (const [reason, positions] of missing)
      for (const position of positions) reasons.set(position, reason);
    const ends = new Map<number, PathEnd>();
    for (const { of, ...end } of pathEnds) for (const position of of) ends.set(position, end);
    const countAt = (column: WatchColumn | null, position: number): number => column?.[position] ?? 0;
    return this.#header!.parameters.map(({ name, shape, dtype, group }, k) => {
      const norm = gradient.norm[k]!;
      const [outputs = 0] = shape;
      const silent = gradient.silent?.[k] ?? null;
      const weightNorm = weight.norm[k]!;
      const count = countOf(shape);
      return {
        name,
        module: name.slice(0, Math.max(0, name.lastIndexOf("."))),
        shape,
        dtype,
        group,
        gradient:
          norm === null
            ? null
            : {
                count,
                l2: norm,
                mean: gradient.mean[k] ?? NaN,
                zeros: countAt(gradient.zeros, k),
                nan: countAt(gradient.nan, k),
                inf: countAt(gradient.inf, k),
              },
        largest: gradient.largest[k]!,
        reason: reasons.get(k) ?? null,
        pathEnd: ends.get(k) ?? null,
        weight:
          weightNorm === null
            ? null
            : { count, l2: weightNorm, nan: countAt(weight.nan, k), inf: countAt(weight.inf, k) },
        updateRatio: update[k]!,
        silent: silent === null ? null : { outputs: silent, of: outputs },
        // Both are added when somebody looks.
        norms: [],
        histograms: null,
      };
    });
  }

  /** The run as it is now. */
  report(): WatchReport {
    const { model = "", optimizer = "", every = 0 } = this.#header ?? {};
    const histograms = this.#histograms;
    return {
      source: this.#source,
      model,
      optimizer,
      every,
      state: this.#end !== null ? "ended" : this.#records === 0 ? "waiting" : "open",
      step: this.#step,
      time: this.#time,
      records: this.#records,
      curves: Array.from(this.#curves, ([name, { series, ...curve }]) => ({
        name,
        ...curve,
        points: series.points,
      })),
      parameters: this.#rows.map((row, k) => ({
        ...row,
        norms: this.#norms[k]!.points,
        histograms:
          histograms === null
            ? null
            : {
                step: histograms.step,
                weight: histograms.of.weight[k]!,
                gradient: histograms.of.gradient[k]!,
              },
      })),
      findings: this.#findings.findings,
      notices: this.#notices(),
    };
  }

  #notices(): WatchReport["notices"] {
    if (this.#unreadable === null) return [];
    const { line, message, count } = this.#unreadable;
    const more = count === 1 ? "" : ` So are ${count - 1} more.`;
    return [{ code: "unreadable-lines", message: `line ${line} of the log is left out: ${message}.${more}` }];
  }
}
