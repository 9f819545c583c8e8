/** Reads the lines of a log of `watch`: what each is, checked against the header that it follows. */

import { FormatError, quote } from "../errors.ts";
import type { NoGradientReason } from "./gradient-report.ts";
import { reasonWords } from "./gradient-report.ts";
import type {
  ExponentHistogram,
  WatchColumn,
  WatchedParameter,
  WatchEnd,
  WatchHeader,
  WatchPathEnd,
  WatchRecord,
} from "./watch-log.ts";
import { watchFormat, watchVersion } from "./watch-log.ts";

/** A line of a log, by what it is. */
export type WatchLine =
  | { readonly kind: "header"; readonly header: WatchHeader }
  | { readonly kind: "record"; readonly record: WatchRecord }
  | { readonly kind: "end"; readonly end: WatchEnd };

type Fields = Readonly<Record<string, unknown>>;

const specials: ReadonlyMap<unknown, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
]);

/**
 * Reads a line. `header` is the one above it, null for the first line of a log.
 *
 * Throws: `FormatError` that says what is wrong with it.
 */
export function parseWatchLine(text: string, header: WatchHeader | null): WatchLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong(header === null ? "no header of a log of watch, and no JSON" : "no JSON", cause);
  }
  const fields = fieldsOf(value, "it");
  if (fields["format"] === watchFormat) return { kind: "header", header: headerOf(fields) };
  if (header === null) {
    throw wrong(`no header of a log of watch: it has no ${quote("format")} ${quote(watchFormat)}`);
  }
  if (fields["end"] !== undefined) return { kind: "end", end: endOf(fieldsOf(fields["end"], "end")) };
  return { kind: "record", record: recordOf(fields, header.parameters.length) };
}

function wrong(found: string, cause?: unknown): FormatError {
  return new FormatError(`found ${found}`, {
    code: "watch-line",
    hint: "Expected what docs/watch-log.md describes.",
    cause,
  });
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(`${name} is no object`);
  return value as Fields;
}

function arrayOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(`${name} is no list`);
  return value as readonly unknown[];
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== "string") throw wrong(`${name} is no text`);
  return value;
}

function numberOf(value: unknown, name: string): number {
  const number = typeof value === "number" ? value : specials.get(value);
  if (number === undefined) throw wrong(`${name} is no number`);
  return number;
}

function countOf(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw wrong(`${name} is no whole number of 0 or more`);
  return value as number;
}

function headerOf(fields: Fields): WatchHeader {
  const { version, model, optimizer, every, step, started, parameters } = fields;
  if (version !== watchVersion) {
    throw new FormatError(`found version ${quote(String(version))} of the log, expected ${watchVersion}`, {
      code: "watch-version",
      hint: "A newer parascope reads it.",
    });
  }
  return {
    model: textOf(model, "model"),
    optimizer: textOf(optimizer, "optimizer"),
    every: countOf(every, "every"),
    step: countOf(step ?? 0, "step"),
    started: started === undefined || started === null ? null : textOf(started, "started"),
    parameters: arrayOf(parameters, "parameters").map(parameterOf),
  };
}

function parameterOf(value: unknown): WatchedParameter {
  const { name, shape, dtype, group } = fieldsOf(value, "a parameter");
  return {
    name: textOf(name, "a parameter's name"),
    shape: arrayOf(shape, "a parameter's shape").map((length) => countOf(length, "a parameter's length")),
    dtype: textOf(dtype, "a parameter's dtype"),
    group: group === undefined || group === null ? null : countOf(group, "a parameter's group"),
  };
}

function endOf({ step, time }: Fields): WatchEnd {
  return { step: countOf(step, "step"), time: numberOf(time, "time") };
}

function columnOf(value: unknown, name: string, length: number): WatchColumn {
  const column = arrayOf(value, name);
  if (column.length !== length) {
    throw wrong(`${name} with ${column.length} numbers where the header has ${length} parameters`);
  }
  return column.map((item) => (item === null ? null : numberOf(item, `a number of ${name}`)));
}

function optionalColumn(value: unknown, name: string, length: number): WatchColumn | null {
  return value === undefined || value === null ? null : columnOf(value, name, length);
}

