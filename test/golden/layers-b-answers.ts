/**
 * The golden of losses, recurrent layers, attention, transformers and `nn.utils` (`layers-b.py` made the JSON), and how
 * what is computed here disagrees with it: outputs, gradients, names of nodes, texts and errors; parameters bit for bit,
 * and what the generator gives next.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { noGrad } from "../../src/autograd/grad-mode.ts";
import { pyFloat } from "../../src/catalog/value.ts";
import { ParascopeError } from "../../src/errors.ts";
import * as attention from "../../src/functional/attention.ts";
import * as binaryLoss from "../../src/functional/binary-loss.ts";
import * as classMarginLoss from "../../src/functional/class-margin-loss.ts";
import * as classificationLoss from "../../src/functional/classification-loss.ts";
import * as ctc from "../../src/functional/ctc-loss.ts";
import * as distance from "../../src/functional/distance.ts";
import * as marginLoss from "../../src/functional/margin-loss.ts";
import * as regressionLoss from "../../src/functional/regression-loss.ts";
import * as activationLayers from "../../src/nn/activation.ts";
import * as attentionLayers from "../../src/nn/attention.ts";
import * as classificationLayers from "../../src/nn/classification-loss.ts";
import * as convLayers from "../../src/nn/conv.ts";
import * as transposedLayers from "../../src/nn/conv-transpose.ts";
import * as distanceLayers from "../../src/nn/distance.ts";
import * as linearLayers from "../../src/nn/linear.ts";
import * as marginLayers from "../../src/nn/margin-loss.ts";
import type { Module } from "../../src/nn/module.ts";
import * as normalizationLayers from "../../src/nn/normalization.ts";
import * as recurrentCells from "../../src/nn/recurrent-cells.ts";
import * as recurrentLayers from "../../src/nn/recurrent.ts";
import * as regressionLayers from "../../src/nn/regression-loss.ts";
import * as transformerLayers from "../../src/nn/transformer-layers.ts";
import * as transformers from "../../src/nn/transformer.ts";
import * as utils from "../../src/nn/utils/index.ts";
import { arange } from "../../src/ops/creation-sequences.ts";
import { tensor, zeros } from "../../src/ops/creation.ts";
import type { NestedNumbers } from "../../src/ops/creation.ts";
import { rand, randn } from "../../src/ops/random-creation.ts";
import { denseItems } from "../../src/tensor/elements.ts";
import { manualSeed } from "../../src/tensor/random/generator.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { isTensor } from "../../src/tensor/tensor.ts";

const functions: Readonly<Record<string, unknown>> = {
  ...attention,
  ...binaryLoss,
  ...classMarginLoss,
  ...classificationLoss,
  ...ctc,
  ...distance,
  ...marginLoss,
  ...regressionLoss,
};

const classes: Readonly<Record<string, unknown>> = {
  ...activationLayers,
  ...attentionLayers,
  ...classificationLayers,
  ...convLayers,
  ...distanceLayers,
  ...linearLayers,
  ...marginLayers,
  ...normalizationLayers,
  ...recurrentCells,
  ...recurrentLayers,
  ...regressionLayers,
  ...transformerLayers,
  ...transformers,
  ...transposedLayers,
};

interface Written {
  readonly shape: readonly number[];
  readonly dtype: string;
  /** All elements in order, or of more than 24 that many, spread evenly. */
  readonly values: readonly (number | string)[];
}

interface Network {
  readonly cls: string;
  readonly args: readonly unknown[];
  readonly kw: Readonly<Record<string, unknown>>;
  readonly wrap: readonly (readonly [name: string, kw: Readonly<Record<string, unknown>>])[];
}

interface Failure {
  readonly error?: string;
  readonly message?: string;
}

/** One call of a function. */
export interface Call extends Failure {
  readonly fn: string;
  readonly args: readonly unknown[];
  readonly kw: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly output: Written;
  readonly gradFn: string | null;
  /** Missing where PyTorch fails to compute them. */
  readonly gradients?: readonly (Written | null)[];
}

/** One network, and its calls. */
export interface NetworkCase extends Failure {
  readonly network: Network;
  readonly calls: readonly (readonly [args: readonly unknown[], kw: Readonly<Record<string, unknown>>])[];
  readonly eval: boolean;
  readonly noGrad: boolean;
  readonly double: boolean;
  readonly seed: number;
  readonly parameters: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly state: readonly (readonly [name: string, sha256: string])[];
  readonly metadata: readonly (readonly [name: string, facts: unknown])[];
  readonly repr: string;
  readonly callError?: string;
  readonly outputs: readonly Written[];
  readonly gradFns: readonly (string | null)[];
  readonly gradients?: readonly (Written | null)[];
  readonly next: number;
  readonly after: readonly (readonly [name: string, value: Written])[];
}

