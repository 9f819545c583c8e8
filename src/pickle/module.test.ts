import { expect, test } from "vitest";
import type { ObjectValue, Value } from "../catalog/value.ts";
import { unpickle } from "./machine.ts";
import { moduleOf } from "./module.ts";

function read(text: string): Value {
  return unpickle(new Uint8Array(Buffer.from(`\x80\x02${text}.`, "latin1"))).value;
}

const text = (value: string): string => `X${String.fromCharCode(value.length)}\x00\x00\x00${value}`;
const dict = (items: Record<string, string>): string =>
  `}(${Object.entries(items)
    .map(([key, value]) => text(key) + value)
    .join("")}u`;

const state = dict({
  training: "\x89",
  _parameters: dict({ weight: "K\x01", bias: "N" }),
  _buffers: dict({ kept: "K\x02", dropped: "K\x03" }),
  _non_persistent_buffers_set: `c__builtin__\nset\n(${text("dropped")}l\x85R`,
  _modules: dict({ inner: "K\x04" }),
  _backward_hooks: "}",
  in_features: "K\x05",
});

test.each([
  ["NEWOBJ", `cmodels\nNet\n)\x81${state}b`],
  ["copy_reg._reconstructor", `ccopy_reg\n_reconstructor\n(cmodels\nNet\nc__builtin__\nobject\nNtR${state}b`],
  ["a state with slots", `cmodels\nNet\n)\x81${state}N\x86b`],
  [
    "a class with its source",
    `(${text("module")}cmodels\nNet\n${text("net.py")}${text("class Net: …".slice(0, 10))}tQ)\x81${state}b`,
  ],
])("a module of an unknown class is recognised by its parts: %s", (how, pickle) => {
  expect(moduleOf(read(pickle))).toEqual({
    class: "models.Net",
    training: false,
    parameters: [
      { name: "weight", value: 1 },
      { name: "bias", value: null },
    ],
    buffers: [
      { name: "kept", value: 2, isPersistent: true },
      { name: "dropped", value: 3, isPersistent: false },
    ],
    children: [{ name: "inner", value: 4 }],
    attributes: [{ key: "in_features", value: 5 }],
    source: how === "a class with its source" ? "class Net:" : null,
  });
});

test("buffers of files from before non-persistent ones are persistent", () => {
  const old = dict({ _parameters: "}", _buffers: dict({ mean: "K\x01" }), _modules: "}" });
  expect(moduleOf(read(`cmodels\nNet\n)\x81${old}b`))).toMatchObject({
    training: null,
    buffers: [{ name: "mean", isPersistent: true }],
  });
});

test("a GraphModule is recognised in the arguments of its call", () => {
  const pickle = `ctorch.fx.graph_module\nreduce_graph_module\n${state}${text("import torch")}\x86R`;
  expect(moduleOf(read(pickle))).toMatchObject({
    class: "torch.fx.graph_module.GraphModule",
    children: [{ name: "inner" }],
  });
});

test("parameters keep the order of the file, also with names like numbers", () => {
  const items = ["10", "9", "a", "__proto__"].map((name) => `${text(name)}N`).join("");
  const pickle = `cmodels\nNet\n)\x81}(${text("_parameters")}}(${items}u${text("_buffers")}}${text("_modules")}}ub`;
  expect(moduleOf(read(pickle))?.parameters.map(({ name }) => name)).toEqual(["10", "9", "a", "__proto__"]);
});

test("a module that contains itself is one level of a cycle", () => {
  const pickle = `cmodels\nNet\n)\x81q\x00${dict({ _parameters: "}", _buffers: "}", _modules: dict({ self: "h\x00" }) })}b`;
  const value = read(pickle) as ObjectValue;
  expect(moduleOf(value)?.children).toEqual([{ name: "self", value }]);
});

test.each([
  ["a number", "K\x01"],
  ["a plain dictionary with the same keys", state],
  ["an object without a state", "cmodels\nNet\n)\x81"],
  [
    "an object whose parameters are a list",
    `cmodels\nNet\n)\x81${dict({ _parameters: "]", _buffers: "}", _modules: "}" })}b`,
  ],
])("%s is no module", (_, pickle) => {
  expect(moduleOf(read(pickle))).toBe(undefined);
});
