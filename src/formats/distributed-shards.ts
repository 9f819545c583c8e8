/**
 * Safetensors files of ranks, as `HuggingFaceStorageWriter(save_distributed=True)` of PyTorch writes them: each has pieces
 * of tensors, and its metadata say where in the whole a piece lies. Nothing states the size of the whole: it is where
 * the last piece ends.
 *
 * Source: torch/distributed/checkpoint/hf_storage.py and _hf_utils.py of PyTorch 2.13.
 */

import type { Chunk, Entry } from "../catalog/entry.ts";
import { tilingFault } from "../catalog/tiling.ts";
import { dtypes } from "../dtype.ts";
import { FormatError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { parseJson } from "./json.ts";
import { jsonField, jsonFields, jsonInteger, jsonList } from "./json-fields.ts";
import type { Shard, ShardStorages } from "./shard-files.ts";
import type { RefusedRow, TableRow } from "./tensor-table.ts";
import { shapeFault } from "./tensor-table.ts";

/** Where the metadata of a file keep the places of its pieces. */
export const placesKey = "DCP_SHARDING_INFO";

/** Whether a file has pieces of tensors. */
export function isDistributedShard({ metadata }: Shard): boolean {
  return typeof metadata[placesKey] === "string";
}

/** A tensor's pieces, as they are met. */
interface Pieces {
  readonly first: Entry;
  readonly chunks: Chunk[];
  /** The places of the chunks, by which ranks that wrote the same one are told. */
  readonly places: Set<string>;
  fault: string | null;
}

/** The tensors that the pieces in the files make, in the order in which they are met. */
export function distributedRows(
  shards: readonly Shard[],
  storages: ShardStorages,
  limits: Limits,
): (TableRow | RefusedRow)[] {
  const tensors = new Map<string, Pieces>();
  for (const shard of shards) {
    const places = placesOf(shard);
    const move = storages.moveFrom(shard);
    for (const entry of shard.entries) {
      if (entry.layout !== "strided") continue;
      const pieces = tensors.get(entry.name) ?? {
        first: entry,
        chunks: [],
        places: new Set<string>(),
        fault: null,
      };
      tensors.set(entry.name, pieces);
      const offsets = places.get(String(entry.path[0])) ?? entry.shape.map(() => 0);
      const { dtype, shape, stride, offset } = entry;
      if (
        dtype !== pieces.first.dtype ||
        shape.length !== pieces.first.shape.length ||
        offsets.length !== shape.length
      ) {
        pieces.fault = "its pieces differ in dtype or number of dimensions";
        continue;
      }
      const where = { dtype, shape, stride, offset, storage: move(entry.storage) };
      // Ranks that hold the same piece each write it.
      const at = `${offsets.join()} ${shape.join()}`;
      if (pieces.places.has(at)) continue;
      pieces.places.add(at);
      pieces.chunks.push({ offsets, sizes: shape, where });
    }
  }
  return [...tensors.values()].map((pieces) => rowOf(pieces, limits));
}

/** Where the pieces of a file lie, by the names of their tensors. */
function placesOf(shard: Shard): ReadonlyMap<string, readonly number[]> {
  const text = shard.metadata[placesKey];
  if (typeof text !== "string") return new Map();
  const json = parseJson(text, `${placesKey} of a file`);
  if (!(json instanceof Map)) {
    throw new FormatError(`opening a distributed checkpoint: the ${placesKey} of a file is no object`, {
      code: "distributed-places",
    });
  }
  return new Map(
    [...jsonFields(json)].map(
      ([name, place]) => [name, jsonList(jsonField(place, "saved_offsets")).map(jsonInteger)] as const,
    ),
  );
}

function rowOf({ first, chunks, fault }: Pieces, limits: Limits): TableRow | RefusedRow {
  const { path, kind, kindFrom, device, requiresGrad } = first;
  const dtype = dtypes[first.dtype];
  const shape = first.shape.map((_, axis) =>
    chunks.reduce((most, { offsets, sizes }) => Math.max(most, offsets[axis]! + sizes[axis]!), 0),
  );
  const refused = fault ?? shapeFault(dtype, shape, limits) ?? tilingFault(shape, chunks);
  if (refused !== null) return { path, refused };
  const facts = { path, kind, kindFrom, dtype, shape, device, requiresGrad };
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) {
    const { stride, offset, storage } = only.where;
    return { ...facts, layout: { layout: "strided", stride, offset, storage } };
  }
  return { ...facts, layout: { layout: "chunks", chunks, stride: null, offset: null, storage: null } };
}
