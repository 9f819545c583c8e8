/**
 * Ops that a record of single derivatives cannot say: with several outputs (`unbind`, `max` over a dimension), with a
 * list of tensors (`cat`), or with gradients that are best computed together (normalizations).
 */

import { keepCuts, noteCuts } from "../autograd/cut.ts";
import { gradMode } from "../autograd/grad-mode.ts";
import { changedError, gradientNodeOf, requiresGrad } from "../autograd/history.ts";
import { Node, releasedError } from "../autograd/node.ts";
import type { Gradients, OutputFacts } from "../autograd/node.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { MaybeTensor, Op, OpFacts } from "./op.ts";
import { composed } from "./op.ts";

/** What a joint rule sees beside the gradients of the outputs. */
export interface JointFacts<Args extends unknown[]> {
  /** The tensors that `save` gave, checked to be unchanged. */
  readonly saved: readonly Tensor[];
  /** By input: whether its gradient is wanted. */
  readonly wanted: readonly boolean[];
  /** By output: its shape and dtype, for zeros where no gradient arrived. */
  readonly outputs: readonly OutputFacts[];
  /** The arguments of the call. */
  readonly args: Args;
}

/** What the author of a joint op writes; `Args` are the arguments as called, `Result` is what the call gives. */
export interface JointRecord<Args extends unknown[], Result> {
  readonly name: string;
  readonly torch?: string;
  readonly gradName?: string | ((...args: Args) => string);
  /** Whether the outputs are views of the first input. */
  readonly isView?: boolean;
  /** The tensors among the arguments, in the order in which `backward` gives their gradients. */
  readonly tensors: NoInfer<(...args: Args) => readonly MaybeTensor[]>;
  /** Checks, computes, and gives all outputs. Never records. */
  readonly forward: (...args: Args) => readonly Tensor[];
  /** What `backward` needs: tensors among the inputs and outputs. Default: nothing. */
  readonly save?: (inputs: readonly MaybeTensor[], outputs: readonly Tensor[]) => readonly Tensor[];
  /** The gradients of all inputs; null for those that have none or are not wanted. */
  readonly backward: (gradients: Gradients, facts: JointFacts<NoInfer<Args>>) => Gradients;
  /** The outputs as the caller gets them. */
  readonly result: (outputs: readonly Tensor[]) => Result;
  readonly samples: OpFacts["samples"];
}

type AnyJoint = Pick<JointRecord<unknown[], unknown>, "name" | "backward"> & { readonly nodeName: string };

const noOutputs: ReadonlySet<Tensor> = new Set();

class JointNode extends Node {
  // See Note [declared fields] in tensor/tensor.ts.
  declare readonly name: string;
  declare readonly record: AnyJoint;
  declare args: unknown[];
  declare saved: readonly Tensor[];
  declare versions: readonly number[];
  /** Those of the saved tensors that are outputs. */
  declare outputs: ReadonlySet<Tensor>;
  declare isReleased: boolean;

  constructor(
    record: AnyJoint,
    args: unknown[],
    next: readonly (Node | null)[],
    nextOutput: readonly number[],
    outputs: readonly Tensor[],
  ) {
    const [first] = outputs;
    super(next, nextOutput, first!.shape, first!.dtype, first!.strides);
    this.name = record.nodeName;
    this.record = record;
    this.args = args;
    this.saved = [];
    this.versions = [];
    this.outputs = noOutputs;
    this.isReleased = false;
    if (outputs.length > 1) {
      this.moreOutputs = outputs.slice(1).map(({ shape, dtype, strides }) => ({ shape, dtype, strides }));
    }
  }

  override apply(gradients: Gradients): Gradients {
    if (this.isReleased) throw releasedError();
    if (gradients.every((gradient) => gradient === null || gradient === undefined))
      return this.next.map(() => null);
    this.saved.forEach((tensor, k) => {
      const expected = this.versions[k]!;
      if (tensor.version.value === expected) return;
      throw changedError(tensor, expected, this.outputs.has(tensor) ? this : null);
    });
    return this.record.backward(gradients, {
      saved: this.saved,
      wanted: this.next.map((node) => node !== null),
      outputs: Array.from({ length: this.outputCount }, (_, output) => this.outputFacts(output)),
      args: this.args,
    });
  }

  override release(): void {
    if (this.saved.length === 0) return;
    this.saved = [];
    this.args = [];
    this.outputs = noOutputs;
    this.isReleased = true;
  }
}

function record<Args extends unknown[], Result>(
  joint: JointRecord<Args, Result>,
  nodeName: string,
  args: Args,
  inputs: readonly MaybeTensor[],
  outputs: readonly Tensor[],
): void {
  const makers = inputs.map((input) =>
    input === null || input === undefined ? null : gradientNodeOf(input),
  );
  const numbers = inputs.map((input) => input?.outputNumber ?? 0);
  const anyJoint = { name: joint.name, backward: joint.backward, nodeName } as unknown as AnyJoint;
  const node = new JointNode(anyJoint, args, makers, numbers, outputs);
  keepCuts(node, inputs);
  outputs.forEach((output, number) => {
    // Indices and the like have no gradient.
    if (output.dtype.kind !== "float" && output.dtype.kind !== "complex") return noteCuts(output, inputs);
    output.node = node;
    output.outputNumber = number;
  });
  node.saved = joint.save?.(inputs, outputs) ?? [];
  node.versions = node.saved.map((tensor) => tensor.version.value);
  const saved = node.saved.filter((tensor) => outputs.includes(tensor));
  if (saved.length > 0) node.outputs = new Set(saved);
}

/**
 * Makes an op from a joint record.
 *
 * @example
 * export const unbind: Op<(self: Tensor, dim?: number) => Tensor[]> = jointOp({ name: "unbind", … });
 */
export function jointOp<Args extends unknown[], Result>(
  joint: JointRecord<Args, Result>,
): Op<(...args: Args) => Result> {
  const { name, gradName } = joint;
  const run = (...args: Args): Result => {
    const outputs = joint.forward(...args);
    const inputs = joint.tensors(...args);
    if (
      gradMode.recording &&
      inputs.some((input) => input !== null && input !== undefined && requiresGrad(input)) &&
      outputs.length > 0
    ) {
      const nodeName =
        typeof gradName === "function"
          ? gradName(...args)
          : (gradName ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`);
      record(joint, nodeName, args, inputs, outputs);
    } else for (const output of outputs) noteCuts(output, inputs);
    if (joint.isView === true) {
      for (const output of outputs) output.viewOrigin = gradMode.recording ? "multiple" : "no-grad";
    }
    return joint.result(outputs);
  };
  return composed(
    {
      name,
      samples: joint.samples,
      isView: joint.isView ?? false,
      ...(joint.torch === undefined ? {} : { torch: joint.torch }),
    },
    run,
  );
}
