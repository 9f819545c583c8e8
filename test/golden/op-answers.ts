/**
 * PyTorch's answers to the requests of `ops-requests.ts`, and in what ours differ from them.
 */

import { existsSync, readFileSync } from "node:fs";
import { grad } from "../../src/autograd/backward.ts";
import { dtypes } from "../../src/dtype.ts";
import { ParascopeError } from "../../src/errors.ts";
import { tensor } from "../../src/ops/creation.ts";
import { viewAsReal } from "../../src/ops/complex-views.ts";
import { sampleArguments, tensorsAmong } from "../../src/ops/sample-tensors.ts";
import { isTensor } from "../../src/tensor/tensor.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { OpCase } from "./ops-requests.ts";

/** A tensor as PyTorch gave it. */
export interface Data {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly values: readonly (number | boolean | string)[];
}

/** What PyTorch answered to a request. */
export interface Answer {
  readonly id: string;
  readonly error?: string;
  readonly outputs?: readonly Data[];
  readonly gradFn?: string;
  readonly gradients?: readonly (Data | null)[];
  readonly gradientError?: string;
}

/** The answers for a family, by request. */
export function answersFor(family: string): ReadonlyMap<string, Answer> {
  const file = new URL(`ops/${family}.json`, import.meta.url);
  if (!existsSync(file)) return new Map();
  const golden = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Answer[] };
  return new Map(golden.cases.map((answer) => [answer.id, answer]));
}

/** Relative: sums and transcendental functions of PyTorch are vectorised, not correctly rounded. */
const tolerances: Readonly<Record<string, number>> = {
  complex128: 1e-12,
  complex64: 1e-5,
  float64: 1e-12,
  float32: 1e-5,
  bfloat16: 2e-2,
  float16: 1e-3,
};

/** PyTorch's own trigamma function, which these gradients need, is right to nine digits only. */
const inexact: ReadonlySet<string> = new Set(["digamma", "polygamma"]);

/** Ops of a single rounding, or of roundings that are known: their outputs are equal to the last bit. */
const exact: ReadonlySet<string> = new Set([
  ..."add sub torch.rsub mul div true_divide floor_divide remainder fmod reciprocal neg abs absolute sign sgn".split(
    " ",
  ),
  ..."floor ceil round trunc frac clamp clip clamp_min clamp_max maximum minimum fmax fmin where relu".split(
    " ",
  ),
  ..."lerp addcmul addcdiv square copysign heaviside nan_to_num".split(" "),
]);

/** How far results of an op may lie from PyTorch's, relative to their size. */
function toleranceOf(torch: string, dtype: string, isOutput: boolean): number {
  const name = torch.endsWith("_") ? torch.slice(0, -1) : torch;
  // In 16 bits PyTorch's vectors and their rests round differently.
  // Of complex products PyTorch rounds only once, in an order that depends on the machine.
  if (isOutput && exact.has(name) && !dtype.startsWith("complex")) return dtype === "bfloat16" ? 2 ** -8 : 0;
  return inexact.has(name) && dtype === "float64" ? 1e-8 : (tolerances[dtype] ?? 0);
}

function plain(value: number | boolean | string | bigint): number {
  if (typeof value === "string") return value === "nan" ? NaN : Number(value.replace("inf", "Infinity"));
  return Number(value);
}

/** In what a tensor differs from the wanted data, as sentences. */
function differences(torch: string, what: string, found: Tensor | null, wanted: Data | null): string[] {
  if (found === null || wanted === null) return found === wanted ? [] : [`${what}: one is missing`];
  if (found.dtype.name !== wanted.dtype)
    return [`${what}: found ${found.dtype.name}, expected ${wanted.dtype}`];
  if (String(found.shape) !== `torch.Size([${wanted.shape.join(", ")}])`) {
    return [`${what}: found ${String(found.shape)}, expected [${wanted.shape.join(", ")}]`];
  }
  const parts = found.isComplex() ? viewAsReal(found.detach()) : found;
  const values = [parts.reshape(-1).tolist()].flat() as number[];
  const tolerance = toleranceOf(torch, wanted.dtype, what.startsWith("output"));
  // Sums that nearly cancel are as exact as their terms, not as themselves; in 16 bits PyTorch rounds each step.
  const coarseness = wanted.dtype === "bfloat16" ? 1 : 0.01;
  const largest = wanted.values.reduce((most: number, value) => {
    const size = Math.abs(plain(value));
    return Number.isFinite(size) ? Math.max(most, size) : most;
  }, 0);
  return wanted.values.flatMap((value, k) => {
    const exact = plain(value);
    const expected = wanted.dtype === "float64" || wanted.dtype === "complex128" ? exact : Math.fround(exact);
    const actual = plain(values[k]!);
    const isClose =
      Math.abs(actual - expected) <= tolerance * Math.max(coarseness * largest, Math.abs(expected));
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
export function disagreements({ request, run, sample, dtype, isInPlace }: OpCase, answer: Answer): string[] {
  const args = sampleArguments(sample, dtypes[dtype]);
  const inputs = tensorsAmong(args).filter((input) => input.dtype.kind === "float" || input.isComplex());
  for (const input of inputs) input.requiresGrad_();
  if (isInPlace) args[0] = (args[0] as Tensor).clone();
  if (answer.error !== undefined) {
    const found = refusal(() => run(...args));
    return found === answer.error ? [] : [`found ${found}, expected ${answer.error}`];
  }
  const result = run(...args);
  const outputs = outputsOf(result);
  const found = outputs.flatMap((output, k) => [
    ...differences(request.torch, `output ${k}`, output, answer.outputs![k]!),
    ...strideDifferences(output, answer.outputs![k]!),
  ]);
  const graded = outputs.filter((output) => output.gradFn !== null);
  const gradFn = graded[0]?.gradFn?.name;
  if (gradFn !== answer.gradFn) found.push(`found node ${gradFn}, expected ${answer.gradFn}`);
  if (graded.length === 0) return found;
  const gradOutputs = graded.map((output, k) =>
    tensor(
      Array.from({ length: output.count }, (_, at) => {
        const re = Math.cos(1 + 0.7 * at + 0.31 * k);
        return output.isComplex() ? { re, im: Math.sin(2 + 0.7 * at) } : re;
      }),
      { dtype: output.dtype },
    ).reshape(output.shape),
  );
  const differentiate = (): readonly (Tensor | null)[] =>
    grad(graded, inputs, { gradOutputs, allowUnused: true });
  if (answer.gradientError !== undefined) {
    const refused = refusal(differentiate);
    return refused === answer.gradientError
      ? found
      : [...found, `found ${refused}, expected ${answer.gradientError}`];
  }
  return [
    ...found,
    ...differentiate().flatMap((each, k) =>
      differences(request.torch, `gradient ${k}`, each, answer.gradients![k]!),
    ),
  ];
}

/** What a call gave, as a list of tensors; named results lie in the order of their names. */
function outputsOf(result: unknown): Tensor[] {
  if (isTensor(result)) return [result];
  if (typeof result === "boolean") return [tensor(result)];
  return Object.values(result as object) as Tensor[];
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
