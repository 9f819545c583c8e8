/** The module tree of a report as lines of a table: modules with their totals, tensors below them. */

import { printable } from "../errors.ts";
import type { Column, ColumnContext, ColumnId, Line, Role } from "./columns.ts";
import { isInside } from "./module-tree.ts";
import type { ModuleRow } from "./module-tree.ts";
import { exactCountText } from "./quantity.ts";
import type { Report, ReportEntry } from "./report.ts";

/** A module in the tree, with what stands below it in order: its tensors, then its modules. */
interface Branch {
  readonly module: ModuleRow;
  readonly label: string;
  readonly parent: Branch | null;
  readonly leaves: ReportEntry[];
  readonly branches: Branch[];
}

/** A name without the name of the module around it. */
function labelIn(name: string, module: string): string {
  return module === "" ? name : name.slice(module.length + 1);
}

/** Builds the tree; the modules of a report stand in tree order. Returns the branches without a parent. */
function grow(report: Report): Branch[] {
  const tops: Branch[] = [];
  const byName = new Map<string, Branch>();
  let around: Branch | null = null;
  for (const module of report.modules) {
    while (around !== null && !isInside(module.name, around.module.name)) around = around.parent;
    const label = around === null ? module.name : labelIn(module.name, around.module.name);
    const branch: Branch = { module, label, parent: around, leaves: [], branches: [] };
    (around === null ? tops : around.branches).push(branch);
    byName.set(module.name, branch);
    around = branch;
  }
  for (const entry of report.entries) byName.get(entry.module)!.leaves.push(entry);
  return tops;
}

function tensors(count: number): string {
  return count === 1 ? "1 tensor" : `${exactCountText(count)} tensors`;
}

/** The outermost module goes by the name of the file. */
function labelOf({ label, module }: Branch, { source }: Report): string {
  if (module.name === "")
    return source.slice(Math.max(source.lastIndexOf("/"), source.lastIndexOf("\\")) + 1);
  return label === "" ? '""' : label;
}

/** What a module's row says beside its name and elements. */
function moduleNote({ module, parent }: Branch): string {
  const notes: string[] = [];
  if (module.class !== null) notes.push(module.class.slice(module.class.lastIndexOf(".") + 1));
  const around = parent?.module.training ?? true;
  if (module.training !== null && module.training !== around)
    notes.push(module.training ? "train mode" : "eval mode");
  return notes.join(", ");
}

/** What stands on the pile of things still to print. */
type Pending =
  | { readonly branch: Branch; readonly stem: string; readonly last: boolean; readonly level: number }
  | { readonly leaf: ReportEntry; readonly stem: string; readonly last: boolean };

/** The lines of the tree, down to `depth` levels; a module whose content is not shown says how many tensors it has. */
export function treeLines(
  report: Report,
  shown: readonly Column[],
  context: ColumnContext,
  depth: number,
): Line[] {
  const lines: Line[] = [];
  const moduleLine = (branch: Branch, stem: string, folded: boolean): Line => {
    const { total } = branch.module;
    const texts: Partial<Record<ColumnId, string>> = {
      name: stem + printable(labelOf(branch, report)),
      shape: printable(moduleNote(branch)),
      dtype: folded ? tensors(total.entries) : "",
      elements: exactCountText(total.elements),
    };
    return {
      cells: shown.map((column) => texts[column.id] ?? ""),
      roles: shown.map((column): Role => (column.id === "name" ? "name" : "note")),
    };
  };
  const leafLine = (entry: ReportEntry, stem: string): Line => ({
    cells: shown.map((column) => {
      if (column.id !== "name") return printable(column.text(entry, context));
      const label = labelIn(entry.name, entry.module);
      return stem + printable(label === "" ? '""' : label);
    }),
    roles: shown.map((column) => (column.id === "name" ? "plain" : column.role(entry))),
  });
  const pending: Pending[] = [];
  for (const top of grow(report).toReversed()) pending.push({ branch: top, stem: "", last: true, level: 0 });
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const root = "branch" in item && item.level === 0;
    const twig = root ? "" : item.last ? "└─ " : "├─ ";
    if ("leaf" in item) {
      lines.push(leafLine(item.leaf, item.stem + twig));
      continue;
    }
    const { branch, level } = item;
    const folded = level >= depth && branch.module.total.entries > 0;
    lines.push(moduleLine(branch, item.stem + twig, folded));
    if (folded) continue;
    const stem = root ? "" : item.stem + (item.last ? "   " : "│  ");
    const below = [
      ...branch.leaves.map((leaf) => ({ leaf })),
      ...branch.branches.map((inner) => ({ branch: inner })),
    ];
    for (const [at, next] of [...below.entries()].toReversed()) {
      const last = at === below.length - 1;
      pending.push("leaf" in next ? { ...next, stem, last } : { ...next, stem, last, level: level + 1 });
    }
  }
  return lines;
}
