/**
 * A draft: a catalog with edits, recorded as data and applied to a copy of its tree. It is itself a catalog, so that
 * whatever looks at a file can look at what it would become; nothing is written before it is saved.
 */

import { MemorySource } from "../bytes/memory-source.ts";
import type { DType, DTypeName } from "../dtype.ts";
import { byteLengthOf, dtypes, toDtype } from "../dtype.ts";
import { quote, torchError, UsageError } from "../errors.ts";
import { defaultLimits } from "../limits.ts";
import type { Path } from "../name.ts";
import { joinPath } from "../name.ts";
import { countOf } from "../shape.ts";
import { CastSource } from "./cast-source.ts";
import type { Catalog, ModuleFacts, Notice, ReadOptions } from "./catalog.ts";
import type { Document } from "./document.ts";
import type { NewStorage } from "./draft-storages.ts";
import { DraftStorages, originOf } from "./draft-storages.ts";
import { modulesAfter, planRenaming } from "./draft-renaming.ts";
import { DraftTensors } from "./draft-tensors.ts";
import { DraftTree } from "./draft-tree.ts";
import type { Edit } from "./edit.ts";
import { isPlain, noSuchItem, notEditable, wrongLength } from "./edit.ts";
import type { Entry } from "./entry.ts";
import { FileCatalog } from "./file-catalog.ts";
import { contiguousSource, withElementsAt } from "./stored-tensor.ts";
import { copyTree } from "./tree.ts";
import type { Value } from "./value.ts";
import { keyOf } from "./value.ts";

/** Elements of a tensor. */
export interface TensorElements {
  readonly dtype: DType | DTypeName;
  readonly shape: readonly number[];
  /** Contiguous and little-endian. */
  readonly bytes: Uint8Array;
}

/**
 * Starts editing a catalog. The catalog itself does not change, and has to stay open until the draft is saved.
 *
 * @example
 * const changed = draft(catalog).renameAll((name) => name.replace(/^module\./, "")).delete("**.num_batches_tracked");
 * for (const { name } of changed.entries) console.log(name);
 */
export function draft(catalog: Catalog): Draft {
  return new Draft(catalog);
}

/** A catalog with edits; made by `draft`. Edits return the draft itself. */
export class Draft implements Catalog {
  /** The catalog that is edited. */
  readonly base: Catalog;
  readonly #edits: Edit[] = [];
  readonly #tree: DraftTree;
  readonly #storages: DraftStorages;
  readonly #texts: Map<string, string> = new Map();
  readonly #tensors: DraftTensors;
  #modules: readonly ModuleFacts[];
  #view: FileCatalog | undefined;

  constructor(base: Catalog) {
    const made = originOf(base)?.made ?? [];
    this.base = base;
    this.#modules = base.modules;
    this.#tree = new DraftTree(base, made);
    this.#storages = new DraftStorages(base);
    if (base.format === "safetensors") {
      for (const [key, text] of Object.entries(base.metadata)) {
        if (typeof text === "string") this.#texts.set(key, text);
      }
    }
    this.#tensors = new DraftTensors(base, made, this.#tree, this.#storages);
  }

  /** What was changed, in the order of the calls. */
  get edits(): readonly Edit[] {
    return this.#edits;
  }

  get format(): string {
    return this.base.format;
  }

  get entries(): readonly Entry[] {
    return this.#catalog.entries;
  }

  get root(): Value {
    return this.#catalog.root;
  }

  get modules(): readonly ModuleFacts[] {
    return this.#catalog.modules;
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return this.#catalog.metadata;
  }

  get notices(): readonly Notice[] {
    return this.base.notices;
  }

  get storedByteLength(): number {
    return this.#catalog.storedByteLength;
  }

  read(entry: Entry, options?: ReadOptions): Promise<Uint8Array> {
    return this.#catalog.read(entry, options);
  }

  blocks(entry: Entry, size?: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#catalog.blocks(entry, size, signal);
  }

  /**
   * Gives a tensor another name in the container that it stands in.
   *
   * Throws: as `renameAll`, and for a name that no tensor has.
   */
  rename(name: string, newName: string): this {
    this.#tensors.find(name, "renaming");
    return this.renameAll((found) => (found === name ? newName : found));
  }

