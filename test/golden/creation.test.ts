import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ParascopeError } from "../../src/errors.ts";
import { arange, eye, linspace, logspace } from "../../src/ops/creation-sequences.ts";
import { empty, full, ones, zeros } from "../../src/ops/creation.ts";
import { normal, rand, randint, randn, randperm } from "../../src/ops/random-creation.ts";
import { manualSeed } from "../../src/tensor/random/index.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

interface Case {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly values?: readonly (number | boolean | string)[];
  readonly error?: string;
}

const golden = JSON.parse(readFileSync(new URL("creation.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

const functions = {
  arange,
  linspace,
  logspace,
  eye,
  zeros,
  ones,
  empty,
  full,
  rand,
  randn,
  randint,
  randperm,
  normal,
} as unknown as Readonly<Record<string, (...args: unknown[]) => Tensor>>;

function plain(value: unknown): unknown {
  if (value === "nan") return NaN;
  return value === "inf" ? Infinity : value;
}

/** Powers are not correctly rounded, neither there nor here. */
const powerTolerances: Readonly<Record<string, number>> = { float32: 2e-7, float16: 1e-3, bfloat16: 8e-3 };

type Outcome = Pick<Case, "dtype" | "shape" | "values" | "error">;

function outcome({ name, args, options }: Case): Outcome {
  manualSeed(7);
  try {
    const made = functions[name]!(...args.map(plain), options);
    const values = name === "empty" ? [] : ([made.reshape(-1).tolist()].flat() as number[]);
    return { dtype: made.dtype.name, shape: made.shape.slice(), values };
  } catch (error) {
    if (error instanceof ParascopeError)
      return { error: `${error.torchType}: ${error.message.split("\n")[0]}` };
    throw error;
  }
}

/** In what an outcome differs from the recorded one, as sentences. */
function differences(wanted: Case, found: Outcome): string[] {
  const [expected, actual] = [wanted, found].map(({ error, dtype, shape }) =>
    error === undefined ? `${dtype} [${shape!.join()}]` : error,
  );
  if (actual !== expected) return [`found ${actual}, expected ${expected}`];
  const tolerance = wanted.name === "logspace" ? (powerTolerances[wanted.dtype!] ?? 1e-15) : 0;
  return (wanted.values ?? []).flatMap((value, k) => {
    const [a, b] = [Number(found.values![k]), Number(plain(value))];
    const isSame = Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.abs(b);
    return isSame ? [] : [`element ${k}: found ${a}, expected ${b}`];
  });
}

describe("functions that make tensors", () => {
  const titled = golden.cases.map(
    (each) => [`${each.name}(${JSON.stringify(each.args)}, ${JSON.stringify(each.options)})`, each] as const,
  );

  test.each(titled)("%s as PyTorch", (_, each) => {
    expect(differences(each, outcome(each))).toEqual([]);
  });
});
