/**
 * Dtypes for which PyTorch has compiled few ops: what it computes with them, and how it refuses the rest.
 */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ParascopeError } from "../../src/errors.ts";
import { viewAsReal, tensor } from "../../src/ops/index.ts";
import { isTensor } from "../../src/tensor/tensor.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";

interface Case {
  readonly call: readonly [name: string, ...args: (string | number)[]];
  readonly dtype: string;
  readonly error?: string;
  readonly parts?: readonly { readonly dtype: string; readonly values: readonly string[] }[];
}

const golden = JSON.parse(readFileSync(new URL("rare-dtypes.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

function partsOf(result: unknown): Tensor[] {
  if (isTensor(result)) return [result];
  if (typeof result !== "object" || result === null) return [tensor(result as boolean)];
  return Object.values(result).filter(isTensor);
}

function valuesOf(self: Tensor): number[] {
  const plain = self.isComplex() ? viewAsReal(self) : self;
  return [plain.reshape(-1).tolist()].flat().map((value) => rounded(Number(value)));
}

function answered({ call: [name, ...args], dtype }: Case): Pick<Case, "error"> | { parts: unknown } {
  const self = tensor([1, 1], { dtype: "float32" }).to(dtype);
  const stands: Readonly<Record<string, Tensor>> = { x: self, i: tensor([0]), m: tensor([true, false]) };
  const method = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const run = (self as unknown as Record<string, (...args: unknown[]) => unknown>)[method]!;
  try {
    const result = run.call(self, ...args.map((arg) => stands[arg] ?? arg));
    return { parts: partsOf(result).map((part) => ({ dtype: part.dtype.name, values: valuesOf(part) })) };
  } catch (error) {
    if (!(error instanceof ParascopeError) || error.torchType === undefined) throw error;
    return { error: `${error.torchType}: ${error.message}` };
  }
}

function number(text: string): number {
  if (text === "True" || text === "False") return Number(text === "True");
  return rounded(Number(text.replace("inf", "Infinity")));
}

/** To five decimals, as PyTorch's functions are exact to seven. */
function rounded(value: number): number {
  return Number(value.toFixed(5)) + 0;
}

function wanted({ error, parts }: Case): unknown {
  if (error !== undefined) return { error };
  return { parts: parts!.map(({ dtype, values }) => ({ dtype, values: values.map(number) })) };
}

describe("a dtype that few ops take", () => {
  test.each(golden.cases.map((each) => [`${each.dtype} ${each.call.join(" ")}`, each] as const))(
    "%s",
    (_, each) => {
      expect(answered(each)).toEqual(wanted(each));
    },
  );
});
