/**
 * Where bytes come from. Node and the browser differ only here: a file, a Blob, bytes in memory and a range of
 * another source all look the same, and one contract suite runs over all of them (`test/contract/source.test.ts`).
 */

import { UsageError } from "../errors.ts";

/** Bytes of a known number that can be read in any order. */
export interface ByteSource {
  /** Number of bytes; does not change. */
  readonly size: number;
  /**
   * Reads the bytes from `start` up to, not including, `end`: exactly `end - start` of them. The caller must not write
   * to the result, which may share memory with the source.
   *
   * Throws: `UsageError` unless `0 <= start <= end <= size`; `SourceError` when the bytes cannot be fetched;
   * the signal's reason when it is aborted.
   */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * What every source checks before it reads: that `start` and `end` are integers with `0 <= start <= end <= size`, and
 * that nobody has given up meanwhile.
 *
 * Throws: `UsageError` with code `"range"`; the signal's reason when it is aborted.
 */
export function checkRead(size: number, start: number, end: number, signal?: AbortSignal): void {
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= size)) {
    throw new UsageError(
      `reading a range of bytes: found start ${start} and end ${end}, expected integers with 0 <= start <= end <= ${size}`,
      { code: "range" },
    );
  }
  signal?.throwIfAborted();
}
