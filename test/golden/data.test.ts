/** Data loaders against PyTorch's; `data.py` records them. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { UsageError } from "../../src/errors.ts";
import {
  BatchSampler,
  ConcatDataset,
  DataLoader,
  RandomSampler,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
  defaultCollate,
  randomSplit,
} from "../../src/data/index.ts";
import { Generator, arange, manualSeed, randint, zeros } from "../../src/index.ts";

interface Golden {
  readonly loaders: readonly {
    readonly n: number;
    readonly seed: number;
    readonly epochs: number;
    readonly own: number | null;
    readonly length: number;
    readonly walks: readonly unknown[];
    readonly after: number;
    readonly options: {
      readonly batch_size?: number | null;
      readonly shuffle?: boolean;
      readonly drop_last?: boolean;
    };
  }[];
  readonly samplers: readonly {
    readonly n: number;
    readonly seed: number;
    readonly options: { readonly replacement?: boolean; readonly num_samples?: number };
    readonly order: readonly number[];
    readonly after: number;
  }[];
  readonly drawings: readonly {
    readonly sampler: string;
    readonly seed: number;
    readonly own: number | null;
    readonly orders: readonly (readonly number[])[];
    readonly length: number;
    readonly after: number;
  }[];
  readonly splits: readonly {
    readonly n: number;
    readonly lengths: readonly number[];
    readonly seed: number;
    readonly splits: readonly (readonly number[])[];
  }[];
  readonly refusals: Readonly<Record<string, readonly [type: string, message: string]>>;
}

const golden = JSON.parse(readFileSync(new URL("data.json", import.meta.url), "utf8")) as Golden;

/** The next number of the default generator: tells whether as much was drawn. */
function after(): unknown {
  return randint(1 << 30, []).item();
}

function rangeOf(length: number): number[] {
  return Array.from({ length }, (_, k) => k);
}

describe("data loaders", () => {
  it.each(golden.loaders)("walk $n items in PyTorch's order: seed $seed, $options", (wanted) => {
    const { n, options } = wanted;
    manualSeed(wanted.seed);
    const loader = new DataLoader(new TensorDataset(arange(n), arange(2 * n).reshape(n, 2)), {
      batchSize: options.batch_size ?? null,
      shuffle: options.shuffle ?? false,
      dropLast: options.drop_last ?? false,
      generator: wanted.own === null ? null : new Generator().manualSeed(wanted.own),
    });
    expect(loader.length).toBe(wanted.length);
    const walks = rangeOf(wanted.epochs).map(() => Array.from(loader, ([x]) => x.tolist()));
    expect(walks).toEqual(wanted.walks);
    expect(after()).toBe(wanted.after);
  });

  it.each(golden.samplers)("sample $n positions at random: seed $seed, $options", (wanted) => {
    const { replacement = false, num_samples: numSamples = null } = wanted.options;
    manualSeed(wanted.seed);
    expect([...new RandomSampler(rangeOf(wanted.n), { replacement, numSamples })]).toEqual(wanted.order);
    expect(after()).toBe(wanted.after);
  });

  it.each(golden.drawings)("draw as PyTorch's $sampler: seed $seed, generator $own", (wanted) => {
    const generator = wanted.own === null ? null : new Generator().manualSeed(wanted.own);
    const sampler = wanted.sampler.startsWith("Subset")
      ? new SubsetRandomSampler([9, 4, 1, 7, 0], { generator })
      : new WeightedRandomSampler([0.1, 3, 0, 2.5, 1], wanted.length, {
          generator,
          replacement: !wanted.sampler.includes("replacement=False"),
        });
    manualSeed(wanted.seed);
    expect([[...sampler], [...sampler]]).toEqual(wanted.orders);
    expect([sampler.length, after()]).toEqual([wanted.length, wanted.after]);
  });

  it.each(golden.splits)("split $n items as $lengths", ({ n, lengths, seed, splits }) => {
    manualSeed(seed);
    expect(randomSplit(rangeOf(n), lengths).map(({ indices }) => indices)).toEqual(splits);
  });
});

const four = new TensorDataset(arange(4));
const refused: Readonly<Record<string, () => unknown>> = {
  "sampler with shuffle": () => new DataLoader(four, { sampler: new RandomSampler(four), shuffle: true }),
  "batch sampler with dropLast": () =>
    new DataLoader(four, { batchSampler: new BatchSampler([0, 1], 2, false), dropLast: true }),
  "no batches with dropLast": () => new DataLoader(four, { batchSize: null, dropLast: true }),
  "batch size 0": () => new DataLoader(four, { batchSize: 0 }),
  "batch size 2.5": () => new DataLoader(four, { batchSize: 2.5 }),
  "shuffling nothing": () => new DataLoader([], { shuffle: true }),
  "no samples": () => new RandomSampler(four, { numSamples: 0 }),
  "no weighted samples": () => new WeightedRandomSampler([1], 0),
  "weights in rows": () => new WeightedRandomSampler(zeros(1, 2), 1),
  "no datasets": () => new ConcatDataset([]),
  "a position before the first dataset": () => new ConcatDataset([[1], [2]]).at(-3),
  "a position beyond the last dataset": () => new ConcatDataset([[1], [2]]).at(2),
  "tensors of different lengths": () => new TensorDataset(zeros(2), zeros(3)),
  "an item beyond the end": () => four.at(4),
  "lengths that do not sum up": () => randomSplit(rangeOf(10), [3, 3]),
  "a fraction below 0": () => randomSplit(rangeOf(10), [1.5, -0.5]),
  "tensors that do not stack": () => defaultCollate([zeros(2), zeros(3)]),
  "lists of different lengths": () => defaultCollate([[1, 2], [1]]),
  "nothing to collate": () => defaultCollate([null]),
  "a list index beyond the end": () => [...new DataLoader([1, 2], { sampler: [5] })],
};

describe("what PyTorch refuses", () => {
  it("is all tried here", () => {
    expect(Object.keys(refused).sort()).toEqual(Object.keys(golden.refusals).sort());
  });

  it.each(Object.entries(refused))("%s", (name, run) => {
    const [type, message] = golden.refusals[name]!;
    let caught: unknown = null;
    try {
      run();
    } catch (error) {
      caught = error;
    }
    expect([(caught as UsageError).torchType, (caught as UsageError).message]).toEqual([type, message]);
  });
});
