/**
 * A document: what is to be written, whatever the format and wherever its bytes are. A draft of an opened file is one,
 * and so is what a program saves. The formats turn it into a plan.
 */

import type { ByteSource } from "../bytes/source.ts";
import type { DType } from "../dtype.ts";
import type { Path } from "../name.ts";
import type { Value } from "./value.ts";

/** Bytes that tensors look into. Two tensors share their elements when this object is the same. */
export interface StoredBytes {
  readonly byteLength: number;
  /** The order of bytes within numbers. */
  readonly byteOrder: "little" | "big";
  /** Finds the bytes when they are needed. */
  readonly open: () => ByteSource | Promise<ByteSource>;
}

/** A tensor as every format can write it: elements at regular distances in bytes. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** In elements, one a dimension. */
  readonly stride: readonly number[];
  /** In elements from the start of the bytes. */
  readonly offset: number;
  readonly storage: StoredBytes;
  readonly requiresGrad: boolean;
  /** Whether PyTorch loads it as an `nn.Parameter`. */
  readonly isParameter: boolean;
  /** The device it is recorded on: `"cpu"`, `"cuda:0"`. */
  readonly device: string;
}

/** A tensor of the document; a leaf of its tree refers to it by its place in `leaves`. */
export interface DocumentLeaf {
  readonly path: Path;
  /** The value that made it in a pickle, kept as it is; null where there is none or it no longer holds. */
  readonly made: Value;
  /** The value that made it before its elements were changed: what it says beside its elements is kept. */
  readonly wrapper: Value;
  /** What it is as plain elements; null for sparse, quantized and absent ones, which only `made` can express. */
  readonly tensor: StoredTensor | null;
  /** Why `tensor` is null, as a phrase. */
  readonly why: string | null;
}

/** What is to be written. */
export interface Document {
  /** Its leaves refer to `leaves`. */
  readonly root: Value;
  /** Null where a tensor was taken out. */
  readonly leaves: readonly (DocumentLeaf | null)[];
  /** The bytes that a storage of `made` values refers to by its key; undefined when they are not there. */
  readonly storage: (key: string) => StoredBytes | undefined;
  /** Texts that belong to the whole file, where the format has a place for them. */
  readonly metadata: ReadonlyMap<string, string>;
}
