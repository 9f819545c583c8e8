/** `parascope list`: the parameters of a SOURCE as a table, a tree or JSON. */

import type { Entry, EntryKind } from "../catalog/entry.ts";
import { quote } from "../errors.ts";
import { columns } from "../inspect/columns.ts";
import type { ColumnId } from "../inspect/columns.ts";
import { jsonPieces } from "../inspect/json.ts";
import { report } from "../inspect/report.ts";
import { textLines } from "../inspect/text.ts";
import { selector } from "../selector.ts";
import { withDigests } from "./digest.ts";
import { withSource } from "./source.ts";
import { printPieces, progressOf, stylerOf } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

/** The options of `list`, as the command line gives them. */
export interface ListOptions {
  readonly tree?: boolean;
  /** Levels of the tree to show; asks for the tree. */
  readonly depth?: number;
  /** Patterns; an entry is listed when any of them selects its name. */
  readonly match?: readonly string[];
  /** Kinds; an entry is listed when it is of any of them. */
  readonly kind?: readonly EntryKind[];
  readonly sort?: ColumnId;
  readonly reverse?: boolean;
  readonly json?: boolean;
  readonly hash?: boolean;
}

/** Which entries the options choose; undefined for all. */
function selection({ match, kind }: ListOptions): ((entry: Entry) => boolean) | undefined {
  if (match === undefined && kind === undefined) return undefined;
  const selectors = match?.map(selector);
  return (entry) =>
    (kind === undefined || kind.includes(entry.kind)) &&
    (selectors === undefined || selectors.some((matches) => matches(entry.name)));
}

/** Orders in which the largest come first: whoever asks for them looks for what is large. */
const largestFirst: ReadonlySet<ColumnId> = new Set(["elements", "size"]);

/** Sorts in place; entries that are equal stay as they are in the file, whichever the direction. */
function sort(entries: Entry[], by: ColumnId, reverse: boolean): void {
  const column = columns.find(({ id }) => id === by)!;
  const sign = largestFirst.has(by) === reverse ? 1 : -1;
  entries.sort((a, b) => sign * column.compare(a, b) || a.index - b.index);
}

/** Lists a SOURCE. Reads no weights, unless their digests are asked for. */
export async function list(source: string, options: ListOptions, terminal: Terminal): Promise<void> {
  const select = selection(options);
  await withSource(source, { runsPrograms: true }, terminal, async (catalog) => {
    const facts = report(catalog, select === undefined ? { source } : { source, select });
    if (select !== undefined && facts.entries.length === 0) {
      terminal.complain(`parascope: nothing in ${quote(source)} matches.\n`);
    }
    const entries = options.hash
      ? await withDigests(catalog, facts.entries, progressOf(terminal))
      : [...facts.entries];
    if (options.sort !== undefined || options.reverse)
      sort(entries, options.sort ?? "index", options.reverse ?? false);
    const listed = { ...facts, entries };
    if (options.json) {
      await printPieces(terminal, jsonPieces(listed), "");
      terminal.print("\n");
      return;
    }
    const lines = textLines(listed, {
      width: terminal.width,
      style: stylerOf(terminal),
      tree: options.tree || options.depth !== undefined,
      depth: options.depth,
    });
    await printPieces(terminal, lines, "\n");
  });
}
