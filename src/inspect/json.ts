/**
 * The JSON form of a report, which other programs read: `docs/list.schema.json` says what it is. One entry a line.
 */

import type { ModuleRow } from "./module-tree.ts";
import type { Report, ReportEntry } from "./report.ts";

/** What a terminal could take for a command or a change of direction, and JSON leaves as it is. */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Compact JSON that is safe to print. */
export function compactJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(unsafe, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Numbers that JSON lacks as the strings `"nan"`, `"inf"`, `"-inf"`. */
export function finite(value: number): number | string {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** The common fields first, in the documented order; what only some entries have follows. */
function entryFields(entry: ReportEntry): Record<string, unknown> {
  const { index, path, name, module, kind, kindFrom, dtype, shape, stride, offset, ...rest } = entry;
  const { numel, byteLength, layout, device, storage, requiresGrad, ...special } = rest;
  // prettier-ignore
  const common = {
    index, path, name, module, kind, kindFrom, dtype, shape, stride, offset, numel, byteLength, layout, device, storage, requiresGrad,
  };
  const { quantization } = special;
  if (quantization?.scheme !== "per-tensor") return Object.assign(common, special);
  return Object.assign(common, special, {
    quantization: { ...quantization, scale: finite(quantization.scale) },
  });
}

function moduleFields({ name, class: className, training, own, total }: ModuleRow): Record<string, unknown> {
  return { name, class: className, training, own, total };
}

/** A list as JSON, one item a line; `fields` makes what is shown of it. */
export function jsonLines<Item>(items: readonly Item[], fields: (item: Item) => unknown): string {
  return [...linePieces(items, fields)].join("");
}

function* linePieces<Item>(items: readonly Item[], fields: (item: Item) => unknown): Generator<string> {
  let before = "[\n    ";
  for (const item of items) {
    yield before + compactJson(fields(item));
    before = ",\n    ";
  }
  yield items.length === 0 ? "[]" : "\n  ]";
}

/** A report as JSON text in pieces: whoever prints a hundred thousand entries need not hold their text as a whole. */
export function* jsonPieces(report: Report): Generator<string> {
  yield `{\n  "source": ${compactJson(report.source)},\n  "format": ${compactJson(report.format)},\n  "entries": `;
  yield* linePieces(report.entries, entryFields);
  yield ',\n  "modules": ';
  yield* linePieces(report.modules, moduleFields);
  yield `,\n  "totals": ${compactJson(report.totals)},\n  "metadata": ${compactJson(report.metadata)},\n  "notices": `;
  yield* linePieces(report.notices, ({ code, message, names }) => ({ code, message, names }));
  yield "\n}";
}

/** A report as JSON text. */
export function renderJson(report: Report): string {
  return [...jsonPieces(report)].join("");
}