  /**
   * Renames tensors: `rename` gets each name and gives the new one. Keys keep their places; the `_metadata` of a state
   * dict and the list of modules follow.
   *
   * Throws: `UsageError` with all names that meet, that would leave their container, or that have no key of their own
   * (an item of a list; in a whole pickled module all but the last dotted part). Nothing is renamed then.
   */
  renameAll(rename: (name: string) => string): this {
    const renaming = planRenaming(this.#tree, this.#tensors, rename);
    this.#record({ edit: "rename", names: renaming.names });
    this.#modules = modulesAfter(renaming, this.#tree, this.#tensors, this.#modules);
    this.#tree.rekey(renaming.keys);
    this.#tensors.rename(renaming.levels);
    return this;
  }

  /**
   * Takes out every tensor that a selector finds. What other names share stays.
   *
   * Throws: `UsageError` when it finds none, or one in a list, whose items have no names to lose.
   */
  delete(pattern: string): this {
    const found = this.#tensors.select(pattern, "deleting").map(({ entry }) => entry);
    const fixed = found.find(({ index }) => !this.#tree.isItem(index));
    if (fixed !== undefined) {
      throw new UsageError(`deleting ${quote(fixed.name)}: it is no item of a dictionary`, {
        code: "bad-delete",
        hint: "Delete the item that holds it, with deleteItem.",
      });
    }
    this.#record({ edit: "delete", names: found.map(({ name }) => name) });
    for (const { index } of found) {
      this.#tree.remove(index);
      this.#tensors.remove(index);
    }
    return this;
  }

  /**
   * Takes out an item of a dictionary with all that is in it: `["optimizer"]`.
   *
   * Throws: `UsageError` when no dictionary has such an item.
   */
  deleteItem(path: Path): this {
    const dict = this.#tree.dictAt(path);
    const key = keyOf(path.at(-1) ?? null);
    if (dict?.items.has(key) !== true) throw noSuchItem(path);
    this.#record({ edit: "delete-item", path });
    dict.items.delete(key);
    this.#forgetUnder(path);
    return this;
  }

  /**
   * Sets an item of a dictionary to a value without tensors: a number, a text, a list. A new key comes last.
   *
   * Throws: `UsageError` when the path leads to no dictionary.
   */
  setItem(path: Path, value: Value): this {
    const dict = this.#tree.dictAt(path);
    const key = path.at(-1);
    if (dict === undefined || key === undefined) throw noSuchItem(path);
    this.#record({ edit: "set-item", path, value });
    dict.items.set(keyOf(key), { key: dict.items.get(keyOf(key))?.key ?? key, value });
    this.#forgetUnder(path);
    return this;
  }

  /** Sets a text of the file's own metadata, as safetensors has it; null takes it out. */
  setMetadata(key: string, text: string | null): this {
    this.#record({ edit: "set-metadata", key, text });
    if (text === null) this.#texts.delete(key);
    else this.#texts.set(key, text);
    return this;
  }

  /**
   * Writes values into a tensor in place, as `tensor.copy_` does: what shares its elements changes with it. `bytes` are
   * all of its elements, contiguous and little-endian.
   *
   * Throws: `UsageError` for a length that is not the tensor's, a tensor that has no plain elements, or one that repeats
   * an element (as PyTorch does).
   */
  async write(name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<this> {
    const { entry, tensor } = this.#tensors.find(name, "writing");
    if (entry.layout !== "strided" || tensor === null || !isPlain(entry)) throw notEditable(entry, "writing");
    if (bytes.length !== entry.byteLength) throw wrongLength("writing", name, bytes.length, entry.byteLength);
    if (tensor.stride.some((step, axis) => step === 0 && tensor.shape[axis]! > 1)) {
      throw torchError(
        "RuntimeError",
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. " +
          "Please clone() the tensor before performing the operation.",
        "Use replace, which gives the tensor elements of its own.",
      );
    }
    const storage = await withElementsAt(tensor, bytes.slice(), signal);
    this.#record({ edit: "write", name, byteLength: bytes.length });
    this.#storages.set(entry.storage.key, storage);
    this.#tensors.exchange(tensor.storage, storage);
    return this;
  }

  /**
   * Gives a tensor other elements, also of another dtype or shape, which it shares with no other name.
   *
   * Throws: `UsageError` for bytes that do not make the shape, or a tensor that is more than its elements.
   */
  replace(name: string, { dtype, shape, bytes }: TensorElements): this {
    const { entry } = this.#tensors.find(name, "replacing");
    const type = toDtype(dtype);
    const expected = byteLengthOf(type, countOf(shape));
    if (bytes.length !== expected) throw wrongLength("replacing", name, bytes.length, expected);
    const isElements = entry.layout === "strided" || entry.layout === "absent";
    if (!isElements || !isPlain(entry)) throw notEditable(entry, "replacing");
    this.#record({ edit: "replace", name, dtype: type.name, shape });
    const source = new MemorySource(bytes.slice());
    this.#tensors.put(
      entry.index,
      type,
      shape,
      this.#storages.add(expected, () => source),
    );
    return this;
  }

  /**
   * Converts the tensors that a selector finds to another dtype, when they are read or saved. Names that share all of
   * their elements still do; views of a part get elements of their own.
   *
   * Throws: `UsageError` when it finds none, or one that has no plain elements.
   */
  cast(pattern: string, dtype: DType | DTypeName): this {
    const type = toDtype(dtype);
    const found = this.#tensors.select(pattern, "casting").filter(({ entry }) => entry.dtype !== type.name);
    for (const { entry, tensor } of found) {
      const isWhole = [type, dtypes[entry.dtype]].every(
        ({ bits, kind }) => bits >= 8 && kind !== "quantized" && kind !== "raw",
      );
      if (entry.layout !== "strided" || tensor === null || !isPlain(entry) || !isWhole)
        throw notEditable(entry, "casting");
    }
    this.#record({ edit: "cast", names: found.map(({ entry }) => entry.name), dtype: type.name });
    const cast = new Map<string, NewStorage>();
    for (const { entry, tensor } of found) {
      if (tensor === null) continue;
      const view = JSON.stringify([entry.storage?.key, entry.dtype, entry.offset, entry.shape, entry.stride]);
      let storage = cast.get(view);
      if (storage === undefined) {
        const open = async (): Promise<CastSource> =>
          new CastSource(await contiguousSource(tensor), tensor.dtype, type);
        storage = this.#storages.add(entry.numel * type.itemSize, open);
        cast.set(view, storage);
      }
      this.#tensors.put(entry.index, type, entry.shape, storage);
    }
    return this;
  }

  /** What is to be written. */
  get document(): Document {
    return {
      root: this.#tree.root,
      leaves: this.#tensors.leaves,
      storage: (key) => this.#storages.get(key),
      metadata: this.#texts,
    };
  }

  /** The draft as it is now, as a catalog; made anew after an edit. */
  get #catalog(): FileCatalog {
    if (this.#view !== undefined) return this.#view;
    const places = new Map<number, number>();
    const entries = this.#tensors.held.map(({ entry }, place): Entry => {
      places.set(entry.index, place);
      return Object.assign({}, entry, { index: place });
    });
    const stored = new Map(
      entries.flatMap(({ storage }) => (storage ? [[storage.key, storage.byteLength] as const] : [])),
    );
    this.#view = new FileCatalog({
      format: this.base.format,
      entries,
      root: copyTree(this.#tree.root, (entry) => {
        const place = places.get(entry);
        return place === undefined ? undefined : { kind: "tensor", entry: place };
      }),
      modules: this.#modules,
      metadata: this.base.format === "safetensors" ? Object.fromEntries(this.#texts) : this.base.metadata,
      notices: this.base.notices,
      storedByteLength: [...stored.values()].reduce((sum, byteLength) => sum + byteLength, 0),
      gatherBytes: defaultLimits.gatherBytes,
      openStorage: async (key) => {
        const { byteOrder, open } = this.#storages.get(key)!;
        return { source: await open(), byteOrder };
      },
    });
    return this.#view;
  }

  #record(edit: Edit): void {
    this.#edits.push(edit);
    this.#view = undefined;
  }

  /** Forgets the tensors at and below a path. */
  #forgetUnder(path: Path): void {
    this.#tensors.removeUnder(path);
    const name = joinPath(path);
    this.#modules = this.#modules.filter(
      (facts) => facts.name !== name && !facts.name.startsWith(`${name}/`),
    );
    this.#tree.refresh();
  }
}
