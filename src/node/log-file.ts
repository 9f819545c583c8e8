/** A log on disk: each line is handed to the system whole and at once, so that a crash costs no line before it. */

import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileError } from "./file-source.ts";

/** The path of a log, which may be named by a `file:` address. */
export function logPath(place: string | URL): string {
  return typeof place === "string" ? place : fileURLToPath(place);
}

/** A log that is written. */
export class LogFile {
  readonly #path: string;
  readonly #file: number;
  #isClosed = false;

  /**
   * Opens a log. `kept` is how many bytes of one that is there stay, what follows them is cut off; null begins it anew.
   *
   * Throws: `SourceError` where the path may not be written to.
   */
  constructor(path: string, kept: number | null) {
    this.#path = path;
    try {
      this.#file = openSync(path, kept === null ? "w" : "a");
      if (kept !== null) ftruncateSync(this.#file, kept);
    } catch (error) {
      throw fileError("opening", path, error);
    }
  }

  /**
   * Appends a line.
   *
   * Throws: `SourceError` when the disk is full.
   */
  append(line: string): void {
    if (this.#isClosed) return;
    try {
      const bytes = Buffer.from(`${line}\n`);
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      throw fileError("writing", this.#path, error);
    }
  }

  /** Closes the file. Closing twice does no harm. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
  }
}
