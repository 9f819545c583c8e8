/** One array of a NumPy file as an entry of a catalog, and the catalog of such entries. */

import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import type { StorageBytes } from "../catalog/file-catalog.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import type { Value } from "../catalog/value.ts";
import { byteLengthOf } from "../dtype.ts";
import { FormatError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../name.ts";
import { joinPath, moduleOf } from "../name.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { NpyHeader } from "./npy-header.ts";
import { npyHeaderByteLength, parseNpyHeader, usualHeaderByteLength } from "./npy-header.ts";

/** The header of a file of `size` bytes, whose first bytes `readStart` gives. Throws: `FormatError`. */
export async function readNpyHeader(
  size: number,
  readStart: (byteLength: number) => Promise<Uint8Array>,
  limits: Limits,
): Promise<NpyHeader> {
  const head = await readStart(Math.min(usualHeaderByteLength, size));
  const byteLength = npyHeaderByteLength(head);
  if (byteLength > size) {
    throw new FormatError(
      `reading the header of a NumPy array: it claims ${byteLength} bytes, and the file has ${size}`,
      { code: "npy-truncated", hint: "The file is incomplete; fetch or save it again." },
    );
  }
  return parseNpyHeader(byteLength <= head.length ? head : await readStart(byteLength), limits);
}

/** An array that can be listed, or the reason why not. */
export type ArrayReading =
  | {
      readonly header: NpyHeader & { readonly dtype: NonNullable<NpyHeader["dtype"]> };
      readonly bytes: StorageBytes;
      readonly notices: readonly Notice[];
      readonly refused: null;
    }
  | { readonly refused: string };

/** The array that a header tells of, over the file it is from. */
export function arrayOf(header: NpyHeader, source: ByteSource): ArrayReading {
  const { dtype, shape, dataStart, descr, isBigEndian } = header;
  if (dtype === null) {
    return {
      refused: /^\|?O/.test(descr)
        ? "its elements are Python objects"
        : `its element type is ${quote(descr)}, and PyTorch has none like it`,
    };
  }
  const byteLength = byteLengthOf(dtype, countOf(shape));
  if (!Number.isSafeInteger(byteLength))
    return { refused: `its shape [${shape.join(", ")}] is beyond 2^53 bytes` };
  const rest = source.size - dataStart;
  if (rest < byteLength) {
    return { refused: `its shape [${shape.join(", ")}] needs ${byteLength} bytes, and ${rest} are there` };
  }
  const notices: Notice[] =
    rest === byteLength
      ? []
      : [
          {
            code: "trailing-bytes",
            message: `${rest - byteLength} bytes follow the array; NumPy passes over them.`,
            names: [],
          },
        ];
  const slice = new SliceSource(source, dataStart, dataStart + byteLength);
  return {
    header: { ...header, dtype },
    bytes: { source: slice, byteOrder: isBigEndian ? "big" : "little" },
    notices,
    refused: null,
  };
}

/** The entry of an array. Its storage is called `key`. */
export function entryOf(
  { header, bytes }: Exclude<ArrayReading, { readonly refused: string }>,
  index: number,
  path: Path,
  key: string,
): Entry {
  const { dtype, shape, isFortran } = header;
  return {
    index,
    path,
    name: joinPath(path),
    module: moduleOf(path),
    // An array says nothing of a network.
    kind: "tensor",
    kindFrom: "unknown",
    dtype: dtype.name,
    shape,
    numel: countOf(shape),
    byteLength: bytes.source.size,
    device: null,
    requiresGrad: null,
    layout: "strided",
    stride: isFortran ? contiguousStrides(shape.toReversed()).toReversed() : contiguousStrides(shape),
    offset: 0,
    storage: { key, byteLength: bytes.source.size },
  };
}

/** What was found in a file of arrays. */
export interface FoundArrays {
  readonly entries: readonly Entry[];
  readonly root: Value;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly storages: ReadonlyMap<string, StorageBytes>;
}

/** The catalog of a file of arrays. */
export function catalogOfArrays(format: string, limits: Limits, found: FoundArrays): Catalog {
  const { entries, storages } = found;
  return new FileCatalog({
    format,
    entries,
    root: found.root,
    modules: [],
    metadata: found.metadata,
    notices: found.notices,
    storedByteLength: [...storages.values()].reduce((sum, { source }) => sum + source.size, 0),
    gatherBytes: limits.gatherBytes,
    openStorage: (key) => storages.get(key)!,
  });
}
