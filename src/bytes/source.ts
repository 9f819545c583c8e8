/**
 * Where bytes come from. Node and the browser differ only here: a file, a Blob, bytes in memory and a range of
 * another source all look the same, and one contract suite runs over all of them (`test/contract/source.test.ts`).
 */

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
