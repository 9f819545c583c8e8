import { describe, expect, it } from "vitest";
import { noGrad } from "../autograd/grad-mode.ts";
import { renderChangeJson, renderChangeText } from "../inspect/change-report.ts";
import { renderGradientJson, renderGradientText } from "../inspect/gradient-text.ts";
import { Embedding, LazyLinear, Linear, Module, Parameter, ReLU, Sequential, Sigmoid } from "../nn/index.ts";
import { ones, tensor, zeros } from "../ops/creation.ts";
import { randn } from "../ops/random-creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { manualSeed } from "../tensor/random/index.ts";
import { compare } from "./comparison.ts";
import { gradients } from "./gradients.ts";
import { snapshot } from "./snapshot.ts";

/** A body, a head, and a layer that nothing calls; how the body's result comes to the head is the test's choice. */
class Net extends Module {
  body: Linear = new Linear(3, 4);
  head: Linear = new Linear(4, 2);
  idle: Linear = new Linear(2, 2);
  between: (hidden: Tensor) => Tensor = (hidden) => hidden;

  override forward(x: Tensor): Tensor {
    return this.head(this.between(this.body(x)));
  }
}

function net(between?: (hidden: Tensor) => Tensor): Net {
  manualSeed(0);
  const made = new Net();
  if (between !== undefined) made.between = between;
  return made;
}

function reasons(model: Module, loss?: Tensor): Record<string, string | null> {
  const { parameters } = gradients(model, loss === undefined ? {} : { loss });
  return Object.fromEntries(parameters.map(({ name, reason }) => [name, reason]));
}

function codes(model: Module, loss?: Tensor): string[] {
  const { findings } = gradients(model, loss === undefined ? {} : { loss });
  return findings.map(({ code, names }) => `${code} ${names.join(" ")}`);
}

describe("why a parameter has no gradient", () => {
  it("is that backward was not run", () => {
    const model = net();
    const loss = model(ones(1, 3)).sum();
    expect(reasons(model)).toMatchObject({
      "body.weight": "backward-not-run",
      "idle.bias": "backward-not-run",
    });
    expect(reasons(model, loss)).toMatchObject({
      "body.weight": "backward-not-run",
      "idle.bias": "not-reached",
    });
  });

  it("is that it is frozen, whether backward was run or not", () => {
    const model = net();
    model.body.weight.requiresGrad_(false);
    expect(reasons(model)["body.weight"]).toBe("frozen");
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    expect(reasons(model, loss)).toMatchObject({
      "body.weight": "frozen",
      "body.bias": null,
      "head.weight": null,
    });
  });

  it("is that no op used it, which no op is to blame for", () => {
    const model = net();
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    expect(reasons(model)["idle.weight"]).toBe("not-reached");
    const row = gradients(model, { loss }).parameters.find(({ name }) => name === "idle.weight")!;
    expect(row.reason).toBe("not-reached");
    expect(row.pathEnd).toBeNull();
  });

  it("is that its result was detached, with the op where the path ends", () => {
    const model = net((hidden) => hidden.detach());
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    expect(reasons(model)).toMatchObject({ "body.weight": "detached", "head.weight": null });
    const row = gradients(model, { loss }).parameters[0]!;
    expect(row.reason).toBe("detached");
    expect(row.pathEnd).toEqual({ op: "AddmmBackward0", parameter: "head.bias" });
    expect(renderGradientText(gradients(model, { loss })).join("\n")).toContain(
      "detached from the loss: the path ends at AddmmBackward0 (head.bias)",
    );
  });

  it("is that it was used where nothing is recorded", () => {
    const model = net();
    model.between = (hidden) => noGrad(() => hidden.mul(2));
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    expect(gradients(model, { loss }).parameters[1]).toMatchObject({
      reason: "detached",
      pathEnd: { op: "AddmmBackward0", parameter: "head.bias" },
    });
  });
});

describe("findings", () => {
  it("name outputs that are dead behind a ReLU", () => {
    manualSeed(0);
    const model = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 1));
    noGrad(() => {
      model[0].weight.abs_();
      model[0].bias!.copy_(tensor([1, -100, 1, -100]));
    });
    model(ones(2, 3)).sum().backward();
    expect(codes(model)).toEqual(["dead 0.weight"]);
    const { findings, parameters } = gradients(model);
    expect(findings[0]!.message).toContain("2 of 4 outputs");
    expect(parameters[0]!.silent).toEqual({ outputs: 2, of: 4 });
  });

  it("do not take unused rows of a table for dead ones", () => {
    const model = new Embedding(5, 2);
    model(tensor([1]))
      .sum()
      .backward();
    expect(codes(model)).toEqual([]);
  });

  it("name gradients that explode", () => {
    const model = new Linear(2, 1);
    model(ones(1, 2).mul(1e6)).sum().backward();
    expect(codes(model)).toEqual(["exploding weight"]);
    model.weight.grad = tensor([[Infinity, 1]]);
    expect(codes(model)).toEqual(["exploding weight"]);
  });

  it("name gradients that vanish on the way back", () => {
    manualSeed(0);
    const layers = Array.from({ length: 12 }, () => new Sequential(new Linear(4, 4), new Sigmoid()));
    const model = new Sequential(...layers);
    const loss = model(randn(8, 4)).sum();
    loss.backward();
    expect(codes(model, loss)).toHaveLength(1);
    expect(codes(model, loss)[0]).toMatch(/^vanishing 0\.0\.weight 0\.0\.bias 1\.0\.weight /);
    expect(codes(model, loss)[0]).not.toContain("11.0");
  });

  it("name the parameter where NaN is first seen, as the pass goes back", () => {
    const model = net((hidden) => hidden.mul(0).sqrt());
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    const { findings } = gradients(model, { loss });
    expect(findings[0]!.code).toBe("nan");
    expect(findings[0]!.names).toEqual(["body.weight", "body.bias"]);
    expect(findings[0]!.message).toMatch(/first seen at the gradient of "body\.(weight|bias)"/);
  });

  it("say that a parameter itself, or the loss, is NaN", () => {
    const model = net();
    noGrad(() => model.body.bias!.fill_(NaN));
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    const [inWeight, inGradient] = gradients(model, { loss }).findings;
    expect(inWeight!.message).toBe('NaN first seen at "body.bias": the parameter itself has 4 of them.');
    expect(inGradient!.message).toContain("The loss is NaN already.");
  });
});

