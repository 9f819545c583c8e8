/** The report on gradients as lines of text, and as JSON. */

import { printable } from "../errors.ts";
import { figureField, figureFields, figureText } from "./figures.ts";
import type { GradientModuleRow, GradientReport, GradientRow } from "./gradient-report.ts";
import { reasonsText, reasonText } from "./gradient-report.ts";
import { compactJson, jsonLines } from "./json.ts";
import { figureColumns, nameColumn, reasonColumn, right, shapeColumn } from "./parameter-columns.ts";
import type { RowColumn, TableOptions } from "./table.ts";
import { rowLines } from "./table.ts";

/** How to print a report on gradients. */
export interface GradientTextOptions extends TableOptions {
  /** Print a row for each module instead of each parameter. Default false. */
  readonly modules?: boolean | undefined;
}

/** The columns of parameters; those that say nothing about any row are left out. */
const gradientColumns: readonly RowColumn<GradientRow>[] = [
  nameColumn(),
  shapeColumn(7),
  ...figureColumns<GradientRow>(),
  reasonColumn(),
];

/** The columns of modules; those without parameters have no row. */
const gradientModuleColumns: readonly RowColumn<GradientModuleRow>[] = [
  { ...nameColumn(), title: "module", text: ({ name }) => (name === "" ? '""' : name) },
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

/** What is known of paths that do not come to parameters, once for all alike: `2 detached from the loss: the path ends at …`. */
export function pathLines(rows: readonly Pick<GradientRow, "reason" | "pathEnd">[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (row.reason === "detached" || row.reason === "not-reached")
      counts.set(reasonText(row), (counts.get(reasonText(row)) ?? 0) + 1);
  }
  return Array.from(counts, ([text, count]) => `${count} ${text}`);
}

/** A report on gradients as JSON text; NaN and infinities are the strings `"nan"`, `"inf"`, `"-inf"`. */
export function renderGradientJson(report: GradientReport): string {
  const row = <Row extends GradientRow | GradientModuleRow>(one: Row): unknown => ({
    ...one,
    gradient: figureFields(one.gradient),
    largest: figureField(one.largest),
    ...("weight" in one ? { weight: figureFields(one.weight) } : {}),
    updateRatio: figureField(one.updateRatio),
  });
  return `{
  "source": ${compactJson(report.source)},
  "parameters": ${jsonLines(report.parameters, row)},
  "modules": ${jsonLines(report.modules, row)},
  "findings": ${jsonLines(report.findings, (finding) => finding)}
}`;
}
