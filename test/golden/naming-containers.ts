/** Cases of `naming.py`: Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict. */

import {
  Bilinear,
  Identity,
  Linear,
  ModuleDict,
  Parameter,
  ParameterDict,
  ParameterList,
  Sequential,
} from "../../src/nn/index.ts";
import type { Module } from "../../src/nn/index.ts";
import { ones, tensor, zeros } from "../../src/ops/creation.ts";
import type { Case } from "./naming-networks.ts";
import { listed, mapped, named, names, plain, three, untyped } from "./naming-networks.ts";

class Sub extends Sequential {
  extra: Linear;
  scale: Parameter;

  constructor() {
    super(new Linear(1, 1), new Identity());
    this.extra = new Linear(1, 1);
    this.scale = new Parameter(zeros(1));
  }
}

const no = untyped<Module>(3);

/** Modules one after the other. */
export const sequentials: Readonly<Record<string, Case>> = {
  sequential_of_dict: () => new Sequential({ a: new Identity(), "1": new Identity() }),
  sequential_of_int: () => new Sequential(new Identity(), no),
  sequential_index() {
    const s = three();
    return [s[0], s.at(-1), s.length, [...s]].map(plain);
  },
  sequential_index_out_of_range: () => three().at(3),
  sequential_index_below_range: () => three().at(-4),
  sequential_slices() {
    const s = three();
    return [
      s.slice(1),
      s.slice(0, -1),
      s.slice(null, null, 2),
      s.slice(null, null, -1),
      s.slice(5),
      s.slice(-2),
      named().slice(1),
    ].map(String);
  },
  sequential_slice_positions() {
    const s = three().slice(1);
    return [String(s[0]), String(s.getSubmodule("1" as string)), [...s.stateDict().keys()]];
  },
  sequential_slice_missing_name: () =>
    three()
      .slice(1)
      .getSubmodule("0" as string),
  sequential_set() {
    const s = named();
    s.setAt(1, new Linear(2, 2));
    const t = three() as unknown as Record<number, Module>;
    t[0] = new Identity();
    return [String(s), String(t)];
  },
  sequential_set_out_of_range: () => three().setAt(3, new Identity()),
  sequential_set_no_module: () => three().setAt(0, no),
  sequential_delete() {
    const [s, t, u] = [three(), named(), three()];
    s.removeAt(1);
    t.removeAt(0);
    u.removeAt({ end: 2 });
    return [String(s), String(t), String(u)];
  },
  sequential_pop() {
    const s = three();
    return [String(s.pop()), String(s)];
  },
  sequential_append: () => [String(three().append(new Identity())), String(named().append(new Identity()))],
  sequential_append_may_overwrite: () =>
    String(new Sequential(new Map<string, Module>([["1", new Linear(1, 1)]])).append(new Identity())),
  sequential_append_no_module: () => three().append(no),
  sequential_insert: () => [0, 1, 3, -1, -3].map((k) => String(three().insert(k, new Identity()))),
  sequential_insert_out_of_range: () => three().insert(5, new Identity()),
  sequential_insert_no_module: () => three().insert(0, no),
  sequential_insert_named: () => named().insert(0, new Identity()),
  sequential_add: () => [String(three().concat(three())), String(named().concat(three()))],
  sequential_add_list: () => three().concat(untyped([1])),
  sequential_add_module: () => three().concat(untyped(new Identity())),
  numbered_by_add_module() {
    const s = new Sequential() as unknown as Sequential;
    for (let k = 0; k < 20; k++) s.addModule(String(k), new Linear(k + 1, k + 2));
    return [String(s[19]), String(s.slice(17)), s.length];
  },
  sequential_multiply() {
    const s = new Sequential(new Linear(1, 1)).repeat(2);
    return [String(s), s[0] === s[1], [...s.parameters()].length];
  },
  sequential_multiply_by_zero: () => three().repeat(0),
  sequential_multiply_by_string: () => three().repeat(untyped("a")),
  sequential_extend: () => String(three().extend([new Identity(), new Identity()])),
  sequential_extend_int: () => three().extend(untyped(3)),
  sequential_empty_forward: () => plain(new Sequential()(ones(2))),
  sequential_name_with_dot: () => new Sequential({ "a.b": new Identity() }),
  sequential_name_taken: () => new Sequential({ forward: new Identity() }),
  sequential_integer_like_names() {
    const s = new Sequential(
      new Map<string, Module>([
        ["10", new Linear(1, 1)],
        ["2", new Identity()],
        ["x", new Identity()],
      ]),
    );
    return [String(s), String(s[0]), names(s.namedModules())];
  },
  sequential_subclass_with_a_field() {
    const s = new Sub();
    return [String(s), s.length, names(s.namedParameters())];
  },
};

