/** The tensors of a draft: what each would be listed as, and what it would be written as. */

import type { DType } from "../dtype.ts";
import type { Path } from "../name.ts";
import { joinPath, moduleOf } from "../name.ts";
import { selector } from "../selector.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { Catalog } from "./catalog.ts";
import type { DocumentLeaf, StoredBytes, StoredTensor } from "./document.ts";
import type { DraftStorages, NewStorage } from "./draft-storages.ts";
import { factsOf } from "./draft-storages.ts";
import type { DraftTree } from "./draft-tree.ts";
import { noSuchName, whyNotPlain } from "./edit.ts";
import type { Entry } from "./entry.ts";
import type { Value } from "./value.ts";

/** A tensor of the draft. */
export interface DraftTensor {
  /** As it would be listed, but for its index, which is that in the base. */
  readonly entry: Entry;
  readonly made: Value;
  /** What it is as elements; null for what only `made` can express. */
  readonly tensor: StoredTensor | null;
  /** Whether `tensor` says something else than `made`. */
  readonly isNew: boolean;
}

/** Tensors by their index in the base. */
export class DraftTensors {
  readonly #tree: DraftTree;
  /** Null when taken out. */
  readonly #tensors: (DraftTensor | null)[];

  constructor(base: Catalog, made: readonly Value[], tree: DraftTree, storages: DraftStorages) {
    this.#tree = tree;
    this.#tensors = base.entries.map((entry) => {
      const value = made[entry.index] ?? null;
      return { entry, made: isWindow(value) ? null : value, tensor: storages.tensorOf(entry), isNew: false };
    });
  }

  /** Those that are there, in the order of the base. */
  get held(): readonly DraftTensor[] {
    return this.#tensors.filter((held) => held !== null);
  }

  /** The tensor of that name. Throws: `UsageError` when there is none. */
  find(name: string, doing: string): DraftTensor {
    const found = this.#tensors.find((held) => held?.entry.name === name);
    if (found === undefined || found === null) throw noSuchName(doing, name);
    return found;
  }

  /** The tensors that a pattern finds. Throws: `UsageError` when there are none. */
  select(pattern: string, doing: string): readonly DraftTensor[] {
    const isSelected = selector(pattern);
    const found = this.held.filter(({ entry }) => isSelected(entry.name));
    if (found.length === 0) throw noSuchName(doing, pattern);
    return found;
  }

  /** Takes out a tensor and those that stand in the same place. */
  remove(index: number): void {
    for (const one of this.#tree.group(index)) this.#tensors[one] = null;
  }

  /** Takes out all tensors at and below a path. */
  removeUnder(path: Path): void {
    for (const [index, held] of this.#tensors.entries()) {
      if (held !== null && path.every((level, depth) => held.entry.path[depth] === level))
        this.#tensors[index] = null;
    }
  }

  /** Gives tensors other last levels of their paths. */
  rename(levels: ReadonlyMap<number, string>): void {
    for (const [index, level] of levels) {
      const held = this.#tensors[index]!;
      const path = [...held.entry.path.slice(0, -1), level];
      const entry: Entry = { ...held.entry, path, name: joinPath(path), module: moduleOf(path) };
      this.#tensors[index] = { ...held, entry };
    }
  }

  /** Puts other bytes in the place of a storage, for all that look into it. */
  exchange(before: StoredBytes, after: StoredBytes): void {
    for (const [index, held] of this.#tensors.entries()) {
      if (held?.tensor?.storage !== before) continue;
      this.#tensors[index] = { ...held, tensor: { ...held.tensor, storage: after } };
    }
  }

  /** Gives a tensor contiguous elements in a storage of their own. */
  put(index: number, dtype: DType, shape: readonly number[], { key, bytes }: NewStorage): void {
    const isFloating = dtype.kind === "float" || dtype.kind === "complex";
    const stride = contiguousStrides(shape);
    for (const one of this.#tree.group(index)) {
      const held = this.#tensors[one]!;
      const { path, name, module, kind, kindFrom, device, requiresGrad } = held.entry;
      const entry: Entry = {
        index: one,
        path,
        name,
        module,
        kind,
        kindFrom,
        device,
        dtype: dtype.name,
        shape: [...shape],
        numel: countOf(shape),
        byteLength: bytes.byteLength,
        // PyTorch refuses integers that require gradients.
        requiresGrad: isFloating || requiresGrad === null ? requiresGrad : false,
        layout: "strided",
        stride,
        offset: 0,
        storage: { key, byteLength: bytes.byteLength },
      };
      const tensor = { ...factsOf(entry), storage: bytes, stride, offset: 0 };
      this.#tensors[one] = { entry, made: held.made, tensor, isNew: true };
    }
  }

  /** What is to be written. */
  get leaves(): readonly (DocumentLeaf | null)[] {
    return this.#tensors.map((held) => {
      if (held === null) return null;
      const { entry, made, tensor, isNew } = held;
      const why = tensor === null ? whyNotPlain(entry) : null;
      return { path: entry.path, made: isNew ? null : made, wrapper: isNew ? made : null, tensor, why };
    });
  }
}

/** Whether a tensor lies in a storage that is a window of another one, as only old files have it. */
function isWindow(made: Value): boolean {
  let value: Value | undefined = made;
  for (let depth = 0; depth < 4 && typeof value === "object" && value?.kind === "object"; depth += 1) {
    value = typeof value.args === "object" && value.args?.kind === "tuple" ? value.args.items[0] : undefined;
  }
  if (typeof value !== "object" || value?.kind !== "persistent") return false;
  const { id } = value;
  return typeof id === "object" && id?.kind === "tuple" && (id.items[5] ?? null) !== null;
}
