/**
 * How results lie in memory, and writes where several elements or operands share it. What is expected is what PyTorch 2.13
 * gives.
 */

import { describe, expect, test } from "vitest";
import { arange, ones, tensor, where, zeros } from "./index.ts";
import "./methods.ts";

describe("the strides of a result", () => {
  const stepped = zeros(4, 6).at(":, ::2").t();
  const turned = zeros(2, 3, 4).permute(2, 0, 1).at("::2");

  test.each([
    ["a stepped, transposed operand", stepped.add(1), [1, 3]],
    ["its comparison", stepped.gt(0), [1, 3]],
    ["its copy", stepped.clone(), [1, 3]],
    ["its conversion", stepped.double(), [1, 3]],
    ["a choice", where(stepped.gt(0), stepped, 0), [1, 3]],
    ["a turned and stepped one", turned.exp(), [1, 6, 2]],
    ["a repeated one", zeros(2, 3).expand(4, 2, 3).exp(), [6, 3, 1]],
    ["the first operand before the second", zeros(2, 3).t().add(zeros(3, 2)), [1, 3]],
    ["the second where the first is repeated", zeros(3, 1).add(zeros(2, 3).t()), [1, 3]],
    ["a transposed one beside an expanded number", ones([]).expand(3, 2).add(zeros(2, 3).t()), [1, 3]],
    [
      "a plain one beside an expanded number",
      ones([])
        .expand(2, 1, 3)
        .add(zeros(2, 4, 3)),
      [12, 3, 1],
    ],
    ["two expanded numbers", ones([]).expand(3, 2).add(ones([]).expand(3, 2)), [2, 1]],
    ["two that broadcast", zeros(5, 1, 2).transpose(0, 2).add(zeros(4, 1)), [1, 2, 8]],
  ])("follows %s", (_, result, strides) => {
    expect(result.strides).toEqual(strides);
  });
});

test("a conversion of a stepped tensor keeps its elements in place", () => {
  const stepped = arange(12).reshape(3, 4).at(":, ::2").t();
  expect(stepped.float().tolist()).toEqual(stepped.tolist());
});

describe("a write", () => {
  test("of a number reaches repeated elements, that of a tensor is refused", () => {
    expect(zeros(2).expand(3, 2).fill_(1).sum().item()).toBe(6);
    expect(() => zeros(2).expand(3, 2).fill_(tensor(2))).toThrow("more than one element of the written-to");
    expect(() => zeros(2).expand(3, 2).setAt(":", 1)).toThrow("more than one element of the written-to");
  });

  test("of a tensor into itself changes nothing", () => {
    const self = ones(2, 3);
    expect(self.setAt(":", self).sum().item()).toBe(6);
    const single = tensor(5);
    expect(single.setAt(null, single).item()).toBe(5);
  });
});

test("products of int32 that are added up wrap as in C", () => {
  const self = tensor([2 ** 30], { dtype: "int32" });
  expect(self.addcmul(self, self, { value: 2 }).tolist()).toEqual([2 ** 30]);
});

test("the median of no integers is their least", () => {
  expect(tensor([], { dtype: "int64" }).median().item()).toBe(-(2n ** 63n));
});
