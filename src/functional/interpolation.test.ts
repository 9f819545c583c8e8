import { expect, test } from "vitest";
import { arange } from "../ops/creation-sequences.ts";
import { zeros } from "../ops/creation.ts";
import "../ops/methods.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { InterpolateOptions } from "./interpolation.ts";
import { interpolate } from "./interpolation.ts";

const image = (): Tensor => arange(20, { dtype: "float64" }).reshape(1, 1, 4, 5).pow(2).div(10);

// F.interpolate(image, antialias=True, …) in PyTorch 2.13
test.each<[InterpolateOptions, number[]]>([
  [
    { size: [2, 3], mode: "bilinear" },
    [2.848979591837, 4.373015873016, 6.351020408163, 15.308163265306, 19.301587301587, 23.748979591837],
  ],
  [
    { size: [2, 3], mode: "bicubic" },
    [1.732816274634, 3.101353065539, 4.981589319771, 16.077444373808, 20.452592734961, 25.339440559441],
  ],
  [
    { size: [2, 3], mode: "lanczos" },
    [1.193828125627, 2.4866928283, 4.342936224418, 16.24059343084, 20.762275254024, 25.847335770652],
  ],
  [
    { size: [2, 3], mode: "bilinear", alignCorners: true },
    [7.242857142857, 10.075, 12.3625, 20.338095238095, 25.7, 29.758333333333],
  ],
  [
    { size: [5, 2], mode: "bicubic" },
    [
      -0.031731690049, 0.783913209848, 1.932714791578, 4.329103086774, 7.023680570334, 11.367924026389,
      16.171238690341, 22.463337307254, 25.761785138409, 33.634627150621,
    ],
  ],
])("filters against aliasing as PyTorch does: %o", (options, expected) => {
  const found = interpolate(image(), { ...options, antialias: true })
    .flatten()
    .tolist() as number[];
  expect(found).toHaveLength(expected.length);
  found.forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 10));
});

test("gradients of filters sum up to the outputs that there are", () => {
  const x = zeros(1, 1, 7, 5, { dtype: "float64", requiresGrad: true });
  interpolate(x, { size: [3, 4], mode: "lanczos", antialias: true })
    .sum()
    .backward();
  expect(Number(x.grad!.sum().item())).toBeCloseTo(12, 10);
});

test.each<[InterpolateOptions, string]>([
  [{ antialias: true }, "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes"],
  [{ mode: "lanczos" }, "Lanczos mode requires antialias=True"],
  [{ mode: "lanczos", antialias: true, alignCorners: true }, "Lanczos mode does not support align_corners"],
])("refuses %o", (options, text) => {
  expect(() => interpolate(image(), { size: 2, ...options })).toThrow(text);
});
