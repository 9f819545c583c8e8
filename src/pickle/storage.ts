/**
 * Storages in a pickle: the persistent ids that name them, bytes that stand in the pickle itself, and the windows that
 * tensors look through. What the claims come to against the file (whether a key exists, how long its bytes are) the
 * file format checks.
 */

import type { PersistentValue, Value } from "../catalog/value.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import { dtypeOfStorage } from "../dtype-tags.ts";
import type { DType } from "../dtype.ts";
import { quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import {
  claimCount,
  claimCounts,
  claimItems,
  claimNumel,
  reachOf,
  refuse,
  shown,
  textOrNull,
} from "./claim.ts";
import { isKind } from "./globals.ts";
import type { PartRecord, StorageRecord } from "./tensor-record.ts";
import { latin1Bytes, utf8Bytes } from "./text.ts";

/** The part of a storage that one persistent id gives: all of it, but for the storage views of old PyTorch. */
export interface StorageWindow {
  readonly storage: StorageRecord;
  /** Where the window starts, in elements of the storage's dtype (bytes when it is untyped). */
  readonly offset: number;
  /** How many there are. */
  readonly numel: number;
}

/** Whether a persistent id names a storage; others name modules, tensors, or whatever a program liked. */
export function isStorageId(value: Value | undefined): value is PersistentValue {
  if (!isKind(value, "persistent") || !isKind(value.id, "tuple")) return false;
  return textOrNull(value.id.items[0]) === "storage";
}

/** Whether a persistent id is the text that protocol 0 makes of the id of a storage. */
export function isStorageText(value: Value | undefined): boolean {
  return isKind(value, "persistent") && textOrNull(value.id)?.startsWith("('storage',") === true;
}

/** The classes that TorchScript names, also for element types for which Python has none: `UInt16Storage`. */
const dtypeOfScriptStorage: ReadonlyMap<string, DType> = new Map(
  Object.values(dtypes).map((dtype) => [`${dtype.scalarType}Storage`, dtype]),
);

/** The element type of a storage class, null for the untyped one. */
function claimStorageClass(value: Value | undefined): DType | null {
  if (isKind(value, "global") && /^torch(\.\w+)?$/.test(value.module)) {
    if (value.name === "UntypedStorage" || value.name === "_UntypedStorage") return null;
    const dtype = dtypeOfStorage.get(value.name) ?? dtypeOfScriptStorage.get(value.name);
    if (dtype !== undefined) return dtype;
  }
  return refuse(`its storage class is ${shown(value)}, which is none`);
}

/** All storages a pickle claims, one record a key as long as the claims agree. */
export class StorageTable {
  /** By key, in the order of first mention; a second record says that the pickle contradicts itself. */
  readonly records: Map<string, StorageRecord[]> = new Map();
  readonly #inline: Map<Value, Map<string, StorageRecord>> = new Map();
  readonly #latin1: Map<string, Uint8Array | undefined> = new Map();
  readonly #utf8: Map<string, Uint8Array | undefined> = new Map();
  #inlineCount = 0;

  /** Reads `("storage", class, key, location, numel[, (view key, offset, numel)])`. */
  claim(value: Value | undefined): StorageWindow {
    if (isStorageText(value)) {
      return refuse(
        "pickle protocol 0 wrote the reference to its storage as a text, which PyTorch itself cannot load",
      );
    }
    if (!isStorageId(value))
      return refuse(`its storage is ${shown(value)}, where a reference to one is expected`);
    const [, storageClass, keyValue, location, count, view] = claimItems(value.id, 5, 6, "its storage's id");
    const dtype = claimStorageClass(storageClass);
    const key = textOrNull(keyValue) ?? (typeof keyValue === "number" ? String(keyValue) : null);
    if (key === null) return refuse(`the key of its storage is ${shown(keyValue)}, where text is expected`);
    if (key.startsWith("#"))
      return refuse(`the key of its storage is ${quote(key)}, which no file of PyTorch has`);
    const numel = claimCount(count, "its storage's number of elements");
    claimNumel([numel], dtype ?? dtypes.uint8);
    // A packed type counts the bytes of its storage, so its item is one of them.
    const byteLength = numel * (dtype?.itemSize ?? 1);
    const storage = this.#record({
      key,
      byteLength,
      dtype: dtype?.name ?? null,
      numel,
      location: textOrNull(location),
      inline: null,
    });
    if (view === undefined || view === null) return { storage, offset: 0, numel };
    const [, offsetValue, sizeValue] = claimItems(view, 3, 3, "its storage's view");
    const offset = claimCount(offsetValue, "its storage view's offset");
    const size = claimCount(sizeValue, "its storage view's size");
    if (offset + size > numel) {
      return refuse(
        `its storage view ends at element ${offset + size} of storage ${quote(key)}, which has ${numel}`,
      );
    }
    return { storage, offset, numel: size };
  }

  #record(claimed: StorageRecord): StorageRecord {
    const known = this.records.get(claimed.key);
    if (known === undefined) {
      this.records.set(claimed.key, [claimed]);
      return claimed;
    }
    const { dtype, numel, location } = claimed;
    const same = known.find((one) => one.dtype === dtype && one.numel === numel && one.location === location);
    if (same !== undefined) return same;
    known.push(claimed);
    return claimed;
  }

  /**
   * The `byteLength` bytes of a `str` of Python 2, which the machine made text of: as UTF-8 where they were that, else
   * as ISO 8859-1. Beyond ASCII the first is longer, so the number tells which it was; undefined when it was neither.
   */
  bytesOfText(text: string, byteLength: number): Uint8Array | undefined {
    // Made once: any number of arrays may name the same long text.
    const known = text.length === byteLength ? this.#latin1 : this.#utf8;
    if (!known.has(text)) {
      known.set(text, known === this.#latin1 ? latin1Bytes(text) : utf8Bytes(text));
    }
    const bytes = known.get(text);
    return bytes?.length === byteLength ? bytes : undefined;
  }

  /**
   * The storage of bytes that stand in the pickle as `source`: one for each dtype and `order` that they are read with.
   * `make` gives the bytes, little-endian.
   */
  inline(source: Value, dtype: DType, order: "<" | ">", make: () => Uint8Array): StorageRecord {
    let readings = this.#inline.get(source);
    if (readings === undefined) this.#inline.set(source, (readings = new Map()));
    const reading = `${order}${dtype.name}`;
    let record = readings.get(reading);
    if (record === undefined) {
      const bytes = make();
      record = {
        key: `#${this.#inlineCount++}`,
        byteLength: bytes.length,
        dtype: dtype.name,
        numel: bytes.length / dtype.itemSize,
        location: "cpu",
        inline: bytes,
      };
      readings.set(reading, record);
      this.records.set(record.key, [record]);
    }
    return record;
  }
}

