/**
 * The report on a catalog: what it holds as plain data, which every renderer prints. Reads no weights.
 *
 * A report about a selection is about nothing else: rows, modules and totals are those of the chosen entries. Ties
 * are looked for in the whole catalog, so that a chosen entry still says with whom it shares its elements.
 */

import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import { quote } from "../errors.ts";
import { moduleRows } from "./module-tree.ts";
import type { ModuleRow } from "./module-tree.ts";
import { packedWeights } from "./packed.ts";
import type { Packed, PackedWeights } from "./packed.ts";
import { sharingOf } from "./sharing.ts";
import type { Sharing } from "./sharing.ts";
import { bytesText, countText } from "./quantity.ts";

/** An entry of a report: the catalog's, and its digest when one was asked for. */
export type ReportEntry = Entry & {
  /** Hexadecimal SHA-256 of the contiguous little-endian bytes; null where the entry is not strided. */
  readonly sha256?: string | null;
  /** Only on packed weights of few bits: what their elements stand for. */
  readonly packed?: Packed;
};

/** Sums over the entries of a report; elements that several names share are counted once. */
export interface Totals {
  /** Elements of all that is not known to be a buffer or the state of an optimizer. */
  readonly parameters: number;
  /** Those of them that require a gradient; null where the file does not record it for every one. */
  readonly trainable: number | null;
  /** Elements of the buffers. */
  readonly buffers: number;
  /** Elements of everything, optimizer state included. */
  readonly elements: number;
  /** Bytes of these elements without gaps. */
  readonly byteLength: number;
  /** Bytes of the storages in the file, reachable or not. */
  readonly storedByteLength: number;
  /**
   * Only where weights of few bits are packed: the parameters of the network, those that the packed ones stand for
   * counted instead of the stored elements, their scales and zero points not at all.
   */
  readonly logicalParameters?: number;
}

/** What a catalog holds. Plain data: equal to its JSON. */
export interface Report {
  /** Where it came from, as the caller calls it. */
  readonly source: string;
  readonly format: string;
  readonly entries: readonly ReportEntry[];
  /** In tree order, parents before children. */
  readonly modules: readonly ModuleRow[];
  readonly totals: Totals;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly ties: readonly Tie[];
}

/** Two or more entries that show exactly the same elements. */
export interface Tie {
  /** Their indices in the catalog, ascending. */
  readonly entries: readonly number[];
  /** Their names, in the same order. */
  readonly names: readonly string[];
}

/** What to report on. */
export interface ReportOptions {
  /** What the report calls the catalog. Default: the catalog's format. */
  readonly source?: string;
  /** Which entries to report on. Default: all. */
  readonly select?: (entry: Entry) => boolean;
}

/**
 * Reports on a catalog: rows, modules with their counts, totals, ties and what else is worth knowing. Costs time in
 * proportion to the entries; reads nothing.
 *
 * @example
 * const { totals } = report(await open(bytes), { source: "model.pt" });
 * totals.parameters; // 61706
 */
export function report(catalog: Catalog, options: ReportOptions = {}): Report {
  const { select } = options;
  const entries = select === undefined ? catalog.entries : catalog.entries.filter(select);
  const sharing = sharingOf(catalog.entries);
  const chosen = select === undefined ? null : new Set(entries);
  const packed = packedWeights(catalog.entries, catalog.metadata);
  const totals = totalsOf(catalog, entries, sharing, packed);
  const modules = moduleRows(catalog.modules, entries, sharing, select === undefined);
  const concerns = (group: readonly Entry[]): boolean =>
    chosen === null || group.some((entry) => chosen.has(entry));
  return {
    source: options.source ?? catalog.format,
    format: catalog.format,
    entries: packed.weights.size === 0 ? entries : entries.map((entry) => withPacked(entry, packed)),
    modules,
    totals,
    metadata: catalog.metadata,
    notices: [
      ...sharingNotices(catalog, sharing, concerns, select === undefined),
      ...noticesAbout(catalog, chosen),
    ],
    ties: sharing.ties
      .filter(concerns)
      .map((group) => ({ entries: group.map((entry) => entry.index), names: namesOf(group) })),
  };
}

/** What the catalog says of all entries, or of some. */
function noticesAbout({ notices }: Catalog, chosen: ReadonlySet<Entry> | null): readonly Notice[] {
  if (chosen === null) return notices;
  const chosenNames = new Set(Array.from(chosen, ({ name }) => name));
  return notices.filter(({ names }) => names.length === 0 || names.some((name) => chosenNames.has(name)));
}

/** Whether it counts as a parameter: what is not known to be something else. */
export function isParameter(entry: Entry): boolean {
  return entry.kind === "parameter" || entry.kind === "tensor";
}

