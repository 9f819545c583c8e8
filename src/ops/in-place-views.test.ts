import { describe, expect, test } from "vitest";
import { noGrad } from "../autograd/grad-mode.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { arange } from "./creation-sequences.ts";
import "./methods.ts";
import "./presentation.ts";
import "../autograd/tensor-gradient.ts";

function leaf(): Tensor {
  return arange(12, { dtype: "float32" }).reshape([3, 4]).detach().requiresGrad_();
}

/** Expected values are those of PyTorch 2.13. */
describe("looking at elements in another way, in place", () => {
  test("leaves the base as it is, and writes through the view reach it", () => {
    const x = leaf();
    const y = x.clone();
    const view = y.view(4, 3);
    view.transpose_(0, 1);
    expect([view.shape.join(), view.gradFn!.name, y.gradFn!.name]).toEqual([
      "3,4",
      "TransposeBackward1",
      "CloneBackward0",
    ]);
    view.mul_(2);
    expect([y.gradFn!.name, view.sum().item()]).toEqual(["CopySlices", 132]);
    y.mul(y).sum().backward();
    // y = 2x, and ∂(2x)²/∂x = 8x.
    expect(x.grad!.tolist()).toEqual(x.detach().mul(8).tolist());
  });

  test("gives gradients the shape that the leaf has", () => {
    const x = leaf();
    const y = x.mul(2).unsqueeze_(0).squeeze_().t_();
    expect(y.shape.join()).toBe("4,3");
    y.select(0, 1).sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 2, 3].map(() => [0, 2, 0, 0]));
  });

  test("is seen by what was made of the same elements before", () => {
    const w = arange(6, { dtype: "float32" }).reshape([2, 1, 3]);
    const flat = w.view(6);
    w.squeeze_(1);
    w.transpose_(0, 1);
    expect([w.shape.join(), w.stride().join(), w.unsqueeze_(-1).stride().join()]).toEqual([
      "3,2",
      "1,3",
      "1,3,1",
    ]);
    flat.fill_(7);
    expect(w.tolist()).toEqual([
      [[7], [7]],
      [[7], [7]],
      [[7], [7]],
    ]);
  });

  test("counts as a write: what was saved for the backward pass is outdated", () => {
    const x = leaf();
    const y = x.mul(1);
    const square = y.mul(y);
    y.t_();
    expect(() => square.sum().backward()).toThrow("modified by an inplace operation");
  });

  test("is refused for leaves that collect gradients and their views, and allowed where nothing is recorded", () => {
    const x = leaf();
    expect(() => x.unsqueeze_(0)).toThrow(
      "a leaf Variable that requires grad is being used in an in-place operation.",
    );
    expect(() => x.view(12).unsqueeze_(0)).toThrow(
      "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    );
    noGrad(() => x.unsqueeze_(0));
    expect([x.shape.join(), x.requiresGrad]).toEqual(["1,3,4", true]);
    x.sum().backward();
    expect(x.grad!.shape.join()).toBe("1,3,4");
  });
});
