/** What `nn` warns about, as PyTorch does; `nn-warnings.py` made the JSON. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as F from "../../src/functional/index.ts";
import * as nn from "../../src/nn/index.ts";
import type { TransformerLayerOptions } from "../../src/nn/index.ts";
import { zeros } from "../../src/ops/creation.ts";
import "../../src/ops/methods.ts";
import { setWarningHandler } from "../../src/warnings.ts";

const golden = JSON.parse(readFileSync(new URL("nn-warnings.json", import.meta.url), "utf8")) as {
  readonly warnings: Readonly<Record<string, readonly (readonly [category: string, text: string])[]>>;
};

let heard: [category: string, text: string][] = [];
let former: ReturnType<typeof setWarningHandler> = null;
beforeAll(() => {
  former = setWarningHandler((text, category) => heard.push([category, text]));
});
afterAll(() => {
  setWarningHandler(former);
});

const encoder = (options: TransformerLayerOptions, nhead: number = 2): unknown =>
  new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, nhead, options), 1);
const even = { padding: "same" } as const;

const calls: Readonly<Record<string, () => unknown>> = {
  "interpolate by upsample": () => F.upsample(zeros(1, 1, 2), { scaleFactor: 2 }),
  "interpolate by upsampleNearest": () => F.upsampleNearest(zeros(1, 1, 2, 2), { scaleFactor: 2 }),
  "interpolate by upsampleBilinear": () => F.upsampleBilinear(zeros(1, 1, 2, 2), { scaleFactor: 2 }),
  "bilinear interpolation by a factor": () =>
    F.interpolate(zeros(1, 1, 2, 2), { scaleFactor: 2, mode: "bilinear" }),
  UpsamplingNearest2d: () => new nn.UpsamplingNearest2d({ scaleFactor: 2 }),
  LazyLinear: () => new nn.LazyLinear(2),
  "dropout of a single recurrent layer": () => new nn.LSTM(1, 1, { dropout: 0.5 }),
  "dropout of a single GRU layer": () => new nn.GRU(2, 3, { numLayers: 1, dropout: 1 }),
  "dropout of two recurrent layers": () => new nn.RNN(1, 1, { numLayers: 2, dropout: 0.5 }),
  "zeros of nothing": () => nn.init.zeros_(zeros(0)),
  "kaimingUniform of nothing": () => nn.init.kaimingUniform_(zeros(0, 2)),
  "kaimingNormal of nothing": () => nn.init.kaimingNormal_(zeros(0, 2)),
  "Linear without inputs": () => new nn.Linear(0, 2),
  "Linear without outputs": () => new nn.Linear(2, 0),
  "Conv2d without outputs": () => new nn.Conv2d(2, 0, 1),
  "truncNormal far away": () => nn.init.truncNormal_(zeros(2), { mean: 5 }),
  "l1Loss of other shapes": () => F.l1Loss(zeros(2, 1), zeros(2)),
  "mseLoss of other shapes": () => F.mseLoss(zeros(2, 1), zeros(2)),
  "smoothL1Loss of other shapes": () => F.smoothL1Loss(zeros(2, 1), zeros(2)),
  "huberLoss of other shapes": () => F.huberLoss(zeros(2, 1), zeros(2)),
  "klDiv by mean": () => F.klDiv(zeros(2, 1), zeros(2, 1)),
  "klDiv by batchmean": () => F.klDiv(zeros(2, 1), zeros(2, 1), { reduction: "batchmean" }),
  "KLDivLoss by mean": () => new nn.KLDivLoss()(zeros(2, 1), zeros(2, 1)),
  "MSELoss of other shapes": () => new nn.MSELoss()(zeros(2, 1), zeros(2)),
  "softmax without a dimension": () => F.softmax(zeros(2, 2)),
  "softmin without a dimension": () => F.softmin(zeros(2, 2, 2)),
  "logSoftmax without a dimension": () => F.logSoftmax(zeros(2)),
  "Softmax without a dimension": () => new nn.Softmax()(zeros(2)),
  "dropout2d of a matrix": () => F.dropout2d(zeros(2, 2)),
  "dropout2d of three dimensions": () => F.dropout2d(zeros(2, 2, 2)),
  "dropout2d of an image": () => F.dropout2d(zeros(2, 2, 2, 2)),
  "dropout3d of a matrix": () => F.dropout3d(zeros(2, 2)),
  "Dropout2d of three dimensions": () => new nn.Dropout2d()(zeros(2, 2, 2)),
  "gridSample without alignCorners": () => F.gridSample(zeros(1, 1, 2, 2), zeros(1, 2, 2, 2)),
  "affineGrid without alignCorners": () => F.affineGrid(zeros(1, 2, 3), [1, 1, 2, 2]),
  "affineGrid of single pixels": () => F.affineGrid(zeros(1, 2, 3), [1, 1, 1, 2], { alignCorners: true }),
  "same padding of an even kernel": () => new nn.Conv1d(1, 1, 2, even)(zeros(1, 1, 4)),
  "same padding of an odd kernel": () => new nn.Conv1d(1, 1, 3, even)(zeros(1, 1, 4)),
  "an encoder without batchFirst": () => encoder({}),
  "an encoder of an odd number of heads": () => encoder({ batchFirst: true }, 1),
  "an encoder that normalizes first": () => encoder({ normFirst: true, batchFirst: true }),
  "an encoder without biases": () => encoder({ bias: false, batchFirst: true }),
  "an encoder of another activation": () => encoder({ activation: F.tanh, batchFirst: true }),
  "an encoder that could leave padding out": () => encoder({ batchFirst: true }),
  "an encoder of another layer": () => new nn.TransformerEncoder(new nn.Linear(2, 2), 1),
  "a Transformer": () =>
    new nn.Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 4 }),
  "masks of two kinds": () => {
    const x = zeros(2, 1, 4);
    const keyPaddingMask = zeros(1, 2, { dtype: "bool" });
    return new nn.MultiheadAttention(4, 2)(x, x, x, { attnMask: zeros(2, 2), keyPaddingMask });
  },
  "InstanceNorm1d of other channels": () => new nn.InstanceNorm1d(3, { affine: false })(zeros(1, 2, 3)),
  "clipGradNorm_ of no parameters": () => nn.utils.clipGradNorm_([], 1),
  "BatchNorm1d of nothing": () => new nn.BatchNorm1d(0),
  lpPool2d: () => F.lpPool2d(zeros(1, 1, 2, 2), 2, 2),
  "L1Loss without averages": () => new nn.L1Loss({ sizeAverage: false }),
  "L1Loss with averages": () => new nn.L1Loss({ sizeAverage: true }),
  "L1Loss of each element": () => new nn.L1Loss({ reduce: false, sizeAverage: false }),
  "mseLoss without averages": () => F.mseLoss(zeros(2), zeros(2), { sizeAverage: false }),
  BCELoss: () => new nn.BCELoss()(zeros(2), zeros(2)),
};

test.each(Object.entries(golden.warnings))("%s", (name, wanted) => {
  heard = [];
  calls[name]!();
  expect(heard).toEqual(wanted);
});
