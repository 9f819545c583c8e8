import { describe, expect, test } from "vitest";
import { arange } from "../ops/creation-sequences.ts";
import { tensor } from "../ops/creation.ts";
import { gradcheck, gradgradcheck } from "../ops/gradcheck.ts";
import "../ops/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import * as activation from "./activation.ts";
import * as adaptive from "./adaptive-pooling.ts";
import * as unpooling from "./unpooling.ts";
import { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d } from "./conv.ts";
import { embedding, embeddingBag } from "./embedding.ts";
import { interpolate } from "./interpolation.ts";
import * as norm from "./normalization.ts";
import * as pooling from "./pooling.ts";
import * as rearranging from "./rearranging.ts";

type Call = (...inputs: Tensor[]) => Tensor;

/** Numbers in mixed order between -2 and 2, none equal to another or on a kink of the functions here. */
function spread(shape: readonly number[], salt: number): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = arange(count, { dtype: "float64" })
    .mul(0.6180339887 + salt * 0.1)
    .add(salt * 0.37 + 0.013);
  return values.remainder(1).mul(4).sub(1.985).reshape(shape);
}

const indices = tensor([1, 3, 1, 0, 2]);
const offsets = tensor([0, 2]);
const kept = tensor([
  [
    [
      [0, 3],
      [10, 15],
    ],
  ],
]);

type Row = readonly [name: string, call: Call, shapes: readonly (readonly number[])[]];