function withPacked(entry: Entry, { weights }: PackedWeights): ReportEntry {
  const packed = weights.get(entry);
  return packed === undefined ? entry : { ...entry, packed };
}

/** The parameters of the network, where some of them are packed. */
function logicalOf(entries: readonly Entry[], sharing: Sharing, { weights, helpers }: PackedWeights): number {
  let logical = 0;
  for (const entry of entries) logical += weights.get(entry)?.parameters ?? 0;
  const plain = entries.filter((entry) => isParameter(entry) && !weights.has(entry) && !helpers.has(entry));
  return logical + sharing.amountOf(plain).elements;
}

function totalsOf(
  catalog: Catalog,
  entries: readonly Entry[],
  sharing: Sharing,
  packed: PackedWeights,
): Totals {
  const parameters = entries.filter(isParameter);
  const recorded = parameters.every((entry) => entry.requiresGrad !== null);
  const everything = sharing.amountOf(entries);
  return {
    parameters: sharing.amountOf(parameters).elements,
    trainable: recorded ? sharing.amountOf(parameters.filter((entry) => entry.requiresGrad)).elements : null,
    buffers: sharing.amountOf(entries.filter((entry) => entry.kind === "buffer")).elements,
    elements: everything.elements,
    byteLength: everything.byteLength,
    storedByteLength:
      entries.length === catalog.entries.length
        ? catalog.storedByteLength
        : sharingOf(entries).storageByteLength,
    ...(entries.some((entry) => packed.weights.has(entry)) && {
      logicalParameters: logicalOf(entries, sharing, packed),
    }),
  };
}

function namesOf(group: readonly Entry[]): string[] {
  return group.map((entry) => entry.name);
}

/** A few names for a sentence: all of them up to three, else the first two and how many more. */
export function someNames(names: readonly string[]): string {
  if (names.length === 1) return quote(names[0]!);
  const shown = names.length <= 3 ? names : names.slice(0, 2);
  const last = shown.length < names.length ? `${names.length - shown.length} more` : quote(shown.at(-1)!);
  return `${(shown.length < names.length ? shown : shown.slice(0, -1)).map(quote).join(", ")} and ${last}`;
}

/** What the entries of a tie are to each other. */
function tieText(group: readonly Entry[]): string {
  const isAlike = (fact: "shape" | "lazy"): boolean =>
    group.every((entry) => String(entry[fact]) === String(group[0]![fact]));
  if (!isAlike("lazy")) return "show the same elements, some of them conjugated or negated";
  return isAlike("shape")
    ? "are one tensor under several names"
    : "show the same elements in different shapes";
}

function sharingNotices(
  catalog: Catalog,
  sharing: Sharing,
  concerns: (group: readonly Entry[]) => boolean,
  whole: boolean,
): Notice[] {
  const notices: Notice[] = [];
  for (const group of sharing.ties.filter(concerns)) {
    const names = namesOf(group);
    notices.push({
      code: "shared-storage",
      message: `${someNames(names)} ${tieText(group)}; counted once.`,
      names,
    });
  }
  for (const group of sharing.overlaps.filter(concerns)) {
    const names = namesOf(group);
    const message = `${someNames(names)} show partly the same elements; those are counted once.`;
    notices.push({ code: "overlapping-storage", message, names });
  }
  for (const { storage, byteLength, storageByteLength, entries } of sharing.unreachable) {
    if (!concerns(entries)) continue;
    const names = namesOf(entries);
    const of = `${bytesText(byteLength)} of the ${bytesText(storageByteLength)} in storage ${quote(storage)}`;
    const message = `${of} are stored, but ${someNames(names)} ${names.length === 1 ? "does" : "do"} not reach them.`;
    notices.push({ code: "unreachable-bytes", message, names });
  }
  const unused = catalog.storedByteLength - sharing.storageByteLength;
  // A tensor saved without its weights has lost the way to its storage, which is there and empty.
  const hasLostStorages = catalog.entries.some(
    (entry) => entry.layout === "absent" && entry.device !== "meta",
  );
  // Where the format knows which storages nobody uses, it has said so itself.
  const isSaid = catalog.notices.some(({ code }) => code === "unclaimed-storages");
  if (whole && unused > 0 && !hasLostStorages && !isSaid) {
    const message = `${bytesText(unused)} are stored in storages that no tensor uses.`;
    notices.push({ code: "unreachable-bytes", message, names: [] });
  }
  if (!sharing.isExact()) {
    const message = `Views overlap in more than ${countText(2 ** 20)} pieces; counts of shared elements are upper bounds.`;
    notices.push({ code: "approximate-counts", message, names: [] });
  }
  return notices;
}