/** What PyTorch computed. */
export const golden: { readonly functional: readonly Call[]; readonly modules: readonly NetworkCase[] } =
  JSON.parse(readFileSync(new URL("layers-b.json", import.meta.url), "utf8")) as never;

const camelCase = (name: string): string =>
  name.replace(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** JSON has no infinity. */
function numbers(data: unknown): NestedNumbers {
  if (Array.isArray(data)) return data.map(numbers);
  return data === "-inf" ? -Infinity : (data as number);
}

/** An argument as the golden says it: drawn, of given values, a network, or itself. */
function made(spec: unknown): unknown {
  if (Array.isArray(spec)) return spec.map(made);
  if (typeof spec !== "object" || spec === null) return spec;
  if ("cls" in spec) return built(spec as Network);
  if ("float" in spec) return pyFloat(Number(spec.float));
  const facts = spec as { randn?: number[]; then?: string; data?: unknown; dtype?: string; grad?: boolean };
  const dtype = facts.dtype ?? "float32";
  let value =
    facts.randn === undefined ? tensor(numbers(facts.data), { dtype }) : randn(facts.randn, { dtype });
  if (facts.then === "softmax") value = value.softmax(-1);
  else if (facts.then === "log_softmax") value = value.logSoftmax(-1);
  else if (facts.then !== undefined)
    value = (value as unknown as Record<string, () => Tensor>)[facts.then]!();
  return facts.grad === true ? value.requiresGrad_() : value;
}

function options(kw: Readonly<Record<string, unknown>>): object[] {
  const entries = Object.entries(kw).map(([name, value]) => [camelCase(name), made(value)] as const);
  return entries.length === 0 ? [] : [Object.fromEntries(entries)];
}

function built(spec: Network): Module {
  const Class = classes[spec.cls] as new (...args: unknown[]) => Module;
  const module = new Class(...spec.args.map(made), ...options(spec.kw));
  for (const [name, kw] of spec.wrap) {
    (utils as unknown as Record<string, (...args: unknown[]) => unknown>)[camelCase(name)]!(
      module,
      ...options(kw),
    );
  }
  return module;
}

function tensorsIn(value: unknown): Tensor[] {
  if (isTensor(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(tensorsIn);
  return [];
}

/** The same weighted sum as in the script. */
function backward(outputs: readonly Tensor[]): void {
  let total = zeros([], { dtype: "float64" });
  for (const output of outputs) {
    if (output.gradFn === null) continue;
    const weights = arange(output.count, { dtype: "float64" }).add(1).cos().reshape(output.shape);
    total = total.add(output.double().mul(weights).sum());
  }
  if (total.gradFn !== null) total.backward();
}

/** What differs between a tensor and what the golden has, beyond a relative tolerance; nothing where they agree. */
function differences(
  what: string,
  found: Tensor | null | undefined,
  wanted: Written | null | undefined,
  relative: number,
): string[] {
  if (!found || !wanted) return !found === !wanted ? [] : [`${what}: found ${found ? "one" : "none"}`];
  const facts = `${found.dtype.name} [${found.shape.join(", ")}]`;
  const wantedFacts = `${wanted.dtype} [${wanted.shape.join(", ")}]`;
  if (facts !== wantedFacts) return [`${what}: found ${facts}, expected ${wantedFacts}`];
  const items = denseItems(found.detach().double());
  const scale = Math.max(
    1e-2,
    ...wanted.values.map((value) => (typeof value === "number" ? Math.abs(value) : 0)),
  );
  return wanted.values.flatMap((value, k) => {
    const at =
      items.length > wanted.values.length ? Math.floor((k * items.length) / wanted.values.length) : k;
    const item = Number(items[at]);
    const isNear =
      typeof value === "string"
        ? String(item).replace("Infinity", "inf").replace("NaN", "nan") === value
        : Math.abs(item - value) <= relative * scale;
    return isNear ? [] : [`${what}[${k}]: found ${item}, expected ${value}`];
  });
}

/** What differs between two plain values. */
function unequal(what: string, found: unknown, wanted: unknown): string[] {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  return a === b ? [] : [`${what}: found ${a}, expected ${b}`];
}

/** What differs between how a call fails and how PyTorch fails. */
function failureDifferences(run: () => unknown, type: string, message: string): string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ParascopeError)) return [String((error as Error).stack)];
    const text = type === "KeyError" ? message.slice(1, -1) : message;
    return [...unequal("error", error.torchType, type), ...unequal("message", error.message, text)];
  }
  return [`no error, expected ${type}: ${message}`];
}

