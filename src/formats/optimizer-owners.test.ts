import { describe, expect, it } from "vitest";
import type { Entry } from "../catalog/entry.ts";
import type { DictItem, Value } from "../catalog/value.ts";
import { keyOf } from "../catalog/value.ts";
import { joinPath, moduleOf } from "../name.ts";
import { withOwners } from "./optimizer-owners.ts";

function dict(items: readonly (readonly [string, Value])[]): Value {
  const map = new Map<string, DictItem>(items.map(([key, value]) => [keyOf(key), { key, value }]));
  return { kind: "dict", class: "dict", items: map, attributes: null };
}

const list = (items: Value[]): Value => ({ kind: "list", items });

/** An entry of float32 with a storage of its own, or the one named. */
function entryOf(
  path: Entry["path"],
  shape: number[],
  kind: Entry["kind"],
  storage: string = joinPath(path),
): Entry {
  const facts = {
    index: 0,
    path,
    name: joinPath(path),
    module: moduleOf(path),
    kind,
    kindFrom: "inferred",
  } as const;
  const size = {
    shape,
    numel: 1,
    byteLength: 4,
    dtype: "float32",
    device: null,
    requiresGrad: null,
  } as const;
  return {
    ...facts,
    ...size,
    layout: "strided",
    stride: [],
    offset: 0,
    storage: { key: storage, byteLength: 4 },
  };
}

/** A checkpoint with an optimizer whose groups have these numbers, and names where they are given. */
function rootOf(groups: readonly (readonly number[])[], names?: readonly string[]): Value {
  const paramGroups = groups.map((params) =>
    dict([
      ["params", list([...params])],
      ...(names === undefined ? [] : [["param_names", list([...names])] as const]),
    ]),
  );
  return dict([["optimizer_states", list([dict([["param_groups", list(paramGroups)]])])]]);
}

const model = (name: string, shape: number[], storage?: string): Entry =>
  entryOf(["state_dict", name], shape, "parameter", storage);
const state = (key: string | number, slot: string, shape: number[]): Entry =>
  entryOf(["optimizer_states", 0, "state", key, slot], shape, "optimizer-state");

const parameters = [
  model("a.weight", [2, 3]),
  model("b.weight", [2, 3], "state_dict/a.weight"),
  entryOf(["state_dict", "n.running_mean"], [2], "buffer"),
  model("a.bias", [2]),
];
const states = [
  state(0, "step", []),
  state(0, "exp_avg", [2, 3]),
  state(1, "step", []),
  state(1, "exp_avg", [2]),
];

/** Whose each state is. */
const ownersOf = (entries: readonly Entry[], root: Value): string[] =>
  withOwners(entries, root).flatMap(({ kind, owner }) =>
    kind === "optimizer-state" ? [owner === undefined ? "?" : `${owner.name} ${owner.from}`] : [],
  );

describe("the states of an optimizer", () => {
  it("belong to the parameters in their order, a tied one once, buffers left out", () => {
    expect(ownersOf([...parameters, ...states], rootOf([[0, 1]]))).toEqual([
      "state_dict/a.weight inferred",
      "state_dict/a.weight inferred",
      "state_dict/a.bias inferred",
      "state_dict/a.bias inferred",
    ]);
  });

  it("belong to the names that the optimizer was given", () => {
    const owners = ownersOf(states, rootOf([[0, 1]], ["x", "y"]));
    expect(owners).toEqual(["x recorded", "x recorded", "y recorded", "y recorded"]);
  });

  it("belong to their keys where those are names", () => {
    expect(ownersOf([state("a.weight", "exp_avg", [2, 3])], rootOf([]))).toEqual(["a.weight recorded"]);
  });

  it.each<[string, Entry[], Value]>([
    ["a shape differs", [...parameters, ...states.slice(0, 3), state(1, "exp_avg", [3])], rootOf([[0, 1]])],
    ["the groups have another order", [...parameters, ...states], rootOf([[1], [0]])],
    ["there are fewer of them", [...parameters, ...states.slice(0, 2)], rootOf([[0]])],
    ["there is no model", states, rootOf([[0, 1]])],
    ["only steps are kept", [...parameters, state(0, "step", []), state(1, "step", [])], rootOf([[0, 1]])],
  ])("belong to nobody known when %s", (_, entries, root) => {
    expect(new Set(ownersOf(entries, root))).toEqual(new Set(["?"]));
  });
});
