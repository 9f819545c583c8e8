/**
 * TorchScript: a zip with the pickled modules (`data.pkl`), their program (`code/…`) and its constants
 * (`constants.pkl`), each with storages of its own; on mobile with `bytecode.pkl` besides. Archives of PyTorch 1.0 and
 * 1.1 hold a `model.json` instead, which `torchscript-json.ts` reads.
 *
 * Parameters, buffers and modules are those of the class texts in the program; nothing of it is run.
 * Source: torch/csrc/jit/serialization/import.cpp of PyTorch 2.13.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { Zip } from "../bytes/zip.ts";
import type { Notice } from "../catalog/catalog.ts";
import type { Value } from "../catalog/value.ts";
import { keyOf, newDict } from "../catalog/value.ts";
import { LimitError, quote } from "../errors.ts";
import { textOrNull } from "../pickle/claim.ts";
import { isKind } from "../pickle/globals.ts";
import { unpickle } from "../pickle/machine.ts";
import { isStorageId } from "../pickle/storage.ts";
import { TorchReader } from "../pickle/torch.ts";
import type { Candidate, Format } from "./format.ts";
import { visitNodes } from "./nodes.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";
import { archiveByteOrder, archiveRoot, smallRecord } from "./small-record.ts";
import type { ScriptClass } from "./torchscript-code.ts";
import { pythonClassOf, scriptClasses, scriptRecordOf } from "./torchscript-code.ts";
import { openModelJson } from "./torchscript-json.ts";
import { joinFlatWeights, ScriptKinds, shapeModules, withoutTags } from "./torchscript-modules.ts";

/** The format of `torch.jit.save` and of `_save_for_lite_interpreter`. */
export const torchScript: Format = {
  name: "torchscript",

  async claims(candidate) {
    if (!candidate.isZip) return false;
    const zip = await candidate.zip();
    const root = archiveRoot(zip);
    return (
      root !== null &&
      ["constants.pkl", "model.json"].some((name) => zip.get(`${root}/${name}`) !== undefined)
    );
  },

  async open(candidate) {
    const zip = await candidate.zip();
    const root = archiveRoot(zip)!;
    if (zip.get(`${root}/constants.pkl`) === undefined)
      return openModelJson(torchScript.name, candidate, zip, root);
    const archive = new Archive(candidate, zip, root);
    const [data, constants, version, byteOrder] = await Promise.all([
      archive.pickle("data.pkl"),
      archive.pickle("constants.pkl"),
      archive.version(),
      archiveByteOrder(zip, root, candidate.signal),
    ]);
    archive.nameStorages(data, "data");
    archive.nameStorages(constants, "constants");
    const model = withoutTags(data);
    const held = withoutTags(constants);
    const classes = await archive.classes(model);
    const { isModule, packed, flatWeights } = shapeModules(model, (module, name) =>
      classes.get(`${module}.${name}`),
    );
    // The constants may hold packed layers too, and no modules.
    const constantPacked = shapeModules(held, () => undefined).packed;
    const torch = new TorchReader(candidate.limits);
    const script = new ScriptKinds(torch);
    for (const value of [...packed, ...constantPacked]) script.addPacked(value);
    script.addConstants(held);
    for (const weights of flatWeights) joinFlatWeights(weights, torch);
    script.addAttributes(model);
    const hasConstants = isKind(held, "tuple") && held.items.length > 0;
    return catalogOfPickle({
      format: torchScript.name,
      root: hasConstants ? withConstants(model, held, isModule) : model,
      torch,
      storages: archive.storages,
      byteOrder,
      kinds: script.kinds,
      classNameOf: pythonClassOf,
      metadata: {
        archive: root,
        ...version,
        byteOrder,
        isMobile: zip.get(`${root}/bytecode.pkl`) !== undefined,
        extraFiles: archive.extraFiles(),
      },
      notices: hasConstants ? constantNotices(held.items.length) : [],
      limits: candidate.limits,
    });
  },
};

/** The folders of storages, by what they are called in keys. */
const storageFolders = ["data", "constants"] as const;

/** Bytes of program text that are read to know the classes. Real: 2 MB. Prevents: reading a text of gigabytes. */
const mostCodeBytes = 64 * 2 ** 20;

class Archive {
  /** The storages of both pickles, `data/0` and `constants/0`, by these keys. */
  readonly storages: ReadonlyMap<string, ByteSource>;
  readonly #candidate: Candidate;
  readonly #zip: Zip;
  readonly #root: string;

