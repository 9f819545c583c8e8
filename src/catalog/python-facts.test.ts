import { describe, expect, it } from "vitest";
import { pythonFactsOf, rememberPython } from "./python-facts.ts";
import { documentOf } from "./saveable.ts";
import type { Saveable } from "./saveable.ts";
import type { DictValue, Value } from "./value.ts";
import { keyOf } from "./value.ts";

/** The value tree that a value is saved as. */
function tree(value: Saveable): Value {
  return documentOf(value).root;
}

describe("what a container remembers of Python", () => {
  it("is out of sight, and not copied", () => {
    const list = rememberPython([1, 2], { kind: "tuple" });
    expect(Object.keys(list)).toEqual(["0", "1"]);
    expect(list).toEqual([1, 2]);
    expect(pythonFactsOf(list)).toEqual({ kind: "tuple" });
    expect(pythonFactsOf([...list])).toEqual({});
    expect(JSON.stringify(list)).toBe("[1,2]");
  });

  it.each<[string, Saveable, Value]>([
    ["a tuple", rememberPython([1], { kind: "tuple" }), { kind: "tuple", items: [1] }],
    [
      "floats",
      rememberPython([1, 2], { floats: new Set([1]) }),
      { kind: "list", items: [1, { kind: "float", value: 2 }] },
    ],
    [
      "a frozen set",
      rememberPython(new Set([1]), { kind: "frozenset" }),
      { kind: "set", frozen: true, items: [1] },
    ],
    [
      "a bytearray",
      rememberPython(Uint8Array.of(7), { kind: "bytearray" }),
      { kind: "bytes", bytes: Uint8Array.of(7), mutable: true },
    ],
  ])("is saved: %s", (_, value, expected) => {
    expect(tree(value)).toEqual(expected);
  });

  it("keeps tuples apart that are keys", () => {
    const pair = (a: number, b: number): Saveable => rememberPython([a, b], { kind: "tuple" });
    const dict = tree(
      new Map([
        [pair(1, 2), "a"],
        [pair(1, 3), "b"],
        [pair(1, 2), "c"],
      ]),
    ) as DictValue;
    expect([...dict.items.values()].map(({ key, value }) => [key, value])).toEqual([
      [{ kind: "tuple", items: [1, 2] }, "c"],
      [{ kind: "tuple", items: [1, 3] }, "b"],
    ]);
    expect(dict.items.has(keyOf({ kind: "tuple", items: [1, 3] }))).toBe(true);
  });

  it("gives other mappings their class back", () => {
    const args: Value = { kind: "tuple", items: [null] };
    const map = rememberPython(new Map([["a", 1]]), { class: "collections.defaultdict", args });
    expect(tree(map)).toMatchObject({ kind: "dict", class: "collections.defaultdict", args });
  });
});
