/** Cases of `naming.py`: which names a slot may have, and that the names of methods are no obstacle. */

import { Identity, Linear, Module, Parameter, ReLU, deepCopy } from "../../src/nn/index.ts";
import { ParascopeError } from "../../src/errors.ts";
import { ones } from "../../src/ops/creation.ts";
import type { Case } from "./naming-networks.ts";
import { names, net, untyped } from "./naming-networks.ts";

const kinds = ["parameter", "buffer", "module"] as const;

/** The names of a network after one more was registered. */
function registered(kind: (typeof kinds)[number], name: string): unknown {
  const m = net();
  if (kind === "parameter") m.registerParameter(name, new Parameter(ones(1)));
  else if (kind === "buffer") m.registerBuffer(name, ones(1));
  else m.addModule(name, new Identity());
  return [names(m.namedParameters()), names(m.namedBuffers()), names(m.namedModules())];
}

function messageOf(run: () => unknown, torchType: string = "KeyError"): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof ParascopeError && error.torchType === torchType) return error.message;
    throw error;
  }
}

const taken = [
  "named_parameters",
  "register_buffer",
  "half",
  "extra_repr",
  "_modules",
  "__class__",
  "T_destination",
];
const free = [
  "namedParameters",
  "stateDict",
  "toString",
  "constructor",
  "__proto__",
  "hasOwnProperty",
  "call",
];

/** Names that methods have here or there. */
export const methodNames: Readonly<Record<string, Case>> = {
  names_of_pythons_methods_are_taken: () =>
    taken.flatMap((name) => kinds.map((kind) => messageOf(() => registered(kind, name)))),
  names_of_other_languages_methods_are_free: () =>
    free.flatMap((name) => kinds.map((kind) => registered(kind, name))),
  names_of_methods_stay_usable() {
    const m = new Module();
    m.addModule("stateDict", new Linear(1, 1));
    m.addModule("__proto__", new Linear(1, 1));
    m.addModule("toString", new Identity());
    const copied = deepCopy(m).double();
    const dtypeOf = (one: Module): string => String(one.getParameter("__proto__.weight" as string).dtype);
    return [String(copied), [...copied.stateDict().keys()], dtypeOf(copied), dtypeOf(m)];
  },
  names_of_another_kind() {
    const m = net();
    const three = untyped<string>(3);
    const runs: (() => unknown)[] = [
      () => m.getParameter(three),
      () => m.getBuffer(untyped<string>(null)),
      () => m.getSubmodule(three),
      () => m.setSubmodule(three, new ReLU()),
    ];
    return runs.map((run) => messageOf(run, "AttributeError"));
  },
  get_submodule_of_pythons_method: () => net().getSubmodule("state_dict" as string),
  get_submodule_of_another_languages_method: () => net().getSubmodule("stateDict" as string),
  set_submodule_with_the_name_of_a_method: () => net().setSubmodule("inner.half", new Identity()),
};
