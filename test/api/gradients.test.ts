/** What the report on gradients says of networks that are broken in a known way, and that it leaves sound ones alone. */

import { describe, expect, it } from "vitest";
import {
  cat,
  type GradientReport,
  gradients,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randint,
  randn,
  renderGradientText,
  type Tensor,
  tensor,
  zeros,
} from "parascope";
import { soundNetworks } from "./sound-networks.ts";

const F = nn.functional;

function linear(inFeatures: number, outFeatures: number): nn.Linear {
  return new nn.Linear(inFeatures, outFeatures);
}

/** `depth` layers of one width, each with an activation. */
function deep(depth: number, width: number, activation: () => nn.Module): nn.Sequential {
  const layers = Array.from({ length: depth }, () => [linear(width, width), activation()]);
  return new nn.Sequential(...layers.flat()) as unknown as nn.Sequential;
}

function found(report: GradientReport): string[] {
  return report.findings.map(({ code, names }) => `${code}: ${names.join(" ")}`);
}

/** Runs backward for a loss, and reports. */
function reported(model: nn.Module, loss: Tensor): GradientReport {
  loss.backward();
  return gradients(model, { loss });
}

function classified(output: Tensor, classes: number): Tensor {
  return F.crossEntropy(output, randint(0, classes, [output.shape[0]!]));
}

describe("a sound network", () => {
  it.each(Object.entries(soundNetworks))(
    "with %s gives nothing to find, fresh and after some steps",
    (_, make) => {
      for (const seed of [0, 1]) {
        manualSeed(seed);
        const { model, loss } = make();
        const optimizer = new optim.AdamW(
          [...model.parameters()].filter(({ requiresGrad }) => requiresGrad),
          { lr: 1e-3 },
        );
        for (let step = 0; step < 3; step++) {
          optimizer.zeroGrad();
          const report = reported(model, loss());
          expect(report.findings).toEqual([]);
          expect(gradients(model).findings).toEqual([]);
          expect(report.parameters.filter(({ reason }) => reason !== null && reason !== "frozen")).toEqual(
            [],
          );
          optimizer.step();
        }
      }
    },
  );

  it("that fits its data to the last digit does not vanish", () => {
    manualSeed(0);
    const model = new nn.Linear(2, 1, { dtype: "float64" });
    const x = randn(20, 2, { dtype: "float64" });
    const y = x.sum(1, { keepdim: true });
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.3 });
    let loss = y;
    for (let step = 0; step < 1000; step++) {
      optimizer.zeroGrad();
      loss = F.mseLoss(model(x), y);
      loss.backward();
      optimizer.step();
    }
    expect(Number(loss.item())).toBeLessThan(1e-25);
    expect(gradients(model, { loss }).findings).toEqual([]);
  });
});

