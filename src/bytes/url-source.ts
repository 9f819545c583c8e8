/** A file at an `https://` address as a source: few requests, made by reading ahead, joining and caching. */

import { CachedSource } from "./cached-source.ts";
import { CoalescedSource } from "./coalesced-source.ts";
import { headByteLength, HttpFile, type HttpFileOptions } from "./http-file.ts";
import { ReadAheadSource } from "./read-ahead-source.ts";
import type { ByteSource } from "./source.ts";

/** How to open an address. */
export interface UrlOptions extends HttpFileOptions {
  /** Gives up opening; each read has a signal of its own. */
  readonly signal?: AbortSignal | undefined;
}

/** What is fetched at least: a request costs about as long as 64 KiB take. */
const pageByteLength = 64 * 2 ** 10;

/** Pages kept: a header and some directories, not the weights. */
const cacheByteLength = 4 * 2 ** 20;

/** A longer read is not kept. */
const keptByteLength = 2 ** 20;

/** Reads of one turn that lie within a page of each other are one request, up to as long as the pickle of 90 000 tensors. */
const joinedByteLength = 32 * 2 ** 20;

/**
 * Bytes fetched around what is read, as they are often wanted next: the small records of a torch.save file lie behind its pickle
 * and before the zip's directory.
 */
const marginByteLength = 4096;

/** Margins of long reads that are kept. */
const keptMargins = 4;

/** A read that ends here wants a zip's directory, which lies before the end and rarely needs more than the tail. */
const endByteLength = 32 * 2 ** 10;
const tailByteLength = 256 * 2 ** 10;

/**
 * Opens a file at a web address: public, or pre-signed by an object store. One request, which brings the first 64 KiB.
 *
 * Redirects are followed; failures that may pass are tried again; every answer is checked to be of the same version of
 * the file, by its ETag, else its date, and its size. From a server that gives no ranges the whole file is fetched.
 *
 * Throws: `UsageError` with code `"address"` or `"insecure-address"` (`http://` beyond this machine, unless
 * `allowHttp`); `SourceError` with code `"file-missing"`, `"no-permission"`, `"http-status"`, `"http-busy"`,
 * `"http-response"`, `"no-ranges"`, `"host-unknown"`, `"connection-refused"`, `"connection-failed"`, `"certificate"`,
 * `"redirect-loop"`, `"insecure-address"` (after a redirect) or `"timed-out"`; the signal's reason.
 *
 * @example
 * const source = await openUrl("https://example.com/model.safetensors");
 * const catalog = await open(source, { name: source.name });
 */
export async function openUrl(address: string | URL, options: UrlOptions = {}): Promise<UrlSource> {
  return new UrlSource(await HttpFile.open(address, options, options.signal));
}

/**
 * A file at a web address; made by `openUrl`. Nothing has to be closed. Reading throws `SourceError` as opening does,
 * and with code `"file-changed"` when the file is not the one that was opened.
 */
export class UrlSource implements ByteSource {
  readonly size: number;
  /** What the file is called: the last part of the address's path. */
  readonly name: string;
  /** The address without its secrets, for messages. */
  readonly address: string;
  readonly #requests: ByteSource;
  readonly #pages: CachedSource;
  readonly #ahead: ReadAheadSource;
  /** What lies around the long reads, which are not kept themselves; the newest last. */
  readonly #margins: Margin[] = [];

  constructor(file: HttpFile) {
    this.size = file.size;
    this.name = file.name;
    this.address = file.address;
    this.#requests = new TurnSource(file);
    this.#pages = new CachedSource(this.#requests, { pageByteLength, maxByteLength: cacheByteLength });
    const read: ByteSource["read"] = (start, end, signal) => this.#fetch(start, end, signal);
    this.#ahead = new ReadAheadSource({ size: this.size, read });
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#ahead.read(start, end, signal);
  }

  async #fetch(start: number, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (end <= headByteLength) return this.#pages.read(start, end, signal);
    const margin = this.#margins.find(
      (known) => known.start <= start && end <= known.start + known.bytes.length,
    );
    if (margin !== undefined) return margin.bytes.subarray(start - margin.start, end - margin.start);

    const isNearEnd = end >= this.size - endByteLength;
    const from = Math.max(
      0,
      isNearEnd ? Math.min(start - marginByteLength, this.size - tailByteLength) : start,
    );
    const until = Math.min(this.size, end + marginByteLength);
    const isKept = end - start <= keptByteLength;
    const bytes = await (isKept ? this.#pages : this.#requests).read(from, until, signal);
    if (!isKept) {
      this.#keepMargin(from, bytes.subarray(0, start - from));
      this.#keepMargin(end, bytes.subarray(end - from));
    }
    return bytes.subarray(start - from, end - from);
  }

  #keepMargin(start: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#margins.push({ start, bytes: bytes.slice() });
    if (this.#margins.length > keptMargins) this.#margins.shift();
  }
}

/** Bytes around a long read, from `start` on. */
interface Margin {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * Joins the reads that are asked for in one turn of the event loop, not only in one tick: some of a format's reads
 * come a few steps after the others, and waiting for them costs nothing beside a request.
 */
class TurnSource implements ByteSource {
  readonly size: number;
  readonly #file: HttpFile;
  readonly #joined: CoalescedSource;
  #turn: Promise<void> | null = null;

  constructor(file: HttpFile) {
    this.size = file.size;
    this.#file = file;
    this.#joined = new CoalescedSource(file, { maxGap: pageByteLength, maxByteLength: joinedByteLength });
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (end <= headByteLength) return this.#file.read(start, end, signal);
    await this.#endOfTurn();
    return this.#joined.read(start, end, signal);
  }

  #endOfTurn(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#turn = null;
        resolve();
      }, 0);
    });
    return this.#turn;
  }
}
