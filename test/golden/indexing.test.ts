import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { grad } from "../../src/autograd/backward.ts";
import { tensor } from "../../src/ops/creation.ts";
import type { IndexValue } from "../../src/ops/indexing.ts";
import type { Index } from "../../src/tensor/index-items.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { refusal } from "./autograd-programs.ts";

type Recipe = readonly [dtype: string, shape: readonly number[], values: readonly (number | boolean)[]];

interface Case {
  readonly subject: string;
  readonly index: readonly string[];
  readonly value?: string | number;
  readonly error?: string;
  readonly shape?: readonly number[];
  readonly stride?: readonly number[];
}

interface Golden {
  readonly tensors: Readonly<Record<string, Recipe>>;
  readonly values: Readonly<Record<string, Recipe>>;
  readonly gets: readonly Case[];
  readonly sets: readonly Case[];
}

const golden = JSON.parse(readFileSync(new URL("indexing.json", import.meta.url), "utf8")) as Golden;

function ramp(...shape: number[]): Tensor {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Array.from({ length: count }, (_, k) => k / 2 - 1);
  return tensor(values, { dtype: "float32" }).reshape(shape);
}

const subjects: Readonly<Record<string, () => Tensor>> = {
  x: () => ramp(2, 3),
  a: () => ramp(2, 3, 4),
  t: () => ramp(4, 3, 2).permute(2, 1, 0),
  s: () => tensor(1, { dtype: "float32" }),
  e: () => tensor([], { dtype: "float32" }).reshape(0, 3),
};

function made([dtype, shape, values]: Recipe): Tensor {
  return tensor(values.slice(), { dtype }).reshape(shape);
}

/** The index as arguments: names of tensors made into them, everything else as text. */
function argumentsOf({ index }: Case): Index[] {
  return index.map((atom) => {
    const recipe = golden.tensors[atom];
    return recipe === undefined ? atom : made(recipe);
  });
}

/** Strides of dimensions that have one place, or none, mean nothing. */
function meaningful(shape: readonly number[], strides: readonly number[]): number[] {
  return strides.map((stride, axis) => (shape[axis]! > 1 && !shape.includes(0) ? stride : 0));
}

function shown(result: Tensor): object {
  const values = [result.detach().reshape(-1).tolist()].flat();
  return {
    shape: result.shape.slice(),
    stride: meaningful(result.shape, result.strides),
    values,
  };
}

function flat(gradient: Tensor | null): unknown {
  return gradient === null ? null : [gradient.reshape(-1).tolist()].flat();
}

function weightsFor(result: Tensor): Tensor {
  const values = Array.from({ length: result.count }, (_, k) => k + 1);
  return tensor(values, { dtype: "float32" }).reshape(result.shape);
}

function get(each: Case): object {
  const leaf = subjects[each.subject]!().requiresGrad_();
  const result = leaf.at(...argumentsOf(each));
  const [gradient] = grad(result, leaf, { gradOutputs: weightsFor(result) });
  const { name } = result.gradFn!;
  return { ...shown(result), gradFn: name, isView: result.base !== null, gradient: flat(gradient!) };
}

function put(each: Case): object {
  const leaf = subjects[each.subject]!().requiresGrad_();
  const target = leaf.mul(1);
  let given: IndexValue = Number(each.value);
  if (typeof each.value === "string") {
    given = made(golden.values[each.value]!);
    if (given.isFloatingPoint()) given.requiresGrad_();
  }
  target.setAt(...argumentsOf(each), given);
  const wanted = typeof given === "object" && "requiresGrad" in given && given.requiresGrad ? [given] : [];
  const gradients = grad(target, [leaf, ...wanted], {
    gradOutputs: weightsFor(target),
    allowUnused: true,
  });
  return {
    ...shown(target),
    version: target.version.value,
    gradFn: target.gradFn!.name,
    gradients: gradients.map(flat),
  };
}

function titled(cases: readonly Case[]): (readonly [string, Case])[] {
  return cases.map((each) => {
    const value = each.value === undefined ? "" : ` = ${each.value}`;
    return [`${each.subject}[${each.index.join(", ")}]${value}`, each] as const;
  });
}

/** What running a case shows: the result, or PyTorch's refusal. */
function outcome(run: (each: Case) => object, each: Case): unknown {
  return each.error === undefined ? run(each) : refusal(() => run(each));
}

/** What PyTorch showed. */
function expectation({ subject: _subject, index: _index, value: _value, ...expected }: Case): unknown {
  const { error, shape, stride } = expected;
  return error ?? { ...expected, stride: meaningful(shape!, stride!) };
}

describe("at reads as PyTorch reads square brackets", () => {
  test.each(titled(golden.gets))("%s", (_, each) => {
    expect(outcome(get, each)).toEqual(expectation(each));
  });

  test.each(titled(golden.gets).filter(([, { index }]) => index.every((atom) => !(atom in golden.tensors))))(
    "in one text: %s",
    (_, each) => {
      expect(outcome(get, { ...each, index: [each.index.join(", ")] })).toEqual(expectation(each));
    },
  );
});

describe("setAt writes as PyTorch assigns to square brackets", () => {
  test.each(titled(golden.sets))("%s", (_, each) => {
    expect(outcome(put, each)).toEqual(expectation(each));
  });
});
