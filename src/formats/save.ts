/**
 * Saves: a value of a program, a draft, or an opened catalog, in a format, to a sink. Nothing counts as saved before
 * the sink gave every byte back and the file opened as what it was meant to be.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { OldFile, Sink, SinkFolder } from "../bytes/sink.ts";
import { MemorySink } from "../bytes/sink.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Document } from "../catalog/document.ts";
import type { Draft } from "../catalog/draft.ts";
import { draft } from "../catalog/draft.ts";
import type { Plan, PlanOptions, Progress } from "../catalog/plan.ts";
import { carryOut } from "../catalog/plan.ts";
import type { Saveable } from "../catalog/saveable.ts";
import { documentOf } from "../catalog/saveable.ts";
import { StateError, ParascopeError, quote, SourceError, UsageError } from "../errors.ts";
import { defaultLimits } from "../limits.ts";
import { joinPath } from "../name.ts";
import { sparseOfPython } from "../pickle/sparse.ts";
import { sameShape } from "../shape.ts";
import { encodeLegacy } from "./legacy-writing.ts";
import { levelOf } from "./level.ts";
import type { Ties } from "./named-tensors.ts";
import { namedTensors } from "./named-tensors.ts";
import { open } from "./open.ts";
import { encodeSafetensors } from "./safetensors-writing.ts";
import { encodeShards, isShardOf } from "./sharding.ts";
import { treeOf } from "./tensor-table.ts";
import { encodeTorchZip } from "./torch-zip-writing.ts";

/** A format that can be written. */
export type WritableFormat = "torch-zip" | "torch-legacy" | "safetensors";

/** How to save. */
export interface SaveOptions extends PlanOptions {
  /** Default: safetensors for a name that ends so, else PyTorch's zip. */
  readonly format?: WritableFormat | undefined;
  /** The file's name, from which the format and the folder inside a zip are taken. */
  readonly name?: string | undefined;
  /** Zip only: records start at multiples of this many bytes. Default 64. */
  readonly alignment?: number | undefined;
  /** safetensors only: texts for `__metadata__`. Default: those that the file had. */
  readonly metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined;
  /** safetensors only: what to do with names that share elements. Default `"refuse"`. */
  readonly ties?: Ties | undefined;
  /** safetensors only: what to do with values that are no tensors. Default `"refuse"`. */
  readonly others?: "refuse" | "drop" | undefined;
}

/** How to save several files. */
export interface SaveShardsOptions extends PlanOptions, Pick<SaveOptions, "metadata" | "ties" | "others"> {
  /** Bytes of tensors in one file. Default 5 · 10^9. */
  readonly shardByteLength?: number | undefined;
  /** What the files' names begin with. Default `"model"`. */
  readonly stem?: string | undefined;
}

/** What was written. */
export interface Saved {
  readonly format: WritableFormat;
  readonly byteLength: number;
}

/** What can be saved as a whole: values of a program, a draft, an opened file. */
export type SaveInput = Saveable | Catalog;

function isCatalog(value: SaveInput): value is Catalog {
  return (
    typeof value === "object" && value !== null && "entries" in value && "blocks" in value && "root" in value
  );
}

/** Whether a catalog is a draft, also one of another copy of this package. */
export function isDraft(value: SaveInput): value is Draft {
  return typeof value === "object" && value !== null && "edits" in value && "document" in value;
}

/** What is to be written, whatever it was given as. */
function documentToSave(value: SaveInput): Document {
  if (!isCatalog(value)) return documentOf(value, levelOf);
  // A pickle's tree keeps tensors that are not listed; a header of names does not.
  const lost = ["safetensors", "sharded"].includes(value.format)
    ? value.notices.find(({ code }) => code === "refused-tensor")
    : undefined;
  if (lost !== undefined) {
    throw new StateError(`saving: tensors that are not listed would be lost (${lost.message})`, {
      code: "refused-tensors",
      hint: "Write the file with the program that knows their type.",
    });
  }
  const { document } = isDraft(value) ? value : draft(value);
  return value.format === "torchscript" ? byNames(document) : document;
}

/**
 * The tensors of a TorchScript archive as its `state_dict()` has them, what is not in it under names of its own. Its
 * objects are of classes whose program is not written along, so that nothing could load them.
 */
function byNames(document: Document): Document {
  const named = document.leaves.flatMap((leaf, index) => (leaf === null ? [] : [{ path: leaf.path, index }]));
  const leaves = document.leaves.map((leaf) => leaf && { ...leaf, made: sparseOfPython(leaf.made) });
  return { ...document, root: treeOf(named), leaves };
}

/** The folder inside a zip: the file's name without its last extension, as PyTorch has it. */
function archiveName(name: string | undefined): string {
  if (name === undefined) return "archive";
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const dot = base.lastIndexOf(".");
  const stem = dot > 0 ? base.slice(0, dot) : base;
  return stem === "" ? "archive" : stem;
}

/**
 * The plan of a file: what would be written, and how many bytes.
 *
 * Throws: `UsageError` and `StateError` for what the format cannot hold.
 */
export function encode(
  document: Document,
  options: SaveOptions = {},
): { readonly format: WritableFormat; readonly plan: Plan } {
  const { name, format = name?.endsWith(".safetensors") === true ? "safetensors" : "torch-zip" } = options;
  switch (format) {
    case "torch-zip":
      return {
        format,
        plan: encodeTorchZip(document, { archive: archiveName(name), alignment: options.alignment }),
      };
    case "torch-legacy":
      return { format, plan: encodeLegacy(document) };
    case "safetensors":
      return { format, plan: encodeSafetensors(document, options) };
    default:
      throw new UsageError(
        `saving: found the format ${JSON.stringify(format)}, expected "torch-zip", "torch-legacy" or "safetensors"`,
        {
          code: "unknown-format",
        },
      );
  }
}

