/** A Blob, such as a File dropped on a page, as a source. */

import { SourceError } from "../errors.ts";
import { SharedTask } from "./shared-task.ts";
import { type ByteSource, checkRead } from "./source.ts";

/** A source over a Blob or File; a read loads its range only. */
export class BlobSource implements ByteSource {
  readonly size: number;
  readonly #blob: Blob;

  constructor(blob: Blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    // A Blob's read cannot be stopped; whoever gives up just stops waiting for it.
    return new SharedTask(() => this.#load(start, end)).join(signal);
  }

  async #load(start: number, end: number): Promise<Uint8Array> {
    let buffer: ArrayBuffer;
    try {
      buffer = await this.#blob.slice(start, end).arrayBuffer();
    } catch (error) {
      throw new SourceError(
        `reading bytes ${start} to ${end} of a file of ${this.size} bytes: the browser refused`,
        {
          code: "blob-unreadable",
          hint: "The file was probably changed, moved or removed after it was chosen; choose it again.",
          cause: error,
        },
      );
    }
    if (buffer.byteLength !== end - start) {
      throw new SourceError(
        `reading bytes ${start} to ${end} of a file of ${this.size} bytes: found ${buffer.byteLength} bytes, expected ${end - start}`,
        { code: "file-changed", hint: "The file was changed after it was chosen; choose it again." },
      );
    }
    return new Uint8Array(buffer);
  }
}
