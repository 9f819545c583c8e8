/**
 * An op's record made ready to run, and the graph node of a call of it: what is saved, and how the rules get at it.
 */

import { changedError } from "../autograd/history.ts";
import { Node, releasedError } from "../autograd/node.ts";
import type { Gradients, OutputFacts } from "../autograd/node.ts";
import type { DType } from "../dtype.ts";
import { internal } from "../errors.ts";
import type { Size } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
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
/** What can be asked of a finished op. */
export interface OpFacts {
  readonly name: string;
  readonly torch: string;
  readonly inputs: readonly string[];
  readonly isView: boolean;
  readonly isDifferentiable: boolean;
  /** Whether it takes any number of arguments: `view(2, 3, 4, 5, 6, 7)`. */
  readonly isVariadic: boolean;
  /** Whether its samples are tried with complex tensors too. */
  readonly takesComplex: boolean;
  readonly samples: () => readonly Sample[];
}

/** A record of which only the names matter. */
export interface AnyRecord {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string | ((...args: never[]) => string);
  readonly inputs: readonly string[];
  readonly isView?: boolean;
  readonly takesComplex?: boolean;
  /** Of a maker: it takes complex tensors where it has a loop for them. */
  readonly loops?: { readonly complex?: unknown };
  readonly backward?: { readonly [name: string]: Derivative<string> | undefined } | undefined;
  readonly saveArguments?: ((...args: never[]) => readonly Tensor[]) | undefined;
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
  readonly takesComplex: boolean;
  readonly samples: () => readonly Sample[];
  readonly gradName: string | ((...args: never[]) => string);
  /** By input: its rule, null where it has none. */
  readonly rules: readonly (AnyRule | null)[];
  /** By input: the saved slots its rule needs, as bits; slot `inputs.length` is the output. */
  readonly slots: readonly number[];
  /** Whether a rule needs the output. */
  readonly savesOutput: boolean;
  /** Tensors among the plain arguments that are saved too; see `OpRecord`. */
  readonly saveArguments: ((...args: never[]) => readonly Tensor[]) | null;
  /** The context class whose getters are the names of the slots. */
  readonly Context: new (node: OpNode) => RuleContext;

  constructor(record: AnyRecord) {
    const { name, inputs, backward } = record;
    this.name = name;
    this.torch = record.torch ?? snakeCase(name);
    this.inputs = inputs;
    this.isView = record.isView ?? false;
    this.isDifferentiable = backward !== undefined;
    this.takesComplex = record.takesComplex ?? record.loops?.complex !== undefined;
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
    this.savesOutput = this.slots.some((bits) => (bits & (1 << inputs.length)) !== 0);
    this.saveArguments = record.saveArguments ?? null;
    this.Context = contextClass(names);
  }
}

/** What rules get as facts: looks the saved tensors up, by name, when they are read. */
class RuleContext {
  declare readonly node: OpNode;
  /** The position of the input whose rule is running; the getters of `contextClass` have the other names. */
  declare inputNumber: number;

  constructor(node: OpNode) {
    this.node = node;
    this.inputNumber = 0;
  }

  get shape(): Size {
    return this.node.inputFacts(this.inputNumber).shape;
  }

  get dtype(): DType {
    return this.node.inputFacts(this.inputNumber).dtype;
  }

  get strides(): readonly number[] {
    return this.node.inputFacts(this.inputNumber).strides;
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
    if (tensor.version.value !== expected) {
      throw changedError(tensor, expected, slot === this.program.inputs.length ? this : null);
    }
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
    if (program.saveArguments !== null) this.checkArguments();
    const context = new program.Context(this);
    const [p, q, r, s] = this.args;
    for (let k = 0; k < next.length; k++) {
      if (next[k] === null) results.push(null);
      else {
        context.inputNumber = k;
        results.push(program.rules[k]!(gradient, context, p, q, r, s));
      }
    }
    return results;
  }

  /** Throws where a saved argument was changed since. */
  private checkArguments(): void {
    for (let slot = this.program.inputs.length + 1; slot < this.versions.length; slot++) this.unpack(slot);
  }

  override release(): void {
    if (this.saved === null) return;
    this.saved = null;
    this.isReleased = true;
  }
}
/** `maskedFill` as PyTorch spells it. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
