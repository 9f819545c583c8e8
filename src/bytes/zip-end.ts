/**
 * The end of a zip: finding the end record and its zip64 companion, and from them where the directory lies. What the
 * directory says is `zip-directory.ts`.
 *
 * Layouts: PKWARE APPNOTE 6.3.10, sections 4.3.14 (zip64 end record), 4.3.15 (locator), 4.3.16 (end record).
 */

import { FormatError } from "../errors.ts";
import { Cursor } from "./cursor.ts";
import type { ByteSource } from "./source.ts";
import { TailSource } from "./tail-source.ts";

const endByteLength = 22;
const locatorByteLength = 20;
const zip64EndByteLength = 56;
const maxCommentByteLength = 0xffff;

const localSignature = 0x04034b50;
const entrySignature = 0x02014b50;
const endSignature = 0x06054b50;
const locatorSignature = 0x07064b50;
const zip64EndSignature = 0x06064b50;

/** Read first. Holds the directory of 300 records and the small records that PyTorch writes last; a comment is rare. */
const firstTailByteLength = 32 * 2 ** 10;

/** Where the directory lies and what the end record says of it. */
export interface ZipEnd {
  /** The source with its tail in memory. */
  readonly source: TailSource;
  readonly entryCount: number;
  readonly directoryStart: number;
  readonly directoryEnd: number;
  /** Bytes before the archive, to be added to every offset in it. */
  readonly prefixByteLength: number;
  /** Bytes after the end record and its comment. */
  readonly trailingByteLength: number;
}

/** The fields of an end record, of either kind. */
interface EndFields {
  readonly disk: number;
  readonly directoryDisk: number;
  readonly diskEntryCount: number;
  readonly entryCount: number;
  readonly directoryByteLength: number;
  readonly directoryOffset: number;
}

/**
 * Finds the end of the zip that fills `source`. One read of the last 32 KiB; more only when there is a comment or
 * when bytes follow the archive.
 *
 * Note [which end record]: a comment may hold something that looks like an end record, and readers that search from
 * different sides then see different archives. We take the last one, as PyTorch and Python do, and refuse the file
 * when an earlier one claims it as part of its comment.
 *
 * Throws: `FormatError` with code `"zip-truncated"`, `"zip-not-found"`, `"zip-ambiguous"`, `"zip-multi-disk"`,
 * `"zip-zip64"`, `"zip-directory-range"` or `"number-too-large"`.
 */
export async function findZipEnd(source: ByteSource, signal?: AbortSignal): Promise<ZipEnd> {
  let tail = await TailSource.open(source, firstTailByteLength, signal);
  let at = lastEnd(tail.tail, tail.tail.byteLength);
  const isPlain = at === tail.tail.byteLength - endByteLength;
  if (!isPlain && tail.tailStart > 0) {
    tail = await TailSource.open(source, endByteLength + maxCommentByteLength, signal);
    at = lastEnd(tail.tail, tail.tail.byteLength);
  }
  if (at < 0) throw await missingEnd(tail, signal);
  const endStart = tail.tailStart + at;
  const trailingByteLength = bytesAfterComment(tail, at);
  refuseRivals(tail, at);

  const plain = plainFields(tail, at);
  const zip64 = await zip64End(tail, endStart, plain, signal);
  const fields = zip64?.fields ?? plain;
  refuseDisks(fields, endStart);
  const recordsStart = zip64?.start ?? endStart;
  const prefixByteLength = await prefixOf(tail, fields, recordsStart, signal);
  if (zip64 !== null && zip64.offset + prefixByteLength !== zip64.start) {
    throw zip64Error(
      `its locator points to offset ${zip64.offset}, expected ${zip64.start - prefixByteLength}`,
    );
  }
  if (prefixByteLength > 0) await refuseInner(tail, prefixByteLength, trailingByteLength, signal);
  const directoryStart = prefixByteLength + fields.directoryOffset;
  return {
    source: tail,
    entryCount: fields.entryCount,
    directoryStart,
    directoryEnd: directoryStart + fields.directoryByteLength,
    prefixByteLength,
    trailingByteLength,
  };
}

/** Index of the last end record that starts before `before` and is complete, or -1. */
function lastEnd(bytes: Uint8Array, before: number): number {
  let at = Math.min(before - 1, bytes.byteLength - endByteLength);
  for (; at >= 0; at--) {
    at = bytes.lastIndexOf(0x50, at);
    if (at < 0 || uint32(bytes, at) === endSignature) return at;
  }
  return -1;
}

async function missingEnd(source: TailSource, signal: AbortSignal | undefined): Promise<FormatError> {
  if (await startsLikeZip(source, signal)) {
    return new FormatError(
      `reading a zip: it begins as one, but its ${source.size} bytes end without the directory, expected an end record in the last 65557 bytes`,
      {
        code: "zip-truncated",
        hint: "The file is incomplete: a download or a save was cut short. Fetch or save it again.",
      },
    );
  }
  return new FormatError(`reading a zip: found no end record in ${source.size} bytes`, {
    code: "zip-not-found",
    hint: "The file is not a zip, or its end is missing.",
  });
}

