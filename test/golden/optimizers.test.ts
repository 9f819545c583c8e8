/** Optimizers and schedulers against what PyTorch did: recorded steps, line searches, state of real files. */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Parameter } from "../../src/nn/index.ts";
import { tensor } from "../../src/ops/creation.ts";
import { linspace } from "../../src/ops/creation-sequences.ts";
import * as optim from "../../src/optim/index.ts";
import { Adam, LBFGS, lrScheduler } from "../../src/optim/index.ts";
import type { LBFGSOptions } from "../../src/optim/index.ts";
import { optionName } from "../../src/optim/hyper-parameter.ts";
import { load } from "../../src/state/load.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { kinds } from "../conformance/kinds.ts";
import { runFiles } from "../conformance/runner.ts";

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const goldenOf = <T>(name: string): T => JSON.parse(readFileSync(pathOf(name), "utf8")) as T;

describe("recorded steps of PyTorch", () => {
  it.each(["optimizers", "schedulers"])("of %s agree", (kind) => {
    const lines: string[] = [];
    const status = runFiles([pathOf(`../conformance/recorded/${kind}.json`)], kinds, {
      result: (line) => lines.push(line),
      trouble: (line) => lines.push(line),
    });
    expect(lines).toEqual([expect.stringMatching(/^\d{2,3} passed, 0 failed$/)]);
    expect(status).toBe(0);
  });
});

interface LbfgsCase {
  readonly problem: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly start: readonly unknown[];
  readonly losses: readonly number[];
  readonly values: readonly (readonly number[])[][];
  readonly keys: readonly string[];
  readonly n_iter: number;
  readonly func_evals: number;
  readonly repr: string;
}

const problems: Readonly<Record<string, (p: readonly Tensor[]) => Tensor>> = {
  rosenbrock: ([p]) => {
    const [x, y] = [p!.select(0, 0), p!.select(0, 1)];
    return x
      .rsub(1)
      .square()
      .add(y.sub(x.mul(x)).square().mul(100));
  },
  regression: ([w, b]) => {
    const x = linspace(-1, 1, 12, { dtype: "float64" }).reshape(6, 2);
    const y = linspace(0, 3, 6, { dtype: "float64" }).reshape(6, 1).square();
    return x.matmul(w!).add(b!).sub(y).square().mean();
  },
};

describe("LBFGS", () => {
  const { cases } = goldenOf<{ cases: LbfgsCase[] }>("lbfgs.json");
  it.each(cases.map((golden) => [`${golden.problem} ${JSON.stringify(golden.options)}`, golden] as const))(
    "goes PyTorch's way: %s",
    (_, golden) => {
      const params = golden.start.map(
        (value) => new Parameter(tensor(value as number[], { dtype: "float64" })),
      );
      const options = Object.fromEntries(Object.entries(golden.options).map(([k, v]) => [optionName(k), v]));
      const optimizer = new LBFGS(params, options as LBFGSOptions);
      for (const [step, loss] of golden.losses.entries()) {
        const found = optimizer.step(() => {
          optimizer.zeroGrad();
          const value = problems[golden.problem]!(params);
          value.backward();
          return value;
        });
        expect(found.item()).toBeCloseTo(loss, 6);
        params.forEach((parameter, k) => {
          const values = parameter.reshape(-1).tolist() as number[];
          golden.values[step]![k]!.forEach((value, at) => expect(values[at]).toBeCloseTo(value, 6));
        });
      }
      const state = optimizer.stateDict().get("state").get(0)!;
      expect([...state.keys()]).toEqual(golden.keys);
      expect([state.get("n_iter"), state.get("func_evals")]).toEqual([golden.n_iter, golden.func_evals]);
      expect(String(optimizer)).toBe(golden.repr);
    },
  );
});

function valuesOf(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: count }, (_, k) => Math.sin(seed * 1.37 + k * 0.71) * 0.8);
  return tensor(values).reshape([...shape]);
}

/** The largest relative difference of a tensor's values from others; infinite where there are more or fewer. */
function farthest(found: Tensor, wanted: readonly number[]): number {
  const values = found.reshape(-1).tolist() as number[];
  if (values.length !== wanted.length) return Infinity;
  return Math.max(...wanted.map((value, at) => Math.abs(values[at]! - value) / Math.abs(value)));
}

