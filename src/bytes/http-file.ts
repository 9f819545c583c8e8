/** One file on a web server: found by a first request, then fetched by ranges, each checked to be of that same file. */

import { quote, SourceError } from "../errors.ts";
import { HttpClient, type HttpOptions } from "./http-client.ts";
import { answerFault, changedFault, Interruption } from "./http-failure.ts";
import { declaredByteLength, partOf, rangeHeader, takePart } from "./http-range.ts";
import { type ByteSource, checkRead } from "./source.ts";
import { fileNameOf, shownAddress } from "./web-address.ts";

/** How to open a file on a web server. */
export interface HttpFileOptions extends HttpOptions {
  /**
   * The longest file that is fetched as a whole and kept in memory, where the server gives no ranges, in bytes.
   * Default 1 GiB.
   */
  readonly maxWholeByteLength?: number;
}

/** Bytes that come with the first request: the headers of most files, and the whole of a small one. */
export const headByteLength: number = 64 * 2 ** 10;

/** A request that brings less than this has failed, unless it brings all that is wanted. */
const progressByteLength = 2 ** 20;

/** What tells one version of a file from another. */
interface Version {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What the first request found. */
interface Probe {
  readonly url: URL;
  readonly size: number;
  readonly head: Uint8Array;
  readonly version: Version;
}

/** A read under way: `bytes` are to hold the file from `start` on, and do so up to `end`. */
interface Filling {
  readonly bytes: Uint8Array;
  readonly start: number;
  end: number;
}

/**
 * A file on a web server, without any caching: a read beyond its first 64 KiB is a request, and several where answers
 * are cut short. Made by `HttpFile.open`.
 */
export class HttpFile implements ByteSource {
  readonly size: number;
  /** What the file is called on the server. */
  readonly name: string;
  /** The address without its secrets, for messages. */
  readonly address: string;
  readonly #client: HttpClient;
  readonly #version: Version;
  /** The first bytes; of a server that gives no ranges, all of them. */
  readonly #head: Uint8Array;
  /** Where the address leads: redirects are followed once. */
  #url: URL;

  private constructor(client: HttpClient, probe: Probe) {
    this.#client = client;
    this.#url = probe.url;
    this.#version = probe.version;
    this.#head = probe.head;
    this.size = probe.size;
    this.name = fileNameOf(client.url);
    this.address = shownAddress(client.url);
  }

  /**
   * Finds a file with one request, which brings its first 64 KiB. From a server that gives no ranges it fetches the
   * whole file.
   *
   * Throws: `UsageError` with code `"address"` or `"insecure-address"`; `SourceError`; the signal's reason.
   */
  static async open(
    address: string | URL,
    options: HttpFileOptions = {},
    signal?: AbortSignal,
  ): Promise<HttpFile> {
    const client = new HttpClient(address, options);
    const maxWhole = options.maxWholeByteLength ?? 2 ** 30;
    return new HttpFile(client, await client.persist(() => probe(client, maxWhole, signal), signal));
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    if (end <= this.#head.byteLength) return this.#head.subarray(start, end);
    const filling: Filling = {
      bytes: new Uint8Array(end - start),
      start,
      end: Math.max(start, this.#head.byteLength),
    };
    filling.bytes.set(this.#head.subarray(start));
    while (filling.end < end) {
      await this.#client.persist(() => this.#advance(filling, end, signal), signal);
    }
    return filling.bytes;
  }

  /** One request more for what is missing. Throws: `Interruption` when it brings too little; what it brought is kept. */
  async #advance(filling: Filling, end: number, signal: AbortSignal | undefined): Promise<void> {
    const before = filling.end;
    try {
      await this.#fetch(before, end, signal, (chunk) => {
        filling.bytes.set(chunk, filling.end - filling.start);
        filling.end += chunk.byteLength;
      });
      const found = filling.end - before;
      if (filling.end < end && found < progressByteLength) throw this.#trickle(found);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      const hasProgress = filling.end - before >= progressByteLength;
      throw new Interruption(error.fault, { waitMs: error.waitMs, hasProgress });
    }
  }

