import { afterEach, describe, expect, it } from "vitest";
import { ParascopeError } from "../errors.ts";
import { linear } from "../functional/linear.ts";
import { ones, tensor, zeros } from "../ops/creation.ts";
import { pyFloat } from "../catalog/value.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isGradEnabled } from "../autograd/grad-mode.ts";
import { setWarningHandler } from "../warnings.ts";
import {
  Adagrad,
  Adam,
  AdamW,
  groups,
  LBFGS,
  Optimizer,
  registerOptimizerStepPreHook,
  RMSprop,
  SGD,
} from "./index.ts";
import type { OptimizerParameters } from "./index.ts";

function leaf(...values: number[]): Tensor {
  return tensor(values, { dtype: "float32" }).requiresGrad_();
}

function withGradient(...values: number[]): Tensor {
  const parameter = leaf(...values);
  parameter.grad = ones(values.length);
  return parameter;
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ParascopeError) return `${error.torchType}: ${error.message}`;
    throw error;
  }
  return "no error";
}

const model = {
  *namedParameters(): Generator<[string, Tensor]> {
    for (const name of ["body.0.weight", "body.0.bias", "head.weight", "head.bias"]) yield [name, leaf(1)];
  },
};

describe("an optimizer's constructor", () => {
  const p = leaf(1, 2);
  const q = leaf(3);
  const anything = (params: unknown, options: object = {}): unknown =>
    new SGD(params as OptimizerParameters, options);
  it.each<[string, () => unknown, string]>([
    [
      "a tensor",
      () => anything(p),
      "TypeError: params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor",
    ],
    ["nothing", () => anything([]), "ValueError: optimizer got an empty parameter list"],
    ["a number", () => anything(5), "TypeError: 'int' object is not iterable"],
    ["null", () => anything(null), "TypeError: 'NoneType' object is not iterable"],
    [
      "numbers",
      () => anything([5]),
      "TypeError: optimizer can only optimize Tensors, but one of the params is int",
    ],
    [
      "a string",
      () => anything(["a"]),
      "TypeError: optimizer can only optimize Tensors, but one of the params is str",
    ],
    [
      "a list in it",
      () => anything([[p]]),
      "TypeError: optimizer can only optimize Tensors, but one of the params is list",
    ],
    [
      "a group after a tensor",
      () => anything([p, { params: [q] }]),
      "TypeError: optimizer can only optimize Tensors, but one of the params is dict",
    ],
    [
      "a number after a group",
      () => anything([{ params: [q] }, 5]),
      "TypeError: param_group must be a dict, but got <class 'int'>",
    ],
    [
      "a tensor after a group",
      () => anything([{ params: [q] }, p]),
      "TypeError: param_group must be a dict, but got <class 'torch.Tensor'>",
    ],
    ["a group without parameters", () => anything([{ lr: 3 }]), "KeyError: params"],
    ["a computed tensor", () => anything([p.mul(2)]), "ValueError: can't optimize a non-leaf Tensor"],
    [
      "a set in a group",
      () => anything([{ params: new Set([p]) }]),
      "TypeError: optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead.",
    ],
    [
      "a parameter in two groups",
      () => anything([{ params: [p] }, { params: [q, p] }]),
      "ValueError: some parameters appear in more than one parameter group",
    ],
    [
      "names for some parameters",
      () => anything([["a", p], q]),
      "ValueError: all optimizer params should be with/without names. Some param names are missing",
    ],
    [
      "groups with and without names",
      () => anything([{ params: [["a", p]] }, { params: [q] }]),
      "ValueError: all optimizer param groups should be with/without names. cannot add param group without names to the optimizer",
    ],
    [
      "a misspelt option",
      () => anything([p], { weigthDecay: 1 }),
      "TypeError: SGD.__init__() got an unexpected keyword argument 'weigth_decay'",
    ],
    [
      "a float that is wrong",
      () => anything([p], { lr: pyFloat(-1) }),
      "ValueError: Invalid learning rate: -1.0",
    ],
    [
      "groups for LBFGS",
      () => new LBFGS([{ params: [p] }, { params: [q] }]),
      "ValueError: LBFGS doesn't support per-parameter options (parameter groups)",
    ],
  ])("refuses %s", (_, run, text) => {
    expect(errorOf(run)).toBe(text);
  });

  it("takes a set, a generator and a group without members", () => {
    const [group] = new SGD(new Set([p, q])).paramGroups;
    expect(group!.params.map((parameter) => [p, q].indexOf(parameter))).toEqual([0, 1]);
    expect(new SGD([{ params: [] }]).paramGroups[0]!.params).toEqual([]);
    expect(new SGD(model.namedParameters()).paramGroups[0]!.param_names).toHaveLength(4);
  });

  it("takes a table of defaults without changing the objects it is given", () => {
    const group = Object.freeze({ params: Object.freeze([p]), lr: 0.5, weightDecay: 0.1, note: "x" });
    const [made] = new SGD([group], { lr: 0.1, momentum: 0.9 }).paramGroups;
    expect(Object.keys(made!)).toEqual(
      "params lr weight_decay note momentum dampening nesterov maximize foreach differentiable fused".split(
        " ",
      ),
    );
    expect([made!.lr, made!.momentum, made!.weight_decay]).toEqual([0.5, 0.9, 0.1]);
  });
});

