import { describe, expect, test } from "vitest";
import { zeros } from "../../ops/creation.ts";
import { randn } from "../../ops/random-creation.ts";
import { manualSeed } from "../../tensor/random/index.ts";
import { deepCopy } from "../deep-copy.ts";
import { Linear } from "../linear.ts";
import { removeSpectralNorm, spectralNorm } from "./spectral-norm.ts";

const names = (module: Linear): string[] => [...module.stateDict().keys()];

describe("spectralNorm", () => {
  test("divides by the largest singular value, which calls in training improve", () => {
    manualSeed(0);
    const layer = spectralNorm(new Linear(6, 4, { bias: false }));
    const x = zeros(1, 6);
    for (let k = 0; k < 50; k++) layer(x);
    const { weight } = layer;
    const square = weight.matmul(weight.t());
    let v = randn(4);
    for (let k = 0; k < 200; k++) v = square.mv(v).div(square.mv(v).norm());
    expect(Number(square.mv(v).norm().item())).toBeCloseTo(1, 4);
  });

  test("leaves its vectors alone in evaluation", () => {
    const layer = spectralNorm(new Linear(6, 4)).eval();
    const before = layer.getBuffer("weight_u" as string).tolist();
    layer(zeros(1, 6));
    expect(layer.getBuffer("weight_u" as string).tolist()).toEqual(before);
  });

  test("names twice what a state dict without metadata lacks, as PyTorch does", () => {
    const layer = spectralNorm(new Linear(2, 2, { bias: false }));
    const missing = '"weight_orig", "weight", "weight_u", "weight_orig", "weight_u", "weight_v"';
    expect(() => layer.loadStateDict({})).toThrow(`Missing key(s) in state_dict: ${missing}. `);
    expect([...layer.loadStateDict(new Map(layer.stateDict()))]).toEqual([[], []]);
  });

  test("works in copies of a network, each with vectors of its own", () => {
    const layer = spectralNorm(new Linear(6, 4));
    const copy = deepCopy(layer);
    copy(zeros(1, 6));
    expect(copy.getBuffer("weight_u" as string).tolist()).not.toEqual(
      layer.getBuffer("weight_u" as string).tolist(),
    );
    removeSpectralNorm(copy);
    expect(names(copy)).toEqual(["bias", "weight"]);
    expect(names(layer)).toEqual(["bias", "weight_orig", "weight_u", "weight_v"]);
  });

  test("writes its version into state dicts until it is removed", () => {
    const layer = spectralNorm(new Linear(6, 4));
    expect(layer.stateDict().metadata.get("")).toEqual({
      version: 1,
      spectral_norm: { "weight.version": 1 },
    });
    expect(removeSpectralNorm(layer).stateDict().metadata.get("")).toEqual({ version: 1 });
    expect(() => removeSpectralNorm(layer)).toThrow("spectral_norm of 'weight' not found in Linear(");
  });

  test("loads its own state dict", () => {
    const [from, to] = [spectralNorm(new Linear(6, 4)), spectralNorm(new Linear(6, 4))];
    expect(String(to.loadStateDict(from.stateDict()))).toBe("<All keys matched successfully>");
    expect(to.getBuffer("weight_v" as string).tolist()).toEqual(
      from.getBuffer("weight_v" as string).tolist(),
    );
  });
});
