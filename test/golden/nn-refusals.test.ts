/** What `nn` refuses, and what it gives at the edge, as PyTorch does; `nn-refusals.py` made the JSON. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ParascopeError } from "../../src/errors.ts";
import * as F from "../../src/functional/index.ts";
import * as nn from "../../src/nn/index.ts";
import { full, ones, tensor, zeros } from "../../src/ops/creation.ts";
import "../../src/ops/methods.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isTensor } from "../../src/tensor/tensor.ts";
import { setWarningHandler } from "../../src/warnings.ts";

const golden = JSON.parse(readFileSync(new URL("nn-refusals.json", import.meta.url), "utf8")) as {
  readonly outcomes: Readonly<Record<string, readonly [unknown, string]>>;
};

let former: ReturnType<typeof setWarningHandler> = null;
beforeAll(() => {
  former = setWarningHandler(() => {});
});
afterAll(() => {
  setWarningHandler(former);
});

const double = { dtype: "float64" } as const;
const int64 = { dtype: "int64" } as const;
const labels = tensor([0, 1]);
const wanting = (...shape: number[]): Tensor => full(shape, 0.5, { requiresGrad: true });

const sequence = (): nn.Sequential => new nn.Sequential(new nn.Linear(1, 1)) as never;

const calls: Readonly<Record<string, () => unknown>> = {
  "BatchNorm1d of doubles": () => new nn.BatchNorm1d(4)(ones(2, 4, 3, double)),
  "BatchNorm1d without weights of doubles": () =>
    new nn.BatchNorm1d(4, { affine: false })(ones(2, 4, 3, double)),
  "BatchNorm1d without anything of doubles": () =>
    new nn.BatchNorm1d(4, { affine: false, trackRunningStats: false })(ones(2, 4, 3, double)),
  "a double BatchNorm1d": () => new nn.BatchNorm1d(4).double()(ones(2, 4, 3)),
  "BatchNorm1d of integers": () => new nn.BatchNorm1d(4)(ones(2, 4, 3, int64)),
  "BatchNorm1d of halves": () => new nn.BatchNorm1d(4)(ones(2, 4, 3).half()),
  "LayerNorm of doubles": () => new nn.LayerNorm(3)(ones(2, 3, double)),
  "a half LayerNorm": () => new nn.LayerNorm(3).half()(ones(2, 3)),
  "LayerNorm of integers": () => new nn.LayerNorm(3)(ones(2, 3, int64)),
  "GroupNorm of doubles": () => new nn.GroupNorm(2, 4)(ones(2, 4, 3, double)),
  "InstanceNorm1d of doubles": () => new nn.InstanceNorm1d(4, { affine: true })(ones(2, 4, 3, double)),
  "InstanceNorm1d with statistics of doubles": () =>
    new nn.InstanceNorm1d(4, { trackRunningStats: true })(ones(2, 4, 3, double)),
  "RMSNorm of integers": () => new nn.RMSNorm(3)(ones(2, 3, int64)),
  "Bilinear of doubles": () => new nn.Bilinear(3, 3, 2)(ones(2, 3, double), ones(2, 3, double)),
  "Bilinear without bias of doubles": () =>
    new nn.Bilinear(3, 3, 2, { bias: false })(ones(2, 3, double), ones(2, 3, double)),
  "Conv1d of doubles": () => new nn.Conv1d(4, 2, 1)(ones(2, 4, 3, double)),
  "Conv1d in groups of doubles": () =>
    new nn.Conv1d(4, 2, 1, { groups: 2, bias: false }).double()(ones(2, 4, 3)),
  "Conv1d without bias of halves": () => new nn.Conv1d(4, 2, 1, { bias: false })(ones(2, 4, 3).half()),
  "ConvTranspose1d of doubles": () => new nn.ConvTranspose1d(4, 2, 1)(ones(2, 4, 3, double)),
  "ConvTranspose1d of bfloat16": () => new nn.ConvTranspose1d(4, 2, 1)(ones(2, 4, 3).bfloat16()),
  "Conv2d of integers with other channels": () => new nn.Conv2d(2, 1, 1)(ones(1, 3, 2, 2, int64)),
  "klDiv of integers": () => F.klDiv(zeros(2, 3), zeros(2, 3, int64)),
  "glu of integers": () => F.glu(zeros(2, 4, int64)),
  "nllLoss with fractions as classes": () => F.nllLoss(zeros(2, 3), zeros(2), { weight: zeros(4) }),
  "nllLoss of integer images": () => F.nllLoss(zeros(2, 3, 1, 1, int64), zeros(2, 1, 1, int64)),
  "multiMarginLoss of integers": () => F.multiMarginLoss(zeros(2, 3, int64), labels),
  "multilabelMarginLoss of integers": () => F.multilabelMarginLoss(zeros(2, 3, int64), zeros(2, 3, int64)),
  "adaptiveMaxPool2d of integers": () => F.adaptiveMaxPool2d(ones(1, 2, 2, int64), 1),
  "adaptiveAvgPool3d of integers": () => F.adaptiveAvgPool3d(ones(1, 2, 2, 2, int64), 2),
  "avgPool2d of integers": () => F.avgPool2d(ones(1, 2, 2, int64), 2),
  "lpPool2d of integers": () => F.lpPool2d(ones(1, 1, 2, 2, int64), 2, 2),
  "nllLoss with weights to learn": () => F.nllLoss(zeros(2, 3), labels, { weight: wanting(3) }),
  "nllLoss of images with weights to learn": () =>
    F.nllLoss(zeros(2, 3, 1, 1), zeros(2, 1, 1, int64), { weight: wanting(3) }),
  "binaryCrossEntropy with weights to learn": () =>
    F.binaryCrossEntropy(ones(2, 3), ones(2, 3), { weight: wanting(3) }),
  "binaryCrossEntropyWithLogits with weights to learn": () =>
    F.binaryCrossEntropyWithLogits(ones(2, 3), ones(2, 3), { posWeight: wanting(3) }),
  "multiMarginLoss with weights to learn": () =>
    F.multiMarginLoss(zeros(2, 3), labels, { weight: wanting(3) }),
  "softMarginLoss with targets to learn": () => F.softMarginLoss(ones(2), wanting(2)),
  "batchNorm with statistics to learn": () =>
    F.batchNorm(ones(2, 3), wanting(3), wanting(3), { training: true }),
  "groupNorm of single values": () => F.groupNorm(ones(3, 1), 3),
  "groupNorm of other channels": () => F.groupNorm(ones(1, 4), 3),
  "rmsNorm of too few dimensions": () => F.rmsNorm(ones(3), [4, 3]),
  "avgPool2d of five dimensions": () => F.avgPool2d(zeros(1, 1, 1, 2, 2), 2),
  "avgPool2d of two dimensions": () => F.avgPool2d(zeros(2, 2), 2),
  "avgPool3d of no channels": () => F.avgPool3d(zeros(1, 0, 2, 2, 2), 2),
  "adaptiveAvgPool2d of two dimensions to one window": () => F.adaptiveAvgPool2d(ones(2, 2), 1),
  "adaptiveAvgPool1d to the same length": () => F.adaptiveAvgPool1d(zeros(1, 2, 5), null),
  "adaptiveMaxPool1d to the same length": () => F.adaptiveMaxPool1d(zeros(1, 2, 5), [null]),
  "adaptiveMaxPool1d of no channels": () => F.adaptiveMaxPool1d(zeros(2, 0, 7), 2),
  "adaptiveMaxPool3d of three dimensions": () => F.adaptiveMaxPool3d(zeros(6, 5, 1), [null, 2, 2]),
  "replication to nothing": () => F.pad(zeros(1, 1, 2, 2), [-1, -1, -1, -1], { mode: "replicate" }),
  "replication of volumes to nothing": () =>
    F.pad(zeros(1, 1, 2, 2, 2), [-1, -1, -1, -1, -1, -1], { mode: "replicate" }),
  "reflection to a height of nothing": () => F.pad(zeros(1, 1, 2, 3), [0, 0, -1, -1], { mode: "reflect" }),
  "MaxPool1d padded too much": () => new nn.MaxPool1d(1, { padding: 1 })(zeros(1, 2, 7)),
  "MaxPool1d with places padded too much": () =>
    new nn.MaxPool1d(1, { padding: 1, returnIndices: true })(zeros(1, 2, 7)),
  "MaxPool1d of four dimensions with places": () =>
    new nn.MaxPool1d(2, { returnIndices: true })(zeros(1, 1, 1, 2)),
  "MaxPool1d of too few elements with places": () =>
    new nn.MaxPool1d(2, { returnIndices: true })(zeros(3, 3, 1)),
  "AvgPool3d padded too much": () => new nn.AvgPool3d([1, 1, 3], { padding: 1 })(zeros(2, 3, 1, 1, 1)),
  "AvgPool3d of too few elements": () => new nn.AvgPool3d(2)(zeros(2, 3, 1, 1, 1)),
  "circular padding of five dimensions": () =>
    F.pad(zeros(1, 3, 2, 4, 4), [1, 1, 1, 1], { mode: "circular" }),
  "ctcLoss of four dimensions": () => F.ctcLoss(zeros(1, 3, 1, 2), tensor([[1]]), [3], [1]),
  "ctcLoss with targets of three dimensions": () =>
    F.ctcLoss(zeros(4, 2, 4), ones(1, 2, 2, int64), [2, 2], [1, 1]),
  "pdist of a vector": () => F.pdist(zeros(2)),
  "pdist with a negative p": () => F.pdist(zeros(2, 2), -1),
  "pdist of integers": () => F.pdist(zeros(2, 2, int64)),
  "AdaptiveLogSoftmaxWithLoss without cutoffs": () => new nn.AdaptiveLogSoftmaxWithLoss(4, 5, []),
  "AdaptiveLogSoftmaxWithLoss with a cutoff too far": () => new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2, 5]),
  "AdaptiveLogSoftmaxWithLoss with equal cutoffs": () => new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2, 2]),
  "AdaptiveLogSoftmaxWithLoss of another batch": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(3, 4), labels),
  "AdaptiveLogSoftmaxWithLoss of three dimensions": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 1, 4), labels),
  "AdaptiveLogSoftmaxWithLoss of a matrix for one target": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 4), tensor(1)),
  "AdaptiveLogSoftmaxWithLoss with a matrix of targets": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 4), labels.reshape(1, 2)),
  "AdaptiveLogSoftmaxWithLoss with a target too far": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2])(zeros(2, 4), tensor([1, 7])),
  "AdaptiveLogSoftmaxWithLoss, all classes": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2]).logProb(zeros(3, 4)),
  "AdaptiveLogSoftmaxWithLoss, the best class": () =>
    new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2]).predict(zeros(3, 4)),
  "FractionalMaxPool2d without a size": () => new nn.FractionalMaxPool2d(2),
  "FractionalMaxPool3d with two sizes": () =>
    new nn.FractionalMaxPool3d(2, { outputSize: 3, outputRatio: 0.5 }),
  "FractionalMaxPool2d with a ratio of 1": () => new nn.FractionalMaxPool2d(2, { outputRatio: [1, 0.5] }),
  "fractionalMaxPool2d of a window too wide": () =>
    F.fractionalMaxPool2d(zeros(1, 2, 5, 5), [2, 4], { outputSize: 3 }),
  "fractionalMaxPool3d of a window too long": () =>
    F.fractionalMaxPool3d(zeros(1, 2, 5, 5, 5), [3, 1, 1], { outputSize: 3 }),
  "fractionalMaxPool2d of an empty plane": () =>
    F.fractionalMaxPool2d(zeros(1, 2, 0, 5), 2, { outputSize: 2 }),
  "fractionalMaxPool2d with three windows": () =>
    F.fractionalMaxPool2d(zeros(1, 2, 5, 5), [2, 4, 3], { outputSize: 3 }),
  "LinearCrossEntropyLoss with other weights": () =>
    new nn.LinearCrossEntropyLoss(2, 3, { weight: zeros(2) }),
  "LinearCrossEntropyLoss smoothed too much": () =>
    new nn.LinearCrossEntropyLoss(2, 3, { labelSmoothing: 2 }),
  "linearCrossEntropy of other features": () => F.linearCrossEntropy(zeros(2, 3), zeros(4, 2), labels),
  "linearCrossEntropy of three dimensions": () => F.linearCrossEntropy(zeros(2, 1, 3), zeros(4, 3), labels),
  "linearCrossEntropy of places without a batch": () =>
    F.linearCrossEntropy(zeros(3), zeros(4, 2, 3), labels),
  "linearCrossEntropy of probabilities, one ignored": () =>
    F.linearCrossEntropy(zeros(2, 3), zeros(4, 3), zeros(2, 4), { ignoreIndex: 1 }),
  "SyncBatchNorm of a vector": () => new nn.SyncBatchNorm(2)(zeros(2)),
  "SyncBatchNorm without channels": () => new nn.SyncBatchNorm(0)(zeros(2, 0)),
  "to a device that nobody knows": () => new nn.Linear(1, 1).to("foo"),
  "to a device without a name": () => new nn.Linear(1, 1).to(""),
  "to a device with a wrong number": () => new nn.Linear(1, 1).to("cpu:x"),
  "to CUDA": () => new nn.Linear(1, 1).to("cuda:1"),
  "to MPS": () => new nn.Linear(1, 1).to("mps"),
  "to an accelerator by its number": () => new nn.Linear(1, 1).to(0 as never),
  "to a device with a number": () => new nn.Linear(1, 1).to("cpu:0").weight,
  "ones on a device that nobody knows": () => ones(1, { device: "foo" as never }),
  "ones on CUDA": () => ones(1, { device: "cuda" as never }),
  "a tensor to a device that nobody knows": () => ones(1).to("foo"),
  "a tensor to its device": () => ones(2).to("cpu"),
  "a tensor to meta": () => ones(2).to({ device: "meta", dtype: "float64" }),
  "a tensor without data to a device": () => ones(2, { device: "meta" }).to("cpu"),
  "a submodule in the place of a number": () =>
    sequence().setSubmodule("0.in_features" as never, new nn.ReLU()),
  "a submodule below a number": () => sequence().setSubmodule("0.in_features.x" as never, new nn.ReLU()),
  "a submodule in the place of a parameter": () =>
    sequence().setSubmodule("0.weight" as never, new nn.ReLU()),
  "a parameter called training": () => new nn.ParameterDict({ training: ones(2) }).get("training"),
  "a module called training": () => new nn.ModuleDict({ training: new nn.ReLU() }),
  "a parameter registered as training": () =>
    new nn.Linear(1, 1).registerParameter("training", new nn.Parameter(ones(1))),
};

/** The error's class and text, or the shape and dtype of what came out. */
function outcomeOf(run: () => unknown): readonly [unknown, string] {
  try {
    const made = run();
    return isTensor(made) ? [[...made.shape], String(made.dtype)] : [made, "no tensor"];
  } catch (error) {
    if (error instanceof ParascopeError) return [(error as { torchType?: string }).torchType, error.message];
    throw error;
  }
}

test.each(Object.entries(golden.outcomes))("%s", (name, wanted) => {
  expect(outcomeOf(calls[name]!)).toEqual(wanted);
});
