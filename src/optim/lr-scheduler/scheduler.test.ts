import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ones } from "../../ops/creation.ts";
import { setWarningHandler } from "../../warnings.ts";
import { Adam } from "../adam.ts";
import type { Optimizer } from "../optimizer.ts";
import { SGD } from "../sgd.ts";
import {
  ChainedScheduler,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LRScheduler,
  MultiplicativeLR,
  MultiStepLR,
  OneCycleLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} from "./index.ts";

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  setWarningHandler((text) => warnings.push(text));
});
afterEach(() => void setWarningHandler(null));

function optimizerOf(lr: number): Optimizer {
  return new SGD([ones(1).requiresGrad_()], { lr, momentum: 0.9 });
}

function ratesOf(optimizer: Optimizer, scheduler: LRScheduler, count: number): number[] {
  return Array.from({ length: count }, () => {
    optimizer.step();
    scheduler.step();
    return optimizer.paramGroups[0]!.lr;
  });
}

describe("a scheduler", () => {
  it("remembers the first learning rate in the group, where the state dict shows it", () => {
    const optimizer = optimizerOf(0.5);
    expect(new StepLR(optimizer, 2).getLastLr()).toEqual([0.5]);
    expect(optimizer.stateDict().get("param_groups")[0]!.get("initial_lr")).toBe(0.5);
  });

  it("refuses what is no optimizer", () => {
    expect(() => new StepLR(5 as unknown as Optimizer, 2)).toThrow("int is not an Optimizer");
  });

  it("warns when it steps before the optimizer did, once its turn has come", () => {
    const optimizer = optimizerOf(0.5);
    optimizer.step();
    const scheduler = new StepLR(optimizer, 2);
    scheduler.step();
    expect(warnings).toEqual([expect.stringContaining("Detected call of `lr_scheduler.step()` before")]);
    scheduler.step();
    expect(warnings).toHaveLength(1);
  });

  it("does not warn in the right order, and warns of a step that was replaced", () => {
    const optimizer = optimizerOf(0.5);
    ratesOf(optimizer, new StepLR(optimizer, 2), 3);
    expect(warnings).toEqual([]);
    const scheduler = new StepLR(optimizer, 2);
    Object.defineProperty(optimizer, "step", { value: () => undefined });
    scheduler.step();
    expect(warnings).toEqual([expect.stringContaining("has been overridden")]);
  });

  it("warns of getLr outside of a step, and of a step with an epoch", () => {
    const optimizer = optimizerOf(0.5);
    const scheduler = new ExponentialLR(optimizer, 0.5);
    scheduler.getLr();
    optimizer.step();
    scheduler.step(3);
    expect(warnings.map((text) => text.slice(0, 40))).toEqual([
      "To get the last learning rate computed b",
      "The epoch parameter in `scheduler.step()",
    ]);
    expect(optimizer.paramGroups[0]!.lr).toBe(0.0625);
  });

  it("goes on from its state dict as if it had never stopped", () => {
    const makers: ((optimizer: Optimizer) => LRScheduler)[] = [
      (optimizer) => new MultiStepLR(optimizer, [2, 3, 3]),
      (optimizer) => new OneCycleLR(optimizer, 0.1, { totalSteps: 8 }),
      (optimizer) => new CyclicLR(optimizer, 0.1, 0.5, { stepSizeUp: 3 }),
      (optimizer) => new CosineAnnealingWarmRestarts(optimizer, 2, { tMult: 2 }),
      (optimizer) =>
        new SequentialLR(optimizer, [new StepLR(optimizer, 2), new ExponentialLR(optimizer, 0.5)], [3]),
      (optimizer) => new LambdaLR(optimizer, (epoch) => 1 / (epoch + 1)),
    ];
    for (const make of makers) {
      const whole = optimizerOf(0.5);
      const expected = ratesOf(whole, make(whole), 7);
      const before = optimizerOf(0.5);
      const first = make(before);
      const start = ratesOf(before, first, 4);
      const after = optimizerOf(0.5);
      const second = make(after);
      second.loadStateDict(first.stateDict());
      after.loadStateDict(before.stateDict());
      expect([...start, ...ratesOf(after, second, 3)]).toEqual(expected);
    }
  });

  it("goes on at an epoch when the groups remember their first rates, else refuses", () => {
    const optimizer = optimizerOf(0.5);
    expect(() => new StepLR(optimizer, 2, { lastEpoch: 3 })).toThrow(
      "param 'initial_lr' is not specified in param_groups[0] when resuming scheduler with last_epoch >= 0.",
    );
    optimizer.paramGroups[0]!["initial_lr"] = 0.5;
    expect(new StepLR(optimizer, 2, { lastEpoch: 3, gamma: 0.5 }).getLastLr()).toEqual([0.25]);
  });

  it("of one's own needs a getLr", () => {
    class Empty extends LRScheduler {
      constructor(optimizer: Optimizer) {
        super(optimizer);
        this.begin();
      }
    }
    expect(() => new Empty(optimizerOf(1))).toThrow(
      expect.objectContaining({ torchType: "NotImplementedError" }),
    );
  });
});

