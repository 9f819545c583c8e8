/** The files of a checkpoint that is divided among several, opened side by side and listed as one. */

import type { Folder } from "../bytes/folder.ts";
import { RequestQueue } from "../bytes/request-queue.ts";
import type { Notice } from "../catalog/catalog.ts";
import type { Entry, StorageRef } from "../catalog/entry.ts";
import type { FileCatalog, FileFacts, StorageBytes } from "../catalog/file-catalog.ts";
import type { ParascopeError } from "../errors.ts";
import { FormatError, quote, SourceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { Candidate, type Format } from "./format.ts";
import { legacy } from "./legacy.ts";
import type { MoveStorage } from "./moved-entry.ts";
import { safetensors } from "./safetensors.ts";
import { torchZip } from "./torch-zip.ts";

/** What the files of a divided checkpoint may be. An index is none of them, so that none can lead to itself. */
const formats: readonly Format[] = [safetensors, torchZip, legacy];

/** Files whose headers are read at a time. */
const opensAtOnce = 8;

/** Files of one checkpoint. Real: 163, some of 2000. Prevents: an index that asks for a million requests. */
const maxShards = 20_000;

/** How the files are to be read. */
export interface ShardContext {
  readonly folder: Folder;
  readonly limits: Limits;
  readonly signal: AbortSignal | undefined;
}

/**
 * What is kept of a file of the checkpoint: without the tree and the modules that its catalog has, of which the whole
 * gets its own.
 */
export interface Shard extends Pick<
  FileCatalog,
  "entries" | "metadata" | "notices" | "storedByteLength" | "opener"
> {
  readonly name: string;
  readonly byteLength: number;
}

/** Keeps of a file what `listed` tensors need. */
export function shardOf(name: string, byteLength: number, catalog: FileCatalog): Shard {
  const { entries, metadata, notices, storedByteLength, opener } = catalog;
  return { name, byteLength, entries, metadata, notices, storedByteLength, opener };
}

/** What was made of the files that could be opened, and the names of those that are not there. */
export interface OpenedFiles<Kept> {
  readonly shards: readonly Kept[];
  readonly missing: readonly string[];
}

/**
 * Opens files by their names, in their order; reads their headers only. `keep` gives what stays of each.
 *
 * Throws: the fault of the first file that is damaged, its name before it; `SourceError`.
 */
export async function openShards<Kept extends object>(
  names: readonly string[],
  context: ShardContext,
  keep: (name: string, byteLength: number, catalog: FileCatalog) => Kept,
): Promise<OpenedFiles<Kept>> {
  if (names.length > maxShards) {
    throw new FormatError(
      `opening a checkpoint of several files: it has ${names.length}, more than ${maxShards}`,
      {
        code: "too-many-shards",
        hint: "No real checkpoint is divided so; get its index from where it came from.",
      },
    );
  }
  const queue = new RequestQueue(opensAtOnce);
  const openOne = async (name: string): Promise<Kept | null> => {
    const file = await openShard(name, context);
    return file && keep(name, file.byteLength, file.catalog);
  };
  const opened = await Promise.all(names.map((name) => queue.run(() => openOne(name), context.signal)));
  return {
    shards: opened.filter((shard) => shard !== null),
    missing: names.filter((_, index) => opened[index] === null),
  };
}

/** Opens a file; null when it is not there. */
async function openShard(
  name: string,
  context: ShardContext,
): Promise<{ byteLength: number; catalog: FileCatalog } | null> {
  const { folder, limits, signal } = context;
  try {
    const source = await folder.open(name, signal);
    const candidate = await Candidate.of(source, { name, limits, signal });
    for (const format of formats) {
      if (!(await format.claims(candidate))) continue;
      const catalog = (await format.open(candidate)) as FileCatalog;
      return { byteLength: source.size, catalog };
    }
    throw new FormatError("it is no file of safetensors or torch.save", {
      code: "shard-format",
      hint: "Fetch the file again: an interrupted download or a Git LFS pointer looks like this.",
    });
  } catch (error) {
    if (error instanceof SourceError && error.code === "file-missing") return null;
    if (!(error instanceof FormatError) || error.code === "outside-folder") throw error;
    throw inFile(name, error);
  }
}

/** A fault with the name of the file that it is in. */
function inFile(name: string, error: ParascopeError): FormatError {
  return new FormatError(`${quote(name)}: ${error.message}`, {
    code: error.code,
    hint: error.hint,
    cause: error,
  });
}

/**
 * The storages of several files, by keys that have the file's name before them. Of the files' own catalogs it keeps
 * nothing else: 90 000 entries should be in memory once.
 */
export class ShardStorages {
  readonly #openers: Map<string, FileFacts["openStorage"]> = new Map();
  /** Bytes of the storages of all files. */
  byteLength = 0;

  /** Gives the storages of a file's entries their keys. */
  moveFrom({ name, opener, storedByteLength }: Shard): MoveStorage {
    this.#openers.set(name, opener);
    this.byteLength += storedByteLength;
    return ({ key, byteLength }: StorageRef): StorageRef => ({ key: `${name}:${key}`, byteLength });
  }

  /** Finds a storage in its file. */
  open(key: string): StorageBytes | Promise<StorageBytes> {
    // A file's name may have a colon too: the first that ends the name of a file is the border.
    let border = key.indexOf(":");
    while (!this.#openers.has(key.slice(0, border))) border = key.indexOf(":", border + 1);
    return this.#openers.get(key.slice(0, border))!(key.slice(border + 1));
  }
}

/** Entries that notices of one kind name by hand. */
const shownNames = 3;

/** A few of many names, for a sentence. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).map(quote).join(", ");
  return names.length > shownNames ? `${shown}, …` : shown;
}

/** What the files have to say of themselves: the same sentence of several files once. */
export function shardNotices(shards: readonly Shard[]): Notice[] {
  const files = new Map<string, { readonly notice: Notice; readonly names: string[] }>();
  for (const { name, notices } of shards) {
    for (const notice of notices) {
      const text = `${notice.code}\n${notice.message}`;
      const known = files.get(text);
      if (known === undefined) files.set(text, { notice, names: [name] });
      else known.names.push(name);
    }
  }
  return [...files.values()].map(({ notice, names }) => ({
    code: notice.code,
    names: notice.names,
    message: `In ${names.length === 1 ? quote(names[0]!) : `${names.length} files (${someOf(names)})`}: ${notice.message}`,
  }));
}

/** The sum of the bytes that entries take, storages that several of them use counted once. */
export function storageTotal(entries: readonly Entry[]): number {
  const storages = new Map<string, number>();
  let sum = 0;
  for (const { storage, byteLength } of entries) {
    if (storage === null) sum += byteLength;
    else storages.set(storage.key, storage.byteLength);
  }
  for (const byteLength of storages.values()) sum += byteLength;
  return sum;
}
