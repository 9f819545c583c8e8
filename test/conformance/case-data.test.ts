import { describe, expect, it } from "vitest";
import { dtypes } from "../../src/dtype.ts";
import { CaseError, decodeArgument, decodeElement, decodeNumber, decodeTensor, sha1 } from "./case-data.ts";

describe("numbers of case files", () => {
  it.each<[unknown, number]>([
    [1.5, 1.5],
    ["nan", Number.NaN],
    ["inf", Infinity],
    ["-inf", -Infinity],
    ["-0", -0],
    ["9007199254740993", 9007199254740992],
  ])("reads %j", (written, value) => {
    expect(decodeNumber(written)).toBe(value);
  });

  it.each([[null], ["seven"], [true], [[1, 2]], [{}]])("refuses %j", (written) => {
    expect(() => decodeNumber(written)).toThrow(CaseError);
  });
});

describe("elements of case files", () => {
  it.each<[unknown, unknown]>([
    [true, true],
    ["18446744073709551615", 2n ** 64n - 1n],
    [["nan", "-0"], { re: Number.NaN, im: -0 }],
  ])("reads %j", (written, value) => {
    expect(decodeElement(written)).toEqual(value);
  });
});

describe("arguments of case files", () => {
  it.each<[unknown, unknown]>([
    [3, 3],
    [null, null],
    ["mean", "mean"],
    ["-inf", -Infinity],
    [{ float: "1.0" }, { kind: "float", value: 1 }],
    [{ tuple: [3, { float: "2.0" }] }, { kind: "tuple", items: [3, { kind: "float", value: 2 }] }],
    [[1, [2]], { kind: "list", items: [1, { kind: "list", items: [2] }] }],
  ])("reads %j", (written, value) => {
    expect(decodeArgument(written)).toEqual(value);
  });

  it("refuses an object that stands for nothing", () => {
    expect(() => decodeArgument({ set: [] })).toThrow('expected a value, {"float"} or {"tuple"}');
  });
});

describe("tensors of case files", () => {
  it("become contiguous little-endian bytes", () => {
    const { dtype, shape, bytes } = decodeTensor({ dtype: "int16", shape: [2, 1], data: [1, -2] });
    expect([dtype, shape, [...bytes]]).toEqual([dtypes.int16, [2, 1], [1, 0, 0xfe, 0xff]]);
  });

  it("have the sha1 that PyTorch's bytes have", () => {
    // `hashlib.sha1(torch.ones(1).numpy().tobytes())`, as the naming cases record it for `gain`.
    const { bytes } = decodeTensor({ dtype: "float32", shape: [1], data: [1] });
    expect(sha1(bytes)).toBe("5bb96baed2a67ef718989bf7de91433ca9b9f8cf");
  });

  it.each<[string, unknown, string]>([
    ["too few elements", { dtype: "int8", shape: [3], data: [1] }, "shape [3] has 1 elements, expected 3"],
    ["no elements", { dtype: "int8", shape: [1], numel: 1, sha1: "" }, "data is undefined, expected a list"],
    ["no shape", { dtype: "int8", data: [] }, "shape is undefined, expected a list"],
    ["an unknown dtype", { dtype: "int9", shape: [], data: [1] }, 'no dtype is called "int9"'],
    ["no object", 7, "a tensor is 7, expected an object"],
  ])("with %s are refused", (_, written, message) => {
    expect(() => decodeTensor(written)).toThrow(message);
  });
});
