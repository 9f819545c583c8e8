/**
 * How a call of an op runs: outside of the graph, recorded in it, in place.
 */

import { hasCut, keepCuts, noteCut, noteCuts } from "../autograd/cut.ts";
import { gradMode } from "../autograd/grad-mode.ts";
import { checkInPlace, gradientNodeOf, rebaseHistory, requiresGrad } from "../autograd/history.ts";
import type { Node, OutputFacts } from "../autograd/node.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensorLike } from "../tensor/tensor.ts";
import { OpNode } from "./program.ts";
import type { Program } from "./program.ts";

const noArguments: readonly unknown[] = [];

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
  keepCuts(node, inputs);
  if (program.saveArguments !== null) slots |= argumentSlots;
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
  if (program.saveArguments !== null) saveArguments(node, inputs, program.saveArguments);
  node.saved = inputs as (Tensor | null)[];
  return node;
}

/** Stands, among the bits of the slots, for what is saved of the plain arguments. */
const argumentSlots = 1 << 30;

function saveArguments(
  node: OpNode,
  saved: MaybeTensor[],
  tensorsOf: (...args: never[]) => readonly Tensor[],
): void {
  // The slot of the output comes before.
  if (saved.length === node.program.inputs.length) {
    saved.push(null);
    node.versions.push(0);
  }
  for (const tensor of tensorsOf(...(node.args as never[]))) {
    saved.push(tensor);
    node.versions.push(tensor.version.value);
  }
}

/** Makes the node the output's maker, and saves the output if a rule needs it. */
function attach(node: OpNode, output: Tensor): void {
  const { saved, program } = node;
  const slot = program.inputs.length;
  if (saved !== null && saved.length > slot && program.savesOutput) {
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

/** Ends a call outside of in-place writes: makes the node if the call is recorded. */
export function finish(
  program: Program,
  output: Tensor,
  inputs: MaybeTensor[],
  args: readonly unknown[],
): Tensor {
  const first = inputs[0];
  // Integers and bools have no gradient, also where they were computed from what has.
  const { kind } = output.dtype;
  if ((kind === "float" || kind === "complex") && isRecorded(program, inputs)) {
    const node = newNode(program, inputs, args, output, false);
    output.node = node;
    attach(node, output);
  } else noteCuts(output, inputs);
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
  if (!gradMode.recording && !program.isView) {
    if (hasCut(self)) noteCut(output, self);
    return output;
  }
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
  if (!gradMode.recording) {
    if (hasCut(self)) noteCut(output, self);
    if (hasCut(other)) noteCut(output, other);
    return output;
  }
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
  if (!gradMode.recording) {
    if (hasCut(a) || hasCut(b) || hasCut(c)) noteCuts(output, [a, b, c]);
    return output;
  }
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
  } else noteCuts(self, inputs);
  return self;
}