describe("schedulers by functions", () => {
  it("take a function for all groups or one for each", () => {
    const optimizer = new SGD([{ params: [ones(1)] }, { params: [ones(2)], lr: 2 }], {
      lr: 1,
    });
    const scheduler = new LambdaLR(optimizer, [(epoch) => epoch + 1, () => 0.5]);
    expect(scheduler.getLastLr()).toEqual([1, 1]);
    expect(scheduler.stateDict().get("lr_lambdas")).toEqual([null, null]);
    expect(() => new LambdaLR(optimizer, [() => 1])).toThrow("Expected 2 lr_lambdas, but got 1");
    expect(() => new MultiplicativeLR(optimizer, [1, 2] as never)).toThrow(
      "lr_lambda should be a function, but got int",
    );
  });

  it("multiply from epoch 1 on", () => {
    const optimizer = optimizerOf(1);
    expect(ratesOf(optimizer, new MultiplicativeLR(optimizer, (epoch) => 1 / epoch), 3)).toEqual([
      1,
      0.5,
      0.5 * (1 / 3),
    ]);
  });
});

describe("schedulers that cycle momentum", () => {
  it("cycle β₁ of an Adam", () => {
    const optimizer = new Adam([ones(1)], { betas: [0.7, 0.99] });
    expect(new OneCycleLR(optimizer, 0.1, { totalSteps: 10 }).use_beta1).toBe(true);
    expect(optimizer.paramGroups[0]!["betas"]).toEqual([0.95, 0.99]);
    expect(String(optimizer)).toContain("betas: (0.95, 0.99)");
  });

  it("refuse more steps than there are", () => {
    const optimizer = optimizerOf(1);
    const scheduler = new OneCycleLR(optimizer, 0.1, { totalSteps: 3 });
    expect(() => ratesOf(optimizer, scheduler, 5)).toThrow(
      "Tried to step 4 times. The specified number of total steps is 3",
    );
  });
});

describe("ReduceLROnPlateau", () => {
  it("takes a tensor, and needs a figure", () => {
    const optimizer = optimizerOf(1);
    const scheduler = new ReduceLROnPlateau(optimizer, { patience: 0 });
    scheduler.step(ones(1).sum());
    scheduler.step(2);
    expect(optimizer.paramGroups[0]!.lr).toBe(0.1);
    expect(() => scheduler.step()).toThrow("missing 1 required positional argument: 'metrics'");
  });
});

describe("schedulers made of schedulers", () => {
  it("refuse parts that do not fit", () => {
    const optimizer = optimizerOf(1);
    const part = new StepLR(optimizer, 2);
    expect(() => new SequentialLR(optimizer, [], [])).toThrow(
      "SequentialLR expects at least one scheduler, but got no scheduler.",
    );
    expect(() => new ChainedScheduler([])).toThrow(
      "ChainedScheduler expects at least one scheduler to be chained",
    );
    expect(() => new SequentialLR(optimizer, [part], [3])).toThrow(
      "number of schedulers 1 and the number of milestones to be equal to 1",
    );
    expect(() => new SequentialLR(optimizer, [part, new ReduceLROnPlateau(optimizer)], [3])).toThrow(
      "does not support `ReduceLROnPlateau` scheduler",
    );
    expect(() => new ChainedScheduler([part, new StepLR(optimizerOf(1), 2)])).toThrow(
      "expects all schedulers to belong to the same optimizer",
    );
  });
});
