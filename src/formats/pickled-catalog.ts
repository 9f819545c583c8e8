/** The catalog of a file whose structure is one pickle and whose storages lie beside it, whatever the container. */

import { MemorySource } from "../bytes/memory-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import type { Value } from "../catalog/value.ts";
import { quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { textOrNull } from "../pickle/claim.ts";
import { isKind } from "../pickle/globals.ts";
import { isStorageId } from "../pickle/storage.ts";
import type { StorageRecord } from "../pickle/tensor-record.ts";
import type { TorchReader } from "../pickle/torch.ts";
import type { PickledContext } from "./pickled.ts";
import { visitNodes } from "./nodes.ts";
import { isListedArray } from "./numpy-arrays.ts";
import { withOwners } from "./optimizer-owners.ts";
import { listPickled } from "./pickled.ts";

/** What the container knows. */
export interface PickledFile {
  /** The format's name. */
  readonly format: string;
  /** The unpickled tree; it is changed. */
  readonly root: Value;
  /** Reads the tree's tensors. Storages it has met already count as claimed. */
  readonly torch: TorchReader;
  /** The storages of the file by key. */
  readonly storages: ReadonlyMap<string, ByteSource>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the container has to say, before what the pickle has. */
  readonly notices: readonly Notice[];
  readonly limits: Limits;
  /** The order of bytes within the numbers of the storages. Default little. */
  readonly byteOrder?: "little" | "big";
  /** Why the storages have their sizes but not their elements, where that is so. */
  readonly weightless?: string | null;
  /** As in `PickledContext`. */
  readonly kinds?: PickledContext["kinds"];
  /** The name under which a class is shown. Default the recorded one. */
  readonly classNameOf?: (recorded: string) => string;
}

/**
 * Lists the tensors of a pickle over the storages that its file has. A tensor whose storage is missing or of another
 * size than claimed is listed without elements.
 */
export function catalogOfPickle(file: PickledFile): Catalog {
  const { torch, storages, limits, weightless = null } = file;
  const faultOf = ({ key, byteLength }: StorageRecord): string | null => {
    const found = storages.get(key);
    if (found === undefined) return `the file has no storage ${quote(key)}`;
    if (found.size === byteLength) return null;
    return `its storage ${quote(key)} has ${found.size} bytes, and the pickle claims ${byteLength}`;
  };
  const check = (storage: StorageRecord): string | null => {
    if (storage.inline !== null) return null;
    const fault = faultOf(storage);
    return fault ?? (storage.byteLength > 0 ? weightless : null);
  };
  const tree = listPickled(file.root, { torch, limits, check, kinds: file.kinds });
  const { classNameOf = (name) => name, byteOrder = "little" } = file;
  const modules = tree.modules.map((module) => ({
    ...module,
    class: module.class === null ? null : classNameOf(module.class),
  }));
  const inline = new Map<string, Uint8Array>();
  for (const [key, [record]] of torch.storages) if (record?.inline) inline.set(key, record.inline);
  const stored = [...storages.values()].reduce((sum, { size }) => sum + size, 0);
  // Arrays that are not listed are values of the pickle, not storages.
  const shown = new Set(tree.entries.map(({ storage }) => storage?.key));
  const inlined = [...inline].reduce((sum, [key, bytes]) => sum + (shown.has(key) ? bytes.length : 0), 0);

  return new FileCatalog({
    format: file.format,
    entries: withOwners(tree.entries, tree.root),
    root: tree.root,
    modules,
    metadata: file.metadata,
    notices: [
      ...file.notices,
      ...storageNotices(storages, torch, [tree.root, ...tree.made]),
      ...lossNotices(tree.entries, weightless),
      ...tree.notices,
    ],
    storedByteLength: stored + inlined,
    // What stands for an array is a word of ours, which no program is to load.
    made: tree.made.map((value) => (isListedArray(value) ? null : value)),
    gatherBytes: limits.gatherBytes,
    openStorage: (key) => {
      const bytes = inline.get(key);
      if (bytes !== undefined) return { source: new MemorySource(bytes), byteOrder: "little" };
      return { source: storages.get(key)!, byteOrder };
    },
    storageByteLength: (key) => (weightless === null ? storages.get(key)?.size : undefined),
  });
}

/** Reasons that are spelt out, each with the tensors that lack their elements for it. */
const shownFaults = 5;

/** Which tensors have no elements that can be read, and why; of those on the meta device the table says it. */
function lossNotices(entries: readonly Entry[], weightless: string | null): Notice[] {
  const lost = new Map<string, string[]>();
  for (const entry of entries) {
    if (entry.layout !== "absent" || entry.device === "meta" || entry.why === weightless) continue;
    const same = lost.get(entry.why);
    if (same === undefined) lost.set(entry.why, [entry.name]);
    else same.push(entry.name);
  }
  const groups = [...lost];
  const notices: Notice[] = groups.slice(0, shownFaults).map(([why, names]) => {
    const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
    const message = `${quote(names[0]!)}${more} cannot be read: ${why}.`;
    return { code: "absent-elements", message, names };
  });
  const names = groups.slice(shownFaults).flatMap(([, more]) => more);
  if (names.length > 0) {
    const message = `${names.length} more ${names.length === 1 ? "tensor" : "tensors"} cannot be read for reasons like these.`;
    notices.push({ code: "absent-elements", message, names });
  }
  return notices;
}

/** Where the pickle and the storages do not fit. */
function storageNotices(
  storages: ReadonlyMap<string, ByteSource>,
  torch: TorchReader,
  values: readonly Value[],
): Notice[] {
  const notices: Notice[] = [];
  for (const [key, records] of torch.storages) {
    if (records.length < 2) continue;
    const claims = records.map(({ dtype, numel }) => `${numel} of ${dtype ?? "bytes"}`).join(" and as ");
    const message = `The pickle claims storage ${quote(key)} as ${claims}.`;
    notices.push({ code: "contradicting-storage", message, names: [] });
  }
  const unclaimed = [...storages].filter(([key, { size }]) => size > 0 && !torch.storages.has(key));
  if (unclaimed.length === 0) return notices;
  const named = namedStorages(values);
  const inner = unclaimed.filter(([key]) => named.has(key));
  const lost = unclaimed.filter(([key]) => !named.has(key));
  for (const [some, is] of [
    [inner, ["holds a tensor that is not listed", "hold tensors that are not listed"]],
    [lost, ["belongs to no tensor", "belong to no tensor"]],
  ] as const) {
    if (some.length === 0) continue;
    const bytes = some.reduce((sum, [, { size }]) => sum + size, 0);
    const first = some.slice(0, 3).map(([key]) => quote(key));
    const count = some.length === 1 ? "1 storage" : `${some.length} storages`;
    const message = `${count} of ${bytes} bytes ${is[some.length === 1 ? 0 : 1]}: ${first.join(", ")}${some.length > 3 ? ", …" : ""}.`;
    notices.push({ code: "unclaimed-storages", message, names: [] });
  }
  return notices;
}

/** The keys of the storages that values name, wherever in them: attributes of tensors, parts of subclasses. */
function namedStorages(values: readonly Value[]): ReadonlySet<string> {
  const keys = new Set<string>();
  visitNodes({ kind: "tuple", items: [...values] }, (node) => {
    const key = isStorageId(node) && isKind(node.id, "tuple") ? textOrNull(node.id.items[2]) : null;
    if (key !== null) keys.add(key);
  });
  return keys;
}
