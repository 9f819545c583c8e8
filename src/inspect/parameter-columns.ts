/** The columns that the reports on parameters have in common: who a row is about, its gradient in figures, or why it has none. */

import type { Role } from "./columns.ts";
import { figureText, shareText } from "./figures.ts";
import type { GradientFigures, NoGradientReason } from "./gradient-report.ts";
import { reasonWords } from "./gradient-report.ts";
import type { RowColumn, TableColumn } from "./table.ts";

/** What a row of figures says of a gradient. */
export interface FigureRow {
  readonly gradient: GradientFigures | null;
  readonly largest: number | null;
  readonly updateRatio: number | null;
}

/** The name. */
export function nameColumn<Row extends { readonly name: string }>(): RowColumn<Row> {
  return {
    id: "name",
    title: "name",
    align: "left",
    shrinksTo: 32,
    rank: 0,
    text: ({ name }) => name,
    role: () => "name",
  };
}

/** The shape. */
export function shapeColumn<Row extends { readonly shape: readonly number[] }>(rank: number): RowColumn<Row> {
  return {
    id: "shape",
    title: "shape",
    align: "left",
    shrinksTo: null,
    rank,
    text: ({ shape }) => `[${shape.join(", ")}]`,
    role: () => "quiet",
  };
}

/** Why there is no gradient. */
export function reasonColumn<Row extends { readonly reason: NoGradientReason | null }>(): RowColumn<Row> {
  return {
    id: "reason",
    title: "no gradient",
    align: "left",
    shrinksTo: null,
    rank: 0,
    text: ({ reason }) => (reason === null ? "" : reasonWords[reason]),
    role: ({ reason }) => (reason === "frozen" ? "frozen" : "note"),
  };
}

/** What a column at the right, whose widths stay, is to the table. */
export function right(id: string, title: string, rank: number): TableColumn {
  return { id, title, align: "right", shrinksTo: null, rank };
}

/** A number; one that is not finite stands out. */
export function numberColumn<Row>(
  id: string,
  title: string,
  rank: number,
  figure: (row: Row) => number | null,
): RowColumn<Row> {
  return {
    ...right(id, title, rank),
    text: (row) => figureText(figure(row)),
    role: (row) => (Number.isFinite(figure(row) ?? 0) ? "plain" : "note"),
  };
}

/** A figure of the gradient; empty where there is none. */
function gradientColumn<Row extends FigureRow>(
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
    gradientColumn("norm", "norm", 1, ({ l2 }) => figureText(l2)),
    gradientColumn("mean", "mean", 6, ({ mean }) => figureText(mean)),
    gradientColumn("largest", "largest", 5, (_, { largest }) => figureText(largest)),
    gradientColumn("zeros", "zeros", 4, ({ zeros, count }) => shareText(zeros, count)),
    gradientColumn("nan", "NaN/Inf", 2, ({ nan, inf }) => (nan + inf === 0 ? "" : `${nan}/${inf}`)),
    {
      ...right("update", "update/weight", 3),
      text: ({ updateRatio }) => figureText(updateRatio),
      role: () => "plain",
    },
  ];
}
