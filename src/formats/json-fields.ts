/** Fields of JSON objects by what a format expects in them; anything else is taken as missing. */

import type { JsonValue } from "./json.ts";

/** A field of an object; undefined where there is none, or no object. */
export function jsonField(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return value instanceof Map ? (value as ReadonlyMap<string, JsonValue>).get(name) : undefined;
}

/** The items of a list; none where it is no list. */
export function jsonList(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The fields of an object; none where it is no object. */
export function jsonFields(value: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  return value instanceof Map ? (value as ReadonlyMap<string, JsonValue>) : new Map();
}

/** A text, or null. */
export function jsonText(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** An integer, which protocol buffers write as a text when it may have 64 bits; NaN where it is none. */
export function jsonInteger(value: JsonValue | undefined): number {
  const number = typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : Number.NaN;
}
