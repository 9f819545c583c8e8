import { describe, expect, test } from "vitest";
import { tensor } from "../../ops/creation.ts";
import { Linear } from "../linear.ts";
import { clipGradNorm_, clipGradValue_, getTotalNorm } from "./gradient-clipping.ts";

describe("clipping gradients", () => {
  const withGradients = (): Linear => {
    const layer = new Linear(2, 1);
    layer.weight.grad = tensor([[3, 4]], { dtype: "float32" });
    layer.bias!.grad = tensor([12], { dtype: "float32" });
    return layer;
  };

  test.each([
    [{}, "tensor(13.)", [[1.5, 2]], [6]],
    [{ normType: 1 }, "tensor(19.)", [[(3 * 6.5) / 19, (4 * 6.5) / 19]], [(12 * 6.5) / 19]],
    [{ normType: Infinity }, "tensor(12.)", [[(3 * 6.5) / 12, (4 * 6.5) / 12]], [6.5]],
  ])("by their norm gives the norm before: %j", (options, norm, weight, bias) => {
    const layer = withGradients();
    expect(String(clipGradNorm_(layer.parameters(), 6.5, options))).toBe(norm);
    expect((layer.weight.grad!.tolist() as number[][])[0]!.map((x) => x.toFixed(5))).toEqual(
      weight[0]!.map((x) => x.toFixed(5)),
    );
    expect((layer.bias!.grad!.tolist() as number[])[0]).toBeCloseTo(bias[0]!, 5);
  });

  test("leaves gradients within the norm as they are", () => {
    const layer = withGradients();
    clipGradNorm_(layer.parameters(), 100);
    expect(layer.weight.grad!.tolist()).toEqual([[3, 4]]);
  });

  test("without gradients gives 0", () => {
    expect(String(clipGradNorm_(new Linear(2, 1).parameters(), 1))).toBe("tensor(0.)");
  });

  test("refuses a norm that is not finite only if asked to", () => {
    const layer = withGradients();
    layer.bias!.grad!.fill_(NaN);
    expect(String(getTotalNorm(layer.bias!.grad!))).toBe("tensor(nan)");
    expect(() => clipGradNorm_(layer.parameters(), 1, { errorIfNonfinite: true })).toThrow(
      "The total norm of order 2.0 for gradients from `parameters` is non-finite, so it cannot be clipped.",
    );
  });

  test("by value bounds every element", () => {
    const layer = withGradients();
    clipGradValue_(layer.parameters(), 3.5);
    expect([layer.weight.grad!.tolist(), layer.bias!.grad!.tolist()]).toEqual([[[3, 3.5]], [3.5]]);
  });
});
