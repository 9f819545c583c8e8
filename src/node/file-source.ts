/** A file on disk as a source, for Node. */

import { readSync } from "node:fs";
import { constants, type FileHandle, open } from "node:fs/promises";
import { type ByteSource, checkRead } from "../bytes/source.ts";
import { quote, SourceError } from "../errors.ts";

/**
 * Up to here a read is done at once instead of in the thread pool: from the page cache it takes 20 µs, and the way
 * through the pool and back alone takes longer.
 */
const promptByteLength = 64 * 2 ** 10;

/** Longer reads are done in steps of this many bytes, so that giving one up does not take long. */
const stepByteLength = 16 * 2 ** 20;

/** What errors of the operating system mean to the reader. */
const faults: ReadonlyMap<string, { readonly code: string; readonly found: string; readonly hint: string }> =
  new Map([
    ["ENOENT", { code: "file-missing", found: "there is no such file", hint: "Check the path." }],
    [
      "ENOTDIR",
      {
        code: "file-missing",
        found: "there is no such file",
        hint: "Check the path: one of its folders is a file.",
      },
    ],
    ["EISDIR", { code: "is-directory", found: "it is a directory", hint: "Name a file in it." }],
    ["EACCES", { code: "no-permission", found: "permission denied", hint: "Check who may read the file." }],
    ["EPERM", { code: "no-permission", found: "permission denied", hint: "Check who may read the file." }],
    [
      "EMFILE",
      {
        code: "too-many-files",
        found: "too many files are open",
        hint: "Close some, or raise the limit of your system.",
      },
    ],
    [
      "ELOOP",
      {
        code: "file-unreadable",
        found: "it is a link that leads to itself",
        hint: "Put the file that was meant in its place.",
      },
    ],
    [
      "ENXIO",
      { code: "not-a-file", found: "it is not a regular file", hint: "Copy its contents to a file first." },
    ],
  ]);

/**
 * Opens a file for reading. Reads nothing yet.
 *
 * Throws: `SourceError` with code `"file-missing"`, `"is-directory"`, `"no-permission"`, `"not-a-file"` (a pipe, a
 * device), `"too-many-files"` or `"file-unreadable"`.
 *
 * @example
 * const file = await openFile("model.pt");
 * await file.read(0, 4);
 * await file.close();
 */
export async function openFile(path: string): Promise<FileSource> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK, opening a pipe waits until somebody writes to it. Windows has neither the flag nor the problem.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw fileError("opening", path, error);
  }
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw fileError("opening", path, { code: "EISDIR" });
    if (!stats.isFile()) throw fileError("opening", path, { code: "ENXIO" });
    return new FileSource(path, handle, stats.size);
  } catch (error) {
    await handle.close();
    throw fileError("opening", path, error);
  }
}

/** An open file; made by `openFile`. Whoever opened it closes it. */
export class FileSource implements ByteSource {
  /** The path it was opened by. */
  readonly path: string;
  /** Number of bytes when it was opened. */
  readonly size: number;
  readonly #handle: FileHandle;
  /** The reads under way, which closing waits for. */
  readonly #reads = new Set<Promise<Uint8Array>>();
  #isClosed = false;

  constructor(path: string, handle: FileHandle, size: number) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    if (this.#isClosed) {
      throw new SourceError(`reading ${quote(this.path)}: the file was closed before`, {
        code: "source-closed",
      });
    }
    const read = this.#readAll(start, end, signal);
    this.#reads.add(read);
    try {
      return await read;
    } finally {
      this.#reads.delete(read);
    }
  }

  async #readAll(start: number, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    while (filled < bytes.byteLength) {
      const step = Math.min(stepByteLength, bytes.byteLength - filled);
      const count = await this.#readSome(bytes, filled, step, start + filled);
      if (count === 0) throw await this.#shrunk(start, end);
      filled += count;
      signal?.throwIfAborted();
    }
    return bytes;
  }

  /** One read of the operating system, which may give fewer bytes than asked for; 0 at the end of the file. */
  async #readSome(bytes: Uint8Array, at: number, byteLength: number, position: number): Promise<number> {
    try {
      if (byteLength <= promptByteLength) return readSync(this.#handle.fd, bytes, at, byteLength, position);
      return (await this.#handle.read(bytes, at, byteLength, position)).bytesRead;
    } catch (error) {
      throw fileError("reading", this.path, error);
    }
  }

  async #shrunk(start: number, end: number): Promise<SourceError> {
    const { size } = await this.#handle.stat();
    return new SourceError(
      `reading bytes ${start} to ${end} of ${quote(this.path)}: found ${size} bytes in the file, expected ${this.size} as when it was opened`,
      { code: "file-changed", hint: "Another program is writing the file; open it again when that is done." },
    );
  }

  /** Closes the file; reads that are under way finish first. Closing twice does no harm. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#reads);
    await this.#handle.close();
  }

  /** Closes the file at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The system's error as ours; the message names the path and, in words, what was found. */
export function fileError(doing: string, path: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const systemCode = (error as { readonly code?: unknown } | null)?.code;
  const fault = typeof systemCode === "string" ? faults.get(systemCode) : undefined;
  return new SourceError(
    `${doing} ${quote(path)}: ${fault?.found ?? `the system says ${String(systemCode)}`}`,
    {
      code: fault?.code ?? "file-unreadable",
      hint: fault?.hint,
      cause: error,
    },
  );
}
