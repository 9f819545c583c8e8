import { expect, test } from "vitest";
import { tensor } from "../ops/creation.ts";
import "../ops/methods.ts";
import { randn } from "../ops/random-creation.ts";
import { manualSeed } from "../tensor/random/index.ts";
import { setWarningHandler } from "../warnings.ts";
import * as activation from "./activation.ts";
import { gumbelSoftmax } from "./gumbel-softmax.ts";

test("gumbelSoftmax draws what PyTorch 2.13 draws under the same seed", () => {
  manualSeed(3);
  const logits = randn([2, 4]).requiresGrad_();
  expect(String(gumbelSoftmax(logits, { tau: 0.7 }))).toBe(
    "tensor([[0.4009, 0.0356, 0.5394, 0.0240],\n        [0.0170, 0.0037, 0.0020, 0.9773]], grad_fn=<SoftmaxBackward0>)",
  );
  expect(String(gumbelSoftmax(logits, { hard: true }))).toBe(
    "tensor([[1., 0., 0., 0.],\n        [0., 0., 1., 0.]], grad_fn=<AddBackward0>)",
  );
});

test.each([
  ["relu", activation.relu],
  ["relu6", activation.relu6],
  ["leakyRelu", activation.leakyRelu],
  ["elu", activation.elu],
  ["celu", activation.celu],
  ["selu", activation.selu],
  ["hardtanh", activation.hardtanh],
  ["hardsigmoid", activation.hardsigmoid],
  ["hardswish", activation.hardswish],
  ["silu", activation.silu],
  ["mish", activation.mish],
  ["rrelu", activation.rrelu],
] as const)("%s in place writes into its input what it gives otherwise", (_, run) => {
  const given = tensor([-1.5, 0, 2], { dtype: "float64" });
  const expected = run(given).tolist();
  expect(run(given, { inplace: true })).toBe(given);
  expect(given.tolist()).toEqual(expected);
});

test("without a dimension softmax takes PyTorch's old choice, and warns", () => {
  const said: string[] = [];
  const former = setWarningHandler((message) => said.push(message));
  try {
    expect(activation.softmax(tensor([[0, 0]], { dtype: "float32" })).tolist()).toEqual([[0.5, 0.5]]);
  } finally {
    setWarningHandler(former);
  }
  expect(said).toEqual([
    "Implicit dimension choice for softmax has been deprecated. Change the call to include dim=X as an argument.",
  ]);
});
