/** Figures in reports: in few digits for people, and as fields of JSON, which has no NaN and no infinities. */

import { finite } from "./json.ts";

/** A number in four digits: `0.0123`, `1.2e-9`, `inf`, `nan`; nothing for null. */
export function figureText(value: number | null): string {
  if (value === null) return "";
  if (!Number.isFinite(value)) return String(finite(value));
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** A share in per cent: `12 %`. */
export function shareText(part: number, whole: number): string {
  const share = (100 * part) / whole;
  return part === 0 || whole === 0
    ? "0 %"
    : `${share < 1 ? "<1" : part < whole && share > 99 ? ">99" : Math.round(share)} %`;
}

/** A number for JSON; null stays. */
export function figureField(value: number | null): number | string | null {
  return value === null ? null : finite(value);
}

/** Several numbers for JSON under their names, such as statistics; null stays. */
export function figureFields(figures: object | null): Readonly<Record<string, number | string>> | null {
  if (figures === null) return null;
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, finite(value as number)]));
}
