import { expect, test } from "vitest";
import { tensor, zeros } from "../ops/creation.ts";
import "../ops/methods.ts";
import { embedding, embeddingBag } from "./embedding.ts";

// F.embedding_bag(indices, weight, offsets, mode=mode, scale_grad_by_freq=True) in PyTorch 2.13
test.each([
  ["sum", [1, 1, 0.5, 3]],
  ["mean", [0.25, 0.25, 0.125, 1]],
] as const)("gradients of bags by frequency are PyTorch's, slip included: %s", (mode, expected) => {
  const weight = zeros(4, 1, { requiresGrad: true });
  const indices = tensor([3, 3, 3, 1, 1, 2, 0]);
  embeddingBag(indices, weight, { offsets: tensor([0, 3]), mode, scaleGradByFreq: true })
    .sum()
    .backward();
  expect(weight.grad!.flatten().tolist()).toEqual(expected);
});

test("gradients of rows by frequency are divided by how often each was taken", () => {
  const weight = zeros(4, 1, { requiresGrad: true });
  embedding(tensor([3, 3, 3, 1, 1, 2]), weight, { scaleGradByFreq: true })
    .sum()
    .backward();
  expect(weight.grad!.at(0, 0).item()).toBe(0);
  for (const row of [1, 2, 3]) expect(weight.grad!.at(row, 0).item()).toBeCloseTo(1, 6);
});
