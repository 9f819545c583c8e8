/**
 * NumPy arrays and scalars in a pickle, whose bytes stand in the pickle itself: `_reconstruct` with its state,
 * `_frombuffer` of protocol 5, and `scalar`. NumPy's modules carry one name before version 2 and another since.
 */

import { pyFloat } from "../catalog/value.ts";
import type { Value } from "../catalog/value.ts";
import { byteLengthOf } from "../dtype.ts";
import { dtypeOfNumpy } from "../dtype-tags.ts";
import type { DType } from "../dtype.ts";
import type { Limits } from "../limits.ts";
import { contiguousStrides } from "../shape.ts";
import { claimCounts, claimItems, claimNumel, refuse, shown, textOrNull } from "./claim.ts";
import { isKind } from "./globals.ts";
import { narrow } from "./number.ts";
import type { StorageTable } from "./storage.ts";
import type { PartRecord } from "./tensor-record.ts";

/** The arguments of a call of a function of NumPy's core, by name. */
function coreArguments(value: Value | undefined, file: string, name: string): readonly Value[] | undefined {
  if (!isKind(value, "object") || !isKind(value.callable, "global") || !isKind(value.args, "tuple"))
    return undefined;
  const { module, name: found } = value.callable;
  return found === name && (module === `numpy.core.${file}` || module === `numpy._core.${file}`)
    ? value.args.items
    : undefined;
}

/** An element type of NumPy and whether its highest byte comes first. */
interface NumpyType {
  readonly dtype: DType;
  readonly isBigEndian: boolean;
}

/** `numpy.dtype("f4", False, True)` with its state `(3, "<", …)`. */
function claimNumpyType(value: Value | undefined): NumpyType {
  if (!isKind(value, "object") || !isKind(value.callable, "global") || !isKind(value.args, "tuple")) {
    return refuse(`its NumPy dtype is ${shown(value)}`);
  }
  const { module, name } = value.callable;
  if (module !== "numpy" || name !== "dtype") return refuse(`its NumPy dtype is ${shown(value.callable)}`);
  const code = textOrNull(value.args.items[0]) ?? "";
  const dtype = dtypeOfNumpy.get(code);
  if (dtype === undefined) return refuse(`its NumPy dtype ${shown(code)} has no twin in PyTorch`);
  const order = isKind(value.state, "tuple") ? textOrNull(value.state.items[1]) : null;
  return { dtype, isBigEndian: order === ">" };
}

/** Bytes with the order of each group of `width` reversed. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += width) {
    for (let index = 0; index < width; index++) result[start + index] = bytes[start + width - 1 - index]!;
  }
  return result;
}

/** The bytes that hold `byteLength` bytes of elements, also as text where Python 2 wrote them. */
function claimBytes(table: StorageTable, value: Value | undefined, byteLength: number): Uint8Array {
  if (isKind(value, "bytes")) {
    if (value.bytes.length === byteLength) return value.bytes;
    return refuse(`its elements take ${byteLength} bytes, and ${value.bytes.length} are there`);
  }
  const bytes = typeof value === "string" ? table.bytesOfText(value, byteLength) : undefined;
  return bytes ?? refuse(`its elements are ${shown(value)}, where ${byteLength} bytes are expected`);
}

interface ArrayClaim {
  readonly shape: Value | undefined;
  readonly type: Value | undefined;
  readonly isFortran: boolean;
  readonly data: Value | undefined;
}

function arrayClaim(value: Value | undefined): ArrayClaim | undefined {
  if (coreArguments(value, "multiarray", "_reconstruct") !== undefined && isKind(value, "object")) {
    const state = claimItems(value.state, 4, 5, "its NumPy state");
    // Very old pickles lack the version in front.
    const [shape, type, isFortran, data] = state.slice(-4);
    return { shape, type, isFortran: isFortran === true || isFortran === 1, data };
  }
  const args = coreArguments(value, "numeric", "_frombuffer");
  if (args === undefined) return undefined;
  return { data: args[0], type: args[1], shape: args[2], isFortran: args[3] === "F" };
}

/** A NumPy array as a tensor whose storage stands in the pickle; undefined when the value is none. */
export function claimArray(
  table: StorageTable,
  limits: Limits,
  value: Value | undefined,
): PartRecord | undefined {
  const claim = arrayClaim(value);
  if (claim === undefined) return undefined;
  const { dtype, isBigEndian } = claimNumpyType(claim.type);
  const shape = claimCounts(claim.shape, limits.rank, "its sizes");
  const byteLength = byteLengthOf(dtype, claimNumel(shape, dtype));
  const bytes = claimBytes(table, claim.data, byteLength);
  const storage = table.inline(claim.data!, dtype, isBigEndian ? ">" : "<", () =>
    isBigEndian ? swapped(bytes, dtype.swap) : bytes,
  );
  const stride = claim.isFortran
    ? contiguousStrides(shape.toReversed()).toReversed()
    : contiguousStrides(shape);
  return { layout: "strided", dtype: dtype.name, shape, stride, offset: 0, storage };
}

/** A NumPy scalar as the Python number that it is equal to; undefined when the value is none. */
export function claimScalar(table: StorageTable, value: Value | undefined): Value | undefined {
  const args = coreArguments(value, "multiarray", "scalar");
  if (args === undefined) return undefined;
  const { dtype, isBigEndian } = claimNumpyType(args[0]);
  const found = claimBytes(table, args[1], dtype.itemSize);
  const bytes = isBigEndian ? swapped(found, dtype.swap) : found;
  const element = dtype.get(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  switch (typeof element) {
    case "number":
      return dtype.kind === "float" ? pyFloat(element) : element;
    case "bigint":
      return narrow(element);
    case "boolean":
      return element;
    default:
      return { kind: "complex", re: element.re, im: element.im };
  }
}
