/**
 * The members of a tar archive, found one after another; nothing is ever unpacked. Enough of the format for archives
 * that Python writes: ustar headers, and the extended ones of pax and GNU before a member with a long name or size.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
 */

import { FormatError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

/** One member of a tar archive. */
export interface TarMember {
  /** As it is written: for looking up only, never a path to write to. */
  readonly name: string;
  /** Whether it is a file; links, folders and devices are not. */
  readonly isFile: boolean;
  /** Where its bytes start in the source. */
  readonly start: number;
  readonly byteLength: number;
}

/** Bytes of a header; members start at multiples of it. */
const tarBlockByteLength = 512;

/** Bytes of an extended header. Real: 200. Prevents: gigabytes of text before the first member. */
const maxExtendedByteLength = 2 ** 20;

const nameField = [0, 100] as const;
const sizeField = [124, 136] as const;
const checksumField = [148, 156] as const;
const typeAt = 156;
const prefixField = [345, 500] as const;

const decoder = new TextDecoder();

/** The bytes of a field up to the first NUL, as text. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** A number of a header: octal digits, or after a byte 0x80 binary; NaN for anything else. */
function numberOf(bytes: Uint8Array): number {
  if (bytes[0] === 0x80) return bytes.subarray(1).reduce((number, byte) => number * 256 + byte, 0);
  const digits = textOf(bytes).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/**
 * Whether 512 bytes are the header of a tar member: its checksum is right.
 *
 * @example
 * isTarHeader(await source.read(0, 512));
 */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < tarBlockByteLength) return false;
  const [from, to] = checksumField;
  const checksum = numberOf(block.subarray(from, to));
  // The checksum counts as spaces in its own sum. Old programs summed signed bytes.
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < tarBlockByteLength; index++) {
    const byte = index >= from && index < to ? 0x20 : block[index]!;
    unsigned += byte;
    signed += (byte << 24) >> 24;
  }
  return checksum === unsigned || checksum === signed;
}

/** What an extended header says of the member behind it. */
interface Extension {
  readonly name?: string | undefined;
  readonly byteLength?: number | undefined;
}

/** The records `"27 path=a/long/name\n"` of a pax header. */
function paxExtension(bytes: Uint8Array): Extension {
  const records = new Map<string, string>();
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(0x20, start);
    const length = space < 0 ? Number.NaN : Number(decoder.decode(bytes.subarray(start, space)));
    if (!Number.isInteger(length) || length <= space - start || start + length > bytes.length) break;
    const [key, value] = splitOnce(decoder.decode(bytes.subarray(space + 1, start + length - 1)));
    records.set(key, value);
    start += length;
  }
  const size = records.get("size");
  return { name: records.get("path"), byteLength: size === undefined ? undefined : Number(size) };
}

function splitOnce(record: string): [key: string, value: string] {
  const equals = record.indexOf("=");
  return equals < 0 ? [record, ""] : [record.slice(0, equals), record.slice(equals + 1)];
}

function fault(code: string, offset: number, what: string): FormatError {
  return new FormatError(`reading a tar archive at offset ${offset}: ${what}`, {
    code,
    hint: "The file is damaged or incomplete; fetch it again.",
  });
}

/**
 * The members in the order of the archive. Reads their headers, one at a time and only as far as the caller goes.
 *
 * Throws: `FormatError` with code `"tar-header"` or `"tar-truncated"`; what the source throws.
 */
export async function* tarMembers(source: ByteSource, signal?: AbortSignal): AsyncGenerator<TarMember> {
  let extension: Extension = {};
  for (let at = 0; at + tarBlockByteLength <= source.size;) {
    const block = await source.read(at, at + tarBlockByteLength, signal);
    if (block.every((byte) => byte === 0)) return;
    if (!isTarHeader(block)) throw fault("tar-header", at, "no member starts there");
    const type = String.fromCharCode(block[typeAt]!);
    const isExtended = "xgLK".includes(type);
    const own = numberOf(block.subarray(...sizeField));
    const byteLength = isExtended ? own : (extension.byteLength ?? own);
    if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
      throw fault("tar-header", at, "the member's size is no number");
    }
    const start = at + tarBlockByteLength;
    const end = start + byteLength;
    if (end > source.size) {
      throw fault(
        "tar-truncated",
        at,
        `the member has ${byteLength} bytes, and ${source.size - start} follow`,
      );
    }
    at = start + Math.ceil(byteLength / tarBlockByteLength) * tarBlockByteLength;
    if (isExtended) {
      if (byteLength > maxExtendedByteLength)
        throw fault("tar-header", start, "the extended header is too long");
      // Global headers and long targets of links say nothing that is needed here.
      if (type === "x") extension = paxExtension(await source.read(start, end, signal));
      if (type === "L") extension = { name: textOf(await source.read(start, end, signal)) };
      continue;
    }
    const prefix = textOf(block.subarray(...prefixField));
    const name = textOf(block.subarray(...nameField));
    const isUstar = decoder.decode(block.subarray(257, 263)) === "ustar\0";
    yield {
      name: extension.name ?? (isUstar && prefix !== "" ? `${prefix}/${name}` : name),
      isFile: type === "0" || type === "\0" || type === "7",
      start,
      byteLength,
    };
    extension = {};
  }
}