  /** Fetches what one request brings of the range. */
  async #fetch(
    start: number,
    end: number,
    signal: AbortSignal | undefined,
    take: (chunk: Uint8Array) => void,
  ): Promise<void> {
    const doing = `fetching bytes ${start} to ${end} of ${quote(this.address)}`;
    const request = { url: this.#url, headers: rangeHeader(start, end), doing, statuses: [416], signal };
    try {
      await this.#client.exchange(request, async (response, chunks) => {
        this.#checkVersion(response);
        const { status } = response;
        if (status === 416) throw changedFault(this.address, "a shorter file", `${this.size} bytes`);
        if (status === 200) throw this.#withoutRange(response);
        if (status !== 206) throw answerFault(doing, `status ${status}`, "status 206");
        const part = partOf(response, doing);
        if (part.size !== null) this.#checkSize(part.size);
        if (part.start !== start || part.end > end) {
          throw answerFault(doing, `bytes ${part.start} to ${part.end}`, `bytes ${start} to ${end}`);
        }
        await takePart(chunks, part, doing, take);
        if (response.redirected && response.url !== "") this.#url = new URL(response.url);
      });
    } catch (error) {
      const isGone = error instanceof SourceError && ["no-permission", "file-missing"].includes(error.code);
      if (!isGone || this.#url.href === this.#client.url.href) throw error;
      // Where a redirect leads may be valid for some minutes only; the address itself gives a fresh one.
      this.#url = this.#client.url;
      throw new Interruption(error);
    }
  }

  #checkVersion({ headers }: Response): void {
    const { etag, lastModified } = this.#version;
    const newEtag = headers.get("etag");
    if (etag !== null && newEtag !== null) {
      if (etag !== newEtag) throw changedFault(this.address, `ETag ${quote(newEtag)}`, `ETag ${quote(etag)}`);
      return;
    }
    // A second is a coarse clock, and servers that share a load may disagree on it: the ETag comes first.
    const time = headers.get("last-modified");
    if (lastModified !== null && time !== null && time !== lastModified) {
      throw changedFault(this.address, `the date ${quote(time)}`, `the date ${quote(lastModified)}`);
    }
  }

  #checkSize(size: number): void {
    if (size !== this.size) throw changedFault(this.address, `${size} bytes`, `${this.size} bytes`);
  }

  /** The failure of a server that gave ranges before, and now gives the whole file. */
  #withoutRange(response: Response): Interruption {
    const size = declaredByteLength(response);
    if (size !== null) this.#checkSize(size);
    return new Interruption(
      new SourceError(`reading ${quote(this.address)}: the server has stopped giving ranges of the file`, {
        code: "no-ranges",
        hint: "Download the file and open it from disk.",
      }),
    );
  }

  #trickle(found: number): Interruption {
    const doing = `reading ${quote(this.address)}`;
    return new Interruption(answerFault(doing, `${found} bytes of a range`, "all of it, or a MiB at a time"));
  }
}

/** The first request. */
async function probe(
  client: HttpClient,
  maxWholeByteLength: number,
  signal: AbortSignal | undefined,
): Promise<Probe> {
  const doing = `opening ${quote(shownAddress(client.url))}`;
  const request = {
    url: client.url,
    headers: rangeHeader(0, headByteLength),
    doing,
    statuses: [416],
    signal,
  };
  return client.exchange(request, async (response, chunks) => {
    const { headers, status } = response;
    const url = response.url === "" ? client.url : new URL(response.url);
    const version = { etag: headers.get("etag"), lastModified: headers.get("last-modified") };
    if (status === 200) {
      const head = await takeWhole(chunks, declaredByteLength(response), maxWholeByteLength, doing);
      return { url, version, head, size: head.byteLength };
    }
    if (status === 416) {
      // Every file but an empty one has a first byte.
      const said = headers.get("content-range") ?? "bytes */0";
      if (said === "bytes */0") return { url, version, head: new Uint8Array(0), size: 0 };
      throw answerFault(doing, `no bytes of ${quote(said)}`, "the first ones");
    }
    if (status !== 206) throw answerFault(doing, `status ${status}`, "status 200 or 206");
    const part = partOf(response, doing);
    if (part.start !== 0 || part.end > headByteLength) {
      throw answerFault(doing, `bytes ${part.start} to ${part.end}`, `bytes 0 to ${headByteLength}`);
    }
    if (part.size === null) throw answerFault(doing, "a file of unknown size", "its size in Content-Range");
    const head = new Uint8Array(part.end);
    let at = 0;
    await takePart(chunks, part, doing, (chunk) => {
      head.set(chunk, at);
      at += chunk.byteLength;
    });
    return { url, version, head, size: part.size };
  });
}

/** The body of a server that gives no ranges: the whole file, of `declared` bytes if that is known. */
async function takeWhole(
  chunks: AsyncIterable<Uint8Array>,
  declared: number | null,
  maxByteLength: number,
  doing: string,
): Promise<Uint8Array> {
  const tooLong = (found: string): SourceError =>
    new SourceError(
      `${doing}: the server gives no ranges of a file, and the whole has ${found} bytes, expected at most ${maxByteLength}`,
      { code: "no-ranges", hint: "Download the file and open it from disk." },
    );
  if (declared !== null && declared > maxByteLength) throw tooLong(String(declared));
  const pieces: Uint8Array[] = [];
  let byteLength = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    byteLength += chunk.byteLength;
    if (byteLength > maxByteLength) throw tooLong("more");
  }
  const whole = new Uint8Array(byteLength);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