/**
 * Saves to a sink. On any fault, and when the signal is aborted, the sink is discarded: its target stays what it was.
 *
 * Throws: `UsageError` and `StateError` for what cannot be saved; `SourceError` when the bytes do not arrive.
 */
export async function saveTo(value: SaveInput, sink: Sink, options: SaveOptions = {}): Promise<Saved> {
  try {
    const document = documentToSave(value);
    const { format, plan } = encode(document, options);
    const source = await carryOut(plan, sink, options);
    await checkOpens(source, document, format, options);
    options.signal?.throwIfAborted();
    await sink.commit();
    return { format, byteLength: plan.byteLength };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

/**
 * Saves to memory.
 *
 * Throws: as `saveTo`.
 *
 * @example
 * const bytes = await saveBytes(new Map([["weight", tensor]]), { format: "safetensors" });
 */
export async function saveBytes(
  value: SaveInput,
  options: SaveOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new MemorySink();
  await saveTo(value, sink, options);
  return sink.bytes;
}

/**
 * Saves safetensors in several files by size, with their index. All files are complete and checked before the first
 * takes its name; the index takes its name last, and files of an older checkpoint of that name go then.
 *
 * Several names cannot change in one step. Where new files have the names of old ones, the old checkpoint goes first,
 * its index before its files: who looks meanwhile finds a part of one checkpoint, and never parts of two.
 *
 * Throws: as `saveTo`.
 */
export async function saveShards(
  value: SaveInput,
  folder: SinkFolder,
  options: SaveShardsOptions = {},
): Promise<readonly string[]> {
  const sinks: Sink[] = [];
  try {
    const document = documentToSave(value);
    const files = encodeShards(document, options);
    const { stem = "model" } = options;
    const old = await folder.old((name) => isShardOf(stem, name));
    const byteLength = files.reduce((sum, { plan }) => sum + plan.byteLength, 0);
    let before = 0;
    for (const { name, plan } of files) {
      const sink = await folder.create(name);
      sinks.push(sink);
      const onProgress = ({ writtenByteLength }: Progress): void =>
        options.onProgress?.({ writtenByteLength: before + writtenByteLength, byteLength });
      const source = await carryOut(plan, sink, { ...options, onProgress });
      if (name.endsWith(".safetensors")) await reopened(source, { ...options, name });
      before += plan.byteLength;
    }
    options.signal?.throwIfAborted();
    const written = new Set(files.map(({ name }) => name));
    // One file that is the whole checkpoint, and the index, are replaced in one step.
    const isMet = old.some(({ name }) => written.has(name) && /-of-\d+\.safetensors$/.test(name));
    if (isMet) await removeAll(old);
    for (const sink of sinks) await sink.commit();
    if (!isMet) await removeAll(old.filter(({ name }) => !written.has(name)));
    return files.map(({ name }) => name);
  } catch (error) {
    for (const sink of sinks) await sink.discard();
    throw error;
  }
}

/** Takes files away, an index before what it names. */
async function removeAll(files: readonly OldFile[]): Promise<void> {
  const isIndex = ({ name }: OldFile): boolean => name.endsWith(".index.json");
  for (const file of files.filter(isIndex)) await file.remove();
  for (const file of files.filter((one) => !isIndex(one))) await file.remove();
}

/** Opens what was written. What another reader would refuse is not saved. */
async function reopened(source: ByteSource, { name, signal }: SaveOptions): Promise<Catalog> {
  // What a program holds in memory may be larger than what is accepted from strangers.
  const limits = {
    ...defaultLimits,
    pickleBytes: Number.MAX_SAFE_INTEGER,
    pickleValues: Number.MAX_SAFE_INTEGER,
  };
  try {
    return await open(source, { limits, ...(name && { name }), ...(signal && { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause instanceof ParascopeError)) throw cause;
    throw new SourceError(`checking what was written: it does not open (${cause.message})`, {
      code: "write-mismatch",
      hint: "This is a fault of parascope itself; please report it. Nothing was replaced.",
      cause,
    });
  }
}

/** Whether the file that was written has the tensors of the document, by name, dtype and shape. */
async function checkOpens(
  source: ByteSource,
  document: Document,
  format: WritableFormat,
  options: SaveOptions,
): Promise<void> {
  const { entries } = await reopened(source, options);
  const found = new Map(entries.map((entry) => [entry.name, entry]));
  const expected =
    format === "safetensors"
      ? namedTensors(document, options.ties ?? "refuse", "drop").tensors.map(({ name, tensor }) => ({
          name: joinPath([name]),
          tensor,
        }))
      : document.leaves.flatMap((leaf) =>
          leaf === null ? [] : [{ name: joinPath(leaf.path), tensor: leaf.tensor }],
        );
  for (const { name, tensor } of expected) {
    const entry = found.get(name);
    const isThere =
      entry !== undefined &&
      (tensor === null || (entry.dtype === tensor.dtype.name && sameShape(entry.shape, tensor.shape)));
    if (isThere) continue;
    const what = entry === undefined ? "is not there" : `is ${entry.dtype} [${entry.shape.join(", ")}]`;
    throw new SourceError(`checking what was written: ${quote(name)} ${what}, unlike what was saved`, {
      code: "write-mismatch",
      hint: "This is a fault of parascope itself; please report it. Nothing was replaced.",
    });
  }
}
