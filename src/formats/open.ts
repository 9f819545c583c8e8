/** Opens a checkpoint: asks each format in order, and says what a file is that none of them claims. */

import { BlobSource } from "../bytes/blob-source.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { UsageError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { withLimits } from "../limits.ts";
import { Candidate } from "./format.ts";
import { formats } from "./index.ts";
import { unknownFile } from "./unknown.ts";

/** What can be opened: a source of bytes, or bytes. */
export type Openable = ByteSource | Uint8Array | ArrayBuffer | Blob;

/** How to open a checkpoint. */
export interface OpenOptions {
  /** The file's name, for formats that show it. The bytes alone decide what the file is. */
  readonly name?: string;
  /** Caps on untrusted input that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

/**
 * Opens a checkpoint for looking at. Reads the directory or the header and the structure around the tensors, no
 * weights: of a file of any size some kilobytes.
 *
 * Throws: `FormatError` when the file is damaged or no checkpoint, `LimitError` when it is larger than a limit allows,
 * `SourceError` when it cannot be read.
 *
 * @example
 * const catalog = await open(new Uint8Array(bytes));
 * for (const { name, shape } of catalog.entries) console.log(name, shape);
 */
export async function open(file: Openable, options: OpenOptions = {}): Promise<Catalog> {
  const candidate = await Candidate.of(sourceOf(file), {
    name: options.name,
    limits: withLimits(options.limits),
    signal: options.signal,
  });
  for (const format of formats) {
    if (await format.claims(candidate)) return format.open(candidate);
  }
  throw await unknownFile(candidate);
}

function sourceOf(file: Openable): ByteSource {
  if (file instanceof ArrayBuffer) return new MemorySource(file);
  // A Buffer of Node is an Uint8Array too, with a `slice` and a JSON of its own: what we hand out is plain.
  if (file instanceof Uint8Array) {
    return new MemorySource(new Uint8Array(file.buffer as ArrayBuffer, file.byteOffset, file.byteLength));
  }
  if (typeof Blob !== "undefined" && file instanceof Blob) return new BlobSource(file);
  if (typeof file === "object" && file !== null && "read" in file && "size" in file) return file;
  throw new UsageError(`opening a checkpoint: ${typeof file} is nothing with bytes`, {
    code: "not-a-source",
    hint: "Pass a ByteSource, a Uint8Array, an ArrayBuffer or a Blob; in Node, openFile(path) makes a source of a file.",
  });
}
