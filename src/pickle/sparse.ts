/**
 * Tensors that are made of several: sparse in PyTorch's five arrangements, nested, and jagged. Their parts are checked
 * against each other as far as that needs no element.
 */

import { callOfSparse } from "../catalog/torch-calls.ts";
import { keyOf } from "../catalog/value.ts";
import type { Value } from "../catalog/value.ts";
import { dtypes } from "../dtype.ts";
import { boolOrNull, claimCounts, claimItems, claimLayout, claimNumel, refuse, shown } from "./claim.ts";
import type { LayoutName } from "./claim.ts";
import { isKind } from "./globals.ts";
import { claimPart, plainTensor } from "./interpreter.ts";
import type { Interpreter } from "./interpreter.ts";
import type { PartRecord, TensorRecord } from "./tensor-record.ts";

function text(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function checkIndices(part: PartRecord, name: string): void {
  if (part.dtype !== "int64" && part.dtype !== "int32")
    refuse(`its ${name} are ${part.dtype}, where integers are expected`);
}

/** `indices` is (sparse dims, nnz), `values` is (nnz, dense dims…). */
function coo(interpreter: Interpreter, data: readonly Value[]): TensorRecord {
  const indices = claimPart(interpreter, data[0], "its indices");
  const values = claimPart(interpreter, data[1], "its values");
  const shape = claimCounts(data[2], interpreter.limits.rank, "its sizes");
  claimNumel(shape, dtypes[values.dtype]);
  checkIndices(indices, "indices");
  const [sparseRank, count] = indices.shape;
  if (
    indices.shape.length !== 2 ||
    sparseRank! + values.shape.length - 1 !== shape.length ||
    values.shape[0] !== count
  ) {
    return refuse(
      `its indices ${text(indices.shape)} and values ${text(values.shape)} do not make sizes ${text(shape)}`,
    );
  }
  return plainTensor(values.dtype, shape, {
    layout: "sparse",
    format: "sparse_coo",
    parts: { indices, values },
    coalesced: boolOrNull(data[3]),
  });
}

/** Names of the two index parts: rows are compressed in CSR and BSR, columns in CSC and BSC. */
const indexNames: Readonly<Record<Exclude<LayoutName, "strided" | "sparse_coo">, readonly [string, string]>> =
  {
    sparse_csr: ["crow_indices", "col_indices"],
    sparse_bsr: ["crow_indices", "col_indices"],
    sparse_csc: ["ccol_indices", "row_indices"],
    sparse_bsc: ["ccol_indices", "row_indices"],
  };

function compressed(
  interpreter: Interpreter,
  format: Exclude<LayoutName, "strided" | "sparse_coo">,
  data: readonly Value[],
): TensorRecord {
  const [compressedName, plainName] = indexNames[format];
  const compressedPart = claimPart(interpreter, data[0], `its ${compressedName}`);
  const plainPart = claimPart(interpreter, data[1], `its ${plainName}`);
  const values = claimPart(interpreter, data[2], "its values");
  const shape = claimCounts(data[3], interpreter.limits.rank, "its sizes");
  claimNumel(shape, dtypes[values.dtype]);
  checkIndices(compressedPart, compressedName);
  checkIndices(plainPart, plainName);
  // Batch dimensions come first in every part, so the number of specified elements stands at the indices' last axis.
  const batchRank = plainPart.shape.length - 1;
  if (
    batchRank < 0 ||
    compressedPart.shape.length !== plainPart.shape.length ||
    shape.length < batchRank + 2 ||
    values.shape[batchRank] !== plainPart.shape[batchRank]
  ) {
    return refuse(
      `its ${compressedName} ${text(compressedPart.shape)}, ${plainName} ${text(plainPart.shape)} and ` +
        `values ${text(values.shape)} do not make sizes ${text(shape)}`,
    );
  }
  return plainTensor(values.dtype, shape, {
    layout: "sparse",
    format,
    parts: { [compressedName]: compressedPart, [plainName]: plainPart, values },
    coalesced: null,
  });
}

/** Layouts by their numbers in C++. Source: c10/core/Layout.h. */
const layoutNumbers: ReadonlyMap<Value, Exclude<LayoutName, "strided">> = new Map([
  [1, "sparse_coo"],
  [2, "sparse_csr"],
  [4, "sparse_csc"],
  [5, "sparse_bsr"],
  [6, "sparse_bsc"],
]);

/** As TorchScript writes it: (layout number, sizes, requires_grad, indices or two of them, values, hooks). */
function scripted(interpreter: Interpreter, args: readonly Value[]): TensorRecord {
  const [layout, size, requiresGrad, ...parts] = claimItems(
    { kind: "tuple", items: [...args] },
    5,
    7,
    "its call",
  );
  const format = layoutNumbers.get(layout!) ?? refuse(`its layout is number ${shown(layout)}, which is none`);
  const record =
    format === "sparse_coo"
      ? coo(interpreter, [parts[0]!, parts[1]!, size!])
      : compressed(interpreter, format, [parts[0]!, parts[1]!, parts[2] ?? null, size!]);
  return { ...record, requiresGrad: boolOrNull(requiresGrad) };
}

/**
 * A sparse tensor that TorchScript wrote, as `torch.save` writes it, which Python's loader needs; any other value as it
 * is. The two give one function different arguments.
 */
export function sparseOfPython(made: Value): Value {
  if (!isKind(made, "object") || made.made !== "reduce" || !isKind(made.callable, "global")) return made;
  const [layout, size, , ...rest] = isKind(made.args, "tuple") ? made.args.items : [];
  if (made.callable.name !== "_rebuild_sparse_tensor" || typeof layout !== "number") return made;
  const format = layoutNumbers.get(layout);
  if (format === undefined || size === undefined) return made;
  return callOfSparse(format, [...rest.slice(0, format === "sparse_coo" ? 2 : 3), size]);
}

/** `_rebuild_sparse_tensor(layout, data)`. */
export function sparse(interpreter: Interpreter, args: readonly Value[]): TensorRecord {
  if (typeof args[0] === "number") return scripted(interpreter, args);
  const [layout, data] = claimItems({ kind: "tuple", items: [...args] }, 2, 2, "its call");
  const format = claimLayout(layout);
  if (format === "strided") return refuse("its layout is strided, where a sparse one is expected");
  if (format === "sparse_coo") return coo(interpreter, claimItems(data, 3, 4, "its sparse data"));
  return compressed(interpreter, format, claimItems(data, 4, 4, "its sparse data"));
}

/** `_rebuild_nested_tensor(buffer, sizes, strides, storage_offsets)`. */
export function nested(interpreter: Interpreter, args: readonly Value[]): TensorRecord {
  const buffer = claimPart(interpreter, args[0], "its elements");
  const sizes = claimPart(interpreter, args[1], "its sizes");
  const strides = claimPart(interpreter, args[2], "its strides");
  const offsets = claimPart(interpreter, args[3], "its offsets");
  return plainTensor(buffer.dtype, buffer.shape, {
    layout: "sparse",
    format: "nested",
    parts: { buffer, sizes, strides, offsets },
    coalesced: null,
  });
}

/** `_rebuild_njt({values, offsets, lengths, …})`: a nested tensor whose rows lie one after the other. */
export function jagged(interpreter: Interpreter, args: readonly Value[]): TensorRecord {
  const [inner] = args;
  if (!isKind(inner, "dict")) return refuse(`its parts are ${shown(inner)}, where a dictionary is expected`);
  const field = (name: string): Value | undefined => inner.items.get(keyOf(name))?.value;
  const values = claimPart(interpreter, field("values"), "its values");
  const offsets = claimPart(interpreter, field("offsets"), "its offsets");
  const lengths = field("lengths") ?? null;
  return plainTensor(
    values.dtype,
    values.shape,
    {
      layout: "sparse",
      format: "jagged",
      parts: {
        values,
        offsets,
        ...(lengths === null ? {} : { lengths: claimPart(interpreter, lengths, "its lengths") }),
      },
      coalesced: null,
    },
    boolOrNull(field("requires_grad")),
  );
}
