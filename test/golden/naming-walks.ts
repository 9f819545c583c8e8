/** Cases of `naming.py`: walks, registration, lookup, modes, casts and hooks. */

import {
  Bilinear,
  Buffer,
  Identity,
  Linear,
  Module,
  ModuleList,
  Parameter,
  Sequential,
} from "../../src/nn/index.ts";
import { full, ones, tensor, zeros } from "../../src/ops/creation.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { Case } from "./naming-networks.ts";
import { Inner, Tied, names, net, plain, untyped } from "./naming-networks.ts";

/** A module with whatever fields a case gives it. */
class Open extends Module {
  [field: string]: unknown;

  override getName(): string {
    return "Module";
  }
}

const one = (): Parameter => new Parameter(zeros(1));
const noName = untyped<string>(1);

/** Names and their order. */
export const walks: Readonly<Record<string, Case>> = {
  walks() {
    const m = net();
    return [
      names(m.namedParameters()),
      names(m.namedBuffers()),
      names(m.namedModules()),
      names(m.namedChildren()),
    ];
  },
  walks_with_prefix() {
    const m = net();
    const prefix = "p";
    return [
      names(m.namedParameters({ prefix })),
      names(m.namedBuffers({ prefix })),
      names(m.namedModules({ prefix })),
    ];
  },
  walks_without_recursion() {
    const m = net();
    const recurse = false;
    return [
      names(m.namedParameters({ recurse })),
      names(m.inner.namedBuffers({ recurse })),
      [...m.parameters({ recurse })].length,
    ];
  },
  walks_of_ties() {
    const m = new Tied();
    const removeDuplicate = false;
    return [
      names(m.namedParameters()),
      names(m.namedParameters({ removeDuplicate })),
      names(m.namedModules()),
      names(m.namedModules({ removeDuplicate })),
      names(m.namedChildren()),
      [...m.stateDict().keys()],
      [...m.parameters()].length,
    ];
  },
  walks_with_memo() {
    const m = net();
    return names(m.namedModules({ memo: new Set<Module>([m.inner]) }));
  },
  own_parameters_first() {
    const m = new Open();
    m["child"] = new Linear(1, 1);
    m.registerBuffer("b", zeros(1));
    m["w"] = one();
    m["other"] = new Identity();
    m["v"] = one();
    return [names(m.namedParameters()), [...m.stateDict().keys()]];
  },
  integer_like_names_keep_their_order() {
    const m = new Module();
    m.registerParameter("10", one());
    m.registerParameter("a", one());
    m.registerParameter("2", one());
    m.addModule("7", new Identity());
    m.addModule("x", new Linear(1, 1));
    m.addModule("3", new Linear(1, 1));
    return [names(m.namedParameters()), names(m.namedModules()), String(m)];
  },
  null_keeps_the_place() {
    const m = new Open();
    m["a"] = one();
    m["b"] = one();
    const before = [...m.parameters()].length;
    m["a"] = null;
    const first = before === 2 ? names(m.namedParameters()) : [];
    m["a"] = new Parameter(ones(1));
    return [first, names(m.namedParameters())];
  },
  delete_and_define_again_moves_to_the_end() {
    const m = new Open();
    m["a"] = one();
    m["b"] = one();
    Array.from(m.parameters());
    delete m["a"];
    m["a"] = one();
    return names(m.namedParameters());
  },
  null_child_is_printed() {
    const m = new Open();
    m.addModule("opt", null);
    m["a"] = new Identity();
    Array.from(m.modules());
    m["a"] = null;
    return [String(m), names(m.namedChildren()), [...m.stateDict().keys()]];
  },
  null_that_never_held_anything() {
    const m = new Open();
    m["opt"] = null;
    return [String(m), names(m.namedChildren())];
  },
  plain_tensor_in_a_buffer() {
    const m = new Inner();
    Array.from(m.buffers());
    m.passing = full([3], 2, { dtype: "float32" });
    m.mean = full([2], 5, { dtype: "float32" });
    return [[...m.stateDict().keys()], names(m.namedBuffers()), plain(m.mean)];
  },
  plain_tensor_is_no_buffer() {
    const m = new Open();
    m["t"] = zeros(1);
    return [names(m.namedBuffers()), [...m.stateDict().keys()]];
  },
  buffer_class_brings_its_own_persistence() {
    const m = new Inner();
    Array.from(m.buffers());
    m.passing = new Buffer(zeros(1));
    m.mean = new Buffer(zeros(1), { persistent: false });
    return [...m.stateDict().keys()];
  },
  parameter_over_module_moves() {
    const m = new Open();
    m["a"] = new Linear(1, 1);
    Array.from(m.modules());
    m["a"] = one();
    return [names(m.namedParameters()), names(m.namedModules())];
  },
};

