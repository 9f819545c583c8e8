/**
 * GGUF, the format of llama.cpp: a header with key-value pairs and a list of tensors, then their bytes. Elements in blocks
 * that share a scale are decoded to float32 where the block's layout is known; they are listed in any case.
 */

import { SliceSource } from "../bytes/slice-source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { StorageRef } from "../catalog/entry.ts";
import { inferKind } from "../catalog/kind.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import { FormatError, LimitError } from "../errors.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import { DecodedSource } from "./decoded-source.ts";
import type { Candidate, Format } from "./format.ts";
import type { GgufHeader, GgufTensor } from "./gguf-header.ts";
import { endOfHeader, parseGgufHeader } from "./gguf-header.ts";
import type { BlockType, PlainType } from "./gguf-types.ts";
import { ggufTypes } from "./gguf-types.ts";
import type { RefusedRow, TableRow } from "./tensor-table.ts";
import { catalogOfTable, shapeFault } from "./tensor-table.ts";

/** The format of `.gguf` files. */
export const gguf: Format = {
  name: "gguf",

  claims: (candidate) => candidate.startsWith("GGUF"),

  async open(candidate) {
    const header = await readHeader(candidate);
    return new File(candidate, header).catalog();
  },
};

/** Bytes read first: the header of a model without a vocabulary, and a part of one with. */
const firstByteLength = 2 ** 20;

/** How much more is read each time that the header goes on. */
const growth = 4;

/** Bytes of a header. Real: 20 MB with a vocabulary. Prevents: a list of pairs as long as the file. */
const mostHeaderBytes = 64 * 2 ** 20;

async function readHeader({ source, limits, signal }: Candidate): Promise<GgufHeader> {
  for (let byteLength = firstByteLength; ; byteLength *= growth) {
    const bytes = await source.read(0, Math.min(byteLength, source.size), signal);
    try {
      return parseGgufHeader(bytes, limits);
    } catch (error) {
      if (!(error instanceof FormatError) || error.code !== endOfHeader || byteLength >= source.size)
        throw error;
      if (byteLength >= mostHeaderBytes) {
        throw new LimitError(`opening a GGUF file: its header has more than ${byteLength} bytes`, {
          code: "gguf-header-limit",
          hint: "No real header is that long; do not trust the file.",
        });
      }
    }
  }
}

/** Bytes that elements take up in the file; blocks are whole. */
function storedByteLengthOf(type: PlainType | BlockType, numel: number): number {
  return type.dtype === null
    ? (numel / type.elements) * type.byteLength
    : byteLengthOf(dtypes[type.dtype], numel);
}

/** A GGUF file whose header was read. */
class File {
  readonly #candidate: Candidate;
  readonly #header: GgufHeader;
  readonly #tensors: ReadonlyMap<string, GgufTensor>;
  /** Tensors whose bytes the file does not have. */
  readonly #missing: string[] = [];
  #storedByteLength = 0;

  constructor(candidate: Candidate, header: GgufHeader) {
    this.#candidate = candidate;
    this.#header = header;
    this.#tensors = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  }

  catalog(): Catalog {
    const { version, isBigEndian, alignment, metadata } = this.#header;
    const rows = this.#header.tensors.map((tensor) => this.#row(tensor));
    const byteOrder = isBigEndian ? "big" : "little";
    return catalogOfTable({
      format: gguf.name,
      rows,
      metadata: { ...Object.fromEntries(metadata), version, byteOrder, alignment },
      notices: this.#notices(),
      storedByteLength: this.#storedByteLength,
      openStorage: (key) => ({ source: this.#open(key), byteOrder }),
      openBlocks: ({ storage }) => {
        const type = ggufTypes.get(this.#tensors.get(storage.key)!.type) as BlockType;
        return type.decode === null || isBigEndian
          ? undefined
          : new DecodedSource(this.#open(storage.key), type);
      },
      limits: this.#candidate.limits,
    });
  }

  #row({ name, dims, type: typeNumber, offset }: GgufTensor): TableRow | RefusedRow {
    const path = [name];
    const type = ggufTypes.get(typeNumber);
    const dtype = dtypes[type?.dtype ?? "float32"];
    const shape = dims.toReversed();
    const fault = shapeFault(dtype, shape, this.#candidate.limits);
    if (fault !== null) return { path, refused: fault };
    const facts = {
      path,
      kind: inferKind(name, dtype),
      kindFrom: "inferred",
      dtype,
      shape,
      device: null,
      requiresGrad: null,
    } as const;
    const absent = (why: string): TableRow => ({
      ...facts,
      layout: { layout: "absent", why, stride: null, offset: null, storage: null },
    });
    if (type === undefined) return absent(`its elements are of type ${typeNumber}, which is not known`);
    const numel = countOf(shape);
    if (type.dtype === null && (dims[0] ?? 1) % type.elements !== 0) {
      return {
        path,
        refused: `its rows of ${dims[0] ?? 1} elements are no whole blocks of ${type.elements} (${type.name})`,
      };
    }
    const byteLength = storedByteLengthOf(type, numel);
    const end = this.#header.dataStart + offset + byteLength;
    if (!(end <= this.#candidate.source.size)) {
      this.#missing.push(name);
      return absent(`its bytes end at ${end}, and the file has ${this.#candidate.source.size}`);
    }
    this.#storedByteLength += byteLength;
    const storage: StorageRef = { key: name, byteLength };
    if (type.dtype !== null) {
      return {
        ...facts,
        layout: { layout: "strided", stride: contiguousStrides(shape), offset: 0, storage },
      };
    }
    return {
      ...facts,
      layout: {
        layout: "blocks",
        type: type.name,
        blockElements: type.elements,
        blockByteLength: type.byteLength,
        stride: null,
        offset: null,
        storage,
      },
    };
  }

  /** The bytes of a tensor that lie within the file. */
  #open(key: string): SliceSource {
    const { dims, type: typeNumber, offset } = this.#tensors.get(key)!;
    const type = ggufTypes.get(typeNumber)!;
    const start = this.#header.dataStart + offset;
    return new SliceSource(this.#candidate.source, start, start + storedByteLengthOf(type, countOf(dims)));
  }

  #notices(): Notice[] {
    const notices: Notice[] = [];
    const missing = this.#missing.length;
    if (missing > 0) {
      const count = missing === 1 ? "1 tensor lies" : `${missing} tensors lie`;
      const message = `${count} beyond the end of the file, which is incomplete.`;
      notices.push({ code: "truncated-file", message, names: this.#missing });
    }
    const parts = this.#header.metadata.get("split.count");
    const part = this.#header.metadata.get("split.no");
    if (typeof parts === "number" && parts > 1 && typeof part === "number") {
      const message = `The file is part ${part + 1} of ${parts}; the tensors of the others are not listed.`;
      notices.push({ code: "one-of-several-files", message, names: [] });
    }
    return notices;
  }
}
