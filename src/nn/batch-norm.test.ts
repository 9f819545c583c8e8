import { expect, test } from "vitest";
import { ones, tensor, zeros } from "../ops/creation.ts";
import "../ops/methods.ts";
import { randn } from "../ops/random-creation.ts";
import { BatchNorm2d, InstanceNorm1d } from "./batch-norm.ts";
import { StateDict } from "./state-dict.ts";

test("a state dict from before there was a number of batches is taken without one", () => {
  const layer = new BatchNorm2d(2);
  layer(randn([2, 2, 3, 3]));
  const state = new Map(
    [...new BatchNorm2d(2).stateDict()].filter(([name]) => name !== "num_batches_tracked"),
  );
  expect(String(layer.loadStateDict(state))).toBe("<All keys matched successfully>");
  expect(layer.num_batches_tracked!.item()).toBe(1);
  expect(String(layer.running_mean)).toBe(String(zeros(2)));
});

test("a state dict of version 2 has to have the number of batches", () => {
  const state = new BatchNorm2d(2).stateDict();
  expect(state.metadata.get("")).toEqual({ version: 2 });
  state.delete("num_batches_tracked");
  expect(state).toBeInstanceOf(StateDict);
  expect(() => new BatchNorm2d(2).loadStateDict(state)).toThrow(
    'Error(s) in loading state_dict for BatchNorm2d:\n\tMissing key(s) in state_dict: "num_batches_tracked". ',
  );
});

test("running statistics that an instance norm does not keep are told of", () => {
  const stale = new Map([
    ["running_mean", zeros(2)],
    ["running_var", ones(2)],
  ]);
  expect(() => new InstanceNorm1d(2).loadStateDict(stale)).toThrow(
    'Unexpected running stats buffer(s) "running_mean" and "running_var" for InstanceNorm1d with track_running_stats=False.',
  );
});

test("running statistics are written in place and counted as writes", () => {
  const layer = new BatchNorm2d(1);
  const { running_mean: mean } = layer;
  const before = mean!.version.value;
  layer(ones(1, 1, 2, 2));
  expect(layer.running_mean).toBe(mean);
  expect(mean!.version.value).toBeGreaterThan(before);
  expect(mean!.item()).toBeCloseTo(0.1, 6);
});

test("without a momentum the statistics are averages over all batches", () => {
  const layer = new BatchNorm2d(1, { momentum: null });
  for (const value of [1, 2, 6]) layer(tensor([value - 1, value + 1], { dtype: "float32" }).view(1, 1, 1, 2));
  expect(layer.running_mean!.item()).toBeCloseTo(3, 5);
});

test("slots that are empty stay slots", () => {
  const layer = new BatchNorm2d(2, { affine: false, trackRunningStats: false });
  expect([...layer.stateDict().keys()]).toEqual([]);
  layer.running_mean = zeros(2) as never;
  expect([...layer.stateDict().keys()]).toEqual(["running_mean"]);
});

test("a shape is made without data", () => {
  const layer = new BatchNorm2d(3, { device: "meta" });
  expect(String(layer(zeros(2, 3, 4, 4, { device: "meta" })).shape)).toBe("torch.Size([2, 3, 4, 4])");
});
