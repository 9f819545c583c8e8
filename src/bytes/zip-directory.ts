/** The central directory of a zip: reading its records, and refusing what different programs would read differently. */

import { FormatError, LimitError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { Cursor } from "./cursor.ts";
import type { ZipEnd } from "./zip-end.ts";
import { localHeaderByteLength, refuseEncryption, type ZipEntry, zipMethod, zipName } from "./zip-entry.ts";

const entryByteLength = 46;
const entrySignature = 0x02014b50;
const zip64ExtraId = 1;

/** An entry while its limit is not known yet. */
type Draft = { -readonly [Key in keyof ZipEntry]: ZipEntry[Key] };

/**
 * Reads the directory that `end` points to: its entries by name, in order. One read, and none if the tail holds it.
 *
 * Throws: `LimitError` with code `"zip-entries"` or `"zip-directory-bytes"`; `FormatError` with code `"zip-count"`,
 * `"zip-directory"`, `"zip-zip64"`, `"zip-name"`, `"zip-encrypted"`, `"zip-multi-disk"`, `"zip-method"`,
 * `"zip-size-mismatch"`, `"zip-entry-range"`, `"zip-duplicate-name"`, `"zip-overlap"` or
 * `"number-too-large"`.
 */
export async function readZipDirectory(
  end: ZipEnd,
  limits: Limits,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ZipEntry>> {
  const byteLength = end.directoryEnd - end.directoryStart;
  if (end.entryCount * entryByteLength > byteLength) {
    throw wrongCount(end, `its ${byteLength} bytes hold ${Math.floor(byteLength / entryByteLength)} at most`);
  }
  refuseBeyond(end.entryCount, limits.zipEntries, "entries", "zipEntries", "zip-entries");
  refuseBeyond(byteLength, limits.zipDirectoryBytes, "bytes", "zipDirectoryBytes", "zip-directory-bytes");
  const bytes = await end.source.read(end.directoryStart, end.directoryEnd, signal);
  const directory = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, Draft>();
  let at = 0;
  while (at < byteLength) {
    if (entries.size === end.entryCount) {
      throw wrongCount(end, `${byteLength - at} bytes follow them at offset ${end.directoryStart + at}`);
    }
    const entry = readEntry(directory, at, entries.size, end);
    if (entries.has(entry.name)) throw duplicateName(entry.name);
    entries.set(entry.name, entry);
    at = entryEnd(directory, at);
  }
  if (entries.size < end.entryCount) throw wrongCount(end, `found ${entries.size}`);
  setLimits([...entries.values()], end.directoryStart);
  return entries;
}

/** Where the entry at `at` ends: behind its name, its extra fields and its comment. */
function entryEnd(directory: DataView, at: number): number {
  const nameByteLength = directory.getUint16(at + 28, true);
  const extraByteLength = directory.getUint16(at + 30, true);
  const commentByteLength = directory.getUint16(at + 32, true);
  return at + entryByteLength + nameByteLength + extraByteLength + commentByteLength;
}

/**
 * The entry at `at`. Its fields are read in place, for there may be 100 000 of them.
 * Layout: PKWARE APPNOTE 6.3.10, section 4.3.12.
 */
function readEntry(directory: DataView, at: number, index: number, end: ZipEnd): Draft {
  const offset = end.directoryStart + at;
  const left = directory.byteLength - at;
  if (left < entryByteLength || entryEnd(directory, at) > directory.byteLength) {
    throw directoryError(
      offset,
      `entry ${index} does not end within the ${left} bytes left`,
      "zip-directory",
    );
  }
  if (directory.getUint32(at, true) !== entrySignature) {
    throw directoryError(
      offset,
      `found no entry, expected entry ${index} of ${end.entryCount}`,
      "zip-directory",
    );
  }
  const flags = directory.getUint16(at + 8, true);
  const nameByteLength = directory.getUint16(at + 28, true);
  const nameBytes = new Uint8Array(
    directory.buffer,
    directory.byteOffset + at + entryByteLength,
    nameByteLength,
  );
  const name = zipName(nameBytes, flags, offset + entryByteLength);
  const wide = readZip64(directory, at, name, offset);

  refuseEncryption(flags, name);
  if (wide.disk !== 0) {
    throw directoryError(
      offset,
      `record ${quote(name)} lies on disk ${wide.disk}, expected a single file`,
      "zip-multi-disk",
    );
  }
  const entry: Draft = {
    index,
    name,
    method: zipMethod(directory.getUint16(at + 10, true), name),
    byteLength: wide.byteLength,
    storedByteLength: wide.storedByteLength,
    crc32: directory.getUint32(at + 16, true),
    headerStart: wide.headerOffset + end.prefixByteLength,
    nameByteLength,
    limit: end.directoryStart,
  };
  if (entry.method === "stored" && entry.byteLength !== entry.storedByteLength) {
    throw directoryError(
      offset,
      `record ${quote(name)} is stored as it is, but takes ${entry.storedByteLength} bytes for a content of ${entry.byteLength}`,
      "zip-size-mismatch",
    );
  }
  if (leastEnd(entry) > end.directoryStart) {
    throw directoryError(
      offset,
      `record ${quote(name)} would lie at ${entry.headerStart} to ${leastEnd(entry)}, expected it to end before the directory at ${end.directoryStart}`,
      "zip-entry-range",
    );
  }
  return entry;
}

/** The fields of an entry that zip64 widens. */
interface WideFields {
  readonly byteLength: number;
  readonly storedByteLength: number;
  readonly headerOffset: number;
  readonly disk: number;
}

/** The fields of the entry at `at`, those that are marked taken from its zip64 field: in this order, and only those. */
function readZip64(directory: DataView, at: number, name: string, offset: number): WideFields {
  const storedByteLength = directory.getUint32(at + 20, true);
  const byteLength = directory.getUint32(at + 24, true);
  const disk = directory.getUint16(at + 34, true);
  const headerOffset = directory.getUint32(at + 42, true);
  const needed =
    (byteLength === 0xffffffff ? 8 : 0) +
    (storedByteLength === 0xffffffff ? 8 : 0) +
    (headerOffset === 0xffffffff ? 8 : 0) +
    (disk === 0xffff ? 4 : 0);
  if (needed === 0) return { byteLength, storedByteLength, headerOffset, disk };
  const start = at + entryByteLength + directory.getUint16(at + 28, true);
  const extra = new Uint8Array(
    directory.buffer,
    directory.byteOffset + start,
    directory.getUint16(at + 30, true),
  );
  const fields = zip64Extra(extra, offset - at + start);
  if (fields === null || fields.remaining < needed) {
    throw directoryError(
      offset,
      `record ${quote(name)} has ${fields === null ? "no zip64 field" : `a zip64 field of ${fields.remaining} bytes`}, expected one of ${needed} as its sizes say`,
      "zip-zip64",
    );
  }
  return {
    byteLength: byteLength === 0xffffffff ? fields.u64() : byteLength,
    storedByteLength: storedByteLength === 0xffffffff ? fields.u64() : storedByteLength,
    headerOffset: headerOffset === 0xffffffff ? fields.u64() : headerOffset,
    disk: disk === 0xffff ? fields.u32() : disk,
  };
}

/** The body of the zip64 extra field, or null. Ends quietly at padding that is no field; some tools write it. */
function zip64Extra(extra: Uint8Array, base: number): Cursor | null {
  const cursor = new Cursor(extra, { what: "a zip record's extra fields", base });
  while (cursor.remaining >= 4) {
    const id = cursor.u16();
    const byteLength = cursor.u16();
    if (byteLength > cursor.remaining) return null;
    const { offset } = cursor;
    const body = cursor.take(byteLength);
    if (id === zip64ExtraId) return new Cursor(body, { what: "a zip record's zip64 field", base: offset });
  }
  return null;
}

function duplicateName(name: string): FormatError {
  return new FormatError(`reading a zip's directory: found two records named ${quote(name)}, expected one`, {
    code: "zip-duplicate-name",
    hint: "Different programs would see different contents in this file; do not trust it.",
  });
}

/** Sets every entry's limit to the start of the record that follows it in the file, and refuses overlaps. */
function setLimits(entries: Draft[], directoryStart: number): void {
  const inFile = entries.sort((a, b) => a.headerStart - b.headerStart);
  for (const [i, entry] of inFile.entries()) {
    const next = inFile[i + 1];
    entry.limit = next?.headerStart ?? directoryStart;
    if (next !== undefined && leastEnd(entry) > next.headerStart) {
      throw new FormatError(
        `reading a zip's directory: found record ${quote(entry.name)} at ${entry.headerStart} to at least ${leastEnd(entry)} and record ${quote(next.name)} at ${next.headerStart}, expected them apart`,
        { code: "zip-overlap", hint: "The file is made to mislead, or damaged; do not trust it." },
      );
    }
  }
}

/** Where a record ends at the earliest: the local header may hold extra fields besides the name. */
function leastEnd(entry: ZipEntry): number {
  return entry.headerStart + localHeaderByteLength + entry.nameByteLength + entry.storedByteLength;
}

function refuseBeyond(found: number, limit: number, unit: string, name: string, code: string): void {
  if (found <= limit) return;
  throw new LimitError(`reading a zip's directory: found ${found} ${unit}, expected at most ${limit}`, {
    code,
    hint: `If you trust the file, raise the limit ${name}.`,
  });
}

function wrongCount(end: ZipEnd, what: string): FormatError {
  return directoryError(
    end.directoryStart,
    `expected ${end.entryCount} entries as declared, but ${what}`,
    "zip-count",
  );
}

function directoryError(offset: number, what: string, code: string): FormatError {
  return new FormatError(`reading a zip's directory at offset ${offset}: ${what}`, {
    code,
    hint: "The file is damaged or was tampered with.",
  });
}
