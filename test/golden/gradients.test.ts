/** Gradient figures against PyTorch's; `gradients.py` records them. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { manualSeed, nn, noGrad, randint, randn } from "../../src/index.ts";
import { crossEntropy } from "../../src/functional/index.ts";
import { compare } from "../../src/state/comparison.ts";
import { gradients } from "../../src/state/gradients.ts";
import { snapshot } from "../../src/state/snapshot.ts";

interface Golden {
  readonly rows: readonly (Readonly<Record<string, number>> & { readonly name: never })[];
  readonly total: Readonly<Record<"l2" | "mean" | "std", number>>;
}

const golden = JSON.parse(readFileSync(new URL("gradients.json", import.meta.url), "utf8")) as Golden;

function expectClose(actual: number | null, wanted: number): void {
  expect(Math.abs(actual! - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1e-2, Math.abs(wanted)));
}

it("has PyTorch's figures of gradients and updates", () => {
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(5, 8), new nn.ReLU(), new nn.Linear(8, 3));
  const x = randn(16, 5);
  const y = randint(3, [16]);
  const loss = crossEntropy(model(x), y);
  loss.backward();
  const before = snapshot(model);
  noGrad(() => {
    for (const parameter of model.parameters()) parameter.sub_(parameter.grad!.mul(0.1));
  });
  const { parameters, modules } = gradients(model, { loss, before });
  const changes = compare(before, model);
  expect(parameters.map(({ name }) => name)).toEqual(golden.rows.map(({ name }) => name));
  for (const [k, wanted] of golden.rows.entries()) {
    const { gradient, largest, updateRatio } = parameters[k]!;
    for (const figure of ["l2", "mean", "std", "min", "max"] as const)
      expectClose(gradient![figure], wanted[figure]!);
    expect(gradient!.zeros).toBe(wanted["zeros"]);
    expectClose(largest, wanted["largest"]!);
    expectClose(updateRatio, wanted["ratio"]!);
    expectClose(changes.tensors[k]!.ratio, wanted["ratio"]!);
  }
  const whole = modules[0]!.gradient!;
  for (const figure of ["l2", "mean", "std"] as const) expectClose(whole[figure], golden.total[figure]);
});
