/**
 * Storages inside a pickle as whole files: a tensor that was pickled without `torch.save` calls
 * `torch.storage._load_from_bytes` with a legacy file that holds its storage. Their trees are put in the place of the
 * calls, so that the tensors around them find their elements.
 */

import { MemorySource } from "../bytes/memory-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { NodeValue, PersistentValue, Value } from "../catalog/value.ts";
import { FormatError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { textOrNull } from "../pickle/claim.ts";
import { isKind } from "../pickle/globals.ts";
import { isStorageId } from "../pickle/storage.ts";
import { nestedFile, TorchReader } from "../pickle/torch.ts";
import type { LegacyFile } from "./legacy-file.ts";
import { readLegacy } from "./legacy-file.ts";
import { replaceNodes, visitNodes } from "./nodes.ts";

/** Files in files in …: real ones have one level. */
const deepest = 8;

/** A tree whose nested files are part of it. */
export interface GraftedTree {
  readonly root: Value;
  /** The storages of the nested files, by the keys they have in the tree. */
  readonly storages: ReadonlyMap<string, ByteSource>;
}

/** How nested files are read. */
export interface GraftOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** A call that holds a file. */
interface NestedCall {
  readonly node: NodeValue;
  readonly bytes: Uint8Array;
  readonly depth: number;
}

/**
 * Reads every file that the tree holds, and those that these hold. One that is damaged stays as it is: the tensors
 * that need it are refused by name.
 *
 * Throws: `LimitError` for a nested file beyond the limits.
 */
export async function graftNested(root: Value, options: GraftOptions): Promise<GraftedTree> {
  const calls = callsIn(root, 0);
  if (calls.length === 0) return { root, storages: new Map() };
  const trees = new Map<NodeValue, Value>();
  const storages = new Map<string, ByteSource>();
  // The same bytes at many calls are read once: a small file could not make much work otherwise.
  const read = new Map<Uint8Array, Value | null>();
  for (const { node, bytes, depth } of calls) {
    let tree = read.get(bytes);
    if (tree === undefined) {
      const file = await readNested(bytes, options);
      tree = file && graft(file, `nested ${read.size}: `, storages);
      read.set(bytes, tree);
      if (depth < deepest) for (const call of callsIn(tree, depth + 1)) calls.push(call);
    }
    if (tree !== null) trees.set(node, tree);
  }
  // The innermost files came last: their trees are complete before they are put into others.
  for (const { node } of calls.toReversed()) {
    const tree = trees.get(node);
    if (tree !== undefined)
      trees.set(
        node,
        replaceNodes(tree, (inner) => trees.get(inner)),
      );
  }
  return { root: replaceNodes(root, (node) => trees.get(node)), storages };
}

function callsIn(tree: Value, depth: number): NestedCall[] {
  const calls: NestedCall[] = [];
  visitNodes(tree, (node) => {
    const bytes = nestedFile(node);
    if (bytes !== undefined) calls.push({ node, bytes, depth });
  });
  return calls;
}

async function readNested(bytes: Uint8Array, options: GraftOptions): Promise<LegacyFile | null> {
  try {
    return await readLegacy(new MemorySource(bytes), { ...options, torch: new TorchReader(options.limits) });
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** Gives the storages of a nested file keys of their own, and returns its tree. */
function graft(file: LegacyFile, prefix: string, storages: Map<string, ByteSource>): Value {
  const items = new Set(file.ids.filter(isStorageId).map(idItems));
  for (const id of items) {
    const key = textOrNull(id[2]) ?? (typeof id[2] === "number" ? String(id[2]) : null);
    if (key !== null) id[2] = prefix + key;
  }
  for (const [key, source] of file.storages) storages.set(prefix + key, source);
  return file.pickle.value;
}

function idItems({ id }: PersistentValue): Value[] {
  return isKind(id, "tuple") ? id.items : [];
}
