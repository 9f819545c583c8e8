import { describe, expect, test } from "vitest";
import { ones, tensor } from "../ops/creation.ts";
import { gradcheck, gradgradcheck } from "../ops/gradcheck.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { grad } from "./backward.ts";
import type { FunctionContext } from "./function.ts";
import { AutogradFunction } from "./function.ts";
import { noGrad } from "./grad-mode.ts";

function leaf(...values: number[]): Tensor {
  return tensor(values, { dtype: "float64", requiresGrad: true });
}

class Cube extends AutogradFunction {
  static override forward(ctx: FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).mul(x);
  }

  static override backward(ctx: FunctionContext, g: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return g.mul(x!).mul(x!).mul(3);
  }
}

/** The parts of a list, scaled; two outputs, of which one may have no gradient. */
class Both extends AutogradFunction {
  static gradients: readonly (Tensor | null)[] = [];

  static override forward(ctx: FunctionContext, x: Tensor, k: number): [Tensor, Tensor] {
    ctx["k"] = k;
    ctx.setMaterializeGrads(false);
    return [x.mul(k), x.add(k)];
  }

  static override backward(ctx: FunctionContext, g: Tensor | null, h: Tensor | null): (Tensor | null)[] {
    Both.gradients = [g, h];
    return [g === null ? h : g.mul(ctx["k"] as number), null];
  }
}

describe("a custom function", () => {
  test("has derivatives of both orders where its backward is made of ops", () => {
    const run = (x: Tensor): Tensor => Cube.apply(x);
    expect(gradcheck(run, [leaf(0.5, -1.5)])).toBe(true);
    expect(gradgradcheck(run, [leaf(0.5, -1.5)])).toBe(true);
  });

  test("knows its argument and result types", () => {
    const [a, b]: [Tensor, Tensor] = Both.apply(leaf(1), 2);
    expect([a.item(), b.item()]).toEqual([2, 3]);
    // @ts-expect-error: the second argument is missing
    expect(() => Both.apply(leaf(1)) as unknown).toThrow("must be Tensor, not NoneType");
  });

  test("gets null for outputs without gradient where it asked for that", () => {
    const x = leaf(1, 2);
    const [, b] = Both.apply(x, 3);
    const [g] = grad(b.sum(), x);
    expect(g!.tolist()).toEqual([1, 1]);
    expect(Both.gradients[0]).toBeNull();
  });

  test("is not recorded where nothing requires a gradient, or recording is off", () => {
    expect(Cube.apply(ones(2)).gradFn).toBeNull();
    expect(noGrad(() => Cube.apply(leaf(1))).gradFn).toBeNull();
  });

  test("computes its forward and a plain backward without recording", () => {
    const seen: boolean[] = [];
    class Look extends AutogradFunction {
      static override forward(_ctx: FunctionContext, x: Tensor): Tensor {
        seen.push(x.mul(2).requiresGrad);
        return x.mul(2);
      }

      static override backward(_ctx: FunctionContext, g: Tensor): Tensor {
        seen.push(g.mul(2).requiresGrad);
        return g.mul(2);
      }
    }
    const x = leaf(1);
    Look.apply(x).sum().backward();
    expect(seen).toEqual([false, false]);
    expect(x.grad!.tolist()).toEqual([2]);
  });

  test("that writes a view has to have it as its first tensor", () => {
    class Late extends AutogradFunction {
      static override forward(ctx: FunctionContext, _first: Tensor, x: Tensor): Tensor {
        x.mul_(2);
        ctx.markDirty(x);
        return x;
      }
    }
    const base = leaf(1, 2).mul(1);
    expect(() => Late.apply(leaf(1), base.at(":1"))).toThrow("expected it as the first tensor");
  });
});
