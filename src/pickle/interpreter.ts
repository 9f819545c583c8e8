/**
 * What interpreting one rebuild function may ask of the reader, and the record that most of them start from.
 */

import type { Value } from "../catalog/value.ts";
import type { Limits } from "../limits.ts";
import { refuse } from "./claim.ts";
import { claimStrided } from "./storage.ts";
import type { StorageTable, StridedClaim } from "./storage.ts";
import type { PartRecord, TensorRecord } from "./tensor-record.ts";

/** The reader as the rebuild functions see it. */
export interface Interpreter {
  readonly limits: Limits;
  /** The storages of the pickle. */
  readonly table: StorageTable;
  /** The tensor that a value is; refuses what is none and what is wrapped too deep. */
  tensor(value: Value | undefined): TensorRecord;
  /** The tensor that a call would make. */
  call(callable: Value, args: readonly Value[]): TensorRecord;
}

/** Interprets a call of one function. */
export type Rebuilder = (interpreter: Interpreter, args: readonly Value[]) => TensorRecord;

/** Where a tensor was, as its storages say. */
function locationOf(layout: TensorRecord["layout"]): string | null {
  if (layout.layout === "sparse") return Object.values(layout.parts)[0]?.storage.location ?? null;
  return layout.layout === "strided" ? layout.storage.location : null;
}

/** A tensor of which nothing is known but its elements. */
export function plainTensor(
  dtype: TensorRecord["dtype"],
  shape: readonly number[],
  layout: TensorRecord["layout"],
  requiresGrad: boolean | null = null,
): TensorRecord {
  return {
    dtype,
    shape,
    layout,
    role: "tensor",
    requiresGrad,
    device: locationOf(layout),
    subclass: null,
    lazy: [],
    quantization: null,
    state: null,
  };
}

/** The tensor that a part is by itself. */
export function tensorOfPart(part: PartRecord, requiresGrad: boolean | null = null): TensorRecord {
  const { layout, stride, offset, storage } = part;
  return plainTensor(part.dtype, part.shape, { layout, stride, offset, storage }, requiresGrad);
}

/** A strided tensor from the arguments of its call. */
export function stridedTensor(
  interpreter: Interpreter,
  claim: StridedClaim,
  requiresGrad: boolean | null,
): TensorRecord {
  return tensorOfPart(claimStrided(interpreter.table, interpreter.limits, claim), requiresGrad);
}

/** A tensor that is part of another one, which has to be strided. */
export function claimPart(interpreter: Interpreter, value: Value | undefined, what: string): PartRecord {
  const { dtype, shape, layout } = interpreter.tensor(value);
  return layout.layout === "strided" ? { ...layout, dtype, shape } : refuse(`${what} are no strided tensor`);
}
