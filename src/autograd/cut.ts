/**
 * A cut: a value was taken out of its history (`detach`, `data`, `noGrad`, an op without a derivative), and which leaves lie in what
 * was dropped. Evidence for reports that say why a parameter has no gradient; computes nothing.
 *
 * Note [cuts]: a cut keeps no node and no leaf, or it would keep the memory of a graph that nobody wants. So the history
 * is walked when it is dropped, each node once in its life: a node that a walk has seen knows its cut. The cut goes with
 * the values' version, which `detach` and views share, and from ops that are not recorded to their results; of two cuts
 * the later one stays, or a running mean would gather them all. Nothing is noted in a pass back, which takes many saved
 * tensors without recording, and for numbers without dimensions: `losses.push(loss.detach())` stays cheap.
 */

import { shared } from "../shared.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gradMode, noGrad } from "./grad-mode.ts";
import { isAccumulateGrad } from "./history.ts";
import type { Node } from "./node.ts";
import { sequenceNow } from "./node.ts";

/** What lies in a history that was dropped. */
export interface Cut {
  /** The sequence at which it was dropped; see `sequenceNow`. */
  readonly at: number;
  /** The marks of the leaves that it was computed from, without those of `earlier`. */
  readonly leaves: readonly object[];
  /** Cuts that dropped a part of it before. */
  readonly earlier: readonly Cut[];
}

/** The cuts among the inputs of recorded ops; few ops have one, so it is no field of every node. */
const inputCuts: WeakMap<Node, Cut[]> = shared("inputCuts", () => new WeakMap<Node, Cut[]>());

/** The cut at which values without history were taken from a tensor, or null. */
function cutOf(self: Tensor): Cut | null {
  if (self.node === null) return self.version.cut as Cut | null;
  return self.shape.length === 0 ? null : cutHistory(self.node as Node);
}

function cutHistory(last: Node): Cut {
  const known = (last.cut ?? null) as Cut | null;
  if (known !== null) return known;
  const leaves: object[] = [];
  const earlier: Cut[] = [];
  const cut: Cut = { at: sequenceNow(), leaves, earlier };
  const stack: Node[] = [last];
  last.cut = cut;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    for (const maker of node.next) {
      if (maker === null || maker.cut === cut) continue;
      const former = (maker.cut ?? null) as Cut | null;
      if (isAccumulateGrad(maker)) leaves.push(maker.mark);
      else if (former !== null) {
        if (!earlier.includes(former)) earlier.push(former);
        continue;
      } else stack.push(maker);
      maker.cut = cut;
    }
  }
  return cut;
}

/** Whether something is to be noted of what is computed from a tensor without recording. */
export function hasCut(self: Tensor): boolean {
  return self.node !== null || self.version.cut !== null;
}

/** Notes that `output`, which has no history, has its values from `input`. */
export function noteCut(output: Tensor, input: Tensor): void {
  if (gradMode.isQuiet === true) return;
  const cut = cutOf(input);
  if (cut === null) return;
  const { version } = output;
  const known = version.cut as Cut | null;
  if (known === null || known.at <= cut.at) version.cut = cut;
}

/** Notes it for all inputs of a call. */
export function noteCuts(output: Tensor, inputs: readonly (Tensor | null | undefined)[]): void {
  for (let k = 0; k < inputs.length; k++) {
    const input = inputs[k];
    if (input !== null && input !== undefined && hasCut(input)) noteCut(output, input);
  }
}

/** Keeps, for a recorded op, the cuts of those of its inputs that have no history. */
export function keepCuts(node: Node, inputs: readonly (Tensor | null | undefined)[]): void {
  for (let k = 0; k < inputs.length; k++) {
    const cut = (inputs[k]?.version.cut ?? null) as Cut | null;
    if (cut === null || node.next[k] !== null) continue;
    const known = inputCuts.get(node);
    if (known === undefined) inputCuts.set(node, [cut]);
    else known.push(cut);
  }
}

/** `noGrad` without notes: for what an op computes inside, and for a layer's statistics, of which no loss is made. */
export function noGradNorNotes<T>(body: () => T): T {
  const wasQuiet = gradMode.isQuiet ?? false;
  gradMode.isQuiet = true;
  try {
    return noGrad(body);
  } finally {
    gradMode.isQuiet = wasQuiet;
  }
}

/** Whether an op takes values that were cut off from the leaf with `mark` after the sequence `usedAt`. */
export function isCutFrom(node: Node, mark: object, usedAt: number): boolean {
  const seen = new Set<Cut>(inputCuts.get(node)?.filter(({ at }) => at > usedAt));
  // A set is iterated with what is added on the way.
  for (const cut of seen) {
    if (cut.leaves.includes(mark)) return true;
    for (const part of cut.earlier) seen.add(part);
  }
  return false;
}
