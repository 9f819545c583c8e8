/**
 * ONNX: one protocol buffer message, in which the initializers of the graph are the weights. The file has no mark of its
 * own, so it is recognised by its fields, after all others.
 *
 * Source: onnx/onnx.proto of ONNX 1.23.
 */

import { MemorySource } from "../bytes/memory-source.ts";
import type { ProtobufField } from "../bytes/protobuf.ts";
import { ProtobufReader } from "../bytes/protobuf.ts";
import { SliceSource } from "../bytes/slice-source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Catalog, Notice } from "../catalog/catalog.ts";
import type { StorageBytes } from "../catalog/file-catalog.ts";
import { inferKind } from "../catalog/kind.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import { FormatError, LimitError } from "../errors.ts";
import { contiguousStrides, countOf } from "../shape.ts";
import type { Candidate, Format } from "./format.ts";
import { onnxPackedTypes, UnpackedSource } from "./onnx-packed.ts";
import type { OnnxTensor } from "./onnx-tensor.ts";
import { bytesOfVarints, onnxDtypes, onnxStringType, readOnnxTensor, readPair } from "./onnx-tensor.ts";
import { OnnxFiles } from "./onnx-files.ts";
import type { RefusedRow, TableRow } from "./tensor-table.ts";
import { catalogOfTable, shapeFault } from "./tensor-table.ts";

