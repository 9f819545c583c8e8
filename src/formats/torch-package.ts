/**
 * `torch.package`: a zip with Python sources, pickles (`<package>/<resource>.pkl`) and the storages that the pickles
 * share (`.data/<n>.storage`). Every pickle is read; the sources are never looked at.
 *
 * Source: torch/package/package_exporter.py and package_importer.py of PyTorch 2.13.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { Zip, ZipEntry } from "../bytes/zip.ts";
import type { Notice } from "../catalog/catalog.ts";
import type { DictValue, NodeValue, Value } from "../catalog/value.ts";
import { keyOf, newDict } from "../catalog/value.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import { textOrNull } from "../pickle/claim.ts";
import { isKind } from "../pickle/globals.ts";
import { unpickle } from "../pickle/machine.ts";
import { TorchReader } from "../pickle/torch.ts";
import type { Candidate, Format } from "./format.ts";
import { replaceNodes } from "./nodes.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";

/** The format of models that travel with their code. */
export const torchPackage: Format = {
  name: "torch-package",

  async claims(candidate) {
    if (!candidate.isZip) return false;
    const zip = await candidate.zip();
    const root = rootOf(zip);
    return root !== null && marks.some((name) => zip.get(`${root}/${name}`) !== undefined);
  },

  async open(candidate) {
    const zip = await candidate.zip();
    const root = rootOf(zip)!;
    const resources = zip.entries.filter(({ name }) => isResource(name, root));
    const tree = new Folders();
    const notices: Notice[] = [];
    // One after another: a package has few pickles, and each may be large.
    for (const entry of resources) {
      const path = entry.name.slice(root.length + 1).split("/");
      try {
        tree.put(path, await readPickle(zip, entry, candidate));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        const message = `${quote(path.join("/"))} is not listed: ${error.message}.`;
        notices.push({ code: "refused-pickle", message, names: [] });
      }
    }
    return catalogOfPickle({
      format: torchPackage.name,
      root: tree.root,
      torch: new TorchReader(candidate.limits),
      storages: storagesOf(zip, root),
      metadata: {
        archive: root,
        pickles: resources.map(({ name }) => name.slice(root.length + 1)),
        pythonVersion: await textOf(zip, `${root}/.data/python_version`, candidate.signal),
      },
      notices: [...notices, ...scriptNotices(zip, root)],
      limits: candidate.limits,
    });
  },
};

/** Records that only packages have; old ones lack the second. */
const marks = [".data/extern_modules", ".data/python_version"] as const;

/** The longest version of Python, with room. */
const versionByteLength = 256;

function rootOf(zip: Zip): string | null {
  const slash = zip.entries[0]?.name.indexOf("/") ?? -1;
  return slash < 1 ? null : zip.entries[0]!.name.slice(0, slash);
}

function isResource(name: string, root: string): boolean {
  return name.endsWith(".pkl") && name.startsWith(`${root}/`) && !name.startsWith(`${root}/.data/`);
}

async function textOf(zip: Zip, name: string, signal: AbortSignal | undefined): Promise<string | null> {
  const entry = zip.get(name);
  if (entry === undefined || entry.byteLength > versionByteLength) return null;
  return new TextDecoder().decode(await zip.read(entry, signal)).trim();
}

/** The values of a package under the folders of their records. */
class Folders {
  readonly root: DictValue = newDict();
  readonly #folders: Set<Value> = new Set([this.root]);

  /** Puts a value in its place. Where a record has the name of a folder, it stands in the folder under no name. */
  put(path: readonly string[], value: Value): void {
    let folder = this.root;
    for (const name of path.slice(0, -1)) folder = this.#enter(folder, name);
    const name = path.at(-1)!;
    const found = folder.items.get(keyOf(name))?.value;
    if (isKind(found, "dict") && this.#folders.has(found)) found.items.set(keyOf(""), { key: "", value });
    else folder.items.set(keyOf(name), { key: name, value });
  }

  #enter(folder: DictValue, name: string): DictValue {
    const key = keyOf(name);
    const found = folder.items.get(key)?.value;
    if (isKind(found, "dict") && this.#folders.has(found)) return found;
    const inner = newDict();
    this.#folders.add(inner);
    if (found !== undefined) inner.items.set(keyOf(""), { key: "", value: found });
    folder.items.set(key, { key: name, value: inner });
    return inner;
  }
}

async function readPickle(zip: Zip, entry: ZipEntry, { limits, signal }: Candidate): Promise<Value> {
  if (entry.byteLength > limits.pickleBytes) {
    throw new LimitError(
      `opening a torch.package archive: ${quote(entry.name)} has ${entry.byteLength} bytes, of at most ${limits.pickleBytes}`,
      { code: "pickle-bytes", hint: "If you trust the file, raise limits.pickleBytes." },
    );
  }
  const { value } = unpickle(await zip.read(entry, signal), { limits });
  return replaceNodes(value, reducedObject);
}

/**
 * `("reduce_package", number, function, arguments)`, which calls the function with the importer before the arguments:
 * an object that only a package can hold, such as an fx graph. Before PyTorch 1.9 without the number.
 */
function reducedObject(node: NodeValue): Value | undefined {
  if (node.kind !== "persistent" || !isKind(node.id, "tuple")) return undefined;
  const { items } = node.id;
  if (textOrNull(items[0]) !== "reduce_package" || items.length < 3) return undefined;
  const [callable, args] = items.slice(-2);
  if (!isKind(args, "tuple")) return undefined;
  const all: Value = { kind: "tuple", items: [null, ...args.items] };
  return { kind: "object", made: "reduce", callable: callable!, args: all, kwargs: null, state: null };
}

/** The storages by key: `0` in the pickles of today, `0.storage` in some of before. */
function storagesOf(zip: Zip, root: string): ReadonlyMap<string, ByteSource> {
  const prefix = `${root}/.data/`;
  const suffix = ".storage";
  const storages = new Map<string, ByteSource>();
  for (const entry of zip.entries) {
    if (!entry.name.startsWith(prefix) || !entry.name.endsWith(suffix)) continue;
    storages.set(entry.name.slice(prefix.length, -suffix.length), zip.open(entry));
  }
  return storages;
}

function scriptNotices(zip: Zip, root: string): Notice[] {
  const prefix = `${root}/.data/ts_code/`;
  const count = new Set(
    zip.entries.flatMap(({ name }) =>
      // Beside the modules, which are numbered, lies the code of all of them.
      name.startsWith(prefix) && !name.startsWith(`${prefix}code/`)
        ? [name.slice(prefix.length).split("/")[0]]
        : [],
    ),
  ).size;
  if (count === 0) return [];
  const message = `The package embeds ${count === 1 ? "a TorchScript module" : `${count} TorchScript modules`}, whose tensors are not listed.`;
  return [{ code: "torchscript-code", message, names: [] }];
}
