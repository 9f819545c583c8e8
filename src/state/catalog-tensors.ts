/**
 * Tensors from the entries of a catalog: the bytes of each storage are read once, and entries that look into one storage
 * look into one here too.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { originOf } from "../catalog/draft-storages.ts";
import type { Entry } from "../catalog/entry.ts";
import type { Value } from "../catalog/value.ts";
import type { DType } from "../dtype.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import { FormatError, LimitError, quote, UsageError } from "../errors.ts";
import { Buffer } from "../nn/buffer.ts";
import { Parameter } from "../nn/parameter.ts";
import { contiguousStrides, toSize } from "../shape.ts";
import { Storage } from "../tensor/storage.ts";
import { Tensor, Version, newTensor } from "../tensor/tensor.ts";

/** Bytes that are read at once: a storage may be larger than what a source gives in one piece. */
const pieceByteLength = 2 ** 24;

/** Reads tensors of one catalog. */
export class CatalogTensors {
  readonly #catalog: Catalog;
  readonly #signal: AbortSignal | undefined;
  readonly #storages: Map<string, Promise<Storage>> = new Map();
  /** By the value that made them in the file: there it was one object under several names. */
  readonly #known: Map<Value, Promise<Tensor>> = new Map();

  constructor(catalog: Catalog, signal: AbortSignal | undefined) {
    this.#catalog = catalog;
    this.#signal = signal;
  }

  /**
   * The tensor of an entry; a Parameter or a Buffer where the file says that it is one.
   *
   * Throws: `FormatError` where its elements are not in the file, `UsageError` for kinds that there are no tensors of:
   * sparse and quantized ones; `SourceError` when the bytes cannot be had.
   */
  tensor(entry: Entry): Promise<Tensor> {
    const made = originOf(this.#catalog)?.made[entry.index];
    const isObject = typeof made === "object" && made !== null;
    let tensor = isObject ? this.#known.get(made) : undefined;
    if (tensor === undefined) {
      tensor = this.plainTensor(entry).then((plain) => inRole(entry, plain));
      if (isObject) this.#known.set(made, tensor);
    }
    return tensor;
  }

  /** The tensor of an entry without what the file says of its role, as in a state dict. Throws: as `tensor`. */
  async plainTensor(entry: Entry): Promise<Tensor> {
    const dtype = dtypes[entry.dtype];
    refuseSpecial(entry, dtype);
    const shape = toSize([...entry.shape]);
    const over = (storage: Storage, strides: readonly number[], offset: number): Tensor =>
      new Tensor(storage, dtype, shape, strides, offset, entry.numel, new Version(), null);
    switch (entry.layout) {
      case "strided":
        // A conjugated or negated view gets elements of its own, which are what PyTorch shows of it.
        if (entry.lazy === undefined && originOf(this.#catalog) !== undefined) {
          return over(await this.#storage(entry.storage, dtype), [...entry.stride], entry.offset);
        }
        break;
      case "absent":
        return newTensor(dtype, shape, "meta");
      default:
    }
    return over(await this.#elements(entry, dtype), contiguousStrides(shape), 0);
  }

  /** A whole storage of the file. */
  #storage(
    { key, byteLength }: { readonly key: string; readonly byteLength: number },
    dtype: DType,
  ): Promise<Storage> {
    const origin = originOf(this.#catalog)!;
    return this.#once(key, async () => {
      const { source, byteOrder } = await origin.openStorage(key);
      const bytes = await this.#copy(
        source,
        origin.storageByteLength(key) ?? Math.min(byteLength, source.size),
      );
      if (byteOrder === "big") swapBytes(bytes, dtype.swap);
      return bytes;
    });
  }

  /** The elements of one entry, in a row. Entries that are the same view share them. */
  #elements(entry: Entry, dtype: DType): Promise<Storage> {
    const { storage, stride, offset, shape } = entry;
    const view =
      storage === null ? entry.index : [storage.key, entry.dtype, shape, stride, offset, entry.lazy];
    const signal = this.#signal;
    return this.#once(JSON.stringify(view), async () => {
      const bytes = newBytes(byteLengthOf(dtype, entry.numel));
      let at = 0;
      for await (const block of this.#catalog.blocks(entry, pieceByteLength, signal)) {
        bytes.set(block, at);
        at += block.byteLength;
      }
      return bytes;
    });
  }

  #once(key: string, read: () => Promise<Uint8Array<ArrayBuffer>>): Promise<Storage> {
    let storage = this.#storages.get(key);
    if (storage === undefined) {
      storage = read().then(({ buffer, byteLength }) => new Storage(buffer, 0, byteLength, "cpu"));
      this.#storages.set(key, storage);
    }
    return storage;
  }

  /** Bytes of a source in memory of their own, where typed arrays of any width can lie over them. */
  async #copy(source: ByteSource, byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = newBytes(byteLength);
    for (let start = 0; start < byteLength; start += pieceByteLength) {
      const end = Math.min(start + pieceByteLength, byteLength);
      bytes.set(await source.read(start, end, this.#signal), start);
    }
    return bytes;
  }
}

function newBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(byteLength);
  } catch (cause) {
    throw new LimitError(`loading: found a storage of ${byteLength} bytes, more than can be had here`, {
      code: "allocation",
      hint: "open(file) lists it without its weights, and reads parts of them.",
      cause,
    });
  }
}

/** Reverses each group of `size` bytes, in place. */
function swapBytes(bytes: Uint8Array, size: number): void {
  if (size < 2) return;
  for (let start = 0; start + size <= bytes.length; start += size)
    bytes.subarray(start, start + size).reverse();
}

function refuseSpecial(entry: Entry, dtype: DType): void {
  if (entry.layout === "absent" && entry.device !== "meta") {
    throw new FormatError(`loading ${quote(entry.name)}: ${entry.why}`, {
      code: "absent-elements",
      hint: "open(file) lists what is there.",
    });
  }
  const special =
    entry.quantization !== undefined || dtype.kind === "quantized"
      ? "quantized"
      : entry.layout === "sparse"
        ? "sparse"
        : dtype.bits < 8
          ? `of ${dtype.name}`
          : null;
  if (special === null) return;
  throw new UsageError(`loading ${quote(entry.name)}: it is ${special}, and tensors here are not`, {
    code: "no-such-tensor",
    hint: "open(file) lists it; a draft can delete it before the rest is loaded: load(draft(catalog).delete(name)).",
  });
}

/** A tensor as what the file says it is. */
function inRole(entry: Entry, tensor: Tensor): Tensor {
  const requiresGrad = entry.requiresGrad === true;
  if (entry.kindFrom === "recorded") {
    if (entry.kind === "parameter") return new Parameter(tensor, { requiresGrad });
    if (entry.kind === "buffer") return new Buffer(tensor);
  }
  return requiresGrad ? tensor.requiresGrad_() : tensor;
}
