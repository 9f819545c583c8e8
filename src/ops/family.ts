/**
 * Makers of the two commonest kinds of op: one loop over one tensor, and one loop over two that broadcast.
 */

import type { DTypeKind } from "../dtype.ts";
import type { NumberArgument, ScalarArgument } from "../tensor/scalar.ts";
import { isNumberArgument } from "../tensor/scalar.ts";
import { torchError } from "../errors.ts";
import { pythonTypeName } from "../autograd/history.ts";
import { Tensor, isTensor, newTensorLike } from "../tensor/tensor.ts";
import type { Loops1, Loops2, Loops3 } from "./elementwise.ts";
import { numberTensor, runBinary, runTernary, runUnary } from "./elementwise.ts";
import type { AnyRecord, Derivative, InPlaceOp, Op } from "./op.ts";
import { Program, call1, call2, call3, callInPlace, needsNothing, withFacts } from "./op.ts";
import type { Sample } from "./samples.ts";

/** The type of an overloaded method, which cannot be derived from the type of its function. It exists only as a type. */
export interface Overloaded<Method> {
  readonly overloads: Method;
}

/** An op of one tensor and no further arguments. */
export type Unary = InPlaceOp<(self: Tensor) => Tensor>;

/** An op of a tensor and a tensor or number that broadcast. */
export type Binary = InPlaceOp<(self: Tensor, other: Tensor | NumberArgument) => Tensor>;

/** An op of two tensors that broadcast; unlike arithmetic it takes no number. */
export type TensorPair = Op<(self: Tensor, other: Tensor) => Tensor>;

/** Options of `add` and `sub`. */
export interface AlphaOptions {
  /** Multiplies the second operand; default 1. */
  readonly alpha?: ScalarArgument;
}

/** An op of a tensor and a tensor or number that is multiplied by `alpha`. */
export type ScaledBinary = InPlaceOp<
  (self: Tensor, other: Tensor | NumberArgument, options?: AlphaOptions) => Tensor
>;

/** An op of one tensor with further arguments. */
export type UnaryWith<Rest extends unknown[]> = InPlaceOp<(self: Tensor, ...rest: Rest) => Tensor>;

/** A derivative that is 0 wherever there is one: of steps, comparisons and roundings. */
export const flat: Derivative<never> = needsNothing((g) => newTensorLike(g, g.dtype));

/** Refuses to differentiate an op that PyTorch does not differentiate; in place its name ends with an underscore. */
function refusing<Rest extends unknown[]>(record: BinaryRecord<Rest>, ending: "" | "_"): BinaryRecord<Rest> {
  const { refuses } = record;
  if (refuses === undefined) return record;
  const refusal = needsNothing(() => {
    throw torchError("RuntimeError", `derivative for aten::${refuses}${ending} is not implemented`);
  });
  return { ...record, gradName: "NotImplemented", backward: { self: refusal, other: refusal } };
}

/** An op as PyTorch has it where it has no in-place twin. */
export function newOnly<F extends (...args: never[]) => Tensor>(op: InPlaceOp<F>): Op<F> {
  delete (op as { inPlace?: F }).inPlace;
  return op;
}

/** What the author of a unary op writes. */
export interface UnaryRecord<Rest extends unknown[]> {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string | ((...rest: Rest) => string);
  /** The name of the node of the in-place twin; default `gradName`. */
  readonly gradNameInPlace?: string;
  /** What PyTorch calls the in-place twin where it refuses to differentiate only that. */
  readonly refusesInPlace?: string;
  readonly loops: Loops1;
  /** Checks beyond dtypes. */
  readonly check?: (self: Tensor, ...rest: Rest) => void;
  /** The numbers that the loops get as `p` and `q`, from the arguments after the tensor. */
  readonly parameters?: (...rest: Rest) => readonly [p: number, q?: number];
  readonly backward?: { readonly self: Derivative<"self" | "output"> };
  readonly samples: () => readonly Sample[];
}

