import { expect, test } from "vitest";
import "../ops/methods.ts";
import { zeros } from "../ops/creation.ts";
import { BatchNorm1d, Conv2d, Embedding, EmbeddingBag, Linear, MaxPool1d } from "./index.ts";

// Texts of PyTorch 2.13.
test.each([
  [() => new Linear(-1, 2), "Trying to create tensor with negative dimension -1: [2, -1]"],
  [() => new Conv2d(-3, 1, 1), "Trying to create tensor with negative dimension -3: [1, -3, 1, 1]"],
  [() => new Embedding(2, -1), "Trying to create tensor with negative dimension -1: [2, -1]"],
  [() => new BatchNorm1d(-1), "Trying to create tensor with negative dimension -1: [-1]"],
  [() => new BatchNorm1d(-1, { affine: false }), "zeros: Dimension size must be non-negative."],
  [() => new Embedding(2, 3, { paddingIdx: 2 }), "Padding_idx must be within num_embeddings"],
  [() => new MaxPool1d(2)(zeros(1, 1, 4).long()), "\"max_pool1d_impl\" not implemented for 'Long'"],
  [() => new MaxPool1d(2)(zeros(1, 1, 4).bool()), "\"max_pool1d_impl\" not implemented for 'Bool'"],
  [() => new EmbeddingBag(2, 3, { paddingIdx: 2 }), "padding_idx must be within num_embeddings"],
])("%s is refused as PyTorch refuses it", (make, text) => {
  expect(make).toThrow(text);
});
