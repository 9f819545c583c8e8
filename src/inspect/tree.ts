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

/** A branch that is being printed. */
interface Place {
  readonly branch: Branch;
  readonly level: number;
  /** What is drawn before the lines below it. */
  readonly stem: string;
  /** How many of its leaves and branches are printed. */
  done: number;
}

/**
 * The lines of the tree, down to `depth` levels; a module whose content is not shown says how many tensors it has. They are
 * made as they are asked for, as often as they are.
 */
export function treeLines(
  report: Report,
  shown: readonly Column[],
  context: ColumnContext,
  depth: number,
): Iterable<Line> {
  const tops = grow(report);
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
  const isFolded = ({ module }: Branch, level: number): boolean => level >= depth && module.total.entries > 0;
  return {
    *[Symbol.iterator]() {
      for (const top of tops) {
        yield moduleLine(top, "", isFolded(top, 0));
        const open: Place[] = isFolded(top, 0) ? [] : [{ branch: top, level: 0, stem: "", done: 0 }];
        for (let place = open.at(-1); place !== undefined; place = open.at(-1)) {
          const { branch, level, stem, done } = place;
          const { leaves, branches } = branch;
          const left = leaves.length + branches.length - done;
          if (left === 0) {
            open.pop();
            continue;
          }
          place.done += 1;
          const twig = left === 1 ? "└─ " : "├─ ";
          const leaf = leaves[done];
          if (leaf !== undefined) {
            yield leafLine(leaf, stem + twig);
            continue;
          }
          const inner = branches[done - leaves.length]!;
          const folded = isFolded(inner, level + 1);
          yield moduleLine(inner, stem + twig, folded);
          if (folded) continue;
          open.push({ branch: inner, level: level + 1, stem: stem + (left === 1 ? "   " : "│  "), done: 0 });
        }
      }
    },
  };
}