/** Functions with the shapes of what they are differentiated by. */
const calls: readonly Row[] = [
  ["conv1d", (x, w, bias) => conv1d(x, w, { bias, stride: 2, padding: 1 }), [[2, 2, 5], [3, 2, 3], [3]]],
  [
    "conv2d",
    (x, w, bias) => conv2d(x, w, { bias, groups: 2, dilation: [1, 2] }),
    [[1, 4, 3, 4], [2, 2, 2, 2], [2]],
  ],
  [
    "conv2d of single pixels",
    (x, w) => conv2d(x, w),
    [
      [2, 2, 2, 2],
      [3, 2, 1, 1],
    ],
  ],
  [
    "conv2d, same",
    (x, w) => conv2d(x, w, { padding: "same" }),
    [
      [1, 1, 3, 3],
      [1, 1, 2, 3],
    ],
  ],
  [
    "conv3d",
    (x, w) => conv3d(x, w, { padding: [0, 1, 0] }),
    [
      [1, 1, 2, 2, 3],
      [2, 1, 2, 2, 2],
    ],
  ],
  [
    "convTranspose1d",
    (x, w, bias) => convTranspose1d(x, w, { bias, stride: 2, outputPadding: 1 }),
    [[1, 2, 3], [2, 2, 2], [2]],
  ],
  [
    "convTranspose2d",
    (x, w) => convTranspose2d(x, w, { groups: 2, padding: 1, dilation: 2 }),
    [
      [1, 4, 3, 3],
      [4, 1, 2, 2],
    ],
  ],
  ["maxPool2d", (x) => pooling.maxPool2d(x, 2, { stride: 1, padding: 1 }), [[1, 2, 3, 3]]],
  ["maxPool3d", (x) => pooling.maxPool3d(x, 2), [[1, 2, 2, 4]]],
  ["avgPool1d", (x) => pooling.avgPool1d(x, 3, { padding: 1, stride: 2 }), [[2, 5]]],
  ["avgPool2d", (x) => pooling.avgPool2d(x, 2, { ceilMode: true, countIncludePad: false }), [[1, 3, 3]]],
  ["lpPool1d", (x) => pooling.lpPool1d(x.mul(x).add(1), 3, 2), [[1, 4]]],
  ["adaptiveAvgPool2d", (x) => adaptive.adaptiveAvgPool2d(x, [2, 3]), [[1, 3, 4]]],
  ["adaptiveMaxPool2d", (x) => adaptive.adaptiveMaxPool2d(x, 2), [[1, 3, 4]]],
  ["maxUnpool2d", (x) => unpooling.maxUnpool2d(x, kept, 2), [[1, 1, 2, 2]]],
  [
    "batchNorm in training",
    (x, weight, bias) => norm.batchNorm(x, null, null, { weight, bias, training: true }),
    [[3, 2, 2], [2], [2]],
  ],
  [
    "batchNorm in evaluation",
    (x, weight, bias) => norm.batchNorm(x, spread([2], 3), spread([2], 4).abs(), { weight, bias }),
    [[3, 2], [2], [2]],
  ],
  ["batchNorm without weight", (x) => norm.batchNorm(x, null, null, { training: true }), [[4, 2]]],
  ["instanceNorm", (x, weight) => norm.instanceNorm(x, null, null, { weight }), [[2, 2, 3], [2]]],
  [
    "layerNorm",
    (x, weight, bias) => norm.layerNorm(x, [2, 3], { weight, bias }),
    [
      [2, 2, 3],
      [2, 3],
      [2, 3],
    ],
  ],
  ["groupNorm", (x, weight, bias) => norm.groupNorm(x, 2, { weight, bias }), [[2, 4, 2], [4], [4]]],
  ["rmsNorm", (x, weight) => norm.rmsNorm(x, [3], { weight, eps: 0.1 }), [[2, 3], [3]]],
  ["localResponseNorm", (x) => norm.localResponseNorm(x, 2, { alpha: 1 }), [[1, 3, 2]]],
  ["normalize", (x) => norm.normalize(x), [[2, 3]]],
  ["embedding", (w) => embedding(indices, w), [[4, 2]]],
  [
    "embeddingBag, sum",
    (w, perSampleWeights) => embeddingBag(indices, w, { offsets, mode: "sum", perSampleWeights }),
    [[4, 2], [5]],
  ],
  ["embeddingBag, mean", (w) => embeddingBag(indices, w, { offsets }), [[4, 2]]],
  ["embeddingBag, max", (w) => embeddingBag(indices, w, { offsets, mode: "max" }), [[4, 2]]],
  ["interpolate, nearest", (x) => interpolate(x, { size: 5 }), [[1, 1, 3]]],
  ["interpolate, bilinear", (x) => interpolate(x, { scaleFactor: 1.5, mode: "bilinear" }), [[1, 1, 2, 3]]],
  [
    "interpolate, bicubic",
    (x) => interpolate(x, { size: [3, 2], mode: "bicubic", alignCorners: true }),
    [[1, 1, 2, 3]],
  ],
  ["unfold", (x) => rearranging.unfold(x, 2, { padding: 1 }), [[1, 2, 2, 3]]],
  ["fold", (x) => rearranging.fold(x, [3, 3], 2), [[4, 4]]],
  ["pixelShuffle", (x) => rearranging.pixelShuffle(x, 2), [[4, 1, 2]]],
  ["pixelUnshuffle", (x) => rearranging.pixelUnshuffle(x, 2), [[1, 2, 4]]],
  ["channelShuffle", (x) => rearranging.channelShuffle(x, 2), [[1, 6, 1]]],
  ["leakyRelu", (x) => activation.leakyRelu(x), [[3, 4]]],
  ["elu", (x) => activation.elu(x, { alpha: 0.7 }), [[3, 4]]],
  ["celu", (x) => activation.celu(x, { alpha: 0.7 }), [[3, 4]]],
  ["selu", (x) => activation.selu(x), [[3, 4]]],
  ["hardtanh", (x) => activation.hardtanh(x), [[3, 4]]],
  ["threshold", (x) => activation.threshold(x, 0.5, 2), [[3, 4]]],
  ["hardsigmoid", (x) => activation.hardsigmoid(x.mul(2)), [[3, 4]]],
  ["hardswish", (x) => activation.hardswish(x.mul(2)), [[3, 4]]],
  ["silu", (x) => activation.silu(x), [[3, 4]]],
  ["mish", (x) => activation.mish(x), [[3, 4]]],
  ["gelu", (x) => activation.gelu(x), [[3, 4]]],
  ["gelu, tanh", (x) => activation.gelu(x, { approximate: "tanh" }), [[3, 4]]],
  ["hardshrink", (x) => activation.hardshrink(x), [[3, 4]]],
  ["softshrink", (x) => activation.softshrink(x), [[3, 4]]],
  ["softplus", (x) => activation.softplus(x, { beta: 2, threshold: 1 }), [[3, 4]]],
  ["logSigmoid", (x) => activation.logSigmoid(x), [[3, 4]]],
  ["softsign", (x) => activation.softsign(x), [[3, 4]]],
  ["tanhshrink", (x) => activation.tanhshrink(x), [[3, 4]]],
  ["softmin", (x) => activation.softmin(x, { dim: 1 }), [[3, 4]]],
  ["prelu", (x, w) => activation.prelu(x, w), [[2, 3], [3]]],
  ["glu", (x) => activation.glu(x, { dim: 0 }), [[4, 2]]],
  ["rrelu", (x) => activation.rrelu(x), [[3, 4]]],
];

describe("functions of layers", () => {
  const inputsOf = (shapes: readonly (readonly number[])[]): Tensor[] =>
    shapes.map((shape, salt) => spread(shape, salt).requiresGrad_());

  test.each(calls)("%s has the gradient that differences show", (_, call, shapes) => {
    expect(gradcheck(call, inputsOf(shapes))).toBe(true);
  });

  test.each(calls)("%s has the second derivative that differences show", (_, call, shapes) => {
    expect(gradgradcheck(call, inputsOf(shapes))).toBe(true);
  });
});
