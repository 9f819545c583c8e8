/** Loads files: gives what `torch.load` gives, with tensors of this package. */

import type { Catalog } from "../catalog/catalog.ts";
import type { ObjectValue, Value } from "../catalog/value.ts";
import { LimitError } from "../errors.ts";
import { walk } from "../formats/nodes.ts";
import type { Openable, OpenOptions } from "../formats/open.ts";
import { open } from "../formats/open.ts";
import { StateDict } from "../nn/state-dict.ts";
import { isKind } from "../pickle/globals.ts";
import { moduleOf } from "../pickle/module.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { CatalogTensors } from "./catalog-tensors.ts";
import { programValue } from "./python-objects.ts";

/** What can be loaded: what can be opened, and what was opened already, a draft of it too. */
export type Loadable = Openable | Catalog;

function isCatalog(file: Loadable): file is Catalog {
  return typeof file === "object" && file !== null && "entries" in file && "blocks" in file && "root" in file;
}

/**
 * Loads a whole file: its tensors, and what is around them.
 *
 * A `dict` is a Map, a state dict a `StateDict`, lists and tuples are arrays, numbers are numbers. Tensors that share
 * elements in the file share them here. Nothing in the file runs: a module that was saved whole becomes its state dict,
 * and any other object of a class that is not here stays inert data.
 *
 * `T` is what you expect; as with `JSON.parse`, nothing checks it. `loadStateDict` does.
 *
 * Throws: what `open` throws, `UsageError` for tensors of a kind that is not here (sparse, quantized), `FormatError` for
 * elements that the file has not.
 *
 * @example
 * model.loadStateDict(await load(bytes));
 * const checkpoint = await load<Map<string, unknown>>(bytes);
 * checkpoint.get("epoch");
 */
export async function load<T = Map<string, Tensor>>(file: Loadable, options: OpenOptions = {}): Promise<T> {
  return (await loadCatalog(isCatalog(file) ? file : await open(file, options), options.signal)) as T;
}

/** The values of an opened file. Throws: as `load`. */
export async function loadCatalog(catalog: Catalog, signal?: AbortSignal): Promise<unknown> {
  const reader = new CatalogTensors(catalog, signal);
  const needed = new Set<number>();
  const modules = new Map<ObjectValue, readonly (readonly [string, number])[]>();
  walk(catalog.root, (node) => {
    if (node.kind === "tensor") needed.add(node.entry);
    const named = node.kind === "object" ? stateEntries(node) : undefined;
    if (named !== undefined) modules.set(node as ObjectValue, named);
    return named === undefined;
  });
  const tensors = new Map<number, Tensor>();
  await readAll(needed, async (index) => {
    tensors.set(index, await reader.tensor(catalog.entries[index]!));
  });
  const states = new Map<ObjectValue, StateDict>();
  for (const [module, named] of modules) {
    const plain: Tensor[] = [];
    await readAll(named.keys(), async (place) => {
      plain[place] = await reader.plainTensor(catalog.entries[named[place]![1]]!);
    });
    const state = new StateDict();
    named.forEach(([name], place) => state.set(name, plain[place]!));
    states.set(module, state);
  }
  return programValue(catalog.root, {
    tensor: (entry) => tensors.get(entry)!,
    object: (value) => states.get(value),
  });
}

/** Tensors that are fetched at the same time: from a server each takes a round trip. */
const maxReading = 8;

/** Reads several at a time, in their order. */
async function readAll(items: Iterable<number>, read: (item: number) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) await read(next.value);
  };
  await Promise.all(Array.from({ length: maxReading }, worker));
}

/** Modules inside each other. Real: 20. Prevents: names whose length is that of the file. */
const maxDepth = 100;

/**
 * Modules of one network, a shared one counted wherever it is used. Real: 10 000. Prevents: 30 modules, each twice in the
 * next, as a billion names.
 */
const maxModules = 200_000;

/**
 * The names of a state dict and the entries that belong to them, of a module that was saved whole; undefined for any
 * other object. A module that several names share stands under each, one that contains itself only once.
 *
 * Throws: `LimitError` for more modules than any network has.
 */
function stateEntries(root: ObjectValue): [string, number][] | undefined {
  if (moduleOf(root) === undefined) return undefined;
  const found: [string, number][] = [];
  let count = 0;
  const visit = (value: Value, prefix: string, above: readonly Value[]): void => {
    const module = moduleOf(value);
    if (module === undefined || above.includes(value) || above.length > maxDepth) return;
    count += 1;
    if (count > maxModules) {
      throw new LimitError(`loading a module: found more than ${maxModules} modules in it`, {
        code: "modules-limit",
        hint: "open(file) lists what it has.",
      });
    }
    const buffers = module.buffers.filter(({ isPersistent }) => isPersistent);
    for (const { name, value: held } of [...module.parameters, ...buffers]) {
      if (isKind(held, "tensor")) found.push([prefix + name, held.entry]);
    }
    for (const { name, value: child } of module.children)
      visit(child, `${prefix}${name}.`, [...above, value]);
  };
  visit(root, "", []);
  return found;
}
