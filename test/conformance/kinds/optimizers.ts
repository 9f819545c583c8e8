/**
 * The kind `optimizers`: an optimizer with options and groups, the gradients of each step, then the values after each
 * step, the state dict and the text. `SGD` has to agree exactly, and so has what says `"exact": true`: it was recorded with
 * correctly rounded square roots then. What else is allowed is beside `tolerance`.
 */

import * as optim from "../../../src/optim/index.ts";
import { floatsOf, isTuple, optionName, pythonValueOf } from "../../../src/optim/hyper-parameter.ts";
import { Parameter } from "../../../src/nn/index.ts";
import { pythonRepr } from "../../../src/tensor/python-repr.ts";
import { isTensor } from "../../../src/tensor/tensor.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import {
  asList,
  asRecord,
  asText,
  CaseError,
  decodeArgument,
  decodeHead,
  decodeNumber,
  sha1,
} from "../case-data.ts";
import type { CaseRecord } from "../case-data.ts";
import type { Kind } from "../kind.ts";
import { bytesOf, tensorOf } from "../network.ts";
import { Comparison, outcomeOf } from "../outcome.ts";
import { programArgument } from "../program-argument.ts";

/**
 * The difference allowed to all methods but SGD: for each element of a parameter relative to its value, or to the way that
 * it has come until then where that is longer. PyTorch's square root is one unit of the last place off on some processors
 * and not on others, so each step is uncertain by a share of its own length, and where steps take a value through zero that
 * is more than any share of what is left. Of the state, whose way is not recorded, relative to a tensor's largest value.
 */
const tolerance = 1e-6;

type Maker = new (params: unknown, options: object) => optim.Optimizer;

/** The kind `optimizers`. */
export const optimizers: Kind = {
  name: "optimizers",
  check(given) {
    const comparison = new Comparison();
    const cls = asText(given["cls"], "cls");
    const allowed = cls === "SGD" || given["exact"] === true ? 0 : tolerance;
    const params = asList(given["init"], "init").map((value) => new Parameter(tensorOf(value)));
    const ways = params.map((parameter) => new Way(flatNumbers(parameter)));
    const run = (): string => {
      const optimizer = optimizerOf(cls, given, params);
      asList(given["grads"] ?? [], "grads").forEach((gradients, step) => {
        asList(gradients, "gradients of a step").forEach((gradient, k) => {
          params[k]!.grad = gradient === null ? null : tensorOf(gradient);
        });
        optimizer.step();
        const after = asList(asList(given["trajectory"], "trajectory")[step], "values after a step");
        after.forEach((value, k) => {
          const what = `parameter ${k} after step ${step}`;
          compareTensor(comparison, what, value, params[k]!, allowed, (expected, at) =>
            ways[k]!.advanced(expected, at),
          );
        });
      });
      if (given["state_dict"] !== undefined) {
        compareValue(comparison, "state_dict", given["state_dict"], optimizer.stateDict(), false, allowed);
      }
      if (given["repr"] !== undefined) comparison.equal("repr", given["repr"], String(optimizer));
      return "";
    };
    const error = given["error"];
    const expected =
      error === undefined ? "" : `${asText(error, "error")}: ${asText(given["message"], "message")}`;
    comparison.equal("error", expected, outcomeOf(run));
    return comparison.mismatches;
  },
};

/** An optimizer by PyTorch's name and keyword arguments; groups name their parameters by number. */
function optimizerOf(cls: string, given: CaseRecord, params: readonly Parameter[]): optim.Optimizer {
  const maker = (optim as unknown as Readonly<Record<string, Maker | undefined>>)[cls];
  if (maker === undefined) throw new CaseError(`there is no optim.${cls}`);
  const options = optionsOf(asRecord(given["kwargs"] ?? {}, "kwargs"));
  const names = given["names"];
  const named = (k: number): unknown =>
    names === undefined || names === null
      ? params[k]!
      : [asText(asList(names, "names")[k], "a name"), params[k]!];
  const groups = given["groups"];
  if (groups === undefined || groups === null)
    return new maker(
      params.map((_, k) => named(k)),
      options,
    );
  const made = asList(groups, "groups").map((value) => {
    const { params: members, ...rest } = asRecord(value, "a group");
    const params = asList(members, "params").map((k) => named(decodeNumber(k)));
    return Object.assign({ params }, optionsOf(rest));
  });
  return new maker(made, options);
}

function optionsOf(kw: CaseRecord): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(kw).map(([name, value]) => [optionName(name), programArgument(decodeArgument(value))]),
  );
}

