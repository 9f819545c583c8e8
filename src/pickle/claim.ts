/**
 * What a pickle claims of tensors, read value by value: integers, sizes, dtypes, devices. A claim that cannot hold
 * refuses its tensor, never the file: `refuse` throws, `TorchReader` catches.
 */

import type { Value } from "../catalog/value.ts";
import { byteLengthOf, dtypes, findDtype } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { quote } from "../errors.ts";
import { callArguments, constructionOf, isKind, qualifiedName } from "./globals.ts";
import { latin1 } from "./text.ts";

/** Why a tensor is not believed; never leaves this folder. */
export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Refuses the tensor that is being read. The reason is a sentence without its full stop. */
export function refuse(reason: string): never {
  // oxlint-disable-next-line typescript/only-throw-error -- control flow of this folder, no fault of the caller
  throw new Refusal(reason);
}

/** A value as a refusal shows it. */
export function shown(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint")
    return value < 2n ** 64n && value > -(2n ** 64n) ? `${value}` : "an integer beyond 64 bits";
  if (typeof value === "number") return `${value}`;
  if (value.kind === "float") return `the float ${value.value}`;
  const name = qualifiedName(value);
  return name === undefined ? `a ${value.kind}` : quote(name);
}

/** An integer from 0 that JavaScript holds exactly. Floats and bools are none. */
export function claimCount(value: Value | undefined, what: string): number {
  if (typeof value === "number" && value >= 0) return value;
  return refuse(`${what} is ${shown(value)}, where an integer from 0 to 2^53 - 1 is expected`);
}

/** A list of such integers: a tuple, a list or a `torch.Size`. */
export function claimCounts(value: Value | undefined, most: number, what: string): number[] {
  const plain = callArguments(value, "torch", "Size")?.[0] ?? value;
  if (!isKind(plain, "tuple") && !isKind(plain, "list"))
    return refuse(`${what} are ${shown(value)}, where a tuple is expected`);
  if (plain.items.length > most) return refuse(`it has ${plain.items.length} dimensions, of at most ${most}`);
  return plain.items.map((item) => claimCount(item, `one of ${what}`));
}

/** `True`, `False`, or null for what is neither. */
export function boolOrNull(value: Value | undefined): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** Text, also as the bytes that Python 2 writes; null for anything else. */
export function textOrNull(value: Value | undefined): string | null {
  if (typeof value === "string") return value;
  return isKind(value, "bytes") ? latin1(value.bytes) : null;
}

/** A device: text, or a call of `torch.device`. Null for anything else. */
export function deviceOrNull(value: Value | undefined): string | null {
  const [type, index] = callArguments(value, "torch", "device") ?? [value];
  const name = textOrNull(type);
  return name !== null && typeof index === "number" ? `${name}:${index}` : name;
}

/** A dtype: the global `torch.float32`, as PyTorch pickles it. */
export function claimDtype(value: Value | undefined): DType {
  const found = isKind(value, "global") && value.module === "torch" ? findDtype(value.name) : undefined;
  return found ?? refuse(`its dtype is ${shown(value)}, which is none`);
}

/** The names of PyTorch's sparse arrangements. */
const layouts = ["strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"] as const;

/** The name of an arrangement. */
export type LayoutName = (typeof layouts)[number];

/** A layout: `torch.serialization._get_layout("torch.sparse_coo")`, or the global itself. */
export function claimLayout(value: Value | undefined): LayoutName {
  const name = callArguments(value, "torch.serialization", "_get_layout")?.[0] ?? qualifiedName(value);
  return (
    layouts.find((layout) => name === `torch.${layout}`) ??
    refuse(`its layout is ${shown(name ?? value)}, which is none`)
  );
}

/** The items of a tuple or list that has to hold from `least` to `most` of them. */
export function claimItems(
  value: Value | undefined,
  least: number,
  most: number,
  what: string,
): readonly Value[] {
  if (!isKind(value, "tuple") && !isKind(value, "list"))
    return refuse(`${what} is ${shown(value)}, where a tuple is expected`);
  const { length } = value.items;
  if (length < least || length > most)
    return refuse(`${what} has ${length} items, where ${least} to ${most} are expected`);
  return value.items;
}

/** The number of elements of a shape, refused where they or their bytes cannot be counted exactly. */
export function claimNumel(shape: readonly number[], dtype: DType): number {
  let numel = 1;
  for (const length of shape) {
    // A later 0 makes the product 0; PyTorch multiplies in this order too, and refuses the overflow before it.
    numel *= length;
    if (numel > Number.MAX_SAFE_INTEGER)
      return refuse(`its sizes [${shape.join(", ")}] make more than 2^53 elements`);
  }
  if (byteLengthOf(dtype, numel) > Number.MAX_SAFE_INTEGER) {
    return refuse(`its sizes [${shape.join(", ")}] make more than 2^53 bytes`);
  }
  return numel;
}

/** The elements that a view reaches, from the start of its storage; 0 for a view without elements. */
export function reachOf(shape: readonly number[], stride: readonly number[], offset: number): number {
  let last = offset;
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 0) return 0;
    last += (shape[axis]! - 1) * stride[axis]!;
    if (last >= Number.MAX_SAFE_INTEGER) return refuse("its strides reach beyond 2^53 elements");
  }
  return last + 1;
}

/** The qualified name of a class that is a subclass, null for PyTorch's own three. */
export function subclassOrNull(value: Value | undefined): string | null {
  const ownClasses = ["torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"];
  const name = qualifiedName(isKind(value, "object") ? constructionOf(value).class : value);
  return name === undefined || ownClasses.includes(name) ? null : name;
}

/** The dtype whose legacy tensor class this is (`torch.FloatTensor`, `torch.cuda.FloatTensor`); undefined for others. */
export function dtypeOfTensorClass(value: Value): DType | undefined {
  if (!isKind(value, "global") || !/^torch(\.cuda)?$/.test(value.module) || !value.name.endsWith("Tensor"))
    return undefined;
  const scalarType = value.name.slice(0, -"Tensor".length);
  return Object.values(dtypes).find((dtype) => dtype.scalarType === scalarType);
}
