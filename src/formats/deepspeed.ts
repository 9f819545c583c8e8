/**
 * Checkpoints of DeepSpeed's ZeRO: a folder for each step with `*_model_states.pt` and, of each rank, `*_optim_states.pt`.
 * The weights in single precision lie in the latter, flat and divided among the ranks; names and shapes are in the former.
 *
 * Stages 1 and 2 divide the parameters of a group in a row, padded at its end. Stage 3 divides each parameter by itself.
 * What is listed is what DeepSpeed's own `zero_to_fp32.py` puts together, in its order: buffers, frozen parameters,
 * parameters, shared ones. Source: deepspeed/utils/zero_to_fp32.py.
 */

import type { Folder } from "../bytes/folder.ts";
import { checkFileName, InnerFolder } from "../bytes/folder.ts";
import { JoinedSource } from "../bytes/joined-source.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry, StorageRef } from "../catalog/entry.ts";
import type { FileCatalog } from "../catalog/file-catalog.ts";
import type { Value } from "../catalog/value.ts";
import { dtypes, type DType } from "../dtype.ts";
import { FormatError, quote, UsageError } from "../errors.ts";
import { naturalCompare } from "../name.ts";
import { callArguments, isKind } from "../pickle/globals.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { ShardContext } from "./shard-files.ts";
import { openShards } from "./shard-files.ts";
import { itemOf } from "./state-dict.ts";
import type { RefusedRow, TableRow } from "./tensor-table.ts";
import { catalogOfTable, shapeFault, stridedRow } from "./tensor-table.ts";

const modelStates = /^(?:zero_pp_rank_\d+_)?mp_rank_(\d+)_model_states\.pt$/;
const optimizerStates = /_optim_states\.pt$/;

/** Bytes of the file `latest`, which holds the name of a folder. */
const longestTag = 1024;

/**
 * Opens a checkpoint of DeepSpeed: the folder of one step, or the one around them, whose file `latest` names a step.
 *
 * Throws: `FormatError` when files are missing or contradict each other; `UsageError` for one of several model-parallel
 * ranks, which nothing says how to put together.
 */
export async function openDeepSpeed(hasLatest: boolean, context: ShardContext): Promise<Catalog> {
  const tag = hasLatest ? await latestOf(context) : null;
  const folder: Folder = tag === null ? context.folder : new InnerFolder(context.folder, tag);
  const names = ((await folder.list(context.signal)) ?? []).map(({ name }) => name).sort(naturalCompare);
  const models = names.filter((name) => modelStates.test(name));
  const optimizers = names.filter((name) => optimizerStates.test(name) && !name.includes("/"));
  if (models.length === 0) {
    throw new FormatError(
      `opening a DeepSpeed checkpoint: ${tag === null ? "the folder" : quote(tag)} has no *_model_states.pt`,
      {
        code: "deepspeed-files",
        hint: "Fetch the whole folder of the step.",
      },
    );
  }
  if (new Set(models.map((name) => modelStates.exec(name)![1])).size > 1) {
    throw new UsageError("opening a DeepSpeed checkpoint: its parameters are divided by model parallelism", {
      code: "model-parallel",
      hint: `Open one file: ${models[0]!}. How the parts fit together only the program that trained it knows.`,
    });
  }
  const inside = { ...context, folder };
  const catalogOf = (_name: string, _byteLength: number, catalog: FileCatalog): FileCatalog => catalog;
  const [model, optimizer] = await Promise.all([
    openShards(models, inside, catalogOf),
    openShards(optimizers, inside, catalogOf),
  ]);
  return new Checkpoint(model.shards, optimizer.shards, context).catalog(tag);
}

/** The step that `latest` names: one folder, nothing else. */
async function latestOf({ folder, signal }: ShardContext): Promise<string> {
  const source = await folder.open("latest", signal);
  const text = new TextDecoder()
    .decode(await source.read(0, Math.min(source.size, longestTag), signal))
    .trim();
  if (text.includes("/")) {
    throw new FormatError(
      `opening a DeepSpeed checkpoint: its "latest" names ${quote(text)}, expected a folder beside it`,
      {
        code: "outside-folder",
        hint: "The file is damaged, or made to read what it must not.",
      },
    );
  }
  checkFileName(text);
  return text;
}

/** A flat tensor in the file of a rank. */
interface Flat {
  readonly dtype: DType;
  readonly source: ByteSource;
}

type Row = TableRow | RefusedRow;

/** Names and sizes, in the order of the file. */
type Shapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** What is trained, and what the file says of it. */
const roles = {
  parameter: { kind: "parameter", requiresGrad: true },
  frozen: { kind: "parameter", requiresGrad: false },
  buffer: { kind: "buffer", requiresGrad: null },
  undivided: { kind: "parameter", requiresGrad: null },
} as const;

class Checkpoint {
  readonly #models: readonly FileCatalog[];
  readonly #optimizers: readonly FileCatalog[];
  readonly #context: ShardContext;
  readonly #storages: Map<string, ByteSource> = new Map();
  readonly #rows: Map<string, Row> = new Map();
  readonly #notices: Notice[] = [];

