/**
 * `torch.save` of PyTorch 0.1.9 and earlier: a tar archive of `pickle` (the object), `tensors` (their views) and
 * `storages` (their elements). Persistent ids in the pickle are the numbers of tensors and storages.
 *
 * They are turned into what later versions write, so that the rest of the reader knows one form only.
 * Source: the tar branch of _legacy_load in torch/serialization.py of PyTorch 2.13.
 */

import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { TarMember } from "../bytes/tar.ts";
import { isTarHeader, tarMembers } from "../bytes/tar.ts";
import type { GlobalValue, ObjectValue, PersistentValue, Value } from "../catalog/value.ts";
import { FormatError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { textOrNull } from "../pickle/claim.ts";
import { isKind } from "../pickle/globals.ts";
import { narrow } from "../pickle/number.ts";
import { TorchReader } from "../pickle/torch.ts";
import { classSources, sourceNotices } from "./class-sources.ts";
import type { Candidate, Format } from "./format.ts";
import { replaceNodes } from "./nodes.ts";
import { PickleStream } from "./pickle-stream.ts";
import { catalogOfPickle } from "./pickled-catalog.ts";

/** The format of the first months of PyTorch. */
export const torchTar: Format = {
  name: "torch-tar",

  claims: (candidate) => candidate.startsWith("ustar", 257) || isTarHeader(candidate.head),

  async open(candidate) {
    const { limits, signal } = candidate;
    const archive = await findMembers(candidate);
    const torch = new TorchReader(limits);
    const storages = await readStorages(archive.storages, { torch, limits, signal });
    const tensors = await readTensors(archive.tensors, storages.ids, { limits, signal });
    const pickle = await new PickleStream(archive.pickle, { limits, signal }).next();
    const ids: PersistentValue[] = [];
    const root = replaceNodes(pickle.value, (node) => {
      if (node.kind !== "persistent") return undefined;
      ids.push(node);
      return resolve(node, storages.ids, tensors);
    });
    const sources = classSources(ids);
    return catalogOfPickle({
      format: torchTar.name,
      root,
      torch,
      storages: storages.sources,
      metadata: { pickleProtocol: pickle.protocol, ...(sources.length === 0 ? {} : { sources }) },
      notices: sourceNotices(sources),
      limits,
    });
  },
};

/** The members of these archives. A fourth, `sys_info`, says nothing that PyTorch uses. */
const memberNames = ["pickle", "tensors", "storages"] as const;

type Members = Readonly<Record<(typeof memberNames)[number], ByteSource>>;

/** Members that are looked through for them; PyTorch wrote four. */
const mostMembers = 64;

async function findMembers({ source, signal }: Candidate): Promise<Members> {
  const found = new Map<string, TarMember>();
  const others: string[] = [];
  for await (const member of tarMembers(source, signal)) {
    const { name } = member;
    if ((memberNames as readonly string[]).includes(name) && member.isFile) {
      if (found.has(name)) throw fault("tar-duplicate-name", `it has ${quote(name)} twice`);
      found.set(name, member);
    } else {
      others.push(name);
    }
    if (found.size + others.length >= mostMembers) break;
  }
  const sourceOf = (name: string): ByteSource => {
    const member = found.get(name);
    if (member !== undefined) return new SliceSource(source, member.start, member.start + member.byteLength);
    throw new FormatError(
      found.size === 0
        ? `opening a checkpoint: the file is a tar archive of files such as ${quote(others[0] ?? "")}, not a PyTorch file`
        : `opening a PyTorch 0.1 tar file: it has no member ${quote(name)}`,
      found.size === 0
        ? { code: "archive", hint: "Unpack it and open the checkpoint inside." }
        : { code: "tar-incomplete", hint: "The file is damaged; fetch it again." },
    );
  };
  return { pickle: sourceOf("pickle"), tensors: sourceOf("tensors"), storages: sourceOf("storages") };
}

function fault(code: string, what: string): FormatError {
  return new FormatError(`opening a PyTorch 0.1 tar file: ${what}`, {
    code,
    hint: "The file is damaged; fetch it again.",
  });
}

/** How the members are read. */
interface ReadOptions {
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

/** The storages of the archive. */
interface Storages {
  /** By the text of their numbers, also the views of storages; in the form of a persistent id of later versions. */
  readonly ids: ReadonlyMap<string, PersistentValue>;
  readonly sources: ReadonlyMap<string, ByteSource>;
}

/** The text of a number that stands for a tensor or a storage. */
function numberText(value: Value | undefined): string | null {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = textOrNull(value);
  return text !== null && /^-?\d{1,20}$/.test(text) ? text : null;
}

/** The number of things that follow, which each take at least a byte. */
async function countOf(stream: PickleStream, what: string, size: number): Promise<number> {
  const { value } = await stream.next();
  if (typeof value === "number" && value >= 0 && value <= size) return value;
  throw fault("tar-count", `its number of ${what} is none that ${size} bytes can hold`);
}

/** The items of a tuple that stands in the file. */
function itemsOf(value: Value, length: number, what: string): readonly Value[] {
  if ((isKind(value, "tuple") || isKind(value, "list")) && value.items.length === length) return value.items;
  throw fault("tar-record", `${what} is not of the ${length} parts that PyTorch wrote`);
}

async function readStorages(
  source: ByteSource,
  options: ReadOptions & { readonly torch: TorchReader },
): Promise<Storages> {
  const stream = new PickleStream(source, options);
  const ids = new Map<string, PersistentValue>();
  const sources = new Map<string, ByteSource>();
  const count = await countOf(stream, "storages", source.size);
  for (let index = 0; index < count; index++) {
    const { value } = await stream.next();
    const [keyValue, location, type] = itemsOf(value, 3, `storage ${index}`);
    const key = numberText(keyValue);
    if (key === null || ids.has(key)) throw fault("tar-key", `storage ${index} has no number of its own`);
    const view = await stream.take(8);
    const numel = narrow(view.getBigInt64(0, true));
    const id: PersistentValue = {
      kind: "persistent",
      id: { kind: "tuple", items: ["storage", type!, key, location!, numel, null] },
    };
    const claim = options.torch.storage(id);
    if (claim === undefined || claim.storage === null)
      throw fault("tar-storage", `storage ${index}: ${claim?.refused ?? "it is none"}`);
    const start = stream.position;
    const end = start + claim.storage.byteLength;
    if (end > source.size) {
      throw new FormatError(
        `unexpected EOF, expected ${end - source.size} more bytes. The file might be corrupted.`,
        {
          code: "tar-truncated",
          hint: `The file ends inside storage ${index + 1} of ${count}; fetch it again.`,
          torchType: "RuntimeError",
        },
      );
    }
    ids.set(key, id);
    sources.set(key, new SliceSource(source, start, end));
    stream.position = end;
  }
  const { value: views } = await stream.next();
  if (!isKind(views, "list") && !isKind(views, "tuple"))
    throw fault("tar-record", "its list of views is none");
  for (const view of views.items) addView(view, ids);
  return { ids, sources };
}

/** Adds a storage that is a window of another: (target, root, offset, number of elements). */
function addView(view: Value, ids: Map<string, PersistentValue>): void {
  const [targetValue, rootValue, offset, numel] = itemsOf(view, 4, "a view of a storage");
  const target = numberText(targetValue);
  const root = ids.get(numberText(rootValue) ?? "");
  if (
    target === null ||
    !isKind(root?.id, "tuple") ||
    typeof offset !== "number" ||
    typeof numel !== "number"
  ) {
    throw fault("tar-view", "a view of a storage is of none that stands before it");
  }
  const inner = root.id.items.at(-1)!;
  const [, first, length] = isKind(inner, "tuple")
    ? (inner.items as [Value, number, number])
    : [null, 0, Number.POSITIVE_INFINITY];
  if (offset < 0 || numel < 0 || offset + numel > length) {
    throw fault("tar-view", "a view of a storage reaches beyond what it is of");
  }
  const window: Value = { kind: "tuple", items: [target, first + offset, numel] };
  ids.set(target, {
    kind: "persistent",
    id: { kind: "tuple", items: [...root.id.items.slice(0, -1), window] },
  });
}

const rebuildTensor: GlobalValue = { kind: "global", module: "torch._utils", name: "_rebuild_tensor" };

/** The tensors by the text of their numbers, as calls of the function that later versions write. */
async function readTensors(
  source: ByteSource,
  storages: ReadonlyMap<string, PersistentValue>,
  options: ReadOptions,
): Promise<Map<string, ObjectValue>> {
  const stream = new PickleStream(source, options);
  const tensors = new Map<string, ObjectValue>();
  const count = await countOf(stream, "tensors", source.size);
  for (let index = 0; index < count; index++) {
    const { value } = await stream.next();
    const [keyValue, storageValue] = itemsOf(value, 3, `tensor ${index}`);
    const key = numberText(keyValue);
    if (key === null || tensors.has(key)) throw fault("tar-key", `tensor ${index} has no number of its own`);
    // The rank takes eight bytes, of which PyTorch reads four.
    const rank = (await stream.take(8)).getInt32(0, true);
    if (rank < 0 || rank > options.limits.rank) {
      throw fault("tar-rank", `tensor ${index} has ${rank} dimensions, of at most ${options.limits.rank}`);
    }
    const numbers = await stream.take(8 * (2 * rank + 1));
    const fields = Array.from({ length: 2 * rank + 1 }, (_, at) => narrow(numbers.getBigInt64(8 * at, true)));
    const size: Value = { kind: "tuple", items: fields.slice(0, rank) };
    const stride: Value = { kind: "tuple", items: fields.slice(rank, 2 * rank) };
    const storage = storages.get(numberText(storageValue) ?? "") ?? null;
    tensors.set(key, {
      kind: "object",
      made: "reduce",
      callable: rebuildTensor,
      args: { kind: "tuple", items: [storage, fields.at(-1)!, size, stride] },
      kwargs: null,
      state: null,
    });
  }
  return tensors;
}

/** What a persistent id of the pickle stands for, in the form of later versions. */
function resolve(
  { id }: PersistentValue,
  storages: ReadonlyMap<string, PersistentValue>,
  tensors: ReadonlyMap<string, ObjectValue>,
): Value | undefined {
  const key = numberText(id);
  if (key !== null) return tensors.get(key) ?? storages.get(key);
  // (class, path of its source file, source): later versions put a word before it. Classes stay where they are.
  if (isKind(id, "tuple") && id.items.length === 3) id.items.unshift("module");
  return undefined;
}
