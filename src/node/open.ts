/** Opens checkpoints by their path, for Node. */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { Catalog } from "../catalog/catalog.ts";
import { open as openSource } from "../formats/open.ts";
import type { Openable, OpenOptions } from "../formats/open.ts";
import { openFile } from "./file-source.ts";

/** A catalog that may hold a file open. */
export interface OpenedCatalog extends Catalog {
  /** Closes the file that `open` opened, if it did; what was given to it open stays open. */
  close(): Promise<void>;
  /** Closes it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a checkpoint for looking at: a file by its path, or bytes. Reads the directory or the header and the structure
 * around the tensors, no weights. A file stays open for `read` and `blocks` until the catalog is closed.
 *
 * Throws: `SourceError` when there is no such file or it cannot be read, `FormatError` when it is damaged or no
 * checkpoint, `LimitError` when it is larger than a limit allows.
 *
 * @example
 * const catalog = await open("model.pt");
 * for (const { name, shape } of catalog.entries) console.log(name, shape);
 * await catalog.close();
 */
export async function open(file: string | URL | Openable, options: OpenOptions = {}): Promise<OpenedCatalog> {
  if (typeof file !== "string" && !(file instanceof URL)) {
    return closable(await openSource(file, options), async () => undefined);
  }
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const source = await openFile(path);
  try {
    return closable(await openSource(source, { name: basename(path), ...options }), () => source.close());
  } catch (error) {
    await source.close();
    throw error;
  }
}

function closable(catalog: Catalog, close: () => Promise<void>): OpenedCatalog {
  return Object.assign(catalog, { close, [Symbol.asyncDispose]: close });
}
