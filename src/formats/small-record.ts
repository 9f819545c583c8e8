/** The small records of PyTorch's zips, which hold one word: a version, a byte order, a marker. */

import type { Zip } from "../bytes/zip.ts";
import { FormatError, quote } from "../errors.ts";

/** Bytes of a small record; the longest real one has 40. */
const smallRecordByteLength = 256;

/** The folder that holds all records, which PyTorch takes from the first one; null when there is none. */
export function archiveRoot(zip: Zip): string | null {
  const name = zip.entries[0]?.name ?? "";
  const slash = name.indexOf("/");
  return slash < 1 ? null : name.slice(0, slash);
}

/** The text of a small record without space around it; null where it is missing or too large to be one. */
export async function smallRecord(zip: Zip, name: string, signal?: AbortSignal): Promise<string | null> {
  const entry = zip.get(name);
  if (entry === undefined || entry.byteLength > smallRecordByteLength) return null;
  return new TextDecoder().decode(await zip.read(entry, signal)).trim();
}

/**
 * The order of bytes within the numbers of an archive; little-endian where it does not say.
 *
 * Throws: `FormatError` with code `"archive-byteorder"` for a word that is no byte order.
 */
export async function archiveByteOrder(
  zip: Zip,
  root: string,
  signal?: AbortSignal,
): Promise<"little" | "big"> {
  const text = (await smallRecord(zip, `${root}/byteorder`, signal)) ?? "little";
  if (text === "little" || text === "big") return text;
  throw new FormatError(
    `opening an archive of PyTorch: its byte order is ${quote(text)}, expected "little" or "big"`,
    {
      code: "archive-byteorder",
      hint: "The file is damaged.",
    },
  );
}
