/** Inflating deflated bytes with the platform's own inflate, never beyond what was declared. */

import { FormatError, LimitError } from "../errors.ts";
import type { ByteSource } from "./source.ts";
import { feed } from "./stream-feed.ts";

/** Compressed bytes handed to the platform at a time. */
const stepByteLength = 256 * 2 ** 10;

/** Deflate cannot do better: a block's 258 bytes take at least 2 bits. Source: zlib, "Maximum Expansion Factor". */
export const maxRatio = 1032;

/**
 * Inflates all of `source` (raw deflate, RFC 1951) to exactly `byteLength` bytes. It stops at the first byte too
 * many, so that a small file cannot fill the memory. `what` names the record in messages.
 *
 * Throws: `FormatError` with code `"inflate-size"` when there are more or fewer bytes, `"inflate-data"` when the data
 * are not deflated ones; `LimitError` when there is no room; what the source throws; the signal's reason.
 */
export async function inflate(
  source: ByteSource,
  byteLength: number,
  what: string,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (byteLength > maxRatio * source.size)
    throw wrongSize(what, byteLength, `${source.size} bytes cannot hold them`);
  const result = allocate(byteLength, what);
  const stream = new DecompressionStream("deflate-raw");
  const feeding = feed(source, stream.writable.getWriter(), { stepByteLength, signal });
  const reader = stream.readable.getReader();
  let filled = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (filled + value.byteLength > byteLength) throw wrongSize(what, byteLength, "more follow");
      result.set(value, filled);
      filled += value.byteLength;
    }
  } catch (error) {
    // What stopped the feeding (an abort, a source that failed) is the cause; the stream's error is its echo.
    await reader.cancel().catch(() => {});
    const fault = await feeding;
    if (fault !== null) throw fault.error;
    if (error instanceof FormatError) throw error;
    throw new FormatError(
      `inflating ${what}: its data are not valid after ${filled} of ${byteLength} bytes`,
      {
        code: "inflate-data",
        hint: "The file is damaged. Fetch or save it again.",
        cause: error,
      },
    );
  }
  const fault = await feeding;
  if (fault !== null) throw fault.error;
  if (filled < byteLength) throw wrongSize(what, byteLength, `${filled} are there`);
  return result;
}

function allocate(byteLength: number, what: string): Uint8Array {
  try {
    return new Uint8Array(byteLength);
  } catch (error) {
    throw new LimitError(`inflating ${what}: there is no room for its ${byteLength} bytes in memory`, {
      code: "out-of-memory",
      hint: "Store the record without compression: then it is read in pieces.",
      cause: error,
    });
  }
}

function wrongSize(what: string, byteLength: number, found: string): FormatError {
  return new FormatError(`inflating ${what}: expected ${byteLength} bytes as declared, but ${found}`, {
    code: "inflate-size",
    hint: "The file is damaged or made to mislead; do not trust it.",
  });
}
