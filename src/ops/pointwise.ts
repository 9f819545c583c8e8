/**
 * Functions of each element by itself: signs, magnitudes, and the activations that are methods.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import * as complex from "../kernels/complex.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensorLike } from "../tensor/tensor.ts";
import { complex1, realOfComplex } from "./complex-loops.ts";
import type { Loops1 } from "./elementwise.ts";
import { runUnary } from "./elementwise.ts";
import type { Binary, Unary } from "./family.ts";
import { binary, flat, unary } from "./family.ts";
import { laned1, laned2 } from "./laned.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { Program, call1, callInPlace, composed, needs, needsNothing, withFacts } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyPair, anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

/** Values of all signs, and the points that are no ordinary ones. */
function anywhere(): readonly Sample[] {
  return [...anyShape(), [input([6], { values: [0, -0, 3, Infinity, -Infinity, NaN], smooth: false })]];
}

/** Changes the sign. Throws: PyTorch's RuntimeError for bool. */
export const neg: Unary = unary({
  name: "neg",
  loops: {
    result: "same",
    complex(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        out[o] = -a[i]!;
        out[o + 1] = -a[i + 1]!;
      }
    },
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = -a[i]!;
    },
    float32: laned1("neg", (out, o, os, a, i, is, n) => {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = -a[i]!;
    }),
    big: (x) => -x,
    bool() {
      throw torchError(
        "RuntimeError",
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
      );
    },
  },
  // ∂(−x)/∂x = −1
  backward: { self: needsNothing((g) => g.neg()) },
  samples: anywhere,
});

const magnitude: Unary = unary({
  name: "abs",
  loops: {
    result: "same",
    isRealOfComplex: true,
    alsoTakes: ["float8"],
    complex: realOfComplex(complex.magnitude),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.abs(a[i]!);
    },
    float32: laned1("abs", (out, o, os, a, i, is, n) => {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.abs(a[i]!);
    }),
    big: (x) => (x < 0n ? -x : x),
    bool() {
      throw torchError("NotImplementedError", "\"abs_cpu\" not implemented for 'Bool'");
    },
  },
  // ∂|x|/∂x = sign x, 0 at 0
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.sgn())) },
  samples: anywhere,
});

const writeMagnitude: (self: Tensor) => Tensor = magnitude.inPlace;

function magnitudeInPlace(self: Tensor): Tensor {
  if (!self.isComplex()) return writeMagnitude(self);
  throw torchError("RuntimeError", "In-place abs is not supported for complex tensors.");
}

/** The absolute value; of complex numbers a real one. */
export const abs: Unary = Object.assign(magnitude, { inPlace: magnitudeInPlace });

/** `abs` by its other name. */
export const absolute: Unary = Object.assign(
  composed({ name: "absolute", samples: () => [[input([2, 3])]] }, (self: Tensor): Tensor => abs(self)),
  { inPlace: abs.inPlace },
);

/** −1, 0 or 1. Its gradient is 0 everywhere. */
export const sign: Unary = unary({
  name: "sign",
  loops: {
    result: "same",
    refusesComplex: [
      "NotImplementedError",
      "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
    ],
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? 1 : a[i]! < 0 ? -1 : 0;
    },
    big: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  },
  backward: { self: flat },
  samples: anywhere,
});

/** −1, 0 or 1: `sign`, by the name that also complex numbers have. */
export const sgn: Unary = unary({
  name: "sgn",
  loops: {
    result: "same",
    kernel: "sign_cpu",
    complex: complex1(complex.direction),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? 1 : a[i]! < 0 ? -1 : 0;
    },
    big: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  },
  backward: {
    // Real: flat. Complex: only what is across the direction s turns it, (g − Re(g·s̄)·s)/|z|, 0 at 0.
    self: needs(["self", "output"], (g, { self, output }) => {
      if (!self.isComplex()) return newTensorLike(g, g.dtype);
      const along = g.mul(output.conj()).real;
      return where(self.eq(0), 0, g.sub(output.mul(along)).div(self.abs()));
    }),
  },
  samples: anywhere,
});

/** The tensor itself. Throws: PyTorch's RuntimeError for bool. */
export const positive: Op<(self: Tensor) => Tensor> = composed(
  { name: "positive", samples: () => [[input([2, 3])]] },
  (self: Tensor): Tensor => {
    if (self.dtype !== dtypes.bool) return self;
    throw torchError("RuntimeError", "The `+` operator, on a bool tensor is not supported.");
  },
);