describe("a group", () => {
  it("is read and written by PyTorch's names and by the options'", () => {
    const [group] = new SGD([leaf(1)], { weightDecay: 0.5 }).paramGroups;
    expect(group!["weightDecay"]).toBe(0.5);
    group!["weightDecay"] = 0.25;
    expect([group!.weight_decay, Object.keys(group!).includes("weightDecay")]).toEqual([0.25, false]);
  });

  it("takes a changed learning rate at the next step", () => {
    const p = withGradient(1);
    const optimizer = new SGD([p], { lr: 0.5 });
    optimizer.step();
    optimizer.paramGroups[0]!.lr = 0.25;
    optimizer.step();
    expect(p.item()).toBe(0.25);
  });

  it("warns of a parameter that stands in it twice, and steps it twice", () => {
    const warnings: string[] = [];
    setWarningHandler((text) => warnings.push(text));
    const p = withGradient(1);
    new SGD([p, p], { lr: 0.25 }).step();
    expect([warnings.length, p.item()]).toEqual([1, 0.5]);
    expect(warnings[0]).toContain("a parameter group with duplicate parameters");
  });
  afterEach(() => void setWarningHandler(null));
});

describe("groups by selectors", () => {
  it("give each parameter to the first pattern that selects it", () => {
    const made = groups(model, { "head.**": { lr: 0.1 }, "**.bias": { weightDecay: 0 }, "**": {} });
    const optimizer = new AdamW(made, { lr: 0.01 });
    expect(optimizer.paramGroups.map(({ lr, param_names: names }) => [lr, names])).toEqual([
      [0.1, ["head.weight", "head.bias"]],
      [0.01, ["body.0.bias"]],
      [0.01, ["body.0.weight"]],
    ]);
  });

  it("refuse a pattern that selects nothing", () => {
    expect(() => groups(model, { "**": {}, "heda.**": {} })).toThrow(
      'the pattern "heda.**" selects no parameter that is left',
    );
  });
});

