/** One record of a zip as the central directory describes it, and the check of its local header against that. */

import { FormatError, quote } from "../errors.ts";
import { Cursor } from "./cursor.ts";

/** How a record's bytes are kept. */
export type ZipMethod = "stored" | "deflated";

/** One record of a zip. All offsets count from the start of the source the zip was opened from. */
export interface ZipEntry {
  /** Position in the directory. */
  readonly index: number;
  /** The name as it is written: it may hold anything, and is for looking up only, never a path to write to. */
  readonly name: string;
  readonly method: ZipMethod;
  /** Bytes of the record's content. */
  readonly byteLength: number;
  /** Bytes it takes in the file; equal to `byteLength` for a stored record. */
  readonly storedByteLength: number;
  /** The checksum of the content as written; zero where none was written. */
  readonly crc32: number;
  /** Where the local header starts. */
  readonly headerStart: number;
  /** Bytes of the name in the file. */
  readonly nameByteLength: number;
  /** Where the next record or the directory starts: no byte of this record lies beyond. */
  readonly limit: number;
}

/** Bytes of a local header without name and extra field. */
export const localHeaderByteLength = 30;

const localSignature = 0x04034b50;

const flagEncrypted = 0x0001;
const flagStrongEncryption = 0x0040;
const flagMaskedHeaders = 0x2000;
const flagUtf8 = 0x0800;

const methods: ReadonlyMap<number, ZipMethod> = new Map([
  [0, "stored"],
  [8, "deflated"],
]);

/** Names of the other methods people meet. Source: APPNOTE 6.3.10, section 4.4.5. */
const otherMethods: ReadonlyMap<number, string> = new Map([
  [1, "shrink"],
  [6, "implode"],
  [9, "deflate64"],
  [12, "bzip2"],
  [14, "LZMA"],
  [93, "Zstandard"],
  [95, "XZ"],
  [98, "PPMd"],
  [99, "AES encryption"],
]);

/** What a record's number for its method means. Throws: `FormatError` with code `"zip-method"` for an unknown one. */
export function zipMethod(method: number, name: string): ZipMethod {
  const known = methods.get(method);
  if (known !== undefined) return known;
  const label = otherMethods.get(method);
  throw new FormatError(
    `reading the zip record ${quote(name)}: it is compressed by method ${method}${label === undefined ? "" : ` (${label})`}, expected 0 (stored) or 8 (deflated)`,
    {
      code: "zip-method",
      hint: "PyTorch cannot read such a file either; pack it again without compression.",
    },
  );
}

/** Throws: `FormatError` with code `"zip-encrypted"` when the flags say that the record is encrypted. */
export function refuseEncryption(flags: number, name: string): void {
  if ((flags & (flagEncrypted | flagStrongEncryption | flagMaskedHeaders)) === 0) return;
  throw new FormatError(`reading the zip record ${quote(name)}: it is marked as encrypted`, {
    code: "zip-encrypted",
    hint: "Unpack the archive with its password and pack it again without one.",
  });
}

/** The upper half of code page 437, the encoding of names in zips that do not say UTF-8. */
const codePage437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A record's name. One that is marked as UTF-8 must be it; an unmarked one is UTF-8 if it can be, as most programs
 * write it, and code page 437 else. A name with a NUL is refused: C programs would end it there and see another one.
 *
 * Throws: `FormatError` with code `"zip-name"`.
 */
export function zipName(bytes: Uint8Array, flags: number, offset: number): string {
  let isAscii = true;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0) throw badName(offset, `byte ${i} of it is NUL`);
    if (byte > 0x7f) isAscii = false;
  }
  // Fewer arguments than any engine's limit; faster than a decoder for names as short as these.
  if (isAscii && bytes.length < 512) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  try {
    return utf8.decode(bytes);
  } catch {
    if ((flags & flagUtf8) !== 0) throw badName(offset, "it is marked as UTF-8 but is not");
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : codePage437[byte - 0x80]!,
    ).join("");
  }
}

/**
 * Where a record's bytes start, from its local header (with at least the name behind it). Sizes and checksum there
 * are ignored: PyTorch writes zeros. Everything else has to agree with the directory.
 *
 * Throws: `FormatError` with code `"zip-local-header"`, `"zip-name-mismatch"`, `"zip-method-mismatch"`,
 * `"zip-encrypted"` or `"zip-overlap"`.
 */
export function zipDataStart(header: Uint8Array, entry: ZipEntry): number {
  const where = `reading the local header of the zip record ${quote(entry.name)} at offset ${entry.headerStart}`;
  const hint = "The file is damaged or was tampered with.";
  const cursor = new Cursor(header, {
    what: "a zip's local header",
    base: entry.headerStart,
    code: "zip-local-header",
  });
  if (cursor.u32() !== localSignature) {
    throw new FormatError(`${where}: found no header there`, { code: "zip-local-header", hint });
  }
  cursor.skip(2);
  const flags = cursor.u16();
  const method = cursor.u16();
  cursor.skip(16);
  const nameByteLength = cursor.u16();
  const extraByteLength = cursor.u16();
  const name =
    nameByteLength === entry.nameByteLength
      ? zipName(cursor.take(nameByteLength), flags, entry.headerStart + localHeaderByteLength)
      : null;
  if (name !== entry.name) {
    const found = name === null ? `a name of ${nameByteLength} bytes` : `the name ${quote(name)}`;
    throw new FormatError(`${where}: found ${found}, expected the directory's`, {
      code: "zip-name-mismatch",
      hint: "Different programs would see different contents in this file; do not trust it.",
    });
  }
  refuseEncryption(flags, entry.name);
  if (methods.get(method) !== entry.method) {
    throw new FormatError(
      `${where}: found method ${method}, expected "${entry.method}" as in the directory`,
      {
        code: "zip-method-mismatch",
        hint,
      },
    );
  }
  const start = entry.headerStart + localHeaderByteLength + nameByteLength + extraByteLength;
  if (start + entry.storedByteLength > entry.limit) {
    throw new FormatError(
      `${where}: its bytes would lie at ${start} to ${start + entry.storedByteLength}, expected them to end before ${entry.limit}, where the next record or the directory starts`,
      { code: "zip-overlap", hint },
    );
  }
  return start;
}

function badName(offset: number, why: string): FormatError {
  return new FormatError(`reading a zip record's name at offset ${offset}: ${why}`, {
    code: "zip-name",
    hint: "The file is damaged or made to mislead; do not trust it.",
  });
}
