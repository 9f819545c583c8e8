import { describe, expect, it } from "vitest";
import { floatRepr, pythonRepr, stringRepr } from "./python-repr.ts";
import type { PythonValue } from "./python-repr.ts";

describe("pythonRepr", () => {
  const float = (value: number): PythonValue => ({ kind: "float", value });
  const complex = (re: number, im: number): PythonValue => ({ kind: "complex", re, im });
  const bytes = (text: string, mutable = false): PythonValue => ({
    kind: "bytes",
    bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)),
    mutable,
  });

  it.each<[string, PythonValue, string]>([
    ["None", null, "None"],
    ["a bool", true, "True"],
    ["an int", 3, "3"],
    ["a long int", 2n ** 64n, "18446744073709551616"],
    ["a float", 0.5, "0.5"],
    ["an integral float", float(1), "1.0"],
    ["an unsafe integer, which is a float", 2 ** 60, "1.152921504606847e+18"],
    ["negative zero, which is a float", -0, "-0.0"],
    ["a string", "same", "'same'"],
    ["an empty tuple", [], "()"],
    ["a tuple of one", [3], "(3,)"],
    ["a tuple", { kind: "tuple", items: [float(0.9), 0.999] }, "(0.9, 0.999)"],
    ["a list with a tuple in it", { kind: "list", items: [1, [2, null]] }, "[1, (2, None)]"],
    ["an imaginary number", complex(0, 2), "2j"],
    ["a complex number", complex(1, -2.5), "(1-2.5j)"],
    ["a complex number with a negative zero", complex(-0, 1), "(-0+1j)"],
    ["a complex number without a number", complex(Number.NaN, Infinity), "(nan+infj)"],
    ["bytes", bytes("a'\n\xff\\"), `b"a'\\n\\xff\\\\"`],
    ["a bytearray", bytes("ab", true), "bytearray(b'ab')"],
  ])("prints %s", (_, value, text) => {
    expect(pythonRepr(value)).toBe(text);
  });
});

describe("floatRepr", () => {
  it.each([
    [1e-5, "1e-05"],
    [0.0001, "0.0001"],
    [0.00012345, "0.00012345"],
    [9999999999999998, "9999999999999998.0"],
    [1e16, "1e+16"],
    [1.5e-300, "1.5e-300"],
    [5e-324, "5e-324"],
    [0, "0.0"],
    [-0, "-0.0"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [Number.NaN, "nan"],
  ])("prints %d", (value, text) => {
    expect(floatRepr(value)).toBe(text);
  });
});

describe("stringRepr", () => {
  it("prefers single quotes and escapes them only when both kinds occur", () => {
    expect(stringRepr("it's")).toBe(`"it's"`);
    expect(stringRepr(`it's "so"`)).toBe(`'it\\'s "so"'`);
  });

  it("escapes what a terminal could obey", () => {
    expect(stringRepr("\x1b[31m\u202e")).toBe("'\\x1b[31m\\u202e'");
  });
});
