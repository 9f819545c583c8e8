/** An entry of one file as an entry of a checkpoint of several: its storages get other keys, all else is shared. */

import type { Entry, StorageRef, TensorPart } from "../catalog/entry.ts";

/** Gives a storage the key that it has in the new catalog. */
export type MoveStorage = (storage: StorageRef) => StorageRef;

/** The entry at its new index. */
export function movedEntry(entry: Entry, index: number, move: MoveStorage): Entry {
  const { quantization } = entry;
  if (quantization?.scheme === "per-channel") {
    const { scales, zeroPoints } = quantization;
    const moved = {
      ...quantization,
      scales: movedPart(scales, move),
      zeroPoints: movedPart(zeroPoints, move),
    };
    return { ...withLayout(entry, index, move), quantization: moved };
  }
  return withLayout(entry, index, move);
}

function withLayout(entry: Entry, index: number, move: MoveStorage): Entry {
  switch (entry.layout) {
    case "strided":
    case "blocks":
      return { ...entry, index, storage: move(entry.storage) };
    case "sparse": {
      const parts = Object.entries(entry.parts).map(([role, part]) => [role, movedPart(part, move)] as const);
      return { ...entry, index, parts: Object.fromEntries(parts) };
    }
    case "chunks":
      return {
        ...entry,
        index,
        chunks: entry.chunks.map((chunk) => ({ ...chunk, where: movedPart(chunk.where, move) })),
      };
    case "absent":
      return { ...entry, index };
  }
}

function movedPart(part: TensorPart, move: MoveStorage): TensorPart {
  return { ...part, storage: move(part.storage) };
}
