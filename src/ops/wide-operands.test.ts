/**
 * Operands that do not fit the dtype of the op, exponents that do not, and writes between dtypes and shapes. What is expected
 * is what PyTorch 2.13 gives on x86.
 */

import { describe, expect, test } from "vitest";
import { pyFloat } from "../catalog/value.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { tensor, zeros } from "./creation.ts";
import "./methods.ts";

const bytes = tensor([100, -100, 7], { dtype: "int8" });
const wide = tensor(309);
const halves = tensor([1, 2], { dtype: "float16" });
const nearOne = tensor(1.0001, { dtype: "float64" });

describe("an operand without dimensions", () => {
  test.each<[string, Tensor, unknown[]]>([
    ["an integer wraps: floorDivide", bytes.floorDivide(wide), [1, -2, 0]],
    ["an integer wraps: remainder", bytes.remainder(wide), [47, 6, 7]],
    ["an integer wraps: lt", bytes.lt(wide), [false, true, true]],
    ["an integer in front wraps: maximum", wide.maximum(bytes), [100, 53, 53]],
    ["a number wraps: floorDivide", bytes.floorDivide(309), [1, -2, 0]],
    ["a float is rounded: eq", halves.eq(nearOne), [true, false]],
    ["a number is rounded: sub", halves.sub(1.0001), [0, 1]],
    ["a float in front is rounded: eq", nearOne.eq(halves), [true, false]],
    ["the divisor is not rounded", halves.floorDivide(1.0001), [0, 1]],
  ])("%s", (_, found, expected) => {
    expect(found.tolist()).toEqual(expected);
  });
});

describe("integers", () => {
  test.each(["remainder", "fmod", "floorDivide"] as const)("%s of uint8 by 0 is refused", (name) => {
    const self = tensor([4, 0], { dtype: "uint8" });
    expect(() => self[name](self)).toThrow("ZeroDivisionError");
    expect(() => self[name](0)).toThrow("ZeroDivisionError");
  });

  test("that floats beyond the range become are those of x86", () => {
    const floats = tensor([Number.NaN, Infinity, 3e10, -3e10, 300.7]);
    expect(floats.to("int32").tolist()).toEqual([...Array<number>(4).fill(-(2 ** 31)), 300]);
    expect(floats.to("int16").tolist()).toEqual([0, 0, 0, 0, 300]);
    expect(floats.to("uint8").tolist()).toEqual([0, 0, 0, 0, 44]);
    const least = -(2n ** 63n);
    expect(floats.to("int64").tolist()).toEqual([least, least, 30_000_001_024, -30_000_001_024, 300]);
    expect(tensor([Infinity], { dtype: "float16" }).to("int64").tolist()).toEqual([least]);
    expect(tensor([-Infinity], { dtype: "bfloat16" }).to("int32").tolist()).toEqual([-(2 ** 31)]);
  });

  test("get no gradient from what is copied into them", () => {
    const source = zeros(2, { requiresGrad: true });
    expect(zeros(2, { dtype: "int64" }).copy_(source).requiresGrad).toBe(false);
  });
});

describe("an exponent", () => {
  test.each([
    ["int8", 300, "int8_t"],
    ["uint8", 300, "uint8_t"],
    ["int32", 2 ** 40, "int"],
    ["float16", 70_000, "c10::Half"],
  ])("of %s that it does not hold is refused", (dtype, exponent, type) => {
    const text = `value cannot be converted to type ${type} without overflow`;
    expect(() => tensor([1], { dtype }).pow(exponent)).toThrow(text);
    expect(() => tensor([1], { dtype }).pow_(exponent)).toThrow(text);
  });

  test("of bools is True or False", () => {
    const self = tensor([true, false]);
    expect(self.pow(true).tolist()).toEqual([true, false]);
    expect(self.pow(false).tolist()).toEqual([true, true]);
    expect(self.clone().pow_(false).tolist()).toEqual([true, true]);
    expect(() => self.pow(self)).toThrow("\"pow\" not implemented for 'Bool'");
  });
});

describe("a norm", () => {
  test("takes its order as a Python float", () => {
    expect(tensor([3, 4], { dtype: "float32" }).norm(pyFloat(1), 0).item()).toBe(7);
  });

  test("of the largest or smallest of nothing is refused", () => {
    expect(() => zeros(2, 0).norm(Infinity, -1)).toThrow(
      "linalg.vector_norm cannot compute the inf norm on the dimension -1because this dimension is empty and the operation does not have an identity",
    );
    expect(() => zeros(0).norm(-Infinity)).toThrow(
      "linalg.vector_norm cannot compute the -inf norm on an empty tensor because the operation does not have an identity",
    );
    expect(zeros(0, 2).norm(Infinity, 1).tolist()).toEqual([]);
  });
});

describe("a write", () => {
  test("of a shape that does not fit is refused in PyTorch's words", () => {
    expect(() => zeros(2).copy_(zeros(2, 2))).toThrow(
      "output with shape [2] doesn't match the broadcast shape [2, 2]",
    );
    expect(() => zeros(3, 4).copy_(zeros(3, 3))).toThrow(
      "The size of tensor a (4) must match the size of tensor b (3) at non-singleton dimension 1",
    );
    expect(() => zeros(3, 4).setAt(0, zeros(2, 4))).toThrow(
      "expand(torch.FloatTensor{[2, 4]}, size=[4]): the number of sizes provided (1) must be greater or equal to the number of dimensions in the tensor (2)",
    );
  });

  test.each([
    [[null, 5], 1, 2],
    [["...", 9], 1, 4],
    [[0, null, 5], 2, 3],
  ] as const)("at %j names the place of the index", (index, dim, size) => {
    expect(() => zeros(2, 3, 4).at(...index)).toThrow(
      `index ${index.at(-1)} is out of bounds for dimension ${dim} with size ${size}`,
    );
  });

  test.each(["atan2", "hypot"] as const)("%s takes no number", (name) => {
    // @ts-expect-error
    expect(() => halves[name](2)).toThrow(`${name}(): argument 'other' (position 1) must be Tensor, not int`);
  });
});
