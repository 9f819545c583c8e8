import { describe, expect, it } from "vitest";
import { exponentHistogram } from "./exponent-histogram.ts";

describe("a histogram on the exponent grid", () => {
  it("has two bins for each power of two, for either sign", () => {
    expect(exponentHistogram(Float32Array.of(1, 1.25, 1.5, 1.9, 2, -0.5, -0.75))).toEqual({
      zero: 0,
      below: [-2, 1, 1],
      above: [0, 2, 2, 1],
    });
  });

  it("counts what is below 2^-127 as zero, of both signs", () => {
    const [below, least] = [2 ** -127 * 0.99, 2 ** -127];
    expect(exponentHistogram(Float32Array.of(0, -0, 1e-45, below, least, -below, -least))).toEqual({
      zero: 5,
      below: [-253, 1],
      above: [-253, 1],
    });
  });

  it("leaves out NaN and infinities, and knows the largest number", () => {
    const largest = 3.4028234663852886e38;
    expect(exponentHistogram(Float32Array.of(NaN, Infinity, -Infinity, largest))).toEqual({
      zero: 0,
      below: [],
      above: [255, 1],
    });
  });

  it("counts every element of any number of them, also of float64", () => {
    const items = Float64Array.from({ length: 1001 }, (_, k) => Math.sin(k) * 10 ** (k % 7));
    const { zero, below, above } = exponentHistogram(items);
    const sum = [...below.slice(1), ...above.slice(1)].reduce((total, count) => total + count, zero);
    expect(sum).toBe(1001);
    for (const [side, sign] of [
      [above, 1],
      [below, -1],
    ] as const) {
      side.slice(1).forEach((count, k) => {
        const bin = side[0]! + k;
        const start = (bin % 2 === 0 ? 1 : 1.5) * 2 ** Math.floor(bin / 2);
        const end = (bin % 2 === 0 ? 1.5 : 2) * 2 ** Math.floor(bin / 2);
        const inside = items.filter((x) => Math.fround(sign * x) >= start && Math.fround(sign * x) < end);
        expect(count).toBe(inside.length);
      });
    }
  });
});
