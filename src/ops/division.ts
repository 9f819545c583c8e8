/**
 * Quotients and remainders.
 */

import { torchError } from "../errors.ts";
import * as complex from "../kernels/complex.ts";
import { floorQuotient, remainderOf } from "../kernels/special.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { complex1, complex2 } from "./complex-loops.ts";
import type { Loops2 } from "./elementwise.ts";
import type { Binary, Unary } from "./family.ts";
import { binary, flat, unary } from "./family.ts";
import { laned2 } from "./laned.ts";
import type { InPlaceOp } from "./op.ts";
import { composed, needs, needsNothing } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyShape, input } from "./samples.ts";

/** How `div` rounds: not at all, towards zero, or down. */
export type RoundingMode = "trunc" | "floor" | null;

/** Options of `div`. */
export interface DivOptions {
  /** Default: the exact quotient, for integers too. */
  readonly roundingMode?: RoundingMode;
}

/** A division with a choice of rounding. */
export type Division = InPlaceOp<
  (self: Tensor, other: Tensor | NumberArgument, options?: DivOptions) => Tensor
>;

function exactly(value: number): number {
  return value;
}

function zeroDivision(): Error {
  return torchError("RuntimeError", "ZeroDivisionError");
}

function bigFloor(x: bigint, y: bigint): bigint {
  if (y === 0n) throw zeroDivision();
  const quotient = x / y;
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

function bigTrunc(x: bigint, y: bigint): bigint {
  if (y === 0n) throw zeroDivision();
  return x / y;
}

const exact: Binary = binary({
  name: "div",
  loops: {
    result: "float",
    kernel: "div_cpu",
    complex: complex2(complex.divide),
    keepsNumbers: true,
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! / b[j]!;
    },
    float32: laned2("div", 0, (out, o, os, a, i, is, b, j, js, n) => {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! / b[j]!;
    }),
  },
  backward: {
    // ∂(self/other)/∂self = 1/other
    self: needs(["other"], (g, { other }) => g.div(other.conj())),
    // ∂(self/other)/∂other = −self/other²
    other: needs(["self", "other"], (g, { self, other }) => g.neg().mul(self.div(other).div(other).conj())),
  },
  samples: () => [],
});

const floorLoops: Loops2 = {
  result: "same",
  kernel: "div_floor_cpu",
  keepsNumbers: true,
  takes: "numeric",
  loop(out, o, os, a, i, is, b, j, js, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = floorQuotient(a[i]!, b[j]!, exactly);
  },
  float32(out, o, os, a, i, is, b, j, js, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = floorQuotient(a[i]!, b[j]!, Math.fround);
  },
  int32(out, o, os, a, i, is, b, j, js, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) {
      if (b[j] === 0) throw zeroDivision();
      out[o] = Math.floor(a[i]! / b[j]!);
    }
  },
  big: bigFloor,
};

const floored: Binary = binary({
  name: "div",
  gradName: "DivBackward2",
  loops: floorLoops,
  backward: { self: flat, other: flat },
  samples: () => [],
});

const truncated: Binary = binary({
  name: "div",
  gradName: "DivBackward2",
  loops: {
    result: "same",
    kernel: "div_trunc_cpu",
    keepsNumbers: true,
    takes: "numeric",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Math.trunc(a[i]! / b[j]!);
    },
    float32(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Math.trunc(Math.fround(a[i]! / b[j]!));
    },
    int32(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        if (b[j] === 0) throw zeroDivision();
        out[o] = Math.trunc(a[i]! / b[j]!);
      }
    },
    big: bigTrunc,
  },
  backward: { self: flat, other: flat },
  samples: () => [],
});

/** The division with the rounding that the options ask for. */
function divisionOf(options?: DivOptions): Binary {
  const mode: unknown = options?.roundingMode;
  if (mode === undefined || mode === null) return exact;
  if (mode === "floor") return floored;
  if (mode === "trunc") return truncated;
  throw torchError(
    "RuntimeError",
    `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${String(mode)}'`,
  );
}

function nonZero(): readonly Sample[] {
  return [
    [input([2, 3]), input([2, 3], { low: 1, high: 3 })],
    [input([2, 3], { low: -9, high: 9 }), input([3], { low: -3, high: -1 })],
    [input([3, 2], { layout: "transposed" }), input([], { low: 1, high: 2 })],
    [input([2, 3]), 4],
    [input([2, 3]), 0.3],
  ];
}

/** Quotients at the edges: zeros, infinities, NaN. */
const edges: Sample = [
  input([6], { values: [0, 1, -1, Infinity, NaN, -0], smooth: false }),
  input([6], { values: [0, 0, 0, 2, 1, 3], smooth: false }),
];