function recordOf(fields: Fields, length: number): WatchRecord {
  const gradient = fieldsOf(fields["gradient"], "gradient");
  const weight = fieldsOf(fields["weight"], "weight");
  const { loss, values } = fields;
  const counts = (of: Fields, name: string, what: string): WatchColumn | null =>
    optionalColumn(of[what], `${name}.${what}`, length);
  return {
    step: countOf(fields["step"], "step"),
    time: numberOf(fields["time"], "time"),
    loss: loss === undefined || loss === null ? null : numberOf(loss, "loss"),
    rates: arrayOf(fields["lr"], "lr").map((rate) => numberOf(rate, "a number of lr")),
    values: new Map(
      Object.entries(fieldsOf(values ?? {}, "values")).map(([name, value]) => [
        name,
        numberOf(value, quote(name)),
      ]),
    ),
    gradient: {
      norm: columnOf(gradient["norm"], "gradient.norm", length),
      mean: columnOf(gradient["mean"], "gradient.mean", length),
      largest: columnOf(gradient["largest"], "gradient.largest", length),
      zeros: counts(gradient, "gradient", "zeros"),
      nan: counts(gradient, "gradient", "nan"),
      inf: counts(gradient, "gradient", "inf"),
      silent: counts(gradient, "gradient", "silent"),
      off: counts(gradient, "gradient", "off"),
    },
    weight: {
      norm: columnOf(weight["norm"], "weight.norm", length),
      nan: counts(weight, "weight", "nan"),
      inf: counts(weight, "weight", "inf"),
    },
    update: columnOf(fields["update"], "update", length),
    missing: missingOf(fieldsOf(fields["missing"] ?? {}, "missing"), length),
    ends: arrayOf(fields["ends"] ?? [], "ends").map((end) => pathEndOf(end, length)),
    histograms: histogramsOf(fields["histograms"], length),
  };
}

function missingOf(fields: Fields, length: number): WatchRecord["missing"] {
  const missing = new Map<NoGradientReason, readonly number[]>();
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(reasonWords, name)) {
      throw wrong(`missing has a reason ${quote(name)} that nobody knows`);
    }
    missing.set(name as NoGradientReason, positionsOf(value, name, length));
  }
  return missing;
}

/** Parameters by their positions in the header. */
function positionsOf(value: unknown, name: string, length: number): number[] {
  const positions = arrayOf(value, name).map((position) => countOf(position, `a position of ${name}`));
  if (positions.every((position) => position < length)) return positions;
  throw wrong(`${name} names a parameter beyond the ${length} of the header`);
}

function pathEndOf(value: unknown, length: number): WatchPathEnd {
  const { op, parameter, of } = fieldsOf(value, "one of ends");
  return {
    op: textOf(op, "ends.op"),
    parameter: parameter === undefined || parameter === null ? null : textOf(parameter, "ends.parameter"),
    of: positionsOf(of, "ends.of", length),
  };
}

function histogramsOf(value: unknown, length: number): WatchRecord["histograms"] {
  if (value === undefined || value === null) return null;
  const { weight, gradient } = fieldsOf(value, "histograms");
  const side = (of: unknown, name: string): (ExponentHistogram | null)[] => {
    const column = arrayOf(of, name);
    if (column.length !== length) {
      throw wrong(`${name} with ${column.length} items where the header has ${length} parameters`);
    }
    return column.map((item) => (item === null ? null : histogramOf(fieldsOf(item, name), name)));
  };
  return { weight: side(weight, "histograms.weight"), gradient: side(gradient, "histograms.gradient") };
}

function histogramOf({ zero, below, above }: Fields, name: string): ExponentHistogram {
  const bins = (value: unknown): readonly number[] => {
    const items = arrayOf(value ?? [], name);
    items.slice(1).forEach((count) => countOf(count, `a count of ${name}`));
    if (items.length > 0 && !Number.isSafeInteger(items[0]))
      throw wrong(`${name} has a bin that is no whole number`);
    return items as readonly number[];
  };
  return { zero: countOf(zero ?? 0, name), below: bins(below), above: bins(above) };
}
