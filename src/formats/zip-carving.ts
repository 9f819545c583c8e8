/**
 * Records of a zip found by their local headers, for archives whose directory cannot be believed: what a scan looks
 * into when the directory is missing, contradicts the records or calls them encrypted. Never used for opening.
 */

import { inflate } from "../bytes/inflate.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import { latin1 } from "../pickle/text.ts";
import { FormatError, LimitError } from "../errors.ts";

/** A record that was found. */
export interface CarvedRecord {
  /** As its local header has it. */
  readonly name: string;
  /** Where its local header starts. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Records that are looked for. Prevents: a file of nothing but headers. */
const mostRecords = 10_000;

/** Bytes that a record may inflate to here, and that all records may. */
const mostInflated = 64 * 2 ** 20;

const headerByteLength = 30;
const localSignature = [0x50, 0x4b, 3, 4] as const;

function isAt(bytes: Uint8Array, at: number, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[at + index] === byte);
}

/** The next `PK` with a signature of any kind of zip header, or the end. */
function nextHeader(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x50, from); at >= 0; at = bytes.indexOf(0x50, at + 1)) {
    const kind = bytes[at + 2];
    if (bytes[at + 1] === 0x4b && (kind === 1 || kind === 3 || kind === 5) && bytes[at + 3] === kind + 1)
      return at;
  }
  return bytes.length;
}

/**
 * The records in `bytes`, whatever surrounds them. A record that cannot be inflated is left out: nobody could load it
 * either.
 *
 * @example
 * for (const { name, bytes } of await carveZip(file)) console.log(name, bytes.length);
 */
export async function carveZip(bytes: Uint8Array, signal?: AbortSignal): Promise<CarvedRecord[]> {
  const records: CarvedRecord[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let room = mostInflated;
  for (
    let start = nextHeader(bytes, 0);
    start + headerByteLength <= bytes.length;
    start = nextHeader(bytes, start + 4)
  ) {
    if (!isAt(bytes, start, localSignature)) continue;
    if (records.length === mostRecords) break;
    const nameEnd = start + headerByteLength + view.getUint16(start + 26, true);
    const dataStart = nameEnd + view.getUint16(start + 28, true);
    const method = view.getUint16(start + 8, true);
    // PyTorch writes zeros in the local header; then the record ends where the next header begins.
    const claimed = view.getUint32(start + 18, true);
    const dataEnd =
      claimed > 0 && dataStart + claimed <= bytes.length ? dataStart + claimed : nextHeader(bytes, dataStart);
    const data = bytes.subarray(dataStart, dataEnd);
    const name = latin1(bytes.subarray(start + headerByteLength, nameEnd));
    if (method === 0) records.push({ name, start, bytes: data });
    if (method !== 8) continue;
    const byteLength = view.getUint32(start + 22, true);
    if (byteLength > room) continue;
    const inflated = await inflatedOrNull(data, byteLength, name, signal);
    if (inflated === null) continue;
    room -= inflated.length;
    records.push({ name, start, bytes: inflated });
  }
  return records;
}

async function inflatedOrNull(
  data: Uint8Array,
  byteLength: number,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | null> {
  try {
    return await inflate(new MemorySource(data.slice()), byteLength, name, signal);
  } catch (error) {
    if (error instanceof FormatError || error instanceof LimitError) return null;
    throw error;
  }
}
