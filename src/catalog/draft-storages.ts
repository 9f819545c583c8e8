/** The storages of a draft: those of the file it edits, found when they are needed, and new ones. */

import type { ByteSource } from "../bytes/source.ts";
import { dtypes } from "../dtype.ts";
import { contiguousStrides } from "../shape.ts";
import type { Catalog } from "./catalog.ts";
import type { StoredBytes, StoredTensor } from "./document.ts";
import type { Entry } from "./entry.ts";
import type { Origin } from "./file-catalog.ts";

/** What a writer may ask of a catalog that is a file; undefined for other catalogs. */
export function originOf(catalog: Catalog): Origin | undefined {
  return "openStorage" in catalog && "made" in catalog ? (catalog as Catalog & Origin) : undefined;
}

/** A storage that is not the file's. */
export interface NewStorage {
  readonly key: string;
  readonly bytes: StoredBytes;
}

/** Storages by key; each is one object as long as it is not edited. */
export class DraftStorages {
  readonly #base: Catalog;
  readonly #origin: Origin | undefined;
  readonly #byKey: Map<string, StoredBytes> = new Map();
  /** Bytes of each storage that an entry of the file names. */
  readonly #lengths: ReadonlyMap<string, number>;
  #newCount = 0;

  constructor(base: Catalog) {
    this.#base = base;
    this.#origin = originOf(base);
    this.#lengths = new Map(
      base.entries.flatMap(({ storage }) =>
        storage === null ? [] : [[storage.key, storage.byteLength] as const],
      ),
    );
  }

  /** A storage of the file or of the draft; undefined where there is none of that key, or not its bytes. */
  get(key: string): StoredBytes | undefined {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const origin = this.#origin;
    const byteLength = origin?.storageByteLength(key) ?? this.#lengths.get(key);
    if (byteLength === undefined || origin === undefined) return undefined;
    const bytes: StoredBytes = {
      byteLength,
      // What the metadata call the byte order can be anybody's text; the storage itself knows.
      get byteOrder() {
        return origin.storageByteOrder(key);
      },
      open: async () => (await origin.openStorage(key)).source,
    };
    this.#byKey.set(key, bytes);
    return bytes;
  }

  /** Puts other bytes in the place of a storage. */
  set(key: string, bytes: StoredBytes): void {
    this.#byKey.set(key, bytes);
  }

  /** A storage of little-endian bytes that no file has. */
  add(byteLength: number, open: StoredBytes["open"]): NewStorage {
    const key = `+${this.#newCount}`;
    this.#newCount += 1;
    const bytes: StoredBytes = { byteLength, byteOrder: "little", open };
    this.#byKey.set(key, bytes);
    return { key, bytes };
  }

  /** What an entry of the file is as elements; null for what only its own pickle can express. */
  tensorOf(entry: Entry): StoredTensor | null {
    if (entry.quantization !== undefined || entry.lazy !== undefined) return null;
    // Boxes that a reader puts together are written as the tensor that they are.
    if (entry.layout === "chunks" && dtypes[entry.dtype].bits >= 8)
      return this.#readTensor(entry, `chunks ${entry.name}`);
    if (entry.layout !== "strided") return null;
    const storage = this.get(entry.storage.key);
    if (storage !== undefined) {
      return { ...factsOf(entry), storage, stride: entry.stride, offset: entry.offset };
    }
    // A catalog that is no file gives bytes by entry: names that are the same view share them, others have their own.
    const { storage: ref, dtype, offset, shape, stride } = entry;
    return this.#readTensor(entry, `view ${JSON.stringify([ref.key, dtype, offset, shape, stride])}`);
  }

  /** A tensor whose bytes the catalog reads: entries of one view share them. */
  #readTensor(entry: Entry, view: string): StoredTensor {
    let bytes = this.#byKey.get(view);
    if (bytes === undefined) {
      const base = this.#base;
      const source: ByteSource = {
        size: entry.byteLength,
        read: (start, end, signal) => base.read(entry, { start, end, ...(signal && { signal }) }),
      };
      bytes = { byteLength: entry.byteLength, byteOrder: "little", open: () => source };
      this.#byKey.set(view, bytes);
    }
    return { ...factsOf(entry), storage: bytes, stride: contiguousStrides(entry.shape), offset: 0 };
  }
}

/** What an entry says of its tensor beside where its elements are. */
export function factsOf(entry: Entry): Omit<StoredTensor, "storage" | "stride" | "offset"> {
  return {
    dtype: dtypes[entry.dtype],
    shape: entry.shape,
    requiresGrad: entry.requiresGrad ?? false,
    isParameter: entry.kind === "parameter" && entry.kindFrom === "recorded",
    device: entry.device ?? "cpu",
  };
}
