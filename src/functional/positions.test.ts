/** Arguments that PyTorch's users write by position: the same as by name. */

import { describe, expect, it } from "vitest";
import { manualSeed, nn, randn } from "../index.ts";
import type { Tensor } from "../index.ts";

const F = nn.functional;
const x = randn(2, 4);
const image = randn(1, 2, 4, 4);
const weight = randn(3, 2, 3, 3);
const bias = randn(3);

const pairs: [name: string, byPosition: () => Tensor, byName: () => Tensor][] = [
  ["softmax", () => F.softmax(x, 0), () => F.softmax(x, { dim: 0 })],
  ["softmax, dtype", () => F.softmax(x, 0, { dtype: "float64" }), () => F.softmax(x.double(), { dim: 0 })],
  ["logSoftmax", () => F.logSoftmax(x, -1), () => F.logSoftmax(x, { dim: -1 })],
  ["softmin", () => F.softmin(x, 1), () => F.softmin(x, { dim: 1 })],
  ["glu", () => F.glu(x, 0), () => F.glu(x, { dim: 0 })],
  ["leakyRelu", () => F.leakyRelu(x, 0.2), () => F.leakyRelu(x, { negativeSlope: 0.2 })],
  ["elu", () => F.elu(x, 0.2), () => F.elu(x, { alpha: 0.2 })],
  ["celu", () => F.celu(x, 0.2), () => F.celu(x, { alpha: 0.2 })],
  ["dropout", () => F.dropout(x, 0.9, true), () => F.dropout(x, { p: 0.9 })],
  ["dropout, none", () => F.dropout(x, 0.9, false), () => x],
  ["conv2d", () => F.conv2d(image, weight, bias), () => F.conv2d(image, weight, { bias })],
  [
    "conv2d, stride",
    () => F.conv2d(image, weight, bias, { stride: 2, padding: 1 }),
    () => F.conv2d(image, weight, { bias, stride: 2, padding: 1 }),
  ],
  [
    "convTranspose2d",
    () => F.convTranspose2d(image, weight.transpose(0, 1), bias),
    () => F.convTranspose2d(image, weight.transpose(0, 1), { bias }),
  ],
  ["maxPool2d", () => F.maxPool2d(image, 2, 1), () => F.maxPool2d(image, 2, { stride: 1 })],
  [
    "maxPool2d, padding",
    () => F.maxPool2d(image, 3, [1, 2], { padding: 1 }),
    () => F.maxPool2d(image, 3, { stride: [1, 2], padding: 1 }),
  ],
  ["maxPool1d", () => F.maxPool1d(x, 2, 1), () => F.maxPool1d(x, 2, { stride: 1 })],
  ["ReLU", () => new nn.ReLU(true)(x.clone()), () => new nn.ReLU({ inplace: true })(x.clone())],
];

describe("arguments by position", () => {
  it.each(pairs)("of %s are those by name", (_, byPosition, byName) => {
    manualSeed(3);
    const positioned = byPosition();
    manualSeed(3);
    expect(positioned.tolist()).toEqual(byName().tolist());
  });

  it("print as given", () => {
    expect(String(new nn.ReLU(true))).toBe("ReLU(inplace=True)");
    expect(String(new nn.ReLU6(true))).toBe("ReLU6(inplace=True)");
  });

  it("that are given twice, or are too many, are refused with PyTorch's text", () => {
    expect(() => F.softmax(x, 1, { dim: 0 })).toThrow("softmax() got multiple values for argument 'dim'");
    // @ts-expect-error there is no third
    expect(() => F.softmax(x, 1, 2, 3)).toThrow("positional arguments");
  });
});
