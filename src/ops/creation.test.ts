import { describe, expect, test } from "vitest";
import { dtypes } from "../dtype.ts";
import { UsageError } from "../errors.ts";
import { Generator, manualSeed } from "../tensor/random/index.ts";
import { fullLike, zerosLike } from "./creation-like.ts";
import { arange } from "./creation-sequences.ts";
import { asTensor, fromTypedArray, full, ones, tensor, zeros } from "./creation.ts";
import { normal, rand, randLike, randint } from "./random-creation.ts";
import { dropout } from "./random-draws.ts";

/** The class and text of what a call throws. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) return `${error.torchType}: ${error.message}`;
    throw error;
  }
  return "no error";
}

describe("tensor", () => {
  test.each([
    ["integers", [1, 2], "int64"],
    ["integers too large to be exact", [1e30, 1], "float32"],
    ["fractions", [1, 2.5], "float32"],
    ["bools", [true, false], "bool"],
    ["bools and integers", [true, 2], "int64"],
    ["nothing", [], "float32"],
  ])("makes of %s the natural dtype", (_, values, dtype) => {
    expect(tensor(values).dtype.name).toBe(dtype);
  });

  test.each([
    [[[1, 2], [3]], "ValueError: expected sequence of length 2 at dim 1 (got 1)"],
    [[[1, 2], 3], "TypeError: not a sequence"],
    [[1, [2]], "TypeError: 'list' object cannot be interpreted as an integer"],
    [["a"], "ValueError: too many dimensions 'str'"],
    [[null], "RuntimeError: Could not infer dtype of NoneType"],
    [{}, "RuntimeError: Could not infer dtype of dict"],
  ])("refuses %j", (values, text) => {
    expect(refusal(() => tensor(values as never))).toBe(text);
  });

  test("refuses integers that the dtype does not hold, lets floats become infinite", () => {
    const text = "RuntimeError: value cannot be converted to type uint8 without overflow";
    expect(refusal(() => tensor([300], { dtype: "uint8" }))).toBe(text);
    expect(tensor([-1], { dtype: "uint8" }).tolist()).toEqual([255]);
    expect(tensor([1e39], { dtype: "float32" }).tolist()).toEqual([Infinity]);
  });

  test("copies typed arrays and tensors, and keeps their dtype", () => {
    const array = Int16Array.of(1, 2);
    const made = tensor(array);
    array[0] = 9;
    expect([made.dtype.name, made.tolist()]).toEqual(["int16", [1, 2]]);
    expect(tensor([tensor(1), 2]).tolist()).toEqual([1, 2]);
  });
});

describe("fromTypedArray", () => {
  test("shares the memory, with a shape and a dtype that lies in such an array", () => {
    const bits = Uint16Array.of(0x3f80, 0x4000, 0x4040, 0x4080);
    const made = fromTypedArray(bits, { dtype: "bfloat16", shape: [2, 2] });
    expect(made.tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    made.zero_();
    expect([...bits]).toEqual([0, 0, 0, 0]);
  });

  test("begins where the array begins", () => {
    const made = fromTypedArray(Float64Array.of(1, 2, 3, 4).subarray(1, 3));
    expect(made.tolist()).toEqual([2, 3]);
  });

  test("refuses other dtypes, shapes and what is no typed array", () => {
    const array = Float32Array.of(1, 2);
    expect(refusal(() => fromTypedArray(array, { dtype: "int64" }))).toContain("expected a BigInt64Array");
    expect(refusal(() => fromTypedArray(array, { shape: [3] }))).toBe(
      "RuntimeError: shape '[3]' is invalid for input of size 2",
    );
    expect(refusal(() => fromTypedArray([1] as never))).toBe("TypeError: expected np.ndarray (got list)");
  });

  test("is what asTensor does with an array, while a tensor is returned as it is", () => {
    const array = Float32Array.of(1);
    const made = asTensor(array);
    array[0] = 5;
    expect(made.item()).toBe(5);
    expect(asTensor(made)).toBe(made);
    expect(asTensor(made, { dtype: "int64" }).dtype.name).toBe("int64");
  });
});

describe("creation", () => {
  test.each([
    [() => zeros(-1), "RuntimeError: zeros: Dimension size must be non-negative."],
    [() => ones(2, -3), "RuntimeError: Trying to create tensor with negative dimension -3: [2, -3]"],
    [() => zeros(2.5), "TypeError: zeros(): argument 'size' (position 1) must be tuple of ints, not float"],
    [
      () => zeros(2, 2.5),
      "TypeError: zeros(): argument 'size' failed to unpack the object at pos 2 with error \"type must be tuple of ints,but got float\"",
    ],
    [
      () => full([1], 300, { dtype: "uint8" }),
      "RuntimeError: value cannot be converted to type uint8_t without overflow",
    ],
    [
      () => zeros(2, { dtype: "int64", requiresGrad: true }),
      "RuntimeError: Only Tensors of floating point and complex dtype can require gradients",
    ],
    [() => arange("a" as never), "TypeError: arange(): argument 'end' (position 1) must be Number, not str"],
  ])("refuses as PyTorch: %#", (call, text) => {
    expect(refusal(call)).toBe(text);
  });

  test("keeps the order of dimensions of its model", () => {
    const model = zeros(2, 3).t();
    expect(zerosLike(model).strides).toEqual([1, 3]);
    expect(zerosLike(model, { memoryFormat: "contiguous" }).strides).toEqual([2, 1]);
    expect(fullLike(model, 3.7, { dtype: "int64" }).tolist()).toEqual(
      Array.from({ length: 3 }, () => [3, 3]),
    );
  });

  test("makes shapes without data on meta, also random ones, and draws nothing for them", () => {
    const before = manualSeed(1).getState();
    const made = rand(2, 1_000_000_000, { device: "meta" });
    expect([made.device, made.count]).toEqual(["meta", 2_000_000_000]);
    expect(manualSeed(1).getState()).toEqual(before);
  });
});

describe("random creation", () => {
  test("takes its numbers from a given generator and leaves the default one alone", () => {
    manualSeed(3);
    const wanted = rand(4).tolist();
    const state = manualSeed(3).getState();
    expect(rand(4, { generator: new Generator().manualSeed(3) }).tolist()).toEqual(wanted);
    expect(randint(9, [2], { generator: new Generator() }).shape.slice()).toEqual([2]);
    expect(manualSeed(3).getState()).toEqual(state);
  });

  test("fills a transposed model in the order of its memory", () => {
    manualSeed(0);
    const plain = rand(3, 2);
    manualSeed(0);
    expect(randLike(zeros(3, 2).t()).t().tolist()).toEqual(plain.tolist());
  });

  test("draws normals around tensors of means and deviations", () => {
    manualSeed(0);
    // torch.manual_seed(0); torch.normal(torch.arange(4.), torch.tensor([1., 0., 2., 0.5]))
    const made = normal(arange(4, { dtype: "float32" }), tensor([1, 0, 2, 0.5]));
    expect(made.tolist()).toEqual([1.5409960746765137, 1, -2.357578754425049, 3.2842156887054443]);
    expect(refusal(() => normal(zeros(2), tensor([1, -1])))).toBe(
      "RuntimeError: normal expects all elements of std >= 0.0",
    );
    expect(refusal(() => normal(zeros(2), ones(3)))).toContain("The size of tensor a (2) must match");
  });

  test("drops the elements that PyTorch drops", () => {
    manualSeed(0);
    // torch.manual_seed(0); torch.dropout(torch.ones(8), 0.5, True)
    expect(dropout(ones(8), { p: 0.5 }).tolist()).toEqual([0, 0, 2, 0, 0, 0, 2, 2]);
    const x = ones(3);
    expect(dropout(x, { training: false })).toBe(x);
    expect(dropout(x, { p: 0 })).toBe(x);
    expect(refusal(() => dropout(x, { p: 1.5 }))).toBe(
      "ValueError: dropout probability has to be between 0 and 1, but got 1.5",
    );
  });

  test("writes by position or by name, not both", () => {
    manualSeed(0);
    const wanted = zeros(3).uniform_(-1, 2).tolist();
    manualSeed(0);
    expect(zeros(3).uniform_({ from: -1, to: 2 }).tolist()).toEqual(wanted);
    expect(refusal(() => zeros(3).uniform_(0, { from: 1 }))).toBe(
      "TypeError: uniform_() got multiple values for argument 'from'",
    );
    expect(refusal(() => zeros(3).normal_(0, 1, 2 as never))).toBe(
      "TypeError: normal_() takes from 0 to 2 positional arguments but 3 were given",
    );
  });

  test("refuses to draw into an element that is several, and counts the write into others", () => {
    expect(refusal(() => zeros(1).expand(3).normal_())).toContain(
      "more than one element of the written-to tensor",
    );
    const x = zeros(3);
    const before = x.version.value;
    x.narrow(0, 1, 2).uniform_();
    expect(x.version.value).toBe(before + 1);
    expect(x.dtype).toBe(dtypes.float32);
  });
});