/** Bytes behind the comment of the end record at `at`. A comment that is cut short means the file is. */
function bytesAfterComment(source: TailSource, at: number): number {
  const left = source.tail.byteLength - at - endByteLength;
  const comment = uint16(source.tail, at + 20);
  if (comment > left) {
    throw new FormatError(
      `reading a zip's comment: found ${left} of its ${comment} bytes at the end of the file`,
      { code: "zip-truncated", hint: "The file is incomplete. Fetch or save it again." },
    );
  }
  return left - comment;
}

/** Note [which end record]. An earlier one is a rival if its comment reaches over the one we took and it could be true. */
function refuseRivals(source: TailSource, at: number): void {
  for (let rival = lastEnd(source.tail, at); rival >= 0; rival = lastEnd(source.tail, rival)) {
    if (rival + uint16(source.tail, rival + 20) < at || !couldBeTrue(source, rival)) continue;
    throw new FormatError(
      `reading a zip: found an end record at offset ${source.tailStart + at} inside the comment of the end record at offset ${source.tailStart + rival}, expected one`,
      {
        code: "zip-ambiguous",
        hint: "Different programs would see different contents in this file; do not trust it.",
      },
    );
  }
}

/** Whether the end record at `at` describes a directory before it; weights that look like a signature do not. */
function couldBeTrue(source: TailSource, at: number): boolean {
  const { directoryOffset, directoryByteLength, entryCount, diskEntryCount } = plainFields(source, at);
  if (diskEntryCount !== entryCount) return false;
  const isZip64 = directoryOffset === 0xffffffff || directoryByteLength === 0xffffffff;
  return isZip64 || directoryOffset + directoryByteLength <= source.tailStart + at;
}

function plainFields(source: TailSource, at: number): EndFields {
  const cursor = new Cursor(source.tail.subarray(at + 4, at + endByteLength), {
    what: "a zip's end record",
    base: source.tailStart + at + 4,
  });
  return {
    disk: cursor.u16(),
    directoryDisk: cursor.u16(),
    diskEntryCount: cursor.u16(),
    entryCount: cursor.u16(),
    directoryByteLength: cursor.u32(),
    directoryOffset: cursor.u32(),
  };
}

/** A zip64 end record. */
interface Zip64End {
  readonly fields: EndFields;
  readonly start: number;
  /** Where its locator says that it starts: the prefix is not counted. */
  readonly offset: number;
}

/** The zip64 end record, if there is a locator; its fields agree with the plain ones. */
async function zip64End(
  source: ByteSource,
  endStart: number,
  plain: EndFields,
  signal: AbortSignal | undefined,
): Promise<Zip64End | null> {
  const locatorStart = endStart - locatorByteLength;
  const locator = locatorStart < 0 ? null : await source.read(locatorStart, endStart, signal);
  if (locator === null || uint32(locator, 0) !== locatorSignature) {
    // 65 535 entries are a legal number, so only the other two fields give a missing record away.
    if (plain.directoryOffset === 0xffffffff || plain.directoryByteLength === 0xffffffff) {
      throw zip64Error(`its end record at offset ${endStart} refers to one, expected a locator before it`);
    }
    return null;
  }
  const cursor = new Cursor(locator.subarray(4), { what: "a zip64 locator", base: locatorStart + 4 });
  const disk = cursor.u32();
  const offset = cursor.u64();
  const diskCount = cursor.u32();
  if (disk !== 0 || diskCount > 1) throw multiDisk(`disk ${disk} of ${diskCount}`, locatorStart);

  const start = await zip64Start(source, offset, locatorStart, signal);
  const fields = zip64Fields(await source.read(start, start + zip64EndByteLength, signal), start);
  for (const [name, large, small, full] of [
    ["disk", fields.disk, plain.disk, 0xffff],
    ["disk of the directory", fields.directoryDisk, plain.directoryDisk, 0xffff],
    ["entries on this disk", fields.diskEntryCount, plain.diskEntryCount, 0xffff],
    ["entries", fields.entryCount, plain.entryCount, 0xffff],
    ["size of the directory", fields.directoryByteLength, plain.directoryByteLength, 0xffffffff],
    ["offset of the directory", fields.directoryOffset, plain.directoryOffset, 0xffffffff],
  ] as const) {
    if (small === full || small === large) continue;
    throw zip64Error(`it says ${large} for "${name}", the plain end record says ${small}`);
  }
  return { fields, start, offset };
}

/**
 * The zip64 end record ends where its locator starts. It is looked for where the locator points to, and, for an
 * archive with bytes before it, directly before the locator; two answers are none.
 */
