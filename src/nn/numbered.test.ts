import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ones, zeros } from "../ops/creation.ts";
import { deepCopy } from "./deep-copy.ts";
import { Linear } from "./linear.ts";
import { ModuleList } from "./module-list.ts";
import { slicePositions } from "./numbered.ts";
import { ParameterDict } from "./parameter-dict.ts";
import { Sequential } from "./sequential.ts";

it("modules may have the names of methods that PyTorch's containers lack", () => {
  const names = ["length", "at", "slice", "concat", "repeat", "entries", "map"];
  const net = new Sequential(new Map(names.map((name) => [name, new Linear(1, 1, { bias: false })])));
  expect([...net.stateDict().keys()]).toEqual(names.map((name) => `${name}.weight`));
  expect(net.length).toBe(7);
  expect(net.at(-1)).toBe(net.getSubmodule("map" as string));
  expect(net.map((module) => module)).toEqual([...net]);
});

it("modules come with their positions, typed as they were given", () => {
  const layers = new ModuleList([new Linear(1, 2), new Linear(2, 3)]);
  const widths: number[] = layers.map((layer, k) => layer.outFeatures * 10 + k);
  expect(widths).toEqual([20, 31]);
  for (const [k, layer] of layers.entries()) expect(layer).toBe(layers.at(k));
});

it("a parameter may be called as the mode, which it leaves alone", () => {
  const weights = new ParameterDict({ training: ones(1), other: ones(2) });
  const copy = deepCopy(weights.eval());
  expect([copy.training, [...copy.stateDict().keys()], copy.has("training")]).toEqual([
    false,
    ["other", "training"],
    true,
  ]);
  copy.train().set("training", zeros(3));
  expect([copy.training, copy.get("training").numel(), weights.get("training").numel()]).toEqual([
    true,
    3,
    1,
  ]);
  copy.delete("training");
  expect([copy.training, [...copy.keys()]]).toEqual([true, ["other"]]);
});

it("a list takes an empty place, and nothing else that is no module", () => {
  const list = new ModuleList([new Linear(1, 1)]);
  list.insert(0, null);
  expect(String(list)).toBe(
    "ModuleList(\n  (0): None\n  (1): Linear(in_features=1, out_features=1, bias=True)\n)",
  );
  expect(() => list.insert(0, 3 as never)).toThrow("int is not a Module subclass");
  expect(list.length).toBe(2);
});

describe("slicePositions", () => {
  it.each([
    [{}, 4, [0, 1, 2, 3]],
    [{ start: 1 }, 4, [1, 2, 3]],
    [{ start: -2 }, 4, [2, 3]],
    [{ end: -1 }, 4, [0, 1, 2]],
    [{ start: 1, end: 3 }, 4, [1, 2]],
    [{ step: 2 }, 5, [0, 2, 4]],
    [{ step: -1 }, 3, [2, 1, 0]],
    [{ start: 3, end: 0, step: -2 }, 5, [3, 1]],
    [{ start: 9, end: -9 }, 3, []],
    [{ start: -9, end: 9 }, 3, [0, 1, 2]],
    [{}, 0, []],
    [{ step: -1 }, 0, []],
  ])("of %o in a list of %d", (slice, length, positions) => {
    expect(slicePositions(slice, length)).toEqual(positions);
  });

  it("gives what slice of arrays gives, for steps of 1", () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: null });
    fc.assert(
      fc.property(bound, bound, fc.nat({ max: 5 }), (start, end, length) => {
        const all = Array.from({ length }, (_, k) => k);
        expect(slicePositions({ start, end }, length)).toEqual(all.slice(start ?? 0, end ?? length));
      }),
    );
  });

  it("refuses a step of 0", () => {
    expect(() => slicePositions({ step: 0 }, 3)).toThrow("slice step cannot be zero");
  });
});