function flatNumbers(tensor: Tensor): number[] {
  return tensor.reshape(-1).tolist() as number[];
}

/** How far each element of a parameter has come, as PyTorch's values say. */
class Way {
  readonly #last: number[];
  readonly #lengths: number[];

  constructor(start: readonly number[]) {
    this.#last = [...start];
    this.#lengths = start.map(() => 0);
  }

  /** Goes on to these values, which are the elements from `at`, and gives what differences are relative to. */
  advanced(values: readonly number[], at: number): number[] {
    return values.map((value, k) => {
      this.#lengths[at + k]! += Math.abs(value - this.#last[at + k]!);
      this.#last[at + k] = value;
      return Math.max(Math.abs(value), this.#lengths[at + k]!);
    });
  }
}

/** What differences of elements from a position on are relative to, of which PyTorch has these. */
type Scales = (expected: readonly number[], at: number) => readonly number[];

/** The largest, for all elements. */
function largest(expected: readonly number[]): readonly number[] {
  const value = Math.max(0, ...expected.filter(Number.isFinite).map(Math.abs));
  return expected.map(() => value);
}

/** Compares a tensor, full or brief. */
function compareTensor(
  comparison: Comparison,
  what: string,
  expected: unknown,
  found: Tensor,
  allowed: number,
  scalesOf: Scales,
): void {
  const { dtype, shape } = decodeHead(expected);
  if (dtype !== found.dtype || String(shape) !== String([...found.shape])) {
    comparison.equal(what, `${dtype} [${String(shape)}]`, `${found.dtype} [${String([...found.shape])}]`);
    return;
  }
  const { sha1: digest, head, tail } = asRecord(expected, what);
  const values = flatNumbers(found);
  const compare = (part: string, wanted: readonly number[], at: number): void => {
    const scales = scalesOf(wanted, at);
    const first = wanted.findIndex((value, k) => {
      const other = values[at + k]!;
      if (Object.is(value, other)) return false;
      return !(Number.isFinite(value) && Math.abs(value - other) <= allowed * scales[k]!);
    });
    if (first < 0) return;
    comparison.equal(`${part}, element ${at + first}`, String(wanted[first]), String(values[at + first]));
  };
  if (digest === undefined) return compare(what, flatNumbers(tensorOf(expected)), 0);
  const [first, last] = [asList(head, "head").map(decodeNumber), asList(tail, "tail").map(decodeNumber)];
  compare(`${what}, head`, first, 0);
  compare(`${what}, tail`, last, values.length - last.length);
  if (allowed === 0) comparison.equal(`${what}, sha1`, digest, sha1(bytesOf(found)));
}

/** Compares a Python value, `{"dict"}` and `{"tensor"}` among it, with ours: its kinds, order and numbers. */
function compareValue(
  comparison: Comparison,
  what: string,
  expected: unknown,
  found: unknown,
  isFloat: boolean,
  allowed: number,
): void {
  if (typeof expected === "object" && expected !== null && !Array.isArray(expected)) {
    const tagged = asRecord(expected, what);
    if (tagged["tensor"] !== undefined) {
      if (isTensor(found)) compareTensor(comparison, what, tagged["tensor"], found, allowed, largest);
      else comparison.equal(what, "a tensor", String(found));
      return;
    }
    if (tagged["dict"] !== undefined) {
      const pairs = asList(tagged["dict"], what).map((pair) => asList(pair, "a pair"));
      if (!(found instanceof Map)) return comparison.equal(what, "a dict", String(found));
      comparison.equal(
        `${what}: keys`,
        pairs.map(([key]) => key),
        [...found.keys()],
      );
      for (const [key, value] of pairs) {
        if (found.has(key)) {
          compareValue(
            comparison,
            `${what}.${String(key)}`,
            value,
            found.get(key),
            floatsOf(found).has(key),
            allowed,
          );
        }
      }
      return;
    }
  }
  if (Array.isArray(expected) && Array.isArray(found) && !isTuple(found)) {
    comparison.equal(`${what}: length`, expected.length, found.length);
    const floats = floatsOf(found);
    expected.forEach((item, k) =>
      compareValue(comparison, `${what}[${k}]`, item, found[k], floats.has(k), allowed),
    );
    return;
  }
  const wanted = decodeArgument(expected);
  if (typeof wanted === "number" && typeof found === "number" && wanted !== found) {
    // Numbers that were computed, as LBFGS's, may differ a little.
    if (Math.abs(wanted - found) <= allowed * Math.abs(wanted)) return;
  }
  comparison.equal(what, pythonRepr(wanted), pythonRepr(pythonValueOf(found, isFloat)));
}
