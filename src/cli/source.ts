/** Opens what the command line calls a SOURCE. */

import type { Catalog } from "../catalog/catalog.ts";
import { open } from "../formats/open.ts";
import { openPlace } from "../node/open-source.ts";
import { isProgram, openProgram } from "./live-source.ts";
import type { Terminal } from "./terminal.ts";
import { whileWaiting } from "./terminal.ts";

/** What a command may do with a SOURCE. */
export interface SourcePermissions {
  /** Run a local `.js` or `.mjs` file. Never for a command that looks whether files are safe. */
  readonly runsPrograms: boolean;
}

/**
 * Opens a SOURCE, hands its catalog to `use`, and closes it.
 *
 * Throws: what opening throws.
 */
export async function withSource<Result>(
  address: string,
  { runsPrograms }: SourcePermissions,
  terminal: Terminal,
  use: (catalog: Catalog) => Promise<Result>,
): Promise<Result> {
  if (runsPrograms && isProgram(address)) return use(await openProgram(address));
  const doing = `opening ${address} …`;
  const { file, name, folder, close } = await whileWaiting(terminal, doing, openPlace(address));
  try {
    return await use(await whileWaiting(terminal, doing, open(file, { name, folder })));
  } finally {
    await close();
  }
}
