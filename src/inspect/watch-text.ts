/** A watched run as lines of text: curves, the table of parameters, what stands out; and as JSON. */

import { printable } from "../errors.ts";
import { naturalCompare } from "../name.ts";
import { displayWidth, pad, shorten, wrap } from "./display-width.ts";
import { figureField, figureFields, figureText } from "./figures.ts";
import { pathLines } from "./gradient-text.ts";
import { compactJson, jsonLines } from "./json.ts";
import { figureColumns, nameColumn, numberColumn, reasonColumn, shapeColumn } from "./parameter-columns.ts";
import { exactCountText } from "./quantity.ts";
import { sparkline } from "./series.ts";
import type { RowColumn, TableOptions } from "./table.ts";
import { rowLines } from "./table.ts";
import type { CurvePoint } from "./series.ts";
import type { Extreme, WatchCurve, WatchFinding, WatchReport, WatchRow } from "./watch-report.ts";

/** How to print a watched run. */
export interface WatchTextOptions extends TableOptions {
  /** Lines at most: parameters that are of least interest are left out, then findings. Default: all. */
  readonly height?: number | undefined;
}

/** A row, and whether a finding is about it. */
type ShownRow = WatchRow & { readonly isFound: boolean };

/** Columns of a parameter's small curve, and of the large ones at most. */
const smallWidth = 12;
const largeWidth = 60;

/** Below this a curve says less than the words beside it. */
const leastWidth = 12;

/** The columns of the parameters of a run; those that say nothing about any row are left out. */
const watchColumns: readonly RowColumn<ShownRow>[] = [
  { ...nameColumn(), shrinksTo: 20, role: ({ isFound }) => (isFound ? "note" : "name") },
  shapeColumn(9),
  {
    id: "trend",
    title: "gradient",
    align: "left",
    shrinksTo: null,
    rank: 3,
    text: ({ norms }) => sparkline(norms, smallWidth),
    role: () => "plain",
  },
  ...figureColumns<ShownRow>(),
  numberColumn("weight", "weight", 7, ({ weight }) => weight?.l2 ?? null),
  reasonColumn(),
];

/** Orders of the parameters: `order` is the network's; figures begin with the largest, `findings` with what is found. */
export type WatchOrder = "order" | "name" | "norm" | "largest" | "zeros" | "update" | "findings";

/** What is sorted by; NaN comes before everything, and what there is not after it. */
function weightOf(row: WatchRow, order: WatchOrder, found: ReadonlyMap<string, number>): number {
  const figure = (value: number | null | undefined): number =>
    value === null || value === undefined ? -Infinity : Number.isNaN(value) ? Infinity : value;
  switch (order) {
    case "norm":
      return figure(row.gradient?.l2);
    case "largest":
      return figure(row.largest);
    case "zeros":
      return row.gradient === null ? -Infinity : row.gradient.zeros / Math.max(1, row.gradient.count);
    case "update":
      return figure(row.updateRatio);
    case "findings":
      return -(found.get(row.name) ?? Infinity);
    case "order":
    case "name":
      return 0;
  }
}

/**
 * The parameters in another order; equal ones stay in the network's.
 *
 * @example
 * sortedRows(report, "update")[0]; // the one that changed most
 */
export function sortedRows(report: WatchReport, order: WatchOrder): WatchRow[] {
  const found = foundNames(report.findings);
  const rows = [...report.parameters];
  if (order === "name") return rows.sort((a, b) => naturalCompare(a.name, b.name));
  const weights = new Map(rows.map((row) => [row, weightOf(row, order, found)]));
  // Infinities of one sign have no difference.
  return rows.sort((a, b) => {
    const [first, second] = [weights.get(a)!, weights.get(b)!];
    return first === second ? 0 : second - first;
  });
}

/** For each name how far up the first finding about it is. */
function foundNames(findings: readonly WatchFinding[]): Map<string, number> {
  const found = new Map<string, number>();
  findings.forEach(({ names }, position) => {
    for (const name of names) if (!found.has(name)) found.set(name, position);
  });
  return found;
}

