/**
 * safetensors: the length of a header, the header as JSON, then the bytes of all tensors.
 *
 * As strict as the reference reader, and stricter with keys that stand in the header twice. The order of entries is
 * that of their bytes, which is the order in which `safetensors.torch.load_file` returns them. Names that
 * `save_model` left out because they shared a tensor with another name become a notice.
 * Source: safetensors/src/tensor.rs of safetensors 0.8.
 */

import { SliceSource } from "../bytes/slice-source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { Entry } from "../catalog/entry.ts";
import { FileCatalog } from "../catalog/file-catalog.ts";
import { inferKind } from "../catalog/kind.ts";
import type { DType } from "../dtype.ts";
import { dtypeOfSafetensors } from "../dtype-tags.ts";
import { FormatError, LimitError, quote } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { joinPath, moduleOf } from "../name.ts";
import { contiguousStrides, shapeText } from "../shape.ts";
import type { Candidate, Format } from "./format.ts";
import type { JsonValue } from "./json.ts";
import { parseJson } from "./json.ts";
import { treeOf } from "./tensor-table.ts";

/** Where a tensor lies, as its line of the header says. */
interface Place {
  readonly name: string;
  /** In bytes from the end of the header. */
  readonly start: number;
  readonly end: number;
}

/** A tensor, and what it is. */
interface Tensor extends Place {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly numel: number;
}

/** A tensor of a type that nobody here knows. */
interface UnknownTensor extends Place {
  readonly tag: string;
  readonly shape: readonly number[];
}

interface Header {
  readonly tensors: readonly Tensor[];
  readonly unknown: readonly UnknownTensor[];
  readonly metadata: ReadonlyMap<string, string>;
}

const lengthBytes = 8;

/** Other names of types that files in the wild have. Source: the parser of huggingface.js. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["E8M0", "F8_E8M0"],
  ["UE8", "F8_E8M0"],
]);

/** The format of `.safetensors` files. */
export const safetensors: Format = {
  name: "safetensors",

  claims({ head, name }) {
    const brace = head
      .subarray(lengthBytes)
      .find((byte) => !(byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)));
    if (brace !== 0x7b) return false;
    // Eight letters before a brace would be a length of petabytes: a text, unless its name says otherwise.
    return headerLength(head) <= Number.MAX_SAFE_INTEGER || name?.endsWith(".safetensors") === true;
  },

  async open(candidate) {
    const { source, limits, signal } = candidate;
    const length = checkedLength(candidate);
    const base = lengthBytes + length;
    const bytes = await source.read(lengthBytes, base, signal);
    const header = readHeader(decodeUtf8(bytes), limits);
    checkCover([...header.tensors, ...header.unknown], source.size - base);
    return catalogOf(header, candidate, base);
  },
};

/** The header's length as the file claims it; beyond 2^53 only roughly. */
function headerLength(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, lengthBytes);
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

function damaged(found: string, code: string): FormatError {
  return new FormatError(`opening a safetensors file: ${found}`, {
    code,
    hint: "The file is damaged or incomplete, or was not written by safetensors; fetch it again.",
  });
}

function checkedLength({ source, head, limits }: Candidate): number {
  const length = headerLength(head);
  const room = source.size - lengthBytes;
  if (length > room) {
    throw damaged(
      `its header should have ${length} bytes, and only ${room} follow its length`,
      "safetensors-header-length",
    );
  }
  if (length < 2) {
    throw damaged(`a header of ${length} bytes, expected at least 2`, "safetensors-header-length");
  }
  if (length > limits.safetensorsHeaderBytes) {
    throw new LimitError(
      `opening a safetensors file: a header of ${length} bytes, more than ${limits.safetensorsHeaderBytes}`,
      {
        code: "safetensors-header-limit",
        hint: "If you trust the file, raise limits.safetensorsHeaderBytes.",
      },
    );
  }
  return length;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged("its header is not UTF-8", "safetensors-header-utf8");
  }
}

