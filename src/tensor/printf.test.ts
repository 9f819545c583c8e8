import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactExponent, exactFixed, formatExponent, formatFixed, withTwoDigitExponent } from "./printf.ts";

/** Doubles, and the ties that doubles rarely hit: fractions of small powers of two, and short integers with zeros. */
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 40 })).map(([n, bits]) => n / 2 ** bits),
  fc
    .tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: 0, max: 30 }))
    .map(([n, e]) => n * 10 ** e),
);
const precision = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 130 }));

describe("formatFixed", () => {
  it.each([
    [0.03125, 4, "0.0312"],
    [0.09375, 4, "0.0938"],
    [2.5, 0, "2"],
    [3.5, 0, "4"],
    [-2.5, 0, "-2"],
    [-0.5, 0, "-0"],
    [9.5, 0, "10"],
    [-0, 4, "-0.0000"],
    [0, 0, "0"],
    [-1e-9, 4, "-0.0000"],
    [Math.fround(1e20), 0, "100000002004087734272"],
    [1e21, 1, "1000000000000000000000.0"],
    [0.1, 30, "0.100000000000000005551115123126"],
    [5e-324, 2, "0.00"],
    [Number.NaN, 4, "nan"],
    [-Infinity, 4, "-inf"],
  ])("writes %d with %d decimals as C does", (value, precision, text) => {
    expect(formatFixed(value, precision)).toBe(text);
  });

  it("agrees with the whole decimal expansion", () => {
    fc.assert(
      fc.property(value, precision, (value, precision) => {
        fc.pre(value !== 0);
        expect(formatFixed(value, precision)).toBe(exactFixed(value, precision));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("formatExponent", () => {
  it.each([
    [1e-5, 4, "1.0000e-05"],
    [1e100, 1, "1.0e+100"],
    [2.5, 0, "2e+00"],
    [3.5, 0, "4e+00"],
    [9.5, 0, "1e+01"],
    [25, 0, "2e+01"],
    [99.5, 1, "1.0e+02"],
    [125000, 1, "1.2e+05"],
    [5e22, 0, "5e+22"],
    [2.5e22, 0, "2e+22"],
    [-0, 2, "-0.00e+00"],
    [0, 0, "0e+00"],
    [5e-324, 3, "4.941e-324"],
    [1, 25, "1.0000000000000000000000000e+00"],
    [Infinity, 4, "inf"],
  ])("writes %d with %d decimals as C does", (value, precision, text) => {
    expect(formatExponent(value, precision)).toBe(text);
  });

  it("agrees with the whole decimal expansion", () => {
    fc.assert(
      fc.property(value, precision, (value, precision) => {
        fc.pre(value !== 0);
        expect(formatExponent(value, precision)).toBe(exactExponent(value, precision));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("withTwoDigitExponent", () => {
  it.each([
    ["1e-7", "1e-07"],
    ["1.5e+9", "1.5e+09"],
    ["1e+16", "1e+16"],
    ["2e-100", "2e-100"],
  ])("writes %s as %s", (text, expected) => {
    expect(withTwoDigitExponent(text)).toBe(expected);
  });
});
