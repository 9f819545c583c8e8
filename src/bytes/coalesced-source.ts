/** Reads that are asked for together and lie close together, done as one. */

import { SharedTask } from "./shared-task.ts";
import { type ByteSource, checkRead } from "./source.ts";

/** How far reads may lie apart to be done as one. */
export interface CoalesceOptions {
  /** Bytes between two reads that are worth fetching to save a request. Default 4 KiB; for a network, take 64 KiB. */
  readonly maxGap?: number;
  /** Bytes beyond which reads are not joined any further. Default 8 MiB. A longer single read passes unchanged. */
  readonly maxByteLength?: number;
}

interface Request {
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (bytes: Promise<Uint8Array>) => void;
}

/**
 * Joins the reads asked for in one tick: those that overlap, touch or lie within `maxGap` of each other become one
 * read of the source beneath. Results may share memory.
 */
export class CoalescedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #maxGap: number;
  readonly #maxByteLength: number;
  #waiting: Request[] = [];

  constructor(source: ByteSource, options: CoalesceOptions = {}) {
    this.#source = source;
    this.size = source.size;
    this.#maxGap = options.maxGap ?? 4096;
    this.#maxByteLength = options.maxByteLength ?? 8 * 2 ** 20;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    checkRead(this.size, start, end, signal);
    return new Promise<Uint8Array>((resolve) => {
      if (this.#waiting.length === 0) queueMicrotask(() => this.#send());
      this.#waiting.push({ start, end, signal, resolve });
    });
  }

  #send(): void {
    const requests: Request[] = [];
    for (const request of this.#waiting) {
      if (request.signal?.aborted === true) request.resolve(Promise.reject(request.signal.reason));
      else requests.push(request);
    }
    this.#waiting = [];
    requests.sort((a, b) => a.start - b.start || a.end - b.end);
    let group: Request[] = [];
    let groupEnd = 0;
    for (const request of requests) {
      const first = group[0];
      const end = Math.max(groupEnd, request.end);
      if (
        first !== undefined &&
        (request.start > groupEnd + this.#maxGap || end - first.start > this.#maxByteLength)
      ) {
        this.#fetch(group, groupEnd);
        group = [];
        groupEnd = request.end;
      } else {
        groupEnd = end;
      }
      group.push(request);
    }
    if (group.length > 0) this.#fetch(group, groupEnd);
  }

  #fetch(group: readonly Request[], end: number): void {
    const start = group[0]!.start;
    const task = new SharedTask((signal) => this.#source.read(start, end, signal));
    for (const request of group) {
      const bytes = task.join(request.signal);
      request.resolve(bytes.then((all) => all.subarray(request.start - start, request.end - start)));
    }
  }
}
