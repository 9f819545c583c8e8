/** The files of a checkpoint that is divided among several, opened side by side and listed as one. */

import type { Folder } from "../bytes/folder.ts";
import { RequestQueue } from "../bytes/request-queue.ts";
import type { Notice } from "../catalog/catalog.ts";
import type { Entry, StorageRef } from "../catalog/entry.ts";
import type { StorageBytes } from "../catalog/file-catalog.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import { FormatError, ParascopeError, quote, SourceError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { Candidate, type Format } from "./format.ts";
import { legacy } from "./legacy.ts";
import type { MoveStorage } from "./moved-row.ts";
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

/** A file of the checkpoint. */
export interface Shard {
  readonly name: string;
  readonly byteLength: number;
  readonly catalog: FileCatalog;
}

/** The files that could be opened, and the names of those that are not there. */
export interface ShardFiles {
  readonly shards: readonly Shard[];
  readonly missing: readonly string[];
}

/**
 * Opens files by their names, in their order; reads their headers only.
 *
 * Throws: the fault of the first file that is damaged, its name before it; `SourceError`.
 */
export async function openShards(names: readonly string[], context: ShardContext): Promise<ShardFiles> {
  if (names.length > maxShards) {
    throw new FormatError(`opening a checkpoint of several files: it has ${names.length}, more than ${maxShards}`, {
      code: "too-many-shards",
      hint: "No real checkpoint is divided so; get its index from where it came from.",
    });
  }
  const queue = new RequestQueue(opensAtOnce);
  const opened = await Promise.all(names.map((name) => queue.run(() => openShard(name, context), context.signal)));
  return {
    shards: opened.filter((shard) => shard !== undefined),
    missing: names.filter((_, index) => opened[index] === undefined),
  };
}

/** Opens a file; undefined when it is not there. */
async function openShard(name: string, context: ShardContext): Promise<Shard | undefined> {
  const { folder, limits, signal } = context;
  try {
    const source = await folder.open(name, signal);
    const candidate = await Candidate.of(source, { name, limits, signal });
    for (const format of formats) {
      if (!(await format.claims(candidate))) continue;
      const catalog = (await format.open(candidate)) as FileCatalog;
      return { name, byteLength: source.size, catalog };
    }
    throw new FormatError("it is no file of safetensors or torch.save", {
      code: "shard-format",
      hint: "Fetch the file again: an interrupted download or a Git LFS pointer looks like this.",
    });
  } catch (error) {
    if (error instanceof SourceError && error.code === "file-missing") return undefined;
    if (!(error instanceof FormatError) || error.code === "outside-folder") throw error;
    throw inFile(name, error);
  }
}

/** A fault with the name of the file that it is in. */
function inFile(name: string, error: ParascopeError): FormatError {
  return new FormatError(`${quote(name)}: ${error.message}`, { code: error.code, hint: error.hint, cause: error });
}

/** The storages of several files, by keys that have the file's name before them. */
export class ShardStorages {
  readonly #shards: Map<string, Shard> = new Map();
  readonly #homes: Map<string, { readonly shard: Shard; readonly key: string }> = new Map();

  /** Gives the storages of a file's entries their keys. */
  moveFrom(shard: Shard): MoveStorage {
    this.#shards.set(shard.name, shard);
    return (storage: StorageRef): StorageRef => {
      const key = `${shard.name}:${storage.key}`;
      if (!this.#homes.has(key)) this.#homes.set(key, { shard, key: storage.key });
      return { ...storage, key };
    };
  }

  /** Finds a storage in its file. */
  open(key: string): Promise<StorageBytes> {
    const { shard, key: inner } = this.#homes.get(key)!;
    return shard.catalog.openStorage(inner);
  }

  /** Bytes of the storages of all files. */
  get byteLength(): number {
    return [...this.#shards.values()].reduce((sum, { catalog }) => sum + catalog.storedByteLength, 0);
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
  for (const { name, catalog } of shards) {
    for (const notice of catalog.notices) {
      const text = `${notice.code}\n${notice.message}`;
      const known = files.get(text);
      if (known === undefined) files.set(text, { notice, names: [name] });
      else known.names.push(name);
    }
  }
  return [...files.values()].map(({ notice, names }) => ({
    ...notice,
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
