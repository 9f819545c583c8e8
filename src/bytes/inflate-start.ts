/** The first bytes of deflated data, without inflating the rest: what a header says costs what the header takes. */

import { FormatError } from "../errors.ts";
import type { ByteSource } from "./source.ts";
import { feed } from "./stream-feed.ts";

/** How to inflate the first bytes. */
export interface InflateStartOptions {
  /** What is around the deflated data. Default: nothing, as in a zip. */
  readonly compression?: "deflate-raw" | "deflate" | "gzip";
  readonly signal?: AbortSignal | undefined;
}

/** Compressed bytes handed to the platform at a time. */
const stepByteLength = 4096;

/**
 * The first `byteLength` bytes of `source` (deflated, RFC 1951) inflated, or all there are if they are fewer. Reads
 * as much of the source as that takes. `what` names the record in messages.
 *
 * Throws: `FormatError` with code `"inflate-data"` when the data are not deflated ones; what the source throws.
 */
export async function inflateStart(
  source: ByteSource,
  byteLength: number,
  what: string,
  { compression = "deflate-raw", signal }: InflateStartOptions = {},
): Promise<Uint8Array> {
  const stream = new DecompressionStream(compression);
  const reader = stream.readable.getReader();
  const result = new Uint8Array(byteLength);
  let filled = 0;
  let isEnough = false;
  const feeding = feed(source, stream.writable.getWriter(), {
    stepByteLength,
    isEnough: () => isEnough,
    signal,
  });
  try {
    while (filled < byteLength) {
      const { done, value } = await reader.read();
      if (done) break;
      const some = value.subarray(0, byteLength - filled);
      result.set(some, filled);
      filled += some.length;
    }
  } catch (error) {
    isEnough = true;
    const fault = await feeding;
    if (fault !== null) throw fault.error;
    throw new FormatError(`inflating ${what}: its data are not valid after ${filled} bytes`, {
      code: "inflate-data",
      hint: "The file is damaged. Fetch or save it again.",
      cause: error,
    });
  }
  isEnough = true;
  await reader.cancel().catch(() => {});
  const fault = await feeding;
  if (fault !== null && filled < byteLength) throw fault.error;
  return result.subarray(0, filled);
}