describe("a step", () => {
  it("leaves parameters without gradient, and their state, alone", () => {
    const [p, q] = [withGradient(1), leaf(1)];
    const optimizer = new Adam([p, q]);
    optimizer.step();
    expect([q.item(), optimizer.state.size, optimizer.state.has(p)]).toEqual([1, 1, true]);
  });

  it("counts the write, so that backward through what was computed before is refused", () => {
    const weight = ones(1, 1).requiresGrad_();
    const loss = linear(ones(1, 1), weight).mul(weight).sum();
    loss.backward({ retainGraph: true });
    new SGD([weight], { lr: 0.1 }).step();
    expect(errorOf(() => loss.backward())).toContain("modified by an inplace operation");
  });

  it("writes through to the tensors that share its elements, and steps transposed parameters", () => {
    const gradient = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { dtype: "float32" },
    );
    const base = zeros(2, 3);
    const p = base.t().requiresGrad_();
    p.grad = gradient;
    new RMSprop([p], { lr: 1, alpha: 0, eps: 0 }).step();
    expect(base.tolist()).toEqual([
      [-1, -1, -1],
      [-1, -1, -1],
    ]);
    const q = base.t().requiresGrad_();
    q.grad = gradient;
    new SGD([q], { lr: 1, momentum: 0.5 }).step();
    expect(base.tolist()).toEqual([
      [-2, -4, -6],
      [-3, -5, -7],
    ]);
  });

  it("calls the closure with recording on and gives its loss", () => {
    const p = withGradient(1);
    const loss = new SGD([p]).step(() => [isGradEnabled(), 7]);
    expect(loss).toEqual([true, 7]);
  });

  it("runs the hooks around it, which may be taken back", () => {
    const seen: string[] = [];
    const optimizer = new SGD([withGradient(1)]);
    const handles = [
      registerOptimizerStepPreHook(() => void seen.push("global")),
      optimizer.registerStepPreHook(() => [() => seen.push("closure")]),
      optimizer.registerStepPostHook((_, args) => void seen.push(`after ${args.length}`)),
    ];
    optimizer.step();
    for (const handle of handles) handle.remove();
    optimizer.step();
    expect(seen).toEqual(["global", "closure", "after 1"]);
  });

  it("of a method without an update is PyTorch's NotImplementedError", () => {
    expect(errorOf(() => new Optimizer([withGradient(1)], {}, { lr: 0.1 }).step())).toBe(
      "NotImplementedError: ",
    );
  });

  it("refuses what is not here", () => {
    const message = errorOf(() => new Adam([withGradient(1)], { capturable: true }).step());
    expect(message).toContain("AssertionError: If capturable=True");
    expect(errorOf(() => new SGD([withGradient(1)], { differentiable: true }).step())).toBe(
      "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.",
    );
    const recorded = zeros(2);
    recorded.grad = zeros(2).requiresGrad_();
    expect(errorOf(() => new SGD([recorded], { differentiable: true }).step())).toContain("not supported");
    expect(errorOf(() => new LBFGS([withGradient(1)]).step())).toBe(
      "TypeError: LBFGS.step() missing 1 required positional argument: 'closure'",
    );
  });

  it("with differentiable steps what is not trained", () => {
    const p = ones(2);
    p.grad = ones(2);
    new SGD([p], { lr: 0.5, differentiable: true }).step();
    expect([p.tolist(), p.requiresGrad]).toEqual([[0.5, 0.5], false]);
  });

  it("on the meta device changes nothing", () => {
    const p = zeros(2, { device: "meta" }).requiresGrad_();
    p.grad = zeros(2, { device: "meta" });
    const optimizer = new Adam([p]);
    optimizer.step();
    expect((optimizer.state.get(p)!.get("exp_avg") as Tensor).device).toBe("meta");
  });
});

describe("zeroGrad", () => {
  it("forgets gradients, or fills them with zeros", () => {
    const p = withGradient(1, 2);
    const optimizer = new SGD([p]);
    const gradient = p.grad;
    optimizer.zeroGrad({ setToNone: false });
    expect([p.grad === gradient, gradient!.tolist()]).toEqual([true, [0, 0]]);
    optimizer.zeroGrad();
    expect(p.grad).toBe(null);
  });
});

