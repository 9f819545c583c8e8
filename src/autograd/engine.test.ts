import { describe, expect, test } from "vitest";
import { ones, tensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grad } from "./backward.ts";

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

  test("run hooks of a leaf whose data was replaced, also by data of another shape", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    x.registerHook((g) => {
      seen.push(g.tolist());
    });
    x.sum().backward();
    x.data = ones(2).mul(5);
    x.mul(x).sum().backward();
    x.data = ones(3);
    x.grad = null;
    x.mul(2).sum().backward();
    expect(seen).toEqual([
      [1, 1],
      [10, 10],
      [2, 2, 2],
    ]);
    expect(x.grad!.tolist()).toEqual([2, 2, 2]);
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
