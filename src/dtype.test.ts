import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import golden from "../test/golden/dtypes.json" with { type: "json" };
import type { DType, DTypeName, Scalar } from "./dtype.ts";
import { dtypeOfExport, dtypeOfNumpy, dtypeOfSafetensors, dtypeOfStorage } from "./dtype-tags.ts";
import { byteLengthOf, dtypes, findDtype, toDtype } from "./dtype.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "./small-float.ts";
import { UsageError } from "./errors.ts";

const all = Object.values(dtypes);

/** A number from the bits of a float64, as the golden file has it. */
function fromBits(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function toBits(value: number): string {
  if (Number.isNaN(value)) return "7ff8000000000000";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

/** The bytes of one element, as one hexadecimal number. */
function codeOf(dtype: DType, value: Scalar): string {
  const view = new DataView(new ArrayBuffer(dtype.bits / 8));
  dtype.set(view, 0, value);
  return Buffer.from(new Uint8Array(view.buffer).toReversed()).toString("hex");
}

/** Every NaN is as good as any other: PyTorch keeps payloads on some roads and not on others. */
function withoutPayload(dtype: DType, code: string): string {
  const view = new DataView(new Uint8Array(Buffer.from(code, "hex")).toReversed().buffer);
  return Number.isNaN(dtype.get(view, 0)) ? "nan" : code;
}

function everyCode(dtype: DType): number[] {
  const count = 256 ** dtype.itemSize;
  const view = new DataView(new ArrayBuffer(count * dtype.itemSize));
  for (let code = 0; code < count; code++) {
    if (dtype.itemSize === 1) view.setUint8(code, code);
    else view.setUint16(code * 2, code, true);
  }
  return Array.from({ length: count }, (_, index) => dtype.get(view, index) as number);
}

describe("decoding", () => {
  it.each(Object.entries(golden.decode))("of every code of %s is PyTorch's", (name, expected) => {
    const values = everyCode(dtypes[name as DTypeName]).map(toBits);
    const found =
      typeof expected === "string" ? createHash("sha256").update(values.join("")).digest("hex") : values;
    expect(found).toEqual(expected);
  });
});

describe("encoding", () => {
  it.each(Object.entries(golden.encode.outputs))("of numbers as %s is PyTorch's", (name, codes) => {
    const dtype = dtypes[name as DTypeName];
    const expected = codes.split(" ");
    const wrong = golden.encode.inputs.flatMap((bits, at) => {
      const found = codeOf(dtype, fromBits(bits));
      const isSame =
        found === expected[at] ||
        (dtype.kind === "float" && withoutPayload(dtype, found) === withoutPayload(dtype, expected[at]!));
      return isSame ? [] : [`${fromBits(bits)}: ${found}, expected ${expected[at]}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(golden.integers.outputs))("of integers as %s is PyTorch's", (name, codes) => {
    const dtype = dtypes[name as DTypeName];
    expect(golden.integers.inputs.map((text) => codeOf(dtype, BigInt(text)))).toEqual(codes.split(" "));
    const small = golden.integers.inputs.filter((text) => Number.isSafeInteger(Number(text)));
    expect(small.map((text) => codeOf(dtype, Number(text)))).toEqual(
      small.map((text) => codeOf(dtype, BigInt(text))),
    );
  });

  it.each(Object.entries(golden.truncation.outputs))(
    "of fractions as %s drops the fraction",
    (name, codes) => {
      expect(
        golden.truncation.inputs.map((value) => codeOf(dtypes[name as DTypeName], value)).join(" "),
      ).toBe(codes);
    },
  );

  it.each(Object.entries(golden.complex.outputs))("of complex numbers as %s is PyTorch's", (name, codes) => {
    const dtype = dtypes[name as DTypeName];
    const found = golden.complex.inputs.map(([re, im]) =>
      codeOf(dtype, { re: fromBits(re!), im: fromBits(im!) }),
    );
    const halves = codes.split(" ");
    // One hexadecimal number holds both halves, the imaginary one in front.
    expect(found).toEqual(golden.complex.inputs.map((_, at) => `${halves[2 * at + 1]}${halves[2 * at]}`));
  });

  it("of what was decoded gives the same code back", () => {
    for (const dtype of all.filter(
      ({ kind, itemSize, bits }) => kind === "float" && itemSize <= 2 && bits >= 8,
    )) {
      for (const [code, value] of everyCode(dtype).entries()) {
        const expected = code.toString(16).padStart(dtype.itemSize * 2, "0");
        expect(withoutPayload(dtype, codeOf(dtype, value))).toBe(withoutPayload(dtype, expected));
      }
    }
  });

  it("of a half and a bfloat16 has functions of its own", () => {
    for (let code = 0; code < 65_536; code++) {
      const [half, brain] = [decodeHalf(code), decodeBfloat16(code)];
      expect(Number.isNaN(half) || encodeHalf(half) === code).toBe(true);
      expect(Number.isNaN(brain) || encodeBfloat16(brain) === code).toBe(true);
    }
    expect([encodeHalf(NaN), encodeBfloat16(NaN)]).toEqual([0x7e00, 0x7fc0]);
  });
});

describe("types narrower than a byte", () => {
  it.each([
    ["float6_e2m3fn", 7.5, 0.125],
    ["float6_e3m2fn", 28, 0.0625],
  ] as const)(
    "%s: the largest is %d, the smallest %d (OCP Microscaling v1.0, table 1)",
    (name, largest, smallest) => {
      const dtype = dtypes[name];
      const view = new DataView(new ArrayBuffer(48));
      // All 64 codes in a row: code i in bits 6i to 6i + 5.
      let packed = 0n;
      for (let code = 63n; code >= 0n; code--) packed = (packed << 6n) | code;
      for (let byte = 0; byte < 48; byte++) view.setUint8(byte, Number((packed >> BigInt(8 * byte)) & 0xffn));
      const values = Array.from({ length: 64 }, (_, index) => dtype.get(view, index) as number);
      const positive = values.slice(0, 32);
      expect(positive.toSorted((a, b) => a - b)).toEqual(positive);
      expect([positive[0], positive[1], positive[31]]).toEqual([0, smallest, largest]);
      expect(values.slice(32)).toEqual(positive.map((value) => -value));
      const again = new DataView(new ArrayBuffer(48));
      for (const [index, value] of values.entries()) dtype.set(again, index, value);
      expect(again.buffer).toEqual(view.buffer);
      dtype.set(again, 3, 1e9);
      dtype.set(again, 4, -Infinity);
      expect([dtype.get(again, 3), dtype.get(again, 4)]).toEqual([largest, -largest]);
    },
  );

  it("write one element and leave its neighbours alone", () => {
    const packed = all.filter(({ bits }) => bits < 8);
    expect(packed.map(({ name }) => name)).toEqual([
      "float6_e2m3fn",
      "float6_e3m2fn",
      "quint4x2",
      "quint2x4",
    ]);
    fc.assert(
      fc.property(
        fc.constantFrom(...packed),
        fc.uint8Array({ minLength: 6, maxLength: 6 }),
        fc.nat({ max: 7 }),
        fc.nat({ max: 3 }),
        (dtype, bytes, at, value) => {
          const view = new DataView(bytes.slice().buffer);
          const elements = (): Scalar[] => Array.from({ length: 8 }, (_, index) => dtype.get(view, index));
          const expected = elements().with(at, value);
          dtype.set(view, at, value);
          expect(elements()).toEqual(expected);
        },
      ),
    );
  });

  it("keep only their low bits in PyTorch's shell types", () => {
    const view = new DataView(Uint8Array.of(0b1111_1110).buffer);
    expect([dtypes.int2.get(view, 0), dtypes.uint2.get(view, 0), dtypes.int7.get(view, 0)]).toEqual([
      -2, 2, -2,
    ]);
    dtypes.int3.set(view, 0, -1);
    expect(view.getUint8(0)).toBe(7);
  });
});

describe("the table", () => {
  it.each(Object.entries(golden.facts))("has PyTorch's facts about %s", (name, facts) => {
    const dtype = dtypes[name as DTypeName];
    expect(dtype.bits / 8).toBe(facts.itemSize);
    // PyTorch counts the two packed halves as one float; their meaning it leaves open.
    expect(dtype.kind === "float" || dtype.kind === "raw").toBe(facts.isFloat);
    expect(dtype.kind === "complex").toBe(facts.isComplex);
    // An unsigned float is one exponent without a sign.
    const isUnsigned = dtype.kind === "uint" || dtype.kind === "bool" || name === "float8_e8m0fnu";
    expect(isUnsigned).toBe(!facts.isSigned);
  });

  it("gives every tag to one dtype only, and finds it by it", () => {
    for (const [tag, index] of [
      ["storage", dtypeOfStorage],
      ["safetensors", dtypeOfSafetensors],
      ["numpy", dtypeOfNumpy],
      ["exportCode", dtypeOfExport],
    ] as const) {
      const tagged = all.filter((dtype) => dtype[tag] !== null);
      expect(index.size).toBe(tagged.length);
      for (const dtype of tagged) expect(index.get(dtype[tag]!)).toBe(dtype);
    }
  });

  it("finds dtypes by PyTorch's names", () => {
    for (const dtype of all) expect(findDtype(String(dtype))).toBe(dtype);
    expect(findDtype("double")).toBe(dtypes.float64);
    expect(findDtype("torch.cfloat")).toBe(dtypes.complex64);
    expect(findDtype("constructor")).toBeUndefined();
    expect(findDtype("__proto__")).toBeUndefined();
    expect(toDtype("half")).toBe(dtypes.float16);
    expect(toDtype(dtypes.bool)).toBe(dtypes.bool);
    expect(() => toDtype("float31")).toThrow(UsageError);
  });

  it("says how many bytes elements take up", () => {
    expect(byteLengthOf(dtypes.complex64, 3)).toBe(24);
    expect(byteLengthOf(dtypes.quint4x2, 3)).toBe(2);
    expect(byteLengthOf(dtypes.float6_e2m3fn, 4)).toBe(3);
    expect(byteLengthOf(dtypes.quint2x4, 0)).toBe(0);
  });
});
