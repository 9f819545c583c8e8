/** Random streams against PyTorch's, bit for bit; `random-streams.py` records them. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dtypes, type DTypeName, type ItemArray } from "../../src/dtype.ts";
import { UsageError } from "../../src/errors.ts";
import {
  defaultGenerator,
  fillBernoulli,
  fillBernoulliFrom,
  fillCauchy,
  fillDropoutMask,
  fillExponential,
  fillGeometric,
  fillIntegers,
  fillLogNormal,
  fillNormal,
  fillRandom,
  fillTruncatedNormal,
  fillUniform,
  flat,
  manualSeed,
  multinomial,
  randperm,
  type Destination,
} from "../../src/tensor/random/index.ts";

interface Step {
  readonly op: string;
  readonly dtype?: DTypeName;
  readonly shape?: readonly number[];
  readonly stride?: readonly number[];
  readonly storage?: number;
  readonly offset?: number;
  readonly args?: readonly (number | string | boolean | null)[];
  readonly weights?: readonly number[];
  readonly weightShape?: readonly number[];
  readonly weightStride?: readonly number[];
  readonly weightDtype?: DTypeName;
}

interface Result {
  readonly sha1: string;
  readonly head: string;
  readonly tail: string;
  /** All bytes, where the C library's functions decide the last bit. */
  readonly base64?: string;
}

interface Golden {
  readonly programs: readonly {
    readonly seed: string;
    readonly steps: readonly Step[];
    readonly results: readonly (Result | null)[];
    readonly state: string;
  }[];
  readonly continuation: {
    readonly state: string;
    readonly normal3: string;
    readonly uniform700: string;
    readonly normal50: string;
  };
  readonly refusals: readonly {
    readonly step: Step;
    readonly type: string | null;
    readonly message: string | null;
  }[];
}

const golden = JSON.parse(readFileSync(new URL("random-streams.json", import.meta.url), "utf8")) as Golden;

const bytesOf = (items: ItemArray): Uint8Array =>
  new Uint8Array(items.buffer, items.byteOffset, items.byteLength);
const sha1 = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function destination(step: Step): Destination {
  const dtype = dtypes[step.dtype!];
  const shape = step.shape!;
  const length = step.storage ?? shape.reduce((count, size) => count * size, 1);
  const items = new dtype.Items(dtype.kind === "complex" ? 2 * length : length);
  const stride = step.stride ?? shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  return { dtype, items, offset: step.offset ?? 0, shape, stride };
}

function weights(step: Step): Destination {
  const dtype = dtypes[step.weightDtype!];
  const items = new dtype.Items(step.weights!.length);
  const view = new DataView(items.buffer);
  step.weights!.forEach((weight, index) => dtype.set(view, index, weight));
  return { dtype, items, offset: 0, shape: step.weightShape!, stride: step.weightStride! };
}

const toNumber = (argument: number | string | boolean | null): number =>
  argument === "nan" ? NaN : argument === "inf" ? Infinity : Number(argument);
const toInteger = (argument: number | string | boolean | null | undefined): bigint | null =>
  argument === null || argument === undefined ? null : BigInt(argument);

/** Runs a step on the default generator; the items it wrote to, or null. */
function run(step: Step, saved: Uint8Array[]): ItemArray | null {
  const g = defaultGenerator;
  const given = step.args ?? [];
  const [a, b, c, d] = given.map(toNumber);
  switch (step.op) {
    case "seed":
      manualSeed(BigInt(given[0]!));
      return null;
    case "save":
      saved.push(g.getState());
      return null;
    case "restore":
      g.setState(saved.at(-1)!);
      return null;
    case "randperm":
      return randperm(g, a!, dtypes[step.dtype!]);
    case "multinomial":
      return multinomial(g, weights(step), a!, given[1] === true);
    default:
  }
  const view = destination(step);
  switch (step.op) {
    case "uniform":
      fillUniform(g, view, a, b);
      break;
    case "normal":
      fillNormal(g, view, a, b);
      break;
    case "integers":
      fillIntegers(g, view, toInteger(given[0])!, toInteger(given[1]));
      break;
    case "random":
      fillRandom(g, view);
      break;
    case "bernoulli":
      fillBernoulli(g, view, a!);
      break;
    case "bernoulliFrom":
      fillBernoulliFrom(g, view, weights(step));
      break;
    case "dropout":
      fillDropoutMask(g, view, a!);
      break;
    case "exponential":
      fillExponential(g, view, a);
      break;
    case "geometric":
      fillGeometric(g, view, a!);
      break;
    case "cauchy":
      fillCauchy(g, view, a, b);
      break;
    case "logNormal":
      fillLogNormal(g, view, a, b);
      break;
    case "truncatedNormal":
      fillTruncatedNormal(g, view, a, b, c, d);
      break;
    default:
      throw new Error(`no step is called ${step.op}`);
  }
  return view.items;
}

