/** The most recently used pages of a slow source, kept in memory. */

import { SharedTask } from "./shared-task.ts";
import { type ByteSource, checkRead } from "./source.ts";

/** How much a cached source keeps. */
export interface CacheOptions {
  /** Bytes of a page; pages start at multiples of it. Default 64 KiB. */
  readonly pageByteLength?: number;
  /** Bytes kept at most, and the longest read that is cached at all. Default 16 MiB. */
  readonly maxByteLength?: number;
}

/** A page: being fetched, alone or with its neighbours, or there. */
type Page = { readonly fetch: SharedTask<Uint8Array>; readonly fetchStart: number } | Uint8Array;

/**
 * Reads whole pages and keeps the ones used last. Missing pages that lie side by side are fetched in one read, two
 * readers of a page share its fetch, and a fetch that failed or was given up is forgotten. A read longer than the
 * whole cache passes through.
 */
export class CachedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #pageByteLength: number;
  readonly #maxByteLength: number;
  /** Least recently used first: a Map keeps the order in which keys were set. */
  readonly #pages = new Map<number, Page>();

  constructor(source: ByteSource, options: CacheOptions = {}) {
    this.#source = source;
    this.size = source.size;
    this.#pageByteLength = options.pageByteLength ?? 2 ** 16;
    this.#maxByteLength = options.maxByteLength ?? 16 * 2 ** 20;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    if (end - start > this.#maxByteLength) return this.#source.read(start, end, signal);
    if (start === end) return new Uint8Array(0);
    const first = Math.floor(start / this.#pageByteLength);
    const last = Math.floor((end - 1) / this.#pageByteLength);
    const wanted = this.#request(first, last);
    if (wanted.length === 1) {
      const page = await this.#bytesOf(first, wanted[0]!, signal);
      return page.subarray(start - first * this.#pageByteLength, end - first * this.#pageByteLength);
    }
    const result = new Uint8Array(end - start);
    const pages = await Promise.all(wanted.map((page, i) => this.#bytesOf(first + i, page, signal)));
    for (const [i, page] of pages.entries()) {
      const pageStart = (first + i) * this.#pageByteLength;
      const from = Math.max(start, pageStart);
      const until = Math.min(end, pageStart + page.byteLength);
      result.set(page.subarray(from - pageStart, until - pageStart), from - start);
    }
    return result;
  }

  /** The pages `first` to `last`, marked as used; starts to fetch the runs of them that are missing. */
  #request(first: number, last: number): Page[] {
    for (let index = first; index <= last; index++) {
      if (this.#pages.has(index)) continue;
      let until = index + 1;
      while (until <= last && !this.#pages.has(until)) until += 1;
      this.#fetch(index, until);
    }
    const wanted: Page[] = [];
    for (let index = first; index <= last; index++) {
      const page = this.#pages.get(index)!;
      this.#pages.delete(index);
      this.#pages.set(index, page);
      wanted.push(page);
    }
    this.#evict();
    return wanted;
  }

  #fetch(first: number, until: number): void {
    const start = first * this.#pageByteLength;
    const end = Math.min(this.size, until * this.#pageByteLength);
    const forget = (): void => {
      for (let index = first; index < until; index++) {
        if (this.#pages.get(index) === page) this.#pages.delete(index);
      }
    };
    const fetch = new SharedTask(async (signal) => {
      try {
        const bytes = await this.#source.read(start, end, signal);
        this.#keep(first, until, page, bytes);
        return bytes;
      } catch (error) {
        forget();
        throw error;
      }
    }, forget);
    const page: Page = { fetch, fetchStart: start };
    for (let index = first; index < until; index++) this.#pages.set(index, page);
  }

  /** Replaces the pages that still wait for a fetch by its bytes, each on its own so that one does not hold the rest. */
  #keep(first: number, until: number, page: Page, bytes: Uint8Array): void {
    for (let index = first; index < until; index++) {
      if (this.#pages.get(index) !== page) continue;
      const at = (index - first) * this.#pageByteLength;
      this.#pages.set(index, bytes.slice(at, at + this.#pageByteLength));
    }
  }

  async #bytesOf(index: number, page: Page, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (page instanceof Uint8Array) return page;
    const bytes = await page.fetch.join(signal);
    const at = index * this.#pageByteLength - page.fetchStart;
    return bytes.subarray(at, at + this.#pageByteLength);
  }

  #evict(): void {
    const room = Math.max(1, Math.floor(this.#maxByteLength / this.#pageByteLength));
    for (const index of this.#pages.keys()) {
      if (this.#pages.size <= room) return;
      this.#pages.delete(index);
    }
  }
}