/** The format of `.onnx` files. */
export const onnx: Format = {
  name: "onnx",

  async claims({ source, head, signal }) {
    // The version of the format comes first in every file that a program writes.
    if (head[0] !== 0x08 || head[1] === undefined || head[1] > 127) return false;
    const reader = new ProtobufReader(source, "the ONNX model", signal);
    try {
      // Without an end: a graph that goes on beyond that of a truncated file is one all the same.
      for await (const { number, wire, start } of reader.fields(0, Number.POSITIVE_INFINITY)) {
        if (modelFields.get(number) !== wire) return false;
        if (number !== graphField) continue;
        for await (const inner of reader.fields(start, Number.POSITIVE_INFINITY)) {
          return inner.wire === "bytes" && graphFields.has(inner.number);
        }
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
    return false;
  },

  async open(candidate) {
    const model = new Model(candidate);
    await model.read();
    return model.catalog();
  },
};

const graphField = 7;

/** The fields of ModelProto, and how each is written. */
const modelFields: ReadonlyMap<number, ProtobufField["wire"]> = new Map([
  [1, "varint"],
  [2, "bytes"],
  [3, "bytes"],
  [4, "bytes"],
  [5, "varint"],
  [6, "bytes"],
  [graphField, "bytes"],
  [8, "bytes"],
  [14, "bytes"],
  [20, "bytes"],
  [25, "bytes"],
  [26, "bytes"],
]);

/** The fields of GraphProto, which are all messages or texts. */
const graphFields: ReadonlySet<number> = new Set([1, 2, 5, 10, 11, 12, 13, 14, 15, 16]);

/** Texts of the model, by their fields. */
const modelTexts: ReadonlyMap<number, string> = new Map([
  [2, "producerName"],
  [3, "producerVersion"],
  [4, "domain"],
]);

class Model {
  readonly #candidate: Candidate;
  readonly #reader: ProtobufReader;
  readonly #metadata: Record<string, unknown> = {};
  readonly #properties: Map<string, string> = new Map();
  readonly #opsets: Map<string, number> = new Map();
  readonly #tensors: OnnxTensor[] = [];
  /** The files beside the model, in which elements may be. */
  readonly #files: OnnxFiles;
  #sparse = 0;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
    this.#files = new OnnxFiles(candidate.folder, candidate.signal);
    this.#reader = new ProtobufReader(candidate.source, "the ONNX model", candidate.signal);
  }

  async read(): Promise<void> {
    const reader = this.#reader;
    for await (const field of reader.fields(0, this.#candidate.source.size)) {
      const text = modelTexts.get(field.number);
      if (text !== undefined) this.#metadata[text] = await reader.text(field);
      else if (field.number === 1) this.#metadata["irVersion"] = Number(field.value);
      else if (field.number === 5) this.#metadata["modelVersion"] = Number(BigInt.asIntN(64, field.value));
      else if (field.number === graphField) await this.#readGraph(field);
      else if (field.number === 8) await this.#readOpset(field);
      else if (field.number === 14) await readPair(reader, field, this.#properties);
    }
    if (this.#tensors.some(({ data }) => data.where === "external")) await this.#files.look();
  }

  async #readGraph(graph: ProtobufField): Promise<void> {
    const { limits } = this.#candidate;
    const { entries } = limits;
    for await (const field of this.#reader.fields(graph.start, graph.end)) {
      if (field.number === 2) this.#metadata["graphName"] = await this.#reader.text(field);
      else if (field.number === 15) this.#sparse += 1;
      else if (field.number === 5) {
        if (this.#tensors.length >= entries) {
          throw new LimitError(`opening an ONNX model: more than ${entries} initializers`, {
            code: "entries-limit",
            hint: "If you trust the file, raise limits.entries.",
          });
        }
        this.#tensors.push(await readOnnxTensor(this.#reader, field, limits));
      }
    }
  }

  async #readOpset(opset: ProtobufField): Promise<void> {
    let domain = "";
    let version = 0;
    for await (const field of this.#reader.fields(opset.start, opset.end)) {
      if (field.number === 1) domain = await this.#reader.text(field);
      else if (field.number === 2) version = Number(BigInt.asIntN(64, field.value));
    }
    this.#opsets.set(domain === "" ? "ai.onnx" : domain, version);
  }

  catalog(): Catalog {
    const rows = this.#tensors.map((tensor, index) => this.#row(tensor, index));
    const stored = rows.reduce(
      (sum, row) => sum + ("layout" in row ? (row.layout.storage?.byteLength ?? 0) : 0),
      0,
    );
    return catalogOfTable({
      format: onnx.name,
      rows,
      metadata: {
        ...this.#metadata,
        opsets: Object.fromEntries(this.#opsets),
        properties: Object.fromEntries(this.#properties),
      },
      notices: this.#notices(),
      storedByteLength: stored,
      openStorage: (key) => this.#open(this.#tensors[Number(key)]!),
      openBlocks: ({ numel, storage }) => this.#unpacked(this.#tensors[Number(storage.key)]!, numel),
      limits: this.#candidate.limits,
    });
  }

  #row({ name, type, dims, data }: OnnxTensor, index: number): TableRow | RefusedRow {
    const path = [name];
    if (type === onnxStringType) return { path, refused: "its elements are texts" };
    const packed = onnxPackedTypes.get(type);
    const dtypeName = packed?.dtype ?? onnxDtypes.get(type);
    if (dtypeName === undefined)
      return { path, refused: `its elements are of type ${type}, which is not known` };
    const dtype = dtypes[dtypeName];
    const fault = shapeFault(dtype, dims, this.#candidate.limits);
    if (fault !== null) return { path, refused: fault };
    const numel = countOf(dims);
    const byteLength = packed === undefined ? byteLengthOf(dtype, numel) : Math.ceil(numel / packed.perByte);
    const facts = {
      path,
      kind: inferKind(name, dtype),
      kindFrom: "inferred",
      dtype,
      shape: dims,
      device: null,
      requiresGrad: null,
    } as const;
    const absent = (why: string): TableRow => ({
      ...facts,
      layout: { layout: "absent", why, stride: null, offset: null, storage: null },
    });
    if (data.where === "unread") return absent(data.why);
    if (data.where === "external") {
      const missing = this.#files.faultOf(data, byteLength);
      if (missing !== null) return absent(missing);
    } else {
      const there = data.where === "none" ? 0 : data.end - data.start;
      // Of packed types each number is a byte with several elements.
      const numbers = packed === undefined ? numel : byteLength;
      const fits =
        data.where === "varints" ? there >= numbers && there <= 10 * numbers : there === byteLength;
      if (!fits) {
        return {
          path,
          refused: `its shape [${dims.join(", ")}] takes ${byteLength} bytes, and it has ${there}`,
        };
      }
      if (data.where === "varints" && dtype.bits < 8) {
        return absent(`its elements of ${dtype.bits} bits are written one by one`);
      }
    }
    const storage = { key: String(index), byteLength };
    if (packed !== undefined) {
      const { name: typeName, perByte } = packed;
      const none = { stride: null, offset: null };
      return {
        ...facts,
        layout: {
          layout: "blocks",
          type: typeName,
          blockElements: perByte,
          blockByteLength: 1,
          ...none,
          storage,
        },
      };
    }
    return { ...facts, layout: { layout: "strided", stride: contiguousStrides(dims), offset: 0, storage } };
  }

  /** The elements of a tensor that the file holds itself. */
  async #open(tensor: OnnxTensor): Promise<StorageBytes> {
    return { source: await this.#stored(tensor), byteOrder: "little" };
  }

  /** The bytes of a tensor's elements, packed where they are. */
  async #stored({ data, type, dims }: OnnxTensor): Promise<ByteSource> {
    const { source, signal } = this.#candidate;
    const packed = onnxPackedTypes.get(type);
    const numel = countOf(dims);
    if (data.where === "external") {
      const byteLength =
        packed === undefined
          ? byteLengthOf(dtypes[onnxDtypes.get(type)!], numel)
          : Math.ceil(numel / packed.perByte);
      return this.#files.open(data, byteLength);
    }
    const [start, end] = "start" in data ? [data.start, data.end] : [0, 0];
    if (data.where !== "varints") return new SliceSource(source, start, end);
    const numbers = await source.read(start, end, signal);
    return new MemorySource(
      packed === undefined
        ? bytesOfVarints(numbers, onnxDtypes.get(type)!, numel)
        : bytesOfVarints(numbers, "uint8", Math.ceil(numel / packed.perByte)),
    );
  }

  /** The elements of a tensor of a packed type, one by one. */
  #unpacked(tensor: OnnxTensor, numel: number): ByteSource {
    const type = onnxPackedTypes.get(tensor.type)!;
    let stored: Promise<ByteSource> | undefined;
    const packed: ByteSource = {
      size: Math.ceil(numel / type.perByte),
      read: async (start, end, signal) => {
        stored ??= this.#stored(tensor);
        return (await stored).read(start, end, signal);
      },
    };
    return new UnpackedSource(packed, type, numel);
  }

  #notices(): Notice[] {
    const notices: Notice[] = [];
    notices.push(...this.#files.notices());
    if (this.#sparse > 0) {
      const count =
        this.#sparse === 1 ? "1 sparse initializer is" : `${this.#sparse} sparse initializers are`;
      notices.push({ code: "sparse-initializers", message: `${count} not listed.`, names: [] });
    }
    return notices;
  }
}