  constructor(candidate: Candidate, zip: Zip, root: string) {
    this.#candidate = candidate;
    this.#zip = zip;
    this.#root = root;
    const storages = new Map<string, ByteSource>();
    for (const folder of storageFolders) {
      const prefix = `${root}/${folder}/`;
      for (const entry of zip.entries) {
        if (entry.name.startsWith(prefix)) storages.set(entry.name.slice(root.length + 1), zip.open(entry));
      }
    }
    this.storages = storages;
  }

  /** A pickle of the archive; None where there is none. */
  async pickle(name: string): Promise<Value> {
    const { limits, signal } = this.#candidate;
    const entry = this.#zip.get(`${this.#root}/${name}`);
    if (entry === undefined) return null;
    if (entry.byteLength > limits.pickleBytes) {
      throw new LimitError(
        `opening a TorchScript archive: ${quote(name)} has ${entry.byteLength} bytes, of at most ${limits.pickleBytes}`,
        { code: "pickle-bytes", hint: "If you trust the file, raise limits.pickleBytes." },
      );
    }
    return unpickle(await this.#zip.read(entry, signal), { limits }).value;
  }

  async version(): Promise<Readonly<Record<string, unknown>>> {
    const text = await smallRecord(this.#zip, `${this.#root}/version`, this.#candidate.signal);
    if (text === null) return {};
    return { version: /^\d{1,15}$/.test(text) ? Number(text) : text };
  }

  /** The files that were saved with the program, which may hold anything. */
  extraFiles(): string[] {
    const prefix = `${this.#root}/extra/`;
    return this.#zip.entries.flatMap(({ name }) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    );
  }

  /** Gives the storages that a pickle refers to the keys of `storages`: the two pickles count from 0 both. */
  nameStorages(tree: Value, folder: (typeof storageFolders)[number]): void {
    const other = folder === "data" ? "constants" : "data";
    const named = new Set<readonly Value[]>();
    visitNodes(tree, (node) => {
      if (!isStorageId(node) || !isKind(node.id, "tuple") || named.has(node.id.items)) return;
      const { items } = node.id;
      named.add(items);
      const key = textOrNull(items[2]);
      if (key === null) return;
      // Mobile archives write what both need once.
      const isElsewhere = !this.storages.has(`${folder}/${key}`) && this.storages.has(`${other}/${key}`);
      items[2] = `${isElsewhere ? other : folder}/${key}`;
    });
  }

  /** The classes that a tree has objects of, by qualified name, from their program text. */
  async classes(tree: Value): Promise<ReadonlyMap<string, ScriptClass>> {
    const modules = new Map<string, string>();
    visitNodes(tree, (node) => {
      if (node.kind !== "object" || !isKind(node.callable, "global")) return;
      const record = scriptRecordOf(node.callable.module);
      if (record !== null) modules.set(node.callable.module, `${this.#root}/${record}`);
    });
    const found = [...modules].flatMap(([module, record]) => {
      const entry = this.#zip.get(record);
      return entry === undefined ? [] : [{ module, entry }];
    });
    const byteLength = found.reduce((sum, { entry }) => sum + entry.byteLength, 0);
    if (byteLength > mostCodeBytes) {
      throw new LimitError(
        `opening a TorchScript archive: its program has ${byteLength} bytes, of at most ${mostCodeBytes}`,
        { code: "torchscript-code-bytes", hint: "No real program is that long; do not trust the file." },
      );
    }
    const classes = new Map<string, ScriptClass>();
    const decoder = new TextDecoder();
    const texts = await Promise.all(found.map(({ entry }) => this.#zip.read(entry, this.#candidate.signal)));
    for (const [index, { module }] of found.entries()) {
      for (const [name, facts] of scriptClasses(decoder.decode(texts[index])))
        classes.set(`${module}.${name}`, facts);
    }
    return classes;
  }
}

/** The model with the constants of its program as an attribute, `constants`, whose items the code calls `c0`, `c1`, …. */
function withConstants(model: Value, constants: Value, isModule: boolean): Value {
  const name = "constants";
  if (
    isModule &&
    isKind(model, "object") &&
    isKind(model.state, "dict") &&
    !model.state.items.has(keyOf(name))
  ) {
    model.state.items.set(keyOf(name), { key: name, value: constants });
    return model;
  }
  const both = newDict();
  for (const [key, value] of Object.entries({ data: model, constants }))
    both.items.set(keyOf(key), { key, value });
  return both;
}

function constantNotices(count: number): Notice[] {
  const values = count === 1 ? "1 constant of the program is" : `${count} constants of the program are`;
  return [
    {
      code: "program-constants",
      message: `${values} listed under "constants"; freezing a module makes constants of its parameters.`,
      names: [],
    },
  ];
}