/** Names that are refused, and values of the wrong kind. */
export const registration: Readonly<Record<string, Case>> = {
  parameter_name_no_string: () => new Module().registerParameter(noName, null),
  parameter_name_with_dot: () => new Module().registerParameter("a.b", null),
  parameter_name_empty: () => new Module().registerParameter("", null),
  parameter_name_taken: () => new Module().registerParameter("forward", null),
  parameter_name_training: () => new Module().registerParameter("training", null),
  parameter_name_of_a_field() {
    const m = new Open();
    m["w"] = 3;
    m.registerParameter("w", one());
  },
  parameter_name_of_a_null_field() {
    const m = new Open();
    m["w"] = null;
    m.registerParameter("w", one());
  },
  parameter_name_of_a_buffer: () => new Inner().registerParameter("mean", null),
  parameter_no_parameter: () => new Module().registerParameter("w", untyped(zeros(1))),
  parameter_of_int: () => new Module().registerParameter("w", untyped(3)),
  parameter_overwritten_keeps_its_place() {
    const m = new Inner();
    m.registerParameter("other", one());
    m.registerParameter("weight", new Parameter(zeros(3)));
    return Array.from(m.namedParameters(), ([name, parameter]) => [name, [...parameter.shape]]);
  },
  buffer_name_no_string: () => new Module().registerBuffer(noName, null),
  buffer_name_with_dot: () => new Module().registerBuffer("a.b", null),
  buffer_name_empty: () => new Module().registerBuffer("", null),
  buffer_name_taken: () => new Inner().registerBuffer("weight", zeros(1)),
  buffer_no_tensor: () => new Module().registerBuffer("b", untyped(3)),
  module_name_no_string: () => new Module().addModule(noName, new Identity()),
  module_name_with_dot: () => new Module().addModule("a.b", new Identity()),
  module_name_empty: () => new Module().addModule("", new Identity()),
  module_name_taken: () => new Inner().addModule("mean", new Identity()),
  module_no_module: () => new Module().addModule("a", untyped(3)),
  assign_int_to_parameter: () => assigned(new Inner(), "weight", 3),
  assign_tensor_to_parameter: () => assigned(new Inner(), "weight", zeros(1, { dtype: "int64" })),
  assign_int_to_module: () => assigned(net(), "inner", 3),
  assign_tensor_to_module: () => assigned(net(), "inner", zeros(1)),
  assign_module_to_parameter: () => assigned(new Inner(), "weight", new Linear(1, 1)),
  register_module_as_parameter: () => new Module().registerParameter("w", untyped(new Sequential())),
  register_module_as_buffer: () => new Module().registerBuffer("w", untyped(new ModuleList())),
  add_tensor_as_module: () => new Module().addModule("a", untyped(zeros(1))),
  assign_string_to_buffer: () => assigned(new Inner(), "mean", "x"),
};

/** Assigns what the types forbid, to a slot that is known, and walks. */
function assigned(module: Module, name: string, value: unknown): void {
  Array.from(module.parameters());
  (module as unknown as Record<string, unknown>)[name] = value;
  Array.from(module.parameters());
}

