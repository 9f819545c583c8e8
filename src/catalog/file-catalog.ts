/**
 * The catalog of a file: what a format found at opening, and access to the bytes of the storages it found.
 *
 * All formats share it. It opens a storage when the first of its bytes is asked for, and never touches the rest.
 */

import type { ByteSource } from "../bytes/source.ts";
import { dtypes } from "../dtype.ts";
import { quote, UsageError } from "../errors.ts";
import { contiguousStrides } from "../shape.ts";
import { ChunkedSource } from "./chunked-source.ts";
import type { Catalog, ModuleFacts, Notice, ReadOptions } from "./catalog.ts";
import type { BlocksLayout, Entry } from "./entry.ts";
import { LazySource } from "./lazy-source.ts";
import { moduleTree } from "./modules.ts";
import type { StorageReading, StridedView } from "./strided.ts";
import { readStrided, stridedBlocks } from "./strided.ts";
import type { Value } from "./value.ts";

/** What a format knows after opening a file. */
export interface FileFacts {
  readonly format: string;
  readonly entries: readonly Entry[];
  /** The tree, or what makes it: a list of tensors never asks for it, and of 90 000 it takes 30 MB. */
  readonly root: Value | (() => Value);
  /** The modules that the file tells of; names of entries tell of the others. */
  readonly modules: readonly ModuleFacts[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly storedByteLength: number;
  /** Bytes of a storage that may be held at once, as in `Limits`. */
  readonly gatherBytes: number;
  /** Finds a storage by the key that an entry has. Called once for each. */
  readonly openStorage: (key: string) => StorageBytes | Promise<StorageBytes>;
  /** The decoded elements of an entry in blocks, as bytes of its dtype; undefined where they cannot be decoded. */
  readonly openBlocks?: ((entry: Entry & BlocksLayout) => ByteSource | undefined) | undefined;
  /** The values that made the entries in the file's pickle, by index, for writing them back as they are. */
  readonly made?: readonly Value[];
  /** Bytes of a storage that the file has, also of one that no entry reaches; undefined where it has none. */
  readonly storageByteLength?: (key: string) => number | undefined;
}

/** The bytes of one storage. */
export interface StorageBytes {
  readonly source: ByteSource;
  /** The order of bytes within its numbers. */
  readonly byteOrder: "little" | "big";
}

/** How an entry's elements lie, and the bytes that they lie in. */
interface OpenableView {
  readonly view: StridedView;
  readonly byteLength: number;
  readonly open: (signal: AbortSignal | undefined) => Promise<StorageReading>;
}

/** Bytes of a block unless the caller says otherwise: large enough that its cost is its bytes. */
const defaultBlockBytes = 2 ** 20;

/** What a writer asks of an opened file beyond what a catalog shows. */
export interface Origin {
  /** The values that made the entries in the file's pickle, by index; empty where there is none. */
  readonly made: readonly Value[];
  /** Bytes of a storage of the file; undefined where it has none of that key, or not its bytes. */
  storageByteLength(key: string): number | undefined;
  /** The order of bytes within the numbers of a storage of the file, as `openStorage` says, without waiting for it. */
  storageByteOrder(key: string): StorageBytes["byteOrder"];
  /** The bytes of a storage as they lie in the file. */
  openStorage(key: string): Promise<StorageBytes>;
}

/** A catalog over the storages of one file. */
export class FileCatalog implements Catalog, Origin {
  readonly format: string;
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly storedByteLength: number;
  readonly made: readonly Value[];
  #root: FileFacts["root"];
  #modules: readonly ModuleFacts[] | undefined;
  readonly #facts: FileFacts;
  readonly #storages: Map<string, Promise<StorageBytes>>;

  constructor(facts: FileFacts) {
    this.format = facts.format;
    this.entries = facts.entries;
    this.metadata = facts.metadata;
    this.notices = facts.notices;
    this.storedByteLength = facts.storedByteLength;
    this.made = facts.made ?? [];
    this.#root = facts.root;
    this.#facts = facts;
    this.#storages = new Map();
  }

  get root(): Value {
    if (typeof this.#root === "function") this.#root = this.#root();
    return this.#root;
  }

  get modules(): readonly ModuleFacts[] {
    this.#modules ??= moduleTree(
      this.#facts.modules,
      this.entries.map(({ module }) => module),
    );
    return this.#modules;
  }

  async read(entry: Entry, options: ReadOptions = {}): Promise<Uint8Array> {
    const { view, byteLength, open: openView } = this.#viewOf(entry);
    const { start = 0, end = byteLength, signal } = options;
    if (!(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end)) {
      throw new UsageError(`reading ${quote(entry.name)}: ${start} to ${end} is not a range of bytes`, {
        code: "bad-range",
      });
    }
    if (end > byteLength) {
      throw new UsageError(
        `reading ${quote(entry.name)}: the range ${start} to ${end} ends after its ${byteLength} bytes`,
        { code: "bad-range" },
      );
    }
    return readStrided(await openView(signal), view, start, end);
  }

