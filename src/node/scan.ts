/** Scans checkpoints by their path or address, for Node. */

import type { Openable } from "../formats/open.ts";
import { scan as scanBytes } from "../formats/scan.ts";
import type { ScanOptions } from "../formats/scan.ts";
import type { ScanReport } from "../inspect/scan-report.ts";
import { openPlace } from "./open-source.ts";

/**
 * Scans a checkpoint for what it would do when Python loads it: a file or a directory by its path, an `https://` or
 * `hf://` address, or bytes. Nothing of it is run. Reads directories, pickles and the first bytes of every record.
 *
 * Throws: `SourceError` when there is no such file or it cannot be read, `UsageError` for what is no file.
 *
 * @example
 * const { result, findings } = await scan("model.pt");
 * for (const { severity, message } of findings) console.log(severity, message);
 */
export async function scan(file: string | URL | Openable, options: ScanOptions = {}): Promise<ScanReport> {
  if (typeof file !== "string" && !(file instanceof URL)) return scanBytes(file, options);
  const { file: opened, name, folder, close } = await openPlace(String(file), { signal: options.signal });
  try {
    return await scanBytes(opened, { name, folder, source: String(file), ...options });
  } finally {
    await close();
  }
}
