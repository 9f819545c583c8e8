/**
 * What a pickle says of a tensor, checked but not read: the plain data that the rebuild functions of PyTorch come to.
 * Its elements lie in storages, which the file format resolves by key, or inside the pickle.
 */

import type { StorageRef } from "../catalog/entry.ts";
import type { Value } from "../catalog/value.ts";
import type { DTypeName } from "../dtype.ts";

/** A storage as the pickle claims it. */
export interface StorageRecord extends StorageRef {
  /** The file's key, which is any text; for bytes inside the pickle `#` and a number. */
  readonly key: string;
  readonly byteLength: number;
  /** The element type of its class; null when it is untyped. */
  readonly dtype: DTypeName | null;
  /** As claimed: elements of `dtype`, bytes when it is untyped. */
  readonly numel: number;
  /** Where it was: `"cpu"`, `"cuda:0"`; null where that is no text. */
  readonly location: string | null;
  /** Its bytes, little-endian, where they stand in the pickle itself; else null. */
  readonly inline: Uint8Array | null;
}

/** Elements at regular distances in a storage. */
export interface StridedRecord {
  readonly layout: "strided";
  /** In elements. */
  readonly stride: readonly number[];
  /** In elements from the start of the storage, a storage view's own offset included. */
  readonly offset: number;
  readonly storage: StorageRecord;
}

/** A tensor that is part of another one: always strided. */
export interface PartRecord extends StridedRecord {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
}

/** A tensor made of several. */
export interface SparseRecord {
  readonly layout: "sparse";
  /** PyTorch's name: `"sparse_coo"`, `"sparse_csr"`, `"sparse_csc"`, `"sparse_bsr"`, `"sparse_bsc"`, `"nested"`, `"jagged"`. */
  readonly format: string;
  /** By PyTorch's names: `indices`, `values`; `crow_indices`, `col_indices`, `values`; … */
  readonly parts: Readonly<Record<string, PartRecord>>;
  /** Whether the indices of a COO tensor are unique and sorted; null where that is not recorded. */
  readonly coalesced: boolean | null;
}

/** A tensor whose elements are not there. */
export interface AbsentRecord {
  readonly layout: "absent";
  /** Why, as a phrase: `"it is on the meta device"`. */
  readonly why: string;
  readonly stride: readonly number[] | null;
  readonly offset: number | null;
}

/** How quantized integers become numbers: `(integer - zeroPoint) * scale`. */
export type QuantizationRecord =
  | { readonly scheme: "per-tensor"; readonly scale: number; readonly zeroPoint: number }
  | {
      readonly scheme: "per-channel";
      readonly axis: number;
      readonly scales: PartRecord;
      readonly zeroPoints: PartRecord;
    };

/** A tensor as the pickle describes it. */
export interface TensorRecord {
  readonly dtype: DTypeName;
  /** Of a nested tensor, whose sizes are elements of another one, the shape of its buffer. */
  readonly shape: readonly number[];
  readonly layout: StridedRecord | SparseRecord | AbsentRecord;
  /** What its own class says; `tensor` says nothing. */
  readonly role: "parameter" | "buffer" | "tensor";
  /** As recorded, which in a state dict means nothing; null where it is not recorded. */
  readonly requiresGrad: boolean | null;
  /** As recorded: `"cpu"`, `"cuda:0"`, `"meta"`; null where it is not. */
  readonly device: string | null;
  /** The qualified name of its class where that is a subclass of Tensor or Parameter, else null. */
  readonly subclass: string | null;
  /** The lazy views it is. */
  readonly lazy: readonly ("conj" | "neg")[];
  readonly quantization: QuantizationRecord | null;
  /** The Python attributes that were saved with it, null when there are none. */
  readonly state: Value;
}

/** A tensor that was understood, or the reason why it is not believed. */
export type TensorReading =
  | { readonly record: TensorRecord; readonly refused: null }
  | { readonly record: null; readonly refused: string };

/** A storage that was understood and the part of it that is meant, or the reason why it is not believed. */
export type StorageReading =
  | {
      readonly storage: StorageRecord;
      /** First element meant, and their number (bytes of an untyped storage): all but in storage views of old files. */
      readonly offset: number;
      readonly numel: number;
      readonly refused: null;
    }
  | { readonly storage: null; readonly refused: string };
