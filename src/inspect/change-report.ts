/** The report on what changed between two moments of a network: plain data, and as lines of text or JSON. */

import { printable } from "../errors.ts";
import { figureField, figureFields } from "./figures.ts";
import { compactJson, jsonLines } from "./json.ts";
import { nameColumn, numberColumn, right, shapeColumn } from "./parameter-columns.ts";
import type { Statistics } from "./statistics.ts";
import type { RowColumn, TableOptions } from "./table.ts";
import { rowLines } from "./table.ts";

/** What happened to a tensor. `replaced` says that shape or dtype are others. */
export type ChangeState = "changed" | "unchanged" | "added" | "removed" | "replaced";

/** What happened to one parameter or buffer. */
export interface ChangeRow {
  readonly name: string;
  readonly kind: "parameter" | "buffer";
  readonly shape: readonly number[];
  readonly state: ChangeState;
  /** Elements that are not what they were; null where they cannot be told apart. */
  readonly changed: number | null;
  /** Statistics of the differences, after minus before; its `l2` is the update's norm. */
  readonly update: Statistics | null;
  /** The largest magnitude of the differences. */
  readonly largest: number | null;
  /** ‖update‖ / ‖before‖; infinite where all was zero and is not any more. */
  readonly ratio: number | null;
}

/** What changed. Plain data. */
export interface ChangeReport {
  /** The network's class. */
  readonly source: string;
  /** In PyTorch's order, what is gone at the end. */
  readonly tensors: readonly ChangeRow[];
}

/** The columns of changes; those that say nothing about any row are left out. */
const changeColumns: readonly RowColumn<ChangeRow>[] = [
  nameColumn(),
  shapeColumn(5),
  {
    id: "state",
    title: "state",
    align: "left",
    shrinksTo: null,
    rank: 0,
    text: ({ state }) => state,
    role: ({ state }) => (state === "unchanged" ? "quiet" : "plain"),
  },
  {
    ...right("changed", "changed", 4),
    text: ({ changed }) => (changed === null ? "" : String(changed)),
    role: () => "plain",
  },
  numberColumn("update", "update norm", 2, ({ update }) => update?.l2 ?? null),
  numberColumn("largest", "largest", 3, ({ largest }) => largest),
  numberColumn("ratio", "update/weight", 1, ({ ratio }) => ratio),
];

/** A report on changes as lines of text. */
export function renderChangeText(report: ChangeReport, options: TableOptions = {}): string[] {
  const style = options.style ?? ((text) => text);
  const { tensors } = report;
  const changed = tensors.filter(({ state }) => state !== "unchanged").length;
  const below = style(
    `${printable(report.source)}: ${changed} of ${tensors.length} tensors changed`,
    "heading",
  );
  return tensors.length === 0 ? [below] : [...rowLines(changeColumns, tensors, options), "", below];
}

/** A report on changes as JSON text; NaN and infinities are the strings `"nan"`, `"inf"`, `"-inf"`. */
export function renderChangeJson(report: ChangeReport): string {
  const row = (one: ChangeRow): unknown => ({
    ...one,
    update: figureFields(one.update),
    largest: figureField(one.largest),
    ratio: figureField(one.ratio),
  });
  return `{
  "source": ${compactJson(report.source)},
  "tensors": ${jsonLines(report.tensors, row)}
}`;
}
