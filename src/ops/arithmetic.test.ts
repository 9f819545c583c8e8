import { describe, expect, test } from "vitest";
import { ones, tensor, zeros } from "./creation.ts";
import type { Tensor } from "../tensor/tensor.ts";

function leaf(values: number[]): Tensor {
  return tensor(values, { dtype: "float32", requiresGrad: true });
}

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
