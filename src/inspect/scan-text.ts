/** The report of a scan as lines of text, and as JSON. */

import { printable } from "../errors.ts";
import { pad } from "./display-width.ts";
import { compactJson, jsonLines } from "./json.ts";
import type { ScanReport } from "./scan-report.ts";
import type { Styler } from "./text.ts";

/** How to print. */
export interface ScanTextOptions {
  /** Default: no colours. */
  readonly style?: Styler | undefined;
}

/** Rows of a kind that are printed; who wants all asks for JSON. */
const mostRows = 40;

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function placeText(where: string): string {
  return where === "" ? "" : ` (${printable(where)})`;
}

function headline({ source, format, result, pickles, findings }: ScanReport): string {
  const what = { clean: "clean", findings: plural(findings.length, "finding"), unreadable: "not readable" }[
    result
  ];
  return `${printable(source)}${format === null ? "" : ` (${format})`}: ${what}; ${plural(pickles.length, "pickle")}`;
}

/** Rows, and how many more there are. */
function capped(rows: readonly string[]): string[] {
  const more = rows.length - mostRows;
  return more > 0 ? [...rows.slice(0, mostRows), `… and ${more} more; --json has all.`] : [...rows];
}

/** The names that are fine, once each. */
function fineNames(report: ScanReport, verdict: "allowed" | "known", title: string): string[] {
  const names = new Set(
    report.globals.filter((global) => global.verdict === verdict).map(({ name }) => name),
  );
  if (names.size === 0) return [];
  const shown = [...names].slice(0, mostRows);
  const more = names.size > shown.length ? `, and ${names.size - shown.length} more` : "";
  return [`${title}: ${printable(shown.join(", "))}${more}`];
}

/**
 * A report as lines of text: what was found, what could not be read, and the names that are fine.
 *
 * @example
 * console.log(renderScanText(await scan(bytes)).join("\n"));
 */
export function renderScanText(report: ScanReport, options: ScanTextOptions = {}): string[] {
  const style = options.style ?? ((text) => text);
  const lines = [style(headline(report), "heading")];
  const findings = report.findings.map(({ severity, where, message }) => {
    const mark = style(
      pad(severity === "danger" ? "DANGER" : "warning", 7, "left"),
      severity === "danger" ? "note" : "frozen",
    );
    return `${mark}  ${printable(message)}${placeText(where)}`;
  });
  const faults = report.faults.map(
    ({ where, message }) => `unread   ${printable(message)}${placeText(where)}`,
  );
  const notes = report.notes.map(({ where, message }) => `note     ${printable(message)}${placeText(where)}`);
  lines.push(...capped(findings), ...capped(faults), ...capped(notes));
  lines.push(...fineNames(report, "allowed", "allowed by torch.load(weights_only=True)"));
  lines.push(...fineNames(report, "known", "known data"));
  lines.push(style("Nothing of it was run.", "quiet"));
  return lines;
}

function whole<Row>(row: Row): Row {
  return row;
}

/** A report as JSON text: `docs/scan.schema.json` says what it is. One finding, name or pickle a line. */
export function renderScanJson(report: ScanReport): string {
  return `{
  "source": ${compactJson(report.source)},
  "format": ${compactJson(report.format)},
  "result": ${compactJson(report.result)},
  "findings": ${jsonLines(report.findings, whole)},
  "globals": ${jsonLines(report.globals, whole)},
  "pickles": ${jsonLines(report.pickles, whole)},
  "faults": ${jsonLines(report.faults, whole)},
  "notes": ${jsonLines(report.notes, whole)}
}`;
}
