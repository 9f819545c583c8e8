/**
 * Layers that are tried here and in PyTorch: how each is made in both, and with what it is called. `layers-a.main.ts` prints
 * them for `layers-a.py`, which writes PyTorch's answers to `layers-a.json`.
 *
 *     node scripts/run.js test/golden/layers-a.main.ts > requests.json
 *     python test/golden/layers-a.py requests.json test/golden/layers-a.json
 */

import { pyFloat } from "../../src/catalog/value.ts";
import * as nn from "../../src/nn/index.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** An argument of a call. What is drawn is drawn after the layer's parameters, from the same stream. */
export type InputRecipe =
  | { readonly kind: "randn" | "rand"; readonly shape: readonly number[]; readonly dtype: string }
  | { readonly kind: "randint"; readonly high: number; readonly shape: readonly number[] }
  | { readonly kind: "integers"; readonly values: NestedIntegers };

/** Integers in lists of any depth. */
export type NestedIntegers = readonly (number | NestedIntegers)[];

/** One layer. */
export interface LayerCase {
  /** How PyTorch makes it. */
  readonly torch: string;
  readonly make: () => nn.Module;
  readonly inputs: readonly InputRecipe[];
  /** Whether inputs collect no gradients, as they are written. */
  readonly areInputsWritten?: boolean;
  /** Whether its parameters are equal to some digits only. */
  readonly isInexact?: boolean;
}

/** A layer whose weight was written anew. */
function initialized<M extends nn.Module & { weight: nn.Parameter }>(
  layer: M,
  write: (weight: Tensor) => void,
): M {
  write(layer.weight);
  return layer;
}

