/**
 * Complex tensors beyond single ops: numbers as operands, parts that share memory, gradients through them. What is
 * expected is what PyTorch 2.13 gives.
 */

import { describe, expect, test } from "vitest";
import { grad } from "../autograd/backward.ts";
import { viewAsComplex, viewAsReal } from "./complex-views.ts";
import { full, ones, tensor } from "./creation.ts";
import "./methods.ts";

const i = { re: 0, im: 1 };

describe("a complex number", () => {
  test.each([
    ["makes floats complex", ones(2).mul(i), "tensor([0.+1.j, 0.+1.j])"],
    ["makes integers complex", ones(2, { dtype: "int64" }).add(i), "tensor([1.+1.j, 1.+1.j])"],
    [
      "takes the width of doubles",
      ones(1, { dtype: "float64" }).mul(i),
      "tensor([0.+1.j], dtype=torch.complex128)",
    ],
    ["stands among elements", tensor([{ re: 1, im: 2 }, 3.5]), "tensor([1.0000+2.j, 3.5000+0.j])"],
    ["fills", full([1], i), "tensor([0.+1.j])"],
  ])("%s", (_, made, text) => {
    expect(String(made)).toBe(text);
  });

  test("is refused where a real tensor would be written", () => {
    expect(() => ones(2).mul_(i)).toThrow(
      "result type ComplexFloat can't be cast to the desired output type Float",
    );
    expect(() => ones(2).fill_(i)).toThrow("value cannot be converted to type float without overflow");
  });
});

test("writes into parts and pairs reach the whole, and its gradient", () => {
  const values = [
    { re: 1, im: 2 },
    { re: -0.5, im: 1 },
    { re: 3, im: -1 },
  ];
  const x = tensor(values, { dtype: "complex128", requiresGrad: true });
  const y = x.mul(2);
  const parts = viewAsReal(y);
  parts.at(":, 0").mul_(3);
  parts.setAt("1, 1", 7);
  y.mul(y.conj()).real.sum().backward();
  expect(x.grad!.tolist()).toEqual([
    { re: 72, im: 16 },
    { re: -36, im: 0 },
    { re: 216, im: -8 },
  ]);

  const pairs = tensor([
    [1, 2],
    [3, 4],
  ])
    .double()
    .requiresGrad_();
  const whole = pairs.mul(1);
  viewAsComplex(whole).mul_({ re: 0, im: 2 });
  const weights = tensor([
    [1, 10],
    [100, 1000],
  ]);
  whole.mul(weights).sum().backward();
  expect(pairs.grad!.tolist()).toEqual([
    [20, -2],
    [2000, -200],
  ]);
});

test("a real input takes the real part of its gradient", () => {
  const x = tensor([2], { dtype: "float64" }).requiresGrad_();
  const y = x.mul({ re: 3, im: 4 });
  expect(grad([y], [x], { gradOutputs: [tensor([i], { dtype: "complex128" })] })[0]!.tolist()).toEqual([4]);
});

test("a gradient does not start at a complex result by itself", () => {
  const x = tensor([i], { requiresGrad: true });
  expect(() => x.sum().backward()).toThrow(
    "grad can be implicitly created only for real scalar outputs but got torch.complex64",
  );
});
