/**
 * The log of `watch`, one JSON value a line: what a header, a record and an end are, and their text. Reading them back is
 * `watch-lines.ts`; `docs/watch-log.md` says for other programs what stands here.
 */

import type { NoGradientReason, PathEnd } from "./gradient-report.ts";
import { compactJson } from "./json.ts";
import { LineText, numberText } from "./line-text.ts";

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

/** A header as a line, without its end. */
export function headerLine({ model, optimizer, every, step, started, parameters }: WatchHeader): string {
  const head = { format: watchFormat, version: watchVersion, model, optimizer, every, step, started };
  return compactJson({ ...head, parameters });
}

/** A record as a line, without its end. */
export function recordLine(record: WatchRecord): string {
  const text = new LineText();
  writeRecord(record, text);
  return text.toString();
}

/** Adds a record to a text, as its line without the end. */
export function writeRecord(record: WatchRecord, text: LineText): void {
  const { loss, rates, values, gradient, weight, missing, ends, histograms } = record;
  text.ascii('{"step":');
  text.integer(record.step);
  text.ascii(',"time":');
  text.number(record.time, valueDigits);
  if (loss !== null) {
    text.ascii(',"loss":');
    text.number(loss, valueDigits);
  }
  text.ascii(',"lr":');
  writeNumbers(rates, valueDigits, text);
  if (values.size > 0) writeValues(values, text);
  text.ascii(',"gradient":{"norm":');
  writeNumbers(gradient.norm, figureDigits, text);
  text.ascii(',"mean":');
  writeNumbers(gradient.mean, figureDigits, text);
  text.ascii(',"largest":');
  writeNumbers(gradient.largest, figureDigits, text);
  writeCounts(',"zeros":', gradient.zeros, text);
  writeCounts(',"nan":', gradient.nan, text);
  writeCounts(',"inf":', gradient.inf, text);
  writeCounts(',"silent":', gradient.silent, text);
  writeCounts(',"off":', gradient.off, text);
  text.ascii('},"weight":{"norm":');
  writeNumbers(weight.norm, figureDigits, text);
  writeCounts(',"nan":', weight.nan, text);
  writeCounts(',"inf":', weight.inf, text);
  text.ascii('},"update":');
  writeNumbers(record.update, figureDigits, text);
  if (missing.size > 0) text.ascii(`,"missing":${JSON.stringify(Object.fromEntries(missing))}`);
  if (ends.length > 0) text.text(`,"ends":${compactJson(ends)}`);
  if (histograms !== null) {
    text.ascii(',"histograms":{"weight":');
    writeHistograms(histograms.weight, text);
    text.ascii(',"gradient":');
    writeHistograms(histograms.gradient, text);
    text.ascii("}");
  }
  text.ascii("}");
}

function writeNumbers(numbers: WatchColumn, digits: number, text: LineText): void {
  text.ascii("[");
  for (let k = 0; k < numbers.length; k++) {
    if (k > 0) text.ascii(",");
    text.number(numbers[k]!, digits);
  }
  text.ascii("]");
}

function writeValues(values: ReadonlyMap<string, number>, text: LineText): void {
  let before = ',"values":{';
  for (const [name, value] of values) {
    text.text(`${before}${compactJson(name)}:`);
    text.number(value, valueDigits);
    before = ",";
  }
  text.ascii("}");
}

/** A column of counts, written with all digits, after its name; nothing where there is none. */
function writeCounts(name: string, counts: WatchColumn | null, text: LineText): void {
  if (counts === null) return;
  text.ascii(name);
  writeItems(counts, text, (count) => text.integer(count));
}

/** A list of which some items are null. */
function writeItems<Item>(
  items: readonly (Item | null)[],
  text: LineText,
  write: (item: Item) => void,
): void {
  text.ascii("[");
  for (let k = 0; k < items.length; k++) {
    if (k > 0) text.ascii(",");
    const item = items[k]!;
    if (item === null) text.ascii("null");
    else write(item);
  }
  text.ascii("]");
}

function writeHistograms(histograms: readonly (ExponentHistogram | null)[], text: LineText): void {
  const writeCount = (count: number): void => text.integer(count);
  writeItems(histograms, text, ({ zero, below, above }) => {
    text.ascii('{"zero":');
    text.integer(zero);
    if (below.length > 0) text.ascii(',"below":');
    if (below.length > 0) writeItems(below, text, writeCount);
    if (above.length > 0) text.ascii(',"above":');
    if (above.length > 0) writeItems(above, text, writeCount);
    text.ascii("}");
  });
}

/** The end as a line, without its end. */
export function endLine({ step, time }: WatchEnd): string {
  return `{"end":{"step":${step},"time":${numberText(time, valueDigits)}}}`;
}
