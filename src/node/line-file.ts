/**
 * A file of lines that somebody may be writing: gives the whole ones that are new, keeps a last one that is not finished
 * for later, and begins anew when the file is cut or another one takes its name. Synchronous, because training loops are.
 */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { LimitError, quote } from "../errors.ts";
import { defaultLimits } from "../limits.ts";
import { fileError } from "./file-source.ts";

/** Bytes that are read at once. */
const chunkByteLength = 256 * 2 ** 10;

const lineFeed = 10;

/** An open file of lines. */
export class LineFile {
  readonly #path: string;
  #file: number;
  /** Where reading goes on, and where the line begins that is not finished. */
  #position = 0;
  #lineStart = 0;
  #pieces: Buffer[] = [];

  /**
   * Opens a file. Reads nothing yet.
   *
   * Throws: `SourceError` for what is not there, may not be read, or is no regular file.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = opened(path);
  }

  /** Bytes of the lines so far that are whole. */
  get wholeByteLength(): number {
    return this.#lineStart;
  }

  /** Whether something follows the last line feed. */
  get hasPartialLine(): boolean {
    return this.#position > this.#lineStart;
  }

  /**
   * Looks whether the file is still the same; if it was cut, or its name means another file now, reading begins anew
   * with what is there. Gives whether that is so. While there is no file of that name the old one stays.
   */
  renew(): boolean {
    const current = statSync(this.#path, { throwIfNoEntry: false });
    const own = fstatSync(this.#file);
    const isOther = current !== undefined && (current.ino !== own.ino || current.dev !== own.dev);
    if (!isOther && own.size >= this.#position) return false;
    const file = isOther ? opened(this.#path) : this.#file;
    if (isOther) closeSync(this.#file);
    this.#file = file;
    this.#position = 0;
    this.#lineStart = 0;
    this.#pieces = [];
    return true;
  }

  /**
   * The lines that have become whole since the last call, without their ends.
   *
   * Throws: `LimitError` for a line that is longer than any log needs.
   */
  *lines(): Generator<string, undefined> {
    const chunk = Buffer.allocUnsafe(chunkByteLength);
    for (;;) {
      const count = this.#readInto(chunk);
      if (count === 0) return;
      const start = this.#position;
      this.#position += count;
      let from = 0;
      for (let end = chunk.indexOf(lineFeed); end >= 0 && end < count; end = chunk.indexOf(lineFeed, from)) {
        const line = Buffer.concat([...this.#pieces, chunk.subarray(from, end)]);
        this.#pieces = [];
        from = end + 1;
        this.#lineStart = start + from;
        yield line.toString("utf8").replace(/\r$/, "");
      }
      if (from < count) this.#pieces.push(Buffer.from(chunk.subarray(from, count)));
      const pending = this.#position - this.#lineStart;
      if (pending > defaultLimits.logLineBytes) {
        throw new LimitError(
          `reading ${quote(this.#path)}: found a line of more than ${defaultLimits.logLineBytes} bytes, expected a log of lines`,
          { code: "log-line" },
        );
      }
    }
  }

  #readInto(chunk: Buffer): number {
    try {
      return readSync(this.#file, chunk, 0, chunk.byteLength, this.#position);
    } catch (error) {
      throw fileError("reading", this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

function opened(path: string): number {
  let file: number;
  try {
    // A pipe would wait here until somebody writes to it.
    if (statSync(path).isFIFO()) throw fileError("opening", path, { code: "ENXIO" });
    file = openSync(path, "r");
  } catch (error) {
    throw fileError("opening", path, error);
  }
  const stats = fstatSync(file);
  if (stats.isFile()) return file;
  closeSync(file);
  throw fileError("opening", path, { code: stats.isDirectory() ? "EISDIR" : "ENXIO" });
}