/** How many numbers differ from the recorded ones, and by how much at most, relative to 1 + |recorded|. */
function differences(found: Uint8Array, recorded: Uint8Array): { count: number; distance: number } {
  const b = new Float64Array(Uint8Array.from(recorded).buffer);
  let count = 0;
  let distance = 0;
  new Float64Array(Uint8Array.from(found).buffer).forEach((value, index) => {
    if (Object.is(value, b[index])) return;
    count += 1;
    distance = Math.max(distance, Math.abs(value - b[index]!) / (1 + Math.abs(b[index]!)));
  });
  return { count, distance };
}

const describeStep = ({ op, dtype, shape, args }: Step): string =>
  `${op}${dtype === undefined ? "" : ` ${dtype}`}${shape === undefined ? "" : ` [${shape.join(", ")}]`}(${(args ?? []).join(", ")})`;

/**
 * Float64 numbers compared, and those that differ: the C library's functions are not always correctly rounded, ours
 * nearly always.
 */
const libm = { compared: 0, different: 0 };

/** What a step did, in a line: the same for what was found and what was recorded, if they agree. */
function lines(
  step: Step,
  items: ItemArray | null,
  result: Result | null,
): { found: string; expected: string } {
  const title = describeStep(step);
  if (items === null || result === null) {
    return { found: `${title} ${items === null ? "-" : "items"}`, expected: `${title} -` };
  }
  const bytes = bytesOf(items);
  if (result.base64 === undefined) {
    const ends = 4 * dtypes[step.dtype!].itemSize;
    const found = [title, hex(bytes.subarray(0, ends)), hex(bytes.slice(-ends)), sha1(bytes)];
    return { found: found.join(" "), expected: [title, result.head, result.tail, result.sha1].join(" ") };
  }
  const { count, distance } = differences(bytes, Buffer.from(result.base64, "base64"));
  libm.compared += bytes.length / 8;
  libm.different += count;
  return { found: `${title} ${distance < 1e-15 ? "close" : String(distance)}`, expected: `${title} close` };
}

describe("random streams", () => {
  it.each(golden.programs.map((program, index) => [index, program.seed, program] as const))(
    "program %i with seed %s draws what PyTorch draws",
    (_, seed, { steps, results, state }) => {
      manualSeed(BigInt(seed));
      const saved: Uint8Array[] = [];
      const before = libm.different;
      const compared = steps.map((step, index) => lines(step, run(step, saved), results[index]!));
      // A waiting float64 normal that is off by a bit shows in the state too.
      const isExact = libm.different === before;
      const found = [
        ...compared.map((line) => line.found),
        isExact ? sha1(defaultGenerator.getState()) : state,
      ];
      expect(found).toEqual([...compared.map((line) => line.expected), state]);
    },
  );

  it("differs from the C library in the last bits of at most one float64 number in a hundred", () => {
    expect(libm.compared).toBeGreaterThan(1500);
    expect(libm.different / libm.compared).toBeLessThan(0.01);
  });

  it("continues from the bytes of PyTorch's state", () => {
    const state = new Uint8Array(Buffer.from(golden.continuation.state, "base64"));
    const generator = defaultGenerator.clone().setState(state);
    expect(generator.initialSeed()).toBe(2n ** 63n + 5n);
    expect(generator.getState()).toEqual(state);
    const normal3 = new Float32Array(3);
    fillNormal(generator, flat(dtypes.float32, normal3));
    const uniform700 = new Float32Array(700);
    fillUniform(generator, flat(dtypes.float32, uniform700));
    const normal50 = new Float32Array(50);
    fillNormal(generator, flat(dtypes.float32, normal50));
    expect(hex(bytesOf(normal3))).toBe(golden.continuation.normal3);
    expect(sha1(bytesOf(uniform700))).toBe(golden.continuation.uniform700);
    expect(sha1(bytesOf(normal50))).toBe(golden.continuation.normal50);
  });
});

/** The class and text of the error that a call ends with; nulls for none. */
function refusalOf(call: () => unknown): { type: unknown; message: string | null } {
  try {
    call();
    return { type: null, message: null };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { type: error.torchType, message: error.message };
  }
}

describe("refused calls", () => {
  it.each(golden.refusals.map((refusal) => [describeStep(refusal.step), refusal] as const))(
    "%s says what PyTorch says",
    (_, { step, type, message }) => {
      manualSeed(0);
      expect(refusalOf(() => run(step, []))).toEqual({ type, message });
    },
  );
});