  constructor(models: readonly FileCatalog[], optimizers: readonly FileCatalog[], context: ShardContext) {
    this.#models = models;
    this.#optimizers = optimizers;
    this.#context = context;
  }

  catalog(tag: string | null): Catalog {
    const state = this.#models[0]!.root;
    const optimizer = itemOf(this.#optimizers[0]?.root, "optimizer_state_dict");
    const stage = itemOf(optimizer, "zero_stage");
    const isDivided = typeof stage === "number" && stage >= 1 && stage <= 3;
    this.#buffers(state, isDivided);
    if (isDivided) {
      this.#checkRanks(itemOf(optimizer, "partition_count"));
      this.#frozen(state, stage);
      const groups = itemsOf(itemOf(state, "param_shapes")).map(shapesOf);
      if (stage === 3) this.#divided(groups.flat());
      else this.#rowsInGroups(groups);
      this.#shared(itemOf(state, "shared_params"));
      this.#unlisted();
    }
    const version = itemOf(state, "ds_version");
    const step = itemOf(state, "global_steps");
    return catalogOfTable({
      format: "deepspeed",
      rows: [...this.#rows.values()],
      metadata: {
        ...(tag !== null && { tag }),
        ...(isDivided && { zeroStage: stage, ranks: this.#optimizers.length }),
        ...(typeof version === "string" && { deepspeedVersion: version }),
        ...(typeof step === "number" && { globalSteps: step }),
      },
      notices: this.#notices,
      storedByteLength: [...this.#storages.values()].reduce((sum, { size }) => sum + size, 0),
      openStorage: (key) => ({ source: this.#storages.get(key)!, byteOrder: "little" }),
      limits: this.#context.limits,
    });
  }

  /** The buffers of the module; all of it where its parameters are not divided. */
  #buffers(state: Value, isDivided: boolean): void {
    const module = itemOf(state, "module");
    const names = new Set(itemsOf(itemOf(state, "buffer_names")));
    if (!isKind(module, "dict")) return;
    for (const { key, value } of module.items.values()) {
      const flat = this.#flatOf(this.#models[0]!, value);
      if (typeof key !== "string" || flat === undefined) continue;
      const isBuffer = names.has(key);
      if (isDivided && !isBuffer) continue;
      const entry = this.#models[0]!.entries[(value as { readonly entry: number }).entry]!;
      this.#add(
        key,
        isBuffer ? "buffer" : "undivided",
        flat.dtype,
        entry.shape,
        [flat.source],
        `module ${key}`,
      );
    }
  }

  /** Frozen parameters: whole in the first file, or of stage 3 a part in each. */
  #frozen(state: Value, stage: number): void {
    for (const [name, shape] of shapesOf(itemOf(state, "frozen_param_shapes"))) {
      const ranks = stage === 3 ? this.#models : this.#models.slice(0, 1);
      const parts = ranks.flatMap(
        (model) => this.#flatOf(model, itemOf(itemOf(model.root, "frozen_param_fragments"), name)) ?? [],
      );
      const dtype = parts[0]?.dtype ?? dtypes.float32;
      const sources = parts.length === ranks.length ? parts.map(({ source }) => source) : [];
      this.#add(name, "frozen", dtype, shape, sources, `frozen ${name}`);
    }
  }

  /** Stages 1 and 2: all ranks' parts of a group in a row, and the parameters in it one after another. */
  #rowsInGroups(groups: readonly Shapes[]): void {
    const ranks = this.#optimizers.map((shard) => this.#flatsOf(shard, "single_partition_of_fp32_groups"));
    for (const [group, shapes] of groups.entries()) {
      const parts = ranks.flatMap((flats) => flats[group] ?? []);
      const dtype = parts[0]?.dtype ?? dtypes.float32;
      const used = shapes.reduce((sum, [, shape]) => sum + countOf(shape), 0) * dtype.itemSize;
      const isThere = parts.length === ranks.length;
      const sources = withoutPadding(isThere ? parts.map(({ source }) => source) : [], used);
      let offset = 0;
      for (const [name, shape] of shapes) {
        this.#add(name, "parameter", dtype, shape, sources, `group ${group}`, offset);
        offset += countOf(shape);
      }
    }
  }

  /** Stage 3: of each parameter every rank has an equal part, the last one padded. */
  #divided(shapes: Shapes): void {
    const ranks = this.#optimizers.map((shard) => {
      const flats = this.#flatsOf(shard, "fp32_flat_groups").filter((flat) => flat !== undefined);
      return {
        dtype: flats[0]?.dtype ?? dtypes.float32,
        source: new JoinedSource(flats.map(({ source }) => source)),
      };
    });
    const dtype = ranks[0]?.dtype ?? dtypes.float32;
    let start = 0;
    for (const [name, shape] of shapes) {
      const end = start + Math.ceil(countOf(shape) / ranks.length) * dtype.itemSize;
      const isThere = ranks.every(({ source }) => end <= source.size);
      const parts = isThere ? ranks.map(({ source }) => new SliceSource(source, start, end)) : [];
      const sources = withoutPadding(parts, countOf(shape) * dtype.itemSize);
      this.#add(name, "parameter", dtype, shape, sources, `parameter ${name}`);
      start = end;
    }
  }

