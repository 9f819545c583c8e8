import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ParascopeError, torchError } from "../errors.ts";
import { noGrad } from "../autograd/grad-mode.ts";
import { ones, tensor, zeros } from "../ops/creation.ts";
import { Tensor } from "../tensor/tensor.ts";
import {
  Buffer,
  Identity,
  Linear,
  LoadStateDictError,
  Module,
  ModuleDict,
  ModuleList,
  Parameter,
  Sequential,
  deepCopy,
  isModule,
  isParameter,
  registerModuleForwardHook,
} from "./index.ts";

class Net extends Module {
  first: Linear = new Linear(2, 3);
  second: Linear = new Linear(3, 1);
  override forward(x: Tensor): Tensor {
    return this.second(this.first(x));
  }
}

/** The error that something throws. */
function errorOf(run: () => unknown): ParascopeError {
  try {
    run();
  } catch (error) {
    if (error instanceof ParascopeError) return error;
    throw error;
  }
  throw torchError("AssertionError", "nothing was thrown");
}

describe("a callable module", () => {
  it("is a function, an instance of its class, and prints as PyTorch does", () => {
    const net = new Net();
    expect(typeof net).toBe("function");
    expect(net).toBeInstanceOf(Net);
    expect(net).toBeInstanceOf(Module);
    expect(inspect(net)).toBe(String(net));
    expect(`${net}`).toMatch(/^Net\(\n {2}\(first\): Linear\(in_features=2/);
  });

  it("may have fields called name and length", () => {
    class Named extends Module {
      override name = "x";
    }
    const named = new Named();
    expect(named.name).toBe("x");
    expect("length" in new Module()).toBe(false);
    const open = new Module() as Module & { name?: Parameter };
    open.name = new Parameter(ones(1));
    open.registerParameter("length", new Parameter(ones(1)));
    expect(Array.from(open.namedParameters(), ([name]) => name)).toEqual(["name", "length"]);
  });

  it("has own members and #private ones of its class", () => {
    class Counter extends Module {
      #calls = 0;
      override forward(): number {
        return ++this.#calls;
      }
    }
    const counter = new Counter();
    counter();
    expect(counter()).toBe(2);
  });

  it("runs hooks, but its forward alone does not", () => {
    const identity = new Identity();
    let calls = 0;
    const handle = registerModuleForwardHook(() => void calls++);
    identity(ones(1));
    identity.forward(ones(1));
    handle.remove();
    identity(ones(1));
    expect(calls).toBe(1);
  });

  it("is known by its mark, also where the class is another copy", () => {
    const foreign = Object.assign(() => null, { [Symbol.for("parascope.module")]: true });
    expect(isModule(foreign)).toBe(true);
    expect(isModule(Net)).toBe(false);
    expect(isModule(() => null)).toBe(false);
    expect(isParameter(ones(1))).toBe(false);
  });
});

describe("slots", () => {
  it("are plain fields, those of subclasses after those of their base", () => {
    class Sub extends Net {
      third: Linear = new Linear(1, 1);
      scale: Parameter = new Parameter(ones(1));
    }
    expect(Array.from(new Sub().namedParameters(), ([name]) => name)).toEqual([
      "scale",
      "first.weight",
      "first.bias",
      "second.weight",
      "second.bias",
      "third.weight",
      "third.bias",
    ]);
  });

  it("are not made by fields that are declared and never set", () => {
    class Half extends Module {
      weight: Parameter | undefined;
      bias: Parameter | null = null;
    }
    const half = new Half();
    expect([...half.parameters()]).toEqual([]);
    half.weight = new Parameter(ones(1));
    half.bias = new Parameter(ones(1));
    expect([...half.stateDict().keys()]).toEqual(["weight", "bias"]);
  });

  it("stay buffers after a call in which forward put plain tensors in their place", () => {
    class Running extends Module {
      mean: Tensor = new Buffer(zeros(1));
      override forward(x: Tensor): Tensor {
        this.mean = this.mean.add(x);
        return x;
      }
    }
    const running = new Running();
    running(ones(1));
    expect([...running.stateDict().keys()]).toEqual(["mean"]);
    expect(running.mean.tolist()).toEqual([1]);
  });

  it("keep the order of their definition whatever their names are", () => {
    const name = fc.stringMatching(/^[a-z0-9_]{1,4}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (names) => {
        const module = new Module();
        const taken = new Set(["to", "type", "half", "eval"]);
        const free = names.filter((one) => !taken.has(one) && !(one in module));
        for (const one of free) module.registerParameter(one, new Parameter(zeros(1)));
        expect([...module.stateDict().keys()]).toEqual(free);
        const dictionary = new ModuleDict(free.map((one): [string, Module] => [one, new Identity()]));
        expect(Array.from(dictionary.namedChildren(), ([one]) => one)).toEqual(free);
      }),
      { numRuns: 50 },
    );
  });
});

describe("names that are not there", () => {
  it("are answered with the nearest ones", () => {
    const net = new Net();
    expect(errorOf(() => net.getParameter("first.wieght" as string)).hint).toContain('"first.weight"');
    expect(errorOf(() => net.getSubmodule("frist" as string)).hint).toContain('"first"');
    expect(errorOf(() => net.getParameter("entirely.different.thing" as string)).hint).toBeUndefined();
  });
});

describe("loading a state dict", () => {
  it("changes nothing where something does not fit", () => {
    const net = new Net();
    const before = Array.from(net.stateDict().values(), (value) => value.clone());
    const versions = Array.from(net.parameters(), ({ version }) => version.value);
    const state = new Net().stateDict();
    state.set("second.weight", zeros(9));
    const error = errorOf(() => net.loadStateDict(state));
    expect(error).toBeInstanceOf(LoadStateDictError);
    expect(Array.from(net.stateDict().values(), (value) => value.tolist())).toEqual(
      before.map((value) => value.tolist()),
    );
    expect(Array.from(net.parameters(), ({ version }) => version.value)).toEqual(versions);
  });

  it("names the missing and the unexpected in the error's fields, and a prefix in its hint", () => {
    const net = new Net();
    const error = errorOf(() =>
      net.loadStateDict(net.stateDict({ prefix: "module." })),
    ) as LoadStateDictError;
    expect(error.missingKeys).toContain("first.weight");
    expect(error.unexpectedKeys).toContain("module.first.weight");
    expect(error.hint).toContain('"module."');
    expect(error.torchType).toBe("RuntimeError");
  });

  it.each([
    ["a tensor", (ints: Tensor): Tensor => ints, "Only Tensors of floating point and complex dtype"],
    [
      "a parameter",
      (ints: Tensor): Tensor => new Parameter(ints, { requiresGrad: false }),
      "only Tensors of floating point dtype",
    ],
  ])("refuses to assign %s of integers to what wants gradients, and changes nothing", (_, make, text) => {
    const net = new Net();
    const before = [...net.parameters()];
    const state = new Map<string, Tensor>(new Net().stateDict());
    const [name, last] = [...state].at(-1)!;
    state.set(name, make(zeros([...last.shape], { dtype: "int64" })));
    const error = errorOf(() => net.loadStateDict(state, { assign: true }));
    expect(error).toBeInstanceOf(LoadStateDictError);
    expect(error.message).toContain(`While copying the parameter named "${name}", whose dimensions`);
    expect(error.message).toContain(`an exception occurred : ('${text} can require gradients',).`);
    expect([...net.parameters()].every((parameter, k) => parameter === before[k])).toBe(true);
  });

  it("says that a promise is to be awaited", () => {
    const net = new Net();
    expect(errorOf(() => net.loadStateDict(Promise.resolve({}) as never)).hint).toContain("await");
  });

  it("gives a result that can be taken apart", () => {
    const net = new Net();
    const [missing, unexpected] = net.loadStateDict({}, { strict: false });
    expect(missing).toHaveLength(4);
    expect(unexpected).toEqual([]);
  });

  it("takes names with a dot, as only assigning gives them", () => {
    const module = new Module();
    (module as unknown as Record<string, unknown>)["a.b"] = new Linear(1, 1);
    expect([...module.stateDict().keys()]).toEqual(["a.b.weight", "a.b.bias"]);
    const state = module.stateDict();
    state.set("a.b.weight", tensor([[7]]));
    // PyTorch looks for a child called "a", too.
    const { unexpectedKeys, missingKeys } = module.loadStateDict(state, { strict: false });
    expect(missingKeys).toEqual([]);
    expect(unexpectedKeys).toEqual(["a.b.weight", "a.b.bias"]);
    expect(state.get("a.b.weight")!.tolist()).toEqual([[7]]);
  });
});

describe("faults that are known of others", () => {
  it("does not lose the second name of tied weights", () => {
    const net = new Net();
    const tied = new Sequential(new Linear(2, 2), new Linear(2, 2));
    tied[1].weight = tied[0].weight;
    expect([...tied.stateDict().keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
    expect([...tied.parameters()]).toHaveLength(3);
    expect([...net.parameters()]).toHaveLength(4);
  });

  it("does not save buffers deep in a network that are not persistent", () => {
    class Cache extends Module {
      kept: Buffer = new Buffer(ones(1));
      passing: Buffer = new Buffer(ones(1), { persistent: false });
    }
    const net = new Sequential(new Sequential(new Cache()));
    expect([...net.stateDict().keys()]).toEqual(["0.0.kept"]);
    expect(Array.from(net.namedBuffers(), ([name]) => name)).toEqual(["0.0.kept", "0.0.passing"]);
  });

  it("keeps the parameter objects when it loads, so that optimizers stay right", () => {
    const net = new Net();
    const before = [...net.parameters()];
    net.loadStateDict(new Net().stateDict());
    expect([...net.parameters()].every((parameter, k) => parameter === before[k])).toBe(true);
  });

  it("sees class fields", () => {
    class Fields extends Module {
      weight = new Parameter(ones(1));
      layer = new Linear(1, 1);
    }
    expect(Array.from(new Fields().namedParameters(), ([name]) => name)).toEqual([
      "weight",
      "layer.weight",
      "layer.bias",
    ]);
  });

  it("adds gradients up", () => {
    const layer = new Linear(1, 1);
    layer(ones(1, 1)).sum().backward();
    layer(ones(1, 1)).sum().backward();
    expect(layer.bias!.grad!.tolist()).toEqual([2]);
  });

  it("keeps integers beyond 2^53", () => {
    class Counter extends Module {
      count: Buffer = new Buffer(tensor(9007199254740993n));
    }
    const counter = new Counter();
    const other = new Counter();
    noGrad(() => other.count.zero_());
    other.loadStateDict(counter.stateDict());
    expect(other.count.item()).toBe(9007199254740993n);
  });
});

describe("containers", () => {
  it("let positions be read and assigned as properties", () => {
    const list = new ModuleList([new Linear(1, 2), new Identity()]) as unknown as ModuleList &
      Record<number, Module>;
    expect(String(list[0])).toContain("Linear");
    list[1] = new Linear(2, 2);
    expect([...list.stateDict().keys()]).toContain("1.weight");
    expect(list[2]).toBeUndefined();
    expect(Object.keys(list)).toEqual(["training"]);
  });

  it("refuse an assignment behind their end at the next walk", () => {
    const list = new ModuleList([new Identity()]) as unknown as Record<number, Module> & Module;
    list[40] = new Identity();
    expect(errorOf(() => [...list.modules()]).message).toBe("index 40 is out of range");
  });

  it("run layers of any kind in their order", () => {
    const net = new Sequential({ inner: new Linear(2, 2), out: new Identity() });
    expect(net(ones(1, 2)).tolist()).toEqual(net.inner(ones(1, 2)).tolist());
  });
});

describe("deep copies", () => {
  it("share no memory, and copy what fields hold beside slots", () => {
    class Holder extends Module {
      options = { sizes: [1, 2], tensors: new Map([["a", ones(2)]]) };
      layer = new Linear(1, 1);
    }
    const holder = new Holder();
    const copy = deepCopy(holder);
    copy.options.sizes.push(3);
    noGrad(() => {
      copy.layer.weight.fill_(5);
      copy.options.tensors.get("a")!.fill_(5);
    });
    expect(holder.options.sizes).toEqual([1, 2]);
    expect(holder.options.tensors.get("a")!.tolist()).toEqual([1, 1]);
    expect(holder.layer.weight.tolist()).not.toEqual([[5]]);
    expect(copy).toBeInstanceOf(Holder);
  });

  it("carry hooks of their own", () => {
    const identity = new Identity();
    let calls = 0;
    identity.registerForwardHook(() => void calls++);
    const copy = deepCopy(identity);
    copy(ones(1));
    expect(calls).toBe(1);
    copy.registerForwardHook(() => void calls++);
    identity(ones(1));
    expect(calls).toBe(2);
  });
});

describe("parameters", () => {
  it("give tensors, and share their bytes with what they were made of", () => {
    const data = zeros(2);
    const parameter = new Parameter(data);
    data.add_(1);
    expect(parameter.tolist()).toEqual([1, 1]);
    for (const result of [parameter.add(1), parameter.detach(), parameter.data, parameter.view(2)]) {
      expect(result).toBeInstanceOf(Tensor);
      expect(result).not.toBeInstanceOf(Parameter);
    }
  });

  it("require gradients also where they are made without recording", () => {
    expect(noGrad(() => new Parameter(ones(1))).requiresGrad).toBe(true);
  });
});
