/**
 * The graph: nodes, the edges between them, what they save, and the hooks on them. How a node computes is its
 * subclass's business; in which order nodes run is the engine's.
 */

import { anomalyMode, traceNode } from "./anomaly-mode.ts";
import type { DType } from "../dtype.ts";
import { internal, torchError } from "../errors.ts";
import { shared } from "../shared.ts";
import type { Size } from "../shape.ts";
import type { GradFn, Tensor } from "../tensor/tensor.ts";

/** A function that sees a gradient and may return another one for it. */
export type TensorHook = (gradient: Tensor) => Tensor | null | undefined | void;

/** Gradients by position; null where there is none. */
export type Gradients = (Tensor | null)[];

/** What one backward pass knows of a node while it lasts; see Note [passes] in engine.ts. */
export interface PassState {
  readonly pass: object;
  /** Edges into the node that have not delivered yet. */
  pending: number;
  /** Whether the pass wants what lies behind this node. */
  isNeeded: boolean;
  /** The gradients of its outputs that have arrived, summed. */
  readonly gradients: Gradients;
  /** The state of the pass within which this pass runs. */
  readonly outer: PassState | null;
}

/** The shape and dtype of one output, to which its gradient must fit. */
export interface OutputFacts {
  readonly shape: Size;
  /** How it lies in memory: a gradient that lies alike need not be copied when it arrives at a leaf. */
  readonly strides: readonly number[];
  readonly dtype: DType;
}

/** The numbers that the next node and the next handle of a hook get. */
const numbers: { sequence: number; handle: number } = shared("graphNumbers", () => ({
  sequence: 1,
  handle: 0,
}));

/** The sequence of the node that will be made next: a clock that tells what came before what. */
export function sequenceNow(): number {
  return numbers.sequence;
}

/** Marks nodes of any copy of this package. */
const brand = Symbol.for("parascope.node");

/** A step of the computation, seen backwards: takes the gradients of its outputs, gives those of its inputs. */
export abstract class Node implements GradFn {
  // See Note [declared fields] in tensor/tensor.ts.
  abstract readonly name: string;
  /** Rises with every node made, so what uses a node's output has a greater one. */
  declare readonly sequence: number;
  /** For each input the node that made it; null where no gradient is wanted. */
  readonly next: readonly (Node | null)[];
  /** For each input which output of that node it is. */
  declare readonly nextOutput: readonly number[];
  /** The facts of output 0, and of the others where there are any. */
  declare shape: Size;
  declare dtype: DType;
  declare strides: readonly number[];
  declare moreOutputs: OutputFacts[] | null;
  /** Hooks on the gradient of an output, in order; see `HookList`. */
  declare outputHooks: Map<number, OutputHooks> | null;
  declare state: PassState | null;
  /** Of a history that was dropped; see Note [cuts] in cut.ts. */
  declare cut: object | null;

  constructor(
    next: readonly (Node | null)[],
    nextOutput: readonly number[],
    shape: Size,
    dtype: DType,
    strides: readonly number[],
    sequence: number = numbers.sequence++,
  ) {
    this.sequence = sequence;
    this.next = next;
    this.nextOutput = nextOutput;
    this.shape = shape;
    this.dtype = dtype;
    this.strides = strides;
    this.moreOutputs = null;
    this.outputHooks = null;
    this.state = null;
    this.cut = null;
    if (anomalyMode.isOn) traceNode(this);
  }

  /** The gradients of the inputs from those of the outputs. */
  abstract apply(gradients: Gradients): Gradients;

  /** Forgets what was saved for `apply`. */
  release(): void {}

  get outputCount(): number {
    return this.moreOutputs === null ? 1 : this.moreOutputs.length + 1;
  }

  /** Shape and dtype of an output. */
  outputFacts(output: number): OutputFacts {
    return output === 0 ? this : this.moreOutputs![output - 1]!;
  }

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  get nextFunctions(): readonly (readonly [GradFn | null, number])[] {
    return this.next.map((node, k) => [node, this.nextOutput[k]!] as const);
  }

  /** The hooks of one output, made when first asked for. */
  hooksOf(output: number): OutputHooks {
    this.outputHooks ??= new Map();
    let hooks = this.outputHooks.get(output);
    if (hooks === undefined) {
      hooks = { hooks: new Map(), retainedBy: null };
      this.outputHooks.set(output, hooks);
    }
    return hooks;
  }
}

/** What happens to the gradient of one output before its node sees it. */
export interface OutputHooks {
  /** By handle number, in the order of registration. */
  readonly hooks: Map<number, TensorHook>;
  /** The tensor that asked, by `retainGrad`, to be given the gradient. */
  retainedBy: Tensor | null;
}

/** Removes a hook that was registered. */
export class HookHandle {
  readonly #hooks: Map<number, unknown>;
  readonly #number: number;

  constructor(hooks: Map<number, unknown>, hook: unknown) {
    this.#hooks = hooks;
    this.#number = numbers.handle++;
    hooks.set(this.#number, hook);
  }

  /** Removes the hook; doing so twice does nothing. */
  remove(): void {
    this.#hooks.delete(this.#number);
  }
}

/** The error of visiting a node whose saved tensors are gone. */
export function releasedError(): Error {
  return torchError(
    "RuntimeError",
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
  );
}

/** Whether a value is a node, of this or another copy of the package. */
export function isNode(value: unknown): value is Node {
  return value instanceof Node || (typeof value === "object" && value !== null && brand in value);
}

/** The graph node behind what a tensor shows as its `gradFn`. */
export function asNode(gradFn: GradFn | null): Node | null {
  if (gradFn === null || isNode(gradFn)) return gradFn;
  throw internal(`a gradFn of another making: ${gradFn.name}`);
}
