import { describe, expect, it } from "vitest";
import {
  blockLength,
  emptyStatistics,
  mergeStatistics,
  reduceBlock,
  reduceValues,
  statisticsOf,
} from "./statistics.ts";

describe("statistics", () => {
  it("are those of the elements", () => {
    expect(statisticsOf(reduceValues([3, 0, -4, -0]))).toEqual({
      count: 4,
      nan: 0,
      inf: 0,
      zeros: 2,
      min: -4,
      max: 3,
      mean: -0.25,
      std: Math.sqrt((3.25 ** 2 + 2 * 0.25 ** 2 + 3.75 ** 2) / 3),
      l2: 5,
    });
  });

  it("count what is no number, and are NaN by it", () => {
    expect(statisticsOf(reduceValues([NaN, Infinity, -Infinity, 1]))).toMatchObject({
      nan: 1,
      inf: 2,
      min: NaN,
      mean: NaN,
      l2: NaN,
    });
    expect(statisticsOf(reduceValues([Infinity, 1]))).toMatchObject({
      min: 1,
      max: Infinity,
      mean: Infinity,
    });
  });

  it("of nothing are not defined, of one have no deviation", () => {
    expect(statisticsOf(emptyStatistics)).toMatchObject({ count: 0, min: NaN, mean: NaN, std: NaN, l2: 0 });
    expect(statisticsOf(reduceValues([2]))).toMatchObject({ mean: 2, std: NaN });
  });

  it("of infinite parts stay infinite", () => {
    const half = reduceValues([Infinity, 1]);
    expect(mergeStatistics(half, half).mean).toBe(Infinity);
  });

  it("merge to what the whole has", () => {
    const values = Float64Array.from({ length: blockLength + 100 }, (_, k) => Math.sin(k) + 1000);
    const whole = statisticsOf(reduceBlock(values));
    const merged = statisticsOf(mergeStatistics(reduceBlock(values, 0, 777), reduceBlock(values, 777)));
    for (const one of [merged, statisticsOf(reduceValues(values))]) {
      expect(one.mean).toBeCloseTo(whole.mean, 9);
      expect(one.std).toBeCloseTo(whole.std, 9);
      expect(one.l2 / whole.l2).toBeCloseTo(1, 12);
      expect([one.count, one.min, one.max]).toEqual([whole.count, whole.min, whole.max]);
    }
  });
});