describe("a broken network", () => {
  it.each([12, 40, 120])("of %i sigmoids vanishes, to zero where float32 ends", (depth) => {
    manualSeed(0);
    const model = deep(depth, 16, () => new nn.Sigmoid());
    const report = reported(model, model(randn(8, 16)).sum());
    expect(report.findings.map(({ code }) => code)).toEqual(["vanishing"]);
    expect(report.findings[0]!.names.slice(0, 2)).toEqual(["0.weight", "0.bias"]);
    expect(report.findings[0]!.names).not.toContain(`${2 * depth - 2}.weight`);
  });

  it("vanishes also where squares are below the smallest float64", () => {
    manualSeed(0);
    const model = deep(250, 8, () => new nn.Sigmoid()).to("float64");
    const report = reported(model, model(randn(8, 8, { dtype: "float64" })).sum());
    expect(report.parameters[0]!.gradient!.l2).toBe(0);
    expect(report.findings.map(({ code }) => code)).toEqual(["vanishing"]);
    expect(report.findings[0]!.names[0]).toBe("0.weight");
  });

  it("explodes", () => {
    manualSeed(0);
    const model = deep(12, 16, () => new nn.Identity());
    noGrad(() => [...model.parameters()].forEach((parameter) => parameter.mul_(10)));
    const report = reported(model, model(randn(4, 16)).pow(2).mean());
    expect(report.findings.map(({ code }) => code)).toEqual(["exploding"]);
    expect(report.findings[0]!.names).toHaveLength(24);
  });

  const offs: readonly (readonly [string, (layer: nn.Linear) => void])[] = [
    ["by their bias", ({ bias }) => bias!.at(":16").fill_(-5)],
    [
      "by their weights",
      ({ weight, bias }) => [weight, bias!].forEach((part) => part.at(":16").abs_().neg_()),
    ],
  ];
  it.each(offs)("has ReLUs that are off %s", (_, turnOff) => {
    manualSeed(0);
    for (const batch of [1, 8, 64]) {
      const first = linear(20, 32);
      const model = new nn.Sequential(first, new nn.ReLU(), linear(32, 3));
      noGrad(() => turnOff(first));
      const report = reported(model, classified(model(rand(batch, 20)), 3));
      expect(found(report)).toEqual(["dead: 0.weight"]);
      expect(report.findings[0]!.message).toContain("dead in 16 of 32 outputs");
    }
  });

  it("has a layer that is dead, and what is behind it is, too", () => {
    manualSeed(0);
    const model = new nn.Sequential(
      new nn.Conv2d(3, 4, 3),
      new nn.ReLU(),
      new nn.Conv2d(4, 4, 3),
      new nn.ReLU(),
      new nn.Flatten(),
      linear(64, 2),
    );
    noGrad(() => model[2].bias!.fill_(-50));
    const report = reported(model, classified(model(randn(4, 3, 8, 8)), 2));
    expect(found(report)).toEqual(["dead: 0.weight 0.bias 2.weight 2.bias"]);
  });

  it("has almost no output left after steps that were too large", () => {
    manualSeed(0);
    const model = new nn.Sequential(linear(8, 64), new nn.ReLU(), linear(64, 1));
    noGrad(() => {
      model[0].weight.at("2:").sub_(0.4);
      model[0].bias!.at("2:").sub_(0.4);
    });
    const report = reported(model, model(rand(32, 8)).sum());
    expect(report.parameters[0]!.silent!.outputs).toBeGreaterThan(57);
    expect(found(report)).toEqual(["dead: 0.weight"]);
  });

  it("says of gradients that were set to zero that no backward came since", () => {
    manualSeed(0);
    const model = linear(4, 2);
    model(randn(3, 4)).sum().backward();
    model.zeroGrad({ setToNone: false });
    expect(gradients(model).findings[0]!.message).toMatch(/^All gradients are zero: backward was not run/);
  });

  it("has NaN first where it comes from, not in words that the head shares", () => {
    manualSeed(0);
    const words = new nn.Embedding(9, 4);
    const layers = Array.from({ length: 4 }, () => linear(4, 4));
    const head = new nn.Linear(4, 9, { bias: false });
    head.weight = words.weight;
    const model = new nn.ModuleList([head, words, ...layers]);
    let hidden = words(randint(0, 9, [5]));
    layers.forEach((layer, k) => {
      hidden = layer(hidden);
      // The square root of 0 has an infinite slope, and infinity times 0 is NaN.
      if (k === 1) hidden = hidden.add(hidden.mul(0).sqrt());
    });
    const { findings } = reported(model, F.crossEntropy(head(hidden), randint(0, 9, [5])));
    expect(findings[0]!.message).toMatch(/^NaN first seen at the gradient of "3\.(weight|bias)"/);
  });

  it("has infinite weights, or a loss that is NaN by itself", () => {
    manualSeed(0);
    const model = new nn.Sequential(linear(4, 4), linear(4, 2));
    const loss = model(randn(3, 4)).abs().neg().log().sum();
    expect(reported(model, loss).findings[0]).toMatchObject({ code: "nan", names: [] });
    noGrad(() => model[0].weight.setAt("0, 0", Infinity));
    expect(found(reported(model, model(ones(3, 4)).sum()))[0]).toBe("exploding: 0.weight");
    model.zeroGrad();
    model.requiresGrad_(false);
    expect(gradients(model).findings).toEqual([]);
  });
});

