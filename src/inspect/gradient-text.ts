/** The report on gradients as lines of text, and as JSON. */

import { printable } from "../errors.ts";
import type { Role } from "./columns.ts";
import type { GradientFigures, GradientModuleRow, GradientReport, GradientRow } from "./gradient-report.ts";
import { reasonsText, reasonText, reasonWords } from "./gradient-report.ts";
import { compactJson, finite, jsonLines } from "./json.ts";
import type { Statistics } from "./statistics.ts";
import type { RowColumn, TableColumn, TableOptions } from "./table.ts";
import { rowLines } from "./table.ts";

/** How to print a report on gradients. */
export interface GradientTextOptions extends TableOptions {
  /** Print a row for each module instead of each parameter. Default false. */
  readonly modules?: boolean | undefined;
}

/** A number in four digits: `0.0123`, `1.2e-9`, `inf`, `nan`; nothing for null. */
export function figureText(value: number | null): string {
  if (value === null) return "";
  if (!Number.isFinite(value)) return String(finite(value));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** A share in per cent: `12 %`. */
function shareText(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return part === 0 || whole === 0
    ? "0 %"
    : `${share < 1 ? "<1" : part < whole && share > 99 ? ">99" : Math.round(share)} %`;
}

/** What the rows of all reports on gradients have in common. */
export interface FigureRow {
  readonly gradient: GradientFigures | null;
  readonly largest: number | null;
  readonly updateRatio: number | null;
}

function right(id: string, title: string, rank: number): TableColumn & { readonly align: "right" } {
  return { id, title, align: "right", shrinksTo: null, rank };
}

/** A column with a figure of the gradient; empty where there is none. */
function figure<Row extends FigureRow>(
  id: string,
  title: string,
  rank: number,
  text: (gradient: GradientFigures, row: Row) => string,
): RowColumn<Row> {
  return {
    ...right(id, title, rank),
    text: (row) => (row.gradient === null ? "" : text(row.gradient, row)),
    role: ({ gradient }): Role => (gradient !== null && gradient.nan + gradient.inf > 0 ? "note" : "plain"),
  };
}

/** The columns of figures, in their order. */
export function figureColumns<Row extends FigureRow>(): RowColumn<Row>[] {
  return [
    figure("norm", "norm", 1, ({ l2 }) => figureText(l2)),
    figure("mean", "mean", 6, ({ mean }) => figureText(mean)),
    figure("largest", "largest", 5, (_, { largest }) => figureText(largest)),
    figure("zeros", "zeros", 4, ({ zeros, count }) => shareText(zeros, count)),
    figure("nan", "NaN/Inf", 2, ({ nan, inf }) => (nan + inf === 0 ? "" : `${nan}/${inf}`)),
    {
      ...right("update", "update/weight", 3),
      text: ({ updateRatio }) => figureText(updateRatio),
      role: () => "plain",
    },
  ];
}

/** The columns of parameters; those that say nothing about any row are left out. */
export const gradientColumns: readonly RowColumn<GradientRow>[] = [
  {
    id: "name",
    title: "name",
    align: "left",
    shrinksTo: 32,
    rank: 0,
    text: ({ name }) => name,
    role: () => "name",
  },
  {
    id: "shape",
    title: "shape",
    align: "left",
    shrinksTo: null,
    rank: 7,
    text: ({ shape }) => `[${shape.join(", ")}]`,
    role: () => "quiet",
  },
  ...figureColumns<GradientRow>(),
  {
    id: "reason",
    title: "no gradient",
    align: "left",
    shrinksTo: null,
    rank: 0,
    text: ({ reason }) => (reason === null ? "" : reasonWords[reason]),
    role: ({ reason }) => (reason === "frozen" ? "frozen" : "note"),
  },
];

/** The columns of modules; those without parameters have no row. */
export const gradientModuleColumns: readonly RowColumn<GradientModuleRow>[] = [
  {
    id: "name",
    title: "module",
    align: "left",
    shrinksTo: 32,
    rank: 0,
    text: ({ name }) => (name === "" ? '""' : name),
    role: () => "name",
  },
  {
    ...right("parameters", "with gradient", 7),
    text: ({ parameters, withGradient }) => `${withGradient} of ${parameters}`,
    role: () => "quiet",
  },
  ...figureColumns<GradientModuleRow>(),
  {
    id: "reasons",
    title: "no gradient",
    align: "left",
    shrinksTo: 22,
    rank: 0,
    text: reasonsText,
    role: () => "note",
  },
];

/**
 * A report on gradients as lines of text: a table, then what stands out.
 *
 * @example
 * console.log(renderGradientText(gradients(model, { loss })).join("\n"));
 */
export function renderGradientText(report: GradientReport, options: GradientTextOptions = {}): string[] {
  const style = options.style ?? ((text) => text);
  const { parameters, modules, findings } = report;
  const [whole] = modules;
  const having = parameters.filter(({ reason }) => reason === null).length;
  const gradient = whole?.gradient ?? null;
  const norm = gradient === null ? "" : `; norm ${figureText(gradient.l2)}`;
  const without = whole === undefined || having === parameters.length ? "" : ` (${reasonsText(whole)})`;
  const counts = `${having} of ${parameters.length} parameters have a gradient${without}${norm}`;
  const below = [style(`${printable(report.source)}: ${counts}`, "heading")];
  for (const line of pathLines(parameters)) below.push(style(printable(line), "note"));
  for (const { message } of findings) below.push(style(`finding: ${printable(message)}`, "note"));
  if (parameters.length === 0) return below;
  const table =
    options.modules === true
      ? rowLines(
          gradientModuleColumns,
          modules.filter((row) => row.parameters > 0),
          options,
        )
      : rowLines(gradientColumns, parameters, options);
  return [...table, "", ...below];
}

/** Where paths end, once for all parameters that share the end: `2 detached from the loss: the path ends at …`. */
export function pathLines(rows: readonly Pick<GradientRow, "reason" | "pathEnd">[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (row.pathEnd !== null) counts.set(reasonText(row), (counts.get(reasonText(row)) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => `${count} ${text}`);
}

/** Statistics with the numbers that JSON lacks as strings. */
export function statisticsFields(
  statistics: Statistics | null,
): Readonly<Record<string, number | string>> | null {
  if (statistics === null) return null;
  return Object.fromEntries(Object.entries(statistics).map(([key, value]) => [key, finite(value as number)]));
}

/** A number for JSON; null stays. */
export function figureField(value: number | null): number | string | null {
  return value === null ? null : finite(value);
}

/** A report on gradients as JSON text; NaN and infinities are the strings `"nan"`, `"inf"`, `"-inf"`. */
export function renderGradientJson(report: GradientReport): string {
  const row = <Row extends GradientRow | GradientModuleRow>(one: Row): unknown => ({
    ...one,
    gradient: statisticsFields(one.gradient),
    largest: figureField(one.largest),
    ...("weight" in one ? { weight: statisticsFields(one.weight) } : {}),
    updateRatio: figureField(one.updateRatio),
  });
  return `{
  "source": ${compactJson(report.source)},
  "parameters": ${jsonLines(report.parameters, row)},
  "modules": ${jsonLines(report.modules, row)},
  "findings": ${jsonLines(report.findings, (finding) => finding)}
}`;
}
