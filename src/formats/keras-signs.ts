/**
 * What a scan says of Keras models, which no format here opens: a Lambda layer is Python byte code, which Keras runs as
 * the model is loaded (unless its safe mode stays on).
 */

import type { ByteSource } from "../bytes/source.ts";
import type { Zip, ZipEntry } from "../bytes/zip.ts";
import type { ScanFinding } from "../inspect/scan-report.ts";
import { latin1 } from "../pickle/text.ts";

/** Bytes of a model's description that are searched. Real: some hundred KB. */
const searchedByteLength = 16 * 2 ** 20;

/** A layer as the JSON of a model describes it; older files have the JSON in an attribute of an HDF5 file. */
const lambda = /"class_name":\s*"(?:Lambda|__lambda__)"/;

function finding(where: string): ScanFinding {
  return {
    code: "keras-lambda",
    severity: "danger",
    where,
    message: "a layer of this Keras model is a Lambda: Python byte code that runs when Keras loads the model",
  };
}

/** How the bytes are read. */
export interface KerasSignOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The findings about one record of a zip: only the description of a `.keras` file has any. */
export async function kerasSigns(
  zip: Zip,
  entry: ZipEntry,
  where: string,
  { signal }: KerasSignOptions,
): Promise<ScanFinding[]> {
  if (entry.name !== "config.json" || entry.byteLength > searchedByteLength) return [];
  const bytes = await zip.open(entry).read(0, entry.byteLength, signal);
  return lambda.test(latin1(bytes)) ? [finding(where)] : [];
}

/** Whether bytes begin as an HDF5 file does. */
export function isHdf5(head: Uint8Array): boolean {
  return latin1(head.subarray(0, 8)) === "\x89HDF\r\n\x1a\n";
}

/** The findings about an HDF5 file. */
export async function hdf5Signs(
  source: ByteSource,
  where: string,
  { signal }: KerasSignOptions,
): Promise<ScanFinding[]> {
  const bytes = await source.read(0, Math.min(source.size, searchedByteLength), signal);
  return lambda.test(latin1(bytes)) ? [finding(where)] : [];
}
