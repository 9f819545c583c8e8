/** What a loss reaches: the leaves of its graph, when the pass back comes to each, and where its paths end. */

import { AccumulateGrad, gradientNodeOf } from "../autograd/history.ts";
import type { Node } from "../autograd/node.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** What a loss reaches. */
export interface Reach {
  /** For each leaf the greatest sequence of an op that uses it: the greater, the sooner the pass back is there. */
  readonly leaves: ReadonlyMap<Tensor, number>;
  /** The op farthest from the loss one of whose inputs has no history; null where there is none. */
  readonly end: { readonly op: string; readonly leaf: Tensor | null } | null;
}

/** Walks a loss's graph. Costs time in proportion to its ops, reads nothing and changes nothing. */
export function reachOf(loss: Tensor): Reach {
  const leaves = new Map<Tensor, number>();
  const root = gradientNodeOf(loss);
  const seen = new Set<Node>();
  const stack: Node[] = root === null ? [] : [root];
  let end: Node | null = null;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const maker of node.next) {
      if (maker === null) {
        if (end === null || node.sequence < end.sequence) end = node;
      } else if (maker instanceof AccumulateGrad) {
        leaves.set(maker.leaf, Math.max(leaves.get(maker.leaf) ?? 0, node.sequence));
      } else stack.push(maker);
    }
  }
  if (root instanceof AccumulateGrad) leaves.set(root.leaf, 0);
  return { leaves, end: end === null ? null : { op: end.name, leaf: leafOf(end) } };
}

/** A leaf that an op uses, directly or through a view such as a transposed weight. */
function leafOf(node: Node): Tensor | null {
  const isView = (name: string): boolean => /^(T|Transpose|Permute|View|Expand|Unsqueeze)Backward/.test(name);
  for (const maker of node.next) if (maker instanceof AccumulateGrad) return maker.leaf;
  for (const maker of node.next) {
    if (maker !== null && isView(maker.name) && maker.next[0] instanceof AccumulateGrad)
      return maker.next[0].leaf;
  }
  return null;
}