async function zip64Start(
  source: ByteSource,
  offset: number,
  locatorStart: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const found: number[] = [];
  for (const start of new Set([offset, locatorStart - zip64EndByteLength])) {
    if (start < 0 || start + zip64EndByteLength > locatorStart) continue;
    const head = new Cursor(await source.read(start, start + 12, signal), { what: "a zip64 end record" });
    // The size leaves out the signature and itself. One above 2^53 ends nowhere.
    if (head.u32() === zip64EndSignature && start + 12 + head.u64() === locatorStart) found.push(start);
  }
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw zip64Error(
      `its locator points to offset ${offset}, expected a record there that ends at ${locatorStart}`,
    );
  }
  throw new FormatError(
    `reading a zip: found zip64 end records at offsets ${found.join(" and ")}, expected one`,
    {
      code: "zip-ambiguous",
      hint: "Different programs would see different contents in this file; do not trust it.",
    },
  );
}

function zip64Fields(bytes: Uint8Array, start: number): EndFields {
  const cursor = new Cursor(bytes, { what: "a zip64 end record", base: start });
  cursor.skip(16);
  return {
    disk: cursor.u32(),
    directoryDisk: cursor.u32(),
    diskEntryCount: cursor.u64(),
    entryCount: cursor.u64(),
    directoryByteLength: cursor.u64(),
    directoryOffset: cursor.u64(),
  };
}

function refuseDisks(fields: EndFields, endStart: number): void {
  if (fields.disk !== 0 || fields.directoryDisk !== 0) {
    throw multiDisk(`disk ${fields.disk}, the directory on disk ${fields.directoryDisk}`, endStart);
  }
  if (fields.diskEntryCount !== fields.entryCount) {
    throw multiDisk(`${fields.diskEntryCount} of ${fields.entryCount} entries on this disk`, endStart);
  }
}

/**
 * How many bytes lie before the archive. Offsets in an archive count from its own start, and its directory ends where
 * the end records start: what is missing between the two is the prefix, unless the directory is found exactly
 * where its offset says and the gap lies behind it.
 */
async function prefixOf(
  source: ByteSource,
  fields: EndFields,
  recordsStart: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { directoryOffset, directoryByteLength } = fields;
  const gap = recordsStart - directoryOffset - directoryByteLength;
  if (gap < 0) {
    throw new FormatError(
      `reading a zip: found the directory at ${directoryOffset} to ${directoryOffset + directoryByteLength}, expected it to end before the end record at ${recordsStart}`,
      {
        code: "zip-directory-range",
        hint: "The beginning or the middle of the file is missing, or its directory was tampered with.",
      },
    );
  }
  if (gap === 0 || directoryByteLength === 0) return gap;
  const startsAt = async (start: number): Promise<boolean> => {
    const end = Math.min(start + 4, recordsStart);
    return end - start === 4 && uint32(await source.read(start, end, signal), 0) === entrySignature;
  };
  const asSaid = await startsAt(directoryOffset);
  const shifted = await startsAt(directoryOffset + gap);
  if (asSaid && shifted) {
    throw new FormatError(
      `reading a zip: found directories at offsets ${directoryOffset} and ${directoryOffset + gap}, expected one`,
      {
        code: "zip-ambiguous",
        hint: "Different programs would see different contents in this file; do not trust it.",
      },
    );
  }
  return asSaid ? 0 : gap;
}

/**
 * Refuses an archive that stands inside or behind another one: when a file is cut short, the end of a zip that it
 * contains may be the last one left, and would be taken for its own.
 */
async function refuseInner(
  source: ByteSource,
  prefixByteLength: number,
  trailingByteLength: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!(await startsLikeZip(source, signal))) return;
  throw new FormatError(
    `reading a zip: the file begins as one, but the only complete one in its ${source.size} bytes begins at offset ${prefixByteLength}`,
    {
      code: trailingByteLength > 0 ? "zip-truncated" : "zip-ambiguous",
      hint: "The file was cut short behind a zip inside it, or two were joined. Fetch or save it again.",
    },
  );
}

async function startsLikeZip(source: ByteSource, signal: AbortSignal | undefined): Promise<boolean> {
  return source.size >= 4 && uint32(await source.read(0, 4, signal), 0) === localSignature;
}

function zip64Error(what: string): FormatError {
  return new FormatError(`reading a zip's zip64 end record: ${what}`, {
    code: "zip-zip64",
    hint: "The file is damaged or was tampered with.",
  });
}

function multiDisk(what: string, at: number): FormatError {
  return new FormatError(
    `reading a zip's end record at offset ${at}: found ${what}, expected a single file`,
    {
      code: "zip-multi-disk",
      hint: "Join the parts with the program that split them.",
    },
  );
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) | (uint16(bytes, at + 2) << 16)) >>> 0;
}
