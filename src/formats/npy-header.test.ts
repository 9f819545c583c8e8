import { describe, expect, it } from "vitest";
import { npyFile } from "../../test/fixtures/npy-builder.ts";
import { defaultLimits } from "../limits.ts";
import { npyHeaderByteLength, parseNpyHeader } from "./npy-header.ts";

const headerOf = (text: string, version?: number): ReturnType<typeof parseNpyHeader> =>
  parseNpyHeader(npyFile(text, new Uint8Array(0), version), defaultLimits);

describe("parseNpyHeader", () => {
  it.each([
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", "float32", false, false, [3, 4]],
    ["{'descr': '>i8', 'fortran_order': True, 'shape': (5,), }", "int64", true, true, [5]],
    ["{'descr': '|b1', 'fortran_order': False, 'shape': ()}", "bool", false, false, []],
    ["{'shape': (2, 0), 'fortran_order': False, 'descr': '|u1'}   \n", "uint8", false, false, [2, 0]],
    ['{"descr": "<c16", "fortran_order": False, "shape": (10L, 2L), }', "complex128", false, false, [10, 2]],
    ["{'descr': '?', 'fortran_order': False, 'shape': (1,)}", "bool", false, false, [1]],
    ["{'descr': '<U5', 'fortran_order': False, 'shape': (1,)}", null, false, false, [1]],
    ["{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)}", null, false, false, [1]],
    ["{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", null, false, false, [1]],
    [
      "{'descr': [('x', '<f4', (2,)), ('y', '|i1')], 'fortran_order': False, 'shape': (1,)}",
      null,
      false,
      false,
      [1],
    ],
  ])("reads %s", (text, dtype, isBigEndian, isFortran, shape) => {
    const header = headerOf(text);
    expect(header.dtype?.name ?? null).toBe(dtype);
    expect(header).toMatchObject({ isBigEndian, isFortran, shape });
  });

  it.each([1, 2, 3])("reads version %i.0 and says where the elements start", (version) => {
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}";
    expect(headerOf(text, version).dataStart).toBe((version === 1 ? 10 : 12) + text.length);
  });

  it.each([
    ["no dictionary", "['descr']"],
    ["a missing field", "{'descr': '<f4', 'shape': (1,)}"],
    ["another field", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}"],
    ["a field twice", "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}"],
    ["an order that is no truth value", "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}"],
    ["a negative length", "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"],
    ["a length beyond 2^53", "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999,)}"],
    ["a shape that is a number", "{'descr': '<f4', 'fortran_order': False, 'shape': 3}"],
    ["a hole in the shape", "{'descr': '<f4', 'fortran_order': False, 'shape': (1,,2)}"],
    ["a call", "{'descr': exit(), 'fortran_order': False, 'shape': (1,)}"],
    ["too many dimensions", `{'descr': '<f4', 'fortran_order': False, 'shape': (${"1,".repeat(65)})}`],
    ["brackets without end", `{'descr': ${"(".repeat(5000)}`],
  ])("refuses %s", (_what, text) => {
    expect(() => headerOf(text)).toThrow(
      expect.objectContaining({ name: "FormatError", code: "npy-header" }),
    );
  });

  it("refuses other versions, other magics, and headers that are cut or too long", () => {
    const good = npyFile("{}", new Uint8Array(0));
    const cases = [
      good.with(6, 4),
      good.with(7, 1),
      good.with(1, 0x6e),
      good.subarray(0, 9),
      Uint8Array.of(...good.subarray(0, 6), 2, 0, 0xff, 0xff, 0xff, 0x7f),
    ];
    for (const bytes of cases) {
      expect(() => npyHeaderByteLength(bytes)).toThrow(expect.objectContaining({ code: "npy-header" }));
    }
  });
});
