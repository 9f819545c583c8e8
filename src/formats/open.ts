/** Opens a checkpoint: asks each format in order, and says what a file is that none of them claims. */

import { BlobSource } from "../bytes/blob-source.ts";
import type { Folder } from "../bytes/folder.ts";
import { folderBeside } from "../bytes/folder.ts";
import { MemorySource } from "../bytes/memory-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { FormatError, quote, UsageError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { withLimits } from "../limits.ts";
import { modelConfig } from "./model-config.ts";
import { openDeepSpeed } from "./deepspeed.ts";
import { checkpointIn } from "./folder-contents.ts";
import { Candidate } from "./format.ts";
import { formats } from "./index.ts";
import { openNumbered } from "./shards.ts";
import { cutShort } from "./truncated-zip.ts";
import { unknownFile } from "./unknown.ts";

/** What can be opened: a source of bytes, bytes, or a folder with a checkpoint in it. */
export type Openable = ByteSource | Uint8Array | ArrayBuffer | Blob | Folder;

/** How to open a checkpoint. */
export interface OpenOptions {
  /** The file's name, for formats that show it. The bytes alone decide what the file is. */
  readonly name?: string;
  /** The files beside it: those that an index names. A folder that is opened is its own. */
  readonly folder?: Folder | undefined;
  /** Caps on untrusted input that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

/**
 * Opens a checkpoint for looking at. Reads the directory or the header and the structure around the tensors, no
 * weights: of a file of any size some kilobytes. Of a folder it opens the model, whose files it finds itself.
 *
 * Throws: `UsageError` when a folder holds no checkpoint or several; `FormatError` when the file is damaged or no checkpoint, `LimitError` when it is larger than a limit allows,
 * `SourceError` when it cannot be read.
 *
 * @example
 * const catalog = await open(new Uint8Array(bytes));
 * for (const { name, shape } of catalog.entries) console.log(name, shape);
 */
export async function open(file: Openable, options: OpenOptions = {}): Promise<Catalog> {
  return isFolder(file) ? openFolder(file, options) : openFile(sourceOf(file), options);
}

async function openFile(source: ByteSource, options: OpenOptions): Promise<Catalog> {
  const candidate = await Candidate.of(source, {
    name: options.name,
    folder: options.folder,
    limits: withLimits(options.limits),
    signal: options.signal,
  });
  const truncated = candidate.isZip ? await candidate.zip().then(() => null, truncationOf) : null;
  if (truncated !== null) throw await cutShort(candidate, truncated);
  for (const format of formats) {
    if (await format.claims(candidate)) return format.open(candidate);
  }
  throw await unknownFile(candidate);
}

/** The error of a zip that has no end; null for others, which the formats meet again. */
function truncationOf(error: unknown): FormatError | null {
  return error instanceof FormatError && error.code === "zip-truncated" ? error : null;
}

/** Opens the checkpoint that a folder holds. */
async function openFolder(folder: Folder, options: OpenOptions): Promise<Catalog> {
  const { name = "the folder", signal } = options;
  const files = await folder.list(signal);
  if (files === null) {
    throw new UsageError(`opening ${quote(name)}: nobody can tell which files are in it`, {
      code: "folder-unlisted",
      hint: "Name the checkpoint's index, or its file.",
    });
  }
  const found = checkpointIn(files, name);
  const context = { folder, limits: withLimits(options.limits), signal };
  if (found.what === "deepspeed") return openDeepSpeed(found.hasLatest, context);
  const config = await modelConfig(files, context);
  if (found.what === "shards") {
    return withConfig(await openNumbered(found.names, found.missing, context), config);
  }
  const file = found.name;
  const inside = {
    ...options,
    name: file.slice(file.lastIndexOf("/") + 1),
    folder: folderBeside(folder, file),
  };
  return withConfig(await openFile(await folder.open(file, signal), inside), config);
}

/** The catalog of a model with its configuration, which says how packed weights are to be read. */
function withConfig(catalog: Catalog, config: unknown): Catalog {
  if (config === undefined) return catalog;
  return Object.assign(catalog, { metadata: { ...catalog.metadata, config } });
}

/** Whether it is a folder. */
export function isFolder(file: Openable): file is Folder {
  return typeof file === "object" && file !== null && "list" in file && "open" in file;
}

/** The bytes of a file as a source. Throws: `UsageError` for what has none. */
export function sourceOf(file: Exclude<Openable, Folder>): ByteSource {
  if (file instanceof ArrayBuffer) return new MemorySource(file);
  // A Buffer of Node is an Uint8Array too, with a `slice` and a JSON of its own: what we hand out is plain.
  if (file instanceof Uint8Array) {
    return new MemorySource(new Uint8Array(file.buffer as ArrayBuffer, file.byteOffset, file.byteLength));
  }
  if (typeof Blob !== "undefined" && file instanceof Blob) return new BlobSource(file);
  if (typeof file === "object" && file !== null && "read" in file && "size" in file) return file;
  throw new UsageError(`opening a checkpoint: ${typeof file} is nothing with bytes`, {
    code: "not-a-source",
    hint: "Pass a ByteSource, a Uint8Array, an ArrayBuffer, a Blob or a Folder; in Node, openFile(path) makes a source of a file.",
  });
}
