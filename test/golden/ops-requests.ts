/**
 * What goldens of ops ask of PyTorch: every sample of every op, in several dtypes, as data. `ops-requests.main.ts` prints
 * them for `ops.py`, which writes one file of answers a family; the suite computes the same requests and compares.
 *
 *     node scripts/run.js test/golden/ops-requests.main.ts [FAMILY…] > requests.json
 *     python test/golden/ops.py requests.json test/golden/ops
 */

import type { DTypeName } from "../../src/dtype.ts";
import { dtypes } from "../../src/dtype.ts";
import { families } from "../../src/ops/methods.ts";
import type { OpFacts } from "../../src/ops/op.ts";
import { complexSampleValues, isSampleTensor, isSmooth, sampleValues } from "../../src/ops/samples.ts";
import type { Sample } from "../../src/ops/samples.ts";
import { isComplexNumber, isScalarArgument } from "../../src/tensor/scalar.ts";
import "../../src/ops/creation.ts";

/** The dtypes in which every sample is tried; where PyTorch refuses one, so must we. */
const sampleDtypes: readonly DTypeName[] = ["float64", "float32", "bfloat16", "int64", "bool"];

/** One call. */
export interface OpRequest {
  /** `"add#0/float32"`, or `"add_#0/float32"` in place. */
  readonly id: string;
  /** The method, or a dotted function, as PyTorch calls it. */
  readonly torch: string;
  readonly args: readonly unknown[];
}

/** An op that can be called, and one of its samples. */
export interface OpCase {
  readonly request: OpRequest;
  readonly run: (...args: unknown[]) => unknown;
  readonly sample: Sample;
  readonly dtype: DTypeName;
  /** Whether the call writes into its first tensor, which is then no leaf that collects gradients. */
  readonly isInPlace: boolean;
}

/** Numbers that JSON has not, as text. */
function encodedNumber(value: number, isFloat: boolean): number | string {
  if (Object.is(value, -0)) return isFloat ? "-0.0" : 0;
  if (Number.isFinite(value)) return isFloat ? value : Math.trunc(value);
  return isFloat ? String(value).replace("Infinity", "inf").toLowerCase() : 0;
}

function encoded(argument: unknown, salt: number, dtype: DTypeName): unknown {
  if (isSampleTensor(argument)) {
    const made = argument.dtype ?? dtype;
    const { kind } = dtypes[made];
    const plain = sampleValues(argument, salt);
    const parts = kind === "complex" ? complexSampleValues(plain).flatMap(({ re, im }) => [re, im]) : plain;
    const values = parts.map((value) => encodedNumber(value, kind === "float" || kind === "complex"));
    return { tensor: values, dtype: made, shape: argument.shape, layout: argument.layout };
  }
  if (argument === undefined) return null;
  if (typeof argument === "bigint") return { int: String(argument) };
  if (typeof argument === "number") return encodedNumber(argument, true);
  if (typeof argument !== "object" || argument === null) return argument;
  if (isComplexNumber(argument)) return { complex: [argument.re, argument.im] };
  if (isScalarArgument(argument)) return { float: encodedNumber(argument.value, true) };
  if (Array.isArray(argument)) return argument.map((each: unknown, k) => encoded(each, salt + k, dtype));
  return {
    options: Object.fromEntries(
      Object.entries(argument).map(([name, value], k) => [name, encoded(value, salt + k, dtype)]),
    ),
  };
}

type AnyOp = ((...args: unknown[]) => unknown) & {
  readonly op?: OpFacts;
  readonly inPlace?: (...args: unknown[]) => unknown;
};

/** Every case of a family, in a fixed order. */
export function opCases(family: string): OpCase[] {
  const cases: OpCase[] = [];
  for (const value of Object.values(families[family]!)) {
    const run = value as AnyOp;
    const facts = typeof run === "function" ? run.op : undefined;
    if (facts === undefined) continue;
    const { name, torch } = facts;
    facts.samples().forEach((sample, number) => {
      const isComplex = facts.takesComplex && isSmooth(sample);
      for (const dtype of isComplex ? [...sampleDtypes, "complex128" as const] : sampleDtypes) {
        const args = sample.map((argument, salt) => encoded(argument, salt, dtype));
        const id = `#${number}/${dtype}`;
        const isInPlace = /[a-z0-9]_$/.test(torch);
        cases.push({ request: { id: name + id, torch, args }, run, sample, dtype, isInPlace });
        if (run.inPlace === undefined) continue;
        const request = { id: `${name}_${id}`, torch: `${torch}_`, args };
        cases.push({ request, run: run.inPlace, sample, dtype, isInPlace: true });
      }
    });
  }
  return cases;
}
