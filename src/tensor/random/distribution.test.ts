import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dtypes, type DType, type ItemArray } from "../../dtype.ts";
import { fillBernoulli, fillDropoutMask } from "./bernoulli.ts";
import { flat } from "./destination.ts";
import { Generator } from "./generator.ts";
import { fillIntegers } from "./integers.ts";
import { multinomial } from "./multinomial.ts";
import { fillNormal } from "./normal.ts";
import { randperm } from "./permutation.ts";
import { streamed } from "./refusal.ts";
import { fillTruncatedNormal } from "./truncated-normal.ts";
import { fillUniform } from "./uniform.ts";

const seeded = (seed: number): Generator => new Generator().manualSeed(seed);
const filled = (
  dtype: DType,
  count: number,
  fill: (generator: Generator, items: ItemArray) => void,
  seed = 0,
): ItemArray => {
  const items = new dtype.Items(count);
  fill(seeded(seed), items);
  return items;
};

describe("fillUniform", () => {
  it("stays below the end in the half types, where rounding would reach it", () => {
    const items = filled(dtypes.bfloat16, 5000, (g, target) =>
      fillUniform(g, flat(dtypes.bfloat16, target), 1, 1.01),
    );
    expect(new Set(items as Uint16Array)).toEqual(new Set([0x3f80]));
  });

  it("gives the numbers of PyTorch's documentation of the seed 0", () => {
    const items = filled(dtypes.float32, 5, (g, target) => fillUniform(g, flat(dtypes.float32, target)));
    expect([...items]).toEqual([
      0.49625658988952637, 0.7682217955589294, 0.08847743272781372, 0.13203048706054688, 0.30742281675338745,
    ]);
  });
});

describe("fillNormal", () => {
  it("gives a short tensor other numbers than the start of a long one", () => {
    const short = filled(dtypes.float32, 5, (g, items) => fillNormal(g, flat(dtypes.float32, items)));
    const long = filled(dtypes.float32, 20, (g, items) => fillNormal(g, flat(dtypes.float32, items)));
    expect([...short]).toEqual([
      1.5409960746765137, -0.293428897857666, -2.1787893772125244, 0.5684312582015991, -1.0845223665237427,
    ]);
    expect([...long.subarray(0, 4)]).toEqual([
      -1.1258398294448853, -1.152360200881958, -0.2505785822868347, -0.4338788092136383,
    ]);
  });

  it("takes the pairwise stream where a long tensor is not contiguous", () => {
    const items = new Float32Array(40);
    fillNormal(seeded(0), { dtype: dtypes.float32, items, offset: 0, shape: [20], stride: [2] });
    expect([items[0], items[1], items[2]]).toEqual([1.5409960746765137, 0, -0.293428897857666]);
  });

  it.each([dtypes.float64, dtypes.float32])("has the moments of a normal in %s", (dtype) => {
    const items = filled(dtype, 50_000, (g, target) =>
      fillNormal(g, flat(dtype, target), 3, 2),
    ) as Float64Array;
    const mean = items.reduce((sum, x) => sum + x, 0) / items.length;
    const variance = items.reduce((sum, x) => sum + (x - mean) ** 2, 0) / items.length;
    expect(mean).toBeCloseTo(3, 1);
    expect(Math.sqrt(variance)).toBeCloseTo(2, 1);
  });
});

describe("fillIntegers", () => {
  it("converts negative numbers to 64-bit items as bigints would be", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
        fc.integer({ min: 1, max: 2 ** 28 - 1 }),
        (from, count) => {
          const narrow = filled(dtypes.int64, 4, (g, items) =>
            fillIntegers(g, flat(dtypes.int64, items), from, from + count),
          );
          const g = seeded(0);
          const expected = Array.from({ length: 4 }, () => BigInt(g.random() % count) + BigInt(from));
          expect([...narrow]).toEqual(expected);
        },
      ),
      { numRuns: 300, seed: 31 },
    );
  });

  it.each([1.5, NaN, Infinity])("refuses the bound %d", (bound) => {
    const view = flat(dtypes.int64, new BigInt64Array(1));
    expect(() => fillIntegers(seeded(0), view, 0, bound)).toThrow(
      expect.objectContaining({ code: "not-an-integer", torchType: "TypeError" }),
    );
  });
});

describe("randperm", () => {
  it("gives every number once", () => {
    const order = randperm(seeded(1), 1000, dtypes.int64) as BigInt64Array;
    expect([...order].sort((a, b) => Number(a - b))).toEqual(
      Array.from({ length: 1000 }, (_, k) => BigInt(k)),
    );
  });

  it.each([1.5, NaN])("refuses the length %d", (n) => {
    expect(() => randperm(seeded(1), n, dtypes.int64)).toThrow(
      expect.objectContaining({ code: "not-an-integer" }),
    );
  });
});

describe("coins", () => {
  it.each([0, 1])("are all %d with that probability, and still take two words each", (p) => {
    const generator = seeded(2);
    const items = new Uint8Array(10);
    fillBernoulli(generator, flat(dtypes.bool, items), p);
    expect([...items]).toEqual(Array(10).fill(p));
    const twin = seeded(2);
    for (let k = 0; k < 20; k++) twin.random();
    expect(generator.random()).toBe(twin.random());
  });

  it("keep with the factor that makes up for the dropped", () => {
    const items = filled(dtypes.float32, 1000, (g, target) =>
      fillDropoutMask(g, flat(dtypes.float32, target), 0.3),
    );
    expect(new Set(items as Float32Array)).toEqual(new Set([0, 1.4285714626312256]));
  });
});

describe("multinomial", () => {
  it("draws no category twice without replacement, and those without weight last", () => {
    const weights = flat(dtypes.float32, Float32Array.of(0.2, 0, 0.7, 0.1));
    const drawn = [...multinomial(seeded(3), weights, 4)];
    expect(drawn.at(-1)).toBe(1n);
    expect(drawn.sort((a, b) => Number(a - b))).toEqual([0n, 1n, 2n, 3n]);
  });
});

describe("fillTruncatedNormal", () => {
  it.each([
    [0, 1, -2, 2],
    [0, 1, 2.5, 3],
    [0, 1, -9, -4],
    [5, 0.5, 4.9, 5.1],
  ])("stays within the bounds for mean %d, std %d, [%d, %d]", (mean, std, low, high) => {
    const items = filled(dtypes.float64, 300, (g, target) =>
      fillTruncatedNormal(g, flat(dtypes.float64, target), mean, std, low, high),
    ) as Float64Array;
    expect(items.every((x) => x >= low && x <= high)).toBe(true);
  });
});

describe("streamed", () => {
  it.each([
    [0.1, "0.1"],
    [1, "1"],
    [-0, "-0"],
    [123456, "123456"],
    [1234567, "1.23457e+06"],
    [999999.5, "1e+06"],
    [0.0001, "0.0001"],
    [0.00001234, "1.234e-05"],
    [3e38, "3e+38"],
    [NaN, "nan"],
    [-Infinity, "-inf"],
  ])("prints %d as C++ does", (value, text) => {
    expect(streamed(value)).toBe(text);
  });
});
