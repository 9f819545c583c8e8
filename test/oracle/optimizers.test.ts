/**
 * Optimizer and scheduler states that we write, loaded by real PyTorch with `weights_only=True`: its next steps are ours.
 * Needs Python with torch in `.oracle`; where that is missing the suite says so and skips.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nn, optim, save, type Tensor, tensor } from "../../src/index.node.ts";
import { floatsOf, pythonValueOf } from "../../src/optim/hyper-parameter.ts";
import { pythonRepr } from "../../src/tensor/python-repr.ts";

const python = fileURLToPath(new URL("../../.oracle/bin/python", import.meta.url));
const hasOracle = existsSync(python);
if (!hasOracle) {
  console.warn("skipped: no Python with torch in .oracle, so PyTorch went on with no optimizer of ours");
}

type Maker = new (params: readonly nn.Parameter[], options: object) => optim.Optimizer;
const makers = optim as unknown as Readonly<Record<string, Maker | undefined>>;
const methods: Readonly<Record<string, object>> = {
  SGD: { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  Adam: { lr: 0.01, amsgrad: true },
  AdamW: { lr: 0.01, betas: [0.8, 0.99] },
  Adamax: {},
  NAdam: { decoupledWeightDecay: true, weightDecay: 0.1 },
  RAdam: { betas: [0.8, 0.9] },
  RMSprop: { momentum: 0.5, centered: true },
  Adagrad: { lrDecay: 0.1, initialAccumulatorValue: 0.5 },
  Adadelta: { rho: 0.8 },
  ASGD: { t0: 2 },
  Rprop: { etas: [0.4, 1.5] },
  LBFGS: { maxIter: 4, lr: 0.1 },
};

interface Answer {
  readonly values: readonly (readonly number[])[];
  readonly repr: string;
  readonly keys: readonly (readonly [string, readonly string[]])[];
  readonly group: readonly (readonly [string, string])[];
  readonly scheduler: readonly (readonly [string, string])[];
}

const shapes = [[3, 2], [3]] as const;
const [before, after] = [4, 3];

function valuesOf(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.fround(Math.sin(seed * 1.37 + k * 0.71) * 0.8));
}

const gradientsAt = (step: number): number[][] => [valuesOf(6, step + 2), valuesOf(3, step + 5)];

/** A method after some steps, with what PyTorch shall go on with in a file; then some steps more. */
async function ours(method: string, file: string): Promise<Answer> {
  const params = shapes.map(
    (shape, k) => new nn.Parameter(tensor(valuesOf(k === 0 ? 6 : 3, k)).reshape([...shape])),
  );
  const optimizer = new makers[method]!(params, methods[method]!);
  const scheduler = new optim.lrScheduler.MultiStepLR(optimizer, [2, 5, 5]);
  const closure = (): Tensor => {
    optimizer.zeroGrad();
    const loss = params[0]!.mul(params[0]!).sum().add(params[1]!.mul(params[1]!).sum());
    loss.backward();
    return loss;
  };
  for (let step = 0; step < before + after; step++) {
    if (step === before) {
      await save(
        {
          params: params.map((parameter) => parameter.detach()),
          optimizer: optimizer.stateDict(),
          scheduler: scheduler.stateDict(),
        },
        file,
      );
    }
    for (const [k, gradient] of gradientsAt(step).entries()) {
      params[k]!.grad = tensor(gradient).reshape([...shapes[k]!]);
    }
    if (method === "LBFGS") optimizer.step(closure);
    else optimizer.step();
    scheduler.step();
  }
  const state = optimizer.stateDict();
  return {
    values: params.map((parameter) => parameter.reshape(-1).tolist() as number[]),
    repr: String(optimizer),
    keys: Array.from(state.get("state"), ([k, held]) => [String(k), [...held.keys()]]),
    group: reprs(state.get("param_groups")[0]!),
    scheduler: reprs(scheduler.stateDict()),
  };
}

/** Python's repr of each value of a dict of numbers, texts and lists. */
function reprs(dict: ReadonlyMap<string, unknown>): [string, string][] {
  const floats = floatsOf(dict);
  return Array.from(dict, ([name, value]) => [
    name,
    value instanceof Map ? counterRepr(value) : pythonRepr(pythonValueOf(value, floats.has(name))),
  ]);
}

/** The milestones of a MultiStepLR, which Python shows by their counts. */
function counterRepr(counts: ReadonlyMap<number, number>): string {
  const pairs = [...counts].sort(([, a], [, b]) => b - a).map(([epoch, count]) => `${epoch}: ${count}`);
  return `Counter({${pairs.join(", ")}})`;
}

describe.skipIf(!hasOracle)("optimizers that PyTorch goes on with", () => {
  let folder = "";
  const wanted = new Map<string, Answer>();
  const found = new Map<string, Answer>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "parascope-optimizers-"));
    const names = Object.keys(methods);
    const requests: string[] = [];
    for (const method of names) {
      const file = join(folder, `${method}.pt`);
      found.set(method, await ours(method, file));
      const gradients = Array.from({ length: after }, (_, k) => gradientsAt(before + k));
      requests.push(JSON.stringify({ file, method, gradients }));
    }
    const script = fileURLToPath(new URL("resume.py", import.meta.url));
    const output = execFileSync(python, ["-W", "ignore", script], {
      input: requests.join("\n"),
      encoding: "utf8",
    });
    (JSON.parse(output) as Answer[]).forEach((answer, k) => wanted.set(names[k]!, answer));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.keys(methods))("%s: the next steps, the texts and the kinds of all values", (method) => {
    const { values, ...rest } = found.get(method)!;
    const { values: theirs, ...facts } = wanted.get(method)!;
    expect(rest).toEqual(facts);
    values.forEach((list, k) =>
      list.forEach((value, at) => {
        const expected = theirs[k]![at]!;
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
      }),
    );
  });
});
