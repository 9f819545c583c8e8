/**
 * The layout of `torch.save` from PyTorch 0.1.10 to 1.5: five pickles (a magic number, a version, facts on the writing
 * machine, the object, the keys of its storages), then the storages in the order of their keys, each a count of
 * elements in 64 bits and the elements.
 *
 * A key tells no position. How long each storage is, the object says; the counts must agree.
 * Source: _legacy_load in torch/serialization.py, readFileRaw in torch/csrc/serialization.cpp of PyTorch 2.13.
 */

import { CoalescedSource } from "../bytes/coalesced-source.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { PersistentValue, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { FormatError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { isKind } from "../pickle/globals.ts";
import type { Unpickled } from "../pickle/machine.ts";
import { isStorageText } from "../pickle/storage.ts";
import { legacyMagic } from "../pickle/survey.ts";
import type { TorchReader } from "../pickle/torch.ts";
import { visitNodes } from "./nodes.ts";
import { PickleStream } from "./pickle-stream.ts";

/** The second. */
const protocolVersion = 1001;

/** Bytes of the count before a storage. */
const countByteLength = 8;

/** Counts that lie this close are read together: nothing else of small storages is then asked for twice. */
const maxGap = 64 * 2 ** 10;

/** Counts asked for at a time. */
const countsAtOnce = 1024;

/** A file of this layout, its storages found but not read. */
export interface LegacyFile {
  readonly pickle: Unpickled;
  /** Every persistent id in the object, in its order: storages and the classes of modules. */
  readonly ids: readonly PersistentValue[];
  /** By key, in the order of the file. Elements are little-endian, whatever machine wrote them. */
  readonly storages: ReadonlyMap<string, ByteSource>;
  /** Whether a big-endian machine wrote it. */
  readonly isBigEndian: boolean;
  /** Bytes after the last storage. PyTorch passes over them. */
  readonly trailingByteLength: number;
}

/** How a file is read. */
export interface LegacyOptions {
  /** Learns of all storages that the object claims. */
  readonly torch: TorchReader;
  readonly limits: Limits;
  readonly signal?: AbortSignal | undefined;
}

function fault(
  code: string,
  what: string,
  hint: string = "The file is damaged; fetch it again.",
): FormatError {
  return new FormatError(`opening a legacy torch.save file: ${what}`, { code, hint });
}

/**
 * Reads the pickles and the counts, no elements.
 *
 * Throws: `FormatError` with PyTorch's text where the file ends too early, with a text of ours where it contradicts
 * itself; `LimitError`; what the source throws.
 */
export async function readLegacy(source: ByteSource, options: LegacyOptions): Promise<LegacyFile> {
  const stream = new PickleStream(source, options);
  const [magic, version, system, pickle, keyList] = await pickles(stream, source.size);
  if (magic.value !== legacyMagic) throw fault("legacy-magic", "its magic number is another");
  if (version.value !== protocolVersion) {
    const found = typeof version.value === "number" ? String(version.value) : "no number";
    throw new FormatError(`Invalid protocol version: ${found}`, {
      code: "legacy-version",
      hint: `PyTorch has only ever written version ${protocolVersion}; the file is damaged.`,
      torchType: "RuntimeError",
    });
  }
  const ids: PersistentValue[] = [];
  visitNodes(pickle.value, (node) => {
    if (node.kind === "persistent") ids.push(node);
  });
  if (ids.some(isStorageText)) {
    throw fault(
      "legacy-protocol-0",
      "pickle protocol 0 wrote the references to its storages as texts, and PyTorch itself cannot load it",
      "Save it again with torch.save(…), which takes protocol 2 unless it is told otherwise.",
    );
  }
  for (const id of ids) options.torch.storage(id);
  const isBigEndian =
    isKind(system.value, "dict") && system.value.items.get(keyOf("little_endian"))?.value === false;
  const spans = spansOf(keysOf(keyList.value), stream.position, options.torch);
  await checkCounts(source, spans, isBigEndian, options.signal);
  const end = spans.at(-1)?.end ?? stream.position;
  if (end > source.size) throw tooShort(source.size, spans);
  return {
    pickle,
    ids,
    storages: new Map(spans.map(({ key, start, end }) => [key, new SliceSource(source, start, end)])),
    isBigEndian,
    trailingByteLength: source.size - end,
  };
}

