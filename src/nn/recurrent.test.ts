import { expect, test } from "vitest";
import { zeros } from "../ops/creation.ts";
import { randn } from "../ops/random-creation.ts";
import { deepCopy } from "./deep-copy.ts";
import type { Parameter } from "./parameter.ts";
import { GRU, LSTM } from "./recurrent.ts";

test("the compiler knows the parameters of every layer by name", () => {
  const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true });
  expect(lstm.getParameter("weight_hh_l1_reverse").shape).toEqual([16, 4]);
  expect(lstm.weight_ih_l0).toBe(lstm.getParameter("weight_ih_l0"));
  const bias: Parameter | undefined = lstm.bias_hh_l1;
  expect(bias?.shape).toEqual([16]);
  // @ts-expect-error no recurrent layer has such a parameter
  expect(() => lstm.getParameter("weight_xx_l0")).toThrow("LSTM has no attribute `weight_xx_l0`");
});

test("a layer without biases has none", () => {
  expect(new GRU(3, 4, { bias: false }).bias_ih_l0).toBeUndefined();
});

test("a copy computes with parameters of its own", () => {
  const gru = new GRU(3, 4);
  const copy = deepCopy(gru);
  copy.weight_ih_l0.data.zero_();
  const x = randn(5, 2, 3);
  expect(copy(x)[0].tolist()).not.toEqual(gru(x)[0].tolist());
});

test("a sequence continues from the state that an earlier part left", () => {
  const lstm = new LSTM(3, 4, { numLayers: 2 });
  const x = randn(6, 2, 3);
  const [whole, [h, c]] = lstm(x);
  const [, middle] = lstm(x.narrow(0, 0, 2));
  const [rest, [h2, c2]] = lstm(x.narrow(0, 2, 4), middle);
  expect(
    rest
      .sub(whole.narrow(0, 2, 4))
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-6);
  expect(h.sub(h2).abs().max().item()).toBeLessThan(1e-6);
  expect(c.sub(c2).abs().max().item()).toBeLessThan(1e-6);
});

test("samples without anything in them are no trouble", () => {
  expect(new LSTM(3, 4)(zeros(2, 0, 3))[0].shape).toEqual([2, 0, 4]);
});