/** Three parts, of which a test joins some. */
class Parts extends nn.Module {
  stem = linear(4, 4);
  branch = linear(4, 4);
  head = linear(4, 2);
  join: (model: Parts, x: Tensor) => Tensor;

  constructor(join: (model: Parts, x: Tensor) => Tensor) {
    super();
    this.join = join;
  }

  override forward(x: Tensor): Tensor {
    return this.join(this, x);
  }
}

describe("the op where a path ends", () => {
  it.each<[string, (model: Parts, x: Tensor) => Tensor, string, string | null]>([
    [
      "is the sum that takes a detached branch beside a path that goes on",
      ({ stem, branch, head }, x) => head(stem(x).add(branch(stem(x)).detach())),
      "AddBackward0",
      null,
    ],
    [
      "is where a detached branch is concatenated",
      ({ stem, branch, head }, x) => head(cat([stem(x), branch(x).detach()], 1).at(":, 2:6")),
      "CatBackward0",
      null,
    ],
    [
      "is the layer behind an op without a derivative",
      ({ branch, head }, x) => head(branch(x).gt(0).float()),
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the layer that a detached value comes to through ops that are not recorded",
      ({ branch, head }, x) => head(branch(x).detach().mul(2).relu().at(":, :4")),
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the layer that takes what was computed without recording",
      ({ branch, head }, x) => {
        const hidden = branch(x);
        return head(noGrad(() => hidden.mul(2).relu().view(3, 4)));
      },
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the layer behind places that were made into numbers",
      ({ branch, head }, x) => head(F.oneHot(branch(x).argmax(1), 4).float()),
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the op that chooses by a comparison",
      ({ stem, branch, head }, x) => head(stem(x).where(branch(x).gt(0), x)),
      "WhereBackward0",
      null,
    ],
    [
      "is the op that looks up the rows of the greatest",
      ({ stem, branch, head }, x) => head(stem.weight.indexSelect(0, branch(x).max(1).indices)),
      "IndexSelectBackward0",
      "stem.weight",
    ],
    [
      "is the layer that gets another tensor's data",
      ({ branch, head }, x) => head(branch(x).data),
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the layer behind a tensor that was detached in place",
      ({ branch, head }, x) => head(branch(x).mul(2).detach_()),
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the layer that reads a buffer into which a detached value was written",
      ({ branch, head }, x) => head(zeros(3, 4).copy_(branch(x).detach())),
      "AddmmBackward0",
      "head.bias",
    ],
    [
      "is the one that takes the detached branch, not one that takes data before it",
      ({ stem, branch, head }, x) => head(stem(x).mul(x).mul(branch(x).sigmoid().detach()).add(x)),
      "MulBackward0",
      null,
    ],
    [
      "is found when a part of the same history was looked at before",
      ({ stem, branch, head }, x) => {
        const hidden = branch(x);
        expect(hidden.detach().requiresGrad).toBe(false);
        return head(stem(x).div(hidden.exp().detach()));
      },
      "DivBackward0",
      null,
    ],
  ])("%s", (_, join, op, parameter) => {
    manualSeed(0);
    const model = new Parts(join);
    const { parameters } = reported(model, model(randn(3, 4)).sum());
    for (const row of parameters.filter(({ module }) => module === "branch")) {
      expect(row).toMatchObject({ reason: "detached", pathEnd: { op, parameter } });
    }
  });

  it.each<[string, (model: Parts, x: Tensor) => Tensor]>([
    [
      "of a result that nobody uses",
      ({ stem, branch, head }, x) => {
        branch(x);
        return head(stem(x));
      },
    ],
    [
      "of a result that nobody uses, though another one is detached",
      ({ stem, branch, head }, x) => {
        branch(x);
        return head(stem(x).detach());
      },
    ],
    [
      "of values that went through JavaScript",
      ({ stem, branch, head }, x) => head(stem(x).add(tensor(branch(x).tolist() as number[][]))),
    ],
    [
      "of one number that went through JavaScript",
      ({ stem, branch, head }, x) => head(stem(x).mul(tensor(branch(x).sum().item()))),
    ],
    [
      "of a second detached part on the same way, which hides the first one",
      ({ stem, branch, head }, x) => head(stem(branch(x).detach()).detach()),
    ],
  ])("is not named for parameters %s", (_, join) => {
    manualSeed(0);
    const model = new Parts(join);
    const report = reported(model, model(randn(3, 4)).sum());
    for (const row of report.parameters.filter(({ module }) => module === "branch")) {
      expect(row).toMatchObject({ reason: "detached", pathEnd: null });
    }
    expect(renderGradientText(report)).toContain(
      "2 detached from the loss: what was computed with it is not used in the loss, or as values without history",
    );
  });

  it("is not named for a branch that never ran, behind a frozen encoder or not", () => {
    manualSeed(0);
    const model = new Parts(({ stem, head }, x) => {
      const hidden = stem(x);
      return head(hidden.mul(hidden.detach().sigmoid()));
    });
    for (const isFrozen of [false, true]) {
      model.stem.requiresGrad_(!isFrozen);
      const { parameters } = reported(model, model(randn(3, 4)).sum());
      expect(parameters.map(({ reason }) => reason)).toEqual([
        ...(isFrozen ? ["frozen", "frozen"] : [null, null]),
        "not-reached",
        "not-reached",
        null,
        null,
      ]);
      expect(parameters.every(({ pathEnd }) => pathEnd === null)).toBe(true);
      model.zeroGrad();
    }
  });

  it("is not looked for where a value is rounded: its gradient is zero, and arrives", () => {
    manualSeed(0);
    const model = new Parts(({ branch, head }, x) => head(branch(x).round()));
    const row = reported(model, model(randn(3, 4)).sum()).parameters[2]!;
    expect(row).toMatchObject({ reason: null, pathEnd: null, gradient: { l2: 0 } });
  });

  it("is told once, below the table", () => {
    manualSeed(0);
    const model = new Parts(({ stem, head }, x) => head(stem(x).detach()));
    const report = reported(model, model(randn(3, 4)).sum());
    const lines = renderGradientText(report, { width: 60 });
    expect(lines.every((line) => line.length <= 60 || !line.includes("  "))).toBe(true);
    expect(lines.slice(-3)).toEqual([
      "Parts: 2 of 6 parameters have a gradient (2 detached, 2 not reached); norm 5.593",
      "2 detached from the loss: the path ends at AddmmBackward0 (head.bias)",
      "2 not reached from the loss: no recorded op used it",
    ]);
  });
});

describe("a layer that is skipped in a later step", () => {
  it("is not reached then, whatever it did before", () => {
    manualSeed(0);
    let isSkipped = false;
    const model = new Parts(({ stem, branch, head }, x) => head(isSkipped ? stem(x) : branch(stem(x))));
    model(randn(3, 4)).sum().backward();
    model.zeroGrad();
    isSkipped = true;
    const report = reported(model, model(randn(3, 4)).sum());
    expect(report.modules.map(({ name, reasons }) => [name, reasons])).toEqual([
      ["", { "not-reached": 2 }],
      ["stem", {}],
      ["branch", { "not-reached": 2 }],
      ["head", {}],
    ]);
    expect(gradients(model).parameters[2]!.reason).toBe("not-reached");
  });
});