function readHeader(text: string, limits: Limits): Header {
  const json = parseJson(text, "safetensors header");
  if (!(json instanceof Map)) {
    throw damaged("its header is not a JSON object", "safetensors-header-object");
  }
  if (json.size > limits.entries + 1) {
    throw new LimitError(`opening a safetensors file: ${json.size} tensors, more than ${limits.entries}`, {
      code: "entries-limit",
      hint: "If you trust the file, raise limits.entries.",
    });
  }
  const tensors: Tensor[] = [];
  const unknown: UnknownTensor[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of json as ReadonlyMap<string, JsonValue>) {
    if (name === "__metadata__") {
      metadata = readMetadata(value);
      continue;
    }
    const tensor = readTensor(name, value, limits);
    if ("tag" in tensor) unknown.push(tensor);
    else tensors.push(tensor);
  }
  return { tensors, unknown, metadata };
}

function readMetadata(value: JsonValue): ReadonlyMap<string, string> {
  // Rust reads an absent option from null.
  if (value === null) return new Map();
  if (!(value instanceof Map)) throw damaged("its __metadata__ is not an object", "safetensors-metadata");
  for (const [key, text] of value as ReadonlyMap<string, JsonValue>) {
    if (typeof text !== "string") {
      throw damaged(`the value of ${quote(key)} in __metadata__ is not a string`, "safetensors-metadata");
    }
  }
  return value as ReadonlyMap<string, string>;
}

/** A list of integers that are not negative and that JavaScript can count with; undefined when it is not one. */
function sizesOf(value: JsonValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)
    ? (value as number[])
    : undefined;
}

function readTensor(name: string, value: JsonValue, limits: Limits): Tensor | UnknownTensor {
  const where = `tensor ${quote(name)}`;
  if (!(value instanceof Map)) throw damaged(`${where} is not an object`, "safetensors-tensor");
  const tag: JsonValue | undefined = value.get("dtype");
  if (typeof tag !== "string") throw damaged(`${where} has no dtype`, "safetensors-tensor");
  const shape = sizesOf(value.get("shape"));
  if (shape === undefined) {
    throw damaged(`the shape of ${where} is not a list of sizes`, "safetensors-tensor");
  }
  if (shape.length > limits.rank) {
    throw new LimitError(
      `opening a safetensors file: ${where} has ${shape.length} dimensions, more than ${limits.rank}`,
      { code: "rank-limit", hint: "PyTorch itself computes with up to 64 dimensions." },
    );
  }
  const offsets = sizesOf(value.get("data_offsets"));
  const [start, end] = offsets ?? [];
  if (offsets?.length !== 2 || start === undefined || end === undefined || start > end) {
    throw damaged(`the data_offsets of ${where} are not a start and an end`, "safetensors-offsets");
  }
  const dtype = dtypeOfSafetensors.get(aliases.get(tag) ?? tag);
  if (dtype === undefined) return { name, tag, shape, start, end };
  return { name, dtype, start, end, ...elementsOf(where, tag, dtype, shape, end - start) };
}

/** The shape as PyTorch loads it and its number of elements, after comparing them with the bytes they take. */
function elementsOf(
  where: string,
  tag: string,
  dtype: DType,
  shape: readonly number[],
  byteLength: number,
): { shape: readonly number[]; numel: number } {
  const isF4 = tag === "F4";
  let numel = 1;
  for (const size of shape) {
    numel *= size;
    if (numel > Number.MAX_SAFE_INTEGER) {
      throw damaged(`the shape ${shapeText(shape)} of ${where} is too large`, "safetensors-shape");
    }
  }
  // F4's shape counts values of 4 bits; the dtype's element is the byte that holds two.
  const bits = numel * (isF4 ? 4 : dtype.bits);
  if (bits % 8 !== 0) {
    throw damaged(`the ${bits} bits of ${where} do not fill whole bytes`, "safetensors-shape");
  }
  if (bits / 8 !== byteLength) {
    throw damaged(
      `${where} has ${byteLength} bytes, but its shape ${shapeText(shape)} of ${tag} takes ${bits / 8}`,
      "safetensors-size",
    );
  }
  if (!isF4) return { shape, numel };
  const last = shape.at(-1) ?? 1;
  if (last % 2 !== 0) {
    throw damaged(
      `the last dimension of ${where} is ${last}; two F4 values make an element`,
      "safetensors-shape",
    );
  }
  return { shape: [...shape.slice(0, -1), last / 2], numel: numel / 2 };
}

