/**
 * The `.metadata` of a distributed checkpoint: a pickle of dataclasses that says which tensors there are, in which boxes
 * they lie, and in which stretch of which file each box is.
 *
 * Source: torch/distributed/checkpoint/metadata.py and filesystem.py of PyTorch 2.13.
 */

import type { DictValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import type { DType } from "../dtype.ts";
import { findDtype } from "../dtype.ts";
import { FormatError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Path } from "../name.ts";
import { callArguments, constructionOf, isKind } from "../pickle/globals.ts";

/** A stretch of a file. */
export interface Stretch {
  /** The file's name in the folder, as the metadata have it: not to be trusted. */
  readonly file: string;
  readonly start: number;
  readonly byteLength: number;
  /** What has to be undone with its bytes, such as a compression; empty for plain ones. */
  readonly transforms: readonly string[];
}

/** A box of a tensor. */
export interface RecordedChunk {
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
  /** Null where the metadata do not say where it lies. */
  readonly stretch: Stretch | null;
}

/** Something that was saved: a tensor, or a value of another kind. */
export type RecordedItem =
  | {
      readonly what: "tensor";
      readonly name: string;
      readonly path: Path;
      readonly dtype: DType;
      readonly shape: readonly number[];
      readonly chunks: readonly RecordedChunk[];
    }
  | { readonly what: "value"; readonly name: string; readonly path: Path; readonly stretch: Stretch | null }
  | { readonly what: "refused"; readonly name: string; readonly path: Path; readonly refused: string };

/** What the metadata say. */
export interface DistributedMetadata {
  /** In the order of the state dict. */
  readonly items: readonly RecordedItem[];
  readonly version: string | null;
}

/**
 * Reads the unpickled metadata.
 *
 * Throws: `FormatError` where they are none.
 */
export function readMetadata(root: Value, limits: Limits): DistributedMetadata {
  const recorded = fieldOf(root, "state_dict_metadata");
  if (!isKind(recorded, "dict")) {
    throw new FormatError("opening a distributed checkpoint: its .metadata has no state_dict_metadata", {
      code: "distributed-metadata",
      hint: "The file is damaged; saving it may have been interrupted.",
    });
  }
  const stretches = stretchesOf(fieldOf(root, "storage_data"), limits);
  const paths = fieldOf(root, "planner_data");
  const items = [...recorded.items.values()].flatMap(({ key, value }): RecordedItem[] =>
    typeof key === "string" ? [itemOf(key, pathOf(paths, key), value, stretches, limits)] : [],
  );
  const version = fieldOf(root, "version");
  return { items, version: typeof version === "string" ? version : null };
}

/** An attribute of an object; undefined where there is none. */
function fieldOf(value: Value | undefined, name: string): Value | undefined {
  if (!isKind(value, "object")) return undefined;
  return isKind(value.state, "dict") ? value.state.items.get(keyOf(name))?.value : undefined;
}

/** The name of an object's class without its module, which has moved between versions; "" for what is no object. */
function classOf(value: Value | undefined): string {
  const found = isKind(value, "object") ? constructionOf(value).class : undefined;
  return isKind(found, "global") && found.module.startsWith("torch.distributed.") ? found.name : "";
}

/** Sizes or offsets: a `torch.Size`, a tuple or a list; undefined where they are none. */
function countsOf(value: Value | undefined, limits: Limits): readonly number[] | undefined {
  const plain = callArguments(value, "torch", "Size")?.[0] ?? value;
  if (!isKind(plain, "tuple") && !isKind(plain, "list")) return undefined;
  const isCount = (item: Value): item is number => Number.isSafeInteger(item) && (item as number) >= 0;
  return plain.items.length <= limits.rank && plain.items.every(isCount)
    ? (plain.items as number[])
    : undefined;
}

/** Where boxes and values lie, by name and offsets. */
function stretchesOf(recorded: Value | undefined, limits: Limits): ReadonlyMap<string, Stretch> {
  const stretches = new Map<string, Stretch>();
  if (!isKind(recorded, "dict")) return stretches;
  for (const { key, value } of (recorded satisfies DictValue).items.values()) {
    const name = fieldOf(key, "fqn");
    const file = fieldOf(value, "relative_path");
    const start = fieldOf(value, "offset");
    const byteLength = fieldOf(value, "length");
    const transforms = fieldOf(value, "transform_descriptors");
    if (typeof name !== "string" || typeof file !== "string") continue;
    if (typeof start !== "number" || typeof byteLength !== "number" || start < 0 || byteLength < 0) continue;
    stretches.set(stretchKey(name, countsOf(fieldOf(key, "offset"), limits)), {
      file,
      start,
      byteLength,
      transforms:
        isKind(transforms, "list") || isKind(transforms, "tuple")
          ? transforms.items.filter((item) => typeof item === "string")
          : [],
    });
  }
  return stretches;
}

function stretchKey(name: string, offsets: readonly number[] | undefined): string {
  return `${offsets?.join() ?? "-"} ${name}`;
}

/** The keys that led to a name before the state dict was flattened. */
function pathOf(paths: Value | undefined, name: string): Path {
  const recorded = isKind(paths, "dict") ? paths.items.get(keyOf(name))?.value : undefined;
  if (!isKind(recorded, "tuple") || recorded.items.length === 0) return [name];
  const isLevel = (item: Value): item is string | number =>
    typeof item === "string" || typeof item === "number";
  return recorded.items.every(isLevel) ? (recorded.items as (string | number)[]) : [name];
}

function itemOf(
  name: string,
  path: Path,
  value: Value,
  stretches: ReadonlyMap<string, Stretch>,
  limits: Limits,
): RecordedItem {
  if (classOf(value) === "BytesStorageMetadata") {
    return { what: "value", name, path, stretch: stretches.get(stretchKey(name, undefined)) ?? null };
  }
  const refused = (reason: string): RecordedItem => ({ what: "refused", name, path, refused: reason });
  if (classOf(value) !== "TensorStorageMetadata") return refused("the metadata do not say what it is");
  const dtype = dtypeOf(fieldOf(value, "properties"));
  const shape = countsOf(fieldOf(value, "size"), limits);
  const recorded = fieldOf(value, "chunks");
  if (dtype === undefined) return refused("its dtype is none that PyTorch has");
  if (shape === undefined || !isKind(recorded, "list")) return refused("its sizes or its pieces are missing");
  const chunks: RecordedChunk[] = [];
  for (const chunk of recorded.items) {
    const offsets = countsOf(fieldOf(chunk, "offsets"), limits);
    const sizes = countsOf(fieldOf(chunk, "sizes"), limits);
    if (offsets === undefined || sizes === undefined) return refused("one of its pieces has no place");
    chunks.push({ offsets, sizes, stretch: stretches.get(stretchKey(name, offsets)) ?? null });
  }
  return { what: "tensor", name, path, dtype, shape, chunks };
}

/** The dtype that `TensorProperties` pickles first; before PyTorch 2.0 it was an attribute. */
function dtypeOf(properties: Value | undefined): DType | undefined {
  const state = isKind(properties, "object") ? properties.state : undefined;
  const found = isKind(state, "tuple") ? state.items[0] : fieldOf(properties, "dtype");
  return isKind(found, "global") && found.module === "torch" ? findDtype(found.name) : undefined;
}
