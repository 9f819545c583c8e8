/**
 * The log of `watch`, one JSON value a line: what a header, a record and an end are, and their text. Reading them back is
 * `watch-lines.ts`; `docs/watch-log.md` says for other programs what stands here.
 */

import type { NoGradientReason, PathEnd } from "./gradient-report.ts";
import { compactJson, finite } from "./json.ts";

/** What the header of such a log calls its format. */
export const watchFormat = "parascope-watch";

/** The version of the format that is written, and the only one that is read. */
export const watchVersion = 1;

/** A parameter of a log; records refer to it by its position. */
export interface WatchedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The parameter group of the optimizer that has it; null where none has. */
  readonly group: number | null;
}

/** What a log begins with, and what follows where a run was resumed. */
export interface WatchHeader {
  /** The network's class. */
  readonly model: string;
  /** The optimizer's class. */
  readonly optimizer: string;
  /** Steps from record to record. */
  readonly every: number;
  /** The step after which this part of the log begins; 0 unless a run was resumed. */
  readonly step: number;
  /** When it began, as ISO 8601; null where nobody says. */
  readonly started: string | null;
  readonly parameters: readonly WatchedParameter[];
}

/** A number for each parameter; null where it has none. */
export type WatchColumn = readonly (number | null)[];

/**
 * How many elements lie where, by their magnitude: bin b starts at 2^(b/2) where b is even, and at 1.5 · 2^((b-1)/2) where
 * it is odd. `below` has the bins of negative elements, `above` those of positive ones: first the number of the first
 * bin, then the counts from there on; empty where there are none. What is below 2^-127 counts as zero; NaN and
 * infinities are in no bin.
 */
export interface ExponentHistogram {
  readonly zero: number;
  readonly below: readonly number[];
  readonly above: readonly number[];
}

/** An op at which paths end, and the parameters that they should lead to. */
export interface WatchPathEnd extends PathEnd {
  readonly of: readonly number[];
}

/** What one step left. All columns are as long as there are parameters. */
export interface WatchRecord {
  /** Steps of the optimizer so far, this one included. */
  readonly step: number;
  /** Seconds since the log was begun, or resumed. */
  readonly time: number;
  readonly loss: number | null;
  /** The learning rate of each parameter group, as the step used it. */
  readonly rates: readonly number[];
  /** What else was recorded, by its name. */
  readonly values: ReadonlyMap<string, number>;
  /** The gradients that the step used. Columns of counts that are null are 0 for every parameter that has a gradient. */
  readonly gradient: {
    readonly norm: WatchColumn;
    readonly mean: WatchColumn;
    readonly largest: WatchColumn;
    readonly zeros: WatchColumn | null;
    readonly nan: WatchColumn | null;
    readonly inf: WatchColumn | null;
    /** Outputs, along the first dimension of a weight, that get no gradient; null where that says nothing. */
    readonly silent: WatchColumn | null;
    /** Of those, the ones that hardly any input can wake. */
    readonly off: WatchColumn | null;
  };
  /** The parameters after the step. */
  readonly weight: {
    readonly norm: WatchColumn;
    readonly nan: WatchColumn | null;
    readonly inf: WatchColumn | null;
  };
  /** ‖update‖ / ‖weight before‖. */
  readonly update: WatchColumn;
  /** The parameters without a gradient, by the reason. */
  readonly missing: ReadonlyMap<NoGradientReason, readonly number[]>;
  /** Where the paths back from the loss end that should lead to some of those. */
  readonly ends: readonly WatchPathEnd[];
  readonly histograms: {
    readonly weight: readonly (ExponentHistogram | null)[];
    readonly gradient: readonly (ExponentHistogram | null)[];
  } | null;
}

/** What the last line of a log says whose run came to its end. */
export interface WatchEnd {
  readonly step: number;
  readonly time: number;
}

/** Digits of figures: what differs beyond them says nothing about training. */
const figureDigits = 5;

/** Digits of losses and rates: all that float32 has. */
const valueDigits = 8;

const powers: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** A number, and its two halves; the machines that run this are little-endian, as typed arrays here take for granted. */
const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer);

/**
 * A number in so many significant digits, as JSON has it. Its digits are an integer, which becomes text in a
 * fifth of the time of a fraction: numbers are most of what writing a record costs.
 *
 * @example
 * numberText(0.0123456, 3); // "0.0123"
 */
