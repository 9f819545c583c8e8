/**
 * Bounds for elements: `clamp` and its halves. Bounds are numbers or tensors that broadcast.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { categoryOf } from "../tensor/promotion.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { isScalarArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Loops3 } from "./elementwise.ts";
import { numberTensor, resultTypeOf, runTernary } from "./elementwise.ts";
import { cName, notImplemented } from "./loop-dtypes.ts";
import type { AnyRecord, InPlaceOp } from "./op.ts";
import { Program, call3, callInPlace, needs, withFacts } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

/** A bound: a number, or a tensor that broadcasts. */
export type Bound = Tensor | ScalarArgument;

/** The bounds of `clamp` by name. */
export interface ClampOptions {
  /** Default: no lower bound. */
  readonly min?: Bound | null;
  /** Default: no upper bound. */
  readonly max?: Bound | null;
}

/** The parameter of the loop: which bounds there are. */
const hasMin = 1;
const hasMax = 2;

const loops: Loops3 = {
  result: "same",
  kernel: "clamp_scalar_cpu",
  refusesComplex: ["NotImplementedError", "clamp is not supported for complex types"],
  loop(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
      let x = a[i]!;
      // A NaN, also as a bound, stays. Where the bounds cross, the upper one decides.
      if ((p & hasMin) !== 0 && !(x >= b[j]!) && x === x) x = b[j]!;
      if ((p & hasMax) !== 0 && !(x <= c[l]!) && x === x) x = c[l]!;
      out[o] = x;
    }
  },
  big(x, min, max, p) {
    const raised = (p & hasMin) !== 0 && x < min ? min : x;
    return (p & hasMax) !== 0 && raised > max ? max : raised;
  },
};

/** Where no bound was reached: there the gradient passes. `has` says which bounds there are. */
function isWithin(self: Tensor, min: Tensor, max: Tensor, has: number): Tensor {
  if (has === hasMin) return self.ge(min);
  if (has === hasMax) return self.le(max);
  return self.ge(min).logicalAnd(self.le(max));
}

const backward: AnyRecord["backward"] = {
  // ∂/∂self = 1 within the bounds and at them, else 0
  self: needs(["self", "min", "max"], (g, { self, min, max }, has: number) =>
    where(isWithin(self, min, max, has), g, 0),
  ),
  // ∂/∂min = 1 where self lies below it, unless the upper bound lies lower still
  min: needs(["self", "min", "max"], (g, { self, min, max }, has: number) => {
    const isBelow = self.lt(min);
    return where((has & hasMax) === 0 ? isBelow : isBelow.logicalAnd(min.lt(max)), g, 0);
  }),
  // ∂/∂max = 1 where self lies above it, or the lower bound does
  max: needs(["self", "min", "max"], (g, { self, min, max }, has: number) => {
    const isAbove = self.gt(max);
    return where((has & hasMin) === 0 ? isAbove : isAbove.logicalOr(max.lt(min)), g, 0);
  }),
};

function program(name: string, gradName: string, samples: () => readonly Sample[]): Program {
  return new Program({ name, gradName, inputs: ["self", "min", "max"], backward, samples });
}

function clampSamples(): readonly Sample[] {
  return [
    ...anyShape().map(([self]) => [self, -0.7, 1.1]),
    [input([2, 3]), { min: 0.3 }],
    [input([2, 3]), { max: 0.3 }],
    [input([4], { values: [-1, 0, 1, NaN], smooth: false }), -1, 1],
    [input([2], { smooth: false }), 1, 0],
    [input([2, 3]), input([3], { low: -1, high: 0 }), input([2, 1], { low: 0.2, high: 1 })],
    [input([2, 3]), { min: input([3]) }],
    [input([2, 3]), { max: input([]) }],
    [input([2, 3]), input([3], { low: 0.5, high: 1 }), input([3], { low: -1, high: 0 })],
    [input([2, 3])],
  ];
}

const ofNumbers = program("clamp", "ClampBackward1", clampSamples);
const ofTensors = program("clamp", "ClampBackward0", clampSamples);

