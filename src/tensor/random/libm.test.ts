import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cos, sin, tan } from "./circular.ts";
import { exp, log, log1p, pow } from "./libm.ts";

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

  it("give sine and cosine within 0.55 units of the last place", () => {
    fc.assert(
      fc.property(angle, (x) => {
        const fixed = toFixed(x);
        for (const [found, exact] of [
          [sin(x), slowSin(fixed)],
          [cos(x), slowCos(fixed)],
        ] as const) {
          const unit = 2 ** (Math.floor(Math.log2(Math.abs(found))) - 52);
          const error =
            Number(toFixed(Math.abs(found)) - (exact < 0n ? -exact : exact)) * 2 ** -Number(places);
          expect(Math.abs(error)).toBeLessThanOrEqual(0.55 * unit);
        }
      }),
      runs,
    );
  });

  // What Python's math.cos gives where PyTorch was run; the first ones are not rounded correctly.
  it.each([
    [1.5707963267948968, -1.6081226496766364e-16],
    [3.7860219158646227, -0.7994427634035011],
    [1.5707963267948968, -1.6081226496766364e-16],
    [3.737411949960271, -0.8276889981568907],
    [1.9570577186297071, -0.376727893635185],
    [2.2145653131862475, -0.6002142805483681],
    [2.199114857512855, -0.587785252292473],
    [3.455751918948772, -0.9510565162951538],
    [Math.PI, -1],
    [-3.25, -0.9941296760805463],
  ])("give the cosine of %d as glibc does", (x, expected) => {
    expect(cos(x)).toBe(expected);
  });

  it("leave circular functions of far angles to the engine", () => {
    expect([cos(Infinity), sin(Number.NaN), cos(1e9)]).toEqual([Number.NaN, Number.NaN, Math.cos(1e9)]);
  });

  it("give powers correctly rounded", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.double({ min: 0.01, max: 8, noNaN: true }),
        (base, exponent) => {
          const exact = slowExp((slowLog(base) * toFixed(exponent)) / one);
          expect(pow(base, exponent)).toBe(base === 1 ? 1 : toNumber(exact));
        },
      ),
      runs,
    );
  });

  // What Python's ** gives.
  it.each([
    [0.1, 2, 0.010000000000000002],
    [0.999, 7, 0.993020965034979],
    [0.95, 21, 0.3405616262881148],
    [0.999, 1000, 0.36769542477096373],
    [0.7499999999999999, 2, 0.5624999999999999],
    [0.96, 4e-3, 0.9998367253526753],
    [0.5, 0, 1],
    [-0.5, 3, -0.125],
    [2, -2, 0.25],
    [0.5, 1074, 2 ** -1074],
    [10, 400, Infinity],
    [0, 3, 0],
    [1, 0.3, 1],
    [-2, 0.5, Number.NaN],
  ])("give %d to the %d", (base, exponent, expected) => {
    expect(pow(base, exponent)).toBe(expected);
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
    [sin(-0), -0],
    [sin(-1), -0.8414709848078965],
    [cos(0), 1],
    [sin(Math.PI), 1.2246467991473532e-16],
    [cos(Math.PI / 2), 6.123233995736766e-17],
  ])("hits the special value %#", (found, expected) => {
    expect(found).toBe(expected);
  });
});