interface Resumed {
  readonly steps: readonly (readonly number[][])[];
  readonly repr: string;
  /** The steps of parameters of that dtype, which the state gets when it is loaded. */
  readonly bfloat16: readonly (readonly number[][])[];
}

type Method = new (params: readonly Parameter[]) => optim.Optimizer;
const methods = optim as unknown as Readonly<Record<string, Method | undefined>>;

/** The squared distance from some values, for the method that computes gradients anew. */
function distance(optimizer: LBFGS, params: readonly Parameter[]): () => Tensor {
  return () => {
    optimizer.zeroGrad();
    const terms = params.map((p, k) =>
      p
        .sub(valuesOf(p.shape, 9 + k))
        .square()
        .sum(),
    );
    const loss = terms[0]!.add(terms[1]!);
    loss.backward();
    return loss;
  };
}

describe("state that PyTorch saved", () => {
  const real = pathOf("../../../shared/real/optimizer-adam.pth");
  it.skipIf(!existsSync(real))("of a real Adam goes on with the same steps", async () => {
    const golden = goldenOf<{ real: { steps: number[][][]; repr: string } }>("optimizer-resume.json").real;
    const params = [[10, 10], [10], [10, 10], [10]].map((shape, k) => new Parameter(valuesOf(shape, k)));
    const optimizer = new Adam([{ params: params.slice(0, 2) }, { params: params.slice(2) }]);
    optimizer.loadStateDict(await load(new Uint8Array(readFileSync(real))));
    expect(String(optimizer)).toBe(golden.repr);
    golden.steps.forEach((heads, step) => {
      params.forEach((parameter, k) => {
        parameter.grad = valuesOf(parameter.shape, step + k);
      });
      optimizer.step();
      params.forEach((parameter, k) => {
        expect(farthest(parameter.reshape(-1).narrow(0, 0, 4), heads[k]!)).toBeLessThanOrEqual(1e-6);
      });
    });
  });

  const { resumed } = goldenOf<{ resumed: Record<string, Resumed> }>("optimizer-resume.json");
  it.each(Object.entries(resumed))("of %s goes on with the same steps", async (method, golden) => {
    const saved = await load<Map<string, Map<string, unknown>>>(
      new Uint8Array(readFileSync(pathOf("optimizer-resume.pt"))),
    );
    const state = saved.get(method)! as Map<string, never>;
    const params = (state.get("params")! as Tensor[]).map((values) => new Parameter(values));
    const optimizer = new methods[method]!(params);
    const scheduler = new lrScheduler.ExponentialLR(optimizer, 0.5);
    scheduler.loadStateDict(state.get("scheduler")!);
    optimizer.loadStateDict(state.get("optimizer")!);
    golden.steps.forEach((wanted, step) => {
      params.forEach((parameter, k) => {
        parameter.grad = valuesOf(parameter.shape, 4 + step + k);
      });
      // Only LBFGS takes a closure.
      if (optimizer instanceof LBFGS) optimizer.step(distance(optimizer, params));
      else optimizer.step();
      params.forEach((parameter, k) => expect(farthest(parameter, wanted[k]!)).toBeLessThanOrEqual(1e-6));
    });
    scheduler.step();
    expect(String(optimizer)).toBe(golden.repr);
  });

  const narrow = Object.entries(resumed).filter(([, { bfloat16 }]) => bfloat16.length > 0);
  it.each(narrow)("of %s goes on in the parameters' own dtype", async (method, golden) => {
    const saved = await load<Map<string, Map<string, never>>>(
      new Uint8Array(readFileSync(pathOf("optimizer-resume.pt"))),
    );
    const values = saved.get(method)!.get("params")! as Tensor[];
    const params = values.map((value) => new Parameter(value.to("bfloat16")));
    const optimizer = new methods[method]!(params);
    optimizer.loadStateDict(saved.get(method)!.get("optimizer")!);
    const errors = golden.bfloat16.flatMap((wanted, step) => {
      params.forEach((parameter, k) => {
        parameter.grad = valuesOf(parameter.shape, 4 + step + k).to("bfloat16");
      });
      optimizer.step();
      return params.map((parameter, k) => farthest(parameter, wanted[k]!));
    });
    // Equal, but for a square root that is rounded to the other side.
    expect(Math.max(...errors)).toBeLessThanOrEqual(2 ** -7);
  });
});
