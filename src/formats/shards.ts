/**
 * Checkpoints divided among several files: `*.safetensors.index.json` and `pytorch_model.bin.index.json`, whose
 * `weight_map` says which file has which tensor, and numbered files without an index.
 *
 * The index knows names only, so listing reads the header of every file. What it claims is checked: sums, tensors that
 * a file lacks, files that are not there, tensors that it does not name.
 */

import type { Folder } from "../bytes/folder.ts";
import { checkFileName } from "../bytes/folder.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import type { FileFacts } from "../catalog/file-catalog.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import { FormatError, LimitError, quote, UsageError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { countOf } from "../shape.ts";
import { distributedRows, isDistributedShard, placesKey } from "./distributed-shards.ts";
import type { Candidate, Format } from "./format.ts";
import { parseJson } from "./json.ts";
import { jsonField, jsonFields } from "./json-fields.ts";
import { plainJson } from "./json-plain.ts";
import { movedEntry } from "./moved-entry.ts";
import type { Shard, ShardContext } from "./shard-files.ts";
import { openShards, shardNotices, shardOf, ShardStorages, someOf, storageTotal } from "./shard-files.ts";
import { catalogOfTable, treeOf } from "./tensor-table.ts";

/** What an index says. */
interface ShardIndex {
  /** The file of each tensor, by name. */
  readonly files: ReadonlyMap<string, string>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The index of a divided checkpoint. */
export const shardIndex: Format = {
  name: "sharded",

  claims({ head, name }) {
    const text = new TextDecoder("latin1").decode(head).trimStart();
    if (!text.startsWith("{")) return false;
    return name?.endsWith(".index.json") === true || /"weight_map"\s*:/.test(text);
  },

  async open(candidate) {
    const index = await readIndex(candidate);
    const { name, limits, signal } = candidate;
    const files = namesIn(index);
    const context = { folder: folderOf(candidate), limits, signal };
    const { shards, missing } = await openShards(files, context, shardOf);
    if (shards.length === 0 && files.length > 0) {
      throw new FormatError(
        `opening ${quote(name ?? "an index")}: none of the ${files.length} files it names is there (${someOf(files)})`,
        { code: "missing-shards", hint: "Fetch them into the folder of the index." },
      );
    }
    return catalogOfShards({ shards, missing, index, indexName: name, limits });
  },
};

/**
 * The files that an index names, in their order; null for what is no index.
 *
 * Throws: `FormatError` for an index that is damaged, or leads out of its folder.
 */
export async function filesOfIndex(candidate: Candidate): Promise<readonly string[] | null> {
  if (!(await shardIndex.claims(candidate))) return null;
  return namesIn(await readIndex(candidate));
}

function namesIn({ files }: ShardIndex): string[] {
  const names = [...new Set(files.values())].sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) checkFileName(name);
  return names;
}

/**
 * Opens numbered files as one checkpoint, without an index.
 *
 * Throws: as opening each of them.
 */
export async function openNumbered(
  names: readonly string[],
  missing: readonly string[],
  context: ShardContext,
): Promise<Catalog> {
  const { shards, missing: gone } = await openShards(names, context, shardOf);
  return catalogOfShards({
    shards,
    missing: [...missing, ...gone],
    index: null,
    indexName: undefined,
    limits: context.limits,
  });
}

function damaged(found: string): FormatError {
  return new FormatError(`opening the index of a checkpoint: ${found}`, {
    code: "shard-index",
    hint: 'Expected {"metadata": {…}, "weight_map": {"name of a tensor": "name of a file", …}}.',
  });
}

/** The folder that an index lies in. */
function folderOf({ folder, name }: Candidate): Folder {
  if (folder !== undefined) return folder;
  throw new UsageError(
    `opening ${quote(name ?? "an index")}: the files that it names cannot be found from its bytes alone`,
    {
      code: "needs-folder",
      hint: "Open it by its path or address, open its folder, or pass `folder` with the files.",
    },
  );
}

async function readIndex({ source, limits, signal }: Candidate): Promise<ShardIndex> {
  if (source.size > limits.safetensorsHeaderBytes) {
    throw new LimitError(
      `opening the index of a checkpoint: it has ${source.size} bytes, more than ${limits.safetensorsHeaderBytes}`,
      { code: "index-bytes", hint: "If you trust the file, raise limits.safetensorsHeaderBytes." },
    );
  }
  const json = parseJson(decoded(await source.read(0, source.size, signal)), "index of a checkpoint");
  const map = jsonField(json, "weight_map");
  if (!(map instanceof Map)) throw damaged("it has no weight_map");
  for (const [tensor, file] of jsonFields(map)) {
    if (typeof file !== "string") throw damaged(`the file of ${quote(tensor)} is not a text`);
  }
  const files = map as ReadonlyMap<string, string>;
  if (files.size > limits.entries) {
    throw new LimitError(
      `opening the index of a checkpoint: ${files.size} tensors, more than ${limits.entries}`,
      {
        code: "entries-limit",
        hint: "If you trust the file, raise limits.entries.",
      },
    );
  }
  const metadata = plainJson(jsonField(json, "metadata") ?? new Map());
  return { files, metadata: typeof metadata === "object" && metadata !== null ? { ...metadata } : {} };
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw damaged("it is not UTF-8");
  }
}

/** What is known of a divided checkpoint. */
interface Division {
  readonly shards: readonly Shard[];
  readonly missing: readonly string[];
  /** Null where the files are numbered and nothing says more. */
  readonly index: ShardIndex | null;
  readonly indexName: string | undefined;
  readonly limits: Limits;
}

