/** Files that are compressed as a whole, as `joblib`, pandas and archives of models are: a scan looks into them. */

import { inflateStart } from "../bytes/inflate-start.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { ByteSource } from "../bytes/source.ts";

/** What the platform can inflate. */
export type Compression = "gzip" | "deflate";

/** How the first bytes say that a file is compressed; null where they do not. Sources: RFC 1952, RFC 1950. */
export function compressionOf(head: Uint8Array): Compression | null {
  const [first = 0, second = 0] = head;
  if (first === 0x1f && second === 0x8b && head[2] === 8) return "gzip";
  return first === 0x78 && (first * 256 + second) % 31 === 0 && (second & 0x20) === 0 ? "deflate" : null;
}

/**
 * The first bytes of a compressed file, `most` at most.
 *
 * Throws: `FormatError` when the data are not compressed ones; what the source throws.
 */
export async function inflated(
  source: ByteSource,
  compression: Compression,
  most: number,
  signal: AbortSignal | undefined,
): Promise<MemorySource> {
  return new MemorySource(await inflateStart(source, most, `a ${compression} file`, { compression, signal }));
}
