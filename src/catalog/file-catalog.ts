/**
 * The catalog of a file: what a format found at opening, and access to the bytes of the storages it found.
 *
 * All formats share it. It opens a storage when the first of its bytes is asked for, and never touches the rest.
 */

import type { ByteSource } from "../bytes/source.ts";
import { dtypes } from "../dtype.ts";
import { quote, UsageError } from "../errors.ts";
import type { Catalog, ModuleFacts, Notice, ReadOptions } from "./catalog.ts";
import type { Entry } from "./entry.ts";
import type { StorageReading, StridedView } from "./strided.ts";
import { readStrided, stridedBlocks } from "./strided.ts";
import type { Value } from "./value.ts";

/** What a format knows after opening a file. */
export interface FileFacts {
  readonly format: string;
  readonly entries: readonly Entry[];
  readonly root: Value;
  readonly modules: readonly ModuleFacts[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly storedByteLength: number;
  /** Bytes of a storage that may be held at once, as in `Limits`. */
  readonly gatherBytes: number;
  /** Finds a storage by the key that an entry has. Called once for each. */
  readonly openStorage: (key: string) => StorageBytes | Promise<StorageBytes>;
}

/** The bytes of one storage. */
export interface StorageBytes {
  readonly source: ByteSource;
  /** The order of bytes within its numbers. */
  readonly byteOrder: "little" | "big";
}

/** Bytes of a block unless the caller says otherwise: large enough that its cost is its bytes. */
const defaultBlockBytes = 2 ** 20;

/** A catalog over the storages of one file. */
export class FileCatalog implements Catalog {
  readonly format: string;
  readonly entries: readonly Entry[];
  readonly root: Value;
  readonly modules: readonly ModuleFacts[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  readonly storedByteLength: number;
  readonly #facts: FileFacts;
  readonly #storages: Map<string, Promise<StorageBytes>>;

  constructor(facts: FileFacts) {
    this.format = facts.format;
    this.entries = facts.entries;
    this.root = facts.root;
    this.modules = facts.modules;
    this.metadata = facts.metadata;
    this.notices = facts.notices;
    this.storedByteLength = facts.storedByteLength;
    this.#facts = facts;
    this.#storages = new Map();
  }

  async read(entry: Entry, options: ReadOptions = {}): Promise<Uint8Array> {
    const { view, key, byteLength } = this.#viewOf(entry);
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
    return readStrided(await this.#storage(key, signal), view, start, end);
  }

  async *blocks(
    entry: Entry,
    size: number = defaultBlockBytes,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { view, key } = this.#viewOf(entry);
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new UsageError(`reading ${quote(entry.name)}: blocks of ${size} bytes, expected at least one`, {
        code: "bad-block-size",
      });
    }
    yield* stridedBlocks(await this.#storage(key, signal), view, size);
  }

  /** How an entry's elements lie. The catalog's own entry decides, not the copy that the caller holds. */
  #viewOf(entry: Entry): { view: StridedView; key: string; byteLength: number } {
    const own = this.entries[entry.index];
    if (own === undefined || own.name !== entry.name) {
      throw new UsageError(`reading ${quote(entry.name)}: this entry is not of this catalog`, {
        code: "foreign-entry",
        hint: "Pass one of the catalog's own entries.",
      });
    }
    if (own.layout !== "strided") {
      const why = own.layout === "absent" ? own.why : `its layout is ${own.layout}`;
      throw new UsageError(`reading ${quote(entry.name)}: it has no strided bytes, ${why}`, {
        code: "not-strided",
        hint: 'Only entries whose layout is "strided" can be read.',
      });
    }
    const { shape, stride, offset, storage, byteLength } = own;
    return { view: { dtype: dtypes[own.dtype], shape, stride, offset }, key: storage.key, byteLength };
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
    return { ...(await opened), gatherBytes: this.#facts.gatherBytes, signal };
  }
}