/** What dotted names mean. */
export const lookup: Readonly<Record<string, Case>> = {
  get_parameter: () => [...net().getParameter("first.weight").shape],
  get_parameter_missing: () => net().getParameter("first.wieght" as string),
  get_parameter_missing_module: () => net().getParameter("nope.weight" as string),
  get_parameter_of_buffer: () => net().getParameter("inner.mean" as string),
  get_parameter_null: () => net().getParameter("inner.empty" as string),
  get_parameter_through_parameter: () => net().getParameter("scale.weight" as string),
  get_parameter_double_dot: () => net().getParameter("inner..weight" as string),
  get_parameter_empty: () => net().getParameter("" as string),
  get_buffer: () => [...net().getBuffer("inner.mean" as string).shape],
  get_buffer_of_parameter: () => net().getBuffer("inner.weight" as string),
  get_buffer_missing: () => net().getBuffer("inner.meen" as string),
  get_submodule() {
    const m = net();
    return [String(m.getSubmodule("first")), m.getSubmodule("") === m];
  },
  get_submodule_missing: () => net().getSubmodule("first.foo" as string),
  get_submodule_no_module: () => net().getSubmodule("first.weight" as string),
  set_submodule() {
    const m = net();
    m.setSubmodule("inner", new Identity());
    m.setSubmodule("first.extra", new Identity());
    return String(m);
  },
  set_submodule_empty: () => net().setSubmodule("", new Identity()),
  set_submodule_no_module: () => net().setSubmodule("inner", untyped(3)),
  set_submodule_strict: () => net().setSubmodule("foo", new Identity(), { strict: true }),
  set_submodule_over_parameter: () => net().setSubmodule("scale", new Identity()),
  set_submodule_missing_parent: () => net().setSubmodule("foo.bar", new Identity()),
};

/** Modes, visits and casts. */
export const modes: Readonly<Record<string, Case>> = {
  forward_missing: () => new Module()(1),
  train_no_bool: () => new Module().train(untyped(1)),
  train_and_eval() {
    const m = net();
    const modesOf = (): boolean[] => Array.from(m.modules(), ({ training }) => training);
    m.inner.eval();
    const first = modesOf();
    m.eval();
    const second = modesOf();
    m.train();
    return [first, second, modesOf()];
  },
  apply_visits_children_first() {
    const seen: string[] = [];
    net().apply((module) => seen.push(module.getName()));
    return seen;
  },
  requires_grad_: () =>
    Array.from(net().requiresGrad_(false).parameters(), ({ requiresGrad }) => requiresGrad),
  zero_grad() {
    const m = net();
    m(ones(1, 2)).sum().backward();
    m.zeroGrad();
    const first = Array.from(m.parameters(), ({ grad }) => grad === null);
    m(ones(1, 2)).sum().backward();
    m.zeroGrad({ setToNone: false });
    return [first, Array.from(m.parameters(), ({ grad }) => plain(grad))];
  },
  casts() {
    const m = net();
    const { scale } = m;
    const { mean } = m.inner;
    const dtypesOf = (): string[] => [...m.parameters(), ...m.buffers()].map(({ dtype }) => String(dtype));
    m.registerBuffer("count", tensor(3));
    m(ones(1, 2)).sum().backward();
    m.half();
    const halves = dtypesOf();
    const same = [m.scale === scale, m.inner.mean === mean, String(m.scale.grad?.dtype)];
    m.to("float64");
    return [halves, same, dtypesOf(), [...m.stateDict().keys()], m.scale.requiresGrad];
  },
  casts_keep_ties() {
    const m = new Tied().half();
    return [m.a.weight === m.b.weight, [...m.parameters()].length];
  },
  casts_part_tied_buffers() {
    const m = new Open();
    m.registerBuffer("x", ones(1));
    m.registerBuffer("y", m["x"] as Tensor);
    const same = [m["x"] === m["y"], m.float()["x"] === m["y"]];
    return [...same, m.half()["x"] === m["y"], names(m.namedBuffers())];
  },
  to_meta_parts_ties() {
    const m = new Tied();
    const isTied = (): boolean => m.a.weight === m.b.weight;
    m.toEmpty({ device: "cpu" });
    const same = isTied();
    m.to("meta");
    return [same, isTied(), names(m.namedParameters()), m.c === m.a];
  },
  cast_to_int: () => net().to("int32"),
  cast_to_cuda: () => net().to("cuda"),
  meta_to_cpu: () => new Linear(2, 2, { device: "meta" }).to("cpu"),
  to_meta() {
    const m = net().to("meta");
    return [...m.parameters(), ...m.buffers()].map(({ device }) => device);
  },
  meta_to_empty() {
    const m = new Linear(2, 3, { device: "meta" }).toEmpty({ device: "cpu" });
    return [[...m.weight.shape], m.weight.device, m.weight.requiresGrad];
  },
};

