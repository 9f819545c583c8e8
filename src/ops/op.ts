/**
 * What an op is: one record with a name, a forward function, the derivative of each input, and samples. From it come
 * the function, the Tensor method and its type, the in-place twin, the gradient check and the request for a golden.
 * How to write one is told in README.md beside this file.
 */

import type { Tensor } from "../tensor/tensor.ts";
import { call1, call2, call3, finish } from "./call.ts";
import type { Forward1, Forward2, Forward3, MaybeTensor } from "./call.ts";
import { Program, snakeCase } from "./program.ts";
import type { AnyRecord, Derivative, OpFacts, Rule } from "./program.ts";
import type { Sample } from "./samples.ts";

export { call1, call2, call3, callInPlace, isRecorded, setViewOrigin } from "./call.ts";
export type { Forward1, Forward2, Forward3, MaybeTensor } from "./call.ts";
export { OpNode, Program } from "./program.ts";
export type { AnyRecord, Derivative, OpFacts, Rule, RuleFacts } from "./program.ts";

/** Everything about an op that its author writes; `F` is the function as it is called. */
export interface OpRecord<Names extends readonly string[], F extends (...args: never[]) => Tensor> {
  /** The method's name. PyTorch's, in camelCase. */
  readonly name: string;
  /** What goldens call, where it is not the method of the name in snake_case: `"torch.addmm"`. */
  readonly torch?: string;
  /** The name of the graph node; default from the name: `"AddBackward0"`. May depend on the arguments. */
  readonly gradName?: string | ((...args: never[]) => string);
  /** The tensor arguments, which come first. */
  readonly inputs: Names;
  /** Whether the result is a view of the first input. */
  readonly isView?: boolean;
  /** Whether it takes complex tensors; then its samples are tried with them too. */
  readonly takesComplex?: boolean;
  /** Checks, computes, and gives the result. Never records. */
  readonly forward: F;
  /** The derivative of each input that has one. Ops whose result is not continuous have none. */
  readonly backward?: {
    readonly [Name in Names[number]]?: Derivative<Names[number] | "output">;
  };
  /**
   * Tensors among the plain arguments that the rules read, such as a list of indices: they are saved, so that a write
   * to them is noticed and a second pass refused.
   */
  readonly saveArguments?: (...args: never[]) => readonly Tensor[];
  /** Arguments with which the op is tried: gradient checks and goldens. */
  readonly samples: () => readonly Sample[];
}
/** An op as it is called: a function that carries its facts. */
export type Op<F> = F & { readonly op: OpFacts };

/** An op with an in-place twin: `add` has `add_`. */
export type InPlaceOp<F> = Op<F> & { readonly inPlace: F };

/** Declares which tensors a rule needs. */
export function needs<const Saved extends string, Args extends unknown[]>(
  names: readonly Saved[],
  rule: Rule<Saved, Args>,
): Derivative<Saved> {
  return { needs: names, rule: rule as unknown as Rule<never, never> };
}

/** Declares a rule that needs no tensor to be saved. */
export function needsNothing<Args extends unknown[]>(rule: Rule<never, Args>): Derivative<never> {
  return { needs: [], rule: rule as unknown as Rule<never, never> };
}
/**
 * Makes an op from its record.
 *
 * @example
 * export const mm: Op<(self: Tensor, mat2: Tensor) => Tensor> = op({ name: "mm", inputs: ["self", "mat2"], … });
 */
export function op<const Names extends readonly string[], F extends (...args: never[]) => Tensor>(
  record: OpRecord<Names, F>,
): Op<F> {
  const program = new Program(record as unknown as AnyRecord);
  return withFacts(callable(program, record.forward as unknown as Forward1) as unknown as F, program);
}

/** The function that runs a program, for its number of tensors. */
function callable(program: Program, forward: Forward1): (...args: never[]) => Tensor {
  switch (program.inputs.length) {
    case 1:
      return (self: Tensor, p?: unknown, q?: unknown, r?: unknown, s?: unknown) =>
        call1(program, forward, self, p, q, r, s);
    case 2:
      return (a: Tensor, b: Tensor, p?: unknown, q?: unknown) =>
        call2(program, forward as Forward2, a, b, p, q);
    case 3:
      return (a: Tensor, b: Tensor, c: Tensor, p?: unknown, q?: unknown) =>
        call3(program, forward as Forward3, a, b, c, p, q);
    default:
      return (...args: unknown[]) => {
        const output = (forward as unknown as (...args: unknown[]) => Tensor)(...args);
        const { length } = program.inputs;
        return finish(program, output, args.slice(0, length) as MaybeTensor[], args.slice(length));
      };
  }
}

/** Lets a function carry the facts of its op. */
export function withFacts<F extends object>(run: F, facts: OpFacts): F & { readonly op: OpFacts } {
  return Object.defineProperty(run, "op", { value: facts }) as F & { readonly op: OpFacts };
}

/**
 * Makes an op that is composed of others: it has samples, a method and goldens, and no node of its own.
 */
export function composed<F extends (...args: never[]) => unknown>(
  facts: Pick<OpFacts, "name" | "samples"> & Partial<OpFacts>,
  run: F,
): Op<F> {
  return withFacts(run, {
    name: facts.name,
    torch: facts.torch ?? snakeCase(facts.name),
    inputs: ["self"],
    isView: facts.isView ?? false,
    isDifferentiable: facts.isDifferentiable ?? true,
    isVariadic: facts.isVariadic ?? false,
    takesComplex: facts.takesComplex ?? false,
    samples: facts.samples,
  });
}
