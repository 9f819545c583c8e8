import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addProducts32, fma32 } from "./float32.ts";
import { fma64 } from "./float64.ts";

/** Binary places that hold every product of two float64 numbers exactly. */
const places = 2200;

function toFixed(value: number): bigint {
  let exponent = 0;
  let digits = value;
  while (!Number.isInteger(digits)) {
    digits *= 2;
    exponent += 1;
  }
  return BigInt(digits) << BigInt(places - exponent);
}

/** The slow twin: `a * b + c` in integers, rounded once to `precision` bits with exponents from `smallest` on. */
function fmaExactly(
  [a, b, c]: readonly [number, number, number],
  precision: number,
  smallest: number,
  largest: number,
): number {
  if (![a, b, c].every(Number.isFinite)) return a * b + c;
  const exact = ((toFixed(a) * toFixed(b)) >> BigInt(places)) + toFixed(c);
  if (exact === 0n) return a * b + c;
  const magnitude = exact < 0n ? -exact : exact;
  const length = magnitude.toString(2).length;
  const lastPlace = Math.max(length - precision, places + smallest);
  const unit = 1n << BigInt(lastPlace);
  let count = magnitude / unit;
  const rest = magnitude % unit;
  if (2n * rest > unit || (2n * rest === unit && count % 2n === 1n)) count += 1n;
  // Half of the power at a time: the whole of it may lie outside the range of numbers.
  const power = lastPlace - places;
  const half = Math.trunc(power / 2);
  const rounded = Number(count) * 2 ** half * 2 ** (power - half);
  const sign = exact < 0n ? -1 : 1;
  return sign * (rounded > largest ? Infinity : rounded);
}

const slow32 = (...args: [number, number, number]): number =>
  fmaExactly(args, 24, -149, (2 - 2 ** -23) * 2 ** 127);
const slow64 = (...args: [number, number, number]): number => fmaExactly(args, 53, -1074, Number.MAX_VALUE);

const float = fc.float();
/** Floats whose sums and products are often halfway between two others. */
const short = fc
  .tuple(fc.integer({ min: -4096, max: 4096 }), fc.integer({ min: -40, max: 40 }))
  .map(([digits, exponent]) => digits * 2 ** exponent);
const moderate = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("fma32", () => {
  it("rounds once, whatever the floats", () => {
    fc.assert(
      fc.property(float, float, float, (a, b, c) => {
        expect(fma32(a, b, c)).toBe(slow32(a, b, c));
      }),
      { numRuns: 5000, seed: 1 },
    );
  });

  it("rounds halfway sums to the side of what the product leaves", () => {
    fc.assert(
      fc.property(short, short, short, fc.integer({ min: -60, max: 0 }), (a, b, c, exponent) => {
        const args = [Math.fround(1 + a * 2 ** -23), Math.fround(b * 2 ** exponent), c] as const;
        expect(fma32(...args)).toBe(slow32(...args));
      }),
      { numRuns: 5000, seed: 2 },
    );
  });

  it.each([
    [Math.fround(0.1), 3, Math.fround(-0.3)],
    // 1 + 2^-24 lies halfway; a product just above or below decides.
    [1 + 2 ** -23, 2 ** -24, 1],
    [1 - 2 ** -24, 2 ** -24, 1],
    [-(1 + 2 ** -23), 2 ** -24, -1],
    [-(1 - 2 ** -24), 2 ** -24, -1],
    // The sum in float64 is halfway although the exact one is not.
    [1 + 2 ** -23, 2 ** -80, 1 + 2 ** -23],
    [2 ** 12 + 1, 2 ** 12 + 1, 2 ** -60],
    [2 ** 12 + 1, 2 ** 12 + 1, -(2 ** -60)],
    // Halfway between the largest float and infinity.
    [2 ** 104 * (2 ** 24 - 1), 1, 2 ** 103],
    [2 ** 104 * (2 ** 24 - 1), 1, 2 ** 103 * (1 - 2 ** -24)],
    [-(2 ** 104) * (2 ** 24 - 1), 1 + 2 ** -23, 0],
    [2 ** -149, 0.5, 0],
    [2 ** -149, 0.5, 2 ** -149],
    [2 ** -149, -(2 ** -100), 2 ** -149],
    [0, -1, 0],
    [0, -1, -0],
    [Infinity, 0, 1],
    [Infinity, 1, -Infinity],
    [NaN, 1, 1],
  ] as const)("gives the exact result for %d * %d + %d", (a, b, c) => {
    expect(fma32(a, b, c)).toBe(slow32(a, b, c));
  });
});

describe("fma64", () => {
  it("rounds once, for numbers of every size", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.double(), (a, b, c) => {
        expect(fma64(a, b, c)).toBe(slow64(a, b, c));
      }),
      { numRuns: 3000, seed: 3 },
    );
  });

  it("rounds once, for numbers of ordinary size", () => {
    fc.assert(
      fc.property(moderate, moderate, moderate, (a, b, c) => {
        expect(fma64(a, b, c)).toBe(slow64(a, b, c));
      }),
      { numRuns: 5000, seed: 4 },
    );
  });

  it("keeps what a product loses when the sum cancels", () => {
    fc.assert(
      fc.property(moderate, moderate, (a, b) => {
        expect(fma64(a, b, -a * b)).toBe(slow64(a, b, -a * b));
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  it.each([
    [1 + 2 ** -52, 2 ** -53, 1],
    [1 - 2 ** -53, 2 ** -53, 1],
    [-(1 + 2 ** -52), 2 ** -53, -1],
    [2 ** 27 + 1, 2 ** 27 + 1, 2 ** -100],
    [2 ** 27 + 1, 2 ** 27 + 1, -(2 ** -100)],
    [2 ** -1074, 0.5, 2 ** -1074],
    [2 ** 600, 2 ** 600, -(2 ** 1000)],
    [2 ** 1023, 2, -(2 ** 1023)],
    [2 ** -600, 2 ** -600, 2 ** -1074],
  ] as const)("gives the exact result for %d * %d + %d", (a, b, c) => {
    expect(fma64(a, b, c)).toBe(slow64(a, b, c));
  });
});

it("adds products in a loop as one by one, also where sums lie halfway", () => {
  const length = 4096;
  // Numbers of few bits, whose sums with far smaller ones lie halfway, and numbers of all bits.
  const c = Float32Array.from({ length }, (_, k) => (k % 2 === 0 ? 1 + (k % 64) * 2 ** -23 : Math.sin(k)));
  const b = Float32Array.from({ length }, (_, k) =>
    k % 2 === 0 ? 2 ** -24 * (1 + (k % 3)) : Math.cos(3 * k),
  );
  for (const a of [1, -1, Math.fround(0.1), 1 + 2 ** -23]) {
    const sums = c.slice();
    addProducts32(sums, a, b);
    expect(sums).toEqual(c.map((each, k) => fma32(a, b[k]!, each)));
  }
});
