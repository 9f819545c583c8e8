/** Sampling at grids as PyTorch does it; `grid-sampling.py` made the JSON. */

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ParascopeError } from "../../src/errors.ts";
import type { AffineGridOptions, GridSampleOptions } from "../../src/functional/index.ts";
import { affineGrid, gridSample } from "../../src/functional/index.ts";
import { arange } from "../../src/ops/creation-sequences.ts";
import { tensor, zeros } from "../../src/ops/creation.ts";
import "../../src/ops/methods.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { setWarningHandler } from "../../src/warnings.ts";

interface Written {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Golden {
  readonly samples: readonly {
    readonly options: {
      readonly mode: string;
      readonly padding_mode: string;
      readonly align_corners: boolean;
    };
    readonly image: Written;
    readonly grid: Written;
    readonly output: Written;
    readonly imageGradient: Written;
    readonly gridGradient: Written;
  }[];
  readonly grids: readonly {
    readonly theta: Written;
    readonly size: readonly number[];
    readonly align: boolean;
    readonly grid: Written;
    readonly gradient: Written;
  }[];
  readonly refusals: readonly (readonly [type: string, message: string])[];
}

const golden = JSON.parse(readFileSync(new URL("grid-sampling.json", import.meta.url), "utf8")) as Golden;

function leaf({ shape, data }: Written): Tensor {
  return tensor([...data], { dtype: "float64" })
    .reshape([...shape])
    .requiresGrad_();
}

/** The largest difference; infinite where shapes differ. */
function difference(found: Tensor | null, wanted: Written): number {
  if (found === null || String(found.shape) !== `torch.Size([${wanted.shape.join(", ")}])`) return Infinity;
  const values = found.detach().reshape(-1).tolist() as number[];
  return Math.max(...values.map((value, k) => Math.abs(value - wanted.data[k]!)));
}

/** Every element has a weight of its own in the loss. */
function weighed(output: Tensor): Tensor {
  const weights = arange(1, output.numel() + 1, { dtype: "float64" }).cos();
  return output.mul(weights.reshape([...output.shape])).sum();
}

describe("gridSample", () => {
  test.each(golden.samples.map((each, k) => [JSON.stringify(each.options), k, each] as const))(
    "gives PyTorch's values and gradients: %s (%i)",
    (_title, _k, each) => {
      const [image, grid] = [leaf(each.image), leaf(each.grid)];
      const { mode, padding_mode: paddingMode, align_corners: alignCorners } = each.options;
      const output = gridSample(image, grid, { mode, paddingMode, alignCorners } as GridSampleOptions);
      expect(difference(output, each.output)).toBeLessThan(1e-11);
      weighed(output).backward();
      expect(difference(image.grad, each.imageGradient)).toBeLessThan(1e-11);
      expect(difference(grid.grad, each.gridGradient)).toBeLessThan(1e-11);
    },
  );
});

describe("affineGrid", () => {
  test.each(golden.grids.map((each) => [each.size.join("x"), each] as const))(
    "gives PyTorch's values and gradients: %s",
    (_title, { theta, size, align, grid, gradient }) => {
      const matrix = leaf(theta);
      const made = affineGrid(matrix, size, { alignCorners: align });
      expect(difference(made, grid)).toBeLessThan(1e-11);
      weighed(made).backward();
      expect(difference(matrix.grad, gradient)).toBeLessThan(1e-11);
    },
  );
});

describe("refusals", () => {
  let former: ReturnType<typeof setWarningHandler> = null;
  beforeAll(() => {
    former = setWarningHandler(() => {});
  });
  afterAll(() => {
    setWarningHandler(former);
  });

  const sample = (image: number[], grid: number[], options: object = { alignCorners: false }) => {
    return (): Tensor => gridSample(zeros(image), zeros(grid), options as GridSampleOptions);
  };
  const affine = (theta: Tensor, size: number[], options: AffineGridOptions = {}) => {
    return (): Tensor => affineGrid(theta, size, options);
  };
  const calls: readonly (() => Tensor)[] = [
    sample([2, 1, 3, 3], [1, 2, 2, 2]),
    sample([1, 1, 3, 3], [1, 2, 2, 3]),
    sample([1, 1, 0, 3], [1, 2, 2, 2]),
    sample([1, 1, 3, 3], [1, 2, 2]),
    sample([1, 1, 3, 3, 3], [1, 2, 2, 2, 3], { mode: "bicubic", alignCorners: false }),
    sample([1, 1, 3, 3], [1, 2, 2, 2], { mode: "cubic" }),
    sample([1, 1, 3, 3], [1, 2, 2, 2], { paddingMode: "circular" }),
    affine(zeros(1, 2, 3), [1, 1, 3]),
    affine(zeros(1, 3, 4), [1, 1, 3, 3]),
    affine(zeros(1, 2, 3), [1, 1, 0, 3]),
    affine(zeros(1, 2, 3, { dtype: "int64" }), [1, 1, 3, 3]),
  ];

  test.each(golden.refusals.map((wanted, k) => [wanted[1], k, wanted] as const))(
    "%s",
    (_title, k, [type, message]) => {
      let found: unknown = null;
      try {
        calls[k]!();
      } catch (error) {
        found = error;
      }
      expect(found).toBeInstanceOf(ParascopeError);
      expect(found).toMatchObject({ torchType: type, message });
    },
  );
});
