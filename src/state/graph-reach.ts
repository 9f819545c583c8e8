/** What a loss reaches: the leaves of its graph, when the pass back comes to each, and where its paths end. */

import { isCutFrom } from "../autograd/cut.ts";
import { gradientNodeOf, isAccumulateGrad } from "../autograd/history.ts";
import type { Node } from "../autograd/node.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** An op at which a path ends, and a leaf that it uses. */
export interface End {
  readonly op: string;
  readonly leaf: Tensor | null;
}

/** What a loss reaches. */
export class Reach {
  /**
   * For each leaf the smallest sequence of an op that uses it, from which the last part of its gradient comes: the greater,
   * the sooner the pass back has it.
   */
  readonly leaves: ReadonlyMap<Tensor, number>;
  /** The ops one of whose inputs has no history, the first of the computation first: some of them take cut values. */
  readonly #ends: readonly Node[];

  constructor(leaves: ReadonlyMap<Tensor, number>, ends: readonly Node[]) {
    this.leaves = leaves;
    this.#ends = [...ends].sort((a, b) => a.sequence - b.sequence);
  }

  /**
   * Where the path ends that should lead to a leaf, by its mark and when it was used last: at the first op that takes
   * values whose history was dropped and had that leaf in it. Null where no op is known to.
   */
  endOf(mark: object, usedAt: number): End | null {
    const end = this.#ends.find((node) => isCutFrom(node, mark, usedAt));
    return end === undefined ? null : { op: end.name, leaf: leafOf(end) };
  }
}

/** Walks a loss's graph. Costs time in proportion to its ops, reads nothing and changes nothing. */
export function reachOf(loss: Tensor): Reach {
  const leaves = new Map<Tensor, number>();
  const root = gradientNodeOf(loss);
  const seen = new Set<Node>();
  const ends = new Set<Node>();
  const stack: Node[] = root === null ? [] : [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const maker of node.next) {
      if (maker === null) ends.add(node);
      else if (isAccumulateGrad(maker)) {
        leaves.set(maker.leaf, Math.min(leaves.get(maker.leaf) ?? Infinity, node.sequence));
      } else stack.push(maker);
    }
  }
  if (isAccumulateGrad(root)) leaves.set(root.leaf, 0);
  return new Reach(leaves, [...ends]);
}

/** A leaf that an op uses, directly or through a view such as a transposed weight. */
function leafOf(node: Node): Tensor | null {
  const isView = (name: string): boolean => /^(T|Transpose|Permute|View|Expand|Unsqueeze)Backward/.test(name);
  for (const maker of node.next) if (isAccumulateGrad(maker)) return maker.leaf;
  for (const maker of node.next) {
    if (maker !== null && isView(maker.name) && isAccumulateGrad(maker.next[0])) return maker.next[0].leaf;
  }
  return null;
}
