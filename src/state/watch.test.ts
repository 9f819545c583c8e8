import { describe, expect, it } from "vitest";
import { noGrad } from "../autograd/grad-mode.ts";
import { WatchHistory } from "../inspect/watch-history.ts";
import type { WatchRecord } from "../inspect/watch-log.ts";
import { Embedding, Linear, Module, Parameter, ReLU, Sequential } from "../nn/index.ts";
import { ones, tensor, zeros } from "../ops/creation.ts";
import { Adam, LBFGS, SGD } from "../optim/index.ts";
import { manualSeed } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gradients } from "./gradients.ts";
import { snapshot } from "./snapshot.ts";
import { watch } from "./watch.ts";
import type { WatchOptions, WatchRun } from "./watch.ts";

function network(): Sequential<[Linear, ReLU, Linear]> {
  manualSeed(0);
  return new Sequential(new Linear(40, 30), new ReLU(), new Linear(30, 2));
}

interface Watched {
  readonly records: WatchRecord[];
  readonly lines: string[];
  readonly run: WatchRun;
}

function watched(model: Module, optimizer: SGD | Adam | LBFGS, options: WatchOptions = {}): Watched {
  const records: WatchRecord[] = [];
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const run = watch(model, optimizer, {
    every: 1,
    log,
    ...options,
    onRecord: (record) => void records.push(record),
  });
  return { records, lines, run };
}

function lossOf(model: Module): Tensor {
  return (model(ones(3, 40)) as Tensor).pow(2).mean();
}

describe("a record", () => {
  it("has the figures of the gradient report, of the step that was made", () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const { records, run } = watched(model, optimizer);
    const loss = lossOf(model);
    loss.backward();
    const before = snapshot(model);
    optimizer.step();
    const { parameters } = gradients(model, { loss, before });
    // Gradients may be gone by then.
    optimizer.zeroGrad();
    run.record({ loss, accuracy: 0.5 });
    const [record] = records;
    expect(record).toMatchObject({ step: 1, loss: loss.item(), rates: [0.1] });
    expect([...record!.values]).toEqual([["accuracy", 0.5]]);
    const close = (column: readonly (number | null)[], wanted: readonly (number | null)[]): void => {
      expect(column).toHaveLength(wanted.length);
      column.forEach((value, k) => expect(value).toBeCloseTo(wanted[k]!, 12));
    };
    close(
      record!.gradient.norm,
      parameters.map((row) => row.gradient!.l2),
    );
    close(
      record!.gradient.mean,
      parameters.map((row) => row.gradient!.mean),
    );
    close(
      record!.gradient.largest,
      parameters.map((row) => row.largest),
    );
    close(
      record!.gradient.zeros!,
      parameters.map((row) => row.gradient!.zeros),
    );
    close(
      record!.weight.norm,
      parameters.map((row) => row.weight!.l2),
    );
    close(
      record!.update,
      parameters.map((row) => row.updateRatio),
    );
    expect(record!.gradient.silent).toEqual(parameters.map((row) => row.silent?.outputs ?? null));
    run.close();
  });

  it("comes every nth step, with a histogram in every kth", () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const { records, run } = watched(model, optimizer, { every: 3, histograms: 2 });
    for (let step = 0; step < 13; step++) {
      lossOf(model).backward();
      optimizer.step();
      run.record({ loss: step });
    }
    run.close();
    expect(records.map(({ step }) => step)).toEqual([3, 6, 9, 12]);
    expect(records.map(({ loss }) => loss)).toEqual([2, 5, 8, 11]);
    expect(records.map(({ histograms }) => histograms !== null)).toEqual([true, false, true, false]);
    expect(run.step).toBe(13);
  });

  it("is completed once, by the first call after its step", () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.01 });
    const { records, run } = watched(model, optimizer);
    run.record({ loss: 1 });
    for (let step = 2; step < 4; step++) {
      lossOf(model).backward();
      optimizer.step();
      run.record({ loss: step });
      run.record({ loss: -1 });
    }
    run.close();
    expect(records.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  it("is written without a loss where nobody says one, and by LBFGS too", () => {
    const model = network();
    const optimizer = new LBFGS(model.parameters(), { lr: 0.1, maxIter: 2 });
    const { records, run } = watched(model, optimizer);
    const closure = (): Tensor => {
      optimizer.zeroGrad();
      const loss = lossOf(model);
      loss.backward();
      return loss;
    };
    optimizer.step(closure);
    optimizer.step(closure);
    run.close();
    expect(records.map(({ step, loss }) => [step, loss])).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(records[0]!.update.every((ratio) => ratio !== null && ratio > 0)).toBe(true);
  });

  it("says why a gradient is missing, and where the path ends", () => {
    class Net extends Module {
      body: Linear = new Linear(40, 4);
      head: Linear = new Linear(4, 2);
      idle: Linear = new Linear(2, 2);

      override forward(x: Tensor): Tensor {
        return this.head(this.body(x).detach());
      }
    }
    const model = new Net();
    model.idle.bias!.requiresGrad_(false);
    const optimizer = new Adam(model.parameters());
    const { records, run, lines } = watched(model, optimizer);
    const loss = lossOf(model);
    loss.backward();
    optimizer.step();
    run.record({ loss });
    run.close();
    const [record] = records;
    expect(Object.fromEntries(record!.missing)).toEqual({
      detached: [0, 1],
      "not-reached": [4],
      frozen: [5],
    });
    expect(record!.ends).toEqual([{ op: "AddmmBackward0", parameter: "head.bias", of: [0, 1] }]);
    expect(record!.gradient.norm.map((norm) => norm === null)).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
    expect(record!.update[0]).toBeNull();
    expect(lines[1]).toContain('"missing":{"detached":[0,1],"not-reached":[4],"frozen":[5]}');
  });

  it("counts NaN and infinities, in other dtypes and layouts too", () => {
    const model = new Sequential(new Linear(3, 2), new Embedding(4, 2));
    model[0].to("bfloat16");
    model[1].weight = new Parameter(zeros(2, 4).t());
    const optimizer = new SGD(model.parameters(), { lr: 0 });
    const { records, run } = watched(model, optimizer);
    model[0].weight.grad = tensor(
      [
        [NaN, Infinity, 0],
        [1, 2, -Infinity],
      ],
      { dtype: "bfloat16" },
    );
    model[1].weight.grad = ones(4, 2);
    noGrad(() => model[0].bias!.fill_(NaN));
    optimizer.step();
    run.close();
    expect(records[0]!.gradient).toMatchObject({
      nan: [1, null, 0],
      inf: [2, null, 0],
      zeros: [1, null, 0],
      largest: [NaN, null, 1],
      silent: null,
    });
    // Also a rate of 0 spreads NaN, and makes it of infinities.
    expect(records[0]!.weight).toMatchObject({ nan: [3, 2, 0], inf: null });
  });

  it("survives being written and read", () => {
    const model = network();
    const optimizer = new Adam(model.parameters());
    const { records, run, lines } = watched(model, optimizer);
    model[0].weight.grad = ones(30, 40).mul(NaN);
    optimizer.step();
    run.record({ loss: NaN, ["\u001b[31m"]: -Infinity });
    run.close();
    const history = new WatchHistory("run");
    for (const line of lines) {
      expect(line).not.toMatch(/[\u0000-\u001f]/);
      history.addLine(line);
    }
    const { state, curves, parameters, findings } = history.report();
    expect(state).toBe("ended");
    expect(curves.map(({ name, last }) => [name, last])).toEqual([
      ["loss", NaN],
      ["lr", 0.001],
      ["\u001b[31m", -Infinity],
    ]);
    expect(parameters[0]!.gradient!.nan).toBe(records[0]!.gradient.nan![0]);
    expect(findings.map(({ code }) => code)).toEqual(["nan", "loss"]);
  });
});

