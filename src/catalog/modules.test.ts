import { describe, expect, it } from "vitest";
import { dtypes } from "../dtype.ts";
import { inferKind } from "./kind.ts";
import { moduleTree } from "./modules.ts";

const facts = (name: string, className: string | null = null, training: boolean | null = null) => ({
  name,
  class: className,
  training,
});
const namesOf = (...args: Parameters<typeof moduleTree>): string[] =>
  moduleTree(...args).map(({ name }) => name);

describe("moduleTree", () => {
  it("always has the outermost module", () => {
    expect(moduleTree([], [])).toEqual([facts("")]);
  });

  it("adds the parents that names imply, parents before children", () => {
    expect(namesOf([], ["a/b.c", "a/b", "d"])).toEqual(["", "a", "a/b", "a/b.c", "d"]);
  });

  it("keeps the order of registration, also of modules without entries", () => {
    const recorded = ["", "z", "a", "a.act", "a.1"].map((name) => facts(name));
    expect(namesOf(recorded, ["a.1", "z", "late"])).toEqual(["", "z", "a", "a.act", "a.1", "late"]);
  });

  it("keeps a parent's children together when they are recorded apart", () => {
    expect(namesOf([facts("a.x"), facts("b"), facts("a.y")], [])).toEqual(["", "a", "a.x", "a.y", "b"]);
  });

  it("keeps classes and modes", () => {
    expect(moduleTree([facts("", "gone.Net", true), facts("fc", "torch.nn.Linear", false)], ["fc"])).toEqual([
      facts("", "gone.Net", true),
      facts("fc", "torch.nn.Linear", false),
    ]);
  });

  it("bears names of a million dots and names nested without end", () => {
    expect(namesOf([], [".".repeat(1_000_000)])).toHaveLength(2);
    expect(namesOf([], ["a.".repeat(4000) + "a"]).length).toBeLessThan(1000);
  });
});

describe("inferKind", () => {
  it.each([
    ["bn.running_mean", dtypes.float32, "buffer"],
    ["running_var", dtypes.float16, "buffer"],
    ["bn.num_batches_tracked", dtypes.int64, "buffer"],
    ["embeddings.position_ids", dtypes.int64, "buffer"],
    ["rotary.inv_freq", dtypes.bfloat16, "buffer"],
    ["mask", dtypes.bool, "buffer"],
    ["lut", dtypes.uint8, "buffer"],
    ["weight", dtypes.float32, "parameter"],
    ["running_mean.weight", dtypes.float32, "parameter"],
    ["phase", dtypes.complex64, "parameter"],
  ] as const)("takes %s of %s for a %s", (name, dtype, kind) => {
    expect(inferKind(name, dtype)).toBe(kind);
  });
});
