/** Printed tensors, numbers and strings against what PyTorch and Python print; `printing.py` records them. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatExponent, formatFixed } from "../../src/tensor/printf.ts";
import { floatRepr, stringRepr } from "../../src/tensor/python-repr.ts";
import { asList, asRecord, asText } from "../conformance/case-data.ts";
import { printing } from "../conformance/kinds/printing.ts";

interface NumberTexts {
  readonly precisions: readonly number[];
  /** Little-endian doubles in base64. */
  readonly values: string;
  /** Texts separated by spaces; an empty one was not recorded because of its length. */
  readonly fixed: string;
  readonly exponent: string;
  readonly repr: string;
  readonly strings: readonly (readonly [string, string])[];
}

const recorded = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const texts = recorded("number-texts.json") as NumberTexts;
const cases = asList(asRecord(recorded("printing.json"), "the file")["cases"], "cases").map((given) =>
  asRecord(given, "a case"),
);

describe("printed tensors", () => {
  it.each(cases.map((given) => [asText(given["name"], "name"), given] as const))(
    "prints %s as PyTorch does",
    (_, given) => {
      expect(printing.check(given)).toEqual([]);
    },
  );
});

describe("number texts", () => {
  const bytes = Buffer.from(texts.values, "base64");
  const values = Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(index * 8));
  const precisionAt = (index: number): number => texts.precisions[index % texts.precisions.length]!;

  it("has thousands of doubles to compare", () => {
    expect(values.length).toBeGreaterThan(2000);
  });

  it("writes %.{p}f as Python does", () => {
    const expected = texts.fixed.split(" ");
    const found = values.map((value, index) => expected[index] && formatFixed(value, precisionAt(index)));
    expect(found).toEqual(expected);
  });

  it("writes %.{p}e as Python does", () => {
    expect(values.map((value, index) => formatExponent(value, precisionAt(index)))).toEqual(
      texts.exponent.split(" "),
    );
  });

  it("writes repr(float) as Python does", () => {
    expect(values.map(floatRepr)).toEqual(texts.repr.split(" "));
  });

  it.each(texts.strings)("writes repr(%j) as Python does", (text, expected) => {
    expect(stringRepr(text)).toBe(expected);
  });
});
