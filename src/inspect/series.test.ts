import { describe, expect, it } from "vitest";
import type { CurvePoint } from "./series.ts";
import { Series, sparkline } from "./series.ts";

function curve(...values: number[]): CurvePoint[] {
  const series = new Series(100);
  values.forEach((value, k) => series.add(k + 1, value));
  return series.points;
}

describe("a series", () => {
  it("stays within twice its capacity, its points means of equally many numbers", () => {
    const series = new Series(4);
    for (let step = 1; step <= 1000; step++) series.add(step, step);
    const { points } = series;
    expect(points.length).toBeGreaterThanOrEqual(4);
    expect(points.length).toBeLessThan(8);
    expect(points[0]).toEqual({ step: 256, value: 128.5, isBroken: false });
    expect(points.at(-1)!.step).toBe(1000);
  });

  it("keeps NaN and infinities apart from the numbers, and in sight when points are merged", () => {
    const series = new Series(2);
    [1, NaN, 3, Infinity].forEach((value, step) => series.add(step, value));
    expect(series.points).toEqual([
      { step: 1, value: 1, isBroken: true },
      { step: 3, value: 3, isBroken: true },
    ]);
  });

  it("forgets what came after a step", () => {
    const series = new Series(8);
    [1, 2, 3].forEach((value, step) => series.add(step, value));
    series.cut(1);
    expect(series.points.map(({ value }) => value)).toEqual([1, 2]);
  });
});

describe("a sparkline", () => {
  it.each<[string, number[], number, string]>([
    ["goes from the lowest to the highest", [0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"],
    ["takes means where there is less room", [0, 0, 7, 7], 2, "▁█"],
    ["is flat where nothing changes", [3, 3, 3], 8, "▁▁▁"],
    ["shows decades by their logarithms", [1000, 100, 10, 1], 8, "█▆▃▁"],
    ["marks what is no number", [1, NaN, 2, Infinity], 8, "▁×█×"],
    ["is nothing without numbers", [], 8, ""],
    ["is nothing without room", [1, 2], 0, ""],
  ])("%s", (_, values, width, wanted) => expect(sparkline(curve(...values), width)).toBe(wanted));
});