class Bad extends Module {
  override forward(_x: Tensor): Tensor {
    throw new Error("bad");
  }
}

/** Hooks on calls and gradients. */
export const hooks: Readonly<Record<string, Case>> = {
  forward_hooks() {
    const m = new Identity();
    const seen: unknown[] = [];
    m.registerForwardPreHook(() => void seen.push("pre1"));
    m.registerForwardPreHook((_, args) => (args[0] as Tensor).add(1));
    m.registerForwardPreHook(() => void seen.push("pre0"), { prepend: true });
    m.registerForwardHook((_, args, output) => void seen.push(["post", plain(args[0]), plain(output)]));
    m.registerForwardHook((_, _args, output) => (output as Tensor).mul(2));
    const handle = m.registerForwardHook(() => void seen.push("removed"));
    handle.remove();
    return [plain(m(ones(1))), seen];
  },
  forward_hook_called_always() {
    const m = new Bad();
    const seen: unknown[] = [];
    m.registerForwardHook(() => void seen.push("sometimes"));
    m.registerForwardHook(() => void seen.push("always"), { alwaysCall: true });
    try {
      m(ones(1));
    } catch (error) {
      seen.push((error as Error).message);
    }
    return seen;
  },
  backward_hooks() {
    const m = net();
    const seen: unknown[] = [];
    m.inner.registerFullBackwardHook((_, input, output) => void seen.push([plain(input), plain(output)]));
    m.inner.registerFullBackwardPreHook((_, output) => void seen.push(["pre", plain(output)]));
    m(ones(1, 2)).sum().backward();
    return [seen, plain(m.first.weight.grad)];
  },
  backward_hook_replaces_the_gradient() {
    const m = net();
    m.inner.registerFullBackwardHook((_, [input]) => [input!.mul(10)]);
    m(ones(1, 2)).sum().backward();
    return [plain(m.first.weight.grad), plain(m.inner.weight.grad)];
  },
  backward_pre_hook_replaces_the_gradient() {
    const m = net();
    m.inner.registerFullBackwardPreHook((_, [output]) => [output!.mul(10)]);
    m(ones(1, 2)).sum().backward();
    return [plain(m.first.weight.grad), plain(m.inner.weight.grad)];
  },
  backward_hook_without_input_gradient() {
    const m = new Inner();
    const seen: unknown[] = [];
    m.registerFullBackwardHook((_, input, output) => void seen.push([plain(input), plain(output)]));
    m(ones(2)).sum().backward();
    return seen;
  },
  backward_hook_with_wrong_count() {
    const m = net();
    m.inner.registerFullBackwardHook((_, [input]) => [input!, input!]);
    m(ones(1, 2)).sum().backward();
  },
  bilinear_without_features: () => new Bilinear(0, 1, 2),
};