function secondsText(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(Math.floor(seconds % 60))}`;
}

function titleText({ source, model, optimizer, state, step, time, records }: WatchReport): string {
  const subject = [source, model].filter((part) => part !== "").join(": ");
  if (state === "waiting") return `${subject}${optimizer === "" ? "" : `, ${optimizer}`}; no records yet`;
  const speed =
    time > 0 && state === "open" ? `, ${figureText(Number((step / time).toPrecision(3)))} steps/s` : "";
  const how = state === "ended" ? "ended at step" : "step";
  const counted = `${exactCountText(records)} ${records === 1 ? "record" : "records"}`;
  return `${subject}, ${optimizer}; ${how} ${exactCountText(step)}; ${counted} in ${secondsText(time)}${speed}`;
}

/** The curves, one a line: name, last value, picture, and where it came from. */
function curveLines(curves: readonly WatchCurve[], options: WatchTextOptions): string[] {
  const style = options.style ?? ((text) => text);
  const width = options.width ?? Infinity;
  const names = curves.map(({ name }) => printable(name));
  const lasts = curves.map(({ last }) => figureText(last));
  const nameWidth = Math.min(20, Math.max(0, ...names.map(displayWidth)));
  const lastWidth = Math.max(0, ...lasts.map((last) => last.length));
  return curves.map((curve, k) => {
    const name = pad(shorten(names[k]!, nameWidth), nameWidth, "left");
    const last = pad(lasts[k]!, lastWidth, "right");
    const left = width - nameWidth - lastWidth - 4;
    const wordy = originText(curve);
    // Where there is no room for both, the picture stays.
    const words = left - wordy.length - 2 >= leastWidth ? wordy : "";
    const room = Math.min(largeWidth, words === "" ? left : left - words.length - 2);
    const picture = sparkline(curve.points, Math.max(0, room));
    const isBroken = !Number.isFinite(curve.last);
    const parts = [style(name, "name"), style(last, isBroken ? "note" : "plain"), picture];
    if (words !== "") parts.push(style(words, "quiet"));
    return parts.join("  ").trimEnd();
  });
}

/** Where a curve came from: a loss had a least, rates only a beginning, of other numbers nobody knows what is good. */
function originText({ name, first, last, least, greatest }: WatchCurve): string {
  const from = `from ${figureText(first)}`;
  if (name === "lr" || name.startsWith("lr ")) return first === last ? "" : from;
  if (least === null || greatest === null) return from;
  if (name === "loss")
    return `${from}, least ${figureText(least.value)} at step ${exactCountText(least.step)}`;
  return `${from}, within ${figureText(least.value)} and ${figureText(greatest.value)}`;
}

function findingLines(findings: readonly WatchFinding[], options: WatchTextOptions): string[] {
  const style = options.style ?? ((text) => text);
  return findings.flatMap(({ message }) =>
    wrap(`finding: ${printable(message)}`, options.width ?? Infinity, 2).map((line) => style(line, "note")),
  );
}

/**
 * A watched run as lines of text: its curves, a table of its parameters, and what stands out. With a `height` the
 * parameters with findings come first, and those that change most.
 *
 * @example
 * console.log(renderWatchText(history.report(), { width: 80 }).join("\n"));
 */
export function renderWatchText(report: WatchReport, options: WatchTextOptions = {}): string[] {
  const style = options.style ?? ((text) => text);
  const width = options.width ?? Infinity;
  const title = style(shorten(printable(titleText(report)), width), "heading");
  const curves = curveLines(report.curves, options);
  const findings = findingLines(report.findings, options);
  const paths = pathLines(report.parameters).flatMap((line) =>
    wrap(printable(line), width, 2).map((each) => style(each, "note")),
  );
  const notices = report.notices.flatMap(({ message }) =>
    wrap(`note: ${printable(message)}`, width, 2).map((line) => style(line, "quiet")),
  );
  const height = options.height ?? Infinity;
  const { parameters } = report;
  if (height === Infinity) {
    return blocks([
      [title, ...curves],
      tableOf(parameters, report, options),
      [...paths, ...findings, ...notices],
    ]);
  }
  // Findings get a third of the lines, the table what is left.
  const some = cutTo(findings, Math.max(1, Math.floor(height / 3)), "findings", style);
  const head = [title, ...curves].slice(0, Math.max(1, height - some.length - 1));
  const room = height - head.length - some.length - (some.length > 0 ? 3 : 2);
  if (room < 1 || parameters.length === 0) return [...head, ...some].slice(0, height);
  const sorted = sortedRows({ ...report, parameters: sortedRows(report, "update") }, "findings");
  const isWhole = parameters.length <= room;
  const chosen = new Set(isWhole ? parameters : sorted.slice(0, Math.max(0, room - 1)));
  // What is chosen stays in the network's order: rows that change places cannot be read.
  const rows = parameters.filter((row) => chosen.has(row));
  const table = rows.length === 0 ? [] : tableOf(rows, report, options);
  if (!isWhole)
    table.push(style(`… ${exactCountText(parameters.length - rows.length)} more parameters`, "quiet"));
  return blocks([head, table, some]).slice(0, height);
}

function cutTo(
  lines: readonly string[],
  count: number,
  what: string,
  style: NonNullable<TableOptions["style"]>,
): string[] {
  if (lines.length <= count) return [...lines];
  return [...lines.slice(0, count - 1), style(`… more ${what}`, "note")];
}

function tableOf(rows: readonly WatchRow[], { findings }: WatchReport, options: TableOptions): string[] {
  if (rows.length === 0) return [];
  const found = foundNames(findings);
  return rowLines(
    watchColumns,
    rows.map((row) => ({ ...row, isFound: found.has(row.name) })),
    options,
  );
}

/** Blocks of lines with empty lines between them. */
function blocks(parts: readonly (readonly string[])[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    if (part.length > 0 && lines.length > 0) lines.push("");
    lines.push(...part);
  }
  return lines;
}

/** What a record says in one line, where there is no screen to draw on. */
export function renderWatchStep({ step, curves }: WatchReport): string {
  const values = curves.map(({ name, last }) => `${printable(name)} ${figureText(last)}`);
  return [`step ${step}`, ...values].join("  ");
}

function pointsField(points: readonly CurvePoint[]): unknown {
  return {
    steps: points.map(({ step }) => step),
    values: points.map(({ value }) => value),
    broken: points.flatMap(({ step, isBroken }) => (isBroken ? [step] : [])),
  };
}

/** A watched run as JSON text; NaN and infinities are the strings `"nan"`, `"inf"`, `"-inf"`. */
export function renderWatchJson(report: WatchReport): string {
  const { curves, parameters, findings, notices, ...facts } = report;
  const extreme = (one: Extreme | null): unknown =>
    one === null ? null : { value: figureField(one.value), step: one.step };
  const curve = ({ name, first, last, least, greatest, points }: WatchCurve): unknown => ({
    name,
    first: figureField(first),
    last: figureField(last),
    least: extreme(least),
    greatest: extreme(greatest),
    ...(pointsField(points) as object),
  });
  const row = (one: WatchRow): unknown => ({
    ...one,
    gradient: figureFields(one.gradient),
    largest: figureField(one.largest),
    weight: figureFields(one.weight),
    updateRatio: figureField(one.updateRatio),
    norms: pointsField(one.norms),
  });
  const head = Object.entries(facts).map(
    ([name, value]) => `  ${compactJson(name)}: ${compactJson(value)},\n`,
  );
  return `{
${head.join("")}  "curves": ${jsonLines(curves, curve)},
  "parameters": ${jsonLines(parameters, row)},
  "findings": ${jsonLines(findings, (finding) => finding)},
  "notices": ${jsonLines(notices, (notice) => notice)}
}`;
}
