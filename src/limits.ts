/**
 * Every cap on untrusted input, with what real files need and what it prevents.
 *
 * A limit is not a boundary of the format: a caller who trusts a file passes larger numbers to `open`.
 */

/** The caps a reader observes; all counts are inclusive maxima. */
export interface Limits {
  /**
   * Bytes of one pickle. Real: 20 MB for 90 000 tensors. Prevents: a record that claims gigabytes of opcodes, which
   * would have to be held in memory as a whole.
   */
  readonly pickleBytes: number;
  /**
   * Values one pickle may build, containers counting as several (Note [budget] in pickle/state.ts). Real: 7 million for
   * 90 000 tensors. Prevents: a small deflated pickle that expands
   * into more objects than the heap holds.
   */
  readonly pickleValues: number;
  /** Decimal digits' worth of a Python integer, in bytes. Real: 10 (the magic number). Prevents: quadratic conversion. */
  readonly integerBytes: number;
  /** Entries in one zip. Real: 100 000 records of a sharded export. Prevents: a directory that never ends. */
  readonly zipEntries: number;
  /** Bytes of a zip's central directory. Real: 10 MB for 90 000 records. Prevents: reading gigabytes to list a file. */
  readonly zipDirectoryBytes: number;
  /**
   * Bytes one deflated record may inflate to when it is read as a whole. Real: 2 GB storages in re-zipped files.
   * Prevents: a 40 GB storage from a file of 40 MB.
   */
  readonly inflatedBytes: number;
  /** Bytes of a safetensors header: the reference reader's own cap. Prevents: a header as large as the file. */
  readonly safetensorsHeaderBytes: number;
  /** Tensors in one file. Real: 100 000. Prevents: tables that do not fit in memory, at 1.2 KB a tensor. */
  readonly entries: number;
  /** Dimensions of one tensor: PyTorch prints and computes up to 64. */
  readonly rank: number;
  /**
   * Bytes of a storage that are held at once to gather a strided view. Real: 1 GB (a transposed embedding). Beyond
   * it the view is gathered in windows, slower but in bounded memory. Prevents: loading 100 GB to read one slice.
   */
  readonly gatherBytes: number;
  /**
   * Bytes of one line of a log of `watch`. Real: 20 MB for histograms of 100 000 parameters. Prevents: a file without
   * line ends, which would be held in memory as a whole.
   */
  readonly logLineBytes: number;
}

/** The limits that `open` uses unless told otherwise. */
export const defaultLimits: Limits = {
  pickleBytes: 512 * 2 ** 20,
  pickleValues: 50_000_000,
  integerBytes: 4096,
  zipEntries: 1_000_000,
  zipDirectoryBytes: 256 * 2 ** 20,
  inflatedBytes: 4 * 2 ** 30,
  safetensorsHeaderBytes: 100_000_000,
  entries: 1_000_000,
  rank: 64,
  gatherBytes: 256 * 2 ** 20,
  logLineBytes: 128 * 2 ** 20,
};

/** The default limits with some of them replaced. */
export function withLimits(changes: Partial<Limits> | undefined): Limits {
  return changes === undefined ? defaultLimits : { ...defaultLimits, ...changes };
}