  /** Lists a tensor whose elements lie in sources in a row, from an element of it on. */
  #add(
    name: string,
    role: keyof typeof roles,
    dtype: DType,
    shape: readonly number[],
    sources: readonly ByteSource[],
    key: string,
    offset: number = 0,
  ): void {
    const { limits } = this.#context;
    const facts = { path: [name], kindFrom: "recorded", device: null, ...roles[role] } as const;
    const fault = shapeFault(dtype, shape, limits);
    if (fault !== null) {
      this.#rows.set(name, { path: [name], refused: fault });
      return;
    }
    if (sources.length === 0 && countOf(shape) > 0) {
      const why = "a part of it is in none of the files";
      this.#rows.set(name, {
        ...facts,
        dtype,
        shape,
        layout: { layout: "absent", why, stride: null, offset: null, storage: null },
      });
      return;
    }
    let source = this.#storages.get(key);
    if (source === undefined) {
      source = new JoinedSource(sources);
      this.#storages.set(key, source);
    }
    const storage: StorageRef = { key, byteLength: source.size };
    const view = { dtype, shape, stride: contiguousStrides(shape), offset };
    this.#rows.set(name, stridedRow(facts, view, storage, limits));
  }

  /** Names that show the elements of another one. */
  #shared(pairs: Value | undefined): void {
    if (!isKind(pairs, "dict")) return;
    for (const { key, value } of pairs.items.values()) {
      const target = typeof value === "string" ? this.#rows.get(value) : undefined;
      if (typeof key === "string" && target !== undefined) this.#rows.set(key, { ...target, path: [key] });
    }
  }

  /** Compares the number of ranks that wrote with the files that are there. */
  #checkRanks(recorded: Value | undefined): void {
    const counts = isKind(recorded, "list") ? recorded.items : [recorded];
    const ranks = Math.max(...counts.map((count) => (typeof count === "number" ? count : 0)));
    const found = this.#optimizers.length;
    if (ranks === found) return;
    throw new FormatError(`opening a DeepSpeed checkpoint: ${found} files of ${ranks} ranks are there`, {
      code: "deepspeed-ranks",
      hint: "Fetch all *_optim_states.pt of the step; saving may have been interrupted.",
    });
  }

  /** Says what is in the files beside the parameters. */
  #unlisted(): void {
    const flats = new Set(["single_partition_of_fp32_groups", "fp32_flat_groups"]);
    const isOther = ({ path }: Entry): boolean => !path.some((level) => flats.has(String(level)));
    const count = this.#optimizers.reduce((sum, { entries }) => sum + entries.filter(isOther).length, 0);
    if (count === 0) return;
    const message = `The optimizer's ${count} tensors are not listed; open a file *_optim_states.pt to see them.`;
    this.#notices.push({ code: "unlisted-states", message, names: [] });
  }

  /** The flat tensors of a rank, by group. */
  #flatsOf(shard: FileCatalog, key: string): readonly (Flat | undefined)[] {
    const groups = itemsOf(itemOf(itemOf(shard.root, "optimizer_state_dict"), key));
    return groups.map((group) => this.#flatOf(shard, group));
  }

  /** A tensor of a file; undefined where a value is none, or has no elements. */
  #flatOf(catalog: FileCatalog, value: Value | undefined): Flat | undefined {
    const entry = isKind(value, "tensor") ? catalog.entries[value.entry] : undefined;
    if (entry === undefined || entry.layout !== "strided" || entry.quantization !== undefined)
      return undefined;
    const source: ByteSource = {
      size: entry.byteLength,
      read: (start, end, signal) => catalog.read(entry, { start, end, ...(signal && { signal }) }),
    };
    return { dtype: dtypes[entry.dtype], source };
  }
}

/** Parts in a row without what fills the last one; as they are where they are too short. */
function withoutPadding(parts: readonly ByteSource[], byteLength: number): readonly ByteSource[] {
  const joined = new JoinedSource(parts);
  return parts.length > 0 && joined.size > byteLength ? [new SliceSource(joined, 0, byteLength)] : parts;
}

/** The items of a list or tuple; none where it is neither. */
function itemsOf(value: Value | undefined): readonly Value[] {
  return isKind(value, "list") || isKind(value, "tuple") ? value.items : [];
}

/** A dictionary of `torch.Size` by name. */
function shapesOf(value: Value | undefined): Shapes {
  if (!isKind(value, "dict")) return [];
  return [...value.items.values()].flatMap(({ key, value: size }) => {
    const plain = itemsOf(callArguments(size, "torch", "Size")?.[0] ?? size);
    const isCount = (item: Value): item is number => Number.isSafeInteger(item) && (item as number) >= 0;
    return typeof key === "string" && plain.every(isCount) ? [[key, plain as number[]] as const] : [];
  });
}
