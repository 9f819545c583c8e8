/**
 * The backward pass: runs the nodes that a result depends on, each after all nodes that use its outputs, and collects
 * gradients at leaves or at the inputs that were asked for. Iterative, so a graph may be as deep as memory allows.
 *
 * Note [passes]: what a pass knows of a node hangs on the node (`state`), which spares a map. A hook may start a pass
 * within a pass, over the same nodes; it keeps the outer state and puts it back when it ends, in error too.
 *
 * Note [stealing]: the first gradient of a leaf becomes its `.grad` without a copy where nobody else can see it: its
 * storage was made in this pass, was delivered along one edge only, and no hook has had it. `Storage.deliveries` counts.
 */

import { anomalyMode, watched } from "./anomaly-mode.ts";
import { torchError } from "../errors.ts";
import { isExpandable, sameShape, shapeText } from "../shape.ts";
import { serialNow } from "../tensor/storage.ts";
import { Tensor, Version, isTensor } from "../tensor/tensor.ts";
import { arithmetic } from "./arithmetic.ts";
import { gradMode } from "./grad-mode.ts";
import { isAccumulateGrad, pythonTypeName, recordOf, runHooks } from "./history.ts";
import type { Gradients, Node, PassState } from "./node.ts";
import { sequenceNow } from "./node.ts";

/** Where a pass starts: an output of a node, and the gradient that enters there. */
export interface Root {
  readonly node: Node;
  readonly output: number;
  readonly gradient: Tensor;
}

/** An input whose gradient is wanted instead of being collected at leaves. */
export interface Target {
  readonly node: Node;
  readonly output: number;
}

/** How a pass runs. */
export interface PassOptions {
  /** Keep what nodes saved, for another pass. */
  readonly retainGraph: boolean;
  /** Record the computation of the gradients themselves. */
  readonly createGraph: boolean;
  /** Where there are targets: add their gradients to their `grad`, instead of returning them. Default false. */
  readonly accumulates?: boolean;
}

/**
 * Runs a pass. Without targets the gradients are added to those of the leaves; with targets they are returned, in the
 * order of the targets, null for those that were not reached.
 */
export function runPass(
  roots: readonly Root[],
  targets: readonly Target[] | null,
  options: PassOptions,
): Gradients {
  const former = gradMode.recording;
  const wasQuiet = gradMode.isQuiet ?? false;
  gradMode.recording = options.createGraph;
  gradMode.isQuiet = true;
  const pass = new Pass(options, targets);
  try {
    pass.prepare(roots);
    pass.run(roots);
    return pass.captured;
  } finally {
    gradMode.recording = former;
    gradMode.isQuiet = wasQuiet;
    pass.end();
  }
}

class Pass {
  // Plain private fields, set in the constructor: `#names` cost a microsecond for each pass.
  declare private readonly options: PassOptions;
  declare private readonly targets: readonly Target[] | null;
  declare private readonly visited: Node[];
  /** Nodes that may run, as a heap: the one with the greatest sequence first. */
  declare private readonly ready: Node[];
  declare private readonly firstSerial: number;
  declare readonly captured: Gradients;

  constructor(options: PassOptions, targets: readonly Target[] | null) {
    this.options = options;
    this.targets = targets;
    this.visited = [];
    this.ready = [];
    this.firstSerial = serialNow();
    this.captured = targets === null ? [] : targets.map(() => null);
  }

