/**
 * An entry is one tensor of a catalog, as plain data: structured-cloneable and equal to its JSON. What a layout lacks
 * is null, what the file does not record is null, and nothing is invented.
 */

import type { DTypeName } from "../dtype.ts";

/** What a tensor is to its network. `tensor` says that nothing tells. */
export type EntryKind = "parameter" | "buffer" | "tensor" | "optimizer-state";

/** How its kind is known: from the file, from its name and place, or not at all. */
export type KindFrom = "recorded" | "inferred" | "unknown";

/** A storage: bytes of their own in the file, which several tensors may look into. */
export interface StorageRef {
  /** The file format's name for it, unique in the catalog. */
  readonly key: string;
  /** Bytes of the whole storage, also of those that no tensor reaches. */
  readonly byteLength: number;
}

/** A tensor without a name of its own: the indices of a sparse tensor, the scales of a quantized one. */
export interface TensorPart {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  /** In elements, one a dimension. */
  readonly stride: readonly number[];
  /** In elements from the start of the storage. */
  readonly offset: number;
  readonly storage: StorageRef;
}

/** Elements at regular distances in one storage: nearly every tensor. */
export interface StridedLayout {
  readonly layout: "strided";
  /** In elements, one a dimension; 0 repeats an element. */
  readonly stride: readonly number[];
  /** In elements from the start of the storage. */
  readonly offset: number;
  readonly storage: StorageRef;
}

interface NoStrides {
  readonly stride: null;
  readonly offset: null;
  readonly storage: null;
}

/** A sparse or nested tensor: several tensors that together make one. */
export interface SparseLayout extends NoStrides {
  readonly layout: "sparse";
  /** PyTorch's name for the arrangement: `"sparse_coo"`, `"sparse_csr"`, …, `"nested"`. */
  readonly format: string;
  /** By role: `indices` and `values`; `crow_indices`, `col_indices`, `values`; … */
  readonly parts: Readonly<Record<string, TensorPart>>;
}

/** A tensor that lies in boxes across files (distributed checkpoints). */
export interface ChunksLayout extends NoStrides {
  readonly layout: "chunks";
  readonly chunks: readonly Chunk[];
}

/** One box of a chunked tensor. */
export interface Chunk {
  /** Where the box starts in the whole tensor, one number a dimension. */
  readonly offsets: readonly number[];
  readonly sizes: readonly number[];
  readonly where: TensorPart;
}

/** Elements in blocks that share a scale (GGUF). */
export interface BlocksLayout extends Omit<NoStrides, "storage"> {
  readonly layout: "blocks";
  /** The block type's name: `"Q4_0"`. */
  readonly type: string;
  /** Elements and bytes of one block. */
  readonly blockElements: number;
  readonly blockByteLength: number;
  readonly storage: StorageRef;
}

/** A tensor whose elements are not there: on the meta device, or saved without weights. */
export interface AbsentLayout {
  readonly layout: "absent";
  readonly why: string;
  readonly stride: readonly number[] | null;
  readonly offset: number | null;
  readonly storage: null;
}

/** How an entry's elements lie. */
export type Layout = StridedLayout | SparseLayout | ChunksLayout | BlocksLayout | AbsentLayout;

/** How quantized integers become numbers: `(integer - zeroPoint) * scale`. */
export type Quantization =
  | { readonly scheme: "per-tensor"; readonly scale: number; readonly zeroPoint: number }
  | {
      readonly scheme: "per-channel";
      readonly axis: number;
      readonly scales: TensorPart;
      readonly zeroPoints: TensorPart;
    };

/** The parameter that a state of an optimizer is kept for. */
export interface ParameterOwner {
  /** An entry's name, or the name that the optimizer was given. */
  readonly name: string;
  /** Whether the file says so, or the order of both, compared by their shapes. */
  readonly from: "recorded" | "inferred";
}

/** What every entry has, whatever its layout. */
export interface EntryFacts {
  /** Its place in `catalog.entries`. */
  readonly index: number;
  /** The keys that lead to it, as they are: strings, or numbers for list positions and integer keys. */
  readonly path: readonly (string | number)[];
  /** The path joined by `/` (a `/` inside a key is `~1`, a `~` is `~0`); `""` for a bare tensor. */
  readonly name: string;
  /** The name of the module it belongs to: its own name without the last dotted part. */
  readonly module: string;
  readonly kind: EntryKind;
  readonly kindFrom: KindFrom;
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  /** Number of elements of the shape. */
  readonly numel: number;
  /** Bytes of the elements laid out without gaps. */
  readonly byteLength: number;
  /** As the file records it: `"cpu"`, `"cuda:0"`; null where it does not. */
  readonly device: string | null;
  /** As the file records it; null where it does not, as in a state dict. */
  readonly requiresGrad: boolean | null;
  /** Only on tensors of a network that lives in a program: whether it has a gradient. */
  readonly hasGradient?: boolean;
  /** Only on quantized tensors. */
  readonly quantization?: Quantization;
  /** Only on tensors of a subclass: its qualified name. */
  readonly subclass?: string;
  /** Only on states of an optimizer, where it is known. */
  readonly owner?: ParameterOwner;
  /** Only on tensors that are lazily conjugated or negated views: their storages have the elements from before. */
  readonly lazy?: readonly ("conj" | "neg")[];
}

/** One tensor of a catalog. */
export type Entry = EntryFacts & Layout;
