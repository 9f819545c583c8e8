/**
 * What goldens of ops ask of PyTorch: every sample of every op, in several dtypes, as data. `ops-requests.main.ts` prints
 * them for `ops.py`; the suite computes the same requests and compares with the answers.
 *
 *     node scripts/run.js test/golden/ops-requests.main.ts > requests.json
 *     python test/golden/ops.py requests.json > test/golden/ops.json
 */

import type { DTypeName } from "../../src/dtype.ts";
import { families } from "../../src/ops/methods.ts";
import type { OpFacts } from "../../src/ops/op.ts";
import { isSampleTensor, sampleValues } from "../../src/ops/samples.ts";
import type { Sample } from "../../src/ops/samples.ts";
import "../../src/ops/creation.ts";

/** The dtypes in which every sample is tried; where PyTorch refuses one, so must we. */
const sampleDtypes: readonly DTypeName[] = ["float64", "float32", "bfloat16", "int64", "bool"];

/** One call. */
export interface OpRequest {
  /** `"add#0/float32"`. */
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
}

function encoded(argument: unknown, salt: number, dtype: DTypeName): unknown {
  if (!isSampleTensor(argument)) return argument;
  const made = argument.dtype ?? dtype;
  const values = sampleValues(argument, salt);
  const isFloat = made.startsWith("float") || made.startsWith("bfloat");
  return {
    tensor: isFloat ? values : values.map(Math.trunc),
    dtype: made,
    shape: argument.shape,
    layout: argument.layout,
  };
}

/** Every case, in a fixed order. */
export function opCases(): OpCase[] {
  const cases: OpCase[] = [];
  for (const family of families) {
    for (const value of Object.values(family)) {
      const run = value as ((...args: unknown[]) => unknown) & { readonly op?: OpFacts };
      const facts = typeof run === "function" ? run.op : undefined;
      if (facts === undefined) continue;
      facts.samples().forEach((sample, number) => {
        for (const dtype of sampleDtypes) {
          const args = sample.map((argument, salt) => encoded(argument, salt, dtype));
          cases.push({
            request: { id: `${facts.name}#${number}/${dtype}`, torch: facts.torch, args },
            run,
            sample,
            dtype,
          });
        }
      });
    }
  }
  return cases;
}
