import { afterEach, describe, expect, it } from "vitest";
import { dtypes } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { LimitError } from "../errors.ts";
import { setPrintoptions } from "./print-options.ts";
import { tensorText } from "./print.ts";
import type { Printable } from "./print.ts";

afterEach(() => setPrintoptions({ profile: "default" }));

/** A strided tensor whose element at each storage position is that position, and the positions that were read. */
function counting(
  shape: readonly number[],
  strides: readonly number[],
  { offset = 0, dtype = dtypes.float32, ...marks }: Partial<Printable> & { offset?: number } = {},
): { tensor: Printable; read: number[] } {
  const read: number[] = [];
  const element = (position: number): number => {
    read.push(position);
    return position;
  };
  const elements = { shape, strides, offset, dtype, element };
  const tensor: Printable = {
    shape,
    dtype,
    device: "cpu",
    requiresGrad: false,
    gradFn: null,
    isParameter: false,
    content: { kind: "strided", elements },
    ...marks,
  };
  return { tensor, read };
}

describe("tensorText", () => {
  it.each<[string, number[], number[], number, string]>([
    ["a transposed matrix", [3, 2], [1, 3], 0, "tensor([[0., 3.],\n        [1., 4.],\n        [2., 5.]])"],
    ["a stepped view", [3], [4], 1, "tensor([1., 5., 9.])"],
    ["a reversed step", [3], [-1], 2, "tensor([2., 1., 0.])"],
    ["an expanded row", [2, 2], [0, 1], 4, "tensor([[4., 5.],\n        [4., 5.]])"],
    ["one element", [], [], 7, "tensor(7.)"],
  ])("reads %s through its strides", (_, shape, strides, offset, text) => {
    expect(tensorText(counting(shape, strides, { offset }).tensor)).toBe(text);
  });

  it("reads nothing but what it shows of a large tensor", () => {
    const { tensor, read } = counting([1_000_000, 1000], [1000, 1]);
    const text = tensorText(tensor);
    expect(read).toHaveLength(36);
    expect(text).toContain("\n        ...,\n");
  });

  it("refuses a tensor of short dimensions that are never cut", () => {
    const twos = Array.from({ length: 40 }, () => 2);
    const wide = counting(
      twos,
      twos.map(() => 0),
    );
    expect(() => tensorText(wide.tensor)).toThrow(LimitError);
    expect(wide.read).toHaveLength(0);
  });

  it.each<[DType, DType, string]>([
    [dtypes.float32, dtypes.float32, "tensor([0., 1.])"],
    [dtypes.float32, dtypes.float64, "tensor([0., 1.], dtype=torch.float32)"],
    [dtypes.float64, dtypes.float64, "tensor([0., 1.])"],
    [dtypes.float16, dtypes.float16, "tensor([0., 1.])"],
  ])("names %s where the default dtype is %s, if need be", (dtype, defaultDtype, text) => {
    expect(tensorText(counting([2], [1], { dtype }).tensor, defaultDtype)).toBe(text);
  });

  it("names the device a file recorded", () => {
    expect(tensorText(counting([2], [1], { device: "cuda:0" }).tensor)).toBe(
      "tensor([0., 1.], device='cuda:0')",
    );
  });

  it("prefers the node that made a tensor to its needing a gradient", () => {
    const { tensor } = counting([1], [1], { requiresGrad: true, gradFn: "AddBackward0", isParameter: true });
    expect(tensorText(tensor)).toBe("Parameter containing:\ntensor([0.], grad_fn=<AddBackward0>)");
  });

  it("obeys the options in force", () => {
    setPrintoptions({ threshold: 3, edgeitems: 1, sciMode: true, precision: 1 });
    expect(tensorText(counting([4], [1]).tensor)).toBe("tensor([0.0e+00,  ..., 3.0e+00])");
  });
});
