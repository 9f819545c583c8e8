import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { grad } from "../../src/autograd/backward.ts";
import { ParascopeError } from "../../src/errors.ts";
import type { Module } from "../../src/nn/index.ts";
import { isUninitialized } from "../../src/nn/index.ts";
import { tensor } from "../../src/ops/creation.ts";
import "../../src/ops/methods.ts";
import { rand, randint, randn } from "../../src/ops/random-creation.ts";
import { denseItems } from "../../src/tensor/elements.ts";
import { manualSeed } from "../../src/tensor/random/index.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isTensor } from "../../src/tensor/tensor.ts";
import { setWarningHandler } from "../../src/warnings.ts";
import type { InputRecipe, LayerCase } from "./layers-a-cases.ts";
import { layerCases } from "./layers-a-cases.ts";
import { refusalCases } from "./layers-a-refusals.ts";

interface Sample {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly step: number;
  readonly values: readonly (number | string)[];
  readonly total: number | string;
}

interface Answer {
  readonly before: string;
  readonly repr: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
  readonly outputs: readonly Sample[];
  readonly gradFn: string | null;
  readonly gradients?: readonly (Sample | null)[];
  readonly buffers: Readonly<Record<string, Sample>>;
}

const golden = JSON.parse(readFileSync(new URL("layers-a.json", import.meta.url), "utf8")) as {
  readonly layers: readonly Answer[];
  readonly refusals: readonly string[];
};

/** PyTorch's sums are vectorised and its transcendental functions not correctly rounded. */
const tolerances: Readonly<Record<string, number>> = { float64: 1e-11, float32: 1e-5, bfloat16: 1e-2 };

function draw(recipe: InputRecipe): Tensor {
  switch (recipe.kind) {
    case "randint":
      return randint(recipe.high, recipe.shape);
    case "integers":
      return tensor(recipe.values);
    case "rand":
      return rand(recipe.shape, { dtype: recipe.dtype });
    case "randn":
      return randn(recipe.shape, { dtype: recipe.dtype });
  }
}

function digest(parameter: Tensor): string {
  const items = denseItems(parameter.detach());
  const bytes = new Uint8Array(items.buffer, items.byteOffset, items.byteLength);
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

function digests(layer: Module): Record<string, string> {
  return Object.fromEntries(
    Array.from(layer.namedParameters(), ([name, parameter]) => [name, digest(parameter)]),
  );
}

function plain(value: number | string): number {
  return typeof value === "number" ? value : Number(value.replace("inf", "Infinity"));
}

/** In what a tensor differs from what PyTorch has, as sentences; `scale` loosens the bound for gradients. */
function differences(what: string, found: Tensor | null, wanted: Sample | null, scale: number = 1): string[] {
  if (found === null || wanted === null) return found === wanted ? [] : [`${what}: one is missing`];
  if (found.dtype.name !== wanted.dtype) return [`${what}: ${found.dtype.name}, expected ${wanted.dtype}`];
  if (found.shape.join() !== wanted.shape.join())
    return [`${what}: [${found.shape.join()}], expected [${wanted.shape.join()}]`];
  const values = Array.from(denseItems(found.detach().double()) as Float64Array);
  const bound = (tolerances[wanted.dtype] ?? 0) * scale;
  const isFar = (a: number, b: number): boolean =>
    !(Object.is(a, b) || a === b || Math.abs(a - b) <= bound * Math.max(1, Math.abs(b)));
  const wrong = wanted.values.flatMap((value, k) => {
    const actual = values[k * wanted.step]!;
    return isFar(actual, plain(value))
      ? [`${what}, element ${k * wanted.step}: ${actual}, expected ${value}`]
      : [];
  });
  const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
  const isTotalFar =
    wanted.dtype !== "bfloat16" &&
    isFar(total / (values.length || 1), plain(wanted.total) / (values.length || 1));
  return isTotalFar ? [...wrong, `${what}, total: ${total}, expected ${wanted.total}`] : wrong;
}

function disagreements(
  seed: number,
  { make, inputs, areInputsWritten, isInexact }: LayerCase,
  answer: Answer,
): string[] {
  manualSeed(seed);
  const layer = make();
  const found: string[] = [];
  const same = (what: string, actual: unknown, expected: unknown): void => {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (a !== b) found.push(`${what}: ${a}, expected ${b}`);
  };
  same("text before", String(layer), answer.before);
  const args = inputs.map(draw);
  const floats = args.filter((arg) => arg.dtype.kind === "float");
  if (areInputsWritten !== true) for (const arg of floats) arg.requiresGrad_();
  const isLazy = Array.from(layer.parameters()).some(isUninitialized);
  const before = isLazy ? null : digests(layer);
  const result = layer(...args) as unknown;
  if (isInexact !== true) same("parameters", before ?? digests(layer), answer.parameters);
  same("text", String(layer), answer.repr);
  same("keys", [...layer.stateDict().keys()], answer.keys);
  const outputs = isTensor(result) ? [result] : (result as Tensor[]);
  outputs.forEach((output, k) => found.push(...differences(`output ${k}`, output, answer.outputs[k]!)));
  const [output] = outputs;
  same("node", output!.gradFn?.name ?? null, answer.gradFn);
  if (output!.gradFn !== null) {
    const leaves = [...floats.filter((arg) => arg.requiresGrad), ...layer.parameters()];
    const weights = tensor(
      Array.from({ length: output!.count }, (_, k) => Math.cos(1 + 0.7 * k)),
      { dtype: output!.dtype },
    ).reshape(output!.shape);
    const gradients = grad([output!], leaves, { gradOutputs: [weights], allowUnused: true });
    gradients.forEach((gradient, k) =>
      found.push(...differences(`gradient ${k}`, gradient, answer.gradients![k]!, 10)),
    );
  }
  for (const [name, buffer] of layer.namedBuffers()) {
    found.push(...differences(name, buffer, answer.buffers[name] ?? null));
  }
  return found;
}

describe("layers as PyTorch has them under the same seed: texts, parameters, outputs, gradients, node names", () => {
  test.each(layerCases.map((each, seed) => [each.torch, seed, each] as const))("%s (%i)", (_, seed, each) => {
    expect(disagreements(seed, each, golden.layers[seed]!)).toEqual([]);
  });
});

describe("refusals in PyTorch's words", () => {
  test.each(refusalCases.map((each, k) => [each.torch, each.run, golden.refusals[k]!] as const))(
    "%s",
    (_, run, wanted) => {
      const former = setWarningHandler(() => {});
      try {
        expect(refusalOf(run)).toBe(wanted);
      } finally {
        setWarningHandler(former);
      }
    },
  );
});

function refusalOf(run: () => unknown): string {
  try {
    return String(run());
  } catch (error) {
    if (error instanceof ParascopeError) return `${error.torchType}: ${error.message.split("\n")[0]}`;
    throw error;
  }
}