  /** Counts, for every node that is reached, the edges that lead into it. */
  prepare(roots: readonly Root[]): void {
    const stack: Node[] = [];
    for (const { node } of roots) if (this.visit(node)) stack.push(node);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { next } = node;
      for (let k = 0; k < next.length; k++) {
        const maker = next[k]!;
        if (maker === null) continue;
        if (this.visit(maker)) stack.push(maker);
        maker.state!.pending++;
      }
    }
    if (this.targets !== null) this.markNeeded(this.targets);
  }

  /** Gives a node its state for this pass; false if it has one. */
  private visit(node: Node): boolean {
    if (node.state !== null && node.state.pass === this) return false;
    node.state = {
      pass: this,
      pending: 0,
      isNeeded: this.targets === null,
      gradients: [],
      outer: node.state,
    };
    this.visited.push(node);
    return true;
  }

  /** With targets, only the nodes from which a target can be reached are run. */
  private markNeeded(targets: readonly Target[]): void {
    for (const { node } of targets) if (node.state?.pass === this) (node.state as PassState).isNeeded = true;
    // What uses a node's output has a greater sequence, so ascending order sees makers first.
    const ascending = this.visited.slice().sort((a, b) => a.sequence - b.sequence);
    const last = ascending.findIndex(isAccumulateGrad);
    const makers = last < 0 ? ascending : ascending.slice(0, last);
    for (const node of makers) {
      if (node.next.some((maker) => maker?.state?.isNeeded === true)) node.state!.isNeeded = true;
    }
  }

  run(roots: readonly Root[]): void {
    for (const { node, output, gradient } of roots) {
      gradient.storage.deliveries++;
      this.receive(node, output, gradient);
    }
    for (const { node } of roots)
      if (node.state!.pending === 0 && !this.ready.includes(node)) this.push(node);
    for (let node = this.pop(); node !== null; node = this.pop()) {
      if (node.state!.isNeeded) this.runNode(node);
      else this.skip(node);
    }
  }

  private receive(node: Node, output: number, gradient: Tensor): void {
    const gradients = node.state!.gradients;
    const known = gradients[output];
    if (known === null || known === undefined) {
      gradients[output] = gradient;
      return;
    }
    const sum = arithmetic().add(known, gradient);
    known.storage.deliveries--;
    gradient.storage.deliveries--;
    sum.storage.deliveries++;
    gradients[output] = sum;
  }

  private runNode(node: Node): void {
    const { gradients } = node.state!;
    for (let output = 0; output < node.outputCount; output++) gradients[output] ??= null;
    if (node.outputHooks !== null) this.runOutputHooks(node, gradients);
    if (this.targets !== null && !(isAccumulateGrad(node) && this.options.accumulates === true)) {
      this.capture(node, gradients);
      if (!node.next.some((maker) => maker?.state?.isNeeded === true)) return this.skip(node);
    }
    if (isAccumulateGrad(node)) {
      node.passedAt = sequenceNow();
      if (gradients[0] !== null && gradients[0] !== undefined) this.accumulate(node.leaf, gradients[0]);
      return;
    }
    const results = anomalyMode.isOn ? watched(node, () => node.apply(gradients)) : node.apply(gradients);
    if (!this.options.retainGraph) node.release();
    for (let k = 0; k < gradients.length; k++) {
      const consumed = gradients[k];
      if (consumed !== null && consumed !== undefined) consumed.storage.deliveries--;
    }
    this.deliver(node, results);
  }

  private deliver(node: Node, results: Gradients): void {
    const { next, nextOutput } = node;
    for (let k = 0; k < next.length; k++) {
      const maker = next[k]!;
      if (maker === null) continue;
      const result = results[k];
      if (result !== null && result !== undefined) {
        const output = nextOutput[k]!;
        const fitted = fit(result, node, k, maker, output);
        fitted.storage.deliveries++;
        this.receive(maker, output, fitted);
      }
      this.arrive(maker);
    }
  }

  private arrive(node: Node): void {
    const state = node.state!;
    state.pending--;
    if (state.pending === 0) this.push(node);
  }

  /** A node that is not needed still counts as done for the nodes behind it. */
  private skip(node: Node): void {
    for (const maker of node.next) if (maker !== null) this.arrive(maker);
  }

  private runOutputHooks(node: Node, gradients: Gradients): void {
    for (const [output, { hooks, retainedBy }] of node.outputHooks!) {
      const gradient = gradients[output];
      if (gradient === null || gradient === undefined) continue;
      let seen = gradient;
      if (hooks.size > 0) {
        // The hooks may keep what they see, and what they return may be anyone's.
        gradient.storage.deliveries++;
        seen = runHooks(hooks, gradient, isTensor);
        if (seen !== gradient) seen.storage.deliveries += 2;
        gradients[output] = seen;
      }
      if (retainedBy !== null) {
        const record = recordOf(retainedBy);
        record.gradient =
          record.gradient === null ? arithmetic().clone(seen) : arithmetic().add(record.gradient, seen);
      }
    }
  }

  private capture(node: Node, gradients: Gradients): void {
    this.targets!.forEach((target, k) => {
      if (target.node !== node) return;
      const gradient = gradients[target.output] ?? null;
      if (gradient !== null) gradient.storage.deliveries++;
      this.captured[k] = gradient;
    });
  }

  /** Adds a gradient to a leaf's: the first one becomes it, later ones are added in place. */
  private accumulate(leaf: Tensor, gradient: Tensor): void {
    const record = recordOf(leaf);
    const known = record.gradient;
    if (known === null) {
      const { storage } = gradient;
      const isOurs =
        !this.options.createGraph &&
        storage.serial >= this.firstSerial &&
        storage.deliveries === 1 &&
        storage.byteLength === gradient.count * gradient.dtype.itemSize &&
        gradient.isContiguous() &&
        leaf.isContiguous();
      record.gradient = isOurs ? taken(gradient) : this.copyFor(leaf, gradient);
    } else if (this.options.createGraph) record.gradient = arithmetic().add(known, gradient);
    else arithmetic().addInPlace(known, gradient);
    gradient.storage.deliveries--;
    for (const hook of record.afterAccumulation.values()) {
      const result: unknown = hook(leaf);
      if (result !== undefined && result !== null) {
        throw torchError("TypeError", `expected Variable, but hook returned '${pythonTypeName(result)}'`);
      }
    }
  }

  private copyFor(leaf: Tensor, gradient: Tensor): Tensor {
    if (leaf.isContiguous()) return arithmetic().clone(gradient);
    return arithmetic().cloneStrided(gradient, leaf.strides);
  }

  private push(node: Node): void {
    const heap = this.ready;
    let at = heap.push(node) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.sequence >= node.sequence) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = node;
  }

  private pop(): Node | null {
    const heap = this.ready;
    const top = heap[0];
    if (top === undefined) return null;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && heap[child + 1]!.sequence > heap[child]!.sequence) child++;
      if (heap[child]!.sequence <= last.sequence) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }

  end(): void {
    for (const node of this.visited) node.state = node.state!.outer;
  }
}

/** A gradient as a tensor of its own, where it was a view of one that nobody needs any more. */
function taken(gradient: Tensor): Tensor {
  const { storage, dtype, shape, strides, offset, count, base } = gradient;
  return base === null
    ? gradient
    : new Tensor(storage, dtype, shape, strides, offset, count, new Version(), null);
}

/** A gradient made to fit the tensor it belongs to: broadcast dimensions summed, the dtype that of the tensor. */
export function fit(gradient: Tensor, node: Node, input: number, maker: Node, output: number): Tensor {
  const facts = maker.outputFacts(output);
  let fitted = gradient;
  if (!sameShape(fitted.shape, facts.shape)) {
    if (!isExpandable(facts.shape, fitted.shape)) {
      throw torchError(
        "RuntimeError",
        `Function ${node.name} returned an invalid gradient at index ${input} - got ${shapeText(fitted.shape)} but expected shape compatible with ${shapeText(facts.shape)}`,
      );
    }
    fitted = arithmetic().sumTo(fitted, facts.shape);
  }
  return fitted.dtype === facts.dtype ? fitted : arithmetic().cast(fitted, facts.dtype);
}