/** What `nanToNum` puts in the place of numbers that are not finite. */
export interface NanToNumOptions {
  /** For NaN; default 0. */
  readonly nan?: number;
  /** For infinity; default the largest number of the dtype. */
  readonly posinf?: number | null;
  /** For negative infinity; default the lowest number of the dtype. */
  readonly neginf?: number | null;
}

/** The largest finite number of each float dtype. */
const largest: ReadonlyMap<DType, number> = new Map([
  [dtypes.float16, 65_504],
  [dtypes.bfloat16, 2 ** 127 * (2 - 2 ** -7)],
  [dtypes.float32, 2 ** 127 * (2 - 2 ** -23)],
]);

const nanToNumProgram = new Program({
  name: "nanToNum",
  inputs: ["self"],
  backward: {
    // ∂/∂x = 1 where x is finite, else 0
    self: needs(["self"], (g, { self }) => where(self.isfinite(), g, 0)),
  },
  samples: () => [
    ...anywhere(),
    [input([4], { values: [NaN, Infinity, -Infinity, 1], smooth: false }), { nan: 2, posinf: 3, neginf: -3 }],
  ],
});

/** Replaces in a new tensor or in `target`; integers are finite already. */
function finite(self: Tensor, options: NanToNumOptions | undefined, target: Tensor | null): Tensor {
  if (self.dtype.kind !== "float") return target ?? self.clone();
  const most = largest.get(self.dtype) ?? Number.MAX_VALUE;
  const nan = options?.nan ?? 0;
  const above = options?.posinf ?? most;
  const below = options?.neginf ?? -most;
  const loops: Loops1 = {
    result: "same",
    kernel: "nan_to_num",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        const x = a[i]!;
        out[o] = x !== x ? nan : x === Infinity ? above : x === -Infinity ? below : x;
      }
    },
  };
  return runUnary("nan_to_num", loops, self, target);
}

/**
 * Replaces NaN and infinities by numbers.
 *
 * @example
 * tensor([NaN, Infinity]).nanToNum({ posinf: 1 }); // tensor([0., 1.])
 */
export const nanToNum: InPlaceOp<(self: Tensor, options?: NanToNumOptions) => Tensor> = Object.assign(
  withFacts(
    (self: Tensor, options?: NanToNumOptions): Tensor =>
      call1(nanToNumProgram, (given) => finite(given, options, null), self, options),
    nanToNumProgram,
  ),
  {
    inPlace: (self: Tensor, options?: NanToNumOptions): Tensor =>
      callInPlace(nanToNumProgram, [self], [options], (target) => finite(target, options, target)),
  },
);

/** The magnitude of self with the sign of other. */
export const copysign: Binary = binary({
  name: "copysign",
  gradNameOfNumber: "CopysignBackward1",
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js)
        out[o] = isNegative(b[j]!) === isNegative(a[i]!) ? a[i]! : -a[i]!;
    },
  },
  backward: {
    // ∂/∂self = ±1: the sign that self got relative to its own, 0 at 0
    self: needs(["self", "output"], (g, { self, output }) => where(self.eq(0), 0, g.mul(output.div(self)))),
    other: flat,
  },
  samples: () => [
    ...anyPair(),
    [
      input([4], { values: [1, -1, 0, 2], smooth: false }),
      input([4], { values: [-0, 0, -2, NaN], smooth: false }),
    ],
  ],
});

function isNegative(x: number): boolean {
  return x < 0 || Object.is(x, -0);
}

/** 0 below 0, 1 above, and `values` at 0. Throws: PyTorch's RuntimeError for different dtypes. */
export const heaviside: InPlaceOp<(self: Tensor, values: Tensor) => Tensor> = binary({
  name: "heaviside",
  takesNumber: false,
  otherName: "values",
  refuses: "heaviside",
  check(self, values) {
    if (self.dtype === values.dtype) return;
    throw torchError("RuntimeError", "heaviside is not yet implemented for tensors with different dtypes.");
  },
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i] === 0 ? b[j]! : a[i]! > 0 ? 1 : 0;
    },
    refusesComplex: ["RuntimeError", "heaviside is not yet implemented for complex tensors."],
    big: (x, y) => (x === 0n ? y : x < 0n ? 0n : 1n),
  },
  samples: () => [
    [input([4], { values: [-1, 0, 2, NaN], smooth: false }), input([], { values: [0.5] })],
    [input([2], { smooth: false }), input([2], { dtype: "int32" })],
  ],
}) as InPlaceOp<(self: Tensor, values: Tensor) => Tensor>;

