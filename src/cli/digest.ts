/** SHA-256 digests of entries. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import type { ReportEntry } from "../inspect/report.ts";
import type { Progress } from "./terminal.ts";

/** Pieces of this size come from the page cache fastest: 10 GB/s, against 2.5 GB/s for pieces four times as large. */
const blockByteLength = 64 * 2 ** 10;

/** Milliseconds after which whatever else the process has to do gets its turn: reads from the cache are synchronous. */
const turnEvery = 50;

/** Equal for entries that show the same bytes. */
function viewKey(entry: Entry): string {
  return JSON.stringify([entry.storage, entry.dtype, entry.offset, entry.shape, entry.stride, entry.lazy]);
}

/**
 * Adds to each strided entry the SHA-256 of its contiguous little-endian bytes, null to the others. Reads every byte
 * once, also of tied entries, and holds a block at a time.
 */
export async function withDigests(
  catalog: Catalog,
  entries: readonly Entry[],
  progress: Progress,
): Promise<ReportEntry[]> {
  // Loading it takes 2 ms, which a list without digests should not pay. The bundled command cannot use `import()`.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const whole = entries.reduce((sum, entry) => sum + entry.byteLength, 0);
  const known = new Map<string, string>();
  const digested: ReportEntry[] = [];
  let done = 0;
  let turnedAt = performance.now();
  for (const entry of entries) {
    if (entry.layout !== "strided") {
      digested.push({ ...entry, sha256: null });
      done += entry.byteLength;
      continue;
    }
    const key = viewKey(entry);
    let digest = known.get(key);
    if (digest === undefined) {
      const hash = createHash("sha256");
      let hashed = 0;
      for await (const block of catalog.blocks(entry, blockByteLength)) {
        hash.update(block);
        hashed += block.byteLength;
        if (performance.now() - turnedAt < turnEvery) continue;
        progress.show(`hashing ${entry.name}`, done + hashed, whole);
        // Without a turn of the event loop nobody would hear Ctrl-C.
        await new Promise((resolve) => setImmediate(resolve));
        turnedAt = performance.now();
      }
      digest = hash.digest("hex");
      known.set(key, digest);
    }
    digested.push({ ...entry, sha256: digest });
    done += entry.byteLength;
  }
  progress.clear();
  return digested;
}
