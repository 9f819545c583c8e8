/**
 * The columns of a list of entries: one table that every renderer and the sorting go by. Adding a column is adding a row.
 */

import { dtypes } from "../dtype.ts";
import { naturalCompare } from "../name.ts";
import { isContiguous } from "./region.ts";
import { bytesText, exactCountText } from "./quantity.ts";
import { isParameter } from "./report.ts";
import type { Report, ReportEntry, Tie } from "./report.ts";

/** The part a text plays, for renderers that colour: module names stand out, what is normal steps back. */
export type Role = "name" | "plain" | "quiet" | "buffer" | "frozen" | "note";

/** What the cells of one report need to know beyond their entry. */
export interface ColumnContext {
  readonly report: Report;
  /** By index: the tie that an entry is part of. */
  readonly ties: ReadonlyMap<number, Tie>;
  /** Whether the entries were saved on several devices, so that each says its own. */
  readonly hasDevices: boolean;
}

/** A column of the list. */
export interface Column {
  /** How `--sort` calls it. */
  readonly id: ColumnId;
  readonly title: string;
  readonly align: "left" | "right";
  /** The narrowest it may become when the terminal is narrow; null where it never shrinks. */
  readonly shrinksTo: number | null;
  /** Where there is no room for all, columns are taken in this order, the smallest number first; 0 is always there. */
  readonly rank: number;
  /** Whether it says anything about this report. */
  isUseful(context: ColumnContext): boolean;
  text(entry: ReportEntry, context: ColumnContext): string;
  role(entry: ReportEntry): Role;
  compare(a: ReportEntry, b: ReportEntry): number;
}

/** The names of the columns, and of the orders in which entries can be listed. */
export type ColumnId =
  | "index"
  | "name"
  | "shape"
  | "dtype"
  | "elements"
  | "size"
  | "kind"
  | "requires-grad"
  | "gradient"
  | "notes"
  | "sha256";

/** A line of a list before it is laid out: a text and its role for each column, on one line and printable. */
export interface Line {
  readonly cells: readonly string[];
  readonly roles: readonly Role[];
}

const always = (): boolean => true;
const plain = (): Role => "plain";

/** The first other entry of a tie, and how many more there are. */
function tieText(tie: Tie, index: number): string {
  const other = tie.names[tie.entries[0] === index ? 1 : 0]!;
  return tie.names.length === 2 ? `= ${other}` : `= ${other} (+${tie.names.length - 2})`;
}

/** What is out of the ordinary about an entry, in a few words each. */
function notesOf(entry: ReportEntry, { ties, hasDevices }: ColumnContext): string[] {
  const tie = ties.get(entry.index);
  const notes: string[] = [];
  if (tie !== undefined) notes.push(tieText(tie, entry.index));
  if (entry.layout === "sparse") notes.push(entry.format);
  if (entry.layout === "blocks") notes.push(entry.type);
  if (entry.layout === "chunks") notes.push(`${entry.chunks.length} chunks`);
  if (entry.layout === "absent") notes.push(entry.device === "meta" ? "meta" : "no data");
  if (entry.layout === "strided" && entry.numel > 0 && !isContiguous(entry.shape, entry.stride)) {
    notes.push(`stride [${entry.stride.join(", ")}]`);
  }
  if (entry.quantization !== undefined) notes.push(`quantized ${entry.quantization.scheme}`);
  if (entry.subclass !== undefined) notes.push(entry.subclass);
  if (entry.lazy !== undefined) notes.push(...entry.lazy);
  if (entry.packed !== undefined) {
    const { scheme, bits, parameters } = entry.packed;
    notes.push(`${exactCountText(parameters)} of ${bits} bits (${scheme})`);
  }
  if (entry.owner !== undefined)
    notes.push(`of ${entry.owner.name}${entry.owner.from === "inferred" ? " (by order)" : ""}`);
  if (hasDevices && entry.device !== null && entry.layout !== "absent") notes.push(entry.device);
  return notes;
}

function compareShapes(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length && axis < b.length; axis++) {
    if (a[axis] !== b[axis]) return a[axis]! - b[axis]!;
  }
  return a.length - b.length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Frozen, unknown, trained: in this order. */
function gradRank(entry: ReportEntry): number {
  return entry.requiresGrad === null ? 1 : entry.requiresGrad ? 2 : 0;
}

/** Nothing to say, no gradient, a gradient: in this order. */
function gradientRank({ hasGradient }: ReportEntry): number {
  return hasGradient === undefined ? 0 : hasGradient ? 2 : 1;
}

const kindRoles: Readonly<Record<ReportEntry["kind"], Role>> = {
  parameter: "plain",
  tensor: "plain",
  buffer: "buffer",
  "optimizer-state": "buffer",
};

