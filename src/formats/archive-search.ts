/**
 * The archives of a scan: every record of a zip and every member of a tar, handed to whoever looks into files. An
 * archive is read as its directory says and, where that is contradicted, as its records say.
 */

import { inflateStart } from "../bytes/inflate-start.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { tarMembers } from "../bytes/tar.ts";
import type { Zip, ZipEntry } from "../bytes/zip.ts";
import { openZip } from "../bytes/zip.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { pickleHeadByteLength } from "../pickle/survey.ts";
import { leavesFolder, programsAmong, traversal } from "./archive-signs.ts";
import { kerasSigns } from "./keras-signs.ts";
import type { ScanBudget } from "./scan-budget.ts";
import type { ScanLedger } from "./scan-ledger.ts";
import { inside } from "./scan-ledger.ts";

/** Bytes of a data descriptor, which follows some records: with or without its signature, of 32 or 64 bits. */
const descriptorByteLengths: ReadonlySet<number> = new Set([12, 16, 20, 24]);

const longestDescriptor = 24;

/** Whether the bytes after a record are its data descriptor: it begins with a signature, or with the checksum. */
function isDescriptor(bytes: Uint8Array, { crc32 }: ZipEntry): boolean {
  if (!descriptorByteLengths.has(bytes.length)) return false;
  const first = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  return first === (bytes.length % 8 === 0 ? 0x0807_4b50 : crc32);
}

/** What looks into the files of archives, and into the bytes around them. */
export interface FileSearch {
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
  readonly ledger: ScanLedger;
  readonly budget: ScanBudget;
  /** A file inside another. */
  file(source: ByteSource, where: string, name: string, depth: number): Promise<void>;
  /** Whether a file of this name, with these first bytes, is worth fetching and inflating. */
  isOfInterest(head: Uint8Array, name: string): boolean;
  /** Bytes where nothing should be. */
  search(source: ByteSource, start: number, end: number, where: string, depth: number): Promise<void>;
  /** A zip whose directory cannot be read: its records are found by their own headers. */
  searchRecords(source: ByteSource, end: number, where: string, depth: number): Promise<void>;
  /** Bytes behind the end of everything that is expected. */
  trailing(source: ByteSource, start: number, where: string, depth: number): Promise<void>;
  /** Pickles with other bytes between them. */
  between(source: ByteSource, where: string, depth: number): Promise<void>;
}

/**
 * Looks through a file that begins as a zip.
 *
 * Throws: what the source throws.
 */
export async function searchZip(
  search: FileSearch,
  source: ByteSource,
  where: string,
  depth: number,
): Promise<void> {
  // Where something stands before the archive, it is looked at next.
  for (let end = source.size; end > 0;) {
    const part = end === source.size ? source : new SliceSource(source, 0, end);
    let zip: Zip;
    try {
      zip = await openZip(part, search.limits, search.signal);
    } catch (error) {
      search.ledger.fault(error, where);
      await search.searchRecords(source, end, where, depth);
      return;
    }
    await searchRecords(search, zip, part, where, depth);
    if (zip.trailingByteLength > 0) {
      await search.trailing(part, end - zip.trailingByteLength, where, depth);
    }
    end = zip.prefixByteLength;
    if (end > 0) search.ledger.polyglot(where, `${end} bytes stand before the archive in it`);
  }
}

/** A place in a file. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Looks for an archive at the end of a file that begins as something else, and is none of its `members`. */
export async function searchZipAtEnd(
  search: FileSearch,
  source: ByteSource,
  where: string,
  depth: number,
  members: readonly Extent[] = [],
): Promise<void> {
  let zip: Zip;
  try {
    zip = await openZip(source, search.limits, search.signal);
  } catch (error) {
    if (error instanceof FormatError || error instanceof LimitError) return;
    throw error;
  }
  const start = zip.prefixByteLength;
  const end = source.size - zip.trailingByteLength;
  // The last member of a tar of zips is that member, and was looked into as one.
  if (members.some((member) => member.start <= start && end <= member.end)) return;
  search.ledger.polyglot(where, `a zip archive of ${zip.entries.length} records stands at its end`);
  await searchRecords(search, zip, source, where, depth);
}

async function searchRecords(
  search: FileSearch,
  zip: Zip,
  source: ByteSource,
  where: string,
  depth: number,
): Promise<void> {
  const { ledger } = search;
  const names = zip.entries.map(({ name }) => name);
  for (const name of names.filter(leavesFolder)) ledger.findings.push(traversal(name, where));
  const programs = programsAmong(names, where);
  ledger.findings.push(...programs.findings);
  ledger.notes.push(...programs.notes);
  for (const entry of zip.entries) {
    const place = inside(where, entry.name);
    try {
      await searchRecord(search, zip, entry, source, place, depth);
      ledger.findings.push(...(await kerasSigns(zip, entry, place, search)));
    } catch (error) {
      ledger.fault(error, place);
      const { headerStart, limit } = entry;
      await search.search(source, headerStart, Math.min(limit, source.size), where, depth);
    }
  }
}

async function searchRecord(
  search: FileSearch,
  zip: Zip,
  entry: ZipEntry,
  source: ByteSource,
  where: string,
  depth: number,
): Promise<void> {
  const [start = 0] = await zip.locate([entry], search.signal);
  const stored = new SliceSource(source, start, start + entry.storedByteLength);
  const end = start + entry.storedByteLength;
  if (end < entry.limit) {
    const after = await source.read(end, Math.min(entry.limit, end + longestDescriptor + 1), search.signal);
    if (!isDescriptor(after, entry)) await search.search(source, end, entry.limit, where, depth);
  }
  if (entry.byteLength === 0) return;
  if (entry.method === "deflated") {
    const length = Math.min(pickleHeadByteLength, entry.byteLength);
    const head = await inflateStart(stored, length, quote(entry.name), { signal: search.signal });
    if (!search.isOfInterest(head, entry.name)) return;
    search.budget.inflate(entry.byteLength, "looking into a record");
    await search.file(zip.open(entry), where, entry.name, depth + 1);
    return;
  }
  await search.file(stored, where, entry.name, depth + 1);
}

/**
 * Looks through a tar archive, and gives where its members are.
 *
 * Throws: what the source throws.
 */
export async function searchTar(
  search: FileSearch,
  source: ByteSource,
  where: string,
  depth: number,
): Promise<readonly Extent[]> {
  const members: Extent[] = [];
  try {
    for await (const member of tarMembers(source, search.signal)) {
      const { name, start, byteLength, isFile } = member;
      members.push({ start, end: start + byteLength });
      if (leavesFolder(name)) search.ledger.findings.push(traversal(name, where));
      if (!isFile || byteLength === 0) continue;
      const bytes = new SliceSource(source, start, start + byteLength);
      const place = inside(where, name);
      // PyTorch 0.1 put pickles between the elements of its storages.
      if (depth === 0 && (name === "storages" || name === "tensors"))
        await search.between(bytes, place, depth);
      else await search.file(bytes, place, name === "pickle" ? "data.pkl" : name, depth + 1);
    }
  } catch (error) {
    search.ledger.fault(error, where);
  }
  return members;
}
