/**
 * Custom functions: a forward and a backward written by the user, as one node of the graph. PyTorch's
 * `torch.autograd.Function`.
 */

import { UsageError, torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor, viewOf } from "../tensor/tensor.ts";
import { arithmetic } from "./arithmetic.ts";
import { keepCuts, noGradNorNotes, noteCuts } from "./cut.ts";
import { gradMode } from "./grad-mode.ts";
import {
  changedError,
  gradFnOf,
  gradientNodeOf,
  pythonTypeName,
  rebaseHistory,
  requiresGrad,
} from "./history.ts";
import type { Gradients } from "./node.ts";
import { Node, releasedError } from "./node.ts";

/**
 * What a custom function keeps between forward and backward. Tensors go through `saveForBackward`, everything else into
 * fields of any name.
 */
export class FunctionContext {
  /** Whatever the function wants to remember: `ctx.alpha = alpha`. */
  [name: string]: unknown;
  readonly #needsInputGrad: readonly boolean[];
  #saved: readonly (Tensor | null)[] = [];
  #versions: readonly number[] = [];
  #isReleased = false;
  #dirty: readonly Tensor[] = [];
  #notDifferentiable: readonly Tensor[] = [];
  #materializesGrads = true;
  /** By saved tensor: the node, where it is an output of it. */
  #makers: readonly (FunctionNode | null)[] = [];

  constructor(needsInputGrad: readonly boolean[]) {
    this.#needsInputGrad = needsInputGrad;
  }

  /** By argument of `apply`: whether its gradient is wanted. */
  get needsInputGrad(): readonly boolean[] {
    return this.#needsInputGrad;
  }

  /**
   * Keeps tensors for `backward`, where `savedTensors` gives them back.
   *
   * Throws: PyTorch's TypeError for what is neither tensor nor null.
   */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    tensors.forEach((tensor: unknown, place) => {
      if (tensor === null || isTensor(tensor)) return;
      throw torchError(
        "TypeError",
        `save_for_backward can only save variables, but argument ${place} is of type ${pythonTypeName(tensor)}`,
      );
    });
    this.#saved = tensors;
  }

  /**
   * What was saved.
   *
   * Throws: PyTorch's RuntimeErrors where a saved tensor was written since, and once the graph was used up.
   */
  get savedTensors(): readonly (Tensor | null)[] {
    if (this.#isReleased) throw releasedError();
    this.#saved.forEach((tensor, place) => {
      const expected = this.#versions[place];
      if (tensor !== null && expected !== undefined && tensor.version.value !== expected) {
        throw changedError(tensor, expected, this.#makers[place] ?? null);
      }
    });
    return this.#saved;
  }

  /** Says in `forward` which arguments it wrote in place; they have to be returned. */
  markDirty(...tensors: Tensor[]): void {
    this.#dirty = tensors;
  }

  /** Says in `forward` which outputs have no gradient. Those that are not floats never have one. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.#notDifferentiable = tensors;
  }

  /** Whether `backward` gets zeros for outputs that had no gradient, else null. Default true. */
  setMaterializeGrads(value: boolean): void {
    this.#materializesGrads = value;
  }

  /** What the function said of itself, for the node. */
  static facts(context: FunctionContext): {
    readonly dirty: readonly Tensor[];
    readonly notDifferentiable: readonly Tensor[];
    readonly materializesGrads: boolean;
  } {
    return {
      dirty: context.#dirty,
      notDifferentiable: context.#notDifferentiable,
      materializesGrads: context.#materializesGrads,
    };
  }

  /** Notes the versions of what was saved: at the end of `forward`. */
  static seal(context: FunctionContext, node: FunctionNode): void {
    context.#makers = context.#saved.map((tensor) => (tensor?.node === node ? node : null));
    context.#versions = context.#saved.map((tensor) => tensor?.version.value ?? 0);
  }

  /** Forgets what was saved. */
  static release(context: FunctionContext): void {
    if (context.#saved.length === 0) return;
    context.#saved = [];
    context.#isReleased = true;
  }
}

/** The static side of a custom function, as `apply` needs it. */
export interface FunctionClass {
  readonly name: string;
  forward(...args: never[]): unknown;
  backward(context: FunctionContext, ...gradients: never[]): unknown;
}