/** Makes an op of one tensor. */
export function unary<Rest extends unknown[] = []>(record: UnaryRecord<Rest>): UnaryWith<Rest> {
  const { name, loops } = record;
  const program = newProgram(record, ["self"]);
  const programInPlace = inPlaceProgram(record, program);
  if (record.parameters !== undefined || record.check !== undefined) {
    return unaryWith(record, program, programInPlace);
  }
  const forward = (self: Tensor): Tensor => runUnary(name, loops, self, null);
  const run = (self: Tensor): Tensor => call1(program, forward, self);
  const inPlace = (self: Tensor): Tensor =>
    callInPlace(programInPlace, [self], [], (target) => runUnary(name, loops, target, target));
  return Object.assign(withFacts(run, program), { inPlace }) as never;
}

/** The program of the in-place twin, where its node is not that of the op. */
function inPlaceProgram<Rest extends unknown[]>(record: UnaryRecord<Rest>, program: Program): Program {
  const { gradNameInPlace, refusesInPlace } = record;
  if (gradNameInPlace === undefined) return program;
  const refusal = needsNothing(() => {
    throw torchError("NotImplementedError", `the derivative for '${refusesInPlace}' is not implemented.`);
  });
  const backward = refusesInPlace === undefined ? record.backward : { self: refusal };
  return newProgram({ ...record, gradName: gradNameInPlace, backward }, ["self"]);
}

function unaryWith<Rest extends unknown[]>(
  record: UnaryRecord<Rest>,
  program: Program,
  programInPlace: Program,
): UnaryWith<Rest> {
  const { name, loops } = record;
  const check = record.check as ((self: Tensor, p?: unknown, q?: unknown) => void) | undefined;
  const parameters = record.parameters as
    | ((p?: unknown, q?: unknown) => readonly [p: number, q?: number])
    | undefined;
  const compute = (self: Tensor, target: Tensor | null, p: unknown, q: unknown): Tensor => {
    check?.(self, p, q);
    const numbers = parameters?.(p, q);
    return runUnary(name, loops, self, target, numbers?.[0], numbers?.[1]);
  };
  const forward = (self: Tensor, p?: unknown, q?: unknown): Tensor => compute(self, null, p, q);
  const run = (self: Tensor, p?: unknown, q?: unknown): Tensor => call1(program, forward, self, p, q);
  const inPlace = (self: Tensor, p?: unknown, q?: unknown): Tensor =>
    callInPlace(programInPlace, [self], [p, q], (target) => compute(target, target, p, q));
  return Object.assign(withFacts(run, program), { inPlace }) as never;
}

/** What the author of a binary op writes. */
export interface BinaryRecord<Rest extends unknown[]> {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string;
  /** The name of the node where the second operand is a number; default `gradName`. */
  readonly gradNameOfNumber?: string;
  /** PyTorch's name of an op that it refuses to differentiate; then there is no `backward`. */
  readonly refuses?: string;
  /** Whether the second operand may be a number. Default true. */
  readonly takesNumber?: boolean;
  /** The name of the second operand, for messages. Default `"other"`. */
  readonly otherName?: string;
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
): InPlaceOp<(self: Tensor, other: Tensor | NumberArgument, ...rest: Rest) => Tensor> {
  const { name, loops } = record;
  const check = record.check as ((self: Tensor, other: Tensor, p?: unknown) => void) | undefined;
  const parameter = record.parameter as ((p?: unknown) => number) | undefined;
  const forward = (self: Tensor, other: Tensor, p?: unknown): Tensor => {
    check?.(self, other, p);
    return runBinary(name, loops, self, other, null, parameter === undefined ? 0 : parameter(p));
  };
  const program = newProgram(refusing(record, ""), ["self", "other"]);
  const { gradNameOfNumber } = record;
  const ofNumber =
    gradNameOfNumber === undefined
      ? program
      : newProgram({ ...record, gradName: gradNameOfNumber }, ["self", "other"]);
  const isRefusing = record.refuses !== undefined;
  const programInPlace = isRefusing ? newProgram(refusing(record, "_"), ["self", "other"]) : program;
  const ofNumberInPlace = isRefusing ? programInPlace : ofNumber;
  const isOfTensors = record.takesNumber === false;
  const run = (self: Tensor, other: Tensor | NumberArgument, p?: unknown): Tensor => {
    const second = operand(name, other);
    if (isOfTensors) requireTensor(program.torch, second, record.otherName);
    return call2(second.isNumber ? ofNumber : program, forward, self, second, p);
  };
  const inPlace = (self: Tensor, other: Tensor | NumberArgument, p?: unknown): Tensor => {
    const second = operand(name, other);
    if (isOfTensors) requireTensor(`${program.torch}_`, second, record.otherName);
    return callInPlace(second.isNumber ? ofNumberInPlace : programInPlace, [self, second], [p], (target) => {
      check?.(target, second, p);
      runBinary(name, loops, target, second, target, parameter === undefined ? 0 : parameter(p));
    });
  };
  return Object.assign(withFacts(run, program), { inPlace }) as never;
}

