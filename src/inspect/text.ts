/**
 * Text renderers of a report: a table, a tree, and the sentences under both. They return lines; whoever prints them
 * knows the terminal and injects colours.
 */

import type { Notice } from "../catalog/catalog.ts";
import { printable } from "../errors.ts";
import type { Column, ColumnContext, Line } from "./columns.ts";
import { columnContext, columns, devicesOf } from "./columns.ts";
import { bytesText, countText, exactCountText } from "./quantity.ts";
import type { Report } from "./report.ts";
import { someNames } from "./report.ts";
import type { Styler } from "./table.ts";
import { tableLines } from "./table.ts";
import { treeLines } from "./tree.ts";

export type { Styler } from "./table.ts";

/** How to print. */
export interface TextOptions {
  /** Columns of the terminal; lines are made to fit. Default: as wide as it takes. */
  readonly width?: number | undefined;
  /** Default: no colours. */
  readonly style?: Styler | undefined;
  /** Print the modules as a tree. Default false. */
  readonly tree?: boolean | undefined;
  /** Of a tree: levels to show, the root not counted. Default: all. */
  readonly depth?: number | undefined;
}

/** The totals in one sentence. */
function totalsText({ entries, totals, format, source }: Report): string {
  const parts = [`${exactCountText(entries.length)} ${entries.length === 1 ? "tensor" : "tensors"}`];
  const large = totals.parameters >= 1000 ? ` (${countText(totals.parameters)})` : "";
  const trainable = totals.trainable === null ? "" : `, ${exactCountText(totals.trainable)} trainable`;
  if (totals.parameters > 0) {
    const noun = totals.parameters === 1 ? "parameter" : "parameters";
    parts.push(`${exactCountText(totals.parameters)} ${noun}${large}${trainable}`);
  }
  if (totals.logicalParameters !== undefined) {
    parts.push(
      `unpacked ${exactCountText(totals.logicalParameters)} (${countText(totals.logicalParameters)})`,
    );
  }
  if (totals.buffers > 0) parts.push(`${exactCountText(totals.buffers)} in buffers`);
  const others = totals.elements - totals.parameters - totals.buffers;
  if (entries.some((entry) => entry.kind === "optimizer-state") && others > 0) {
    parts.push(`${exactCountText(others)} in optimizer state`);
  }
  const size = bytesText(totals.byteLength);
  const stored = bytesText(totals.storedByteLength);
  parts.push(stored === size ? size : `${size} (${stored} stored)`);
  return `${printable(source)} (${format}): ${parts.join("; ")}`;
}

/** Notices of one kind that are printed in full; who wants all asks for JSON. */
const noticesOfAKind = 5;

/** Many ties in one sentence: those of two copies of a whole state, such as weights and their average, above all. */
function tiesText(ties: readonly Notice[]): string {
  const containersOf = ({ names }: Notice): string[] => [
    ...new Set(names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf("/"))))),
  ];
  const containers = containersOf(ties[0]!);
  const areCopies =
    containers.length > 1 && ties.every((tie) => String(containersOf(tie)) === String(containers));
  const whose = areCopies ? ` between ${someNames(containers)}` : " with others";
  return `${exactCountText(ties.length)} tensors share their elements${whose}, such as ${someNames(ties[0]!.names)}; counted once. --json has all.`;
}

function noticeTexts({ notices }: Report): string[] {
  const texts: string[] = [];
  const counts = new Map<string, number>();
  const ties = notices.filter(({ code }) => code === "shared-storage");
  if (ties.length > noticesOfAKind) texts.push(`note: ${printable(tiesText(ties))}`);
  for (const { code, message } of notices) {
    if (code === "shared-storage" && ties.length > noticesOfAKind) continue;
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count <= noticesOfAKind) texts.push(`note: ${printable(message)}`);
  }
  for (const [code, count] of counts) {
    if (count > noticesOfAKind)
      texts.push(`note: ${exactCountText(count - noticesOfAKind)} more of "${code}"; --json has all.`);
  }
  return texts;
}

/**
 * A report as lines of text: the table or the tree, then the totals, what the file does not record, and the notices.
 *
 * @example
 * console.log(renderText(report(catalog), { width: 80 }).join("\n"));
 */
export function renderText(report: Report, options: TextOptions = {}): string[] {
  return [...textLines(report, options)];
}

/** The lines of `renderText`, one after another. */
export function* textLines(report: Report, options: TextOptions = {}): Generator<string> {
  const style = options.style ?? ((text) => text);
  const context = columnContext(report);
  const shown = columns.filter((column) => column.isUseful(context));
  // Lines are made when they are asked for, once to lay them out and once to print: a report may have 100 000.
  const lines = options.tree
    ? treeLines(report, shown, context, options.depth ?? Infinity)
    : { [Symbol.iterator]: () => entryLines(report, shown, context) };
  const below = [style(totalsText(report), "heading")];
  if (report.totals.trainable === null && report.totals.parameters > 0) {
    const some = report.entries.some((entry) => entry.requiresGrad !== null);
    below.push(
      style(`requires_grad is not recorded ${some ? "for all parameters" : "in this file"}.`, "quiet"),
    );
  }
  const [device, ...otherDevices] = devicesOf(report);
  if (device !== undefined && device !== "cpu" && otherDevices.length === 0) {
    below.push(style(`All tensors were saved on ${printable(device)}.`, "quiet"));
  }
  for (const text of noticeTexts(report)) below.push(style(text, "note"));
  if ((options.tree ? report.modules : report.entries).length > 0) {
    yield* tableLines(shown, lines, options);
    yield "";
  }
  yield* below;
}

function* entryLines(report: Report, shown: readonly Column[], context: ColumnContext): Generator<Line> {
  for (const entry of report.entries) {
    yield {
      cells: shown.map((column) => printable(column.text(entry, context))),
      roles: shown.map((column) => column.role(entry)),
    };
  }
}
