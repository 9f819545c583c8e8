/**
 * The bytes around the records of a zip, as PyTorch's writer lays them out: stored, aligned, sizes and checksum after
 * the content, the 64-bit end records always there. Where the records come from, and their checksums, is the caller's.
 *
 * Source: caffe2/serialize/inline_container.cc of PyTorch 2.13 and the miniz it uses; checked byte by byte with files
 * that PyTorch wrote, also beyond 4 GiB.
 */

import { ByteBuffer } from "./byte-buffer.ts";

/** A record as the directory lists it. */
export interface ZipRecord {
  readonly name: Uint8Array;
  readonly byteLength: number;
  readonly crc32: number;
  /** Where its local header starts. */
  readonly headerStart: number;
}

/** From here on, a number does not fit the 32-bit fields, and stands in a 64-bit extra field. */
const wide = 0xffffffff;

/** Names are UTF-8; with content, sizes and checksum stand after it. An empty record has nothing after it. */
const flagUtf8 = 0x0800;
const flagDescriptor = 0x0008;

function flagsOf(byteLength: number): number {
  return byteLength === 0 ? flagUtf8 : flagUtf8 | flagDescriptor;
}

function isWide(byteLength: number, headerStart: number): boolean {
  return byteLength >= wide || headerStart >= wide;
}

/** The 64-bit extra field: sizes and place, each only where it does not fit. Empty when all fit. */
function wideField(byteLength: number, storedByteLength: number, headerStart: number): Uint8Array {
  const field = new ByteBuffer(32);
  if (!isWide(byteLength, headerStart)) return field.bytes;
  field.u16(1);
  field.u16((byteLength >= wide ? 16 : 0) + (headerStart >= wide ? 8 : 0));
  if (byteLength >= wide) {
    field.u64(byteLength);
    field.u64(storedByteLength);
  }
  if (headerStart >= wide) field.u64(headerStart);
  return field.bytes;
}

/**
 * A local header at `headerStart`, padded so that the content after it starts at a multiple of `alignment`. The padding
 * is an extra field of PyTorch's own, `FB`, filled with `Z`.
 */
export function localHeader(
  name: Uint8Array,
  byteLength: number,
  headerStart: number,
  alignment: number,
): Uint8Array {
  // The writer does not know a stored size yet when it makes the header, and leaves it at zero.
  const field = wideField(byteLength, 0, headerStart);
  const unpadded = headerStart + 30 + name.length + field.length + 4;
  const padding = (alignment - (unpadded % alignment)) % alignment;
  const header = new ByteBuffer(256);
  header.u32(0x04034b50);
  header.u16(0);
  header.u16(flagsOf(byteLength));
  // Method, time, date, checksum and both sizes.
  header.fill(0, 18);
  header.u16(name.length);
  header.u16(field.length + 4 + padding);
  header.append(name);
  header.append(field);
  header.u8(0x46);
  header.u8(0x42);
  header.u16(padding);
  header.fill(0x5a, padding);
  return header.bytes;
}

/** Bytes that follow the content of a record. */
export function descriptorByteLength(byteLength: number, headerStart: number): number {
  if (byteLength === 0) return 0;
  return isWide(byteLength, headerStart) ? 24 : 16;
}

/** What follows the content of a record: its checksum and sizes. */
export function descriptor({ byteLength, crc32, headerStart }: ZipRecord): Uint8Array {
  const bytes = new ByteBuffer(24);
  if (byteLength === 0) return bytes.bytes;
  bytes.u32(0x08074b50);
  bytes.u32(crc32);
  for (let size = 0; size < 2; size++) {
    if (isWide(byteLength, headerStart)) bytes.u64(byteLength);
    else bytes.u32(byteLength);
  }
  return bytes.bytes;
}

/** Bytes of the directory and the end records of these records. */
export function directoryByteLength(records: readonly Omit<ZipRecord, "crc32">[]): number {
  let byteLength = 56 + 20 + 22;
  for (const { name, byteLength: size, headerStart } of records) {
    byteLength += 46 + name.length + wideField(size, size, headerStart).length;
  }
  return byteLength;
}

/** The directory, which starts at `start`, and the end records. */
export function directory(records: readonly ZipRecord[], start: number): Uint8Array {
  const out = new ByteBuffer(directoryByteLength(records));
  for (const { name, byteLength, crc32, headerStart } of records) {
    const field = wideField(byteLength, byteLength, headerStart);
    out.u32(0x02014b50);
    out.u16(0);
    out.u16(0);
    out.u16(flagsOf(byteLength));
    // Method, time, date.
    out.fill(0, 6);
    out.u32(crc32);
    out.u32(Math.min(byteLength, wide));
    out.u32(Math.min(byteLength, wide));
    out.u16(name.length);
    out.u16(field.length);
    // Comment length, disk, attributes.
    out.fill(0, 10);
    out.u32(Math.min(headerStart, wide));
    out.append(name);
    out.append(field);
  }
  const byteLength = out.length;
  out.u32(0x06064b50);
  out.u64(44);
  out.u16(0x031e);
  out.u16(45);
  out.u32(0);
  out.u32(0);
  out.u64(records.length);
  out.u64(records.length);
  out.u64(byteLength);
  out.u64(start);
  out.u32(0x07064b50);
  out.u32(0);
  out.u64(start + byteLength);
  out.u32(1);
  out.u32(0x06054b50);
  out.u32(0);
  out.u16(Math.min(records.length, 0xffff));
  out.u16(Math.min(records.length, 0xffff));
  out.u32(Math.min(byteLength, wide));
  out.u32(Math.min(start, wide));
  out.u16(0);
  return out.bytes;
}
