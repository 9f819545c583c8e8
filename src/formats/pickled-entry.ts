/** An entry from what a pickle says of a tensor, once its storages have been compared with those of the file. */

import type {
  AbsentLayout,
  Entry,
  EntryKind,
  KindFrom,
  Layout,
  Quantization,
  SparseLayout,
  StorageRef,
  TensorPart,
} from "../catalog/entry.ts";
import { byteLengthOf, dtypes } from "../dtype.ts";
import type { Path } from "../name.ts";
import { joinPath, moduleOf } from "../name.ts";
import type { PartRecord, QuantizationRecord, StorageRecord, TensorRecord } from "../pickle/tensor-record.ts";
import { contiguousStrides, countOf } from "../shape.ts";

/** What the file says of a storage that the pickle names: null when it is there as claimed, else what is wrong. */
export type StorageCheck = (storage: StorageRecord) => string | null;

/** What the place of a tensor says of it. */
export interface Placing {
  readonly index: number;
  readonly path: Path;
  readonly module: string | null;
  readonly kind: EntryKind;
  readonly kindFrom: KindFrom;
  readonly requiresGrad: boolean | null;
}

/** The entry of a tensor. One whose storage is not there as claimed has the layout `absent`. */
export function entryOf(record: TensorRecord, placing: Placing, check: StorageCheck): Entry {
  const dtype = dtypes[record.dtype];
  const numel = countOf(record.shape);
  const { index, path, kind, kindFrom, requiresGrad } = placing;
  const entry: Entry = {
    index,
    path,
    name: joinPath(path),
    module: placing.module ?? moduleOf(path),
    kind,
    kindFrom,
    dtype: record.dtype,
    shape: record.shape,
    numel,
    byteLength: byteLengthOf(dtype, numel),
    device: record.device,
    requiresGrad,
    ...layoutOf(record, check),
  };
  const { quantization, subclass, lazy } = record;
  if (quantization === null && subclass === null && lazy.length === 0) return entry;
  return {
    ...entry,
    ...(quantization === null ? {} : { quantization: quantizationOf(quantization) }),
    ...(subclass === null ? {} : { subclass }),
    ...(lazy.length === 0 ? {} : { lazy }),
  };
}

/** The entry of a storage, or of a view of one, that stands for itself: its elements in a row, or its bytes. */
export function entryOfStorage(
  {
    storage,
    offset,
    numel,
  }: { readonly storage: StorageRecord; readonly offset: number; readonly numel: number },
  placing: Placing,
  check: StorageCheck,
): Entry {
  const dtype = storage.dtype ?? "uint8";
  const shape = [numel];
  const layout = { layout: "strided", stride: contiguousStrides(shape), offset, storage } as const;
  const facts = {
    requiresGrad: null,
    device: storage.location,
    subclass: null,
    lazy: [],
    quantization: null,
  };
  return entryOf({ ...facts, dtype, shape, layout, role: "tensor", state: null }, placing, check);
}

function refOf({ key, byteLength }: StorageRecord): StorageRef {
  return { key, byteLength };
}

function partOf({ dtype, shape, stride, offset, storage }: PartRecord): TensorPart {
  return { dtype, shape, stride, offset, storage: refOf(storage) };
}

function absent(
  why: string,
  stride: readonly number[] | null = null,
  offset: number | null = null,
): AbsentLayout {
  return { layout: "absent", why, stride, offset, storage: null };
}

function layoutOf({ layout }: TensorRecord, check: StorageCheck): Layout {
  switch (layout.layout) {
    case "strided": {
      const { stride, offset, storage } = layout;
      const fault = check(storage);
      if (fault !== null) return absent(fault, stride, offset);
      return { layout: "strided", stride, offset, storage: refOf(storage) };
    }
    case "sparse": {
      const parts = Object.entries(layout.parts);
      for (const [, part] of parts) {
        const fault = check(part.storage);
        if (fault !== null) return absent(fault);
      }
      const sparse: SparseLayout = {
        layout: "sparse",
        format: layout.format,
        // The names of the parts are PyTorch's, never the file's.
        parts: Object.fromEntries(parts.map(([role, part]) => [role, partOf(part)])),
        stride: null,
        offset: null,
        storage: null,
      };
      return sparse;
    }
    case "absent":
      return absent(layout.why, layout.stride, layout.offset);
  }
}

function quantizationOf(record: QuantizationRecord): Quantization {
  if (record.scheme === "per-tensor") return record;
  const { scheme, axis, scales, zeroPoints } = record;
  return { scheme, axis, scales: partOf(scales), zeroPoints: partOf(zeroPoints) };
}