/** What a rebuild function says of a strided tensor. */
export interface StridedClaim {
  readonly storage: Value | undefined;
  readonly offset: Value | undefined;
  readonly size: Value | undefined;
  readonly stride: Value | undefined;
  /** Where the call states it itself; else the storage's class does. */
  readonly dtype?: DType;
}

/** Checks a strided view against the storage it claims, as PyTorch's `set_` does. */
export function claimStrided(table: StorageTable, limits: Limits, claim: StridedClaim): PartRecord {
  const window = table.claim(claim.storage);
  const { storage } = window;
  // An untyped storage without a word on the dtype is bytes, as PyTorch loads it.
  const dtype = claim.dtype ?? (storage.dtype === null ? dtypes.uint8 : dtypes[storage.dtype]);
  const offset = claimCount(claim.offset, "its offset");
  const shape = claimCounts(claim.size, limits.rank, "its sizes");
  const stride = claimCounts(claim.stride, limits.rank, "its strides");
  if (shape.length !== stride.length) {
    return refuse(`its sizes [${shape.join(", ")}] and strides [${stride.join(", ")}] differ in number`);
  }
  claimNumel(shape, dtype);
  const reach = reachOf(shape, stride, offset);
  const itemSize = storage.dtype === null ? 1 : dtypes[storage.dtype].itemSize;
  const start = window.offset * itemSize;
  const needed = byteLengthOf(dtype, reach);
  const there = window.numel * itemSize;
  if (needed > there) {
    return refuse(
      `its sizes [${shape.join(", ")}], strides [${stride.join(", ")}] and offset ${offset} need ${needed} bytes ` +
        `of storage ${quote(storage.key)}, which has ${there}`,
    );
  }
  if (start % dtype.itemSize !== 0)
    return refuse(`its storage view starts at byte ${start}, between two elements`);
  const first = offset + start / dtype.itemSize;
  if (!Number.isSafeInteger(first)) return refuse("its offset is beyond 2^53 elements");
  return { layout: "strided", dtype: dtype.name, shape, stride, offset: first, storage };
}
