import { describe, expect, it } from "vitest";
import type { ListValue, Value } from "../catalog/value.ts";
import { keyOf, pyFloat } from "../catalog/value.ts";
import { unpickle } from "./machine.ts";
import { python2Name } from "./python2-writing.ts";
import { python3Name } from "./python2.ts";
import { writePickle } from "./writer.ts";

function bytes(...codes: readonly (number | string)[]): Uint8Array {
  return Buffer.concat(
    codes.map((code) => (typeof code === "string" ? Buffer.from(code, "latin1") : Buffer.of(code))),
  );
}

describe("writing hostile trees", () => {
  it("follows lists inside lists without recursion", () => {
    let deep: ListValue = { kind: "list", items: [] };
    for (let depth = 0; depth < 200_000; depth += 1) deep = { kind: "list", items: [deep] };
    expect(unpickle(writePickle(deep)).end).toBeGreaterThan(200_000);
  });

  it("writes what is shared once, however often it is", () => {
    let list: ListValue = { kind: "list", items: [] };
    for (let doubling = 0; doubling < 60; doubling += 1) list = { kind: "list", items: [list, list] };
    expect(writePickle(list).length).toBeLessThan(1000);
  });

  it.each<[string, Uint8Array]>([
    ["a call of anything", bytes(0x80, 2, "cos\nsystem\n", "X\x02\0\0\0ls", 0x85, "R.")],
    ["a state on a class", bytes(0x80, 2, "cos\nsystem\n", "}b.")],
    ["an extension", bytes(0x80, 2, 0x82, 7, ".")],
    ["a global without a name", bytes(0x80, 4, "K\x01K\x02", 0x93, ".")],
    ["items set on a persistent reference", bytes(0x80, 2, "K\x01Q", "K\x02K\x03s.")],
    [
      "an instance made with keywords",
      bytes(0x80, 2, "ccopyreg\n__newobj_ex__\ncm\nC\nK\x01", 0x85, "}X\x01\0\0\0aK\x02s", 0x87, "R."),
    ],
    [
      "a call of the helper for keywords with what is none",
      bytes(0x80, 2, "ccopyreg\n__newobj_ex__\ncm\nC\nNN", 0x87, "R."),
    ],
    ["a state before items", bytes(0x80, 2, "cm\nC\n)\x81}bK\x01a.")],
  ])("keeps %s as it is", (_, pickle) => {
    const { value } = unpickle(pickle);
    const again = unpickle(writePickle(value));
    expect(again.value).toEqual(value);
    expect(again.globals.map(({ module, name, calls }) => ({ module, name, calls }))).toEqual(
      unpickle(pickle).globals.map(({ module, name, calls }) => ({ module, name, calls })),
    );
  });

  it("writes keywords through the function that protocol 4's opcode stands for", () => {
    const kwargs: Value = {
      kind: "dict",
      class: "dict",
      items: new Map([[keyOf("a"), { key: "a", value: 1 }]]),
      attributes: null,
    };
    const callable: Value = { kind: "global", module: "m", name: "C" };
    const args: Value = { kind: "tuple", items: [2] };
    const { value } = unpickle(
      writePickle({ kind: "object", made: "new", callable, args, kwargs, state: null }),
    );
    expect(value).toMatchObject({ made: "new", callable, args, kwargs });
  });

  it.each<[string, Value, string]>([
    [
      "a buffer outside of the pickle",
      { kind: "persistent", id: 0, outOfBand: true },
      "lies outside of the pickle",
    ],
    ["a name with a line feed", { kind: "global", module: "a\nb", name: "c" }, "line feed in its name"],
    ["a number that is no integer", 0.5, "neither a float nor an exact integer"],
    ["a tensor without a checkpoint", { kind: "tensor", entry: 0 }, "outside of a checkpoint"],
  ])("refuses %s", (_, value, message) => {
    expect(() => writePickle(value)).toThrow(message);
  });
});

it("tells floats from integers", () => {
  expect(unpickle(writePickle({ kind: "list", items: [1, pyFloat(1)] })).value).toEqual({
    kind: "list",
    items: [1, pyFloat(1)],
  });
});

it.each([
  ["builtins", "set"],
  ["builtins", "range"],
  ["builtins", "OSError"],
  ["builtins", "FileNotFoundError"],
  ["builtins", "ConnectionError"],
  ["builtins", "Warning"],
  ["copyreg", "_reconstructor"],
  ["collections", "OrderedDict"],
  ["collections", "UserDict"],
  ["functools", "reduce"],
  ["itertools", "zip_longest"],
  ["urllib.error", "HTTPError"],
  ["torch._utils", "_rebuild_tensor_v2"],
  ["my.Errors", "MyError"],
])("the name of Python 2 for %s.%s is read back as it", (module, name) => {
  const written = python2Name(module, name);
  expect(python3Name(written.module, written.name)).toEqual({ module, name });
});
