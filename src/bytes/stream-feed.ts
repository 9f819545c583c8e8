/** Feeding a source into a stream of the platform, such as its inflate: piece by piece, waiting where the stream waits. */

import type { ByteSource } from "./source.ts";

/** How to feed. */
export interface FeedOptions {
  /** Bytes handed over at a time. */
  readonly stepByteLength: number;
  /** Asked before each piece: true ends the feeding, and leaves the stream open. Default: never. */
  readonly isEnough?: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Writes all of a source into a stream; resolves to what stopped it if that was not the stream itself. Never rejects. */
export async function feed(
  source: ByteSource,
  writer: WritableStreamDefaultWriter<BufferSource>,
  { stepByteLength, isEnough = () => false, signal }: FeedOptions,
): Promise<{ readonly error: unknown } | null> {
  // A stream that fails reports it to its reader; these two only repeat it.
  writer.closed.catch(() => {});
  for (let start = 0; start < source.size && !isEnough(); start += stepByteLength) {
    let bytes: Uint8Array;
    try {
      bytes = await source.read(start, Math.min(source.size, start + stepByteLength), signal);
    } catch (error) {
      writer.abort(error).catch(() => {});
      return { error };
    }
    try {
      await writer.ready;
      await writer.write(bytes as Uint8Array<ArrayBuffer>);
    } catch {
      return null;
    }
  }
  if (!isEnough()) await writer.close().catch(() => {});
  return null;
}
