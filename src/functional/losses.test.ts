import { describe, expect, test } from "vitest";
import { grad } from "../autograd/backward.ts";
import { tensor, zeros } from "../ops/creation.ts";
import { gradcheck, gradgradcheck } from "../ops/gradcheck.ts";
import { randn } from "../ops/random-creation.ts";
import { manualSeed } from "../tensor/random/generator.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { scaledDotProductAttention } from "./attention.ts";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  multilabelSoftMarginLoss,
  softMarginLoss,
} from "./binary-loss.ts";
import { multiMarginLoss, multilabelMarginLoss } from "./class-margin-loss.ts";
import { crossEntropy, nllLoss } from "./classification-loss.ts";
import { ctcLoss } from "./ctc-loss.ts";
import { cosineSimilarity, pairwiseDistance } from "./distance.ts";
import { cosineEmbeddingLoss, tripletMarginLoss } from "./margin-loss.ts";
import { recurrentCell, recurrentLayers } from "./recurrent.ts";
import {
  gaussianNllLoss,
  huberLoss,
  klDiv,
  mseLoss,
  poissonNllLoss,
  smoothL1Loss,
} from "./regression-loss.ts";
import { weightNorm } from "./weight-norm.ts";

const drawn = (...shape: number[]): Tensor => randn(...shape, { dtype: "float64" });
const labels = tensor([2, 0, 1]);
const weight = tensor([0.5, 1, 2, 4], { dtype: "float64" });

/** Functions of two float64 tensors (3, 4), of which both are differentiated. */
const pairs: readonly (readonly [name: string, run: (x: Tensor, y: Tensor) => Tensor])[] = [
  ["mseLoss", (x, y) => mseLoss(x, y)],
  ["mseLoss, none", (x, y) => mseLoss(x, y, { reduction: "none" })],
  ["smoothL1Loss", (x, y) => smoothL1Loss(x, y, { beta: 0.7 })],
  ["huberLoss", (x, y) => huberLoss(x, y, { reduction: "sum" })],
  ["poissonNllLoss", (x, y) => poissonNllLoss(x, y.exp())],
  ["gaussianNllLoss", (x, y) => gaussianNllLoss(x, y, y.exp().add(1))],
  ["klDiv", (x, y) => klDiv(x.logSoftmax(1), y.softmax(1), { reduction: "batchmean" })],
  ["binaryCrossEntropy", (x, y) => binaryCrossEntropy(x.sigmoid(), y.sigmoid(), { weight })],
  [
    "binaryCrossEntropyWithLogits",
    (x, y) => binaryCrossEntropyWithLogits(x, y, { weight, posWeight: weight }),
  ],
  ["softMarginLoss", (x, y) => softMarginLoss(x, y.detach().sign()).add(y.sum())],
  ["multilabelSoftMarginLoss", (x, y) => multilabelSoftMarginLoss(x, y.sigmoid())],
  ["nllLoss", (x, y) => nllLoss(x.mul(y), labels, { weight, ignoreIndex: 1 })],
  ["crossEntropy", (x, y) => crossEntropy(x.mul(y), labels, { weight, labelSmoothing: 0.1 })],
  ["crossEntropy of probabilities", (x, y) => crossEntropy(x, y.softmax(1))],
  ["multiMarginLoss", (x, y) => multiMarginLoss(x.mul(y), labels, { p: 2, weight })],
  [
    "multilabelMarginLoss",
    (x, y) =>
      multilabelMarginLoss(
        x.mul(y),
        tensor([
          [0, -1, 0, 0],
          [1, 2, -1, 0],
          [3, 3, 0, 1],
        ]),
      ),
  ],
  ["cosineEmbeddingLoss", (x, y) => cosineEmbeddingLoss(x, y, tensor([1, -1, 1]), { margin: -1 })],
  ["tripletMarginLoss", (x, y) => tripletMarginLoss(x, y, x.mul(y), { margin: 9, reduction: "none" })],
  ["pairwiseDistance", (x, y) => pairwiseDistance(x, y, { p: 3 })],
  ["cosineSimilarity", (x, y) => cosineSimilarity(x, y)],
  ["scaledDotProductAttention", (x, y) => scaledDotProductAttention(x, y, x.mul(y), { isCausal: true })],
  ["weightNorm", (x, y) => weightNorm(x, y.narrow(1, 0, 1))],
  ["weightNorm of columns", (x, y) => weightNorm(x, y.narrow(0, 0, 1), 1)],
  ["weightNorm as a whole", (x, y) => weightNorm(x, y.sum(), -1)],
  [
    "a GRU's step",
    (x, y) => recurrentCell("gru", x, [y.narrow(1, 0, 1)], { weightIh: y, weightHh: x.narrow(1, 0, 1) })[0],
  ],
  [
    "an LSTM that projects",
    (x, y) =>
      recurrentLayers(
        "lstm",
        x.view(3, 2, 2),
        [y.view(2, 2, 3).narrow(2, 0, 1), y.view(2, 2, 3).narrow(2, 0, 2)],
        Array.from({ length: 2 }, () => ({
          weightIh: y.view(6, 2).repeat(2, 1).narrow(0, 0, 8),
          weightHh: x.view(12, 1).narrow(0, 0, 8),
          weightHr: x.view(6, 2).narrow(0, 0, 1),
        })),
        { bidirectional: true },
      ).output,
  ],
];

describe("losses, attention and recurrent steps", () => {
  test.each(pairs)("have the gradients that differences show: %s", (_name, run) => {
    manualSeed(1);
    const inputs = [drawn(3, 4).requiresGrad_(), drawn(3, 4).requiresGrad_()];
    expect(gradcheck(run, inputs)).toBe(true);
    expect(gradgradcheck(run, inputs)).toBe(true);
  });

  test("ctcLoss has the gradient that differences show behind a log-softmax", () => {
    manualSeed(2);
    const run = (x: Tensor): Tensor =>
      ctcLoss(
        x.logSoftmax(2),
        tensor([
          [1, 1, 3],
          [2, 0, 0],
        ]),
        [6, 4],
        [3, 1],
        { reduction: "sum", blank: 0 },
      );
    expect(gradcheck(run, [drawn(6, 2, 4).requiresGrad_()])).toBe(true);
  });

  test("ctcLoss has no second derivative, as in PyTorch", () => {
    const x = drawn(4, 1, 3).requiresGrad_();
    const [first] = grad(ctcLoss(x.logSoftmax(2), tensor([[1]]), [4], [1]), [x], { createGraph: true });
    expect(() => first!.sum().backward()).toThrow(
      "derivative for aten::_ctc_loss_backward is not implemented",
    );
  });

  test("a changed weight is noticed in the backward pass", () => {
    const weights = tensor([1, 2, 3, 4], { dtype: "float32" });
    const loss = crossEntropy(zeros(3, 4).requiresGrad_(), labels, { weight: weights });
    weights.mul_(2);
    expect(() => {
      loss.backward();
    }).toThrow("modified by an inplace operation");
  });

  test("ctcLoss refuses labels that are no classes instead of reading beyond them", () => {
    expect(() => ctcLoss(zeros(4, 1, 3), tensor([[3]]), [4], [1])).toThrow("found 3, expected 0 to 2");
  });
});
