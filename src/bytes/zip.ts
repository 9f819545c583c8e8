/**
 * A zip for reading: its records by name, and the bytes of each as a source. Only the end of the file is read to open
 * it; nothing is ever unpacked to a disk, and names are looked up, never followed.
 *
 * `zip-end.ts` finds the directory, `zip-directory.ts` reads it, `zip-entry.ts` knows one record.
 */

import { LimitError, quote, UsageError } from "../errors.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import { CoalescedSource } from "./coalesced-source.ts";
import { crc32 } from "./crc32.ts";
import { inflate } from "./inflate.ts";
import { SharedTask } from "./shared-task.ts";
import { SliceSource } from "./slice-source.ts";
import { type ByteSource, checkRead } from "./source.ts";
import { readZipDirectory } from "./zip-directory.ts";
import { findZipEnd, type ZipEnd } from "./zip-end.ts";
import { localHeaderByteLength, type ZipEntry, zipDataStart } from "./zip-entry.ts";

export type { ZipEntry, ZipMethod } from "./zip-entry.ts";

/** What comparing a record with its checksum says; `"unchecked"` when it is zero, which is how none is written. */
export type Verdict = "match" | "mismatch" | "unchecked";

/** A read from the start of a record up to this many bytes takes the local header along in the same request. */
const jointByteLength = 256 * 2 ** 10;

/** What a joint read allows for extra fields: PyTorch's padding, up to an alignment of 4096. */
const jointSlack = 4096 + 64;

/** Local headers asked for at a time. */
const headersAtOnce = 256;

/** Bytes of a record taken at a time to compute its checksum. */
const verifyByteLength = 2 ** 20;

/**
 * Opens the zip that fills `source`. Reads its last 32 KiB, and what of the directory lies before them.
 *
 * A prefix before the archive and bytes behind it are passed over, and counted. Refused, each with its own code, is
 * what is damaged or would be read differently by different programs: see `findZipEnd` and `readZipDirectory`.
 *
 * Throws: `FormatError` with a code that begins with `"zip-"`, or `"number-too-large"`; `LimitError`; what the source throws.
 *
 * @example
 * const zip = await openZip(source);
 * zip.entries.map((entry) => entry.name); // ["model/data.pkl", "model/byteorder", …]
 * await zip.read(zip.entries[0]!); // the bytes of the pickle
 */
export async function openZip(
  source: ByteSource,
  limits: Limits = defaultLimits,
  signal?: AbortSignal,
): Promise<Zip> {
  const end = await findZipEnd(source, signal);
  return new Zip(end, await readZipDirectory(end, limits, signal), limits);
}

/** An open zip; made by `openZip`. It holds no file open: closing the source is its owner's business. */
export class Zip {
  /** The records, in the directory's order. */
  readonly entries: readonly ZipEntry[];
  /** Bytes before the archive. PyTorch refuses a file that has some. */
  readonly prefixByteLength: number;
  /** Bytes after the archive. PyTorch passes over them. */
  readonly trailingByteLength: number;
  /** Whether checksums were written: PyTorch can leave them out, and then writes zeros. */
  readonly hasChecksums: boolean;
  readonly #source: ByteSource;
  readonly #limits: Limits;
  readonly #byName: ReadonlyMap<string, ZipEntry>;
  /** Where each record's bytes start, by index; -1 where its local header has not been read. */
  readonly #dataStarts: Float64Array;
  /** Inflated records, least recently used first. */
  readonly #inflated = new Map<ZipEntry, SharedTask<Uint8Array>>();

  constructor(end: ZipEnd, byName: ReadonlyMap<string, ZipEntry>, limits: Limits) {
    this.entries = [...byName.values()];
    this.prefixByteLength = end.prefixByteLength;
    this.trailingByteLength = end.trailingByteLength;
    this.hasChecksums =
      this.entries.every((entry) => entry.byteLength === 0) ||
      this.entries.some((entry) => entry.crc32 !== 0);
    this.#source = end.source;
    this.#limits = limits;
    this.#byName = byName;
    this.#dataStarts = new Float64Array(byName.size).fill(-1);
  }

  /** The record of that name, letter for letter, or undefined. */
  get(name: string): ZipEntry | undefined {
    return this.#byName.get(name);
  }

  /**
   * A record's bytes as a source. Opening reads nothing. A stored record is read by range; a deflated one is inflated
   * as a whole at the first read and kept while there is room (`limits.gatherBytes` in all, but always the last one).
   *
   * Reading throws: `FormatError` when the local header contradicts the directory or the data do not inflate to the
   * declared size; `LimitError` with code `"inflated-bytes"`; what the source throws.
   */
  open(entry: ZipEntry): ByteSource {
    this.#checkOwn(entry);
    const read =
      entry.method === "stored"
        ? (start: number, end: number, signal?: AbortSignal) => this.#readStored(entry, start, end, signal)
        : async (start: number, end: number, signal?: AbortSignal) =>
            (await this.#inflate(entry, signal)).subarray(start, end);
    return {
      size: entry.byteLength,
      async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
        checkRead(entry.byteLength, start, end, signal);
        return read(start, end, signal);
      },
    };
  }

