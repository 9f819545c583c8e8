/** A file at an `https://` address as a source: few requests, made by reading ahead, joining and caching. */

import { CachedSource } from "./cached-source.ts";
import { CoalescedSource } from "./coalesced-source.ts";
import { headByteLength, HttpFile, type HttpFileOptions } from "./http-file.ts";
import { type ByteSource, checkRead } from "./source.ts";

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

/** Bytes fetched behind what is read, as they are often wanted next: the small records behind a zip's pickle. */
const aheadByteLength = 4096;

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

  constructor(file: HttpFile) {
    this.size = file.size;
    this.name = file.name;
    this.address = file.address;
    this.#requests = new TurnSource(file);
    this.#pages = new CachedSource(this.#requests, { pageByteLength, maxByteLength: cacheByteLength });
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    if (end - start > keptByteLength) return this.#requests.read(start, end, signal);
    const isInHead = end <= headByteLength;
    const isNearEnd = !isInHead && end > this.size - endByteLength;
    const from = isNearEnd ? Math.min(start, Math.max(0, this.size - tailByteLength)) : start;
    const until = isInHead ? end : Math.min(this.size, end + aheadByteLength);
    const bytes = await this.#pages.read(from, until, signal);
    return bytes.subarray(start - from, end - from);
  }
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