describe("the report", () => {
  it("sums up modules, and counts what is shared once", () => {
    const model = net();
    model.idle.weight = new Parameter(zeros(2, 2));
    const loss = model(ones(1, 3)).sum();
    loss.backward();
    const { modules } = gradients(model, { loss });
    expect(modules.map(({ name, parameters, withGradient }) => [name, parameters, withGradient])).toEqual([
      ["", 6, 4],
      ["body", 2, 2],
      ["head", 2, 2],
      ["idle", 2, 0],
    ]);
    expect(modules.map(({ reasons }) => reasons)).toEqual([
      { "not-reached": 2 },
      {},
      {},
      { "not-reached": 2 },
    ]);
    expect(modules[0]!.gradient!.count).toBe(12 + 4 + 8 + 2);
  });

  it("is JSON, with NaN as text", () => {
    const model = new Linear(1, 1);
    model.weight.grad = tensor([[NaN]]);
    const parsed = JSON.parse(renderGradientJson(gradients(model))) as {
      parameters: { gradient: unknown }[];
    };
    expect(parsed.parameters[0]!.gradient).toMatchObject({ nan: 1, mean: "nan", l2: "nan" });
    expect(renderGradientText(gradients(model), { modules: true })[0]).toContain("with gradient");
  });

  it("takes what lazy layers have before their first input", () => {
    const model = new Sequential(new LazyLinear(2));
    const before = snapshot(model);
    expect(gradients(model).parameters[0]).toMatchObject({
      shape: [],
      weight: null,
      reason: "backward-not-run",
    });
    model(ones(1, 3)).sum().backward();
    expect(gradients(model, { before }).parameters[0]).toMatchObject({
      shape: [2, 3],
      reason: null,
      updateRatio: null,
    });
    expect(compare(before, model).tensors[0]!.state).toBe("replaced");
  });

  it("refuses a number for the loss", () => {
    const model = new Linear(2, 1);
    const loss = model(ones(1, 2)).sum().item() as unknown as Tensor;
    expect(() => gradients(model, { loss })).toThrow(/found a loss of type number, expected a tensor/);
  });

  it("takes a network without parameters", () => {
    const report = gradients(new ReLU(), { loss: ones(1) });
    expect(report).toMatchObject({ parameters: [], findings: [] });
    for (const modules of [false, true]) {
      expect(renderGradientText(report, { modules })).toEqual(["ReLU: 0 of 0 parameters have a gradient"]);
    }
    expect(renderChangeText(compare(snapshot(new ReLU()), new ReLU()))).toEqual([
      "ReLU: 0 of 0 tensors changed",
    ]);
  });

  it("takes shapes without data", () => {
    const [row] = gradients(new Linear(2, 1, { device: "meta" })).parameters;
    expect(row).toMatchObject({ weight: null, reason: "backward-not-run" });
  });
});

describe("comparing", () => {
  it("says what a step changed, in what measure", () => {
    const model = new Linear(2, 1);
    noGrad(() => model.weight.copy_(tensor([[3, 4]])));
    const before = snapshot(model);
    noGrad(() => model.weight.add_(tensor([[0, 0.5]])));
    const report = compare(before, model);
    expect(report.tensors[0]).toMatchObject({ state: "changed", changed: 1, largest: 0.5, ratio: 0.1 });
    expect(report.tensors[1]).toMatchObject({ name: "bias", state: "unchanged", ratio: 0 });
    expect(renderChangeText(report).at(-1)).toBe("Linear: 1 of 2 tensors changed");
    expect(JSON.parse(renderChangeJson(report))).toMatchObject({ source: "Linear" });
  });

  it("says what is new, gone, and of another shape", () => {
    const model = net();
    const before = snapshot(model);
    model.head = new Linear(4, 3);
    (model as unknown as Record<string, unknown>)["extra"] = new Parameter(zeros(1));
    delete (model as Partial<Net>).idle;
    const states = Object.fromEntries(compare(before, model).tensors.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({ extra: "added", "head.weight": "replaced", "idle.bias": "removed" });
  });
});
