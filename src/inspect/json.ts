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

/** A list as JSON, one item a line; `fields` makes what is shown of it, one at a time: a report may have a hundred thousand. */
export function jsonLines<Item>(items: readonly Item[], fields: (item: Item) => unknown): string {
  return items.length === 0
    ? "[]"
    : `[\n${items.map((item) => `    ${compactJson(fields(item))}`).join(",\n")}\n  ]`;
}

/** A report as JSON text. */
export function renderJson(report: Report): string {
  return `{
  "source": ${compactJson(report.source)},
  "format": ${compactJson(report.format)},
  "entries": ${jsonLines(report.entries, entryFields)},
  "modules": ${jsonLines(report.modules, moduleFields)},
  "totals": ${compactJson(report.totals)},
  "metadata": ${compactJson(report.metadata)},
  "notices": ${jsonLines(report.notices, ({ code, message, names }) => ({ code, message, names }))}
}`;
}
