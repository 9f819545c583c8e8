import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isContiguous, newRunBudget, regionKey, regionOf, scaleRegion, unite } from "./region.ts";
import type { Region } from "./region.ts";

/** The slow twin: every position, one by one. */
function positions(shape: readonly number[], stride: readonly number[], offset: number): Set<number> {
  let found = new Set([offset]);
  for (const [axis, size] of shape.entries()) {
    const next = new Set<number>();
    for (const position of found) for (let i = 0; i < size; i++) next.add(position + i * stride[axis]!);
    found = next;
  }
  return found;
}

const view = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 4,
  })
  .chain((loops) =>
    fc.record({
      shape: fc.constant(loops.map((loop) => loop.size)),
      stride: fc.constant(loops.map((loop) => loop.stride)),
      offset: fc.integer({ min: 0, max: 12 }),
    }),
  );

describe("regionOf", () => {
  it("gives a matrix and its transpose the same region", () => {
    expect(regionOf([4, 6], [6, 1], 0)).toEqual(regionOf([6, 4], [1, 6], 0));
    expect(regionKey(regionOf([2, 3, 4], [12, 4, 1], 5))).toBe(regionKey(regionOf([24], [1], 5)));
  });

  it("ignores repeats", () => {
    expect(regionOf([2, 5], [1, 0], 0)).toEqual(regionOf([2], [1], 0));
  });

  it("ends after its last position", () => {
    fc.assert(
      fc.property(view, ({ shape, stride, offset }) => {
        expect(regionOf(shape, stride, offset).end).toBe(Math.max(...positions(shape, stride, offset)) + 1);
      }),
    );
  });
});

describe("unite", () => {
  const twins = (views: readonly { shape: number[]; stride: number[]; offset: number }[]) => ({
    regions: views.map(({ shape, stride, offset }) => regionOf(shape, stride, offset)),
    sets: views.map(({ shape, stride, offset }) => positions(shape, stride, offset)),
  });

  it("counts the positions that counting one by one finds", () => {
    fc.assert(
      fc.property(fc.array(view, { minLength: 1, maxLength: 5 }), (views) => {
        const { regions, sets } = twins(views);
        const all = new Set<number>();
        for (const set of sets) for (const position of set) all.add(position);
        expect(unite(regions, newRunBudget()).count).toBe(all.size);
      }),
      { numRuns: 500 },
    );
  });

  it("puts together exactly the regions that share a position", () => {
    fc.assert(
      fc.property(fc.array(view, { minLength: 2, maxLength: 5 }), (views) => {
        const { regions, sets } = twins(views);
        const { clusters } = unite(regions, newRunBudget());
        const clusterOf = (index: number): number => clusters.findIndex((cluster) => cluster.includes(index));
        for (const [i, left] of sets.entries()) {
          for (const [j, right] of sets.entries()) {
            const meets = [...left].some((position) => right.has(position));
            expect(!meets || i === j || (clusterOf(i) === clusterOf(j) && clusterOf(i) >= 0)).toBe(true);
          }
        }
        // No cluster falls apart into two that share nothing.
        for (const cluster of clusters) {
          const reached = new Set([cluster[0]!]);
          for (const from of reached) {
            for (const to of cluster)
              if ([...sets[from]!].some((position) => sets[to]!.has(position))) reached.add(to);
          }
          expect(reached.size).toBe(cluster.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does not miss an overlap behind a long run", () => {
    const regions: Region[] = [regionOf([10], [1], 0), regionOf([2], [1], 1), regionOf([3], [1], 8)];
    expect(unite(regions, newRunBudget())).toEqual({ count: 11, clusters: [[0, 1, 2]] });
  });

  it("beyond its budget takes spans for runs, and says so", () => {
    const budget = newRunBudget(100);
    const columns = [regionOf([1000], [10], 0), regionOf([1000], [10], 5)];
    expect(unite(columns, newRunBudget())).toEqual({ count: 2000, clusters: [] });
    expect(unite(columns, budget)).toEqual({ count: 9996, clusters: [[0, 1]] });
    expect(budget).toEqual({ left: 100, exceeded: true });
  });
});

describe("scaleRegion", () => {
  it("counts the same positions in smaller units", () => {
    expect(scaleRegion(regionOf([3], [1], 2), 4)).toEqual(regionOf([12], [1], 8));
    expect(scaleRegion(regionOf([3], [5], 2), 4)).toEqual(regionOf([3, 4], [20, 1], 8));
  });
});

describe("isContiguous", () => {
  it.each([
    [[2, 3], [3, 1], true],
    [[2, 3], [1, 2], false],
    [[1, 3], [77, 1], true],
    [[], [], true],
    [[2, 2], [4, 1], false],
  ])("of %j with strides %j is %j", (shape, stride, expected) => {
    expect(isContiguous(shape, stride)).toBe(expected);
  });
});
