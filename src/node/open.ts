/** Opens checkpoints by their path or address, for Node. */

import type { Catalog } from "../catalog/catalog.ts";
import { open as openBytes } from "../formats/open.ts";
import type { Openable, OpenOptions } from "../formats/open.ts";
import { FileFolder } from "./file-folder.ts";
import { FileSource } from "./file-source.ts";
import { openPlace } from "./open-source.ts";

/** A catalog that may hold a file open. */
export interface OpenedCatalog extends Catalog {
  /** The path of the file or the directory on disk that it reads from; null for anything else. */
  readonly path: string | null;
  /** Closes the file that `open` opened, if it did; what was given to it open stays open. */
  close(): Promise<void>;
  /** Closes it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a checkpoint for looking at: a file or a directory by its path, an `https://` or `hf://` address, or bytes. Reads the directory or the header and the structure
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
    return closable(await openBytes(file, options), null, async () => undefined);
  }
  const { file: opened, name, folder, close } = await openPlace(String(file), { signal: options.signal });
  try {
    const path = opened instanceof FileSource || opened instanceof FileFolder ? opened.path : null;
    return closable(await openBytes(opened, { name, folder, ...options }), path, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function closable(catalog: Catalog, path: string | null, close: () => Promise<void>): OpenedCatalog {
  return Object.assign(catalog, { path, close, [Symbol.asyncDispose]: close });
}
