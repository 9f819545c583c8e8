/**
 * Resampling of the last dimensions: what interpolation is when the taps of each axis are known.
 * `functional/interpolation.ts` has it by mode.
 */

import { dtypes } from "../dtype.ts";
import type { Taps } from "../kernels/resampling.ts";
import { resample, resampleAdjoint } from "../kernels/resampling.ts";
import type { Size } from "../shape.ts";
import { countOf, toSize } from "../shape.ts";
import { convertInto, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { Op } from "./op.ts";
import { needsNothing, op } from "./op.ts";

/** What a resampling does. */
export interface ResamplingPlan {
  /** PyTorch's name of the graph node. */
  readonly nodeName: string;
  /** PyTorch's name of the loop, for dtypes that it lacks. */
  readonly kernel: string;
  /** One for each of the last dimensions. */
  readonly taps: readonly Taps[];
}

/** Goes through the axes one after the other in double precision, and rounds once. */
function throughAxes(self: Tensor, shape: Size, taps: readonly Taps[], isAdjoint: boolean): Tensor {
  const out = newTensor(self.dtype, shape, self.device);
  if (self.device !== "cpu" || out.count === 0) return out;
  let items = denseItems(converted(self, dtypes.float64)) as Float64Array;
  const lengths = [...self.shape];
  const first = lengths.length - taps.length;
  taps.forEach((tap, k) => {
    const outer = countOf(lengths.slice(0, first + k));
    const inner = countOf(lengths.slice(first + k + 1));
    items = (isAdjoint ? resampleAdjoint : resample)(tap, outer, inner, items);
    lengths[first + k] = isAdjoint ? tap.inputLength : tap.outputLength;
  });
  convertInto(items, dtypes.float64, out.items, self.dtype, out.count);
  return out;
}

/**
 * The last dimensions resampled by their taps.
 *
 * Throws: PyTorch's NotImplementedError for integers.
 */
export const resampled: Op<(self: Tensor, plan: ResamplingPlan) => Tensor> = op({
  name: "resampled",
  gradName: ({ nodeName }: ResamplingPlan) => nodeName,
  inputs: ["self"],
  forward(self, { kernel, taps }: ResamplingPlan) {
    if (self.dtype.kind !== "float") throw notImplemented(kernel, self.dtype);
    const lead = self.shape.slice(0, -taps.length);
    const shape = toSize([...lead, ...taps.map(({ outputLength }) => outputLength)]);
    return throughAxes(self, shape, taps, false);
  },
  // Linear: the gradient is its adjoint.
  backward: { self: needsNothing((g, { shape }, plan: ResamplingPlan) => gatheredBack(g, shape, plan)) },
  samples: () => [],
});

const gatheredBack: (self: Tensor, shape: Size, plan: ResamplingPlan) => Tensor = op({
  name: "resampledBackward",
  inputs: ["self"],
  forward: (self, shape: Size, { taps }: ResamplingPlan) => throughAxes(self, shape, taps, true),
  backward: { self: needsNothing((g, _, _shape: Size, plan: ResamplingPlan) => resampled(g, plan)) },
  samples: () => [],
});
