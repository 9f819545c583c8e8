/**
 * Records of a zip found by their local headers, for archives whose directory cannot be believed: what a scan looks
 * into when the directory is missing, contradicts the records or calls them encrypted. Never used for opening.
 */

import { inflate, maxRatio } from "../bytes/inflate.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { latin1 } from "../pickle/text.ts";
import { FormatError, LimitError } from "../errors.ts";
import type { ScanBudget } from "./scan-budget.ts";

/** A record that was found, by its places in the bytes that were searched. */
export interface CarvedRecord {
  /** As its local header has it, or the beginning of that. */
  readonly name: string;
  /** Where its local header starts. */
  readonly start: number;
  /** Where its bytes are, as they are stored. */
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly isDeflated: boolean;
  /** What it claims to inflate to. */
  readonly byteLength: number;
}

/** Headers that are looked at. Real: PyTorch itself writes two for each tensor. Prevents: a file of nothing but headers. */
const mostHeaders = 100_000;

/** Bytes of a name that are kept. Real: some hundred. Prevents: headers that all have the rest of the file as their name. */
const mostNameBytes = 1024;

const headerByteLength = 30;

/** Where headers of any kind of a zip are, in their order; `mostHeaders` at most. */
function headersIn(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(0x50); at >= 0; at = bytes.indexOf(0x50, at + 1)) {
    const kind = bytes[at + 2];
    if (bytes[at + 1] !== 0x4b || (kind !== 1 && kind !== 3 && kind !== 5) || bytes[at + 3] !== kind + 1)
      continue;
    if (found.length === mostHeaders) break;
    found.push(at);
  }
  return found;
}

/** The first of `sorted` that is not below `least`, or `otherwise`. */
function firstFrom(sorted: readonly number[], least: number, otherwise: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return sorted[low] ?? otherwise;
}

/**
 * The records in `bytes`, whatever surrounds them.
 *
 * @example
 * for (const { name, start } of carveZip(file)) console.log(name, start);
 */
export function carveZip(bytes: Uint8Array): CarvedRecord[] {
  const records: CarvedRecord[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headers = headersIn(bytes);
  for (const start of headers) {
    if (bytes[start + 2] !== 3 || start + headerByteLength > bytes.length) continue;
    const method = view.getUint16(start + 8, true);
    if (method !== 0 && method !== 8) continue;
    const nameStart = start + headerByteLength;
    const nameEnd = nameStart + view.getUint16(start + 26, true);
    const dataStart = nameEnd + view.getUint16(start + 28, true);
    // PyTorch writes zeros in the local header; then the record ends where the next header begins.
    const claimed = view.getUint32(start + 18, true);
    const isClaimed = claimed > 0 && dataStart + claimed <= bytes.length;
    records.push({
      name: latin1(bytes.subarray(nameStart, Math.min(nameEnd, nameStart + mostNameBytes))),
      start,
      dataStart,
      dataEnd: isClaimed ? dataStart + claimed : firstFrom(headers, dataStart, bytes.length),
      isDeflated: method === 8,
      byteLength: view.getUint32(start + 22, true),
    });
  }
  return records;
}

/**
 * The bytes of a deflated record; null where it cannot be inflated, as nobody could load it either.
 *
 * Throws: `LimitError` where there is no budget left for it.
 */
export async function inflateCarved(
  bytes: Uint8Array,
  { name, dataStart, dataEnd, byteLength }: CarvedRecord,
  budget: ScanBudget,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const data = bytes.slice(dataStart, dataEnd);
  // Counted before: what turns out to have another length was inflated all the same.
  budget.inflate(Math.min(byteLength, data.length * maxRatio), "looking into records without a directory");
  try {
    return await inflate(new MemorySource(data), byteLength, name, signal);
  } catch (error) {
    if (error instanceof FormatError || error instanceof LimitError) return null;
    throw error;
  }
}
