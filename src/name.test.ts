import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeLevel, joinPath, moduleOf, naturalCompare, parentModule, splitPath } from "./name.ts";

const key = fc.string({ unit: fc.constantFrom("a", "b", ".", "/", "~", "0", "1", "é") });

describe("joinPath", () => {
  it.each([
    [[], ""],
    [["weight"], "weight"],
    [["state_dict", "conv1.weight"], "state_dict/conv1.weight"],
    [["state", 0, "exp_avg"], "state/0/exp_avg"],
    [["a/b", "c~d"], "a~1b/c~0d"],
    [["~1"], "~01"],
    [["", "w"], "/w"],
    [["__proto__"], "__proto__"],
    [[-1, 2], "-1/2"],
  ])("joins %j to %j", (path, name) => {
    expect(joinPath(path)).toBe(name);
  });

  it("comes apart again into the same levels", () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1 }), (levels) => {
        fc.pre(levels.length > 1 || levels[0] !== "");
        expect(splitPath(joinPath(levels))).toEqual(levels);
      }),
    );
  });

  it("gives different names to the same text at different levels", () => {
    expect(joinPath(["a", "b"])).not.toBe(joinPath(["a/b"]));
    expect(joinPath(["a", "b"])).not.toBe(joinPath(["a.b"]));
  });
});

describe("escapeLevel", () => {
  it("leaves neither a slash nor an open escape", () => {
    expect(escapeLevel("w/b~")).toBe("w~1b~0");
    expect(escapeLevel("weight")).toBe("weight");
  });
});

describe("moduleOf", () => {
  it.each([
    [[], ""],
    [["weight"], ""],
    [["conv1.weight"], "conv1"],
    [["layer1.0.conv1.weight"], "layer1.0.conv1"],
    [["state_dict", "weight"], "state_dict"],
    [["state_dict", "conv1.weight"], "state_dict/conv1"],
    [["state", 0, "exp_avg"], "state/0"],
    [["list", 1.5], "list"],
    [["a/b.weight"], "a~1b"],
    [["a.b", "c"], "a.b"],
    [[".weight"], ""],
    [["x", ".weight"], "x"],
  ])("of %j is %j", (path, module) => {
    expect(moduleOf(path)).toBe(module);
  });
});

describe("parentModule", () => {
  it.each([
    ["", null],
    ["fc", ""],
    ["layer1.0", "layer1"],
    ["state_dict", ""],
    ["state_dict/layer1.0", "state_dict/layer1"],
    ["state_dict/layer1", "state_dict"],
    ["a.b/c", "a.b"],
    ["a/.b", "a"],
  ])("of %j is %j", (name, parent) => {
    expect(parentModule(name)).toBe(parent);
  });

  it("ends at the outermost module from everywhere", () => {
    fc.assert(
      fc.property(fc.array(key, { minLength: 1 }), (levels) => {
        let name: string | null = moduleOf(levels);
        for (let steps = 0; name !== null; steps++) {
          expect(steps).toBeLessThan(1000);
          const parent: string | null = parentModule(name);
          expect(parent?.length ?? -1).toBeLessThan(name.length);
          name = parent;
        }
      }),
    );
  });
});

describe("naturalCompare", () => {
  it.each([
    [
      ["layer10", "layer2", "layer1"],
      ["layer1", "layer2", "layer10"],
    ],
    [
      ["a-b", "a.b", "a", "a.c", "a/b"],
      ["a", "a/b", "a.b", "a.c", "a-b"],
    ],
    [
      ["1.10.w", "1.9.w", "10.w", "2.w"],
      ["1.9.w", "1.10.w", "2.w", "10.w"],
    ],
    [
      ["x1", "x01", "x001", "x2"],
      ["x001", "x01", "x1", "x2"],
    ],
    [
      ["99999999999999999999999", "100000000000000000000000", "9"],
      ["9", "99999999999999999999999", "100000000000000000000000"],
    ],
  ])("sorts %j to %j", (names, sorted) => {
    expect([...names].sort(naturalCompare)).toEqual(sorted);
  });

  it("is a total order", () => {
    const name = fc.string({ unit: fc.constantFrom("a", ".", "/", "0", "1", "2", "9", "-"), maxLength: 6 });
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(naturalCompare(a, b))).toBe(0 - Math.sign(naturalCompare(b, a)));
        expect(naturalCompare(a, b) === 0).toBe(a === b);
        const inOrder = naturalCompare(a, b) <= 0 && naturalCompare(b, c) <= 0;
        expect(!inOrder || naturalCompare(a, c) <= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
