/** The interface of a file format, and what a format gets to see of a file that may be one of its own. */

import { CoalescedSource } from "../bytes/coalesced-source.ts";
import type { Folder } from "../bytes/folder.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Zip } from "../bytes/zip.ts";
import { openZip } from "../bytes/zip.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Limits } from "../limits.ts";

/** A format this package opens. The list of them, in the order in which they are asked, is in `index.ts`. */
export interface Format {
  /** Its name in a report: `"torch-zip"`. */
  readonly name: string;
  /** Whether the file says that it is of this format. What is damaged inside is for `open` to find. */
  claims(candidate: Candidate): boolean | Promise<boolean>;
  /** Opens a file that it claims; reads no weights. */
  open(candidate: Candidate): Promise<Catalog>;
}

/** How a file is to be opened. */
export interface CandidateOptions {
  /** The file's name, where it has one: a hint in messages, never a proof of a format. */
  readonly name?: string | undefined;
  /** The files beside it, for checkpoints of several. */
  readonly folder?: Folder | undefined;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes read before any format is asked: all magic numbers, and most headers of small files. */
const headBytes = 512;

/** A file that is asked what it is. Its first bytes are read once, and its zip directory at most once. */
export class Candidate {
  readonly source: ByteSource;
  /** The first 512 bytes, or all there are. */
  readonly head: Uint8Array;
  readonly name: string | undefined;
  /** The folder that the file lies in, by names relative to the file; undefined where it is not known. */
  readonly folder: Folder | undefined;
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
  #zip: Promise<Zip> | undefined;

  private constructor(source: ByteSource, head: Uint8Array, options: CandidateOptions) {
    this.source = source;
    this.head = head;
    this.name = options.name;
    this.folder = options.folder;
    this.limits = options.limits;
    this.signal = options.signal;
    this.#zip = undefined;
  }

  /** Reads the first bytes of a source. */
  static async of(source: ByteSource, options: CandidateOptions): Promise<Candidate> {
    const head = await source.read(0, Math.min(headBytes, source.size), options.signal);
    return new Candidate(source, head, options);
  }

  /** Whether the file has these bytes, one a character, at its start or at `at`, within the head. */
  startsWith(magic: string, at: number = 0): boolean {
    for (let i = 0; i < magic.length; i += 1) if (this.head[at + i] !== magic.charCodeAt(i)) return false;
    return true;
  }

  /** Whether it starts as a zip does. PyTorch too decides by these four bytes. */
  get isZip(): boolean {
    return this.startsWith("PK\x03\x04");
  }

  /** The zip's directory; every caller gets the same one, or the same error. */
  zip(): Promise<Zip> {
    // Small records that lie side by side are asked for together and come with one read.
    this.#zip ??= openZip(new CoalescedSource(this.source), this.limits, this.signal);
    return this.#zip;
  }
}