/** Every column, in the order of the table. */
export const columns: readonly Column[] = [
  {
    id: "index",
    title: "index",
    align: "right",
    shrinksTo: null,
    rank: 9,
    isUseful: () => false,
    text: (entry) => String(entry.index),
    role: () => "quiet",
    compare: (a, b) => a.index - b.index,
  },
  {
    id: "name",
    title: "name",
    align: "left",
    shrinksTo: 24,
    rank: 0,
    isUseful: always,
    text: (entry) => (entry.name === "" ? '""' : entry.name),
    role: () => "name",
    compare: (a, b) => naturalCompare(a.name, b.name),
  },
  {
    id: "shape",
    title: "shape",
    align: "left",
    shrinksTo: null,
    rank: 0,
    isUseful: always,
    text: (entry) => `[${entry.shape.join(", ")}]`,
    role: plain,
    compare: (a, b) => compareShapes(a.shape, b.shape),
  },
  {
    id: "dtype",
    title: "dtype",
    align: "left",
    shrinksTo: null,
    rank: 2,
    isUseful: always,
    text: (entry) => entry.dtype,
    role: (entry) => (entry.dtype === "float32" ? "quiet" : "plain"),
    compare: (a, b) => dtypes[a.dtype].bits - dtypes[b.dtype].bits || compareText(a.dtype, b.dtype),
  },
  {
    id: "elements",
    title: "elements",
    align: "right",
    shrinksTo: null,
    rank: 3,
    isUseful: always,
    text: (entry) => exactCountText(entry.numel),
    role: plain,
    compare: (a, b) => a.numel - b.numel,
  },
  {
    id: "size",
    title: "size",
    align: "right",
    shrinksTo: null,
    rank: 6,
    isUseful: always,
    text: (entry) => bytesText(entry.byteLength),
    role: plain,
    compare: (a, b) => a.byteLength - b.byteLength,
  },
  {
    id: "kind",
    title: "kind",
    align: "left",
    shrinksTo: null,
    rank: 5,
    isUseful: always,
    text: (entry) => entry.kind,
    role: (entry) => kindRoles[entry.kind],
    compare: (a, b) => compareText(a.kind, b.kind),
  },
  {
    id: "requires-grad",
    title: "requires_grad",
    align: "left",
    shrinksTo: null,
    rank: 4,
    // A column of question marks says less than the sentence under the table; buffers are never trained.
    isUseful: ({ report }) =>
      report.entries.some((entry) => isParameter(entry) && entry.requiresGrad !== null),
    text: (entry) => (entry.requiresGrad === null ? "?" : entry.requiresGrad ? "True" : "False"),
    role: (entry) => (entry.requiresGrad === false && isParameter(entry) ? "frozen" : "quiet"),
    compare: (a, b) => gradRank(a) - gradRank(b),
  },
  {
    id: "gradient",
    title: "gradient",
    align: "left",
    shrinksTo: null,
    rank: 4,
    isUseful: ({ report }) => report.entries.some((entry) => entry.hasGradient !== undefined),
    // What is not trained has none; only for the others it is worth a word.
    text: (entry) => (entry.hasGradient === true ? "yes" : entry.requiresGrad === true ? "none" : "–"),
    role: (entry) => (entry.hasGradient === true ? "plain" : "quiet"),
    compare: (a, b) => gradientRank(a) - gradientRank(b),
  },
  {
    id: "notes",
    title: "notes",
    align: "left",
    shrinksTo: 12,
    rank: 7,
    isUseful: (context) => context.report.entries.some((entry) => notesOf(entry, context).length > 0),
    text: (entry, context) => notesOf(entry, context).join(", "),
    role: () => "note",
    compare: (a, b) => a.index - b.index,
  },
  {
    id: "sha256",
    title: "sha256",
    align: "left",
    shrinksTo: 12,
    rank: 1,
    isUseful: ({ report }) => report.entries.some((entry) => entry.sha256 !== undefined),
    text: (entry) => entry.sha256 ?? "–",
    role: () => "quiet",
    compare: (a, b) => compareText(a.sha256 ?? "", b.sha256 ?? ""),
  },
];

/** Finds out once what the cells of a report need. */
export function columnContext(report: Report): ColumnContext {
  const ties = new Map<number, Tie>();
  for (const tie of report.ties) for (const index of tie.entries) ties.set(index, tie);
  return { report, ties, hasDevices: devicesOf(report).length > 1 };
}

/** The devices that the entries with data were saved on, each once. */
export function devicesOf(report: Report): string[] {
  const devices = new Set<string>();
  for (const { device, layout } of report.entries) {
    if (device !== null && layout !== "absent") devices.add(device);
  }
  return [...devices];
}
