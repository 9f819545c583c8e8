import { describe, expect, test } from "vitest";
import { ones, tensor } from "../ops/creation.ts";
import { gradcheck, gradgradcheck } from "../ops/gradcheck.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { noGrad } from "./grad-mode.ts";

function leaf(values: number[]): Tensor {
  return tensor(values, { dtype: "float32", requiresGrad: true });
}

describe("writing in place", () => {
  test("through a view rewrites the history of its base", () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(1);
    const v = y.narrow(0, 0, 2);
    v.mul_(3);
    expect(y.gradFn?.name).toBe("CopySlices");
    expect(v.gradFn?.name).toBe("AsStridedBackward0");
    y.mul(y).sum().backward();
    expect(x.grad?.tolist()).toEqual([18, 36, 6]);
  });

  test("is refused on leaves, views of leaves and one of several views", () => {
    const x = leaf([1, 2, 3]);
    expect(() => x.add_(1)).toThrow(
      "a leaf Variable that requires grad is being used in an in-place operation.",
    );
    expect(() => x.narrow(0, 0, 1).add_(1)).toThrow(
      "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    );
    expect(() => x.mul(1).unbind()[0]!.add_(1)).toThrow(
      "Output 0 of Unbind is a view and is being modified inplace.",
    );
    const quiet = noGrad(() => x.narrow(0, 0, 1));
    expect(() => quiet.add_(1)).toThrow("A view was created in no_grad mode");
    noGrad(() => x.add_(1));
    expect(x.version.value).toBe(1);
  });

  test("to a saved tensor is noticed by the backward pass", () => {
    const e = leaf([1, 2]).mul(2).exp();
    e.mul_(2);
    expect(() => e.sum().backward()).toThrow("output 0 of Exp, is at version 1; expected version 0");
  });

  test.each([
    ["torch::autograd::CopySlices", (y: Tensor) => y, (y: Tensor) => y.at(":1").add_(1)],
    ["AsStrided", (y: Tensor) => y.at("1:"), (y: Tensor) => y.add_(1)],
    ["torch::autograd::CopyBackwards", (y: Tensor) => y, (y: Tensor) => y.copy_(leaf([1, 2]))],
  ])("names the node as PyTorch does: %s", (name, saved, write) => {
    const y = leaf([1, 2]).mul(2);
    const part = saved(y);
    const z = part.mul(part).sum();
    write(y);
    expect(() => z.backward()).toThrow(`which is output 0 of ${name}, is at version 1`);
  });

  test("with another shape or a lower dtype is refused in PyTorch's words", () => {
    expect(() => ones(2).add_(ones(3, 2))).toThrow(
      "output with shape [2] doesn't match the broadcast shape [3, 2]",
    );
    expect(() => ones(2, { dtype: "int32" }).mul_(1.5)).toThrow(
      "result type Float can't be cast to the desired output type Int",
    );
    expect(() => ones(1).expand(3).add_(1)).toThrow("more than one element of the written-to tensor");
  });

  test("keeps the former value for the gradient of the other operand", () => {
    const x = leaf([2, 3]);
    const w = leaf([5, 7]);
    const y = x.mul(1);
    y.mul_(w).sum().backward();
    expect(w.grad?.tolist()).toEqual([2, 3]);
    expect(x.grad?.tolist()).toEqual([5, 7]);
  });
});

describe("second derivatives through what was written", () => {
  type Program = (x: Tensor, w: Tensor) => Tensor;
  const programs: Readonly<Record<string, Program>> = {
    "a slice that was multiplied"(x, w) {
      const y = x.mul(x);
      y.at("1:, ::2").mul_(w);
      return y.mul(y);
    },
    "the written view itself"(x, w) {
      const v = x.mul(x).t().at(1);
      v.mul_(w.at(0));
      v.add_(w.at(0));
      return v.mul(v);
    },
    "a view of the base after the write"(x, w) {
      const y = x.mul(x);
      const diagonal = y.diagonal();
      y.at(0).mul_(w.sum());
      return diagonal.mul(diagonal);
    },
    "a place written over by what depends on it"(x, w) {
      const y = x.mul(w.sum());
      y.setAt(0, y.at(1).clone().mul(y.at(2).clone()));
      return y.mul(y);
    },
    "index tensors, replacing and adding"(x, w) {
      const y = x.mul(x);
      y.setAt([0, 2], 1, w.at(0, ":2").mul(x.at("0, :2")));
      y.indexPut_([tensor([1, 1])], w.mul(w), { accumulate: true });
      return y.at([2, 1, 2]).mul(y.at([0, 1, 1]));
    },
    "a mask"(x, w) {
      const y = x.mul(x);
      y.setAt(y.detach().gt(1), w.sum());
      return y.mul(x);
    },
    "overlapping windows"(x, w) {
      const y = x.mul(x).view(-1).unfold(0, 3, 1);
      return y.mul(y).sum(0).mul(w.at(0));
    },
  };

  test.each(Object.entries(programs))("are those that differences show: %s", (title, program) => {
    const values = [0.5, -1.5, 1.25, 0.75, 1.75, -0.25, -0.5, 1.5, 2];
    const x = tensor(values, { dtype: "float64" }).view(3, 3).detach().requiresGrad_();
    const w = tensor([[0.5, -2, 1.5]], { dtype: "float64", requiresGrad: true });
    const columns = w.at(":, :2").detach().requiresGrad_();
    const weight = title.startsWith("a slice") ? columns : w;
    expect(gradcheck(program, [x, weight])).toBe(true);
    expect(gradgradcheck(program, [x, weight])).toBe(true);
  });
});

test("a view that was made without recording requires a gradient and gets none", () => {
  const x = ones(2, { requiresGrad: true });
  const view = noGrad(() => x.view(-1));
  expect([view.requiresGrad, view.isLeaf]).toEqual([true, true]);
  const seen: Tensor[] = [];
  view.registerHook((g) => {
    seen.push(g);
  });
  view.mul(3).sum().backward();
  expect([view.grad, x.grad, seen.length]).toEqual([null, null, 0]);
});

test("a node's number stays in messages where it is not 0", () => {
  const x = ones(2, { requiresGrad: true });
  const product = x.prod(0);
  const square = product.mul(product);
  product.detach().add_(1);
  expect(() => square.backward()).toThrow("which is output 0 of Prod1, is at version 1");
});
