/**
 * Which dtype an op computes and gives: PyTorch's type promotion.
 *
 * Source: the table of `torch.promote_types` and the categories of "Tensor Attributes, type promotion" in PyTorch's docs.
 */

import type { DType, DTypeName } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { shared } from "../shared.ts";

const defaults: { float: DType } = shared("defaultDtype", () => ({ float: dtypes.float32 }));

/** The dtype of new floating-point tensors; float32 unless `setDefaultDtype` said otherwise. */
export function defaultDtype(): DType {
  return defaults.float;
}

/**
 * Changes the dtype of new floating-point tensors.
 *
 * Throws: TypeError for a dtype that is not floating point.
 */
export function setDefaultDtype(dtype: DType): void {
  if (dtype.kind !== "float")
    throw torchError("TypeError", "only floating-point types are supported as the default type");
  defaults.float = dtype;
}

/** The rank of a dtype's category: bool below integers below floats below complex. */
export function categoryOf(dtype: DType): number {
  switch (dtype.kind) {
    case "bool":
      return 0;
    case "int":
    case "uint":
      return 1;
    case "float":
      return 2;
    case "complex":
      return 3;
    default:
      return 4;
  }
}

const signedOrder: readonly DTypeName[] = ["int8", "int16", "int32", "int64"];
const complexOf: ReadonlyMap<DTypeName, DTypeName> = new Map([
  ["float16", "complex32"],
  ["bfloat16", "complex64"],
  ["float32", "complex64"],
  ["float64", "complex128"],
]);

function unpromotable(a: DType, b: DType): Error {
  if (a.kind === "quantized" || b.kind === "quantized") {
    return torchError(
      "RuntimeError",
      `promoteTypes with quantized numbers is not handled yet; figure out what the correct rules should be, offending types: ${a.scalarType} ${b.scalarType}`,
    );
  }
  return torchError(
    "RuntimeError",
    `Promotion for Float8 Types is not supported, attempted to promote ${a.scalarType} and ${b.scalarType}`,
  );
}

/**
 * The smallest dtype that holds both: `torch.promote_types`.
 *
 * Throws: PyTorch's RuntimeError for pairs it does not promote (float8 with another, quantized types).
 *
 * @example
 * promoteTypes(dtypes.uint8, dtypes.int8); // torch.int16
 */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const low = categoryOf(a) <= categoryOf(b) ? a : b;
  const high = low === a ? b : a;
  if (low.kind === "bool") return high;
  const isInteger = low.kind === "int" || low.kind === "uint";
  if (high.kind === "complex") {
    if (isInteger) return high;
    if (low.kind === "float") {
      const raised = complexOf.get(low.name);
      if (raised === undefined) throw unpromotable(a, b);
      return dtypes[raised].bits > high.bits ? dtypes[raised] : high;
    }
    return low.bits > high.bits ? low : high;
  }
  if (high.kind === "float") {
    if (high.bits < 16 || low.bits < 8) throw unpromotable(a, b);
    if (isInteger) return high;
    if (low.bits < 16) throw unpromotable(a, b);
    if (low.bits === 16 && high.bits === 16) return dtypes.float32;
    return low.bits > high.bits ? low : high;
  }
  if (!isInteger || (high.kind !== "int" && high.kind !== "uint")) throw unpromotable(a, b);
  if (low.kind === high.kind && low.kind === "int") return low.bits > high.bits ? low : high;
  // An unsigned type needs the next wider signed one. PyTorch promotes no uint16, uint32 and uint64 with others.
  const unsigned = low.kind === "uint" ? low : high;
  const other = unsigned === low ? high : low;
  if (unsigned.name !== "uint8" || other.kind !== "int") {
    throw torchError(
      "RuntimeError",
      `Promotion for uint16, uint32, uint64 types is not supported, attempted to promote ${a.scalarType} and ${b.scalarType}`,
    );
  }
  return dtypes[signedOrder[Math.max(1, signedOrder.indexOf(other.name))]!];
}

/** One operand as promotion sees it. */
export interface Operand {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Whether it stands for a Python number. */
  readonly isNumber: boolean;
}

/** The complex dtype of numbers that nothing else decides about: the twin of the default float. */
export function defaultComplex(): DType {
  return complexDtype(defaults.float) ?? dtypes.complex64;
}

/** A Python float is "some float": the default one, as far as it decides at all; and a complex number its complex twin. */
function decidingDtype({ dtype, isNumber }: Operand): DType {
  if (!isNumber) return dtype;
  if (dtype.kind === "float") return defaults.float;
  return dtype.kind === "complex" ? defaultComplex() : dtype;
}

/** The dtype of the parts of complex numbers; of others, itself. */
export function realDtype(dtype: DType): DType {
  switch (dtype) {
    case dtypes.complex32:
      return dtypes.float16;
    case dtypes.complex64:
      return dtypes.float32;
    case dtypes.complex128:
      return dtypes.float64;
    default:
      return dtype;
  }
}

/** The complex dtype whose parts have a float dtype, as promotion pairs them; null where there is none. */
export function complexDtype(dtype: DType): DType | null {
  const name = complexOf.get(dtype.name);
  return name === undefined ? null : dtypes[name];
}

/**
 * The dtype two operands compute in: `torch.result_type`. Tensors without dimensions count only where their category
 * is higher than that of tensors with dimensions, and Python numbers only where it is higher than that of both.
 */
export function resultType(a: Operand, b: Operand): DType {
  if (a.dtype === b.dtype) return a.isNumber && b.isNumber ? decidingDtype(a) : a.dtype;
  const rankA = a.isNumber ? 0 : a.shape.length > 0 ? 2 : 1;
  const rankB = b.isNumber ? 0 : b.shape.length > 0 ? 2 : 1;
  const typeA = decidingDtype(a);
  const typeB = decidingDtype(b);
  if (rankA === rankB) return promoteTypes(typeA, typeB);
  const strong = rankA > rankB ? typeA : typeB;
  const weak = rankA > rankB ? typeB : typeA;
  return categoryOf(weak) > categoryOf(strong) ? promoteTypes(strong, weak) : strong;
}
