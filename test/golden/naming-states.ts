/** Cases of `naming.py`: state dicts, texts, parameters, copies, linear layers. */

import {
  Bilinear,
  Buffer,
  Identity,
  Linear,
  Module,
  ModuleDict,
  ModuleList,
  Parameter,
  ReLU,
  ParameterDict,
  ParameterList,
  Sequential,
  deepCopy,
} from "../../src/nn/index.ts";
import type { LoadStateDictOptions, StateDict } from "../../src/nn/index.ts";
import { noGrad } from "../../src/autograd/grad-mode.ts";
import { full, ones, tensor, zeros } from "../../src/ops/creation.ts";
import { manualSeed } from "../../src/tensor/random/index.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { Case } from "./naming-networks.ts";
import { Tied, mapped, names, net, plain, three, untyped } from "./naming-networks.ts";

class Extra extends Module {
  w: Parameter = new Parameter(zeros(1));
  n = 5;

  override getExtraState(): unknown {
    return this.n;
  }

  override setExtraState(state: unknown): void {
    this.n = state as number;
  }
}

/** A module of one parameter or buffer, called as PyTorch's base class. */
class Plain extends Module {
  override getName(): string {
    return "Module";
  }
}

class Scalar extends Plain {
  s: Parameter = new Parameter(tensor(1, { dtype: "float32" }));
}

/** Loads an edited state dict into the network it is from. */
function edited(edit: (state: Map<string, unknown>) => void, options?: LoadStateDictOptions): string {
  const m = net();
  const state = m.stateDict();
  edit(state as Map<string, unknown>);
  return String(m.loadStateDict(state, options));
}

/** Takes an entry away and gives it. */
function pop(state: StateDict, name: string): Tensor {
  const value = state.get(name)!;
  state.delete(name);
  return value;
}

/** What is collected. */
export const stateDicts: Readonly<Record<string, Case>> = {
  state_dict: () => [...net().stateDict().keys()],
  state_dict_metadata: () => Array.from(net().stateDict().metadata, ([name, { version }]) => [name, version]),
  state_dict_prefix() {
    const state = net().stateDict({ prefix: "x." });
    return [[...state.keys()], [...state.metadata.keys()]];
  },
  state_dict_shares_memory() {
    const m = net();
    const state = m.stateDict();
    noGrad(() => m.scale.fill_(7));
    const kept = m.stateDict({ keepVars: true });
    const scale = state.get("scale")!;
    return [plain(scale), scale.requiresGrad, kept.get("scale") === m.scale];
  },
  state_dict_text: () => String(new Linear(0, 1, { bias: false }).stateDict()),
  state_dict_hook_returns() {
    const m = net();
    m.registerStateDictPostHook((_, state) => untyped(state));
    m.stateDict();
  },
  state_dict_hooks() {
    const m = net();
    const seen: unknown[] = [];
    m.inner.registerStateDictPreHook((_, prefix, keepVars) => seen.push(["pre", prefix, keepVars]));
    m.inner.registerStateDictPostHook((_, state, prefix, { version }) => {
      seen.push(["post", prefix, version]);
      state.delete(`${prefix}mean`);
    });
    return [[...m.stateDict().keys()], seen];
  },
  extra_state() {
    const extra = new Extra();
    const m = new Sequential(extra, new Identity());
    const state = m.stateDict();
    state.set("0._extra_state", untyped(9));
    m.loadStateDict(state);
    return [[...state.keys()], extra.n];
  },
  extra_state_missing() {
    const m = new Extra();
    const state = m.stateDict();
    state.delete("_extra_state");
    m.loadStateDict(state);
  },
  extra_state_unexpected() {
    const m = new Linear(1, 1);
    const state = m.stateDict();
    state.set("_extra_state", untyped(1));
    m.loadStateDict(state);
  },
};

