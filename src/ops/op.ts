/**
 * What an op is: one record with a name, a forward function, the derivative of each input, and samples. From it come
 * the function, the Tensor method and its type, the in-place twin, the gradient check and the request for a golden.
 * How to write one is told in README.md beside this file.
 */

import { gradMode } from "../autograd/grad-mode.ts";
import { checkInPlace, gradientNodeOf, rebaseHistory, requiresGrad } from "../autograd/history.ts";
import { Node, changedError, releasedError } from "../autograd/node.ts";
import type { Gradients, OutputFacts } from "../autograd/node.ts";
import type { DType } from "../dtype.ts";
import { internal } from "../errors.ts";
import type { Size } from "../shape.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensorLike } from "../tensor/tensor.ts";
import type { Sample } from "./samples.ts";

/** What a rule sees beside the gradient: the saved tensors it asked for, by name, and what it is to return. */
export type RuleFacts<Saved extends string> = Readonly<Record<Saved, Tensor>> & {
  /** The shape of the input whose gradient is computed. */
  readonly shape: Size;
  /** The dtype of the input whose gradient is computed. */
  readonly dtype: DType;
  /** How the input lies in memory; a gradient that lies alike spares a copy. */
  readonly strides: readonly number[];
};

/** The gradient of one input; `args` are the op's arguments after the tensors. */
export type Rule<Saved extends string, Args extends unknown[]> = (
  gradient: Tensor,
  facts: RuleFacts<Saved>,
  ...args: Args
) => Tensor | null;

/** A rule and the tensors that it needs to be saved: names of inputs, or `"output"`. */
export interface Derivative<Saved extends string> {
  readonly needs: readonly Saved[];
  readonly rule: Rule<never, never>;
}

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
  /** Checks, computes, and gives the result. Never records. */
  readonly forward: F;
  /** The derivative of each input that has one. Ops whose result is not continuous have none. */
  readonly backward?: {
    readonly [Name in Names[number]]?: Derivative<Names[number] | "output">;
  };
  /** Arguments with which the op is tried: gradient checks and goldens. */
  readonly samples: () => readonly Sample[];
}

/** What can be asked of a finished op. */
export interface OpFacts {
  readonly name: string;
  readonly torch: string;
  readonly inputs: readonly string[];
  readonly isView: boolean;
  readonly isDifferentiable: boolean;
  /** Whether it takes any number of arguments: `view(2, 3, 4, 5, 6, 7)`. */
  readonly isVariadic: boolean;
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

/** A record of which only the names matter. */
export interface AnyRecord {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string | ((...args: never[]) => string);
  readonly inputs: readonly string[];
  readonly isView?: boolean;
  readonly backward?: { readonly [name: string]: Derivative<string> | undefined } | undefined;
  readonly samples: () => readonly Sample[];
}

type AnyRule = (gradient: Tensor, facts: RuleContext, ...args: unknown[]) => Tensor | null;

/** A record made ready to run: names turned into positions. */
export class Program implements OpFacts {
  readonly name: string;
  readonly torch: string;
  readonly inputs: readonly string[];
  readonly isView: boolean;
  readonly isDifferentiable: boolean;
  readonly isVariadic: boolean = false;
  readonly samples: () => readonly Sample[];
  readonly gradName: string | ((...args: never[]) => string);
  /** By input: its rule, null where it has none. */
  readonly rules: readonly (AnyRule | null)[];
  /** By input: the saved slots its rule needs, as bits; slot `inputs.length` is the output. */
  readonly slots: readonly number[];
  /** The context class whose getters are the names of the slots. */
  readonly Context: new (node: OpNode) => RuleContext;

