import { describe, expect, test } from "vitest";
import { enableGrad } from "../autograd/grad-mode.ts";
import { dtypes } from "../dtype.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gradcheck, gradgradcheck } from "./gradcheck.ts";
import { families } from "./methods.ts";
import type { OpFacts } from "./op.ts";
import { sampleArguments } from "./sample-tensors.ts";
import type { Sample } from "./samples.ts";

type Run = (...args: unknown[]) => Tensor | readonly Tensor[];

const ops = families.flatMap((family) =>
  Object.values(family).flatMap((value) => {
    const run = value as Run & { readonly op?: OpFacts };
    return typeof run === "function" && run.op !== undefined ? [{ run, facts: run.op }] : [];
  }),
);

/** The samples of differentiable ops, with the tensors among the arguments apart from the rest. */
const cases = ops.flatMap(({ run, facts }) =>
  facts.isDifferentiable
    ? facts.samples().map((sample, number) => [`${facts.name} #${number}`, run, sample] as const)
    : [],
);

function bound(
  run: Run,
  sample: Sample,
): { inputs: Tensor[]; call: (...inputs: Tensor[]) => Tensor | readonly Tensor[] } {
  const args = sampleArguments(sample, dtypes.float64);
  const places = args.flatMap((argument, place) => (isTensor(argument) ? [place] : []));
  const inputs = places.map((place) => args[place] as Tensor);
  for (const input of inputs) if (input.dtype.kind === "float") input.requiresGrad_();
  const call = (...given: Tensor[]): Tensor | readonly Tensor[] => {
    const all = args.slice();
    places.forEach((place, k) => {
      all[place] = given[k];
    });
    return run(...all);
  };
  return { inputs, call };
}

describe("every op with derivatives", () => {
  test.each(cases)("has the gradient that differences show: %s", (_, run, sample) => {
    const { inputs, call } = bound(run, sample);
    expect(enableGrad(() => gradcheck(call, inputs))).toBe(true);
  });

  test.each(cases)("has the second derivative that differences show: %s", (_, run, sample) => {
    const { inputs, call } = bound(run, sample);
    expect(enableGrad(() => gradgradcheck(call, inputs))).toBe(true);
  });
});