function catalogOfShards(division: Division): Catalog {
  const { shards, missing, index, indexName, limits } = division;
  const storages = new ShardStorages();
  const metadata = {
    ...sharedMetadata(shards),
    ...index?.metadata,
    ...(indexName !== undefined && { index: indexName }),
    shards: shards.map(({ name, byteLength, entries }) => ({ name, byteLength, entries: entries.length })),
  };
  const notices = [...missingNotices(division, missing), ...shardNotices(shards)];
  const openStorage: FileFacts["openStorage"] = (key) => storages.open(key);
  if (index === null && shards.some(isDistributedShard)) {
    const rows = distributedRows(shards, storages, limits);
    const storedByteLength = storages.byteLength;
    return catalogOfTable({
      format: "distributed-safetensors",
      rows,
      metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== placesKey)),
      notices,
      storedByteLength,
      openStorage,
      limits,
    });
  }
  const { entries, notices: found } = listed(division, storages);
  return new FileCatalog({
    format: "sharded",
    entries,
    root: () => treeOf(entries),
    modules: [],
    metadata,
    notices: [...notices, ...found],
    storedByteLength: storages.byteLength,
    gatherBytes: limits.gatherBytes,
    openStorage,
  });
}

/** What all files say of themselves alike, such as `format: "pt"`. */
function sharedMetadata(shards: readonly Shard[]): Record<string, unknown> {
  const [first, ...others] = shards;
  const shared = Object.entries(first?.metadata ?? {}).filter(
    ([key, value]) => typeof value === "string" && others.every(({ metadata }) => metadata[key] === value),
  );
  return Object.fromEntries(shared);
}

/** The tensors of all files, each name once, in the order of the files and of their bytes. */
function listed(division: Division, storages: ShardStorages): { entries: Entry[]; notices: Notice[] } {
  const { shards, index, limits } = division;
  const opened = new Set(shards.map(({ name }) => name));
  const entries: Entry[] = [];
  const names = new Set<string>();
  const unnamed: string[] = [];
  const repeated: string[] = [];
  for (const shard of shards) {
    const move = storages.moveFrom(shard);
    for (const entry of shard.entries) {
      const name = keyOf(entry);
      const home = index?.files.get(name);
      // What the index gives to another file is read from there.
      if (names.has(name) || (home !== undefined && home !== shard.name && opened.has(home))) {
        repeated.push(name);
        continue;
      }
      if (entries.length >= limits.entries) {
        throw new LimitError(`listing tensors: more than ${limits.entries}`, {
          code: "entries-limit",
          hint: "If you trust the files, raise limits.entries.",
        });
      }
      if (index !== null && home === undefined) unnamed.push(name);
      names.add(name);
      entries.push(movedEntry(entry, entries.length, move));
    }
  }
  const notices = [
    ...(index === null ? [] : claimNotices(index, entries, names, opened)),
    ...namesNotice(unnamed, "unnamed-tensors", (many) => `${many} in the files, but not in the index`),
    ...namesNotice(
      repeated,
      "repeated-tensors",
      (many) => `${many} in more than one file; each is listed once`,
    ),
  ];
  return { entries, notices };
}

/** The name that an index has for a tensor: the key, without the escapes of a name. */
function keyOf({ path, name }: Entry): string {
  return path.length === 1 ? String(path[0]) : name;
}

/** One notice about tensors, where there are any. `say` continues "3 tensors are". */
function namesNotice(names: readonly string[], code: string, say: (many: string) => string): Notice[] {
  if (names.length === 0) return [];
  const many = names.length === 1 ? "1 tensor is" : `${names.length} tensors are`;
  return [{ code, message: `${say(many)}: ${someOf(names)}.`, names: [] }];
}

/** Where what the index claims is not so. `names` are listed, `opened` are the files that are there. */
function claimNotices(
  index: ShardIndex,
  entries: readonly Entry[],
  names: ReadonlySet<string>,
  opened: ReadonlySet<string>,
): Notice[] {
  const absent = [...index.files].flatMap(([tensor, file]) =>
    names.has(tensor) || !opened.has(file) ? [] : [tensor],
  );
  const notices = namesNotice(
    absent,
    "missing-tensors",
    (many) => `${many} not in the file that the index names for it`,
  );
  // Sums say something only of a checkpoint that is whole.
  if (absent.length > 0 || [...index.files.values()].some((file) => !opened.has(file))) return notices;
  const named = entries.filter((entry) => index.files.has(keyOf(entry)));
  const byteLength = named.reduce((sum, entry) => sum + entry.byteLength, 0);
  const elements = named.reduce((sum, { shape }) => sum + countOf(shape), 0);
  const totals = [
    // Names that share a storage are counted once by some writers and twice by others.
    { key: "total_size", unit: "bytes", counts: [byteLength, storageTotal(named)] },
    { key: "total_parameters", unit: "elements", counts: [elements] },
  ];
  for (const { key, unit, counts } of totals) {
    const claim = Number(index.metadata[key] ?? Number.NaN);
    // Whoever counts parameters of packed weights counts what they stand for: that is another number, and no fault.
    if (Number.isNaN(claim) || counts.includes(claim) || (unit === "elements" && claim > elements)) continue;
    const message = `The index claims ${claim} ${unit} (${key}); the tensors that it names have ${counts[0]}.`;
    notices.push({ code: "index-total", message, names: [] });
  }
  return notices;
}

function missingNotices({ index }: Division, missing: readonly string[]): Notice[] {
  return missing.map((name) => {
    const count = index === null ? 0 : [...index.files.values()].filter((file) => file === name).length;
    const message =
      `The file ${quote(name)} is not there` +
      (count === 0
        ? "; what it holds is not listed."
        : `; ${count === 1 ? "1 tensor is" : `${count} tensors are`} not listed.`);
    return { code: "missing-shard", message, names: [] };
  });
}
