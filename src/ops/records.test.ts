import { describe, expect, test } from "vitest";
import { enableGrad } from "../autograd/grad-mode.ts";
import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { ParascopeError } from "../errors.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { gradcheck, gradgradcheck } from "./gradcheck.ts";
import { families } from "./methods.ts";
import type { OpFacts } from "./op.ts";
import { sampleArguments, tensorsAmong, withTensors } from "./sample-tensors.ts";
import { isSmooth } from "./samples.ts";
import type { Sample } from "./samples.ts";

type Run = (...args: unknown[]) => Tensor | readonly Tensor[];

const ops = Object.values(families).flatMap((family) =>
  Object.values(family).flatMap((value) => {
    const run = value as Run & { readonly op?: OpFacts };
    return typeof run === "function" && run.op !== undefined ? [{ run, facts: run.op }] : [];
  }),
);

/** Whether a sample is no example of a refusal; that it is refused as PyTorch refuses it, the goldens tell. */
function isAccepted(run: Run, sample: Sample, dtype: DType): boolean {
  try {
    run(...sampleArguments(sample, dtype));
    return true;
  } catch (error) {
    if (error instanceof ParascopeError && error.torchType !== undefined) return false;
    throw error;
  }
}

/** The samples of differentiable ops, with the tensors among the arguments apart from the rest. */
const cases = ops.flatMap(({ run, facts }) =>
  facts.isDifferentiable
    ? (facts.takesComplex ? [dtypes.float64, dtypes.complex128] : [dtypes.float64]).flatMap((dtype) =>
        facts
          .samples()
          .map((sample, number) => [`${facts.name} #${number} ${dtype.name}`, run, sample, dtype] as const)
          .filter(([, , sample]) => isSmooth(sample) && isAccepted(run, sample, dtype)),
      )
    : [],
);

function bound(
  run: Run,
  sample: Sample,
  dtype: DType,
): { inputs: Tensor[]; call: (...inputs: Tensor[]) => Tensor | readonly Tensor[] } {
  const args = sampleArguments(sample, dtype);
  const inputs = tensorsAmong(args);
  for (const input of inputs) if (input.dtype.kind === "float" || input.isComplex()) input.requiresGrad_();
  const call = (...given: Tensor[]): Tensor | readonly Tensor[] => {
    const result = run(...withTensors(args, given));
    // Results with names lie in the order of their names.
    return isTensor(result) ? result : Object.values(result);
  };
  return { inputs, call };
}

describe("every op with derivatives", () => {
  test.each(cases)("has the gradient that differences show: %s", (_, run, sample, dtype) => {
    const { inputs, call } = bound(run, sample, dtype);
    expect(enableGrad(() => gradcheck(call, inputs))).toBe(true);
  });

  test.each(cases)("has the second derivative that differences show: %s", (_, run, sample, dtype) => {
    const { inputs, call } = bound(run, sample, dtype);
    expect(enableGrad(() => gradgradcheck(call, inputs))).toBe(true);
  });
});