/** All layers; a seed is the number of its case. */
export const layerCases: readonly LayerCase[] = [
  {
    torch: "nn.ReLU()",
    make: () => new nn.ReLU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.ReLU6()",
    make: () => new nn.ReLU6(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Sigmoid()",
    make: () => new nn.Sigmoid(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Tanh()",
    make: () => new nn.Tanh(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Hardsigmoid()",
    make: () => new nn.Hardsigmoid(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Hardswish()",
    make: () => new nn.Hardswish(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.SiLU()",
    make: () => new nn.SiLU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Mish()",
    make: () => new nn.Mish(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.SELU()",
    make: () => new nn.SELU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LogSigmoid()",
    make: () => new nn.LogSigmoid(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Softsign()",
    make: () => new nn.Softsign(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Tanhshrink()",
    make: () => new nn.Tanhshrink(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LeakyReLU(0.2)",
    make: () => new nn.LeakyReLU(0.2),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LeakyReLU()",
    make: () => new nn.LeakyReLU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.ELU(0.7)",
    make: () => new nn.ELU({ alpha: 0.7 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.CELU(1.5)",
    make: () => new nn.CELU({ alpha: 1.5 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Hardtanh(-0.5, 0.7)",
    make: () => new nn.Hardtanh({ minVal: -0.5, maxVal: 0.7 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Hardshrink(0.3)",
    make: () => new nn.Hardshrink(0.3),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Softshrink(0.3)",
    make: () => new nn.Softshrink({ lambd: 0.3 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Softplus(beta=2.0, threshold=1.5)",
    make: () => new nn.Softplus({ beta: pyFloat(2), threshold: 1.5 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.GELU()",
    make: () => new nn.GELU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.GELU('tanh')",
    make: () => new nn.GELU("tanh"),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.RReLU()",
    make: () => new nn.RReLU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Threshold(0.1, 20.0)",
    make: () => new nn.Threshold(0.1, pyFloat(20)),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.PReLU()",
    make: () => new nn.PReLU(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.PReLU(4, init=0.1)",
    make: () => new nn.PReLU({ numParameters: 4, init: 0.1 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Softmax(dim=1)",
    make: () => new nn.Softmax({ dim: 1 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Softmin(dim=0)",
    make: () => new nn.Softmin(0),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LogSoftmax(dim=-1)",
    make: () => new nn.LogSoftmax({ dim: -1 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Softmax2d()",
    make: () => new nn.Softmax2d(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.GLU(dim=1)",
    make: () => new nn.GLU({ dim: 1 }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.RReLU(0.1, 0.4).eval()",
    make: () => new nn.RReLU(0.1, 0.4).eval(),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.ReLU({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.SiLU(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.SiLU({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.Hardtanh(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.Hardtanh({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.ELU(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.ELU({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.LeakyReLU(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.LeakyReLU({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.Mish(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.Mish({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.Hardswish(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.Hardswish({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.Hardsigmoid(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.Hardsigmoid({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Sequential(nn.Identity(), nn.RReLU(inplace=True))",
    make: () => new nn.Sequential(new nn.Identity(), new nn.RReLU({ inplace: true })),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
    areInputsWritten: true,
  },
  {
    torch: "nn.Conv1d(3, 4, 3)",
    make: () => new nn.Conv1d(3, 4, 3),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.Conv1d(4, 6, 2, stride=2, padding=1, dilation=2, groups=2, bias=False)",
    make: () => new nn.Conv1d(4, 6, 2, { stride: 2, padding: 1, dilation: 2, groups: 2, bias: false }),
    inputs: [{ kind: "randn", shape: [2, 4, 8], dtype: "float32" }],
  },
  {
    torch: "nn.Conv1d(3, 4, 4, padding='same')",
    make: () => new nn.Conv1d(3, 4, 4, { padding: "same" }),
    inputs: [{ kind: "randn", shape: [3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(3, 6, 3)",
    make: () => new nn.Conv2d(3, 6, 3),
    inputs: [{ kind: "randn", shape: [2, 3, 5, 6], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(3, 6, (3, 2), stride=(2, 1), padding=(1, 2))",
    make: () => new nn.Conv2d(3, 6, [3, 2], { stride: [2, 1], padding: [1, 2] }),
    inputs: [{ kind: "randn", shape: [2, 3, 5, 6], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(4, 4, 3, padding=1, groups=4)",
    make: () => new nn.Conv2d(4, 4, 3, { padding: 1, groups: 4 }),
    inputs: [{ kind: "randn", shape: [1, 4, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(3, 5, 1)",
    make: () => new nn.Conv2d(3, 5, 1),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(3, 4, 3, padding='valid')",
    make: () => new nn.Conv2d(3, 4, 3, { padding: "valid" }),
    inputs: [{ kind: "randn", shape: [3, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(2, 4, (2, 3), padding='same', dilation=(1, 2))",
    make: () => new nn.Conv2d(2, 4, [2, 3], { padding: "same", dilation: [1, 2] }),
    inputs: [{ kind: "randn", shape: [1, 2, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode='reflect')",
    make: () => new nn.Conv2d(2, 3, 3, { padding: [1, 2], paddingMode: "reflect" }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode='replicate')",
    make: () => new nn.Conv2d(2, 3, 3, { padding: [1, 2], paddingMode: "replicate" }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode='circular')",
    make: () => new nn.Conv2d(2, 3, 3, { padding: [1, 2], paddingMode: "circular" }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Conv1d(2, 3, 4, padding='same', padding_mode='circular')",
    make: () => new nn.Conv1d(2, 3, 4, { padding: "same", paddingMode: "circular" }),
    inputs: [{ kind: "randn", shape: [1, 2, 6], dtype: "float32" }],
  },
  {
    torch: "nn.Conv2d(2, 3, 3, dtype=torch.float64)",
    make: () => new nn.Conv2d(2, 3, 3, { dtype: "float64" }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "float64" }],
  },
  {
    torch: "nn.Conv2d(2, 3, 3, dtype=torch.bfloat16)",
    make: () => new nn.Conv2d(2, 3, 3, { dtype: "bfloat16" }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "bfloat16" }],
  },
  {
    torch: "nn.Conv3d(2, 3, 2)",
    make: () => new nn.Conv3d(2, 3, 2),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Conv3d(2, 4, (1, 3, 2), stride=(1, 2, 1), padding=(0, 1, 1), dilation=(1, 1, 2), groups=2)",
    make: () =>
      new nn.Conv3d(2, 4, [1, 3, 2], {
        stride: [1, 2, 1],
        padding: [0, 1, 1],
        dilation: [1, 1, 2],
        groups: 2,
      }),
    inputs: [{ kind: "randn", shape: [2, 2, 2, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ConvTranspose1d(4, 3, 3, stride=2, padding=1, output_padding=1)",
    make: () => new nn.ConvTranspose1d(4, 3, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), groups=2, dilation=(1, 2))",
    make: () => new nn.ConvTranspose2d(4, 6, [3, 2], { stride: [2, 3], groups: 2, dilation: [1, 2] }),
    inputs: [{ kind: "randn", shape: [2, 4, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.ConvTranspose2d(3, 4, 2, bias=False)",
    make: () => new nn.ConvTranspose2d(3, 4, 2, { bias: false }),
    inputs: [{ kind: "randn", shape: [3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ConvTranspose3d(2, 3, 2, stride=(2, 1, 1), padding=(1, 0, 0))",
    make: () => new nn.ConvTranspose3d(2, 3, 2, { stride: [2, 1, 1], padding: [1, 0, 0] }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 2, 2], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm1d(3)",
    make: () => new nn.BatchNorm1d(3),
    inputs: [{ kind: "randn", shape: [4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm1d(3).eval()",
    make: () => new nn.BatchNorm1d(3).eval(),
    inputs: [{ kind: "randn", shape: [4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm1d(3)",
    make: () => new nn.BatchNorm1d(3),
    inputs: [{ kind: "randn", shape: [4, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm1d(3).eval()",
    make: () => new nn.BatchNorm1d(3).eval(),
    inputs: [{ kind: "randn", shape: [4, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm1d(3, affine=True, track_running_stats=True)",
    make: () => new nn.InstanceNorm1d(3, { affine: true, trackRunningStats: true }),
    inputs: [{ kind: "randn", shape: [4, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm1d(3)",
    make: () => new nn.InstanceNorm1d(3),
    inputs: [{ kind: "randn", shape: [3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3)",
    make: () => new nn.BatchNorm2d(3),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3).eval()",
    make: () => new nn.BatchNorm2d(3).eval(),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm2d(3, affine=True, track_running_stats=True)",
    make: () => new nn.InstanceNorm2d(3, { affine: true, trackRunningStats: true }),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm2d(3)",
    make: () => new nn.InstanceNorm2d(3),
    inputs: [{ kind: "randn", shape: [3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm3d(3)",
    make: () => new nn.BatchNorm3d(3),
    inputs: [{ kind: "randn", shape: [2, 3, 2, 2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm3d(3).eval()",
    make: () => new nn.BatchNorm3d(3).eval(),
    inputs: [{ kind: "randn", shape: [2, 3, 2, 2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm3d(3, affine=True, track_running_stats=True)",
    make: () => new nn.InstanceNorm3d(3, { affine: true, trackRunningStats: true }),
    inputs: [{ kind: "randn", shape: [2, 3, 2, 2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm3d(3)",
    make: () => new nn.InstanceNorm3d(3),
    inputs: [{ kind: "randn", shape: [3, 2, 2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.InstanceNorm2d(3, track_running_stats=True).eval()",
    make: () => new nn.InstanceNorm2d(3, { trackRunningStats: true }).eval(),
    inputs: [{ kind: "randn", shape: [2, 3, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3, eps=0.001, momentum=None)",
    make: () => new nn.BatchNorm2d(3, { eps: 0.001, momentum: null }),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3, affine=False)",
    make: () => new nn.BatchNorm2d(3, { affine: false }),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3, track_running_stats=False)",
    make: () => new nn.BatchNorm2d(3, { trackRunningStats: false }),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3, track_running_stats=False).eval()",
    make: () => new nn.BatchNorm2d(3, { trackRunningStats: false }).eval(),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm2d(3, bias=False)",
    make: () => new nn.BatchNorm2d(3, { bias: false }),
    inputs: [{ kind: "randn", shape: [2, 3, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.BatchNorm1d(3, dtype=torch.bfloat16)",
    make: () => new nn.BatchNorm1d(3, { dtype: "bfloat16" }),
    inputs: [{ kind: "randn", shape: [6, 3], dtype: "bfloat16" }],
  },
  {
    torch: "nn.LayerNorm(6)",
    make: () => new nn.LayerNorm(6),
    inputs: [{ kind: "randn", shape: [2, 4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.LayerNorm([4, 6], eps=0.01, bias=False)",
    make: () => new nn.LayerNorm([4, 6], { eps: 0.01, bias: false }),
    inputs: [{ kind: "randn", shape: [3, 4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.LayerNorm(6, elementwise_affine=False)",
    make: () => new nn.LayerNorm(6, { elementwiseAffine: false }),
    inputs: [{ kind: "randn", shape: [4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.GroupNorm(2, 6)",
    make: () => new nn.GroupNorm(2, 6),
    inputs: [{ kind: "randn", shape: [2, 6, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.GroupNorm(6, 6)",
    make: () => new nn.GroupNorm(6, 6),
    inputs: [{ kind: "randn", shape: [2, 6, 4], dtype: "float32" }],
  },
  {
    torch: "nn.GroupNorm(3, 6, affine=False)",
    make: () => new nn.GroupNorm(3, 6, { affine: false }),
    inputs: [{ kind: "randn", shape: [2, 6], dtype: "float32" }],
  },
  {
    torch: "nn.GroupNorm(1, 4, bias=False)",
    make: () => new nn.GroupNorm(1, 4, { bias: false }),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.RMSNorm(6)",
    make: () => new nn.RMSNorm(6),
    inputs: [{ kind: "randn", shape: [2, 4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.RMSNorm([4, 6], eps=0.1, elementwise_affine=False)",
    make: () => new nn.RMSNorm([4, 6], { eps: 0.1, elementwiseAffine: false }),
    inputs: [{ kind: "randn", shape: [2, 4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.RMSNorm(6, dtype=torch.bfloat16)",
    make: () => new nn.RMSNorm(6, { dtype: "bfloat16" }),
    inputs: [{ kind: "randn", shape: [3, 6], dtype: "bfloat16" }],
  },
  {
    torch: "nn.LocalResponseNorm(2)",
    make: () => new nn.LocalResponseNorm(2),
    inputs: [{ kind: "randn", shape: [2, 4, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LocalResponseNorm(3, alpha=0.5, beta=0.6, k=2.0)",
    make: () => new nn.LocalResponseNorm(3, { alpha: 0.5, beta: 0.6, k: pyFloat(2) }),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Embedding(10, 3)",
    make: () => new nn.Embedding(10, 3),
    inputs: [{ kind: "randint", high: 10, shape: [2, 4] }],
  },
  {
    torch: "nn.Embedding(7, 5, padding_idx=-2, scale_grad_by_freq=True)",
    make: () => new nn.Embedding(7, 5, { paddingIdx: -2, scaleGradByFreq: true }),
    inputs: [{ kind: "randint", high: 7, shape: [3, 5] }],
  },
  {
    torch: "nn.Embedding(6, 4, max_norm=1.0, norm_type=1.5)",
    make: () => new nn.Embedding(6, 4, { maxNorm: pyFloat(1), normType: 1.5 }),
    inputs: [{ kind: "randint", high: 6, shape: [5] }],
  },
  {
    torch: "nn.Embedding(3, 2)",
    make: () => new nn.Embedding(3, 2),
    inputs: [{ kind: "randint", high: 3, shape: [4] }],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='sum')",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "sum" }),
    inputs: [{ kind: "randint", high: 8, shape: [3, 4] }],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='sum', padding_idx=1)",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "sum", paddingIdx: 1 }),
    inputs: [
      { kind: "randint", high: 8, shape: [7] },
      { kind: "integers", values: [0, 2, 2, 5] },
    ],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='mean')",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "mean" }),
    inputs: [{ kind: "randint", high: 8, shape: [3, 4] }],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='mean', padding_idx=1)",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "mean", paddingIdx: 1 }),
    inputs: [
      { kind: "randint", high: 8, shape: [7] },
      { kind: "integers", values: [0, 2, 2, 5] },
    ],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='max')",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "max" }),
    inputs: [{ kind: "randint", high: 8, shape: [3, 4] }],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='max', padding_idx=1)",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "max", paddingIdx: 1 }),
    inputs: [
      { kind: "randint", high: 8, shape: [7] },
      { kind: "integers", values: [0, 2, 2, 5] },
    ],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='sum', include_last_offset=True, scale_grad_by_freq=True)",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "sum", includeLastOffset: true, scaleGradByFreq: true }),
    inputs: [
      { kind: "randint", high: 8, shape: [6] },
      { kind: "integers", values: [0, 3, 6] },
    ],
  },
  {
    torch: "nn.EmbeddingBag(8, 3, mode='sum')",
    make: () => new nn.EmbeddingBag(8, 3, { mode: "sum" }),
    inputs: [
      { kind: "randint", high: 8, shape: [6] },
      { kind: "integers", values: [0, 4] },
      { kind: "randn", shape: [6], dtype: "float32" },
    ],
  },
  {
    torch: "nn.MaxPool1d(2)",
    make: () => new nn.MaxPool1d(2),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.MaxPool1d(3, stride=2, padding=1, dilation=2, ceil_mode=True)",
    make: () => new nn.MaxPool1d(3, { stride: 2, padding: 1, dilation: 2, ceilMode: true }),
    inputs: [{ kind: "randn", shape: [2, 9], dtype: "float32" }],
  },
  {
    torch: "nn.MaxPool2d(2)",
    make: () => new nn.MaxPool2d(2),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 6], dtype: "float32" }],
  },
  {
    torch: "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 1), return_indices=True)",
    make: () => new nn.MaxPool2d([3, 2], { stride: [2, 1], padding: [1, 1], returnIndices: true }),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 6], dtype: "float32" }],
  },
  {
    torch: "nn.MaxPool2d(3, stride=2, ceil_mode=True)",
    make: () => new nn.MaxPool2d(3, { stride: 2, ceilMode: true }),
    inputs: [{ kind: "randn", shape: [2, 6, 6], dtype: "float32" }],
  },
  {
    torch: "nn.MaxPool3d(2, return_indices=True)",
    make: () => new nn.MaxPool3d(2, { returnIndices: true }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.AvgPool1d(3, stride=2, padding=1)",
    make: () => new nn.AvgPool1d(3, { stride: 2, padding: 1 }),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AvgPool1d(3, count_include_pad=False, padding=1)",
    make: () => new nn.AvgPool1d(3, { countIncludePad: false, padding: 1 }),
    inputs: [{ kind: "randn", shape: [3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True)",
    make: () => new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
    inputs: [{ kind: "randn", shape: [2, 2, 6, 6], dtype: "float32" }],
  },
  {
    torch: "nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
    make: () => new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    inputs: [{ kind: "randn", shape: [2, 6, 6], dtype: "float32" }],
  },
  {
    torch: "nn.AvgPool2d((2, 3), divisor_override=5)",
    make: () => new nn.AvgPool2d([2, 3], { divisorOverride: 5 }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.AvgPool3d(2, stride=1)",
    make: () => new nn.AvgPool3d(2, { stride: 1 }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool1d(3)",
    make: () => new nn.AdaptiveAvgPool1d(3),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool1d(1)",
    make: () => new nn.AdaptiveAvgPool1d(1),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool1d(3)",
    make: () => new nn.AdaptiveMaxPool1d(3),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool1d(1)",
    make: () => new nn.AdaptiveMaxPool1d(1),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.LPPool1d(2, 2)",
    make: () => new nn.LPPool1d(2, 2),
    inputs: [{ kind: "randn", shape: [2, 3, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool2d(3)",
    make: () => new nn.AdaptiveAvgPool2d(3),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool2d(1)",
    make: () => new nn.AdaptiveAvgPool2d(1),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool2d(3)",
    make: () => new nn.AdaptiveMaxPool2d(3),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool2d(1)",
    make: () => new nn.AdaptiveMaxPool2d(1),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.LPPool2d(2, 2)",
    make: () => new nn.LPPool2d(2, 2),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool3d(3)",
    make: () => new nn.AdaptiveAvgPool3d(3),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool3d(1)",
    make: () => new nn.AdaptiveAvgPool3d(1),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool3d(3)",
    make: () => new nn.AdaptiveMaxPool3d(3),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool3d(1)",
    make: () => new nn.AdaptiveMaxPool3d(1),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LPPool3d(2, 2)",
    make: () => new nn.LPPool3d(2, 2),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveAvgPool2d((None, 2))",
    make: () => new nn.AdaptiveAvgPool2d([null, 2]),
    inputs: [{ kind: "randn", shape: [2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.AdaptiveMaxPool2d((2, 3), return_indices=True)",
    make: () => new nn.AdaptiveMaxPool2d([2, 3], { returnIndices: true }),
    inputs: [{ kind: "randn", shape: [2, 2, 5, 7], dtype: "float32" }],
  },
  {
    torch: "nn.LPPool1d(1.5, 3, stride=2, ceil_mode=True)",
    make: () => new nn.LPPool1d(1.5, 3, { stride: 2, ceilMode: true }),
    inputs: [{ kind: "rand", shape: [2, 3, 8], dtype: "float32" }],
  },
  {
    torch: "nn.MaxUnpool2d(2)",
    make: () => new nn.MaxUnpool2d(2),
    inputs: [
      { kind: "randn", shape: [1, 1, 2, 2], dtype: "float32" },
      {
        kind: "integers",
        values: [
          [
            [
              [0, 3],
              [10, 15],
            ],
          ],
        ],
      },
    ],
  },
  {
    torch: "nn.ZeroPad1d((1, 2))",
    make: () => new nn.ZeroPad1d([1, 2]),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ZeroPad1d(1)",
    make: () => new nn.ZeroPad1d(1),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReflectionPad1d((1, 2))",
    make: () => new nn.ReflectionPad1d([1, 2]),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReflectionPad1d(1)",
    make: () => new nn.ReflectionPad1d(1),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReplicationPad1d((1, 2))",
    make: () => new nn.ReplicationPad1d([1, 2]),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReplicationPad1d(1)",
    make: () => new nn.ReplicationPad1d(1),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.CircularPad1d((1, 2))",
    make: () => new nn.CircularPad1d([1, 2]),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.CircularPad1d(1)",
    make: () => new nn.CircularPad1d(1),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ConstantPad1d((1, 2), 3.5)",
    make: () => new nn.ConstantPad1d([1, 2], 3.5),
    inputs: [{ kind: "randn", shape: [2, 3, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ZeroPad2d((1, 2, 0, 1))",
    make: () => new nn.ZeroPad2d([1, 2, 0, 1]),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ZeroPad2d(1)",
    make: () => new nn.ZeroPad2d(1),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReflectionPad2d((1, 2, 0, 1))",
    make: () => new nn.ReflectionPad2d([1, 2, 0, 1]),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReflectionPad2d(1)",
    make: () => new nn.ReflectionPad2d(1),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReplicationPad2d((1, 2, 0, 1))",
    make: () => new nn.ReplicationPad2d([1, 2, 0, 1]),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ReplicationPad2d(1)",
    make: () => new nn.ReplicationPad2d(1),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.CircularPad2d((1, 2, 0, 1))",
    make: () => new nn.CircularPad2d([1, 2, 0, 1]),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.CircularPad2d(1)",
    make: () => new nn.CircularPad2d(1),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ConstantPad2d((1, 2, 0, 1), 3.5)",
    make: () => new nn.ConstantPad2d([1, 2, 0, 1], 3.5),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.ZeroPad3d((1, 2, 1, 0, 1, 1))",
    make: () => new nn.ZeroPad3d([1, 2, 1, 0, 1, 1]),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ZeroPad3d(1)",
    make: () => new nn.ZeroPad3d(1),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ReflectionPad3d((1, 2, 1, 0, 1, 1))",
    make: () => new nn.ReflectionPad3d([1, 2, 1, 0, 1, 1]),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ReflectionPad3d(1)",
    make: () => new nn.ReflectionPad3d(1),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ReplicationPad3d((1, 2, 1, 0, 1, 1))",
    make: () => new nn.ReplicationPad3d([1, 2, 1, 0, 1, 1]),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ReplicationPad3d(1)",
    make: () => new nn.ReplicationPad3d(1),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.CircularPad3d((1, 2, 1, 0, 1, 1))",
    make: () => new nn.CircularPad3d([1, 2, 1, 0, 1, 1]),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.CircularPad3d(1)",
    make: () => new nn.CircularPad3d(1),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.ConstantPad3d((1, 2, 1, 0, 1, 1), 3.5)",
    make: () => new nn.ConstantPad3d([1, 2, 1, 0, 1, 1], 3.5),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='nearest')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "nearest" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='nearest')",
    make: () => new nn.Upsample({ size: 3, mode: "nearest" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='nearest-exact')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "nearest-exact" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='nearest-exact')",
    make: () => new nn.Upsample({ size: 3, mode: "nearest-exact" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='area')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "area" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='area')",
    make: () => new nn.Upsample({ size: 3, mode: "area" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='linear')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "linear" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='linear')",
    make: () => new nn.Upsample({ size: 3, mode: "linear" }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=5, mode='linear', align_corners=True)",
    make: () => new nn.Upsample({ size: 5, mode: "linear", alignCorners: true }),
    inputs: [{ kind: "randn", shape: [2, 2, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='nearest')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "nearest" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='nearest')",
    make: () => new nn.Upsample({ size: 3, mode: "nearest" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='nearest-exact')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "nearest-exact" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='nearest-exact')",
    make: () => new nn.Upsample({ size: 3, mode: "nearest-exact" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='area')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "area" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='area')",
    make: () => new nn.Upsample({ size: 3, mode: "area" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='bilinear')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "bilinear" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='bilinear')",
    make: () => new nn.Upsample({ size: 3, mode: "bilinear" }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=5, mode='bilinear', align_corners=True)",
    make: () => new nn.Upsample({ size: 5, mode: "bilinear", alignCorners: true }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='nearest')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "nearest" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='nearest')",
    make: () => new nn.Upsample({ size: 3, mode: "nearest" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='nearest-exact')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "nearest-exact" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='nearest-exact')",
    make: () => new nn.Upsample({ size: 3, mode: "nearest-exact" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='area')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "area" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='area')",
    make: () => new nn.Upsample({ size: 3, mode: "area" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='trilinear')",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "trilinear" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=3, mode='trilinear')",
    make: () => new nn.Upsample({ size: 3, mode: "trilinear" }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=5, mode='trilinear', align_corners=True)",
    make: () => new nn.Upsample({ size: 5, mode: "trilinear", alignCorners: true }),
    inputs: [{ kind: "randn", shape: [1, 2, 2, 3, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=(2, 1.5), mode='bicubic')",
    make: () => new nn.Upsample({ scaleFactor: [2, 1.5], mode: "bicubic" }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(size=(7, 3), mode='bicubic', align_corners=True)",
    make: () => new nn.Upsample({ size: [7, 3], mode: "bicubic", alignCorners: true }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=1.7, mode='bilinear', recompute_scale_factor=True)",
    make: () => new nn.Upsample({ scaleFactor: 1.7, mode: "bilinear", recomputeScaleFactor: true }),
    inputs: [{ kind: "randn", shape: [1, 2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.UpsamplingNearest2d(scale_factor=2)",
    make: () => new nn.UpsamplingNearest2d({ scaleFactor: 2 }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.UpsamplingBilinear2d(size=(4, 5))",
    make: () => new nn.UpsamplingBilinear2d({ size: [4, 5] }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.PixelShuffle(2)",
    make: () => new nn.PixelShuffle(2),
    inputs: [{ kind: "randn", shape: [2, 8, 2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.PixelUnshuffle(2)",
    make: () => new nn.PixelUnshuffle(2),
    inputs: [{ kind: "randn", shape: [2, 2, 4, 6], dtype: "float32" }],
  },
  {
    torch: "nn.ChannelShuffle(2)",
    make: () => new nn.ChannelShuffle(2),
    inputs: [{ kind: "randn", shape: [1, 6, 2, 2], dtype: "float32" }],
  },
  {
    torch: "nn.Unfold((2, 3), dilation=(1, 2), padding=1, stride=(2, 1))",
    make: () => new nn.Unfold([2, 3], { dilation: [1, 2], padding: 1, stride: [2, 1] }),
    inputs: [{ kind: "randn", shape: [2, 2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Fold((4, 5), 2)",
    make: () => new nn.Fold([4, 5], 2),
    inputs: [{ kind: "randn", shape: [2, 8, 12], dtype: "float32" }],
  },
  {
    torch: "nn.Fold((4, 5), 2, stride=2, padding=1)",
    make: () => new nn.Fold([4, 5], 2, { stride: 2, padding: 1 }),
    inputs: [{ kind: "randn", shape: [8, 9], dtype: "float32" }],
  },
  {
    torch: "nn.Flatten()",
    make: () => new nn.Flatten(),
    inputs: [{ kind: "randn", shape: [2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Flatten(0, 1)",
    make: () => new nn.Flatten(0, 1),
    inputs: [{ kind: "randn", shape: [2, 3, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Unflatten(1, (2, 3))",
    make: () => new nn.Unflatten(1, [2, 3]),
    inputs: [{ kind: "randn", shape: [2, 6], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout(0.3)",
    make: () => new nn.Dropout(0.3),
    inputs: [{ kind: "randn", shape: [4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout().eval()",
    make: () => new nn.Dropout().eval(),
    inputs: [{ kind: "randn", shape: [4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.AlphaDropout(0.3)",
    make: () => new nn.AlphaDropout(0.3),
    inputs: [{ kind: "randn", shape: [4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.AlphaDropout().eval()",
    make: () => new nn.AlphaDropout().eval(),
    inputs: [{ kind: "randn", shape: [4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout1d(0.4)",
    make: () => new nn.Dropout1d({ p: 0.4 }),
    inputs: [{ kind: "randn", shape: [3, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout1d(0.4)",
    make: () => new nn.Dropout1d({ p: 0.4 }),
    inputs: [{ kind: "randn", shape: [4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout2d(0.4)",
    make: () => new nn.Dropout2d(0.4),
    inputs: [{ kind: "randn", shape: [2, 4, 2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout3d(0.4)",
    make: () => new nn.Dropout3d(0.4),
    inputs: [{ kind: "randn", shape: [4, 2, 2, 2], dtype: "float32" }],
  },
  {
    torch: "nn.FeatureAlphaDropout(0.4)",
    make: () => new nn.FeatureAlphaDropout(0.4),
    inputs: [{ kind: "randn", shape: [2, 4, 3], dtype: "float32" }],
  },
  {
    torch: "nn.Dropout(1.0)",
    make: () => new nn.Dropout(pyFloat(1)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LazyLinear(4)",
    make: () => new nn.LazyLinear(4),
    inputs: [{ kind: "randn", shape: [2, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyLinear(4, bias=False)",
    make: () => new nn.LazyLinear(4, { bias: false }),
    inputs: [{ kind: "randn", shape: [2, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyConv1d(6, 2, groups=2)",
    make: () => new nn.LazyConv1d(6, 2, { groups: 2 }),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyConvTranspose1d(6, 2, stride=2)",
    make: () => new nn.LazyConvTranspose1d(6, 2, { stride: 2 }),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyBatchNorm1d()",
    make: () => new nn.LazyBatchNorm1d(),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyInstanceNorm1d(affine=False)",
    make: () => new nn.LazyInstanceNorm1d({ affine: false }),
    inputs: [{ kind: "randn", shape: [2, 4, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyConv2d(6, 2, groups=2)",
    make: () => new nn.LazyConv2d(6, 2, { groups: 2 }),
    inputs: [{ kind: "randn", shape: [2, 4, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyConvTranspose2d(6, 2, stride=2)",
    make: () => new nn.LazyConvTranspose2d(6, 2, { stride: 2 }),
    inputs: [{ kind: "randn", shape: [2, 4, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyBatchNorm2d()",
    make: () => new nn.LazyBatchNorm2d(),
    inputs: [{ kind: "randn", shape: [2, 4, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyInstanceNorm2d(affine=False)",
    make: () => new nn.LazyInstanceNorm2d({ affine: false }),
    inputs: [{ kind: "randn", shape: [2, 4, 5, 5], dtype: "float32" }],
  },
  {
    torch: "nn.LazyConv3d(6, 2, groups=2)",
    make: () => new nn.LazyConv3d(6, 2, { groups: 2 }),
    inputs: [{ kind: "randn", shape: [1, 4, 3, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LazyConvTranspose3d(6, 2, stride=2)",
    make: () => new nn.LazyConvTranspose3d(6, 2, { stride: 2 }),
    inputs: [{ kind: "randn", shape: [1, 4, 3, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LazyBatchNorm3d()",
    make: () => new nn.LazyBatchNorm3d(),
    inputs: [{ kind: "randn", shape: [1, 4, 3, 3, 3], dtype: "float32" }],
  },
  {
    torch: "nn.LazyInstanceNorm3d(affine=False)",
    make: () => new nn.LazyInstanceNorm3d({ affine: false }),
    inputs: [{ kind: "randn", shape: [1, 4, 3, 3, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.uniform_(w, -2, 3))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.uniform_(w, -2, 3)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.uniform_(w, -2, 3))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.uniform_(w, -2, 3)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.normal_(w, 1, 2))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.normal_(w, { mean: 1, std: 2 })),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.normal_(w, 1, 2))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.normal_(w, { mean: 1, std: 2 })),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.trunc_normal_(w, 0.5, 2, -1, 3))",
    make: () =>
      initialized(new nn.Linear(7, 4), (w) => nn.init.truncNormal_(w, { mean: 0.5, std: 2, a: -1, b: 3 })),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.trunc_normal_(w, 0.5, 2, -1, 3))",
    make: () =>
      initialized(new nn.Linear(3, 6), (w) => nn.init.truncNormal_(w, { mean: 0.5, std: 2, a: -1, b: 3 })),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.constant_(w, 0.3))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.constant_(w, 0.3)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.constant_(w, 0.3))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.constant_(w, 0.3)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.ones_(w))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.ones_(w)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.ones_(w))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.ones_(w)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.zeros_(w))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.zeros_(w)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.zeros_(w))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.zeros_(w)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.eye_(w))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.eye_(w)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.eye_(w))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.eye_(w)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.xavier_uniform_(w, gain=2))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.xavierUniform_(w, { gain: 2 })),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.xavier_uniform_(w, gain=2))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.xavierUniform_(w, { gain: 2 })),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.xavier_normal_(w))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.xavierNormal_(w)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.xavier_normal_(w))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.xavierNormal_(w)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch:
      "initialized(nn.Linear(7, 4), lambda w: nn.init.kaiming_uniform_(w, mode='fan_out', nonlinearity='relu'))",
    make: () =>
      initialized(new nn.Linear(7, 4), (w) =>
        nn.init.kaimingUniform_(w, { mode: "fan_out", nonlinearity: "relu" }),
      ),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch:
      "initialized(nn.Linear(3, 6), lambda w: nn.init.kaiming_uniform_(w, mode='fan_out', nonlinearity='relu'))",
    make: () =>
      initialized(new nn.Linear(3, 6), (w) =>
        nn.init.kaimingUniform_(w, { mode: "fan_out", nonlinearity: "relu" }),
      ),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.kaiming_normal_(w, a=0.1))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.kaimingNormal_(w, { a: 0.1 })),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.kaiming_normal_(w, a=0.1))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.kaimingNormal_(w, { a: 0.1 })),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.orthogonal_(w, gain=1.5))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.orthogonal_(w, { gain: 1.5 })),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
    isInexact: true,
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.orthogonal_(w, gain=1.5))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.orthogonal_(w, { gain: 1.5 })),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
    isInexact: true,
  },
  {
    torch: "initialized(nn.Linear(7, 4), lambda w: nn.init.sparse_(w, 0.4))",
    make: () => initialized(new nn.Linear(7, 4), (w) => nn.init.sparse_(w, 0.4)),
    inputs: [{ kind: "randn", shape: [2, 7], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Linear(3, 6), lambda w: nn.init.sparse_(w, 0.4))",
    make: () => initialized(new nn.Linear(3, 6), (w) => nn.init.sparse_(w, 0.4)),
    inputs: [{ kind: "randn", shape: [2, 3], dtype: "float32" }],
  },
  {
    torch: "initialized(nn.Conv2d(4, 6, 3), lambda w: nn.init.dirac_(w, 2))",
    make: () => initialized(new nn.Conv2d(4, 6, 3), (w) => nn.init.dirac_(w, { groups: 2 })),
    inputs: [{ kind: "randn", shape: [1, 4, 4, 4], dtype: "float32" }],
  },
  {
    torch: "nn.Upsample(scale_factor=(1.3, 2.3))",
    make: () => new nn.Upsample({ scaleFactor: [1.3, 2.3] }),
    inputs: [{ kind: "randn", shape: [1, 2, 3, 3], dtype: "float32" }],
  },
];
