/**
 * Pickles that stand one after another in a file, where only reading one tells how long it is. Bytes are fetched as
 * far as each turns out to need, and what lies between the pickles is passed over.
 */

import type { ByteSource } from "../bytes/source.ts";
import { FormatError, LimitError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { unpickle } from "../pickle/machine.ts";
import type { Unpickled } from "../pickle/machine.ts";

/** Bytes fetched for a pickle before its length is known: the whole structure of most files. */
const firstByteLength = 64 * 2 ** 10;

/** How much more is fetched each time; what was parsed in vain then is a third of the work at most. */
const growth = 4;

/** How a stream is read. */
export interface PickleStreamOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads pickles of a source in order, or from wherever it is told to go on.
 *
 * @example
 * const stream = new PickleStream(source, { limits });
 * const { value } = await stream.next();
 * stream.position; // the byte after the pickle
 */
export class PickleStream {
  /** The byte of the source at which the next pickle starts. Set it to pass over bytes. */
  position = 0;
  readonly #source: ByteSource;
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  /** The bytes of the source from `#start` on that have been fetched. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(source: ByteSource, options: PickleStreamOptions) {
    this.#source = source;
    this.#limits = options.limits;
    this.#signal = options.signal;
  }

  /**
   * The pickle at `position`, which then is the byte after it.
   *
   * Throws: `FormatError` when it is damaged or the source ends before it does; `LimitError` when it is longer than
   * `limits.pickleBytes`; what the source throws.
   */
  async next(): Promise<Unpickled> {
    const { pickleBytes } = this.#limits;
    const most = Math.min(this.#source.size, this.position + pickleBytes);
    this.#enter();
    for (;;) {
      try {
        const start = this.position - this.#start;
        const bytes = this.#bytes.subarray(0, most - this.#start);
        const unpickled = unpickle(bytes, { start, limits: this.#limits });
        this.position = this.#start + unpickled.end;
        return unpickled;
      } catch (error) {
        if (!(error instanceof FormatError) || error.code !== "pickle-truncated") throw error;
        if (this.#end < most) {
          const byteLength = Math.max(firstByteLength, growth * (this.#end - this.position));
          await this.#fetch(Math.min(most, this.position + byteLength));
        } else if (most < this.#source.size) {
          throw new LimitError(`reading a pickle: it has more than ${pickleBytes} bytes`, {
            code: "pickle-bytes",
            hint: "If you trust the file, raise limits.pickleBytes.",
          });
        } else {
          throw error;
        }
      }
    }
  }

  /**
   * The next `byteLength` bytes, which are no pickle, passing over them.
   *
   * Throws: `FormatError` with code `"pickle-stream"` when fewer are left.
   */
  async take(byteLength: number): Promise<DataView> {
    const start = this.position;
    const end = start + byteLength;
    if (end > this.#source.size) {
      throw new FormatError(
        `reading what follows a pickle: ${byteLength} bytes wanted at offset ${start}, ${this.#source.size - start} are left`,
        { code: "pickle-stream", hint: "The file is incomplete or damaged; fetch it again." },
      );
    }
    this.#enter();
    if (end > this.#end)
      await this.#fetch(Math.min(this.#source.size, Math.max(end, start + firstByteLength)));
    this.position = end;
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start - this.#start, byteLength);
  }

  /** Drops the fetched bytes when the present position is not among them. */
  #enter(): void {
    if (this.position >= this.#start && this.position <= this.#end) return;
    this.#bytes = new Uint8Array(0);
    this.#start = this.position;
  }

  /** The byte after the last that has been fetched. */
  get #end(): number {
    return this.#start + this.#bytes.length;
  }

  /** Fetches the bytes up to `end` that are not there yet, and forgets those before the present position. */
  async #fetch(end: number): Promise<void> {
    const more = await this.#source.read(this.#end, end, this.#signal);
    const kept = this.#bytes.subarray(this.position - this.#start);
    const bytes = new Uint8Array(kept.length + more.length);
    bytes.set(kept);
    bytes.set(more, kept.length);
    this.#bytes = bytes;
    this.#start = this.position;
  }
}