const pythonTypes: Partial<Record<DTypeKind, string>> = { bool: "bool", int: "int", complex: "complex" };

/** Throws PyTorch's TypeError for a number where only a tensor is taken. */
function requireTensor(torchName: string, other: Tensor, name: string = "other"): void {
  if (!other.isNumber) return;
  const type = pythonTypes[other.dtype.kind] ?? "float";
  throw torchError(
    "TypeError",
    `${torchName}(): argument '${name}' (position 1) must be Tensor, not ${type}`,
  );
}

/**
 * An operand as a tensor.
 *
 * Throws: PyTorch's TypeError for what is neither tensor nor number.
 */
export function operand(name: string, value: Tensor | NumberArgument): Tensor {
  if (value instanceof Tensor) return value;
  if (isNumberArgument(value)) return numberTensor(value);
  if (isTensor(value)) return value;
  throw torchError(
    "TypeError",
    `${name}(): argument 'other' (position 1) must be Tensor, not ${pythonTypeName(value)}`,
  );
}

function newProgram(
  record: Pick<AnyRecord, "name" | "torch" | "samples"> & {
    readonly gradName?: unknown;
    readonly backward?: unknown;
  },
  inputs: readonly string[],
): Program {
  return new Program({ ...record, inputs } as AnyRecord);
}

/** What the author of a ternary op writes. */
export interface TernaryRecord<Names extends readonly string[], Rest extends unknown[]> {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string;
  /** The names of the three tensors. */
  readonly inputs: Names;
  readonly loops: Loops3;
  /** Checks beyond shapes and dtypes. */
  readonly check?: (a: Tensor, b: Tensor, c: Tensor, ...rest: Rest) => void;
  /** The number that the loops get as `p`. Default 0. */
  readonly parameter?: (...rest: Rest) => number;
  readonly backward?: { readonly [Name in Names[number]]?: Derivative<Names[number] | "output"> };
  readonly samples: () => readonly Sample[];
}

/** An op of three tensors that broadcast. */
export type Ternary<Rest extends unknown[] = []> = InPlaceOp<
  (a: Tensor, b: Tensor, c: Tensor, ...rest: Rest) => Tensor
>;

/** Makes an op of three tensors that broadcast and decide about the dtype together. */
export function ternary<const Names extends readonly string[], Rest extends unknown[] = []>(
  record: TernaryRecord<Names, Rest>,
): Ternary<Rest> {
  const { name, loops } = record;
  const check = record.check as ((a: Tensor, b: Tensor, c: Tensor, p?: unknown) => void) | undefined;
  const parameter = record.parameter as ((p?: unknown) => number) | undefined;
  const program = newProgram(record, record.inputs);
  const compute = (a: Tensor, b: Tensor, c: Tensor, target: Tensor | null, p: unknown): Tensor => {
    check?.(a, b, c, p);
    return runTernary(name, loops, a, b, c, [a, b, c], target, parameter?.(p));
  };
  const forward = (a: Tensor, b: Tensor, c: Tensor, p?: unknown): Tensor => compute(a, b, c, null, p);
  const run = (a: Tensor, b: Tensor, c: Tensor, p?: unknown): Tensor => call3(program, forward, a, b, c, p);
  const inPlace = (a: Tensor, b: Tensor, c: Tensor, p?: unknown): Tensor =>
    callInPlace(program, [a, b, c], [p], (target) => compute(target, b, c, target, p));
  return Object.assign(withFacts(run, program), { inPlace }) as never;
}
