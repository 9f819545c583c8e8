import { describe, expect, test } from "vitest";
import { keyOf, pyFloat } from "./value.ts";
import type { Value } from "./value.ts";

const tuple = (...items: Value[]): Value => ({ kind: "tuple", items });
const frozen = (...items: Value[]): Value => ({ kind: "set", frozen: true, items });
const bytes = (...values: number[]): Value => ({
  kind: "bytes",
  bytes: new Uint8Array(values),
  mutable: false,
});
const list: Value = { kind: "list", items: [] };

describe("keys that Python takes for equal meet", () => {
  test.each<[string, Value, Value]>([
    ["1 and 1.0", 1, pyFloat(1)],
    ["1 and True", 1, true],
    ["0 and False", 0, false],
    ["0 and -0.0", 0, pyFloat(-0)],
    ["1 and 1+0j", 1, { kind: "complex", re: 1, im: 0 }],
    ["2**53 as integer and float", 2n ** 53n, pyFloat(2 ** 53)],
    ["10**20 as integer and float", 10n ** 20n, pyFloat(1e20)],
    ["equal tuples", tuple(1, tuple("a", null)), tuple(pyFloat(1), tuple("a", null))],
    ["equal bytes", bytes(1, 2), bytes(1, 2)],
    ["frozen sets in any order", frozen(1, "a", tuple(2)), frozen(tuple(2), "a", true)],
    [
      "a class by its name",
      { kind: "global", module: "m", name: "C" },
      { kind: "global", module: "m", name: "C" },
    ],
    ["the same list", tuple(list), tuple(list)],
  ])("%s", (_, a, b) => {
    expect(keyOf(a)).toBe(keyOf(b));
  });
});

describe("keys that Python tells apart differ", () => {
  test.each<[string, Value, Value]>([
    ['1 and "1"', 1, "1"],
    ['"a" and b"a"', "a", bytes(97)],
    ["None and 0", null, 0],
    ['None and "None"', null, "None"],
    ["0.1 and 0.2", pyFloat(0.1), pyFloat(0.2)],
    ["neighbours beyond 2**53", 2n ** 60n, 2n ** 60n + 1n],
    ["two NaNs", pyFloat(Number.NaN), pyFloat(Number.NaN)],
    ["a tuple and its item", tuple(1), 1],
    ["tuples that join alike", tuple("a", "b"), tuple("a,b")],
    ["texts that imitate a border", tuple("a", "1:sb"), tuple("a1:s", "b")],
    ["nested and flat tuples", tuple(tuple(1), 2), tuple(1, 2)],
    ["a tuple and a frozen set", tuple(1), frozen(1)],
    ["two equal lists", { kind: "list", items: [] }, { kind: "list", items: [] }],
    ["bytes and a bytearray", bytes(1), { kind: "bytes", bytes: new Uint8Array([1]), mutable: true }],
  ])("%s", (_, a, b) => {
    expect(keyOf(a)).not.toBe(keyOf(b));
  });
});

test("a tuple too long to compare is its own key and nobody else's", () => {
  const long = (): Value => tuple(...Array.from({ length: 1000 }, (_, index) => index));
  const one = long();
  expect(keyOf(one)).toBe(keyOf(one));
  expect(keyOf(one)).not.toBe(keyOf(long()));
});