describe("a state dict", () => {
  it("numbers parameters through the groups, and shares the tensors", () => {
    const [p, q, r] = [withGradient(1), leaf(1), withGradient(1)];
    const optimizer = new SGD([{ params: [p, q] }, { params: [r] }], { momentum: 0.9 });
    optimizer.step();
    const state = optimizer.stateDict();
    expect([...state.keys()]).toEqual(["state", "param_groups"]);
    expect([...state.get("state").keys()]).toEqual([0, 2]);
    expect(state.get("param_groups").map((group) => group.get("params"))).toEqual([[0, 1], [2]]);
    expect(state.get("state").get(0)!.get("momentum_buffer")).toBe(
      optimizer.state.get(p)!.get("momentum_buffer"),
    );
    expect([...state.get("param_groups")[0]!.keys()].at(-1)).toBe("params");
  });

  it("loads into another optimizer, which goes on alike", () => {
    const first = withGradient(1, 2);
    const second = withGradient(1, 2);
    const one = new Adam([first], { lr: 0.1, amsgrad: true });
    one.step();
    const two = new Adam([second]);
    two.loadStateDict(one.stateDict());
    second.data = first.detach().clone();
    one.step();
    expect(String(two)).toBe(String(one));
    // The state is shared where nothing had to be cast, as in PyTorch.
    expect(two.state.get(second)!.get("exp_avg")).toBe(one.state.get(first)!.get("exp_avg"));
  });

  it("casts floats to the parameter's dtype, but not the count of steps", () => {
    const single = withGradient(1);
    const one = new Adam([single]);
    one.step();
    const double = ones(1, { dtype: "float64" }).requiresGrad_();
    const two = new Adam([double]);
    two.loadStateDict(one.stateDict());
    const state = two.state.get(double)!;
    expect([
      String((state.get("exp_avg") as Tensor).dtype),
      String((state.get("step") as Tensor).dtype),
    ]).toEqual(["torch.float64", "torch.float32"]);
  });

  it("takes counts of steps and groups as older versions wrote them, and plain objects", () => {
    const p = withGradient(1);
    const optimizer = new Adam([p]);
    const state = { 0: { step: 3, exp_avg: zeros(1), exp_avg_sq: zeros(1) } };
    optimizer.loadStateDict({
      state,
      param_groups: [{ lr: 0.5, betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0, params: [0] }],
    });
    optimizer.step();
    expect((optimizer.state.get(p)!.get("step") as Tensor).item()).toBe(4);
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 0.5, amsgrad: false, fused: null });
  });

  it("that does not fit is refused, and changes nothing", () => {
    const optimizer = new SGD([leaf(1), leaf(2)], { lr: 0.5 });
    const other = new SGD([leaf(1)], { lr: 0.25 }).stateDict();
    expect(errorOf(() => optimizer.loadStateDict(other))).toBe(
      "ValueError: loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    );
    const two = new SGD([{ params: [leaf(1)] }, { params: [leaf(2)] }]).stateDict();
    expect(errorOf(() => optimizer.loadStateDict(two))).toBe(
      "ValueError: loaded state dict has a different number of parameter groups",
    );
    expect(optimizer.paramGroups[0]!.lr).toBe(0.5);
  });

  it("of another shape is refused at the step", () => {
    const one = new SGD([withGradient(1, 2, 3)], { momentum: 0.9 });
    one.step();
    const two = new SGD([withGradient(1, 2)], { momentum: 0.9 });
    two.loadStateDict(one.stateDict());
    expect(errorOf(() => two.step())).toContain(
      "The size of tensor a (3) must match the size of tensor b (2)",
    );
  });

  it("passes through the hooks", () => {
    const optimizer = new SGD([leaf(1)]);
    const order: string[] = [];
    optimizer.registerStateDictPreHook(() => void order.push("second"));
    optimizer.registerStateDictPreHook(() => void order.push("first"), { prepend: true });
    optimizer.registerStateDictPostHook((_, state) => void state.set("extra", 1));
    optimizer.registerLoadStateDictPreHook((_, state) => {
      state.get("param_groups")[0]!.set("lr", 9);
    });
    optimizer.registerLoadStateDictPostHook(() => void order.push("loaded"));
    const state = optimizer.stateDict();
    expect(state.get("extra")).toBe(1);
    optimizer.loadStateDict(state);
    expect([optimizer.paramGroups[0]!.lr, order]).toEqual([9, ["first", "second", "loaded"]]);
  });

  it("of Adagrad has state before the first step", () => {
    const state = new Adagrad([leaf(1)], { initialAccumulatorValue: 0.5 }).stateDict().get("state").get(0)!;
    expect([...state.keys(), (state.get("sum") as Tensor).item()]).toEqual(["step", "sum", 0.5]);
  });
});
