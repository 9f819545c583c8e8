/**
 * What the scan of one file may cost beyond reading it once. A limit for each place alone would not bound anything: a
 * file may have any number of places.
 */

import { LimitError } from "../errors.ts";

/** Bytes of pickles that are read in vain before the search ends: half a second's work, and of weights some 100 MB. */
const bytesInVain = 8 * 2 ** 20;

/** What all records of a file may inflate to. Prevents: megabytes that become the work of gigabytes. */
const leastInflated = 16 * 2 ** 20;

/** Times a file's own size. Real: pickles of names and numbers, and the debug records of TorchScript, deflate to a fifth. */
const inflatedRatio = 8;

/**
 * The work that is left.
 *
 * @example
 * const budget = new ScanBudget(source.size);
 * budget.inflate(record.byteLength, "looking into a record");
 */
export class ScanBudget {
  /** What the budget was at first. */
  readonly inflated: number;
  #inflated: number;
  #vain = bytesInVain;

  constructor(byteLength: number) {
    this.inflated = leastInflated + inflatedRatio * byteLength;
    this.#inflated = this.inflated;
  }

  /** Bytes that may still be inflated. */
  get room(): number {
    return Math.max(0, this.#inflated);
  }

  /** Whether more attempts at pickles may be made. */
  get hasPatience(): boolean {
    return this.#vain > 0;
  }

  /** Counts an attempt that found no pickle. */
  spendInVain(bytes: number): void {
    this.#vain -= bytes;
  }

  /**
   * Counts what is about to be inflated.
   *
   * Throws: `LimitError` with code `"scan-work"` when it is too much.
   */
  inflate(bytes: number, doing: string): void {
    this.#inflated -= bytes;
    if (this.#inflated >= 0) return;
    const message = `${doing}: the records of the file inflate to more than ${this.inflated} bytes`;
    throw new LimitError(message, { code: "scan-work", hint: "Unpack the file, and scan what is in it." });
  }
}
