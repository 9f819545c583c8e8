/** Why a parameter has no gradient, and where the path back from the loss ends. */

import type { AccumulateGrad } from "../autograd/history.ts";
import { recordOf } from "../autograd/history.ts";
import type { NoGradientReason, PathEnd } from "../inspect/gradient-report.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Reach } from "./graph-reach.ts";

/** Why a parameter has no gradient. `reach` is what the loss reaches, if that is known; `hasAny`: others have one. */
export function reasonOf(parameter: Tensor, reach: Reach | null, hasAny: boolean): NoGradientReason {
  if (!parameter.requiresGrad) return "frozen";
  if (reach === null ? !hasAny : reach.leaves.has(parameter)) return "backward-not-run";
  return usedAt(parameter) === 0 ? "not-reached" : "detached";
}

/** Where the path ends that should lead to a parameter, with the name of the one that is used there; null if unknown. */
export function pathEndOf(
  parameter: Tensor,
  reach: Reach | null,
  names: ReadonlyMap<Tensor, string>,
): PathEnd | null {
  const used = usedAt(parameter);
  if (reach === null || used === 0) return null;
  const end = reach.endOf(recordOf(parameter).accumulator!.mark, used);
  if (end === null) return null;
  return { op: end.op, parameter: end.leaf === null ? null : (names.get(end.leaf) ?? null) };
}

/** When a leaf was used last; 0 where it was not since a pass back came to it. */
function usedAt(leaf: Tensor): number {
  const accumulator: AccumulateGrad | null = recordOf(leaf).accumulator;
  return accumulator === null || accumulator.usedAt < accumulator.passedAt ? 0 : accumulator.usedAt;
}
