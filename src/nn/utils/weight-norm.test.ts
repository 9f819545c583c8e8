import { describe, expect, test } from "vitest";
import { randn } from "../../ops/random-creation.ts";
import { deepCopy } from "../deep-copy.ts";
import { Linear } from "../linear.ts";
import { removeWeightNorm, weightNorm } from "./weight-norm.ts";

const names = (module: Linear): string[] => [...module.stateDict().keys()];

describe("weightNorm", () => {
  test("leaves the output as it was, and trains length and direction", () => {
    const layer = new Linear(5, 3);
    const x = randn(2, 5);
    const before = layer(x).detach();
    expect(weightNorm(layer)).toBe(layer);
    expect(names(layer)).toEqual(["bias", "weight_g", "weight_v"]);
    const after = layer(x).sub(before).abs().max();
    expect(Number(after.item())).toBeLessThan(1e-6);
    layer(x).sum().backward();
    expect(layer.getParameter("weight_g" as string).grad?.shape).toEqual([3, 1]);
  });

  test("follows a change of its parts at the next call", () => {
    const layer = weightNorm(new Linear(4, 2, { bias: false }));
    const x = randn(1, 4);
    const before = layer(x).detach();
    layer.getParameter("weight_g" as string).data.mul_(2);
    expect(layer(x).sub(before.mul(2)).abs().max().item()).toBeLessThan(1e-6);
  });

  test("removed, it makes the weight a parameter at the end, and calls no hook any more", () => {
    const layer = removeWeightNorm(weightNorm(new Linear(4, 2)));
    expect(names(layer)).toEqual(["bias", "weight"]);
    layer.weight.data.zero_();
    expect(layer(randn(1, 4)).tolist()).toEqual([layer.bias!.tolist()]);
    expect(() => removeWeightNorm(layer)).toThrow(
      "weight_norm of 'weight' not found in Linear(in_features=4, out_features=2, bias=True)",
    );
  });

  test("a network with it can be copied only before its weight was computed with gradient, as in PyTorch", () => {
    expect(() => deepCopy(weightNorm(new Linear(4, 2)))).toThrow(
      "Only Tensors created explicitly by the user",
    );
  });
});