/** Nodes of which PyTorch has one where this is composed, or composed otherwise. */
const otherNodes = /Mkldnn|Flash|UnsafeView|TransposeBackward1|^NormBackward1/;

function nodeDifferences(found: Tensor, wanted: string | null): string[] {
  if (wanted === null || otherNodes.test(wanted))
    return unequal("has a node", found.gradFn !== null, wanted !== null);
  return unequal("node", found.gradFn?.name, wanted);
}

/** The first 64 bits of the digest of its elements. */
function sha256(value: Tensor): string {
  const items = denseItems(value.detach());
  return createHash("sha256")
    .update(new Uint8Array(items.buffer, items.byteOffset, items.byteLength))
    .digest("hex")
    .slice(0, 16);
}

/** How one call of a function disagrees with PyTorch. */
export function callDisagreements(each: Call): string[] {
  manualSeed(each.seed);
  const run = functions[camelCase(each.fn)] as (...args: unknown[]) => Tensor;
  const args = each.args.map(made);
  const named = options(each.kw);
  if (each.error !== undefined)
    return failureDifferences(() => run(...args, ...named), each.error, each.message!);
  const output = run(...args, ...named);
  const problems = [
    ...differences("output", output, each.output, 1e-5),
    ...nodeDifferences(output, each.gradFn),
  ];
  if (each.gradients === undefined) return problems;
  backward([output]);
  const inputs = tensorsIn([args, named]).filter((input) => input.requiresGrad);
  return [
    ...problems,
    ...inputs.flatMap((input, k) => differences(`gradient ${k}`, input.grad, each.gradients![k], 1e-4)),
  ];
}

/** How a network disagrees with PyTorch's: as it is built, and what its calls give. */
export function networkDisagreements(each: NetworkCase): string[] {
  manualSeed(each.seed);
  if (each.error !== undefined)
    return failureDifferences(() => built(each.network), each.error, each.message!);
  const module = built(each.network);
  const parameters = Array.from(module.namedParameters(), ([name, value]) => [name, value.shape]);
  const state = module.stateDict();
  const problems = [
    ...unequal("parameters", parameters, each.parameters),
    ...unequal(
      "state dict",
      Array.from(state, ([name, value]) => [name, sha256(value)]),
      each.state,
    ),
    ...unequal("metadata", [...state.metadata], each.metadata),
    ...unequal("text", String(module), each.repr),
  ];
  if (each.double) module.double();
  module.train(!each.eval);
  return [...problems, ...runDisagreements(module, each)];
}

function runDisagreements(module: Module, each: NetworkCase): string[] {
  const inputs: Tensor[] = [];
  const callAll = (): Tensor[] =>
    each.calls.flatMap(([args, kw]) => {
      const values = args.map(made);
      const named = options(kw);
      inputs.push(...tensorsIn([values, named]).filter((input) => input.requiresGrad));
      return tensorsIn((module as (...given: unknown[]) => unknown)(...values, ...named));
    });
  if (each.callError !== undefined) return failureDifferences(callAll, each.callError, each.message!);
  const outputs = each.noGrad ? noGrad(callAll) : callAll();
  const problems = unequal("outputs", outputs.length, each.outputs.length);
  outputs.forEach((output, k) => {
    problems.push(...differences(`output ${k}`, output, each.outputs[k], 1e-5));
    problems.push(...nodeDifferences(output, each.gradFns[k] ?? null));
  });
  if (each.gradients !== undefined) {
    backward(outputs);
    const leaves = [...module.parameters(), ...inputs];
    problems.push(...unequal("leaves", leaves.length, each.gradients.length));
    leaves.forEach((leaf, k) => {
      problems.push(...differences(`gradient ${k}`, leaf.grad, each.gradients![k], 1e-4));
    });
  }
  const next = Number(rand(1).item());
  if (Math.abs(next - each.next) > 1e-6) problems.push(`next draw: found ${next}, expected ${each.next}`);
  for (const [k, [name, value]] of [...module.namedBuffers()].entries()) {
    const [wantedName, wanted] = each.after[k]!;
    problems.push(...unequal("buffer", name, wantedName), ...differences(name, value, wanted, 1e-5));
  }
  return problems;
}
