/**
 * The Python sources of classes that PyTorch before 1.6 embeds in files with whole modules: what they say, as
 * information, and a notice, because they tell of the file's writer.
 */

import type { Notice } from "../catalog/catalog.ts";
import type { PersistentValue } from "../catalog/value.ts";
import { quote } from "../errors.ts";
import { textOrNull } from "../pickle/claim.ts";
import { isKind, qualifiedName } from "../pickle/globals.ts";

/** Paths that the notice spells out. */
const shownPaths = 3;

/** The Python source of a class, as it was when the file was written. */
export interface ClassSource {
  readonly class: string | null;
  /** Where it lay on the machine of the file's writer. */
  readonly file: string | null;
  readonly text: string;
}

/** The sources among persistent ids: `("module", class, path of its source file, source)`. */
export function classSources(ids: readonly PersistentValue[]): ClassSource[] {
  return ids.flatMap(({ id }) => {
    if (!isKind(id, "tuple") || textOrNull(id.items[0]) !== "module") return [];
    const text = textOrNull(id.items[3]);
    if (text === null) return [];
    return [{ class: qualifiedName(id.items[1]) ?? null, file: textOrNull(id.items[2]), text }];
  });
}

/** What a reader should know of them; nothing where there are none. */
export function sourceNotices(sources: readonly ClassSource[]): Notice[] {
  if (sources.length === 0) return [];
  const classes = sources.length === 1 ? "1 class" : `${sources.length} classes`;
  const paths = [...new Set(sources.map(({ file }) => file).filter((file) => file !== null))];
  const shown = paths.slice(0, shownPaths).map(quote).join(", ") + (paths.length > shownPaths ? ", …" : "");
  const where = paths.length === 0 ? "" : `, and where it lay on its writer's machine: ${shown}`;
  return [
    {
      code: "embedded-sources",
      message: `The file holds the Python source of ${classes}${where}. Whoever gets the file can read it.`,
      names: [],
    },
  ];
}
