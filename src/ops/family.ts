/**
 * Makers of the two commonest kinds of op: one loop over one tensor, and one loop over two that broadcast.
 */

import type { ScalarArgument } from "../tensor/scalar.ts";
import { isScalarArgument } from "../tensor/scalar.ts";
import { torchError } from "../errors.ts";
import { pythonTypeName } from "../autograd/history.ts";
import { Tensor, isTensor } from "../tensor/tensor.ts";
import type { Loops1, Loops2 } from "./elementwise.ts";
import { numberTensor, runBinary, runUnary } from "./elementwise.ts";
import type { AnyRecord, Derivative, InPlaceOp } from "./op.ts";
import { Program, call1, call2, callInPlace, withFacts } from "./op.ts";
import type { Sample } from "./samples.ts";

/** An op of one tensor and no further arguments. */
export type Unary = InPlaceOp<(self: Tensor) => Tensor>;

/** An op of a tensor and a tensor or number that broadcast. */
export type Binary = InPlaceOp<(self: Tensor, other: Tensor | ScalarArgument) => Tensor>;

/** Options of `add` and `sub`. */
export interface AlphaOptions {
  /** Multiplies the second operand; default 1. */
  readonly alpha?: ScalarArgument;
}

/** An op of a tensor and a tensor or number that is multiplied by `alpha`. */
export type ScaledBinary = InPlaceOp<
  (self: Tensor, other: Tensor | ScalarArgument, options?: AlphaOptions) => Tensor
>;

/** What the author of a unary op writes. */
export interface UnaryRecord {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string;
  readonly loops: Loops1;
  readonly backward?: { readonly self: Derivative<"self" | "output"> };
  readonly samples: () => readonly Sample[];
}

/** Makes an op of one tensor. */
export function unary(record: UnaryRecord): Unary {
  const { name, loops } = record;
  const forward = (self: Tensor): Tensor => runUnary(name, loops, self, null);
  const program = newProgram(record, ["self"]);
  const run = (self: Tensor): Tensor => call1(program, forward, self);
  const inPlace = (self: Tensor): Tensor =>
    callInPlace(program, [self], [], (target) => runUnary(name, loops, target, target));
  return Object.assign(withFacts(run, program), { inPlace });
}

/** What the author of a binary op writes. */
export interface BinaryRecord<Rest extends unknown[]> {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string;
  readonly loops: Loops2;
  /** Checks beyond shapes and dtypes. */
  readonly check?: (self: Tensor, other: Tensor, ...rest: Rest) => void;
  /** The number that the loops get as `p`, from the argument after the tensors. Default 0. */
  readonly parameter?: (...rest: Rest) => number;
  readonly backward?: {
    readonly self?: Derivative<"self" | "other" | "output">;
    readonly other?: Derivative<"self" | "other" | "output">;
  };
  readonly samples: () => readonly Sample[];
}

/** Makes an op of two operands that broadcast, of which the second may be a number. */
export function binary<Rest extends unknown[] = []>(
  record: BinaryRecord<Rest>,
): InPlaceOp<(self: Tensor, other: Tensor | ScalarArgument, ...rest: Rest) => Tensor> {
  const { name, loops } = record;
  const check = record.check as ((self: Tensor, other: Tensor, p?: unknown) => void) | undefined;
  const parameter = record.parameter as ((p?: unknown) => number) | undefined;
  const forward = (self: Tensor, other: Tensor, p?: unknown): Tensor => {
    check?.(self, other, p);
    return runBinary(name, loops, self, other, null, parameter === undefined ? 0 : parameter(p));
  };
  const program = newProgram(record, ["self", "other"]);
  const run = (self: Tensor, other: Tensor | ScalarArgument, p?: unknown): Tensor =>
    call2(program, forward, self, operand(name, other), p);
  const inPlace = (self: Tensor, other: Tensor | ScalarArgument, p?: unknown): Tensor => {
    const second = operand(name, other);
    return callInPlace(program, [self, second], [p], (target) => {
      check?.(target, second, p);
      runBinary(name, loops, target, second, target, parameter === undefined ? 0 : parameter(p));
    });
  };
  return Object.assign(withFacts(run, program), { inPlace }) as never;
}

/**
 * An operand as a tensor.
 *
 * Throws: PyTorch's TypeError for what is neither tensor nor number.
 */
export function operand(name: string, value: Tensor | ScalarArgument): Tensor {
  if (value instanceof Tensor) return value;
  if (isScalarArgument(value)) return numberTensor(value);
  if (isTensor(value)) return value;
  throw torchError(
    "TypeError",
    `${name}(): argument 'other' (position 1) must be Tensor, not ${pythonTypeName(value)}`,
  );
}

function newProgram(
  record: Omit<UnaryRecord, "loops" | "backward"> & { readonly backward?: unknown },
  inputs: readonly string[],
): Program {
  return new Program({ ...record, inputs } as AnyRecord);
}
