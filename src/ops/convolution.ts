/**
 * Convolution in one, two or three dimensions, and transposed.
 *
 * Note [three maps]: with C(x, w) the convolution, I(y, w) its adjoint in the image and W(y, x) its adjoint in the weight,
 * all three are linear in either argument, and the adjoint of each in each argument is one of the other two. So each
 * rule is one call, and derivatives of any order work. A transposed convolution is I.
 */

import type { ConvolutionGeometry, FloatItems } from "../kernels/convolution.ts";
import { convolve, convolveImageAdjoint, convolveWeightAdjoint } from "../kernels/convolution.ts";
import type { Size } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import type { ConvolutionArguments, ConvolutionPlan } from "./convolution-plan.ts";
import { convolutionPlan, requireBiasDtype, requireDtypes } from "./convolution-plan.ts";
import { jointOp } from "./joint-op.ts";
import { converted } from "./elementwise.ts";
import type { MaybeTensor, Op } from "./op.ts";
import { needs, op } from "./op.ts";

type Kernel = (geometry: ConvolutionGeometry, a: FloatItems, b: FloatItems, out: FloatItems) => void;

/** Runs a kernel on two tensors of the same dtype, and adds a bias. */
function run(
  kernel: Kernel,
  geometry: ConvolutionGeometry,
  a: Tensor,
  b: Tensor,
  shape: Size,
  bias: MaybeTensor = null,
): Tensor {
  const compute = computeDtype(a.dtype);
  const out = newTensor(compute, shape, a.device);
  if (a.device === "cpu" && out.count > 0) {
    const [x, y] = [denseItems(converted(a, compute)), denseItems(converted(b, compute))];
    const items = out.items as FloatItems;
    kernel(geometry, x as FloatItems, y as FloatItems, items);
    if (bias !== null && bias !== undefined) {
      addChannels(items, out.count / shape[0]!, denseItems(converted(bias, compute)) as FloatItems);
    }
  }
  return converted(out, a.dtype);
}

/** Adds one number a channel to dense items of (N, channels, *). */
function addChannels(items: FloatItems, sampleSize: number, bias: FloatItems): void {
  const places = sampleSize / bias.length;
  let at = 0;
  for (let row = 0; at < items.length; row++) {
    const value = bias[row % bias.length]!;
    for (const end = at + places; at < end; at++) items[at]! += value;
  }
}

/** C: see Note [three maps]. */
const resultOf: (image: Tensor, weight: Tensor, plan: ConvolutionPlan) => Tensor = op({
  name: "convolutionResult",
  inputs: ["image", "weight"],
  forward: (image, weight, plan: ConvolutionPlan) => run(convolve, plan.geometry, image, weight, plan.result),
  backward: {
    // ∂/∂x ⟨G, C(x, w)⟩ = I(G, w)
    image: needs(["weight"], (g, { weight }, plan: ConvolutionPlan) => imageOf(g, weight, plan)),
    // ∂/∂w ⟨G, C(x, w)⟩ = W(G, x)
    weight: needs(["image"], (g, { image }, plan: ConvolutionPlan) => weightOf(g, image, plan)),
  },
  samples: () => [],
});

/** I: see Note [three maps]. */
const imageOf: (result: Tensor, weight: Tensor, plan: ConvolutionPlan) => Tensor = op({
  name: "convolutionImage",
  inputs: ["result", "weight"],
  forward: (result, weight, plan: ConvolutionPlan) =>
    run(convolveImageAdjoint, plan.geometry, result, weight, plan.image),
  backward: {
    // ∂/∂y ⟨G, I(y, w)⟩ = C(G, w)
    result: needs(["weight"], (g, { weight }, plan: ConvolutionPlan) => resultOf(g, weight, plan)),
    // ∂/∂w ⟨G, I(y, w)⟩ = W(y, G)
    weight: needs(["result"], (g, { result }, plan: ConvolutionPlan) => weightOf(result, g, plan)),
  },
  samples: () => [],
});

/** W: see Note [three maps]. */
const weightOf: (result: Tensor, image: Tensor, plan: ConvolutionPlan) => Tensor = op({
  name: "convolutionWeight",
  inputs: ["result", "image"],
  forward: (result, image, plan: ConvolutionPlan) =>
    run(convolveWeightAdjoint, plan.geometry, result, image, plan.weight),
  backward: {
    // ∂/∂y ⟨G, W(y, x)⟩ = C(x, G)
    result: needs(["image"], (g, { image }, plan: ConvolutionPlan) => resultOf(image, g, plan)),
    // ∂/∂x ⟨G, W(y, x)⟩ = I(y, G)
    image: needs(["result"], (g, { result }, plan: ConvolutionPlan) => imageOf(result, g, plan)),
  },
  samples: () => [],
});

/**
 * Convolution of any kind; `functional/conv.ts` has the functions by name.
 *
 * Shape: input (N, in, *lengths), weight (out, in / groups, *kernel), bias (out) → (N, out, *lengths), with transposed weight
 * (in, out / groups, *kernel). `stride`, `padding`, `dilation` and `outputPadding` have one number a spatial dimension.
 * Throws: PyTorch's RuntimeErrors for what does not fit together; its NotImplementedError for integers, which it has.
 */
export const convolution: Op<(...args: ConvolutionArguments) => Tensor> = jointOp<
  ConvolutionArguments,
  Tensor
>({
  name: "convolution",
  torch: "torch.convolution",
  tensors: (...args: ConvolutionArguments) => args.slice(0, 3) as MaybeTensor[],
  forward(...args) {
    const [image, weight, bias, , , , isTransposed, , groups] = args;
    // PyTorch looks at the bias of a transposed convolution last.
    if (!isTransposed) requireBiasDtype(image, bias);
    const plan = convolutionPlan(args);
    requireDtypes(image, weight, groups);
    requireBiasDtype(image, bias);
    return [
      isTransposed
        ? run(convolveImageAdjoint, plan.geometry, image, weight, plan.image, bias)
        : run(convolve, plan.geometry, image, weight, plan.result, bias),
    ];
  },
  save: (inputs) => [inputs[0]!, inputs[1]!],
  backward([g], { saved, wanted, args }) {
    const [x, w] = saved as readonly [Tensor, Tensor];
    const plan = convolutionPlan(args);
    const isTransposed = args[6];
    const gradient = g!;
    const overChannels = gradient.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    return [
      wanted[0] === true ? (isTransposed ? resultOf : imageOf)(gradient, w, plan) : null,
      wanted[1] === true ? (isTransposed ? weightOf(x, gradient, plan) : weightOf(gradient, x, plan)) : null,
      wanted[2] === true ? gradient.sum(overChannels) : null,
    ];
  },
  result: ([made]) => made!,
  samples: () => [],
});
