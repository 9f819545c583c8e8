/**
 * Where written bytes go, and the one in memory. A sink makes nothing visible before `commit`: whatever happens until
 * then, the target is what it was.
 */

import { UsageError } from "../errors.ts";
import { MemorySource } from "./memory-source.ts";
import type { ByteSource } from "./source.ts";

/**
 * A file being written, front to back. The order of calls is: `write` any number of times, `finish`, then `commit` or
 * `discard`.
 */
export interface Sink {
  /** Appends bytes. They may be changed again when the promise has resolved. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the writing, makes it durable where there is something to be durable on, and gives it for checking. */
  finish(): Promise<ByteSource>;
  /** Makes what was written the target, at once and as a whole. */
  commit(): Promise<void>;
  /** Gives up: nothing of what was written remains. Does nothing after `commit`, or a second time. */
  discard(): Promise<void>;
}

/** A file that was there before. */
export interface OldFile {
  readonly name: string;
  /** Takes it away. */
  remove(): Promise<void>;
}

/** A folder that files are written to, for checkpoints of several. */
export interface SinkFolder {
  /** Starts a file of that name in the folder. */
  create(name: string): Promise<Sink>;
  /**
   * The complete files that are there under names that are meant.
   *
   * Throws: `UsageError` for one that may not be replaced.
   */
  old(isMeant: (name: string) => boolean): Promise<readonly OldFile[]>;
}

/**
 * A sink in memory.
 *
 * @example
 * const sink = new MemorySink();
 * await sink.write(new Uint8Array([1, 2]));
 * await sink.finish();
 * await sink.commit();
 * sink.bytes; // Uint8Array [1, 2]
 */
export class MemorySink implements Sink {
  #pieces: Uint8Array[] = [];
  #whole: Uint8Array<ArrayBuffer> | undefined;
  #isCommitted = false;
  readonly #onCommit: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;

  /** `onCommit` is given the bytes when they are complete. */
  constructor(onCommit?: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#onCommit = onCommit;
  }

  /** What was written. Throws: `UsageError` before `commit`. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#whole !== undefined && this.#isCommitted) return this.#whole;
    throw new UsageError("reading what was written to memory: it is not complete yet", {
      code: "sink-open",
      hint: "Wait for the promise of the call that writes.",
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes.slice());
    return Promise.resolve();
  }

  finish(): Promise<ByteSource> {
    const byteLength = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    const whole = new Uint8Array(byteLength);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#whole = whole;
    return Promise.resolve(new MemorySource(whole));
  }

  commit(): Promise<void> {
    this.#isCommitted = true;
    this.#onCommit?.(this.bytes);
    return Promise.resolve();
  }

  discard(): Promise<void> {
    if (!this.#isCommitted) {
      this.#pieces = [];
      this.#whole = undefined;
    }
    return Promise.resolve();
  }
}

/** A folder in memory: what was committed, by name. */
export class MemoryFolder implements SinkFolder {
  readonly #files: Map<string, Uint8Array<ArrayBuffer>> = new Map();

  create(name: string): Promise<MemorySink> {
    return Promise.resolve(new MemorySink((bytes) => this.#files.set(name, bytes)));
  }

  old(isMeant: (name: string) => boolean): Promise<readonly OldFile[]> {
    const remove = (name: string): Promise<void> => {
      this.#files.delete(name);
      return Promise.resolve();
    };
    const names = [...this.#files.keys()].filter(isMeant);
    return Promise.resolve(names.map((name) => ({ name, remove: () => remove(name) })));
  }

  /** The bytes of every file by name, in the order in which they were completed. */
  get files(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
    return this.#files;
  }
}