/**
 * Divides, elementwise; integers divide to floats unless `roundingMode` is given.
 *
 * Shape: self and other broadcast.
 * Throws: PyTorch's RuntimeErrors for an unknown rounding mode, and for a rounded division of integers by 0.
 *
 * @example
 * tensor([7, -7]).div(2, { roundingMode: "floor" }); // tensor([ 3, -4])
 */
export const div: Division = Object.assign(
  composed(
    {
      name: "div",
      samples: () => [
        ...nonZero(),
        edges,
        [input([2, 3], { low: -9, high: 9 }), input([3], { low: 1, high: 3 }), { roundingMode: "floor" }],
        [input([2, 3], { low: -9, high: 9 }), -2, { roundingMode: "floor" }],
        [input([2, 3], { low: -9, high: 9 }), input([3], { low: 1, high: 3 }), { roundingMode: "trunc" }],
        [...edges, { roundingMode: "floor" }],
        [...edges, { roundingMode: "trunc" }],
        [input([2]), 2, { roundingMode: "up" }],
      ],
    },
    (self: Tensor, other: Tensor | NumberArgument, options?: DivOptions): Tensor =>
      divisionOf(options)(self, other),
  ),
  {
    inPlace: (self: Tensor, other: Tensor | NumberArgument, options?: DivOptions): Tensor =>
      divisionOf(options).inPlace(self, other),
  },
);

/** The exact quotient: `div` without rounding. */
export const trueDivide: Binary = Object.assign(
  composed({ name: "trueDivide", samples: nonZero }, (self: Tensor, other: Tensor | NumberArgument): Tensor =>
    exact(self, other),
  ),
  { inPlace: exact.inPlace },
);

/**
 * The quotient rounded down, as Python's `//`.
 *
 * Throws: PyTorch's RuntimeError for integers divided by 0. It has no derivative.
 */
export const floorDivide: Binary = binary({
  name: "floorDivide",
  refuses: "floor_divide",
  loops: floorLoops,
  samples: () => [
    [input([2, 3], { low: -9, high: 9, smooth: false }), input([3], { low: 1, high: 3 })],
    edges,
  ],
});

/**
 * The remainder with the sign of the divisor, as Python's `%`.
 *
 * Throws: PyTorch's RuntimeError for integers divided by 0.
 */
export const remainder: Binary = binary({
  name: "remainder",
  gradName: "RemainderBackward1",
  gradNameOfNumber: "RemainderBackward0",
  loops: {
    result: "same",
    kernel: "remainder_cpu",
    takes: "numeric",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = remainderOf(a[i]!, b[j]!);
    },
    int32(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        if (b[j] === 0) throw zeroDivision();
        out[o] = remainderOf(a[i]!, b[j]!);
      }
    },
    big: (x, y) => x - y * bigFloor(x, y),
  },
  backward: {
    // ∂(x − y·⌊x/y⌋)/∂x = 1
    self: needsNothing((g) => g),
    // ∂(x − y·⌊x/y⌋)/∂y = −⌊x/y⌋
    other: needs(["self", "other"], (g, { self, other }) =>
      g.neg().mul(self.div(other, { roundingMode: "floor" })),
    ),
  },
  samples: () => [...nonZero(), edges],
});

/**
 * The remainder with the sign of the dividend, as C's `fmod`.
 *
 * Throws: PyTorch's RuntimeError for integers divided by 0.
 */
export const fmod: Binary = binary({
  name: "fmod",
  gradName: "FmodBackward1",
  gradNameOfNumber: "FmodBackward0",
  loops: {
    result: "same",
    kernel: "fmod_cpu",
    takes: "numeric",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! % b[j]!;
    },
    int32(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        if (b[j] === 0) throw zeroDivision();
        out[o] = a[i]! % b[j]!;
      }
    },
    big: (x, y) => x - y * bigTrunc(x, y),
  },
  backward: {
    // ∂(x − y·trunc(x/y))/∂x = 1
    self: needsNothing((g) => g),
    // ∂(x − y·trunc(x/y))/∂y = −trunc(x/y)
    other: needs(["self", "other"], (g, { self, other }) =>
      g.neg().mul(self.div(other, { roundingMode: "trunc" })),
    ),
  },
  samples: () => [...nonZero(), edges],
});

/** 1/x. */
export const reciprocal: Unary = unary({
  name: "reciprocal",
  loops: {
    result: "float",
    complex: complex1(complex.reciprocal),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 / a[i]!;
    },
  },
  // ∂(1/x)/∂x = −1/x²
  backward: { self: needs(["output"], (g, { output }) => g.neg().mul(output.mul(output).conj())) },
  samples: () => [...anyShape(0.3, 3), [input([3], { values: [0, Infinity, NaN], smooth: false })]],
});
