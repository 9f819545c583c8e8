import { expect, test } from "vitest";
import { layerNorm } from "../functional/normalization.ts";
import { tensor } from "./creation.ts";
import "./methods.ts";
import { needs, op } from "./op.ts";
import type { Op } from "./op.ts";
import type { Tensor } from "../tensor/tensor.ts";

test("a record may call a tensor `input`, as PyTorch often does", () => {
  const scaled: Op<(input: Tensor, other: Tensor) => Tensor> = op({
    name: "scaled",
    inputs: ["input", "other"],
    forward: (input: Tensor, other: Tensor) => input.mul(other),
    backward: {
      input: needs(["other"], (gradient, { other }) => gradient.mul(other)),
      other: needs(["input"], (gradient, { input }) => gradient.mul(input)),
    },
    samples: () => [],
  });
  const x = tensor([2, 3], { dtype: "float32", requiresGrad: true });
  const y = tensor([5, 7], { dtype: "float32", requiresGrad: true });
  scaled(x, y).sum().backward();
  expect([x.grad!.tolist(), y.grad!.tolist()]).toEqual([
    [5, 7],
    [2, 3],
  ]);
});

test("a backward pass lets go of what a joint op was called with", () => {
  const x = tensor([1, 2, 4], { dtype: "float32", requiresGrad: true });
  const y = layerNorm(x, [3]);
  const node = y.gradFn as unknown as { readonly args: readonly unknown[] };
  expect(node.args).toContain(x);
  y.sum().backward();
  expect(node.args).toEqual([]);
  expect(() => y.sum().backward()).toThrow("Trying to backward through the graph a second time");
});