/** The tensors, in the order of their bytes, must cover all bytes after the header once. */
function checkCover(tensors: readonly Place[], byteLength: number): void {
  let covered = 0;
  let before: Place | undefined;
  for (const tensor of inByteOrder(tensors)) {
    if (tensor.start < covered) {
      throw damaged(
        `tensor ${quote(tensor.name)} starts at byte ${tensor.start}, inside ${quote(before?.name ?? "")}, which ends at ${covered}`,
        "safetensors-overlap",
      );
    }
    if (tensor.start > covered) {
      throw damaged(
        `no tensor has the bytes ${covered} to ${tensor.start} before ${quote(tensor.name)}`,
        "safetensors-hole",
      );
    }
    covered = tensor.end;
    before = tensor;
  }
  if (covered !== byteLength) {
    throw damaged(
      `its tensors take ${covered} bytes, and the file has ${byteLength} for them`,
      covered > byteLength ? "safetensors-truncated" : "safetensors-hole",
    );
  }
}

function inByteOrder<Placed extends Place>(tensors: readonly Placed[]): readonly Placed[] {
  return tensors.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function catalogOf(header: Header, candidate: Candidate, base: number): Catalog {
  const tensors = inByteOrder(header.tensors);
  const entries = tensors.map(({ name, dtype, shape, numel, start, end }, index): Entry => ({
    index,
    path: [name],
    name: joinPath([name]),
    module: moduleOf([name]),
    kind: inferKind(name, dtype),
    kindFrom: "inferred",
    dtype: dtype.name,
    shape,
    numel,
    byteLength: end - start,
    device: null,
    requiresGrad: null,
    layout: "strided",
    stride: contiguousStrides(shape),
    offset: 0,
    storage: { key: name, byteLength: end - start },
  }));
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return new FileCatalog({
    format: "safetensors",
    entries,
    root: () => treeOf(entries),
    modules: [],
    metadata: Object.fromEntries(header.metadata),
    notices: [...unknownTypes(header.unknown), ...droppedNames(header.metadata, byName)],
    storedByteLength: candidate.source.size - base,
    gatherBytes: candidate.limits.gatherBytes,
    openStorage: (key) => {
      const { start, end } = byName.get(key)!;
      return { source: new SliceSource(candidate.source, base + start, base + end), byteOrder: "little" };
    },
  });
}

/** The tensors that cannot be listed, by their types: a file has few of them. */
function unknownTypes(tensors: readonly UnknownTensor[]): Notice[] {
  const byTag = new Map<string, UnknownTensor[]>();
  for (const tensor of tensors) {
    const same = byTag.get(tensor.tag);
    if (same === undefined) byTag.set(tensor.tag, [tensor]);
    else same.push(tensor);
  }
  return [...byTag].map(([tag, [first, ...others]]) => {
    const { name, shape, start, end } = first!;
    const more = others.length === 0 ? "is" : `and ${others.length} more are`;
    const message =
      `${quote(name)} ${more} not listed: the element type ${quote(tag)} is not known` +
      `${others.length === 0 ? ` (shape ${shapeText(shape)}, ${end - start} bytes)` : ""}.`;
    return { code: "refused-tensor", message, names: [] };
  });
}

/**
 * The names that `safetensors.torch.save_model` left out: of names that share a tensor it writes one, and records
 * `{ left out: written }` in the metadata.
 */
function droppedNames(
  metadata: ReadonlyMap<string, string>,
  tensors: ReadonlyMap<string, Tensor>,
): readonly Notice[] {
  return [...metadata]
    .filter(([dropped, kept]) => tensors.has(kept) && !tensors.has(dropped))
    .map(([dropped, kept]) => ({
      code: "dropped-name",
      message: `${quote(dropped)} shares its tensor with ${quote(kept)} and was written under that name only.`,
      names: [joinPath([kept])],
    }));
}