  /** All bytes of a record. A small stored one takes one request, its local header included. */
  async read(entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array> {
    return this.open(entry).read(0, entry.byteLength, signal);
  }

  /**
   * Where the bytes of records start in the source, in the order asked for; a stored record's bytes lie there as they
   * are. Local headers that are close together are read in one request, and each once.
   *
   * Throws: as reading a record does.
   */
  async locate(entries: readonly ZipEntry[], signal?: AbortSignal): Promise<number[]> {
    const headers = new CoalescedSource(this.#source);
    for (const entry of entries) this.#checkOwn(entry);
    const unknown = entries.filter((entry) => this.#dataStarts[entry.index] === -1);
    for (let i = 0; i < unknown.length; i += headersAtOnce) {
      await Promise.all(
        unknown.slice(i, i + headersAtOnce).map((entry) => this.#dataStart(entry, signal, headers)),
      );
    }
    return entries.map((entry) => this.#dataStarts[entry.index]!);
  }

  /** Reads a record and compares it with its checksum. PyTorch does not, so a mismatch is worth a warning only. */
  async verify(entry: ZipEntry, signal?: AbortSignal): Promise<Verdict> {
    if (entry.crc32 === 0 && entry.byteLength > 0) return "unchecked";
    const source = this.open(entry);
    let checksum = 0;
    for (let start = 0; start < source.size; start += verifyByteLength) {
      const end = Math.min(source.size, start + verifyByteLength);
      checksum = crc32(await source.read(start, end, signal), checksum);
    }
    return checksum === entry.crc32 ? "match" : "mismatch";
  }

  #checkOwn(entry: ZipEntry): void {
    if (this.entries[entry.index] === entry) return;
    throw new UsageError(`reading the zip record ${quote(entry.name)}: found an entry of another archive`, {
      code: "foreign-entry",
    });
  }

  async #readStored(entry: ZipEntry, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (start === 0 && end <= jointByteLength && this.#dataStarts[entry.index] === -1) {
      return this.#readJoint(entry, end, signal);
    }
    const dataStart = await this.#dataStart(entry, signal);
    return this.#source.read(dataStart + start, dataStart + end, signal);
  }

  /** Reads the local header and the record's first `end` bytes in one request, if the extra field is as small as usual. */
  async #readJoint(entry: ZipEntry, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    const { headerStart } = entry;
    const leastEnd = headerStart + localHeaderByteLength + entry.nameByteLength + end;
    const bytes = await this.#source.read(headerStart, Math.min(entry.limit, leastEnd + jointSlack), signal);
    const dataStart = zipDataStart(bytes, entry);
    this.#dataStarts[entry.index] = dataStart;
    const at = dataStart - headerStart;
    if (at + end <= bytes.byteLength) return bytes.subarray(at, at + end);
    return this.#source.read(dataStart, dataStart + end, signal);
  }

  /** Where a record's bytes start; its local header is read from `headers` the first time. */
  async #dataStart(
    entry: ZipEntry,
    signal?: AbortSignal,
    headers: ByteSource = this.#source,
  ): Promise<number> {
    const known = this.#dataStarts[entry.index]!;
    if (known !== -1) return known;
    const end = entry.headerStart + localHeaderByteLength + entry.nameByteLength;
    const dataStart = zipDataStart(await headers.read(entry.headerStart, end, signal), entry);
    this.#dataStarts[entry.index] = dataStart;
    return dataStart;
  }

  #inflate(entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array> {
    const known = this.#inflated.get(entry);
    if (known !== undefined) {
      this.#inflated.delete(entry);
      this.#inflated.set(entry, known);
      return known.join(signal);
    }
    const forget = (): void => {
      if (this.#inflated.get(entry) === task) this.#inflated.delete(entry);
    };
    const task: SharedTask<Uint8Array> = new SharedTask(async (signal) => {
      try {
        return await this.#inflateNow(entry, signal);
      } catch (error) {
        forget();
        throw error;
      }
    }, forget);
    this.#inflated.set(entry, task);
    this.#evict();
    return task.join(signal);
  }

  async #inflateNow(entry: ZipEntry, signal: AbortSignal): Promise<Uint8Array> {
    const what = `the zip record ${quote(entry.name)}`;
    if (entry.byteLength > this.#limits.inflatedBytes) {
      throw new LimitError(
        `inflating ${what}: found ${entry.byteLength} bytes declared, expected at most ${this.#limits.inflatedBytes}`,
        { code: "inflated-bytes", hint: "If you trust the file, raise the limit inflatedBytes." },
      );
    }
    const start = await this.#dataStart(entry, signal);
    const deflated = new SliceSource(this.#source, start, start + entry.storedByteLength);
    return inflate(deflated, entry.byteLength, what, signal);
  }

  #evict(): void {
    let total = 0;
    for (const entry of this.#inflated.keys()) total += entry.byteLength;
    for (const entry of this.#inflated.keys()) {
      if (total <= this.#limits.gatherBytes || this.#inflated.size === 1) return;
      this.#inflated.delete(entry);
      total -= entry.byteLength;
    }
  }
}