/** Numbered modules. */
export const lists: Readonly<Record<string, Case>> = {
  list_slices() {
    const m = listed();
    return [String(m.slice(1)), String(m.slice(null, null, -1)), names(m.slice(1).namedModules())];
  },
  list_index_out_of_range: () => listed().at(3),
  list_delete() {
    const m = listed();
    m.removeAt(0);
    return String(m);
  },
  list_insert: () =>
    [0, 1, 3].map((k) => {
      const m = listed();
      m.insert(k, new Bilinear(1, 1, 1));
      return String(m);
    }),
  list_insert_negative: () => listed().insert(-1, new Identity()),
  list_append_no_module: () => listed().append(no),
  list_extend_int: () => listed().extend(untyped(3)),
  list_call: () => listed()(1),
  list_add: () => String(listed().concat([new Identity()])),
  list_pop() {
    const m = listed();
    return [String(m.pop(0)), String(m)];
  },
};

/** Modules by name. */
export const dictionaries: Readonly<Record<string, Case>> = {
  dict_order() {
    const m = mapped();
    return [[...m.keys()], [...m], m.size, m.has("10"), m.has("x"), names(m.namedModules())];
  },
  dict_missing: () => mapped().get("x"),
  dict_delete_and_set() {
    const m = mapped();
    m.delete("b");
    m.set("b", new Identity());
    m.set("2", new Linear(1, 1));
    return [[...m.keys()], String(m)];
  },
  dict_pop_and_clear() {
    const m = mapped();
    const popped = String(m.pop("10"));
    const keys = [...m.keys()];
    m.clear();
    return [popped, keys, m.size, String(m)];
  },
  dict_key_with_dot: () => new ModuleDict({ "a.b": new Identity() }),
  dict_key_of_a_method: () => new ModuleDict({ keys: new Identity() }),
  dict_key_type: () => new ModuleDict({ type: new Identity() }),
  dict_key_of_no_method() {
    const keys = ["get", "size", "constructor", "__proto__"];
    const m = new ModuleDict(keys.map((key): [string, Module] => [key, new Identity()]));
    return [[...m.keys()], names(m.namedModules())];
  },
  dict_update_int: () => new ModuleDict().update(untyped(3)),
  dict_update_no_pair: () => new ModuleDict().update(untyped([3])),
  dict_update_three: () => new ModuleDict().update(untyped([["a", new Identity(), 1]])),
  dict_update() {
    const m = mapped();
    m.update([
      ["z", new Identity()],
      ["b", new Identity()],
    ]);
    m.update(untyped(new ModuleDict({ q: new Identity() })));
    return String(m);
  },
};

/** Parameters in lists and by name. */
export const parameters: Readonly<Record<string, Case>> = {
  parameter_list() {
    const m = new ParameterList<unknown>([zeros(1), 5, new Parameter(ones(2))]);
    m.append(ones(3));
    return [
      names(m.namedParameters()),
      m.length,
      [...(m.at(-1) as Parameter).shape],
      [...m.stateDict().keys()],
      m[1],
    ];
  },
  parameter_list_slice: () => String(new ParameterList([zeros(1), zeros(2), zeros(3)]).slice(1)),
  parameter_list_of_ints: () => new ParameterList([tensor([1])]),
  parameter_list_call: () => untyped<Module>(new ParameterList())(1),
  parameter_list_extend_tensor: () => new ParameterList().extend(zeros(2)),
  parameter_list_index: () => new ParameterList([zeros(1)]).at(1),
  parameter_list_set_int: () => new ParameterList([zeros(1)]).setAt(0, untyped(3)),
  parameter_dict() {
    const p = new ParameterDict({ b: zeros(1), a: zeros(2) });
    const q = new ParameterDict(
      new Map([
        ["b", zeros(1)],
        ["10", zeros(1)],
        ["2", zeros(2)],
      ]),
    );
    return [[...p], [...q], names(q.namedParameters()), q.size, q.has("10"), [...q.stateDict().keys()]];
  },
  parameter_dict_like_a_dict() {
    const d = new ParameterDict<Readonly<Record<string, unknown>>>(
      new Map<string, unknown>([
        ["b", ones(2)],
        ["a", ones(1)],
        ["n", 3],
      ]),
    );
    const copied = d.copy();
    const found = [
      d.get("x"),
      d.get("x", 5),
      plain(d.get("b", 5)),
      d.setdefault("n", 4),
      d.setdefault("m"),
      plain(d.setdefault("c", zeros(1))),
    ];
    const last = d.popitem();
    const same = copied.get("b") === d.get("b");
    return [found, last[0], String(d), String(copied), same, String(d.fromkeys(["x", "0"], ones(2)))];
  },
  parameter_dict_popitem_of_none: () => new ParameterDict().popitem(),
  parameter_dict_key_no_string: () => new ParameterDict().set(untyped(1), zeros(1)),
  parameter_dict_pop_missing: () => new ParameterDict().pop("x"),
  parameter_dict_key_with_dot: () => new ParameterDict().set("a.b", zeros(1)),
  parameter_dict_key_taken: () => new ParameterDict().set("keys", zeros(1)),
  parameter_dict_update_int: () => new ParameterDict().update(untyped(3)),
  parameter_dict_update_three: () => new ParameterDict().update(untyped([["a", zeros(1), 1]])),
  parameter_dict_call: () => untyped<Module>(new ParameterDict())(1),
};
