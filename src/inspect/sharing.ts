/**
 * Sharing: which entries of a catalog show the same stored elements, wholly or partly, and how many elements and bytes
 * some entries have when what they share is counted once.
 *
 * Counting rules. Entries that show the same elements count once. Entries that show different parts of one storage
 * count the union of the parts. An expanded view counts its elements as PyTorch's `numel()` does, repeats included.
 * One storage seen with two element widths counts once for each width.
 */

import type { Entry, StridedLayout, TensorPart } from "../catalog/entry.ts";
import { dtypes } from "../dtype.ts";
import { isContiguous, newRunBudget, regionKey, regionOf, scaleRegion, unite } from "./region.ts";
import type { Region, RunBudget } from "./region.ts";

/** Elements, and the bytes that they take up without gaps. */
export interface Amount {
  readonly elements: number;
  readonly byteLength: number;
}

/** Bytes of a storage that no tensor shows. */
export interface UnreachableBytes {
  /** The storage's key. */
  readonly storage: string;
  readonly byteLength: number;
  /** Of all its bytes. */
  readonly storageByteLength: number;
  /** The entries that look into it. */
  readonly entries: readonly Entry[];
}

/** What entries share. */
export interface Sharing {
  /** Groups of two or more entries that show exactly the same elements. */
  readonly ties: readonly (readonly Entry[])[];
  /** Groups of entries whose elements are partly the same. */
  readonly overlaps: readonly (readonly Entry[])[];
  readonly unreachable: readonly UnreachableBytes[];
  /** Bytes of all storages that entries look into, each once. */
  readonly storageByteLength: number;
  /** Whether anything else may show elements of this entry; where not, its amount simply adds up. */
  isShared(entry: Entry): boolean;
  /** The amount of some entries, what they share counted once. */
  amountOf(entries: Iterable<Entry>): Amount;
  /** Whether every count so far is exact; see Note [run budget]. */
  isExact(): boolean;
}

/** Entries that show one region. */
interface Place {
  readonly region: Region;
  readonly entries: Entry[];
  /** What stride-0 dimensions add to the region's own count, for the widest of the views. */
  repeats: number;
  /** The number of the cluster of overlapping places it belongs to; -1 when nothing overlaps it. */
  cluster: number;
}

/** The places of one storage that have elements of one width. */
interface Pool {
  readonly bits: number;
  readonly places: Map<string, Place>;
}

/** One storage with all that looks into it. */
interface Store {
  readonly byteLength: number;
  readonly pools: Map<number, Pool>;
  readonly entries: Set<Entry>;
  /** Regions in bits of tensors without names: indices of sparse tensors, scales. */
  readonly parts: Region[];
}

const noParts: readonly TensorPart[] = [];

/** The parts of an entry that are tensors of their own. */
function partsOf(entry: Entry): readonly TensorPart[] {
  if (entry.layout === "strided" && entry.quantization === undefined) return noParts;
  const parts: TensorPart[] = [];
  if (entry.layout === "sparse") parts.push(...Object.values(entry.parts));
  if (entry.layout === "chunks") parts.push(...entry.chunks.map((chunk) => chunk.where));
  if (entry.quantization?.scheme === "per-channel") {
    parts.push(entry.quantization.scales, entry.quantization.zeroPoints);
  }
  return parts;
}

/** Whether an entry shows every byte of its storage, each once: nearly all do. */
function fillsItsStorage(entry: Entry): entry is Entry & StridedLayout {
  if (entry.layout !== "strided" || entry.quantization !== undefined) return false;
  return entry.byteLength === entry.storage.byteLength && isContiguous(entry.shape, entry.stride);
}

/** What tells two non-strided entries apart; null where nothing is stored. */
function signatureOf(entry: Entry): string | null {
  if (entry.layout === "sparse") return JSON.stringify(entry.parts);
  if (entry.layout === "chunks") return JSON.stringify(entry.chunks);
  return null;
}

