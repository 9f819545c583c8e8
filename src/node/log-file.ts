/**
 * A log on disk. Lines are handed to the system whole: at once where they come slowly, and together where they come faster
 * than one in `waitAtMost`, as a call of the system takes longer than all else there is to a line. What ends with an
 * exception is written too; what is killed loses the lines of that time at most.
 */

import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LineText } from "../inspect/line-text.ts";
import { fileError } from "./file-source.ts";

/** The path of a log, which may be named by a `file:` address. */
export function logPath(place: string | URL): string {
  return typeof place === "string" ? place : fileURLToPath(place);
}

/** Milliseconds that a line may wait for others. */
const waitAtMost = 50;

/** Lines that may wait without being made: enough that the code that makes them stays in the caches meanwhile. */
const unmadeAtMost = 32;

/** A log that is written. */
export class LogFile {
  readonly #path: string;
  readonly #file: number;
  #unmade: ((text: LineText) => void)[] = [];
  readonly #waiting = new LineText();
  #writtenAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #atExit = (): void => this.#write();

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
    process.once("exit", this.#atExit);
  }

  /**
   * Appends a line; what `make` adds to a text later.
   *
   * Throws: `SourceError` when the disk is full.
   */
  append(make: (text: LineText) => void): void {
    if (this.#isClosed) return;
    this.#unmade.push(make);
    if (this.#unmade.length >= unmadeAtMost) this.#makeLines();
    if (performance.now() - this.#writtenAt >= waitAtMost) this.#write();
    // In a loop that yields nobody has to wait for the next line.
    else this.#timer ??= setTimeout(this.#atExit, waitAtMost).unref();
  }

  #makeLines(): void {
    for (const make of this.#unmade) {
      make(this.#waiting);
      this.#waiting.ascii("\n");
    }
    this.#unmade.length = 0;
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#makeLines();
    const { bytes } = this.#waiting;
    if (bytes.length === 0) return;
    this.#waiting.clear();
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      throw fileError("writing", this.#path, error);
    }
    this.#writtenAt = performance.now();
  }

  /** Writes what waits, and closes the file. Closing twice does no harm. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    process.off("exit", this.#atExit);
    try {
      this.#write();
    } finally {
      closeSync(this.#file);
    }
  }
}
