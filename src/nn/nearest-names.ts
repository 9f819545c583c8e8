/**
 * Names that somebody may have meant: the known names with the fewest edits between them and what was asked for.
 */

import { quote } from "../errors.ts";

/** How many names a hint lists. */
const shownCount = 3;
/** Names beyond this length or number are not compared: a hint must not cost more than the work it is about. */
const longestName = 256;
const mostNames = 10_000;

/**
 * The fewest insertions, deletions and replacements of characters that make one text the other.
 *
 * Source: Wagner and Fischer 1974, with one row kept.
 *
 * @example
 * editDistance("wieght", "weight"); // 2
 */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * A sentence that lists the nearest of the known names; undefined where none is near.
 *
 * @example
 * nearestNames("fc.wieght", ["fc.weight", "fc.bias"]); // 'Did you mean "fc.weight"?'
 */
export function nearestNames(asked: string, known: readonly string[]): string | undefined {
  if (asked.length > longestName || known.length > mostNames) return undefined;
  const most = Math.max(2, Math.floor(asked.length / 3));
  const near = known
    .filter((name) => Math.abs(name.length - asked.length) <= most)
    .map((name) => ({ name, distance: editDistance(asked, name) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, shownCount)
    .map(({ name }) => quote(name));
  return near.length === 0 ? undefined : `Did you mean ${near.join(" or ")}?`;
}