describe("the header", () => {
  it("says what is watched, and again when the network has got other parameters", () => {
    const model = network();
    const optimizer = new SGD([model[0].weight, model[0].bias!], { lr: 0.1 });
    const { lines, run } = watched(model, optimizer, { step: 20, every: 10 });
    const train = (steps: number): void => {
      for (let step = 0; step < steps; step++) {
        lossOf(model).backward();
        optimizer.step();
        run.record();
      }
    };
    train(25);
    model[2].weight = new Parameter(zeros(5, 30));
    model[2].bias = null;
    train(15);
    run.close();
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed.map(({ format, step, end }) => [format, step, end !== undefined])).toEqual([
      ["parascope-watch", 20, false],
      [undefined, 30, false],
      [undefined, 40, false],
      ["parascope-watch", 49, false],
      [undefined, 50, false],
      [undefined, 60, false],
      [undefined, undefined, true],
    ]);
    expect(parsed[0]!["parameters"]).toContainEqual({
      name: "2.weight",
      shape: [2, 30],
      dtype: "float32",
      group: null,
    });
    expect(parsed[3]!["parameters"]).toHaveLength(3);
  });

  it("is there in the log of a run without a step", () => {
    const model = network();
    const { lines, run } = watched(model, new SGD(model.parameters(), { lr: 0.1 }));
    run.close();
    run.close();
    expect(lines).toHaveLength(2);
  });
});

describe("watching", () => {
  it.each<[string, WatchOptions, RegExp]>([
    ["every", { every: 0 }, /found every 0, expected a whole number of 1 or more/],
    ["histograms", { histograms: 0.5 }, /found histograms 0\.5/],
    ["step", { step: -1 }, /found step -1/],
  ])("refuses %s out of its range", (_, options, message) => {
    const model = network();
    expect(() => watch(model, new SGD(model.parameters(), { lr: 1 }), options)).toThrow(message);
  });

  it("refuses what is no optimizer, and nothing to watch", () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    expect(() => watch(model, {} as never)).toThrow(/in the place of its optimizer/);
    expect(() => watch(new ReLU(), optimizer)).toThrow('"ReLU" has no parameters');
  });

  it("refuses to record a tensor of several elements", () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    const { run } = watched(model, optimizer);
    optimizer.step();
    expect(() => run.record({ loss: ones(2, 3) })).toThrow(
      'recording "loss": found a tensor of shape [2, 3], expected a number or a tensor of one element',
    );
  });

  it("takes its hooks off when it is closed", () => {
    const model = network();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const { lines, run } = watched(model, optimizer);
    run.close();
    lossOf(model).backward();
    optimizer.step();
    run.record({ loss: 1 });
    expect(lines).toHaveLength(2);
  });

  it("does not change how a network trains", () => {
    const trained = (isWatched: boolean): number[][] => {
      const model = network();
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const { run } = isWatched ? watched(model, optimizer) : { run: null };
      for (let step = 0; step < 10; step++) {
        optimizer.zeroGrad();
        const loss = lossOf(model);
        loss.backward();
        optimizer.step();
        run?.record({ loss });
      }
      return [...model.parameters()].map((parameter) => parameter.flatten().tolist() as number[]);
    };
    expect(trained(true)).toEqual(trained(false));
  });
});