/** What the five pickles are, for messages. */
const parts = ["magic number", "version", "facts on its writer", "object", "list of storages"] as const;

async function pickles(
  stream: PickleStream,
  size: number,
): Promise<[magic: Unpickled, version: Unpickled, system: Unpickled, pickle: Unpickled, keys: Unpickled]> {
  const found: Unpickled[] = [];
  for (const part of parts) {
    try {
      found.push(await stream.next());
    } catch (error) {
      if (!(error instanceof FormatError) || error.code !== "pickle-truncated") throw error;
      throw new FormatError(`opening a legacy torch.save file: it ends inside its ${part}, at byte ${size}`, {
        code: "legacy-truncated",
        hint: "The download or the copy did not finish; fetch the file again.",
        cause: error,
      });
    }
  }
  return found as [Unpickled, Unpickled, Unpickled, Unpickled, Unpickled];
}

/** The keys of the storages, in the order of the file. */
function keysOf(list: Value): string[] {
  if (!isKind(list, "list") && !isKind(list, "tuple"))
    throw fault("legacy-keys", "its list of storages is none");
  const keys = new Set<string>();
  for (const item of list.items) {
    // Python 2 wrote bytes; text that PyTorch wrote is digits either way.
    const key = typeof item === "number" || typeof item === "bigint" ? String(item) : item;
    if (typeof key !== "string") throw fault("legacy-keys", "its list of storages has a key that is no text");
    if (keys.has(key)) {
      throw fault("legacy-duplicate-key", `its list of storages has ${quote(key)} twice`);
    }
    keys.add(key);
  }
  return [...keys];
}

/** Where a storage lies. */
interface Span {
  readonly key: string;
  /** The first byte of its elements, after the count. */
  readonly start: number;
  readonly end: number;
  readonly numel: number;
}

function spansOf(keys: readonly string[], first: number, torch: TorchReader): Span[] {
  let position = first;
  return keys.map((key) => {
    // PyTorch too believes what the object says first.
    const claim = torch.storages.get(key)?.[0];
    if (claim === undefined) {
      throw fault(
        "legacy-unclaimed-key",
        `its list of storages has ${quote(key)}, of which its object says nothing that can be believed`,
        "Without the size of that storage nothing behind it can be found.",
      );
    }
    const start = position + countByteLength;
    const end = start + claim.byteLength;
    position = end;
    return { key, start, end, numel: claim.numel };
  });
}

/** Compares the counts that the file reaches with what the object claims. */
async function checkCounts(
  source: ByteSource,
  spans: readonly Span[],
  isBigEndian: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const coalesced = new CoalescedSource(source, { maxGap });
  const reached = spans.filter(({ start }) => start <= source.size);
  for (let first = 0; first < reached.length; first += countsAtOnce) {
    const some = reached.slice(first, first + countsAtOnce);
    const counts = await Promise.all(
      some.map(({ start }) => coalesced.read(start - countByteLength, start, signal)),
    );
    for (const [index, { key, numel, start }] of some.entries()) {
      const bytes = counts[index]!;
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const count = view.getBigInt64(0, true);
      // Before 0.4.1 big-endian machines wrote the count in their own order, and the elements in the other all the same.
      if (count === BigInt(numel) || (isBigEndian && view.getBigInt64(0, false) === BigInt(numel))) continue;
      throw fault(
        "legacy-count",
        `storage ${quote(key)} has ${count} elements by its count at byte ${start - countByteLength}, and ${numel} by its object`,
      );
    }
  }
}

/** The error for a file that ends inside a storage. The text is PyTorch's; what is left of the storage it counts. */
function tooShort(size: number, spans: readonly Span[]): FormatError {
  const index = spans.findIndex(({ end }) => end > size);
  const { start, end } = spans[index]!;
  const missing = size < start ? start - size : end - size;
  return new FormatError(`unexpected EOF, expected ${missing} more bytes. The file might be corrupted.`, {
    code: "legacy-truncated",
    hint:
      `The file has ${size} of ${spans.at(-1)!.end} bytes and ends inside storage ${index + 1} of ${spans.length}: ` +
      "the download or the copy did not finish.",
    torchType: "RuntimeError",
  });
}
