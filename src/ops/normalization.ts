/**
 * Normalization: batch, layer and group norms are one op with different layouts. `functional/normalization.ts` has them
 * by name.
 */

import { gradMode } from "../autograd/grad-mode.ts";
import { dtypes } from "../dtype.ts";
import type { FloatItems } from "../kernels/convolution.ts";
import type { NormalLayout } from "../kernels/normalization.ts";
import { groupStatistics, normalize, normalizeAdjoint } from "../kernels/normalization.ts";
import { toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { notImplemented } from "./loop-dtypes.ts";
import { jointOp } from "./joint-op.ts";
import type { MaybeTensor, Op } from "./op.ts";

/** What a normalization does. */
export interface NormalPlan {
  /** PyTorch's name of its graph node. */
  readonly nodeName: string;
  /** PyTorch's name of its loop, for dtypes that it lacks. */
  readonly kernel: string;
  readonly layout: NormalLayout;
  readonly eps: number;
  /** Mean and variance of each group where they are constants: those of batch norms in evaluation. */
  readonly constants: { readonly mean: Tensor; readonly variance: Tensor } | null;
}

/** A normalized tensor, and the statistics of each group in double precision. */
export type Normalized = readonly [output: Tensor, mean: Tensor, variance: Tensor];

type Arguments = [self: Tensor, scale: MaybeTensor, shift: MaybeTensor, plan: NormalPlan];

function itemsOf(tensor: Tensor): FloatItems {
  return denseItems(converted(tensor, computeDtype(tensor.dtype))) as FloatItems;
}

function itemsLike(tensor: MaybeTensor, like: FloatItems): FloatItems | null {
  if (tensor === null || tensor === undefined) return null;
  return denseItems(
    converted(tensor, like instanceof Float32Array ? dtypes.float32 : dtypes.float64),
  ) as FloatItems;
}

function ratesOf(variance: Tensor, eps: number): Float64Array {
  return (variance.items as Float64Array).map((value) => 1 / Math.sqrt(value + eps));
}

/**
 * x̂ = (x − mean) / √(variance + ε), scaled and shifted by channel.
 *
 * Throws: PyTorch's NotImplementedError for integers.
 */
export const normalized: Op<(...args: Arguments) => Normalized> = jointOp<Arguments, Normalized>({
  name: "normalized",
  gradName: (_self, _scale, _shift, { nodeName }) => nodeName,
  tensors: (self, scale, shift) => [self, scale, shift],
  forward(self, scale, shift, { kernel, layout, eps, constants }) {
    if (self.dtype.kind !== "float") throw notImplemented(kernel, self.dtype);
    const out = newTensor(computeDtype(self.dtype), self.shape, self.device);
    const groups = toSize([layout.groups]);
    const mean = constants === null ? newTensor(dtypes.float64, groups) : denseDouble(constants.mean);
    const variance = constants === null ? newTensor(dtypes.float64, groups) : denseDouble(constants.variance);
    if (self.device === "cpu") {
      const items = itemsOf(self);
      const [means, variances] = [mean.items as Float64Array, variance.items as Float64Array];
      if (constants === null) groupStatistics(layout, items, means, variances);
      const [factors, summands] = [itemsLike(scale, items), itemsLike(shift, items)];
      normalize(layout, items, means, ratesOf(variance, eps), factors, summands, out.items as FloatItems);
    }
    return [converted(out, self.dtype), mean, variance];
  },
  save: (inputs, outputs) => [
    ...inputs.slice(0, 2).map((input) => input ?? outputs[1]!),
    outputs[1]!,
    outputs[2]!,
  ],
  backward([g], { saved, wanted, args: [, scale, shift, plan] }) {
    const [self, savedScale, mean, variance] = saved as readonly [Tensor, Tensor, Tensor, Tensor];
    const factors = scale === null || scale === undefined ? null : savedScale;
    const gradients =
      gradMode.recording || self.device === "meta"
        ? composedGradients(g!, self, factors, plan)
        : fusedGradients(g!, self, factors, mean, variance, plan);
    const shapes = [self.shape, scale?.shape, shift?.shape];
    return gradients.map((gradient, k) => (wanted[k] === true ? gradient.reshape(shapes[k]!) : null));
  },
  result: (outputs) => outputs as unknown as Normalized,
  samples: () => [],
});

/** A tensor over double-precision items of its own, from the first on. */
function denseDouble(tensor: Tensor): Tensor {
  const out = newTensor(dtypes.float64, tensor.shape);
  if (tensor.device === "cpu") out.items.set(denseItems(converted(tensor, dtypes.float64)) as never);
  return out;
}

type Gradients3 = readonly [self: Tensor, scale: Tensor, shift: Tensor];

/** The gradients by one kernel, for all but derivatives of derivatives. */
function fusedGradients(
  g: Tensor,
  self: Tensor,
  scale: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  { layout, eps, constants }: NormalPlan,
): Gradients3 {
  const compute = computeDtype(self.dtype);
  const out = newTensor(compute, self.shape);
  const channels = toSize([layout.channels]);
  const [scaleOut, shiftOut] = [newTensor(dtypes.float64, channels), newTensor(dtypes.float64, channels)];
  const items = itemsOf(self);
  normalizeAdjoint(
    layout,
    constants !== null,
    itemsOf(converted(g, compute)),
    items,
    mean.items as Float64Array,
    ratesOf(variance, eps),
    itemsLike(scale, items),
    {
      items: out.items as FloatItems,
      scale: scaleOut.items as Float64Array,
      shift: shiftOut.items as Float64Array,
    },
  );
  return [converted(out, self.dtype), scaleOut, shiftOut];
}

/** The same composed of ops, so that it can be differentiated; the formulas stand at `normalizeAdjoint`. */
function composedGradients(g: Tensor, self: Tensor, scale: Tensor | null, plan: NormalPlan): Gradients3 {
  const { layout, eps, constants } = plan;
  const { outer, groups, inner, channels, tail } = layout;
  const count = outer * inner;
  const byGroup = (tensor: Tensor): Tensor => tensor.reshape(outer, groups, inner);
  const byChannel = (tensor: Tensor): Tensor => tensor.reshape(-1, channels, tail);
  const meanOf = (tensor: Tensor): Tensor => tensor.sum([0, 2], { keepdim: true }).div(count);
  const x = byGroup(self);
  const ofGroup = (statistic: Tensor): Tensor => statistic.to(self.dtype).reshape(1, groups, 1);
  const difference = x.sub(constants === null ? meanOf(x) : ofGroup(constants.mean));
  const variance = constants === null ? meanOf(difference.mul(difference)) : ofGroup(constants.variance);
  const rate = variance.add(eps).rsqrt();
  const normal = difference.mul(rate);
  const h = byGroup(scale === null ? g : byChannel(g).mul(scale.reshape(1, channels, 1)));
  const inputGradient =
    constants === null ? rate.mul(h.sub(meanOf(h)).sub(normal.mul(meanOf(h.mul(normal))))) : rate.mul(h);
  return [
    inputGradient.reshape(self.shape),
    byChannel(g)
      .mul(byChannel(normal.reshape(self.shape)))
      .sum([0, 2]),
    byChannel(g).sum([0, 2]),
  ];
}
