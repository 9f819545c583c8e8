/** Checkpoints of `torch.save` that are records of another archive: their tensors as rows of its table. */

import type { Zip, ZipEntry } from "../bytes/zip.ts";
import type { Entry, Layout, StorageRef, TensorPart } from "../catalog/entry.ts";
import type { FileCatalog, StorageBytes } from "../catalog/file-catalog.ts";
import type { Notice } from "../catalog/catalog.ts";
import { dtypes } from "../dtype.ts";
import { FormatError, quote } from "../errors.ts";
import type { Path } from "../name.ts";
import { Candidate } from "./format.ts";
import type { TableRow } from "./tensor-table.ts";
import { torchZip } from "./torch-zip.ts";

/** Where a storage of a nested checkpoint is. */
interface NestedStorage {
  readonly catalog: FileCatalog;
  readonly key: string;
}

/** The nested checkpoints of one archive. Keys of storages get the name of their record before them. */
export class NestedCatalogs {
  readonly notices: Notice[] = [];
  /** Bytes of all storages of what was opened. */
  storedByteLength = 0;
  readonly #candidate: Candidate;
  readonly #zip: Zip;
  readonly #storages: Map<string, NestedStorage> = new Map();

  constructor(candidate: Candidate, zip: Zip) {
    this.#candidate = candidate;
    this.#zip = zip;
  }

  /** The tensors of the checkpoint in a record, their paths below `base`; none and a notice when it is damaged. */
  async rows(record: ZipEntry, base: Path): Promise<TableRow[]> {
    const { limits, signal } = this.#candidate;
    try {
      const nested = await Candidate.of(this.#zip.open(record), { limits, signal });
      if (!(await torchZip.claims(nested))) {
        throw new FormatError("it is no torch.save zip", { code: "nested-format" });
      }
      const catalog = (await torchZip.open(nested)) as FileCatalog;
      this.storedByteLength += catalog.storedByteLength;
      for (const { code, message } of catalog.notices) {
        this.notices.push({ code, message: `In ${quote(record.name)}: ${message}`, names: [] });
      }
      return catalog.entries.map((entry) => this.#rowOf(entry, catalog, record.name, base));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const message = `The tensors in ${quote(record.name)} are not listed: ${error.message}.`;
      this.notices.push({ code: "refused-record", message, names: [] });
      return [];
    }
  }

  /** The bytes of a storage of a nested checkpoint; undefined for other keys. */
  openStorage(key: string): Promise<StorageBytes> | undefined {
    const found = this.#storages.get(key);
    return found && found.catalog.openStorage(found.key);
  }

  #rowOf(entry: Entry, catalog: FileCatalog, record: string, base: Path): TableRow {
    const { path, kind, kindFrom, dtype, shape, device, requiresGrad, quantization, subclass, lazy } = entry;
    const ref = (storage: StorageRef): StorageRef => {
      const key = `${record}:${storage.key}`;
      this.#storages.set(key, { catalog, key: storage.key });
      return { ...storage, key };
    };
    const part = (one: TensorPart): TensorPart => ({ ...one, storage: ref(one.storage) });
    const extras = {
      ...(quantization === undefined
        ? {}
        : {
            quantization:
              quantization.scheme === "per-tensor"
                ? quantization
                : {
                    ...quantization,
                    scales: part(quantization.scales),
                    zeroPoints: part(quantization.zeroPoints),
                  },
          }),
      ...(subclass === undefined ? {} : { subclass }),
      ...(lazy === undefined ? {} : { lazy }),
    };
    return {
      path: [...base, ...path],
      kind,
      kindFrom,
      dtype: dtypes[dtype],
      shape,
      layout: layoutOf(entry, ref, part),
      device,
      requiresGrad,
      extras,
    };
  }
}

function layoutOf(
  entry: Entry,
  ref: (storage: StorageRef) => StorageRef,
  part: (one: TensorPart) => TensorPart,
): Layout {
  const none = { stride: null, offset: null, storage: null };
  switch (entry.layout) {
    case "strided":
      return { layout: "strided", stride: entry.stride, offset: entry.offset, storage: ref(entry.storage) };
    case "sparse": {
      const parts = Object.entries(entry.parts).map(([role, one]) => [role, part(one)] as const);
      return { layout: "sparse", format: entry.format, parts: Object.fromEntries(parts), ...none };
    }
    case "absent":
      return { layout: "absent", why: entry.why, stride: entry.stride, offset: entry.offset, storage: null };
    default:
      return { layout: "absent", why: `its layout is ${entry.layout}`, ...none };
  }
}
