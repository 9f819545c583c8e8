/**
 * Calls that PyTorch refuses, as they are written in both. `layers-a.json` has PyTorch's words.
 */

import * as activation from "../../src/functional/activation.ts";
import * as adaptive from "../../src/functional/adaptive-pooling.ts";
import * as unpooling from "../../src/functional/unpooling.ts";
import * as conv from "../../src/functional/conv.ts";
import * as drop from "../../src/functional/dropout.ts";
import * as table from "../../src/functional/embedding.ts";
import { interpolate } from "../../src/functional/interpolation.ts";
import * as norm from "../../src/functional/normalization.ts";
import * as pooling from "../../src/functional/pooling.ts";
import * as rearranging from "../../src/functional/rearranging.ts";
import { pyFloat } from "../../src/catalog/value.ts";
import * as nn from "../../src/nn/index.ts";
import { tensor, zeros } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

/** One call. */
export interface RefusalCase {
  /** How it is written in Python. */
  readonly torch: string;
  readonly run: () => unknown;
}

function refused(torch: string, run: () => unknown): RefusalCase {
  return { torch, run };
}

function integers(...values: number[]): Tensor {
  return tensor(values);
}

const image = zeros(1, 3, 5, 5);
const weight = zeros(4, 3, 3, 3);

/** All calls. */
export const refusalCases: readonly RefusalCase[] = [
  refused("F.conv2d(zeros(1, 2, 5, 5), zeros(4, 3, 3, 3))", () => conv.conv2d(zeros(1, 2, 5, 5), weight)),
  refused("F.conv2d(zeros(1, 3, 3, 3), zeros(4, 3, 5, 5))", () =>
    conv.conv2d(zeros(1, 3, 3, 3), zeros(4, 3, 5, 5)),
  ),
  refused("F.conv2d(zeros(1, 3, 3), zeros(4, 3, 5, 5))", () =>
    conv.conv2d(zeros(1, 3, 3), zeros(4, 3, 5, 5)),
  ),
  refused("F.conv2d(zeros(3, 3), zeros(4, 3, 5, 5))", () => conv.conv2d(zeros(3, 3), zeros(4, 3, 5, 5))),
  refused("F.conv2d(zeros(1, 3, 0, 5), zeros(4, 3, 1, 1))", () =>
    conv.conv2d(zeros(1, 3, 0, 5), zeros(4, 3, 1, 1)),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), zeros(5))", () =>
    conv.conv2d(image, weight, { bias: zeros(5) }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), zeros(4, 1))", () =>
    conv.conv2d(image, weight, { bias: zeros(4, 1) }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), stride=0)", () =>
    conv.conv2d(image, weight, { stride: 0 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), padding=-1)", () =>
    conv.conv2d(image, weight, { padding: -1 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), dilation=0)", () =>
    conv.conv2d(image, weight, { dilation: 0 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), groups=0)", () =>
    conv.conv2d(image, weight, { groups: 0 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), groups=2)", () =>
    conv.conv2d(image, weight, { groups: 2 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), stride=(1, 2, 3))", () =>
    conv.conv2d(image, weight, { stride: [1, 2, 3] }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), padding=(1, 2, 3))", () =>
    conv.conv2d(image, weight, { padding: [1, 2, 3] }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), dilation=(1, 2, 3))", () =>
    conv.conv2d(image, weight, { dilation: [1, 2, 3] }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), padding='same', stride=2)", () =>
    conv.conv2d(image, weight, { padding: "same", stride: 2 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), padding='sam')", () =>
    conv.conv2d(image, weight, { padding: "sam" as "same" }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3), zeros(4).double())", () =>
    conv.conv2d(image, weight, { bias: zeros(4).double() }),
  ),
  refused("F.conv2d(zeros(1, 4, 5, 5), zeros(3, 2, 3, 3), groups=2)", () =>
    conv.conv2d(zeros(1, 4, 5, 5), zeros(3, 2, 3, 3), { groups: 2 }),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(0, 3, 3, 3))", () => conv.conv2d(image, zeros(0, 3, 3, 3))),
  refused("F.conv2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3).double())", () =>
    conv.conv2d(image, weight.double()),
  ),
  refused("F.conv2d(zeros(1, 3, 5, 5).bfloat16(), zeros(4, 3, 3, 3))", () =>
    conv.conv2d(image.bfloat16(), weight),
  ),
  refused("F.conv1d(zeros(3, 3), zeros(4, 3, 5, 5))", () => conv.conv1d(zeros(3, 3), zeros(4, 3, 5, 5))),
  refused("F.conv1d(zeros(3), zeros(4, 3, 5))", () => conv.conv1d(zeros(3), zeros(4, 3, 5))),
  refused("F.conv3d(zeros(3, 5, 5), zeros(4, 3, 1, 1, 1))", () =>
    conv.conv3d(zeros(3, 5, 5), zeros(4, 3, 1, 1, 1)),
  ),
  refused("F.conv_transpose2d(zeros(1, 3, 5, 5), zeros(4, 3, 3, 3))", () =>
    conv.convTranspose2d(image, weight),
  ),
  refused("F.conv_transpose2d(zeros(1, 4, 5, 5), zeros(4, 3, 3, 3), output_padding=1)", () =>
    conv.convTranspose2d(zeros(1, 4, 5, 5), weight, { outputPadding: 1 }),
  ),
  refused("F.conv_transpose2d(zeros(1, 4, 5, 5), zeros(4, 3, 3, 3), output_padding=-1, stride=2)", () =>
    conv.convTranspose2d(zeros(1, 4, 5, 5), weight, { outputPadding: -1, stride: 2 }),
  ),
  refused("F.conv_transpose2d(zeros(1, 4, 5, 5), zeros(4, 3, 3, 3), zeros(4))", () =>
    conv.convTranspose2d(zeros(1, 4, 5, 5), weight, { bias: zeros(4) }),
  ),
  refused("F.conv_transpose2d(zeros(1, 4, 5, 5), zeros(4, 3, 3, 3), groups=3)", () =>
    conv.convTranspose2d(zeros(1, 4, 5, 5), weight, { groups: 3 }),
  ),
  refused("F.conv_transpose2d(zeros(1, 4, 1, 1), zeros(4, 3, 3, 3), padding=2)", () =>
    conv.convTranspose2d(zeros(1, 4, 1, 1), weight, { padding: 2 }),
  ),
  refused("F.conv_transpose1d(zeros(1, 4, 5), zeros(4, 3, 3), output_padding=2, dilation=2)", () =>
    conv.convTranspose1d(zeros(1, 4, 5), zeros(4, 3, 3), { outputPadding: 2, dilation: 2 }),
  ),
  refused("F.conv_transpose3d(zeros(1, 4, 5, 5, 5), zeros(4, 3, 3, 3, 3), output_padding=(0, 1, 1))", () =>
    conv.convTranspose3d(zeros(1, 4, 5, 5, 5), zeros(4, 3, 3, 3, 3), { outputPadding: [0, 1, 1] }),
  ),
  refused("nn.Conv2d(3, 4, 3, groups=2)", () => new nn.Conv2d(3, 4, 3, { groups: 2 })),
  refused("nn.Conv2d(3, 4, 3, groups=0)", () => new nn.Conv2d(3, 4, 3, { groups: 0 })),
  refused(
    "nn.Conv2d(3, 4, 3, padding='same', stride=2)",
    () => new nn.Conv2d(3, 4, 3, { padding: "same", stride: 2 }),
  ),
  refused("nn.Conv2d(4, 3, 3, groups=2)", () => new nn.Conv2d(4, 3, 3, { groups: 2 })),
  refused(
    "nn.ConvTranspose2d(3, 4, 3, padding_mode='reflect')",
    () => new nn.ConvTranspose2d(3, 4, 3, { paddingMode: "reflect" }),
  ),
  refused("nn.ConvTranspose2d(3, 4, 3, stride=2)(zeros(1, 3, 4, 4), output_size=(20, 20))", () =>
    new nn.ConvTranspose2d(3, 4, 3, { stride: 2 })(zeros(1, 3, 4, 4), [20, 20]),
  ),
  refused("nn.ConvTranspose2d(3, 4, 3, stride=2)(zeros(1, 3, 4, 4), output_size=(1,))", () =>
    new nn.ConvTranspose2d(3, 4, 3, { stride: 2 })(zeros(1, 3, 4, 4), [1]),
  ),
  refused(
    "nn.ConvTranspose2d(3, 4, 3, stride=2)(zeros(1, 3, 4, 4), output_size=(10, 9)).shape",
    () => new nn.ConvTranspose2d(3, 4, 3, { stride: 2 })(zeros(1, 3, 4, 4), [10, 9]).shape,
  ),
  refused("nn.Conv2d(3, 4, 3, padding=3, padding_mode='reflect')(zeros(1, 3, 3, 3))", () =>
    new nn.Conv2d(3, 4, 3, { padding: 3, paddingMode: "reflect" })(zeros(1, 3, 3, 3)),
  ),
  refused("F.max_pool2d(zeros(1, 1, 3, 3), 5)", () => pooling.maxPool2d(zeros(1, 1, 3, 3), 5)),
  refused("F.max_pool2d(zeros(1, 1, 3, 3), 2, padding=2)", () =>
    pooling.maxPool2d(zeros(1, 1, 3, 3), 2, { padding: 2 }),
  ),
  refused("F.max_pool2d(zeros(1, 1, 3, 3), 2, stride=0)", () =>
    pooling.maxPool2d(zeros(1, 1, 3, 3), 2, { stride: 0 }),
  ),
  refused("F.max_pool2d(zeros(1, 1, 3, 3), (2, 2, 2))", () =>
    pooling.maxPool2d(zeros(1, 1, 3, 3), [2, 2, 2]),
  ),
  refused("F.max_pool2d(zeros(1, 1, 3, 3), 2, dilation=0)", () =>
    pooling.maxPool2d(zeros(1, 1, 3, 3), 2, { dilation: 0 }),
  ),
  refused("F.max_pool2d(zeros(3, 3), 2)", () => pooling.maxPool2d(zeros(3, 3), 2)),
  refused("F.max_pool2d(zeros(1, 0, 3, 3), 2)", () => pooling.maxPool2d(zeros(1, 0, 3, 3), 2)),
  refused("F.max_pool2d(zeros(1, 1, 0, 3), 2)", () => pooling.maxPool2d(zeros(1, 1, 0, 3), 2)),
  refused("F.max_pool2d(zeros(0, 1, 3, 3), 2).shape", () => pooling.maxPool2d(zeros(0, 1, 3, 3), 2).shape),
  refused("F.max_pool2d(zeros(1, 1, 2, 2).long(), 2)", () => pooling.maxPool2d(zeros(1, 1, 2, 2).long(), 2)),
  refused("F.max_pool1d(zeros(3), 2)", () => pooling.maxPool1d(zeros(3), 2)),
  refused("F.max_pool1d(zeros(1, 1, 1, 3), 2)", () => pooling.maxPool1d(zeros(1, 1, 1, 3), 2)),
  refused("F.max_pool1d(zeros(1, 1, 3), 2, padding=2)", () =>
    pooling.maxPool1d(zeros(1, 1, 3), 2, { padding: 2 }),
  ),
  refused("F.max_pool1d(zeros(1, 1, 3), 5)", () => pooling.maxPool1d(zeros(1, 1, 3), 5)),
  refused("F.max_pool1d(zeros(1, 1, 3), 0)", () => pooling.maxPool1d(zeros(1, 1, 3), 0)),
  refused("F.max_pool3d(zeros(1, 1, 3), 2)", () => pooling.maxPool3d(zeros(1, 1, 3), 2)),
  refused("F.max_pool3d(zeros(1, 1, 3, 3, 3), 2, padding=2)", () =>
    pooling.maxPool3d(zeros(1, 1, 3, 3, 3), 2, { padding: 2 }),
  ),
  refused("F.avg_pool2d(zeros(1, 1, 3, 3), 5)", () => pooling.avgPool2d(zeros(1, 1, 3, 3), 5)),
  refused("F.avg_pool2d(zeros(1, 1, 3, 3), 2, padding=2)", () =>
    pooling.avgPool2d(zeros(1, 1, 3, 3), 2, { padding: 2 }),
  ),
  refused("F.avg_pool2d(zeros(1, 1, 3, 3), 2, divisor_override=0)", () =>
    pooling.avgPool2d(zeros(1, 1, 3, 3), 2, { divisorOverride: 0 }),
  ),
  refused("F.avg_pool1d(zeros(3), 2)", () => pooling.avgPool1d(zeros(3), 2)),
  refused("F.avg_pool3d(zeros(1, 3, 3), 2)", () => pooling.avgPool3d(zeros(1, 3, 3), 2)),
  refused("F.avg_pool3d(zeros(1, 1, 3, 3), 2)", () => pooling.avgPool3d(zeros(1, 1, 3, 3), 2)),
  refused("F.adaptive_avg_pool2d(zeros(1, 3), 2)", () => adaptive.adaptiveAvgPool2d(zeros(1, 3), 2)),
  refused("F.adaptive_avg_pool2d(zeros(1, 1, 3, 3), (2, 2, 2))", () =>
    adaptive.adaptiveAvgPool2d(zeros(1, 1, 3, 3), [2, 2, 2]),
  ),
  refused("F.adaptive_avg_pool2d(zeros(1, 1, 3, 3), -1)", () =>
    adaptive.adaptiveAvgPool2d(zeros(1, 1, 3, 3), -1),
  ),
  refused("F.adaptive_avg_pool2d(zeros(1, 1, 0, 3), 2)", () =>
    adaptive.adaptiveAvgPool2d(zeros(1, 1, 0, 3), 2),
  ),
  refused("F.adaptive_max_pool2d(zeros(1, 3), 2)", () => adaptive.adaptiveMaxPool2d(zeros(1, 3), 2)),
  refused("F.adaptive_max_pool2d(zeros(1, 1, 0, 3), 2)", () =>
    adaptive.adaptiveMaxPool2d(zeros(1, 1, 0, 3), 2),
  ),
  refused("F.adaptive_avg_pool2d(zeros(1, 3, 3).long(), 2)", () =>
    adaptive.adaptiveAvgPool2d(zeros(1, 3, 3).long(), 2),
  ),
  refused("F.adaptive_avg_pool1d(zeros(3), 2)", () => adaptive.adaptiveAvgPool1d(zeros(3), 2)),
  refused("F.adaptive_avg_pool3d(zeros(3, 3, 3), 2)", () => adaptive.adaptiveAvgPool3d(zeros(3, 3, 3), 2)),
  refused("F.max_unpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2).long() + 100, 2)", () =>
    unpooling.maxUnpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2).long().add(100), 2),
  ),
  refused("F.max_unpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2).long(), 2, output_size=(9, 9))", () =>
    unpooling.maxUnpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2).long(), 2, { outputSize: [9, 9] }),
  ),
  refused("F.max_unpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2), 2)", () =>
    unpooling.maxUnpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2), 2),
  ),
  refused("F.max_unpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 3).long(), 2)", () =>
    unpooling.maxUnpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 3).long(), 2),
  ),
  refused("F.unfold(zeros(1, 1, 3, 3), 5)", () => rearranging.unfold(zeros(1, 1, 3, 3), 5)),
  refused("F.fold(zeros(1, 4, 5), (3, 3), 2)", () => rearranging.fold(zeros(1, 4, 5), [3, 3], 2)),
  refused("F.fold(zeros(1, 5, 4), (3, 3), 2)", () => rearranging.fold(zeros(1, 5, 4), [3, 3], 2)),
  refused("F.pixel_shuffle(zeros(1, 3, 3, 3), 2)", () => rearranging.pixelShuffle(zeros(1, 3, 3, 3), 2)),
  refused("F.pixel_shuffle(zeros(3, 3), 2)", () => rearranging.pixelShuffle(zeros(3, 3), 2)),
  refused("F.pixel_shuffle(zeros(1, 4, 3, 3), 0)", () => rearranging.pixelShuffle(zeros(1, 4, 3, 3), 0)),
  refused("F.pixel_unshuffle(zeros(1, 4, 3, 3), 2)", () => rearranging.pixelUnshuffle(zeros(1, 4, 3, 3), 2)),
  refused("F.pixel_unshuffle(zeros(1, 4, 4, 3), 2)", () => rearranging.pixelUnshuffle(zeros(1, 4, 4, 3), 2)),
  refused("F.pixel_unshuffle(zeros(1, 4), 2)", () => rearranging.pixelUnshuffle(zeros(1, 4), 2)),
  refused("F.pixel_unshuffle(zeros(1, 4, 4, 3), 0)", () => rearranging.pixelUnshuffle(zeros(1, 4, 4, 3), 0)),
  refused("F.channel_shuffle(zeros(1, 4, 3, 3), 3)", () => rearranging.channelShuffle(zeros(1, 4, 3, 3), 3)),
  refused("F.channel_shuffle(zeros(1, 4), 2)", () => rearranging.channelShuffle(zeros(1, 4), 2)),
  refused("F.channel_shuffle(zeros(1, 4, 3, 3), 0)", () => rearranging.channelShuffle(zeros(1, 4, 3, 3), 0)),
  refused("F.embedding(integers(1, 7), zeros(5, 3))", () => table.embedding(integers(1, 7), zeros(5, 3))),
  refused("F.embedding(zeros(2), zeros(5, 3))", () => table.embedding(zeros(2), zeros(5, 3))),
  refused("F.embedding(integers(1, 2), zeros(5))", () => table.embedding(integers(1, 2), zeros(5))),
  refused("F.embedding(integers(1, 2), zeros(5, 3), padding_idx=-7)", () =>
    table.embedding(integers(1, 2), zeros(5, 3), { paddingIdx: -7 }),
  ),
  refused("nn.Embedding(5, 3, padding_idx=7)", () => new nn.Embedding(5, 3, { paddingIdx: 7 })),
  refused(
    "nn.Embedding(5, 3, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True, sparse=True)",
    () =>
      new nn.Embedding(5, 3, {
        maxNorm: pyFloat(1),
        normType: pyFloat(1),
        scaleGradByFreq: true,
        sparse: true,
      }),
  ),
  refused("nn.Embedding.from_pretrained(zeros(5, 3))", () => nn.Embedding.fromPretrained(zeros(5, 3))),
  refused("nn.Embedding.from_pretrained(zeros(5))", () => nn.Embedding.fromPretrained(zeros(5))),
  refused(
    "nn.EmbeddingBag(5, 3, max_norm=2.0, scale_grad_by_freq=True)",
    () => new nn.EmbeddingBag(5, 3, { maxNorm: pyFloat(2), scaleGradByFreq: true }),
  ),
  refused("F.embedding_bag(integers(1, 2), zeros(5, 3))", () =>
    table.embeddingBag(integers(1, 2), zeros(5, 3)),
  ),
  refused("F.embedding_bag(integers(1, 2), zeros(5, 3), integers(1))", () =>
    table.embeddingBag(integers(1, 2), zeros(5, 3), { offsets: integers(1) }),
  ),
  refused("F.embedding_bag(integers(1, 2), zeros(5, 3), integers(0, 5))", () =>
    table.embeddingBag(integers(1, 2), zeros(5, 3), { offsets: integers(0, 5) }),
  ),
  refused("F.embedding_bag(integers(1, 2), zeros(5, 3), integers(0), per_sample_weights=zeros(2))", () =>
    table.embeddingBag(integers(1, 2), zeros(5, 3), { offsets: integers(0), perSampleWeights: zeros(2) }),
  ),
  refused(
    "F.embedding_bag(integers(1, 2), zeros(5, 3), integers(0), mode='sum', per_sample_weights=zeros(3))",
    () =>
      table.embeddingBag(integers(1, 2), zeros(5, 3), {
        offsets: integers(0),
        mode: "sum",
        perSampleWeights: zeros(3),
      }),
  ),
  refused(
    "F.embedding_bag(integers(1, 2), zeros(5, 3), integers(0), mode='sum', per_sample_weights=zeros(2).double())",
    () =>
      table.embeddingBag(integers(1, 2), zeros(5, 3), {
        offsets: integers(0),
        mode: "sum",
        perSampleWeights: zeros(2).double(),
      }),
  ),
  refused(
    "F.embedding_bag(integers(1, 2), zeros(5, 3), integers(0), mode='max', scale_grad_by_freq=True)",
    () =>
      table.embeddingBag(integers(1, 2), zeros(5, 3), {
        offsets: integers(0),
        mode: "max",
        scaleGradByFreq: true,
      }),
  ),
  refused("F.embedding_bag(integers(1, 2), zeros(5, 3), integers(0).view(1, 1))", () =>
    table.embeddingBag(integers(1, 2), zeros(5, 3), { offsets: integers(0).view(1, 1) }),
  ),
  refused("F.embedding_bag(integers(1, 9), zeros(5, 3), integers(0))", () =>
    table.embeddingBag(integers(1, 9), zeros(5, 3), { offsets: integers(0) }),
  ),
  refused("F.embedding_bag(integers(1, 2).view(1, 2), zeros(5, 3), integers(0))", () =>
    table.embeddingBag(integers(1, 2).view(1, 2), zeros(5, 3), { offsets: integers(0) }),
  ),
  refused("F.batch_norm(zeros(2, 3), None, None)", () => norm.batchNorm(zeros(2, 3), null, null)),
  refused("F.batch_norm(zeros(2, 3), zeros(3), zeros(4))", () =>
    norm.batchNorm(zeros(2, 3), zeros(3), zeros(4)),
  ),
  refused("F.batch_norm(zeros(2, 3), zeros(2), zeros(3))", () =>
    norm.batchNorm(zeros(2, 3), zeros(2), zeros(3)),
  ),
  refused("F.batch_norm(zeros(2, 3), zeros(3), zeros(3), zeros(2))", () =>
    norm.batchNorm(zeros(2, 3), zeros(3), zeros(3), { weight: zeros(2) }),
  ),
  refused("F.batch_norm(zeros(2, 3).long(), zeros(3), zeros(3))", () =>
    norm.batchNorm(zeros(2, 3).long(), zeros(3), zeros(3)),
  ),
  refused("F.batch_norm(zeros(1, 3), None, None, training=True)", () =>
    norm.batchNorm(zeros(1, 3), null, null, { training: true }),
  ),
  refused("F.batch_norm(zeros(3), None, None, training=True)", () =>
    norm.batchNorm(zeros(3), null, null, { training: true }),
  ),
  refused("nn.BatchNorm1d(3)(zeros(3))", () => new nn.BatchNorm1d(3)(zeros(3))),
  refused("nn.BatchNorm1d(3)(zeros(2, 4))", () => new nn.BatchNorm1d(3)(zeros(2, 4))),
  refused("nn.BatchNorm2d(3)(zeros(2, 3))", () => new nn.BatchNorm2d(3)(zeros(2, 3))),
  refused("nn.BatchNorm3d(3)(zeros(2, 3))", () => new nn.BatchNorm3d(3)(zeros(2, 3))),
  refused("nn.InstanceNorm2d(3)(zeros(1, 3, 1, 1))", () => new nn.InstanceNorm2d(3)(zeros(1, 3, 1, 1))),
  refused("nn.InstanceNorm2d(3)(zeros(2, 3))", () => new nn.InstanceNorm2d(3)(zeros(2, 3))),
  refused("nn.InstanceNorm3d(3)(zeros(2, 3))", () => new nn.InstanceNorm3d(3)(zeros(2, 3))),
  refused("nn.LayerNorm(4)(zeros(2, 3))", () => new nn.LayerNorm(4)(zeros(2, 3))),
  refused("nn.RMSNorm(4)(zeros(2, 3))", () => new nn.RMSNorm(4)(zeros(2, 3))),
  refused("nn.GroupNorm(2, 4)(zeros(2, 5))", () => new nn.GroupNorm(2, 4)(zeros(2, 5))),
  refused("nn.LocalResponseNorm(2)(zeros(2, 3))", () => new nn.LocalResponseNorm(2)(zeros(2, 3))),
  refused("nn.LazyConv2d(4, 3)(zeros(1, 3))", () => new nn.LazyConv2d(4, 3)(zeros(1, 3))),
  refused("nn.LazyBatchNorm2d()(zeros(2, 3))", () => new nn.LazyBatchNorm2d()(zeros(2, 3))),
  refused("nn.Softmax2d()(zeros(2, 3))", () => new nn.Softmax2d()(zeros(2, 3))),
  refused("nn.PReLU(3)(zeros(2, 4))", () => new nn.PReLU(3)(zeros(2, 4))),
  refused("nn.CircularPad2d(1)(zeros(3))", () => new nn.CircularPad2d(1)(zeros(3))),
  refused("nn.ReflectionPad2d(5)(zeros(1, 1, 3, 3))", () => new nn.ReflectionPad2d(5)(zeros(1, 1, 3, 3))),
  refused("nn.GLU()(zeros(3))", () => new nn.GLU()(zeros(3))),
  refused("nn.Unflatten(1, (2, 3))(zeros(2, 7))", () => new nn.Unflatten(1, [2, 3])(zeros(2, 7))),
  refused("nn.InstanceNorm2d(3, affine=True)(zeros(2, 4, 3, 3))", () =>
    new nn.InstanceNorm2d(3, { affine: true })(zeros(2, 4, 3, 3)),
  ),
  refused("F.layer_norm(zeros(2, 4), (4,), zeros(3))", () =>
    norm.layerNorm(zeros(2, 4), [4], { weight: zeros(3) }),
  ),
  refused("F.layer_norm(zeros(2, 4), ())", () => norm.layerNorm(zeros(2, 4), [])),
  refused("F.layer_norm(zeros(2, 4).long(), (4,))", () => norm.layerNorm(zeros(2, 4).long(), [4])),
  refused("nn.GroupNorm(3, 4)", () => new nn.GroupNorm(3, 4)),
  refused("F.group_norm(zeros(1, 2), 2)", () => norm.groupNorm(zeros(1, 2), 2)),
  refused("F.group_norm(zeros(2, 4), 2, zeros(3))", () =>
    norm.groupNorm(zeros(2, 4), 2, { weight: zeros(3) }),
  ),
  refused("F.group_norm(zeros(4), 2)", () => norm.groupNorm(zeros(4), 2)),
  refused("F.interpolate(zeros(1, 1, 3), size=2, scale_factor=2)", () =>
    interpolate(zeros(1, 1, 3), { size: 2, scaleFactor: 2 }),
  ),
  refused("F.interpolate(zeros(1, 1, 3))", () => interpolate(zeros(1, 1, 3))),
  refused("F.interpolate(zeros(1, 1, 3), size=(2, 2))", () => interpolate(zeros(1, 1, 3), { size: [2, 2] })),
  refused("F.interpolate(zeros(1, 1, 3), scale_factor=(2, 2))", () =>
    interpolate(zeros(1, 1, 3), { scaleFactor: [2, 2] }),
  ),
  refused("F.interpolate(zeros(1, 3), scale_factor=2)", () => interpolate(zeros(1, 3), { scaleFactor: 2 })),
  refused("F.interpolate(zeros(1, 1, 3), scale_factor=2, mode='bilinear')", () =>
    interpolate(zeros(1, 1, 3), { scaleFactor: 2, mode: "bilinear" }),
  ),
  refused("F.interpolate(zeros(1, 1, 3, 3), scale_factor=2, mode='linear')", () =>
    interpolate(zeros(1, 1, 3, 3), { scaleFactor: 2, mode: "linear" }),
  ),
  refused("F.interpolate(zeros(1, 1, 3, 3), scale_factor=2, align_corners=True)", () =>
    interpolate(zeros(1, 1, 3, 3), { scaleFactor: 2, alignCorners: true }),
  ),
  refused("F.interpolate(zeros(1, 1, 3, 3), size=0)", () => interpolate(zeros(1, 1, 3, 3), { size: 0 })),
  refused("F.interpolate(zeros(1, 1, 3, 3), size=3, recompute_scale_factor=True)", () =>
    interpolate(zeros(1, 1, 3, 3), { size: 3, recomputeScaleFactor: true }),
  ),
  refused("F.interpolate(zeros(1, 0, 3, 3), scale_factor=2)", () =>
    interpolate(zeros(1, 0, 3, 3), { scaleFactor: 2 }),
  ),
  refused("nn.RReLU(0.5, 0.2)", () => new nn.RReLU(0.5, 0.2)),
  refused("F.rrelu(zeros(3), 0.5, 0.2, training=True)", () =>
    activation.rrelu(zeros(3), { lower: 0.5, upper: 0.2, training: true }),
  ),
  refused("nn.Hardtanh(2, 1)", () => new nn.Hardtanh(2, 1)),
  refused("F.hardtanh(zeros(3), 2, 1)", () => activation.hardtanh(zeros(3), { minVal: 2, maxVal: 1 })),
  refused("F.relu6(zeros(3).long())", () => activation.relu6(zeros(3).long())),
  refused("F.hardtanh(zeros(3).bool())", () => activation.hardtanh(zeros(3).bool())),
  refused("F.celu(zeros(3), 0)", () => activation.celu(zeros(3), { alpha: 0 })),
  refused("F.softshrink(zeros(3), -1)", () => activation.softshrink(zeros(3), { lambd: -1 })),
  refused("F.threshold(zeros(3).long(), 1, 2)", () => activation.threshold(zeros(3).long(), 1, 2)),
  refused("F.prelu(zeros(3), zeros(1, 1))", () => activation.prelu(zeros(3), zeros(1, 1))),
  refused("F.prelu(zeros(3), zeros(1).double())", () => activation.prelu(zeros(3), zeros(1).double())),
  refused("F.elu(zeros(3).long())", () => activation.elu(zeros(3).long())),
  refused("F.gelu(zeros(3).long())", () => activation.gelu(zeros(3).long())),
  refused("F.leaky_relu(zeros(3).long())", () => activation.leakyRelu(zeros(3).long())),
  refused("F.softplus(zeros(3).long())", () => activation.softplus(zeros(3).long())),
  refused("F.mish(zeros(3).long())", () => activation.mish(zeros(3).long())),
  refused("F.silu(zeros(3).long())", () => activation.silu(zeros(3).long())),
  refused("F.hardswish(zeros(3).long())", () => activation.hardswish(zeros(3).long())),
  refused("F.hardsigmoid(zeros(3).long())", () => activation.hardsigmoid(zeros(3).long())),
  refused("F.logsigmoid(zeros(3).long())", () => activation.logSigmoid(zeros(3).long())),
  refused("F.hardshrink(zeros(3).long())", () => activation.hardshrink(zeros(3).long())),
  refused("F.softshrink(zeros(3).long())", () => activation.softshrink(zeros(3).long())),
  refused("F.selu(zeros(3).long())", () => activation.selu(zeros(3).long())),
  refused("F.softsign(zeros(3).long())", () => activation.softsign(zeros(3).long())),
  refused("F.softmax(zeros(3), 3)", () => activation.softmax(zeros(3), { dim: 3 })),
  refused("nn.GLU()(torch.tensor(1.0))", () => new nn.GLU()(tensor(1, { dtype: "float32" }))),
  refused("nn.Dropout(1.5)", () => new nn.Dropout(1.5)),
  refused("F.dropout(zeros(3), 1.5)", () => drop.dropout(zeros(3), { p: 1.5 })),
  refused("F.dropout1d(zeros(3))", () => drop.dropout1d(zeros(3))),
  refused("F.dropout2d(zeros(3))", () => drop.dropout2d(zeros(3))),
  refused("F.feature_alpha_dropout(zeros(3), 0.5, True)", () =>
    drop.featureAlphaDropout(zeros(3), { training: true }),
  ),
  refused("nn.LazyConv2d(4, 3).weight.shape", () => new nn.LazyConv2d(4, 3).weight.shape),
  refused("nn.LazyConv2d(4, 3).weight.numel()", () => new nn.LazyConv2d(4, 3).weight.numel()),
  refused("nn.LazyLinear(4).half().weight.dtype", () => new nn.LazyLinear(4).half().weight.dtype),
  refused("nn.LazyConv2d(4, 3).state_dict()['weight']", () =>
    new nn.LazyConv2d(4, 3).stateDict().get("weight"),
  ),
  refused("nn.init.calculate_gain('foo')", () => nn.init.calculateGain("foo" as "relu")),
  refused("nn.init.kaiming_uniform_(zeros(3, 3), mode='foo')", () =>
    nn.init.kaimingUniform_(zeros(3, 3), { mode: "foo" as "fan_in" }),
  ),
  refused("nn.init.kaiming_uniform_(zeros(3))", () => nn.init.kaimingUniform_(zeros(3))),
  refused("nn.init.eye_(zeros(3))", () => nn.init.eye_(zeros(3))),
  refused("nn.init.dirac_(zeros(3, 3))", () => nn.init.dirac_(zeros(3, 3))),
  refused("nn.init.dirac_(zeros(3, 3, 3), groups=2)", () => nn.init.dirac_(zeros(3, 3, 3), { groups: 2 })),
  refused("nn.init.orthogonal_(zeros(3))", () => nn.init.orthogonal_(zeros(3))),
  refused("nn.init.sparse_(zeros(3), 0.1)", () => nn.init.sparse_(zeros(3), 0.1)),
];
