/** Opens what the command line calls a SOURCE. */

import type { Catalog } from "../catalog/catalog.ts";
import { open } from "../formats/open.ts";
import { openSource } from "../node/open-source.ts";

/**
 * Opens a SOURCE, hands its catalog to `use`, and closes it.
 *
 * Throws: what opening throws.
 */
export async function withSource<Result>(
  address: string,
  use: (catalog: Catalog) => Promise<Result>,
): Promise<Result> {
  const { source, name, close } = await openSource(address);
  try {
    return await use(await open(source, { name }));
  } finally {
    await close();
  }
}