function isNone(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isOptions(value: Bound | ClampOptions | null | undefined): value is ClampOptions {
  return typeof value === "object" && value !== null && !isTensor(value) && !isScalarArgument(value);
}

/** A bound as a tensor; where there is none a false stands in, which never decides about the dtype. */
function boundOf(bound: Bound | null | undefined): Tensor {
  if (isNone(bound)) return numberTensor(false);
  return isTensor(bound) ? bound : numberTensor(bound);
}

function forward(self: Tensor, min: Tensor, max: Tensor, has: unknown): Tensor {
  return clamped(self, min, max, has as number, null);
}

function clamped(self: Tensor, min: Tensor, max: Tensor, has: number, target: Tensor | null): Tensor {
  const operands = [self, min, max];
  const common = resultTypeOf(operands);
  if (target !== null && categoryOf(common) > categoryOf(target.dtype)) {
    throw torchError(
      "RuntimeError",
      `result type ${common.scalarType} can't be cast to the desired output type ${cName(target.dtype)}`,
    );
  }
  if (common === dtypes.bool && has === (hasMin | hasMax)) throw notImplemented("clamp_cpu", common);
  return runTernary("clamp", loops, self, min, max, operands, target, has);
}

/** Runs with the program for numbers or for tensors, which differ in the name of the node. */
function run(
  programs: readonly [Program, Program],
  self: Tensor,
  min: Bound | null | undefined,
  max: Bound | null | undefined,
  isInPlace: boolean,
): Tensor {
  const has = (isNone(min) ? 0 : hasMin) | (isNone(max) ? 0 : hasMax);
  if (has === 0)
    throw torchError("RuntimeError", "torch.clamp: At least one of 'min' or 'max' must not be None");
  const chosen = programs[isTensor(min) || isTensor(max) ? 1 : 0];
  const low = boundOf(min);
  const high = boundOf(max);
  if (!isInPlace) return call3(chosen, forward, self, low, high, has);
  return callInPlace(chosen, [self, low, high], [has], (target) => {
    clamped(target, low, high, has, target);
  });
}

type Clamp = (self: Tensor, min?: Bound | ClampOptions | null, max?: Bound | null) => Tensor;

function clampMaker(isInPlace: boolean): Clamp {
  return (self, first, second) => {
    const min = isOptions(first) ? first.min : first;
    const max = isOptions(first) && isNone(second) ? first.max : second;
    return run([ofNumbers, ofTensors], self, min, max, isInPlace);
  };
}

/**
 * Holds elements between two bounds, of which one may be left out.
 *
 * Throws: PyTorch's RuntimeError where there is no bound.
 *
 * @example
 * tensor([-1, 0.5, 2]).clamp(0, 1); // tensor([0.0000, 0.5000, 1.0000])
 * tensor([-1, 0.5, 2]).clamp({ min: 0 }); // tensor([0.0000, 0.5000, 2.0000])
 */
export const clamp: InPlaceOp<Clamp> = Object.assign(withFacts(clampMaker(false), ofNumbers), {
  inPlace: clampMaker(true),
});

/** `clamp` by its other name. */
export const clip: InPlaceOp<Clamp> = Object.assign(
  withFacts(
    clampMaker(false),
    program("clip", "ClampBackward1", () => [[input([2, 3]), -0.7, 1.1]]),
  ),
  { inPlace: clampMaker(true) },
);

/** An op of a tensor and one bound. */
export type ClampHalf = InPlaceOp<(self: Tensor, bound: Bound) => Tensor>;

function clampHalf(name: "clampMin" | "clampMax", gradName: string): ClampHalf {
  const samples = (): readonly Sample[] => [
    [input([2, 3]), 0.3],
    [input([2, 3]), input([3])],
    [input([3], { values: [0, 1, NaN], smooth: false }), 0],
  ];
  const programs = [program(name, `${gradName}0`, samples), program(name, `${gradName}1`, samples)] as const;
  const half =
    (isInPlace: boolean) =>
    (self: Tensor, bound: Bound): Tensor =>
      name === "clampMin"
        ? run(programs, self, bound, null, isInPlace)
        : run(programs, self, null, bound, isInPlace);
  return Object.assign(withFacts(half(false), programs[0]), { inPlace: half(true) });
}

/** The greater of each element and the bound. */
export const clampMin: ClampHalf = clampHalf("clampMin", "ClampMinBackward");

/** The smaller of each element and the bound. */
export const clampMax: ClampHalf = clampHalf("clampMax", "ClampMaxBackward");