/** A gradient where a relu's output is not 0 (a NaN counts), else 0: one loop instead of a comparison and a product. */
const gate: (self: Tensor, other: Tensor) => Tensor = binary({
  name: "thresholdBackward",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = b[j]! <= 0 ? 0 : a[i]!;
    },
    float32: laned2("gate", 0, (out, o, os, a, i, is, b, j, js, n) => {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = b[j]! <= 0 ? 0 : a[i]!;
    }),
  },
  // Linear in the gradient; constant almost everywhere in the output.
  backward: { self: needs(["other"], (g, { other }) => gate(g, other)), other: flat },
  samples: () => [],
});

/** max(x, 0). Throws: PyTorch's RuntimeError for bool. */
export const relu: Unary = unary({
  name: "relu",
  loops: {
    result: "same",
    kernel: "clamp_min_scalar_cpu",
    refusesComplex: ["NotImplementedError", "clamp is not supported for complex types"],
    loop(out, o, os, a, i, is, n) {
      // A NaN stays one: it is not below 0.
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! <= 0 ? 0 : a[i]!;
    },
    float32: laned1("relu", (out, o, os, a, i, is, n) => {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! <= 0 ? 0 : a[i]!;
    }),
    big: (x) => (x < 0n ? 0n : x),
    bool() {
      throw torchError("RuntimeError", "Boolean inputs not supported for relu");
    },
  },
  // ∂max(x, 0)/∂x = 1 where the output is above 0, else 0
  backward: { self: needs(["output"], (g, { output }) => gate(g, output)) },
  samples: anywhere,
});

/** g·y·(1 − y), rounded once. */
const sigmoidSlope: (self: Tensor, other: Tensor) => Tensor = binary({
  name: "sigmoidBackward",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! * (1 - b[j]!) * b[j]!;
    },
  },
  backward: {
    // ∂(g·y·(1 − y))/∂g = y·(1 − y)
    self: needs(["other"], (g, { other }) => sigmoidSlope(g, other)),
    // ∂(g·y·(1 − y))/∂y = g·(1 − 2y)
    other: needs(["self", "other"], (g, { self, other }) => g.mul(self).mul(other.mul(-2).add(1))),
  },
  samples: () => [],
});

/** 1 / (1 + e⁻ˣ). */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  loops: {
    result: "float",
    kernel: "sigmoid_cpu_reduced_float",
    complex: complex1(complex.sigmoid),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 / (1 + Math.exp(-a[i]!));
    },
  },
  // ∂σ(x)/∂x = σ(x)·(1 − σ(x))
  backward: {
    self: needs(["output"], (g, { output }) =>
      output.isComplex() ? g.mul(output.neg().add(1).mul(output).conj()) : sigmoidSlope(g, output),
    ),
  },
  samples: anywhere,
});

/** g·(1 − y²), rounded once. */
const tanhSlope: (self: Tensor, other: Tensor) => Tensor = binary({
  name: "tanhBackward",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! * (1 - b[j]! * b[j]!);
    },
  },
  backward: {
    // ∂(g·(1 − y²))/∂g = 1 − y²
    self: needs(["other"], (g, { other }) => tanhSlope(g, other)),
    // ∂(g·(1 − y²))/∂y = −2·g·y
    other: needs(["self", "other"], (g, { self, other }) => g.mul(self).mul(other).mul(-2)),
  },
  samples: () => [],
});

/** The hyperbolic tangent. */
export const tanh: Unary = unary({
  name: "tanh",
  loops: {
    result: "float",
    kernel: "tanh_vml_cpu",
    complex: complex1(complex.tanh),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.tanh(a[i]!);
    },
  },
  // ∂tanh x/∂x = 1 − tanh² x
  backward: {
    self: needs(["output"], (g, { output }) =>
      output.isComplex() ? g.mul(output.mul(output).neg().add(1).conj()) : tanhSlope(g, output),
    ),
  },
  samples: anywhere,
});