/** What is loaded and what is refused. */
export const loads: Readonly<Record<string, Case>> = {
  load_own: () => edited(() => {}),
  load_missing: () => edited((state) => state.delete("first.bias")),
  load_unexpected: () =>
    edited((state) => {
      for (const name of ["foo", "inner.x.y", "first.z"]) state.set(name, zeros(1));
    }),
  load_everything_wrong: () =>
    edited((state) => {
      state.delete("inner.weight");
      state.set("first.weight", zeros(3, 2));
      state.set("scale", [1, 2]);
      state.set("extra", zeros(1));
    }),
  load_not_strict: () =>
    edited(
      (state) => {
        state.delete("inner.weight");
        state.set("extra", zeros(1));
      },
      { strict: false },
    ),
  load_not_strict_with_wrong_size: () =>
    edited((state) => state.set("first.weight", zeros(3, 2)), { strict: false }),
  load_unexpected_passing_buffer: () =>
    edited((state) => state.set("inner.passing", zeros(1)).set("inner.empty", zeros(1))),
  load_module_name_as_key: () => edited((state) => state.set("first", zeros(1)).set("scale.deep", zeros(1))),
  load_list: () => net().loadStateDict(untyped([1])),
  load_module_as_value: () =>
    String(net().loadStateDict({ scale: new ReLU(), "inner.mean": true }, { strict: false })),
  load_int: () => net().loadStateDict(untyped(3)),
  load_tensor: () => net().loadStateDict(untyped(zeros(1))),
  load_scalar_from_vector() {
    const m = new Scalar();
    m.loadStateDict({ s: tensor([4], { dtype: "float32" }) });
    return plain(m.s);
  },
  load_vector_of_two_into_scalar: () =>
    new Scalar().loadStateDict({ s: tensor([4, 5], { dtype: "float32" }) }),
  load_converts() {
    class Two extends Module {
      n: Buffer = new Buffer(tensor([0, 0]));
      w: Parameter = new Parameter(zeros(2));
    }
    const m = new Two();
    const { w } = m;
    m.loadStateDict({ n: tensor([1.7, -2.7]), w: tensor([1, 2], { dtype: "int32" }) });
    return [plain(m.n), plain(m.w), m.w === w];
  },
  load_tied_last_wins() {
    const m = new Tied();
    const state = new Map(
      Array.from(
        m.stateDict(),
        ([name, { shape }], k) => [name, full(shape, k, { dtype: "float32" })] as const,
      ),
    );
    m.loadStateDict(state);
    return [plain(m.a.weight), plain(m.a.bias), plain(m.b.bias)];
  },
  load_assign() {
    const m = net();
    const { weight } = m.first;
    const state = new Map(
      Array.from(m.stateDict(), ([name, value]) => [name, value.double().add(1)] as const),
    );
    m.scale.requiresGrad_(false);
    m.loadStateDict(state, { assign: true });
    return [
      m.first.weight === weight,
      String(m.first.weight.dtype),
      m.inner.mean === state.get("inner.mean"),
      m.scale.requiresGrad,
      m.first.weight.requiresGrad,
      names(m.namedBuffers()),
      [...m.stateDict().keys()],
    ];
  },
  load_assign_wrong_size: () =>
    new Linear(2, 2).loadStateDict({ weight: zeros(3, 2), bias: zeros(2) }, { assign: true }),
  load_from_meta: () => new Linear(1, 1).loadStateDict(new Linear(1, 1, { device: "meta" }).stateDict()),
  load_hooks() {
    const m = net();
    const seen: unknown[] = [];
    m.inner.registerLoadStateDictPreHook((_, state, { prefix, metadata }) => {
      seen.push(["pre", prefix, state.size, metadata.version]);
      state.set(`${prefix}weight`, state.get(`${prefix}old_weight`));
      state.delete(`${prefix}old_weight`);
    });
    m.inner.registerLoadStateDictPostHook((_, { missingKeys }) => void seen.push(["post", [...missingKeys]]));
    const state = m.stateDict();
    state.set("inner.old_weight", pop(state, "inner.weight"));
    return [String(m.loadStateDict(state)), seen];
  },
  load_post_hook_forgives() {
    const m = net();
    m.registerLoadStateDictPostHook((_, { missingKeys }) => void (missingKeys.length = 0));
    const state = m.stateDict();
    state.delete("scale");
    return String(m.loadStateDict(state));
  },
  load_post_hook_returns() {
    const m = net();
    m.registerLoadStateDictPostHook((_, keys) => untyped(keys));
    m.loadStateDict(m.stateDict());
  },
};

class Lines extends Module {
  text: string;

  constructor(text: string, hasChild: boolean) {
    super();
    this.text = text;
    if (hasChild) this.addModule("child", new Identity());
  }

  override extraRepr(): string {
    return this.text;
  }
}

