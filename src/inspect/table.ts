/**
 * Tables of text: how wide each column becomes on a terminal, and the lines. What stands in the cells is the business of
 * whoever has the rows; every report prints through this one table.
 */

import { printable } from "../errors.ts";
import type { Line, Role } from "./columns.ts";
import { displayWidth, pad, shorten } from "./display-width.ts";

/** Colours a text by the part it plays; `heading` are the titles. */
export type Styler = (text: string, role: Role | "heading") => string;

/** How a table takes its place. */
export interface TableOptions {
  /** Columns of the terminal. Default: as wide as it takes. */
  readonly width?: number | undefined;
  /** Default: no colours. */
  readonly style?: Styler | undefined;
  /** Whether names are drawn as a tree. Default false. */
  readonly tree?: boolean | undefined;
}

/** What the layout knows of a column. */
export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly align: "left" | "right";
  /** The narrowest it may become when the terminal is narrow; null where it never shrinks. */
  readonly shrinksTo: number | null;
  /** Where there is no room for all, columns are taken in this order, the smallest number first; 0 is always there. */
  readonly rank: number;
}

/** A column of a report whose rows say all that its cells need. */
export interface RowColumn<Row> extends TableColumn {
  text(row: Row): string;
  role(row: Row): Role;
}

const gap = 2;

/**
 * Columns that names get before others get any: names that differ in their middles must not look alike so that there is room
 * for a size. On narrow terminals half of the width, of which in a tree the lines that lead to a name are no part.
 */
const nameFloor = 40;

/**
 * How wide each column becomes; 0 leaves it out. Takes columns by their rank as long as they fit, those that shrink at
 * their narrowest; what room is left then widens those again, the name first.
 */
function layOut(
  shown: readonly TableColumn[],
  natural: readonly number[],
  available: number,
  leastName: number,
): number[] {
  const widths = shown.map(() => 0);
  const byRank = [...shown.keys()].sort((a, b) => shown[a]!.rank - shown[b]!.rank);
  let left = available + gap;
  for (const at of byRank) {
    const { id, rank, shrinksTo } = shown[at]!;
    const narrowest = Math.min(natural[at]!, id === "name" ? leastName : (shrinksTo ?? Infinity));
    if (rank > 0 && narrowest + gap > left) continue;
    widths[at] = narrowest;
    left -= narrowest + gap;
  }
  for (const at of byRank) {
    const more = widths[at] === 0 ? 0 : Math.max(0, Math.min(left, natural[at]! - widths[at]!));
    widths[at] = widths[at]! + more;
    left -= more;
  }
  return widths;
}

/** Lays lines out under the titles of their columns; goes through them twice. */
export function* tableLines(
  shown: readonly TableColumn[],
  lines: Iterable<Line>,
  options: TableOptions,
): Generator<string> {
  const style = options.style ?? ((text) => text);
  const natural = shown.map((column) => column.title.length);
  for (const { cells } of lines) {
    for (const [at, cell] of cells.entries()) natural[at] = Math.max(natural[at]!, displayWidth(cell));
  }
  const width = options.width ?? Infinity;
  const least = shown.find(({ id }) => id === "name")!.shrinksTo!;
  const floor = options.tree ? nameFloor : Math.max(least, Math.min(nameFloor, Math.floor(width / 2)));
  const widths = layOut(shown, natural, width, floor);
  const last = widths.findLastIndex((one) => one > 0);
  const print = (cells: readonly string[], roleOf: (at: number) => Role | "heading"): string => {
    const printed = shown.flatMap((column, at) => {
      const width = widths[at]!;
      if (width === 0) return [];
      const short = shorten(cells[at]!, width);
      // Colours would keep the spaces at the end of a line.
      const text = at === last && column.align === "left" ? short : pad(short, width, column.align);
      return [text.trim() === "" ? text : style(text, roleOf(at))];
    });
    return printed.join(" ".repeat(gap)).trimEnd();
  };
  const titles = print(
    shown.map((column) => column.title),
    () => "heading",
  );
  yield titles;
  for (const line of lines) yield print(line.cells, (at) => line.roles[at]!);
}

/** A table of rows; columns that say nothing about any of them are left out. */
export function rowLines<Row>(
  columns: readonly RowColumn<Row>[],
  rows: readonly Row[],
  options: TableOptions,
): string[] {
  const shown = columns.filter((column) => rows.some((row) => column.text(row) !== ""));
  const lines = rows.map((row) => ({
    cells: shown.map((column) => printable(column.text(row))),
    roles: shown.map((column) => column.role(row)),
  }));
  return [...tableLines(shown, lines, options)];
}
