/**
 * A catalog: anything whose parameters can be looked at. A file opens to one without a weight being read, a live
 * module presents itself as one; the inspector, the command line and the page know nothing else.
 */

import type { Entry } from "./entry.ts";
import type { Value } from "./value.ts";

/** Where what presents itself as a catalog has the function that gives it; the same for every copy of this package. */
export const catalogKey: unique symbol = Symbol.for("parascope.catalog") as never;

/** A module of the network, as far as the file tells. */
export interface ModuleFacts {
  /** Its name, in the form of an entry's `module`. */
  readonly name: string;
  /** The qualified class name where it is recorded, else null. */
  readonly class: string | null;
  /** Whether it was in training mode where that is recorded, else null. */
  readonly training: boolean | null;
}

/** Something a reader should know: an anomaly, or a fact the table does not show. */
export interface Notice {
  /** Stable identifier in kebab case: `"shared-storage"`. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  /** The entries it is about, by name. */
  readonly names: readonly string[];
}

/** Which of an entry's bytes to read. */
export interface ReadOptions {
  /** First byte, counted in the entry's contiguous order. Default 0. */
  readonly start?: number;
  /** The byte after the last. Default `byteLength`. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** Anything whose parameters can be looked at. */
export interface Catalog {
  /** The format it came from: `"torch-zip"`, `"safetensors"`. */
  readonly format: string;
  readonly entries: readonly Entry[];
  /** The value tree around the tensors; its leaves refer to entries by index. */
  readonly root: Value;
  /** The modules in tree order, parents before children. */
  readonly modules: readonly ModuleFacts[];
  /** The file's own metadata: versions, byte order, `__metadata__`. JSON values only. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly notices: readonly Notice[];
  /** Bytes of all storages in the file, each counted once, reachable or not. */
  readonly storedByteLength: number;
  /**
   * The entry's bytes in contiguous order, little-endian, whatever its strides and the file's byte order; those of a
   * lazily conjugated or negated view as PyTorch shows them. They may be a view of the bytes that the catalog was
   * opened with, at any offset of their buffer: copy them before writing to them or laying wider numbers over them.
   *
   * Throws: `UsageError` for a range outside `[0, byteLength]` or an entry that is not strided; `SourceError`.
   */
  read(entry: Entry, options?: ReadOptions): Promise<Uint8Array>;
  /** The same bytes in blocks of `size` bytes (the last one shorter), in order. */
  blocks(entry: Entry, size?: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}
