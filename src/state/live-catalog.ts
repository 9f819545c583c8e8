/**
 * A network as a catalog: what lists, compares and saves files does so with a network that lives in a program. Every
 * module has this catalog under `catalogKey`, so that other copies of the package need not know how modules are made.
 */

import { MemorySource } from "../bytes/memory-source.ts";
import type { Catalog, ModuleFacts, Notice } from "../catalog/catalog.ts";
import { catalogKey } from "../catalog/catalog.ts";
import type { Entry, Layout, StorageRef } from "../catalog/entry.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import type { DictItem, DictValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { internal } from "../errors.ts";
import { defaultLimits } from "../limits.ts";
import { joinPath } from "../name.ts";
import { Module } from "../nn/module.ts";
import type { ModuleProtocol } from "../nn/module-record.ts";
import { qualifiedName } from "../nn/python-classes.ts";
import { slotsOf } from "../nn/slots.ts";
import { isUninitialized } from "../nn/uninitialized.ts";
import type { Storage } from "../tensor/storage.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * The catalog of a network: its parameters and buffers in PyTorch's order, under all of their names, with what they are,
 * whether they are trained and whether they have a gradient.
 *
 * Names, shapes and gradients are those of this moment; the elements are read from the network when they are asked for.
 *
 * @example
 * console.log(renderText(report(catalogOf(model))).join("\n"));
 */
export function catalogOf(module: Module): Catalog {
  const collector = new Collector();
  collector.visit(module, "", []);
  return collector.catalog();
}

const unmade: Layout = {
  layout: "absent",
  why: "its layer has not seen an input yet",
  stride: null,
  offset: null,
  storage: null,
};

class Collector {
  readonly #entries: Entry[] = [];
  readonly #modules: ModuleFacts[] = [];
  readonly #versions: [string, number][] = [];
  readonly #storages: Map<Storage, StorageRef> = new Map();
  readonly #passing: string[] = [];

  visit(module: ModuleProtocol, prefix: string, above: readonly ModuleProtocol[]): void {
    // A module that contains itself has names without end; the first is enough.
    if (above.includes(module)) return;
    const path = prefix.slice(0, -1);
    const name = prefix === "" ? "" : joinPath([path]);
    this.#modules.push({ name, class: qualifiedName(module.getName()), training: module.training });
    this.#versions.push([path, module.stateVersion]);
    const slots = slotsOf(module);
    for (const kind of ["parameter", "buffer"] as const) {
      for (const slot of slots) {
        if (slot.kind !== kind || slot.value === null) continue;
        this.#add(slot.value, kind, prefix + slot.name, name);
        if (slot.kind === "buffer" && !slot.persistent) this.#passing.push(joinPath([prefix + slot.name]));
      }
    }
    for (const slot of slots) {
      if (slot.kind === "module" && slot.value !== null)
        this.visit(slot.value, `${prefix}${slot.name}.`, [...above, module]);
    }
  }

  #add(tensor: Tensor, kind: "parameter" | "buffer", name: string, module: string): void {
    // What a lazy layer makes of its first input has no shape before.
    const isMade = !isUninitialized(tensor);
    const shape = isMade ? [...tensor.shape] : [];
    const numel = isMade ? tensor.count : 0;
    this.#entries.push({
      index: this.#entries.length,
      path: [name],
      name: joinPath([name]),
      module,
      kind,
      kindFrom: "recorded",
      dtype: tensor.dtype.name,
      shape,
      numel,
      byteLength: numel * tensor.dtype.itemSize,
      device: tensor.device,
      requiresGrad: tensor.requiresGrad,
      hasGradient: tensor.grad !== null,
      ...(isMade ? this.#layout(tensor) : unmade),
    });
  }

  #layout({ storage, strides, offset }: Tensor): Layout {
    const stride = [...strides];
    if (storage.device === "meta") {
      return { layout: "absent", why: "it is on the meta device", stride, offset, storage: null };
    }
    let ref = this.#storages.get(storage);
    if (ref === undefined) {
      ref = { key: String(this.#storages.size), byteLength: storage.byteLength };
      this.#storages.set(storage, ref);
    }
    return { layout: "strided", stride, offset, storage: ref };
  }

  catalog(): Catalog {
    const storages = new Map(Array.from(this.#storages, ([storage, { key }]) => [key, storage]));
    return new FileCatalog({
      format: "module",
      entries: this.#entries,
      root: this.#root(),
      modules: this.#modules,
      metadata: {},
      notices: this.#notices(),
      storedByteLength: [...storages.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
      gatherBytes: defaultLimits.gatherBytes,
      storageByteLength: (key) => storages.get(key)?.byteLength,
      openStorage(key) {
        const storage = storages.get(key);
        if (storage === undefined) throw internal(`a network has no storage ${key}`);
        return { source: new MemorySource(storage.bytes), byteOrder: "little" };
      },
    });
  }

  /** The state dict that the network would be saved as, with the buffers that it leaves out. */
  #root(): DictValue {
    const entries = this.#entries.map(({ path, index }): readonly [string, Value] => [
      String(path[0]),
      { kind: "tensor", entry: index },
    ]);
    const metadata = this.#versions.map(([name, version]): readonly [string, Value] => [
      name,
      dictOf("dict", [["version", version]]),
    ]);
    const attributes = dictOf("dict", [["_metadata", dictOf("collections.OrderedDict", metadata)]]);
    return { ...dictOf("collections.OrderedDict", entries), attributes };
  }

  #notices(): Notice[] {
    const names = this.#passing;
    if (names.length === 0) return [];
    const count = names.length === 1 ? "1 buffer is" : `${names.length} buffers are`;
    return [{ code: "non-persistent-buffers", message: `${count} left out of its state_dict().`, names }];
  }
}

function dictOf(className: string, pairs: readonly (readonly [string, Value])[]): DictValue {
  const items = new Map(pairs.map(([key, value]): [string, DictItem] => [keyOf(key), { key, value }]));
  return { kind: "dict", class: className, items, attributes: null };
}

Object.defineProperty(Module.prototype, catalogKey, {
  value(this: Module): Catalog {
    return catalogOf(this);
  },
  writable: true,
  configurable: true,
});