  async *blocks(
    entry: Entry,
    size: number = defaultBlockBytes,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { view, open: openView } = this.#viewOf(entry);
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new UsageError(`reading ${quote(entry.name)}: blocks of ${size} bytes, expected at least one`, {
        code: "bad-block-size",
      });
    }
    yield* stridedBlocks(await openView(signal), view, size);
  }

  /** How an entry's elements lie. The catalog's own entry decides, not the copy that the caller holds. */
  #viewOf(entry: Entry): OpenableView {
    const own = this.entries[entry.index];
    if (own === undefined || own.name !== entry.name) {
      throw new UsageError(`reading ${quote(entry.name)}: this entry is not of this catalog`, {
        code: "foreign-entry",
        hint: "Pass one of the catalog's own entries.",
      });
    }
    const decoded = own.layout === "blocks" ? this.#facts.openBlocks?.(own) : undefined;
    if (decoded !== undefined) {
      const { shape, byteLength } = own;
      const view = { dtype: dtypes[own.dtype], shape, stride: contiguousStrides(shape), offset: 0 };
      return {
        view,
        byteLength,
        open: async (signal) => this.#reading({ source: decoded, byteOrder: "little" }, signal),
      };
    }
    if (own.layout === "chunks" && dtypes[own.dtype].bits >= 8) {
      const { shape, byteLength, chunks } = own;
      const dtype = dtypes[own.dtype];
      const view = { dtype, shape, stride: contiguousStrides(shape), offset: 0 };
      const source = new ChunkedSource(dtype, shape, chunks, (key, signal) => this.#storage(key, signal));
      return {
        view,
        byteLength,
        open: async (signal) => this.#reading({ source, byteOrder: "little" }, signal),
      };
    }
    if (own.layout !== "strided") {
      const why =
        own.layout === "absent"
          ? own.why
          : own.layout === "blocks"
            ? `and its blocks (${own.type}) are not decoded`
            : `its layout is ${own.layout}`;
      throw new UsageError(`reading ${quote(entry.name)}: it has no strided bytes, ${why}`, {
        code: "not-strided",
        hint: 'Only entries whose layout is "strided" can be read.',
      });
    }
    const { shape, stride, offset, storage, byteLength } = own;
    const dtype = dtypes[own.dtype];
    const view = { dtype, shape, stride, offset };
    const open = (signal: AbortSignal | undefined): Promise<StorageReading> =>
      this.#storage(storage.key, signal);
    const { lazy } = own;
    if (lazy === undefined || dtype.bits < 8) return { view, byteLength, open };
    return {
      view: { dtype, shape, stride: contiguousStrides(shape), offset: 0 },
      byteLength,
      open: async (signal) => {
        const reading = await open(signal);
        const stored: ByteSource = {
          size: byteLength,
          read: (start, end, stop) => readStrided({ ...reading, signal: stop }, view, start, end),
        };
        return this.#reading({ source: new LazySource(stored, dtype, lazy), byteOrder: "little" }, signal);
      },
    };
  }

  /** What finds its storages, for a catalog that takes over its entries. */
  get opener(): FileFacts["openStorage"] {
    return this.#facts.openStorage;
  }

  storageByteLength(key: string): number | undefined {
    return this.#facts.storageByteLength?.(key);
  }

  storageByteOrder(key: string): StorageBytes["byteOrder"] {
    const opened = this.#facts.openStorage(key);
    if (!(opened instanceof Promise)) return opened.byteOrder;
    // Formats that have to fetch something to find a storage know little-endian numbers only.
    opened.catch(() => undefined);
    return "little";
  }

  async openStorage(key: string): Promise<StorageBytes> {
    const { source, byteOrder } = await this.#storage(key, undefined);
    return { source, byteOrder };
  }

  /** Opens a storage once for all readers; a failure is forgotten, so that the next reader tries again. */
  async #storage(key: string, signal: AbortSignal | undefined): Promise<StorageReading> {
    signal?.throwIfAborted();
    let opened = this.#storages.get(key);
    if (opened === undefined) {
      opened = Promise.resolve(this.#facts.openStorage(key));
      this.#storages.set(key, opened);
      opened.catch(() => this.#storages.delete(key));
    }
    return this.#reading(await opened, signal);
  }

  #reading(bytes: StorageBytes, signal: AbortSignal | undefined): StorageReading {
    return { ...bytes, gatherBytes: this.#facts.gatherBytes, signal };
  }
}
