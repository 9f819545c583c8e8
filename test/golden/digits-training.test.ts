/** Training the digits networks: from the same seed, data and options, the losses are those of PyTorch. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DigitsCNN, DigitsMLP, loadDigits } from "../../examples/networks/digits.ts";
import { data, manualSeed, nn, optim } from "../../src/index.node.ts";

interface Golden {
  readonly cases: readonly {
    readonly network: "DigitsMLP" | "DigitsCNN";
    readonly optimizer: "SGD" | "AdamW";
    readonly seed: number;
    readonly losses: readonly number[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL("digits-training.json", import.meta.url), "utf8")) as Golden;

const digits = await loadDigits();
const networks = { DigitsMLP, DigitsCNN };
const optimizers = {
  SGD: (model: nn.Module) =>
    new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-4 }),
  AdamW: (model: nn.Module) => new optim.AdamW(model.parameters(), { lr: 0.005, weightDecay: 0.05 }),
};

/** The losses of the first steps; made and trained in the order of the script, which draws the same numbers. */
function losses(
  network: keyof typeof networks,
  method: keyof typeof optimizers,
  seed: number,
  count: number,
): number[] {
  manualSeed(seed);
  const [training] = data.randomSplit(digits, [1437, 360]);
  const loader = new data.DataLoader(training, { batchSize: 64, shuffle: true });
  const model = new networks[network]();
  const optimizer = optimizers[method](model);
  const scheduler = new optim.lrScheduler.LinearLR(optimizer, { startFactor: 0.1, totalIters: 10 });
  const found: number[] = [];
  while (found.length < count) {
    for (const [images, labels] of loader) {
      optimizer.zeroGrad();
      const loss = nn.functional.crossEntropy(model(images), labels);
      loss.backward();
      optimizer.step();
      scheduler.step();
      found.push(Number(loss.item()));
    }
  }
  return found.slice(0, count);
}

describe("training the digits networks", () => {
  it.each(golden.cases)("$network with $optimizer from seed $seed loses as PyTorch does", (wanted) => {
    const found = losses(wanted.network, wanted.optimizer, wanted.seed, wanted.losses.length);
    expect(found).toHaveLength(50);
    const errors = wanted.losses.map((loss, step) => Math.abs(found[step]! - loss) / loss);
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });
});