export function numberText(value: number | null, digits: number): string {
  if (value === null) return "null";
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return `"${finite(value)}"`;
  const size = Math.abs(value);
  // From the exponent of 2: never above the logarithm, and less than one below it.
  float64[0] = size;
  const binary = (words[1]! >>> 20) - 1023;
  let exponent = Math.floor(binary * Math.LOG10E * Math.LN2) + 1 - digits;
  // Powers of ten beyond the 22nd are not exact.
  if (exponent < -21 || exponent > 21) return String(Number(value.toPrecision(digits)));
  let whole = scaled(size, exponent);
  if (whole >= powers[digits]!) whole = scaled(size, ++exponent);
  while (whole % 10 === 0) {
    whole /= 10;
    exponent++;
  }
  return value < 0 ? `-${placed(whole, exponent)}` : placed(whole, exponent);
}

/** The integer next to `size / 10^exponent`. */
function scaled(size: number, exponent: number): number {
  return Math.round(exponent > 0 ? size / powers[exponent]! : size * powers[-exponent]!);
}

/** `whole · 10^exponent`. */
function placed(whole: number, exponent: number): string {
  if (exponent >= 0) return exponent > 6 ? `${whole}e${exponent}` : String(whole * powers[exponent]!);
  const text = String(whole);
  const point = text.length + exponent;
  if (point > 0) return `${text.slice(0, point)}.${text.slice(point)}`;
  return point > -4 ? `0.${"000".slice(0, -point)}${text}` : `${text}e${exponent}`;
}

function columnText(column: WatchColumn): string {
  let text = "[";
  for (let k = 0; k < column.length; k++) {
    if (k > 0) text += ",";
    text += numberText(column[k]!, figureDigits);
  }
  return `${text}]`;
}

/** A column of counts, written with all digits. */
function countsText(name: string, counts: WatchColumn | null): string {
  if (counts === null) return "";
  let text = `,"${name}":[`;
  for (let k = 0; k < counts.length; k++) text += k === 0 ? String(counts[k]) : `,${counts[k]}`;
  return `${text}]`;
}

function histogramText(histogram: ExponentHistogram | null): string {
  if (histogram === null) return "null";
  const { zero, below, above } = histogram;
  const side = (name: string, bins: readonly number[]): string =>
    bins.length === 0 ? "" : `,"${name}":[${bins.join(",")}]`;
  return `{"zero":${zero}${side("below", below)}${side("above", above)}}`;
}

/** A header as a line, without its end. */
export function headerLine({ model, optimizer, every, step, started, parameters }: WatchHeader): string {
  const head = { format: watchFormat, version: watchVersion, model, optimizer, every, step, started };
  return compactJson({ ...head, parameters });
}

/** A record as a line, without its end. */
export function recordLine(record: WatchRecord): string {
  const { step, time, loss, rates, values, gradient, weight, update, missing, ends, histograms } = record;
  let line = `{"step":${step},"time":${numberText(time, valueDigits)}`;
  if (loss !== null) line += `,"loss":${numberText(loss, valueDigits)}`;
  line += `,"lr":[${rates.map((rate) => numberText(rate, valueDigits)).join(",")}]`;
  if (values.size > 0) {
    const pairs = Array.from(
      values,
      ([name, value]) => `${compactJson(name)}:${numberText(value, valueDigits)}`,
    );
    line += `,"values":{${pairs.join(",")}}`;
  }
  line += `,"gradient":{"norm":${columnText(gradient.norm)},"mean":${columnText(gradient.mean)}`;
  line += `,"largest":${columnText(gradient.largest)}${countsText("zeros", gradient.zeros)}`;
  line += `${countsText("nan", gradient.nan)}${countsText("inf", gradient.inf)}${countsText("silent", gradient.silent)}${countsText("off", gradient.off)}}`;
  line += `,"weight":{"norm":${columnText(weight.norm)}${countsText("nan", weight.nan)}${countsText("inf", weight.inf)}}`;
  line += `,"update":${columnText(update)}`;
  if (missing.size > 0) line += `,"missing":${JSON.stringify(Object.fromEntries(missing))}`;
  if (ends.length > 0) line += `,"ends":${compactJson(ends)}`;
  if (histograms !== null) {
    line += `,"histograms":{"weight":[${histograms.weight.map(histogramText).join(",")}]`;
    line += `,"gradient":[${histograms.gradient.map(histogramText).join(",")}]}`;
  }
  return `${line}}`;
}

/** The end as a line, without its end. */
export function endLine({ step, time }: WatchEnd): string {
  return `{"end":{"step":${step},"time":${numberText(time, valueDigits)}}}`;
}
