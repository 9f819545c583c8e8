/**
 * Ops with an in-place twin that are more than one loop: those that compute a result and put it in the place of self,
 * and those that write into a part of self.
 */

import { scatterItems, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike } from "../tensor/tensor.ts";
import { requireDistinctElements } from "./outputs.ts";
import type { AnyRecord, InPlaceOp, MaybeTensor, OpRecord } from "./op.ts";
import { Program, callInPlace, op } from "./op.ts";

type Call = (self: Tensor, ...rest: unknown[]) => Tensor;

function twinOf(record: AnyRecord, write: (target: Tensor, rest: readonly unknown[]) => void): Call {
  const program = new Program(record);
  const rest = record.inputs.length - 1;
  return (self, ...args) =>
    callInPlace(program, [self, ...(args.slice(0, rest) as MaybeTensor[])], args.slice(rest), (target) => {
      write(target, args);
    });
}

/**
 * Makes an op whose twin puts the result of `forward` in the place of self. `check` is the twin's alone, before anything
 * is computed: whether self has the result's shape.
 *
 * @example
 * export const addmm = replacingOp({ name: "addmm", inputs: ["self", "mat1", "mat2"], forward, backward, … });
 */
export function replacingOp<
  const Names extends readonly string[],
  F extends (self: Tensor, ...args: never[]) => Tensor,
>(
  record: OpRecord<Names, F>,
  check: F extends (...args: infer Args) => Tensor ? (...args: Args) => void : never,
): InPlaceOp<F> {
  const forward = record.forward as unknown as Call;
  const inPlace = twinOf(record as unknown as AnyRecord, (target, rest) => {
    (check as (self: Tensor, ...rest: readonly unknown[]) => void)(target, ...rest);
    requireDistinctElements(target);
    const result = forward(target, ...rest);
    if (target.device === "cpu") scatterItems(denseItems(result), target);
  });
  return Object.assign(op(record), { inPlace }) as unknown as InPlaceOp<F>;
}

/** A record that writes into self instead of making a result. */
export interface WritingRecord<
  Names extends readonly string[],
  F extends (self: Tensor, ...args: never[]) => Tensor,
> extends Omit<OpRecord<Names, F>, "forward"> {
  /** Checks the arguments, before anything is copied or written. */
  readonly check?: (...args: Parameters<F>) => void;
  /** Writes into `out`, which has the former elements of self. Not called for meta tensors. */
  readonly write: (out: Tensor, ...rest: Rest<Parameters<F>>) => void;
  /** Whether the copy keeps the order of dimensions in memory; default: it is row-major. */
  readonly keepsOrder?: boolean;
}

type Rest<Args extends readonly unknown[]> = Args extends readonly [unknown, ...infer Others]
  ? Others
  : never;

/**
 * Makes an op that gives a copy of self with a part overwritten, and whose twin overwrites self.
 *
 * @example
 * const scatterOp = writingOp({ name: "scatter", inputs: ["self", "index", "src"], check, write, backward, … });
 */
export function writingOp<
  const Names extends readonly string[],
  F extends (self: Tensor, ...args: never[]) => Tensor,
>(record: WritingRecord<Names, F>): InPlaceOp<F> {
  const check = record.check as ((self: Tensor, ...rest: readonly unknown[]) => void) | undefined;
  const write = record.write as unknown as (out: Tensor, ...rest: readonly unknown[]) => void;
  const forward = (self: Tensor, ...rest: unknown[]): Tensor => {
    check?.(self, ...rest);
    const keepsOrder = record.keepsOrder === true;
    const out = keepsOrder ? newTensorLike(self, self.dtype) : newTensor(self.dtype, self.shape, self.device);
    if (self.device === "meta") return out;
    scatterItems(denseItems(self), out);
    write(out, ...rest);
    return out;
  };
  const inPlace = twinOf(record as unknown as AnyRecord, (target, rest) => {
    check?.(target, ...rest);
    requireDistinctElements(target);
    if (target.device === "cpu") write(target, ...rest);
  });
  const made = op({ ...record, forward: forward as unknown as F } as OpRecord<Names, F>);
  return Object.assign(made, { inPlace }) as unknown as InPlaceOp<F>;
}
