/** Opens what the command line calls a SOURCE. */

import { basename } from "node:path";
import type { Catalog } from "../catalog/catalog.ts";
import { quote, UsageError } from "../errors.ts";
import { open } from "../formats/open.ts";
import { openFile } from "../node/file-source.ts";

/**
 * Opens a SOURCE, hands its catalog to `use`, and closes it.
 *
 * Throws: what opening throws; `UsageError` for an address, which this version does not open.
 */
export async function withSource<Result>(
  source: string,
  use: (catalog: Catalog) => Promise<Result>,
): Promise<Result> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
    throw new UsageError(`opening ${quote(source)}: addresses are not supported by this version`, {
      code: "address-unsupported",
      hint: "Download the file and name it instead.",
    });
  }
  const file = await openFile(source);
  try {
    return await use(await open(file, { name: basename(source) }));
  } finally {
    await file.close();
  }
}
