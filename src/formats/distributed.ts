/**
 * Checkpoints of `torch.distributed.checkpoint`: a folder with `.metadata` and the files of the ranks, `__<rank>_<n>.distcp`,
 * which are complete `torch.save` zips one after another, one for each box of a tensor and for each other value; or, where
 * the writer was told so, safetensors files of all boxes that a rank has, of which the metadata say the same start.
 *
 * Listing reads `.metadata`, the sizes of the files where the folder tells them, and the small values. A box is opened
 * when it is read; its storage is the box's elements in a row, whatever strides they have in the file.
 * Source: torch/distributed/checkpoint/filesystem.py of PyTorch 2.13.
 */

import type { Folder, FolderFile } from "../bytes/folder.ts";
import { checkFileName } from "../bytes/folder.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { EntryKind, Layout, StorageRef, TensorPart } from "../catalog/entry.ts";
import type { StorageBytes } from "../catalog/file-catalog.ts";
import { inferKind } from "../catalog/kind.ts";
import { tilingFault } from "../catalog/tiling.ts";
import type { Value } from "../catalog/value.ts";
import { byteLengthOf, type DType } from "../dtype.ts";
import { FormatError, LimitError, quote, SourceError, UsageError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import { unpickle } from "../pickle/machine.ts";
import { latin1 } from "../pickle/text.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { RecordedChunk, RecordedItem, Stretch } from "./distributed-metadata.ts";
import { readMetadata } from "./distributed-metadata.ts";
import { Candidate, type Format } from "./format.ts";
import { safetensors } from "./safetensors.ts";
import type { PlacedValue, RefusedRow, TableRow } from "./tensor-table.ts";
import { catalogOfTable, shapeFault } from "./tensor-table.ts";
import { torchZip } from "./torch-zip.ts";

/** How the pickle begins: with the name of the class that it is of, which was elsewhere before PyTorch 2.0. */
const beginning =
  /^\x80[\x02-\x05][^]{0,40}torch\.distributed\.(?:_shard\.)?checkpoint\.metadata[^]{0,8}Metadata/;

/** Values that are read at opening, and their bytes: epochs and learning rates. More of them stay unread. */
const maxValues = 64;
const maxValueByteLength = 2 ** 20;

/** The `.metadata` of a distributed checkpoint. */
export const distributed: Format = {
  name: "distributed",

  claims: ({ head }) => beginning.test(latin1(head)),

  async open(candidate) {
    const { source, folder, limits, signal } = candidate;
    if (source.size > limits.pickleBytes) {
      throw new LimitError(
        `opening a distributed checkpoint: its .metadata has ${source.size} bytes, of at most ${limits.pickleBytes}`,
        { code: "pickle-bytes", hint: "If you trust the file, raise limits.pickleBytes." },
      );
    }
    const pickle = unpickle(await source.read(0, source.size, signal), { limits });
    const { items, version } = readMetadata(pickle.value, limits);
    const files = (await folder?.list(signal)) ?? null;
    const checkpoint = new Checkpoint(items, folder, files, limits, signal);
    const rows = items.flatMap((item) => checkpoint.rowOf(item) ?? []);
    const values = await checkpoint.valuesOf(items);
    return catalogOfTable({
      format: distributed.name,
      rows,
      placed: values.placed,
      metadata: { ...(version !== null && { version }), pickleProtocol: pickle.protocol },
      notices: [...checkpoint.notices(), ...values.notices],
      storedByteLength: checkpoint.storedByteLength,
      openStorage: (key) => checkpoint.openStorage(key),
      limits,
    });
  },
};

/** A box, and what has to be in its stretch. */
interface Box {
  /** The name of the tensor that it is of. */
  readonly name: string;
  readonly stretch: Stretch;
  readonly dtype: DType;
  readonly sizes: readonly number[];
}

function startOf({ file, start }: Stretch): string {
  return `${file}@${start}`;
}

/** Where boxes of several tensors are said to start: no zip, but a file that knows them by name. */
function sharedStarts(items: readonly RecordedItem[]): ReadonlySet<string> {
  const firsts = new Map<string, string>();
  const shared = new Set<string>();
  for (const item of items) {
    for (const { stretch } of item.what === "tensor" ? item.chunks : []) {
      if (stretch === null) continue;
      const start = startOf(stretch);
      const first = firsts.get(start);
      if (first === undefined) firsts.set(start, item.name);
      else if (first !== item.name) shared.add(start);
    }
  }
  return shared;
}

class Checkpoint {
  /** Bytes of the elements of all boxes. */
  storedByteLength = 0;
  readonly #folder: Folder | undefined;
  /** The sizes of the files by name; null where nobody tells. */
  readonly #sizes: ReadonlyMap<string, number> | null;
  readonly #limits: Limits;
  readonly #signal: AbortSignal | undefined;
  readonly #shared: ReadonlySet<string>;
  readonly #boxes: Map<string, Box> = new Map();
  readonly #sources: Map<string, Promise<ByteSource>> = new Map();
  readonly #names: Set<string> = new Set();
  /** Files that are missing or too short, and how many tensors lack something for it. */
  readonly #faults: Map<string, number> = new Map();

  constructor(
    items: readonly RecordedItem[],
    folder: Folder | undefined,
    files: readonly FolderFile[] | null,
    limits: Limits,
    signal: AbortSignal | undefined,
  ) {
    this.#shared = sharedStarts(items);
    this.#folder = folder;
    this.#sizes = files && new Map(files.map(({ name, byteLength }) => [name, byteLength]));
    this.#limits = limits;
    this.#signal = signal;
  }

  /** The row of a tensor; undefined for other values. */
  rowOf(item: RecordedItem): TableRow | RefusedRow | undefined {
    const { path } = item;
    if (item.what === "value") return undefined;
    if (item.what === "refused") return { path, refused: item.refused };
    const { dtype, shape, chunks } = item;
    const name = joinPath(path);
    const refused =
      (this.#names.has(name) ? "another tensor has this name" : null) ??
      shapeFault(dtype, shape, this.#limits) ??
      tilingFault(shape, chunks);
    if (refused !== null) return { path, refused };
    this.#names.add(name);
    const facts = {
      path,
      kind: kindOf(path, dtype),
      kindFrom: "inferred",
      device: null,
      requiresGrad: null,
    } as const;
    return { ...facts, dtype, shape, layout: this.#layoutOf(item, dtype, shape, chunks) };
  }

  #layoutOf(
    { name }: RecordedItem,
    dtype: DType,
    shape: readonly number[],
    chunks: readonly RecordedChunk[],
  ): Layout {
    const fault = chunks.map(({ stretch }) => this.#faultOf(stretch)).find((reason) => reason !== null);
    if (fault !== undefined) {
      this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
      return { layout: "absent", why: fault, stride: null, offset: null, storage: null };
    }
    const parts = chunks.map(({ offsets, sizes, stretch }) => ({
      offsets,
      sizes,
      where: this.#partOf({ name, dtype, sizes, stretch: stretch! }),
    }));
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) {
      const { stride, offset, storage } = only.where;
      return { layout: "strided", stride, offset, storage };
    }
    if (countOf(shape) === 0) {
      return { layout: "absent", why: "it has no elements", stride: null, offset: null, storage: null };
    }
    return { layout: "chunks", chunks: parts, stride: null, offset: null, storage: null };
  }

  /** Why a stretch cannot be read; null when it can, as far as is known. */
  #faultOf(stretch: Stretch | null): string | null {
    if (stretch === null) return "the metadata do not say where its elements are";
    const { file, start, byteLength, transforms } = stretch;
    if (transforms.length > 0) return `its bytes are transformed (${transforms.map(quote).join(", ")})`;
    checkFileName(file);
    if (this.#sizes === null) return null;
    const size = this.#sizes.get(file);
    if (size === undefined) return `the file ${quote(file)} is not there`;
    if (start + byteLength > size) return `the file ${quote(file)} is too short: it has ${size} bytes`;
    return null;
  }

  #partOf(box: Box): TensorPart {
    const { name, dtype, sizes, stretch } = box;
    const start = startOf(stretch);
    const key = this.#shared.has(start) ? `${start}:${name}` : start;
    const byteLength = byteLengthOf(dtype, countOf(sizes));
    if (!this.#boxes.has(key)) this.storedByteLength += byteLength;
    this.#boxes.set(key, box);
    const storage: StorageRef = { key, byteLength };
    return { dtype: dtype.name, shape: sizes, stride: contiguousStrides(sizes), offset: 0, storage };
  }

  /** Finds the elements of a box. */
  async openStorage(key: string): Promise<StorageBytes> {
    const { name, stretch, dtype, sizes } = this.#boxes.get(key)!;
    const catalog = await this.#fileAt(stretch, undefined);
    const entry =
      catalog.format === safetensors.name
        ? catalog.entries.find(({ path }) => path[0] === name)
        : catalog.entries[0];
    if (entry === undefined || entry.dtype !== dtype.name || String(entry.shape) !== String(sizes)) {
      const found = entry === undefined ? "no tensor" : `${entry.dtype} of [${entry.shape.join(", ")}]`;
      throw new FormatError(
        `reading a distributed checkpoint: ${quote(stretch.file)} has ${found} at byte ${stretch.start}, expected ${dtype.name} of [${sizes.join(", ")}]`,
        { code: "distributed-chunk", hint: "The files are of different checkpoints, or damaged." },
      );
    }
    const source: ByteSource = {
      size: entry.byteLength,
      read: (start, end, signal) => catalog.read(entry, { start, end, ...(signal && { signal }) }),
    };
    return { source, byteOrder: "little" };
  }

  /** Opens the `torch.save` zip that is a stretch of a file, or the safetensors file that the whole of it is. */
  async #fileAt({ file, start, byteLength }: Stretch, signal: AbortSignal | undefined): Promise<Catalog> {
    const source = await this.#sourceOf(file);
    if (start + byteLength > source.size) {
      throw new FormatError(
        `reading a distributed checkpoint: ${quote(file)} has ${source.size} bytes, and the metadata want those up to ${start + byteLength}`,
        {
          code: "distributed-truncated",
          hint: "Fetch the file again; saving or copying it was interrupted.",
        },
      );
    }
    const slice = new SliceSource(source, start, start + byteLength);
    const candidate = await Candidate.of(slice, { name: file, limits: this.#limits, signal });
    if (await torchZip.claims(candidate)) return torchZip.open(candidate);
    if (start === 0) {
      const whole = await Candidate.of(source, { name: file, limits: this.#limits, signal });
      if (await safetensors.claims(whole)) return safetensors.open(whole);
    }
    throw new FormatError(
      `reading a distributed checkpoint: ${quote(file)} has no torch.save zip at byte ${start}`,
      {
        code: "distributed-chunk",
        hint: "The files are of different checkpoints, or damaged.",
      },
    );
  }

  #sourceOf(file: string): Promise<ByteSource> {
    if (this.#folder === undefined) {
      throw new UsageError(
        `reading ${quote(file)}: the file cannot be found from the metadata's bytes alone`,
        {
          code: "needs-folder",
          hint: "Open the folder of the checkpoint, or pass `folder` with its files.",
        },
      );
    }
    let source = this.#sources.get(file);
    if (source === undefined) {
      source = this.#folder.open(file);
      this.#sources.set(file, source);
      source.catch(() => this.#sources.delete(file));
    }
    return source;
  }

  /** The values that are no tensors. */
  async valuesOf(items: readonly RecordedItem[]): Promise<{ placed: PlacedValue[]; notices: Notice[] }> {
    const recorded = items.flatMap(({ what, path, ...item }) =>
      what === "value" && "stretch" in item ? [{ path, stretch: item.stretch }] : [],
    );
    const readable = recorded.filter(
      ({ stretch }) =>
        stretch !== null && stretch.byteLength <= maxValueByteLength && this.#faultOf(stretch) === null,
    );
    const read = this.#folder === undefined ? [] : readable.slice(0, maxValues);
    const values = await Promise.all(
      read.map(async ({ path, stretch }) => ({ path, value: await this.#valueAt(stretch!) })),
    );
    const placed = values.flatMap(({ path, value }) => (value === undefined ? [] : [{ path, value }]));
    const unread = recorded.length - placed.length;
    if (unread === 0) return { placed, notices: [] };
    const what = unread === 1 ? "1 value that is no tensor is" : `${unread} values that are no tensors are`;
    return { placed, notices: [{ code: "unread-values", message: `${what} not read.`, names: [] }] };
  }

  /** A value; undefined where it holds tensors of its own, or cannot be read. */
  async #valueAt(stretch: Stretch): Promise<Value | undefined> {
    try {
      const { entries, root } = await this.#fileAt(stretch, this.#signal);
      return entries.length === 0 ? root : undefined;
    } catch (error) {
      if (error instanceof FormatError || (error instanceof SourceError && error.code === "file-missing"))
        return undefined;
      throw error;
    }
  }

  /** What the files lack. */
  notices(): Notice[] {
    return [...this.#faults].map(([fault, count]) => ({
      code: "missing-shard",
      message: `${count === 1 ? "1 tensor is" : `${count} tensors are`} listed without elements: ${fault}.`,
      names: [],
    }));
  }
}

/** What a tensor is, by the keys that lead to it: `optim/state/<parameter>/exp_avg`, or one of a model. */
function kindOf(path: Path, dtype: DType): EntryKind {
  const state = path.lastIndexOf("state");
  if (state >= 0 && state <= path.length - 3) return "optimizer-state";
  return inferKind(String(path.at(-1) ?? ""), dtype);
}
