/** JSON from a file as plain data for a catalog's metadata. */

import type { JsonValue } from "./json.ts";

/**
 * The value as plain objects, lists, numbers and texts. An integer beyond 2^53 becomes its digits as a text. The nesting is
 * the reader's, which is bounded.
 */
export function plainJson(value: JsonValue): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plainJson);
  if ("kind" in value) return value.value;
  // `fromEntries` defines its keys: `__proto__` is one like any other.
  return Object.fromEntries([...value].map(([key, item]) => [key, plainJson(item)]));
}