/** The arguments of `apply`: those of `forward`, without the context where `setupContext` gets it. */
export type ApplyArguments<F extends FunctionClass> = F extends { setupContext: unknown }
  ? Parameters<F["forward"]>
  : Parameters<F["forward"]> extends [unknown, ...infer Rest]
    ? Rest
    : [];

type AnyFunction = {
  readonly name: string;
  forward(...args: unknown[]): unknown;
  backward(context: FunctionContext, ...gradients: unknown[]): unknown;
  setupContext?(context: FunctionContext, inputs: readonly unknown[], output: unknown): void;
};

class FunctionNode extends Node {
  readonly name: string;
  readonly #function: AnyFunction;
  readonly #context: FunctionContext;
  /** By argument of the call: which of `next` it is, -1 for what is no tensor. */
  readonly #places: readonly number[];

  constructor(
    made: AnyFunction,
    context: FunctionContext,
    args: readonly unknown[],
    outputs: readonly Tensor[],
  ) {
    const inputs = args.filter(isTensor);
    const [first] = outputs;
    super(
      inputs.map(gradientNodeOf),
      inputs.map((input) => input.outputNumber),
      first!.shape,
      first!.dtype,
      first!.strides,
    );
    if (outputs.length > 1) {
      this.moreOutputs = outputs.slice(1).map(({ shape, dtype, strides }) => ({ shape, dtype, strides }));
    }
    this.name = `${made.name}Backward`;
    this.#function = made;
    this.#context = context;
    let place = 0;
    this.#places = args.map((argument) => (isTensor(argument) ? place++ : -1));
  }

  override apply(gradients: Gradients): Gradients {
    const { materializesGrads } = FunctionContext.facts(this.#context);
    const given = Array.from({ length: this.outputCount }, (_, output) => {
      const gradient = gradients[output] ?? null;
      return gradient === null && materializesGrads ? arithmetic().zeros(this.outputFacts(output)) : gradient;
    });
    return this.#checked(this.#function.backward(this.#context, ...given));
  }

  /** What `backward` returned, as gradients of the tensors among the arguments. */
  #checked(returned: unknown): Gradients {
    const results: unknown[] = Array.isArray(returned) ? returned.slice() : [returned];
    const places = this.#places;
    // PyTorch forgives nulls at the end that belong to no argument.
    while (results.length > places.length && (results.at(-1) ?? null) === null) results.pop();
    if (results.length !== places.length) {
      throw torchError(
        "RuntimeError",
        `function ${this.name} returned an incorrect number of gradients (expected ${places.length}, got ${results.length})`,
      );
    }
    const checked: Gradients = this.next.map(() => null);
    results.forEach((result, argument) => {
      if (result === null || result === undefined) return;
      const place = places[argument]!;
      if (place < 0) {
        throw torchError(
          "RuntimeError",
          `function ${this.name} returned a gradient different than None at position ${argument + 1}, but the corresponding forward input was not a Variable`,
        );
      }
      if (!isTensor(result)) {
        throw torchError("RuntimeError", `expected Variable or None (got ${pythonTypeName(result)})`);
      }
      checked[place] = result;
    });
    return checked;
  }

