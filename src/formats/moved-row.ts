/** An entry of one catalog as a row of another one's table: under another path, its storages under other keys. */

import type { Entry, Layout, StorageRef, TensorPart } from "../catalog/entry.ts";
import { dtypes } from "../dtype.ts";
import type { Path } from "../name.ts";
import type { TableRow } from "./tensor-table.ts";

/** Gives a storage the key that it has in the new catalog. */
export type MoveStorage = (storage: StorageRef) => StorageRef;

/** The row of an entry; nothing of it is read. */
export function movedRow(entry: Entry, path: Path, move: MoveStorage): TableRow {
  const { kind, kindFrom, dtype, shape, device, requiresGrad, quantization, subclass, lazy } = entry;
  return {
    path,
    kind,
    kindFrom,
    dtype: dtypes[dtype],
    shape,
    layout: movedLayout(entry, move),
    device,
    requiresGrad,
    extras: {
      ...(quantization && {
        quantization:
          quantization.scheme === "per-tensor"
            ? quantization
            : {
                ...quantization,
                scales: movedPart(quantization.scales, move),
                zeroPoints: movedPart(quantization.zeroPoints, move),
              },
      }),
      ...(subclass !== undefined && { subclass }),
      ...(lazy && { lazy }),
    },
  };
}

function movedPart(part: TensorPart, move: MoveStorage): TensorPart {
  return { ...part, storage: move(part.storage) };
}

function movedLayout(entry: Entry, move: MoveStorage): Layout {
  const none = { stride: null, offset: null, storage: null };
  switch (entry.layout) {
    case "strided":
      return { layout: "strided", stride: entry.stride, offset: entry.offset, storage: move(entry.storage) };
    case "sparse": {
      const parts = Object.entries(entry.parts).map(([role, part]) => [role, movedPart(part, move)] as const);
      return { layout: "sparse", format: entry.format, parts: Object.fromEntries(parts), ...none };
    }
    case "chunks": {
      const chunks = entry.chunks.map((chunk) => ({ ...chunk, where: movedPart(chunk.where, move) }));
      return { layout: "chunks", chunks, ...none };
    }
    case "blocks": {
      const { type, blockElements, blockByteLength } = entry;
      const blocks = { layout: "blocks", type, blockElements, blockByteLength } as const;
      return { ...blocks, stride: null, offset: null, storage: move(entry.storage) };
    }
    case "absent":
      return { layout: "absent", why: entry.why, stride: entry.stride, offset: entry.offset, storage: null };
  }
}
