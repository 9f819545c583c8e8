import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, log, log1p, sinCos, tan } from "./libm.ts";

const places = 260n;
const one = 1n << places;

/** A float64 number of [2^-100, 2^100] as fixed point, exactly. */
function toFixed(value: number): bigint {
  let digits = value;
  let exponent = 0n;
  while (!Number.isInteger(digits)) {
    digits *= 2;
    exponent += 1n;
  }
  return BigInt(digits) << (places - exponent);
}

/** The nearest float64 number: `Number` of a bigint rounds once. */
const toNumber = (fixed: bigint): number => Number(fixed) * 2 ** -Number(places);

/** Sum of a series whose term k is term k - 1 times `factor(k)`. */
function series(first: bigint, next: (term: bigint, k: bigint) => bigint): bigint {
  let sum = 0n;
  for (let term = first, k = 1n; term !== 0n; term = next(term, k), k++) sum += term;
  return sum;
}

const slowExp = (x: bigint): bigint => series(one, (term, k) => (term * x) / one / k);
const slowSin = (x: bigint): bigint =>
  series(x, (term, k) => (-term * x * x) / (one * one) / (2n * k * (2n * k + 1n)));
const slowCos = (x: bigint): bigint =>
  series(one, (term, k) => (-term * x * x) / (one * one) / ((2n * k - 1n) * 2n * k));
/** Newton's steps from the engine's logarithm: y + 2 (x - e^y) / (x + e^y) triples the digits. */
function slowLog(x: number): bigint {
  const fixed = toFixed(x);
  let y = toFixed(Math.log(x));
  for (let step = 0; step < 3; step++) {
    const power = slowExp(y);
    y += (2n * (fixed - power) * one) / (fixed + power);
  }
  return y;
}

const uniform = fc.double({ min: 2 ** -53, max: 1, noNaN: true });
const angle = fc.double({ min: 2 ** -20, max: 2 * Math.PI, noNaN: true });
const runs = { numRuns: 300, seed: 11 };

describe("the float64 functions", () => {
  it("give the logarithm correctly rounded", () => {
    fc.assert(
      fc.property(uniform, (x) => {
        expect(log(x)).toBe(x === 1 ? 0 : toNumber(slowLog(x)));
      }),
      runs,
    );
  });

  it("give logarithms near 1 correctly rounded", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.98, max: 1 - 2 ** -53, noNaN: true }), (x) => {
        expect(log(x)).toBe(toNumber(slowLog(x)));
      }),
      runs,
    );
  });

  it("give sine and cosine correctly rounded over a whole turn", () => {
    fc.assert(
      fc.property(angle, (x) => {
        const { sin, cos } = sinCos(x);
        const fixed = toFixed(x);
        expect([sin, cos]).toEqual([toNumber(slowSin(fixed)), toNumber(slowCos(fixed))]);
      }),
      runs,
    );
  });

  it("give the tangent correctly rounded", () => {
    fc.assert(
      fc.property(fc.double({ min: -1.57, max: 1.57, noNaN: true }), (x) => {
        fc.pre(Math.abs(x) >= 2 ** -20);
        const fixed = toFixed(x);
        expect(tan(x)).toBe(toNumber((slowSin(fixed) * one) / slowCos(fixed)));
      }),
      runs,
    );
  });

  it("give the exponential correctly rounded", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (x) => {
        fc.pre(Math.abs(x) >= 2 ** -20);
        expect(exp(x)).toBe(toNumber(slowExp(toFixed(x))));
      }),
      runs,
    );
  });

  it("give log1p within a unit of the last place", () => {
    fc.assert(
      fc.property(fc.double({ min: -1 + 2 ** -53, max: 0.4, noNaN: true }), (x) => {
        const expected = Math.log1p(x);
        expect(Math.abs(log1p(x) - expected)).toBeLessThanOrEqual(Math.abs(expected) * 2 ** -52);
      }),
      { numRuns: 2000, seed: 12 },
    );
  });

  it.each([
    [log(0), -Infinity],
    [log(1), 0],
    [log(0.5), -Math.LN2],
    [log1p(0), 0],
    [log1p(-0), -0],
    [log1p(-0.5), -Math.LN2],
    [exp(0), 1],
    [exp(1), Math.E],
    [exp(800), Infinity],
    [exp(-Infinity), 0],
    [tan(0), 0],
    [sinCos(0).cos, 1],
    [sinCos(Math.PI).sin, 1.2246467991473532e-16],
    [sinCos(Math.PI / 2).cos, 6.123233995736766e-17],
  ])("hits the special value %#", (found, expected) => {
    expect(found).toBe(expected);
  });
});
