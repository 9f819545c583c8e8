import { describe, expect, it } from "vitest";
import { describe as written, float, plain } from "./extra-repr.ts";

describe("the text of hyper-parameters", () => {
  it.each([
    [written({}), ""],
    [written({ in_features: 2, bias: true }), "in_features=2, bias=True"],
    [written({ eps: float(1e-5), p: float(1), momentum: float(null) }), "eps=1e-05, p=1.0, momentum=None"],
    [written([3, 16], { kernel_size: [3, 3], stride: [1] }), "3, 16, kernel_size=(3, 3), stride=(1,)"],
    [written({ mode: "mean", padding_mode: plain("reflect") }), "mode='mean', padding_mode=reflect"],
    [written([4], { padding: undefined, groups: 2 }), "4, groups=2"],
    [written({ threshold: float(undefined) }), ""],
  ])("%#: %s", (found, expected) => {
    expect(found).toBe(expected);
  });
});
