import { describe, expect, it } from "vitest";
import { pyFloat } from "../catalog/value.ts";
import { arange, randn, tensor, zeros } from "../ops/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { ConcatDataset, DataLoader, defaultCollate, Subset, TensorDataset } from "./index.ts";
import { tensorBatch } from "./tensor-batch.ts";

describe("batches", () => {
  it.each([
    ["integers", [1, 2], "int64", [1, 2]],
    ["fractions", [1, 2.5], "float64", [1, 2.5]],
    ["Python floats", [pyFloat(1), pyFloat(2)], "float64", [1, 2]],
    ["truths", [true, false], "bool", [true, false]],
  ])("of %s are tensors", (_, batch, dtype, values) => {
    const made: Tensor = defaultCollate<unknown>(batch as never) as unknown as Tensor;
    expect([made.dtype.name, made.tolist()]).toEqual([dtype, values]);
  });

  it("of what holds several values hold a batch of each", () => {
    const items = [
      { x: zeros(2), label: "a", more: new Map([["k", [1, 2] as [number, number]]]) },
      { x: zeros(2), label: "b", more: new Map([["k", [3, 4] as [number, number]]]) },
    ];
    const batch = defaultCollate(items);
    expect([...batch.x.shape]).toEqual([2, 2]);
    expect(batch.label).toEqual(["a", "b"]);
    expect(batch.more.get("k")!.map((one) => one.tolist())).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it("of tensors are the same the quick way", () => {
    const data = new TensorDataset(randn(7, 2, 3).narrow(0, 1, 6), arange(6));
    const subset = new Subset(new Subset(data, [5, 3, 1, 0]), [2, 0, 2]);
    for (const [dataset, indices] of [
      [data, [4, 0, 4]],
      [subset, [2, 1, 0]],
    ] as const) {
      const slow = defaultCollate(indices.map((index) => dataset.at(index)));
      const quick = tensorBatch(dataset, indices)!;
      expect(quick.map((one) => one.tolist())).toEqual(slow.map((one) => one.tolist()));
    }
  });

  it("take the slow way where it would make a difference", () => {
    class Doubled extends TensorDataset<[Tensor]> {
      override at(index: number): [Tensor] {
        return [super.at(index)[0].mul(2)];
      }
    }
    expect(tensorBatch(new Doubled(arange(3)), [1])).toBe(null);
    expect(tensorBatch(new TensorDataset(zeros(2, 1).requiresGrad_()), [1])).toBe(null);
    expect(tensorBatch(new TensorDataset(zeros(2)), [2])).toBe(null);
    expect(tensorBatch(new TensorDataset(zeros(2, 3).t()), [2])).toBe(null);
    const [[batch]] = [...new DataLoader(new Doubled(arange(3)), { batchSize: 3 })] as [[Tensor]];
    expect(batch.tolist()).toEqual([0, 2, 4]);
  });

  it("are made by a function of the caller's", () => {
    const loader = new DataLoader([1, 2, 3], { batchSize: 2, collateFn: (items) => items.join("+") });
    expect([...loader]).toEqual(["1+2", "3"]);
  });

  it("cross the borders of datasets that stand one after the other", () => {
    const both = new ConcatDataset([new TensorDataset(arange(3)), new TensorDataset(arange(3, 5))]);
    const loader = new DataLoader(both, { batchSize: 4 });
    expect(Array.from(loader, ([batch]) => batch!.tolist())).toEqual([[0, 1, 2, 3], [4]]);
    expect(both.at(-1)[0]!.item()).toBe(4);
  });

  it("can be left out: items come one by one", () => {
    expect([...new DataLoader(["a", "b"], { batchSize: null })]).toEqual(["a", "b"]);
    expect([...new DataLoader([tensor([1, 2])], { batchSize: null })][0]!.tolist()).toEqual([1, 2]);
  });
});
