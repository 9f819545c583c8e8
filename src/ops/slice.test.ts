import { describe, expect, test } from "vitest";
import { grad } from "../autograd/backward.ts";
import { noGrad } from "../autograd/grad-mode.ts";
import { ones, tensor, zeros } from "./creation.ts";
import type { Tensor } from "../tensor/tensor.ts";

function leaf(values: number[]): Tensor {
  return tensor(values, { dtype: "float32", requiresGrad: true });
}

describe("gradients", () => {
  test("flow through broadcasting to both operands", () => {
    const a = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { dtype: "float32", requiresGrad: true },
    );
    const b = leaf([1, 2, 3]);
    const c = a.mul(b).add(1).relu();
    expect(c.gradFn?.name).toBe("ReluBackward0");
    c.sum().backward();
    expect(a.grad?.tolist()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(b.grad?.tolist()).toEqual([5, 7, 9]);
  });

  test("accumulate in place into the same tensor", () => {
    const x = leaf([1, 2]);
    x.mul(2).sum().backward();
    const first = x.grad;
    x.mul(3).sum().backward();
    expect(x.grad).toBe(first);
    expect(x.grad?.tolist()).toEqual([5, 5]);
  });

  test("of two leaves never share memory, nor with a gradient that was passed in", () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    const given = tensor([1, 1], { dtype: "float32" });
    a.add(b).backward(given);
    a.grad!.zero_();
    expect(b.grad?.tolist()).toEqual([1, 1]);
    expect(given.tolist()).toEqual([1, 1]);
  });

  test("can be differentiated again", () => {
    const w = ones(3, 2, { requiresGrad: true });
    const m = ones(2, 3).mm(w);
    const [g] = grad(m.mul(m).sum(), [w], { createGraph: true });
    g!.mul(g!).sum().backward();
    expect(w.grad?.tolist()).toEqual([
      [288, 288],
      [288, 288],
      [288, 288],
    ]);
  });

  test("of a second pass need the graph to be kept only where tensors were saved", () => {
    const x = leaf([1, 2]);
    const kept = x.add(1).sum();
    kept.backward();
    expect(() => kept.backward()).not.toThrow();
    const gone = x.mul(2).sum();
    gone.backward();
    expect(() => gone.backward()).toThrow("Trying to backward through the graph a second time");
  });

  test("run hooks in order, and their results replace the gradient", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    x.registerHook((g) => {
      seen.push(g.tolist());
      return g.mul(2);
    });
    const handle = x.registerHook((g) => {
      seen.push(g.tolist());
    });
    x.sum().backward();
    handle.remove();
    x.sum().backward();
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [1, 1],
    ]);
    expect(x.grad?.tolist()).toEqual([4, 4]);
  });

  test("of computed tensors are kept where that was asked for", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.retainGrad();
    y.mul(y).sum().backward();
    expect(y.grad?.tolist()).toEqual([6, 12]);
  });

  test("survive a pass within a hook over the same graph", () => {
    const x = leaf([2]);
    const y = x.mul(x);
    const z = y.mul(3);
    let inner: unknown = null;
    z.registerHook(() => {
      inner = grad(y, [x], { retainGraph: true })[0]!.tolist();
    });
    z.sum().backward();
    expect(inner).toEqual([4]);
    expect(x.grad?.tolist()).toEqual([12]);
  });
});

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
    expect(() => e.sum().backward()).toThrow("output 0 of Mul, is at version 1; expected version 0");
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

describe("tensors", () => {
  test("show themselves as PyTorch does", () => {
    expect(String(zeros(5, 10).shape)).toBe("torch.Size([5, 10])");
    expect(String(leaf([1, 2]).mul(2))).toBe("tensor([2., 4.], grad_fn=<MulBackward0>)");
    expect(String(tensor([1, 2]))).toBe("tensor([1, 2])");
    expect(+tensor(3.5)).toBe(3.5);
  });

  test.each([
    ["int64 + 1.5", tensor([1, 2]).add(1.5), "torch.float32"],
    ["bool + 1", tensor([true]).add(1), "torch.int64"],
    [
      "float16 + 0-d float64",
      ones(2, { dtype: "float16" }).add(tensor(1, { dtype: "float64" })),
      "torch.float16",
    ],
    ["int8 + number", ones(2, { dtype: "int8" }).add(1), "torch.int8"],
    [
      "float16 + bfloat16",
      ones(2, { dtype: "float16" }).add(ones(2, { dtype: "bfloat16" })),
      "torch.float32",
    ],
    ["int64 / int64", tensor([1, 2]).div(2), "torch.float32"],
  ])("promote as PyTorch does: %s", (_, result, dtype) => {
    expect(String(result.dtype)).toBe(dtype);
  });

  test("compute in their own width", () => {
    expect(
      tensor([2 ** 31 - 1], { dtype: "int32" })
        .mul(3)
        .item(),
    ).toBe(2147483645);
    expect(
      tensor([2n ** 62n])
        .mul(3)
        .item(),
    ).toBe(-4611686018427387904n);
    expect(tensor([200], { dtype: "uint8" }).add(100).item()).toBe(44);
    expect(
      tensor([1], { dtype: "bfloat16" })
        .add(tensor([2 ** -9], { dtype: "bfloat16" }))
        .item(),
    ).toBe(1);
  });

  test("share memory with their views and copy where a view cannot be", () => {
    const x = zeros(2, 3);
    x.t().select(0, 1).fill_(7);
    expect(x.tolist()).toEqual([
      [0, 7, 0],
      [0, 7, 0],
    ]);
    x.t().reshape(-1).fill_(1);
    expect(x.tolist()).toEqual([
      [0, 7, 0],
      [0, 7, 0],
    ]);
    expect(() => x.t().view(6)).toThrow("view size is not compatible with input tensor's size and stride");
  });
});