  override release(): void {
    FunctionContext.release(this.#context);
  }
}

function hasGradient({ dtype }: Tensor): boolean {
  return dtype.kind === "float" || dtype.kind === "complex";
}

/** Makes the node the maker of an argument that `forward` wrote. */
function rebase(output: Tensor, node: FunctionNode, number: number, args: readonly unknown[]): void {
  if (output.collectsGradient && gradFnOf(output) === null) {
    throw torchError(
      "RuntimeError",
      "a leaf Variable that requires grad has been used in an in-place operation.",
    );
  }
  if (output.base !== null && node.outputCount > 1) {
    throw torchError(
      "RuntimeError",
      "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change.",
    );
  }
  if (output.base !== null && args.find(isTensor) !== output) {
    throw new UsageError(
      "writing a view in place in a custom function: found it among later arguments, expected it as the first tensor",
      { code: "function-dirty-view", torchType: "RuntimeError" },
    );
  }
  rebaseHistory(output, node);
  if (output.base === null) output.outputNumber = number;
}

/** An output as the caller gets it, with the node as its maker. */
function attached(output: Tensor, node: FunctionNode, number: number, isInput: boolean): Tensor {
  let made = output;
  // An argument that comes back as it is, and a tensor that has a history, keep theirs: the caller gets a view.
  if (isInput || output.node !== null || output.collectsGradient) {
    made = viewOf(output, output.shape, output.strides, output.offset);
  }
  made.node = node;
  made.outputNumber = number;
  if (made.base !== null) {
    made.viewOrigin = "custom-function";
    made.nodeVersion = made.version.value;
  }
  return made;
}

function applied(made: AnyFunction, args: readonly unknown[]): unknown {
  const needs = args.map((argument) => isTensor(argument) && requiresGrad(argument));
  const isRecorded = gradMode.recording && needs.includes(true);
  const context = new FunctionContext(needs);
  const result = noGradNorNotes(() => {
    if (made.setupContext === undefined) return made.forward(context, ...args);
    const output = made.forward(...args);
    made.setupContext(context, args, output);
    return output;
  });
  const isList = Array.isArray(result);
  const outputs: unknown[] = isList ? (result as unknown[]) : [result];
  const { dirty, notDifferentiable } = FunctionContext.facts(context);
  if (dirty.some((tensor) => !outputs.includes(tensor))) {
    throw torchError(
      "RuntimeError",
      "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
    );
  }
  for (const tensor of dirty) tensor.version.value++;
  const tensors = outputs.filter(isTensor);
  if (!isRecorded || tensors.length === 0) return result;
  const node = new FunctionNode(made, context, args, tensors);
  const inputs = args.filter(isTensor);
  keepCuts(node, inputs);
  const given = outputs.map((output) => {
    if (!isTensor(output)) return output;
    if (!hasGradient(output) || notDifferentiable.includes(output)) {
      noteCuts(output, inputs);
      return output;
    }
    const number = tensors.indexOf(output);
    if (!dirty.includes(output)) return attached(output, node, number, args.includes(output));
    rebase(output, node, number, args);
    return output;
  });
  FunctionContext.seal(context, node);
  return isList ? given : given[0];
}

/**
 * The base of custom functions: subclasses give a static `forward` and `backward`, and are called by `apply`.
 *
 * `forward` gets a context and the arguments, computes without recording, and returns a tensor or a list. `backward`
 * gets the context and one gradient for each output, and returns one gradient for each argument: a list, or a bare one;
 * null where there is none. With a static `setupContext(ctx, inputs, output)`, `forward` gets the arguments alone.
 *
 * @example
 * class Exp extends AutogradFunction {
 *   static override forward(ctx: FunctionContext, x: Tensor): Tensor {
 *     const y = x.exp();
 *     ctx.saveForBackward(y);
 *     return y;
 *   }
 *   static override backward(ctx: FunctionContext, gradient: Tensor): Tensor {
 *     return gradient.mul(ctx.savedTensors[0]!);
 *   }
 * }
 * Exp.apply(ones(2, { requiresGrad: true })).gradFn?.name; // "ExpBackward"
 */
export class AutogradFunction {
  /** Computes. Throws: PyTorch's NotImplementedError where a subclass has none. */
  static forward(..._args: never[]): unknown {
    throw torchError(
      "NotImplementedError",
      "You must implement the forward function for custom autograd.Function.",
    );
  }

  /** Differentiates. Throws: PyTorch's NotImplementedError where a subclass has none. */
  static backward(_context: FunctionContext, ..._gradients: never[]): unknown {
    throw torchError(
      "NotImplementedError",
      "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.",
    );
  }

  /**
   * Calls the function and records it.
   *
   * Throws: PyTorch's RuntimeErrors for what `forward` marked wrongly; later, in the backward pass, for wrong numbers
   * and kinds of gradients.
   */
  static apply<F extends FunctionClass>(this: F, ...args: ApplyArguments<F>): ReturnType<F["forward"]> {
    return applied(this as unknown as AnyFunction, args as readonly unknown[]) as ReturnType<F["forward"]>;
  }
}