/** Texts of modules. */
export const texts: Readonly<Record<string, Case>> = {
  texts: () =>
    [
      new Module(),
      net(),
      new Linear(2, 3, { bias: false }),
      new Bilinear(1, 2, 3),
      new Identity(),
      new Sequential(),
      new Sequential(new Sequential(new Linear(1, 1)), new Identity()),
      new ModuleList(),
      new ModuleList([new Linear(1, 2)]),
      new ModuleList([new Linear(1, 2), new Linear(1, 2), new Identity(), new Linear(1, 2)]),
      new ModuleList([new Sequential(new Identity()), new Sequential(new Identity())]),
      new ModuleDict({ a: new Identity(), b: new ModuleList([new Identity(), new Identity()]) }),
      new ParameterList(),
      new ParameterList([zeros(2)]),
      new ParameterList<unknown>([zeros(2, 3), 5, "x", zeros()]),
      new ParameterDict({ b: zeros(2), a: zeros(1, 2).double() }),
      new ParameterDict({ b: zeros(2) }),
    ].map(String),
  extra_lines: () => [
    ...["", "one", "one\ntwo", "one\n\ntwo\n   "].flatMap((text) =>
      [false, true].map((hasChild) => String(new Lines(text, hasChild))),
    ),
    String(new Sequential(new Lines("one\n\ntwo\n   ", false))),
  ],
};

class Computed extends Module {
  b: Tensor = ones(1);

  constructor() {
    super();
    this.registerBuffer("computed", ones(1, { requiresGrad: true }).mul(2));
  }
}

/** Parameters, buffers, copies. */
export const tensors: Readonly<Record<string, Case>> = {
  parameter_text: () =>
    [
      new Parameter(tensor([1, 2], { dtype: "float32" })),
      new Parameter(tensor([1], { dtype: "float32" }), { requiresGrad: false }),
      new Parameter(),
    ].map(String),
  parameter_from_list: () => new Parameter(untyped([1])),
  parameter_from_ints: () => new Parameter(tensor([1])),
  parameter_from_ints_without_gradient: () => plain(new Parameter(tensor([1]), { requiresGrad: false })),
  parameter_of_a_result_is_a_leaf() {
    const parameter = new Parameter(ones(2, { requiresGrad: true }).mul(2));
    return [parameter.isLeaf, parameter.requiresGrad];
  },
  buffer_text: () =>
    [
      new Buffer(tensor([1], { dtype: "float32" })),
      new Buffer(),
      new Buffer(ones(1, { requiresGrad: true })),
    ].map(String),
  buffer_from_list: () => new Buffer(untyped([1])),
  deep_copies() {
    const m = new Tied();
    m.a.weight.grad = ones(2, 2);
    m.a.bias!.requiresGrad_(false);
    const copy = deepCopy(m);
    noGrad(() => m.a.weight.fill_(9));
    return [
      copy.a.weight === copy.b.weight,
      copy.a === copy.c,
      copy.a.weight === m.a.weight,
      copy.a.weight.grad === null,
      copy.a.bias!.requiresGrad,
      [copy.a.weight.tolist()].flat(3).includes(9),
      names(copy.namedParameters()),
      String(copy),
    ];
  },
  deep_copy_of_a_buffer_that_was_computed: () => deepCopy(new Computed()),
  deep_copy_of_containers() {
    const sequential = three();
    const dictionary = mapped();
    const list = new ModuleList([sequential, dictionary, new ParameterList([zeros(1)])]);
    const copy = deepCopy(list);
    copy[0].append(new Identity());
    return [String(copy), String(copy[0][0]), String(copy[1].get("10"))];
  },
  deep_copy_of_tensors() {
    const base = zeros(4);
    const [copy, view] = deepCopy([base, base.narrow(0, 1, 2)]);
    copy!.select(0, 1).fill_(5);
    const leaf = ones(1, { requiresGrad: true });
    leaf.grad = ones(1);
    return [plain(view), plain(deepCopy(leaf).grad)];
  },
};

/** Linear layers. */
export const layers: Readonly<Record<string, Case>> = {
  linear_outputs() {
    manualSeed(3);
    const m = new Linear(3, 2);
    const b = new Bilinear(2, 3, 2);
    const x = tensor([
      [1, 2, 3],
      [0.5, -1, 0.25],
    ]);
    const y = tensor([
      [1, -2],
      [0.5, 4],
    ]);
    return [m.weight, m.bias, b.weight, b.bias, m(x), m(x.select(0, 0)), m(x.view(1, 2, 3)), b(y, x)].map(
      plain,
    );
  },
  linear_wrong_input: () => new Linear(4, 5)(zeros(2, 3)),
  linear_wrong_vector: () => new Linear(4, 5)(zeros(3)),
  linear_wrong_batches: () => new Linear(4, 5)(zeros(2, 2, 3)),
  linear_wrong_dtype: () => new Linear(4, 5)(zeros(2, 4, { dtype: "float64" })),
  linear_without_bias_wrong_dtype: () => new Linear(4, 5, { bias: false })(zeros(3, 4, { dtype: "float64" })),
  linear_of_a_number: () => new Linear(4, 5)(tensor(1, { dtype: "float32" })),
  bilinear_wrong_input: () => new Bilinear(2, 3, 4)(zeros(5, 2), zeros(5, 2)),
};
