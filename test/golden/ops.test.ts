import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { grad } from "../../src/autograd/backward.ts";
import { dtypes } from "../../src/dtype.ts";
import { ParascopeError } from "../../src/errors.ts";
import { tensor } from "../../src/ops/creation.ts";
import { sampleArguments } from "../../src/ops/sample-tensors.ts";
import { isTensor } from "../../src/tensor/tensor.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { opCases } from "./ops-requests.ts";
import type { OpCase } from "./ops-requests.ts";

interface Data {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly values: readonly (number | boolean | string)[];
}

interface Answer {
  readonly id: string;
  readonly error?: string;
  readonly outputs?: readonly Data[];
  readonly gradFn?: string;
  readonly gradients?: readonly (Data | null)[];
}

const golden = JSON.parse(readFileSync(new URL("ops.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Answer[];
};
const answers = new Map(golden.cases.map((answer) => [answer.id, answer]));

/** Relative: sums and transcendental functions of PyTorch are vectorised, not correctly rounded. */
const tolerances: Readonly<Record<string, number>> = {
  float64: 1e-12,
  float32: 1e-5,
  bfloat16: 8e-3,
  float16: 1e-3,
};

function plain(value: number | boolean | string | bigint): number {
  if (typeof value === "string") return value === "nan" ? NaN : Number(value.replace("inf", "Infinity"));
  return Number(value);
}

/** In what a tensor differs from the wanted data, as sentences. */
function differences(what: string, found: Tensor | null, wanted: Data | null): string[] {
  if (found === null || wanted === null) return found === wanted ? [] : [`${what}: one is missing`];
  if (found.dtype.name !== wanted.dtype)
    return [`${what}: found ${found.dtype.name}, expected ${wanted.dtype}`];
  if (String(found.shape) !== `torch.Size([${wanted.shape.join(", ")}])`) {
    return [`${what}: found ${String(found.shape)}, expected [${wanted.shape.join(", ")}]`];
  }
  const values = [found.reshape(-1).tolist()].flat() as number[];
  const tolerance = tolerances[wanted.dtype] ?? 0;
  return wanted.values.flatMap((value, k) => {
    const expected = plain(value);
    const actual = plain(values[k]!);
    const isClose = Math.abs(actual - expected) <= tolerance * Math.max(1e-3, Math.abs(expected));
    return Object.is(actual, expected) || actual === expected || isClose
      ? []
      : [`${what}, element ${k}: found ${actual}, expected ${expected}`];
  });
}

/** Strides of empty tensors mean nothing. */
function strideDifferences(output: Tensor, wanted: Data): string[] {
  const [found, expected] = [output.strides.join(), wanted.stride.join()];
  return output.count === 0 || found === expected ? [] : [`found strides ${found}, expected ${expected}`];
}

/** In what a call differs from PyTorch's answer. */
function disagreements({ run, sample, dtype }: OpCase, answer: Answer): string[] {
  const args = sampleArguments(sample, dtypes[dtype]);
  const inputs = args.filter(isTensor).filter((input) => input.dtype.kind === "float");
  for (const input of inputs) input.requiresGrad_();
  if (answer.error !== undefined) {
    const found = refusal(() => run(...args));
    return found === answer.error ? [] : [`found ${found}, expected ${answer.error}`];
  }
  const result = run(...args);
  const outputs = isTensor(result) ? [result] : (result as Tensor[]);
  const found = outputs.flatMap((output, k) => [
    ...differences(`output ${k}`, output, answer.outputs![k]!),
    ...strideDifferences(output, answer.outputs![k]!),
  ]);
  const graded = outputs.filter((output) => output.gradFn !== null);
  const gradFn = graded[0]?.gradFn?.name;
  if (gradFn !== answer.gradFn) found.push(`found node ${gradFn}, expected ${answer.gradFn}`);
  if (graded.length === 0) return found;
  const gradOutputs = graded.map((output, k) =>
    tensor(
      Array.from({ length: output.count }, (_, at) => Math.cos(1 + 0.7 * at + 0.31 * k)),
      { dtype: output.dtype },
    ).reshape(output.shape),
  );
  const gradients = grad(graded, inputs, { gradOutputs, allowUnused: true });
  return [
    ...found,
    ...gradients.flatMap((each, k) => differences(`gradient ${k}`, each, answer.gradients![k]!)),
  ];
}

/** The class and first line of what a call throws, as Python names it. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof ParascopeError) return `${error.torchType}: ${error.message.split("\n")[0]}`;
    throw error;
  }
  return "no error";
}

describe("PyTorch's outputs, gradients, node names and refusals", () => {
  test.each(opCases().map((each) => [each.request.id, each] as const))("%s", (id, each) => {
    const answer = answers.get(id) ?? { id, error: "no golden: run test/golden/ops.py again" };
    expect(disagreements(each, answer)).toEqual([]);
  });
});
