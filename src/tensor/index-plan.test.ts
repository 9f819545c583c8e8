import { describe, expect, test } from "vitest";
import { toSize } from "../shape.ts";
import type { Index } from "./index-items.ts";
import { indexItems, readIndex, slice } from "./index-items.ts";
import { planItems } from "./index-plan.ts";

describe("an index as text", () => {
  test("is read item by item", () => {
    expect(readIndex(" 0, -1 ,1:, :-2, ::2, 1 : 4 : 3, ..., None, True, False ")).toEqual([
      { kind: "integer", value: 0 },
      { kind: "integer", value: -1 },
      slice(1),
      slice(null, -2),
      slice(null, null, 2),
      slice(1, 4, 3),
      { kind: "ellipsis" },
      { kind: "none" },
      { kind: "boolean", value: true },
      { kind: "boolean", value: false },
    ]);
  });

  test("may be empty and may end in a comma, as in Python", () => {
    expect(readIndex("")).toEqual([]);
    expect(readIndex("3,")).toEqual([{ kind: "integer", value: 3 }]);
  });

  test.each([
    ["[0, 2]", [2], "torch.int64"],
    ["[[0, 1, 2], [2, 1, 0]]", [2, 3], "torch.int64"],
    ["[True, False]", [2], "torch.bool"],
    ["[]", [0], "torch.int64"],
  ])("makes a tensor of the list %s", (text, shape, dtype) => {
    const [item] = readIndex(text);
    if (item?.kind !== "tensor") throw new Error(`found ${item?.kind}`);
    expect(item.tensor.shape.slice()).toEqual(shape);
    expect(String(item.tensor.dtype)).toBe(dtype);
  });

  test.each([
    ["a", 'reading the index "a": found "a", expected an index'],
    ["0, 1.5", 'reading the index "0, 1.5": found "1.5", expected an index'],
    ["1:2:3:4", 'found "1:2:3:4"'],
    ["[0, 1", 'found "["'],
    ["0]", 'found "]"'],
    [",,", 'found ""'],
    ["[0.5]", 'found "0.5"'],
    ["..", 'found ".."'],
    ["\u001b[31m", "\\x1b[31m"],
    ["[[0], 1]", "not a sequence"],
    ["[[0], [1, 2]]", "expected sequence of length 1 at dim 1 (got 2)"],
  ])("is refused where it is none: %j", (text, message) => {
    expect(() => readIndex(text)).toThrow(message);
  });
});

describe("indices as values", () => {
  test("and as text mean the same", () => {
    expect(indexItems([0, slice(null, 3), null, true])).toEqual(readIndex("0, :3, None, True"));
    expect(indexItems(["0, 1", "::2"])).toEqual(readIndex("0, 1, ::2"));
    expect(indexItems([5n, -1n])).toEqual(readIndex("5, -1"));
  });

  test.each<readonly [Index, string]>([
    [1.5, "valid indices (got float)"],
    [NaN, "valid indices (got float)"],
    [undefined as never, "valid indices (got undefined)"],
    [{} as never, "valid indices (got object)"],
    [
      [
        [0, 1],
        [1, 0],
      ],
      "found one list of lists",
    ],
  ])("are refused where they are none: %j", (index, message) => {
    expect(() => indexItems([index])).toThrow(message);
  });

  test("of slices that are no integers are refused", () => {
    expect(() => planItems([slice(0.5)], toSize([3]))).toThrow("slice indices must be integers or None");
  });
});

describe("a plan", () => {
  test("names views of the view before, with places made positive and clamped", () => {
    const { steps, gathers } = planItems(readIndex("-1, None, 1:100:2, ..., 0"), toSize([2, 7, 3, 4]));
    expect(steps).toEqual([
      { kind: "select", axis: 0, index: 1 },
      { kind: "unsqueeze", axis: 0 },
      { kind: "slice", axis: 1, start: 1, end: 7, step: 2, isWhole: false },
      { kind: "select", axis: 3, index: 0 },
    ]);
    expect(gathers).toEqual([]);
  });

  test("has index tensors at the dimensions that are left, masks for as many as they have", () => {
    const { steps, gathers } = planItems(
      readIndex("0, :, [[True, False], [True, True]], [1]"),
      toSize([3, 4, 2, 2, 5]),
    );
    expect(steps).toHaveLength(2);
    expect(gathers.map((each) => each?.shape.slice() ?? null)).toEqual([null, [2, 2], [1]]);
  });
});