/** Finds out what the entries share. Takes time in proportion to the entries, plus the run budget at most. */
export function sharingOf(entries: readonly Entry[], budget: RunBudget = newRunBudget()): Sharing {
  const stores = new Map<string, Store>();
  const placeOf = new Map<Entry, { pool: Pool; place: Place }>();
  const signatures = new Map<string, Entry[]>();

  const uses = new Map<string, number>();
  for (const entry of entries) {
    if (entry.storage !== null) uses.set(entry.storage.key, (uses.get(entry.storage.key) ?? 0) + 1);
    for (const { storage } of partsOf(entry)) uses.set(storage.key, (uses.get(storage.key) ?? 0) + 1);
  }
  let storageByteLength = 0;
  const storeOf = (key: string, byteLength: number): Store => {
    let store = stores.get(key);
    if (store === undefined) {
      store = { byteLength, pools: new Map(), entries: new Set(), parts: [] };
      stores.set(key, store);
      storageByteLength += byteLength;
    }
    return store;
  };

  for (const entry of entries) {
    if (fillsItsStorage(entry) && uses.get(entry.storage.key) === 1) {
      storageByteLength += entry.storage.byteLength;
      continue;
    }
    for (const part of partsOf(entry)) {
      const store = storeOf(part.storage.key, part.storage.byteLength);
      store.entries.add(entry);
      if (part.shape.includes(0)) continue;
      store.parts.push(scaleRegion(regionOf(part.shape, part.stride, part.offset), dtypes[part.dtype].bits));
    }
    const signature = signatureOf(entry);
    if (signature !== null) {
      const same = signatures.get(signature);
      if (same === undefined) signatures.set(signature, [entry]);
      else same.push(entry);
    }
    if (entry.layout === "blocks") {
      const store = storeOf(entry.storage.key, entry.storage.byteLength);
      store.entries.add(entry);
      store.parts.push(regionOf([entry.storage.byteLength * 8], [1], 0));
    }
    if (entry.layout !== "strided") continue;
    const store = storeOf(entry.storage.key, entry.storage.byteLength);
    store.entries.add(entry);
    if (entry.numel === 0) continue;
    const { bits } = dtypes[entry.dtype];
    let pool = store.pools.get(bits);
    if (pool === undefined) {
      pool = { bits, places: new Map() };
      store.pools.set(bits, pool);
    }
    const region = regionOf(entry.shape, entry.stride, entry.offset);
    const key = regionKey(region);
    let place = pool.places.get(key);
    if (place === undefined) {
      place = { region, entries: [], repeats: 0, cluster: -1 };
      pool.places.set(key, place);
    }
    place.entries.push(entry);
    place.repeats = Math.max(place.repeats, entry.numel - region.count);
    placeOf.set(entry, { pool, place });
  }

  const overlaps: (readonly Entry[])[] = [];
  const ties: (readonly Entry[])[] = [...signatures.values()].filter((same) => same.length > 1);
  for (const store of stores.values()) {
    for (const pool of store.pools.values()) {
      const places = [...pool.places.values()];
      for (const place of places) if (place.entries.length > 1) ties.push(place.entries);
      if (places.length < 2) continue;
      const { clusters } = unite(
        places.map((place) => place.region),
        budget,
      );
      for (const cluster of clusters) {
        for (const index of cluster) places[index]!.cluster = overlaps.length;
        overlaps.push(cluster.flatMap((index) => places[index]!.entries).sort(byIndex));
      }
    }
  }

  const amountOfPlaces = (pool: Pool, places: ReadonlySet<Place>): Amount => {
    let elements = 0;
    const clusters = new Map<number, Region[]>();
    for (const { region, repeats, cluster } of places) {
      elements += repeats;
      const regions = clusters.get(cluster);
      if (cluster < 0) elements += region.count;
      else if (regions === undefined) clusters.set(cluster, [region]);
      else regions.push(region);
    }
    for (const regions of clusters.values()) {
      elements += regions.length === 1 ? regions[0]!.count : unite(regions, budget).count;
    }
    return { elements, byteLength: Math.ceil((elements * pool.bits) / 8) };
  };

  const isShared = (entry: Entry): boolean => {
    const found = placeOf.get(entry);
    if (found !== undefined) return found.pool.places.size > 1 || found.place.entries.length > 1;
    const signature = signatureOf(entry);
    return signature !== null && signatures.get(signature)!.length > 1;
  };

  const amountOf = (chosen: Iterable<Entry>): Amount => {
    let elements = 0;
    let byteLength = 0;
    const shared = new Map<Pool, Set<Place>>();
    const seen = new Set<string>();
    for (const entry of chosen) {
      const found = isShared(entry) ? placeOf.get(entry) : undefined;
      if (found !== undefined) {
        const places = shared.get(found.pool);
        if (places === undefined) shared.set(found.pool, new Set([found.place]));
        else places.add(found.place);
        continue;
      }
      const signature = signatureOf(entry);
      if (signature !== null && seen.has(signature)) continue;
      if (signature !== null) seen.add(signature);
      elements += entry.numel;
      byteLength += entry.byteLength;
    }
    for (const [pool, places] of shared) {
      const amount = amountOfPlaces(pool, places);
      elements += amount.elements;
      byteLength += amount.byteLength;
    }
    return { elements, byteLength };
  };

  const unreachable: UnreachableBytes[] = [];
  for (const [storage, store] of stores) {
    const byteLength = store.byteLength - reachedBytes(store, budget);
    if (byteLength <= 0) continue;
    unreachable.push({
      storage,
      byteLength,
      storageByteLength: store.byteLength,
      entries: [...store.entries],
    });
  }
  const byFirst = (a: readonly Entry[], b: readonly Entry[]): number => byIndex(a[0]!, b[0]!);
  return {
    ties: ties.sort(byFirst),
    overlaps: overlaps.sort(byFirst),
    unreachable,
    storageByteLength,
    isShared,
    amountOf,
    isExact: () => !budget.exceeded,
  };
}

function byIndex(a: Entry, b: Entry): number {
  return a.index - b.index;
}

/** Bytes of a storage that some tensor shows. */
function reachedBytes(store: Store, budget: RunBudget): number {
  const regions = [...store.parts];
  for (const pool of store.pools.values()) {
    for (const place of pool.places.values()) regions.push(scaleRegion(place.region, pool.bits));
  }
  const [only] = regions;
  if (only === undefined) return 0;
  const bits = regions.length === 1 ? only.count : unite(regions, budget).count;
  return Math.ceil(bits / 8);
}