  constructor(record: AnyRecord) {
    const { name, inputs, backward } = record;
    this.name = name;
    this.torch = record.torch ?? snakeCase(name);
    this.inputs = inputs;
    this.isView = record.isView ?? false;
    this.isDifferentiable = backward !== undefined;
    this.samples = record.samples;
    this.gradName = record.gradName ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`;
    const derivatives = inputs.map((input) => backward?.[input] ?? null);
    const names = [...inputs, "output"];
    this.rules = derivatives.map(
      (derivative) => (derivative?.rule as unknown as AnyRule | undefined) ?? null,
    );
    this.slots = derivatives.map((derivative) =>
      (derivative?.needs ?? []).reduce((bits, needed) => {
        if (!names.includes(needed)) throw internal(`${name} has no tensor "${needed}" to save`);
        return bits | (1 << names.indexOf(needed));
      }, 0),
    );
    this.Context = contextClass(names);
  }
}

/** What rules get as facts: looks the saved tensors up, by name, when they are read. */
class RuleContext {
  declare readonly node: OpNode;
  /** The input whose rule is running. */
  declare input: number;

  constructor(node: OpNode) {
    this.node = node;
    this.input = 0;
  }

  get shape(): Size {
    return this.node.inputFacts(this.input).shape;
  }

  get dtype(): DType {
    return this.node.inputFacts(this.input).dtype;
  }

  get strides(): readonly number[] {
    return this.node.inputFacts(this.input).strides;
  }
}

function contextClass(names: readonly string[]): new (node: OpNode) => RuleContext {
  const Context = class extends RuleContext {};
  names.forEach((name, slot) => {
    Object.defineProperty(Context.prototype, name, {
      get(this: RuleContext): Tensor {
        return this.node.unpack(slot);
      },
    });
  });
  return Context;
}

const noArguments: readonly unknown[] = [];

/** The graph node of every op that is a record. */
export class OpNode extends Node {
  declare readonly name: string;
  declare readonly program: Program;
  declare readonly args: readonly unknown[];
  /** By slot, null where no rule needs it; null as a whole once released. */
  saved: (Tensor | null)[] | null;
  /** By slot: the version when it was saved. */
  declare readonly versions: number[];
  declare isReleased: boolean;

  constructor(
    program: Program,
    next: readonly (Node | null)[],
    nextOutput: readonly number[],
    args: readonly unknown[],
    shape: Size,
    dtype: DType,
    strides: readonly number[],
  ) {
    super(next, nextOutput, shape, dtype, strides);
    this.saved = null;
    this.versions = [];
    this.isReleased = false;
    const { gradName } = program;
    this.name = typeof gradName === "string" ? gradName : gradName(...(args as never[]));
    this.program = program;
    this.args = args;
  }

  inputFacts(input: number): OutputFacts {
    return this.next[input]!.outputFacts(this.nextOutput[input]!);
  }

  /** A saved tensor, if it is still what it was. */
  unpack(slot: number): Tensor {
    if (this.isReleased) throw releasedError();
    const tensor = this.saved?.[slot];
    if (tensor === null || tensor === undefined) throw internal(`${this.name} did not save slot ${slot}`);
    const expected = this.versions[slot]!;
    if (tensor.version.value !== expected) throw changedError(tensor, expected);
    return tensor;
  }

  override apply(gradients: Gradients): Gradients {
    if (this.isReleased) throw releasedError();
    const { next, program } = this;
    const gradient = gradients[0] ?? null;
    const results: Gradients = [];
    if (gradient === null) {
      for (let k = 0; k < next.length; k++) results.push(null);
      return results;
    }
    const context = new program.Context(this);
    const [p, q, r, s] = this.args;
    for (let k = 0; k < next.length; k++) {
      if (next[k] === null) results.push(null);
      else {
        context.input = k;
        results.push(program.rules[k]!(gradient, context, p, q, r, s));
      }
    }
    return results;
  }

  override release(): void {
    if (this.saved === null) return;
    this.saved = null;
    this.isReleased = true;
  }
}

/** The names of tensors that a call was given, undefined or null where an optional one was left out. */
export type MaybeTensor = Tensor | null | undefined;

/** Whether a call is to be recorded. */
export function isRecorded(program: Program, inputs: readonly MaybeTensor[]): boolean {
  if (!gradMode.recording || !program.isDifferentiable) return false;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k];
    if (input !== null && input !== undefined && requiresGrad(input)) return true;
  }
  return false;
}

/**
 * Makes the node of a call from the facts of its output, and saves what the rules need of the inputs. Takes over
 * `inputs`. `written` says that input 0 is about to be written in place: then its former value is saved as a copy.
 */
function newNode(
  program: Program,
  inputs: MaybeTensor[],
  args: readonly unknown[],
  output: OutputFacts,
  written: boolean,
): OpNode {
  const next: (Node | null)[] = [];
  const nextOutput: number[] = [];
  let slots = 0;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k];
    const node =
      input === null || input === undefined || program.rules[k] === null ? null : gradientNodeOf(input);
    next.push(node);
    nextOutput.push(node === null ? 0 : input!.outputNumber);
    if (node !== null) slots |= program.slots[k]!;
  }
  const node = new OpNode(program, next, nextOutput, args, output.shape, output.dtype, output.strides);
  if (slots === 0) return node;
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k];
    if ((slots & (1 << k)) === 0 || input === null || input === undefined) {
      inputs[k] = null;
      node.versions.push(0);
    } else {
      const kept = written && k === 0 ? formerValue(input) : input;
      inputs[k] = kept;
      node.versions.push(kept.version.value);
    }
  }
  if ((slots & (1 << inputs.length)) !== 0) {
    inputs.push(null);
    node.versions.push(0);
  }
  node.saved = inputs as (Tensor | null)[];
  return node;
}

/** Makes the node the output's maker, and saves the output if a rule needs it. */
function attach(node: OpNode, output: Tensor): void {
  const { saved, program } = node;
  const slot = program.inputs.length;
  if (saved !== null && saved.length > slot) {
    saved[slot] = output;
    node.versions[slot] = output.version.value;
  }
}

/** A copy with the same history, for what an in-place write is about to change. */
function formerValue(self: Tensor): Tensor {
  const copy = newTensorLike(self, self.dtype);
  scatterItems(denseItems(self), copy);
  copy.node = gradientNodeOf(self);
  copy.outputNumber = self.outputNumber;
  return copy;
}

function finish(program: Program, output: Tensor, inputs: MaybeTensor[], args: readonly unknown[]): Tensor {
  const first = inputs[0];
  // Integers and bools have no gradient, also where they were computed from what has.
  const { kind } = output.dtype;
  if ((kind === "float" || kind === "complex") && isRecorded(program, inputs)) {
    const node = newNode(program, inputs, args, output, false);
    output.node = node;
    attach(node, output);
  }
  if (program.isView && first !== null && first !== undefined) setViewOrigin(output, first);
  return output;
}

/** A view of a view that may not be written may not be written either. */
export function setViewOrigin(output: Tensor, self: Tensor): void {
  if (self.viewOrigin !== "single") output.viewOrigin = self.viewOrigin;
  else if (!gradMode.recording) output.viewOrigin = "no-grad";
}

/** Runs an op of one tensor. These three spell the arguments out, as rest arguments and their arrays cost time. */
export function call1(
  program: Program,
  forward: Forward1,
  self: Tensor,
  p?: unknown,
  q?: unknown,
  r?: unknown,
  s?: unknown,
): Tensor {
  const output = forward(self, p, q, r, s);
  if (!gradMode.recording && !program.isView) return output;
  return finish(program, output, [self], p === undefined ? noArguments : [p, q, r, s]);
}

/** Runs an op of two tensors. */
export function call2(
  program: Program,
  forward: Forward2,
  self: Tensor,
  other: Tensor,
  p?: unknown,
  q?: unknown,
): Tensor {
  const output = forward(self, other, p, q);
  if (!gradMode.recording) return output;
  return finish(program, output, [self, other], p === undefined ? noArguments : [p, q]);
}

/** Runs an op of three tensors. */
export function call3(
  program: Program,
  forward: Forward3,
  a: Tensor,
  b: Tensor,
  c: Tensor,
  p?: unknown,
  q?: unknown,
): Tensor {
  const output = forward(a, b, c, p, q);
  if (!gradMode.recording) return output;
  return finish(program, output, [a, b, c], p === undefined ? noArguments : [p, q]);
}

/** A forward function of one tensor. */
export type Forward1 = (self: Tensor, p?: unknown, q?: unknown, r?: unknown, s?: unknown) => Tensor;
/** A forward function of two tensors. */
export type Forward2 = (self: Tensor, other: Tensor, p?: unknown, q?: unknown) => Tensor;
/** A forward function of three tensors. */
export type Forward3 = (a: Tensor, b: Tensor, c: Tensor, p?: unknown, q?: unknown) => Tensor;

/**
 * Runs an op in place: checks that the graph allows it, lets `write` write the result into input 0, counts the write
 * and rewrites history. `write` may throw before it has changed anything.
 */
export function callInPlace(
  program: Program,
  inputs: MaybeTensor[],
  args: readonly unknown[],
  write: (self: Tensor) => void,
): Tensor {
  const self = inputs[0]!;
  const recorded = isRecorded(program, inputs);
  checkInPlace(self, recorded);
  const node = recorded ? newNode(program, inputs, args, self, true) : null;
  write(self);
  self.version.value++;
  if (node !== null) {
    rebaseHistory(self, node);
    attach(node, self);
  }
  return self;
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
    samples: facts.samples,
  });
}

/** `maskedFill` as PyTorch spells it. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
