/**
 * Choosing, for each sample, the element of its class, and placing values there: what losses of classes are made of.
 *
 * Note [class axis]: scores lie as (samples, classes, places), one sample and one place where a dimension is missing.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { converted } from "../ops/elementwise.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { countOf, toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";

/** The three lengths of Note [class axis]. */
interface Extents {
  readonly samples: number;
  readonly classes: number;
  readonly places: number;
}

function extentsOf(shape: readonly number[]): Extents {
  if (shape.length === 1) return { samples: 1, classes: shape[0]!, places: 1 };
  return { samples: shape[0]!, classes: shape[1]!, places: countOf(shape.slice(2)) };
}

/** Throws PyTorch's RuntimeError for targets that cannot be classes. */
export function requireLabels({ dtype }: Tensor): void {
  if (dtype === dtypes.int64 || dtype === dtypes.uint8) return;
  throw torchError("RuntimeError", `expected target dtype to be Long or Byte, but got ${dtype.scalarType}`);
}

/** Where each target's element lies among the scores, in row-major order; -1 for those that are ignored. */
function chosenPlaces(shape: readonly number[], target: Tensor, ignoreIndex: number): Int32Array {
  requireLabels(target);
  const { classes, places } = extentsOf(shape);
  const items = denseItems(target);
  const chosen = new Int32Array(target.count);
  for (let k = 0; k < chosen.length; k++) {
    const label = Number(items[k]!);
    if (label === ignoreIndex) {
      chosen[k] = -1;
      continue;
    }
    if (label < 0 || label >= classes) throw torchError("IndexError", `Target ${label} is out of bounds.`);
    const place = k % places;
    chosen[k] = (((k - place) / places) * classes + label) * places + place;
  }
  return chosen;
}

/**
 * The elements that the targets choose, 0 for ignored ones.
 *
 * Throws: PyTorch's errors for targets that are no int64 or uint8, or no class.
 */
export const pick: Op<(input: Tensor, target: Tensor, ignoreIndex: number) => Tensor> = op({
  name: "pick",
  inputs: ["self", "target"],
  forward(input, target, ignoreIndex: number) {
    const chosen = chosenPlaces(input.shape, target, ignoreIndex);
    const compute = computeDtype(input.dtype);
    const items = denseItems(converted(input, compute)) as Float64Array;
    const out = newTensor(compute, target.shape);
    const to = out.items as Float64Array;
    for (let k = 0; k < chosen.length; k++) if (chosen[k]! >= 0) to[k] = items[chosen[k]!]!;
    return converted(out, input.dtype);
  },
  backward: {
    // The adjoint of choosing is placing.
    self: needs(["target"], (g, { target, shape }, ignoreIndex: number) =>
      place(g, target, shape, ignoreIndex),
    ),
  },
  samples: () => [],
});

/** Zeros of a shape, but for the elements that the targets choose. Throws: as `pick`. */
export const place: Op<
  (values: Tensor, target: Tensor, shape: readonly number[], ignoreIndex: number) => Tensor
> = op({
  name: "place",
  inputs: ["values", "target"],
  forward(values, target, shape: readonly number[], ignoreIndex: number) {
    const chosen = chosenPlaces(shape, target, ignoreIndex);
    const compute = computeDtype(values.dtype);
    const items = denseItems(converted(values, compute)) as Float64Array;
    const out = newTensor(compute, toSize(shape.slice()));
    const to = out.items as Float64Array;
    for (let k = 0; k < chosen.length; k++) if (chosen[k]! >= 0) to[chosen[k]!] = items[k]!;
    return converted(out, values.dtype);
  },
  backward: {
    // The adjoint of placing is choosing.
    values: needs(["target"], (g, { target }, _shape: readonly number[], ignoreIndex: number) =>
      pick(g, target, ignoreIndex),
    ),
  },
  samples: () => [],
});
