/** Schedulers made with other arguments go on as those whose state PyTorch saved: all there is to know is in the state. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { load, nn, ones, optim } from "../../src/index.node.ts";

const {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  OneCycleLR,
  PolynomialLR,
  ReduceLROnPlateau,
  SequentialLR,
  StepLR,
} = optim.lrScheduler;

const makers: Readonly<Record<string, (optimizer: optim.SGD) => optim.lrScheduler.LRScheduler>> = {
  StepLR: (o) => new StepLR(o, 99),
  MultiStepLR: (o) => new MultiStepLR(o, [99]),
  ConstantLR: (o) => new ConstantLR(o),
  LinearLR: (o) => new LinearLR(o),
  ExponentialLR: (o) => new ExponentialLR(o, 0.5),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, 5),
  CosineAnnealingWarmRestarts: (o) => new CosineAnnealingWarmRestarts(o, 8),
  PolynomialLR: (o) => new PolynomialLR(o),
  CyclicLR: (o) => new CyclicLR(o, 0.5, 1),
  OneCycleLR: (o) => new OneCycleLR(o, 3, { totalSteps: 5 }),
  SequentialLR: (o) => new SequentialLR(o, [new LinearLR(o), new MultiStepLR(o, [77])], [50]),
  ChainedScheduler: (o) => new ChainedScheduler([new ExponentialLR(o, 0.1), new StepLR(o, 9)]),
  // Functions are in no state dict.
  LambdaLR: (o) => new LambdaLR(o, (epoch) => 1 / (1 + epoch)),
  MultiplicativeLR: (o) => new MultiplicativeLR(o, () => 0.5),
  ReduceLROnPlateau: (o) => new ReduceLROnPlateau(o),
};

const { after } = JSON.parse(readFileSync(new URL("scheduler-resume.json", import.meta.url), "utf8")) as {
  after: Readonly<Record<string, readonly (readonly [lr: number, momentum: number])[]>>;
};
const saved = await load<Map<string, Map<string, Map<string, unknown>>>>(
  new Uint8Array(readFileSync(new URL("scheduler-resume.pt", import.meta.url))),
);

describe("schedulers whose state PyTorch saved", () => {
  it("are all of them", () => {
    expect(Object.keys(makers)).toEqual(Object.keys(after));
  });

  it.each(Object.entries(after))("%s goes on with the same learning rates", (name, wanted) => {
    const optimizer = new optim.SGD([new nn.Parameter(ones(1))], { lr: 7, momentum: 0.3 });
    const scheduler = makers[name]!(optimizer);
    scheduler.loadStateDict(saved.get(name)!.get("scheduler")!);
    optimizer.loadStateDict(saved.get(name)!.get("optimizer")!);
    const found = wanted.map(() => {
      optimizer.step();
      if (scheduler instanceof ReduceLROnPlateau) scheduler.step(1);
      else scheduler.step();
      const { lr, momentum } = optimizer.paramGroups[0]!;
      return [lr, momentum];
    });
    expect(found).toEqual(wanted);
  });
});
