/**
 * Which dtypes an op takes, in which of them its loops compute, and what PyTorch says of the others.
 *
 * Note [four array classes]: a loop that sees more than four classes of typed arrays becomes forty times slower in V8. So
 * loops run on float32, float64, int32 and bytes only (64-bit integers have code of their own); the other dtypes are
 * computed in the one of these that holds them, and converted back.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { defaultDtype, realDtype } from "../tensor/promotion.ts";

/** What the result's dtype is: that of the operands, bool, or at least the default float. */
export type ResultKind = "same" | "bool" | "float";

/** Dtypes that PyTorch has compiled few ops for: unsigned integers beyond 8 bits, and floats of 8 bits. */
export type RareKind = "unsigned" | "float8";

/** What the loops of all ops have in common. */
export interface AnyLoops {
  readonly result: ResultKind;
  /** What PyTorch's message "not implemented" calls the op; default: its name and `_cpu`. */
  readonly kernel?: string;
  /** Whether a second operand without dimensions is not rounded to a 16-bit dtype first, as PyTorch does for products. */
  readonly keepsNumbers?: boolean;
  /** The dtypes that it takes; default: all. */
  readonly takes?: "integral" | "integer" | "floating" | "numeric";
  /** The rare dtypes that it takes beside those; default: none. */
  readonly alsoTakes?: readonly RareKind[];
  /** PyTorch's error for complex numbers where it has a text for them alone. */
  readonly refusesComplex?: readonly [type: "RuntimeError" | "NotImplementedError", text: string];
  /** Whether complex numbers give real ones, as their magnitudes are. */
  readonly isRealOfComplex?: boolean;
}

/** The dtype in which loops compute `dtype`; see Note [four array classes]. */
export function loopDtype(dtype: DType): DType {
  switch (dtype) {
    case dtypes.float16:
    case dtypes.bfloat16:
      return dtypes.float32;
    case dtypes.int8:
    case dtypes.int16:
    case dtypes.uint16:
      return dtypes.int32;
    case dtypes.uint32:
      return dtypes.int64;
    case dtypes.complex32:
      return dtypes.complex64;
    default:
      return isFloat8(dtype) ? dtypes.float32 : dtype;
  }
}

function isFloat8(dtype: DType): boolean {
  return dtype.kind === "float" && dtype.bits === 8;
}

/** The dtype of an op's result whose operands compute in `common`. */
export function resultDtype(loops: AnyLoops, common: DType): DType {
  if (loops.result === "bool") return dtypes.bool;
  return loops.isRealOfComplex === true ? realDtype(common) : common;
}

/** The float dtype that stands for an integer or bool one where an op gives floats. */
export function floatOf(dtype: DType): DType {
  return dtype.kind === "float" || dtype.kind === "complex" ? dtype : defaultDtype();
}

/** Whether a dtype's items are bigints. */
export function isBig(dtype: DType): boolean {
  return dtype === dtypes.int64 || dtype === dtypes.uint64;
}

/** The function for bigints. Throws: PyTorch's refusal where there is none. */
export function requireBig<Each>(
  name: string,
  loops: AnyLoops & { readonly big?: Each },
  dtype: DType,
): Each {
  if (loops.big === undefined) throw notImplemented(kernelOf(name, loops), dtype);
  return loops.big;
}

/** Whether PyTorch has compiled few ops for a dtype, and which kind of those it is. */
function rareKindOf(dtype: DType): RareKind | null {
  if (isFloat8(dtype)) return "float8";
  return dtype === dtypes.uint16 || dtype === dtypes.uint32 || dtype === dtypes.uint64 ? "unsigned" : null;
}

/** The dtypes that arithmetic is defined on here; the rest are held, indexed, printed and converted. */
function isComputable(loops: AnyLoops, dtype: DType): boolean {
  const { takes } = loops;
  switch (dtype.kind) {
    case "float":
      if (takes === "integral" || takes === "integer") return false;
      break;
    case "bool":
      if (takes !== undefined && takes !== "integral") return false;
      break;
    case "int":
    case "uint":
      if (takes === "floating" || dtype.bits < 8) return false;
      break;
    default:
      return false;
  }
  const rare = rareKindOf(dtype);
  return rare === null ? dtype.bits >= 8 : loops.alsoTakes?.includes(rare) === true;
}

/**
 * Requires that an op can be computed in a dtype.
 *
 * Throws: PyTorch's errors.
 */
export function requireComputable(
  name: string,
  loops: AnyLoops & { readonly complex?: unknown },
  dtype: DType,
): void {
  // Nearly all calls, told at once.
  if (dtype === dtypes.float32 && loops.takes === undefined) return;
  if (dtype.kind === "complex") {
    if (loops.complex !== undefined) return;
    if (loops.refusesComplex !== undefined) throw torchError(...loops.refusesComplex);
  } else if (isComputable(loops, dtype)) return;
  throw notImplemented(kernelOf(name, loops), dtype);
}

const cNames: Readonly<Record<string, string>> = {
  bool: "bool",
  int8: "signed char",
  uint8: "unsigned char",
  int16: "short int",
  int32: "int",
  int64: "long int",
  float32: "float",
  float64: "double",
  float16: "c10::Half",
  bfloat16: "c10::BFloat16",
  complex64: "c10::complex<float>",
  complex128: "c10::complex<double>",
};

/** A dtype as some messages of PyTorch call it: by its name in C. */
export function cName(dtype: DType): string {
  return cNames[dtype.name] ?? dtype.name;
}

/** What PyTorch's refusals call an op. */
export function kernelOf(name: string, loops: AnyLoops): string {
  return loops.kernel ?? `${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_cpu`;
}

/** PyTorch's refusal of a dtype. */
export function notImplemented(kernel: string, dtype: DType): Error {
  return torchError("NotImplementedError", `"${kernel}" not implemented for '${dtype.scalarType}'`);
}
