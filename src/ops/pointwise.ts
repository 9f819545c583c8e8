/**
 * Functions of each element by itself: signs, exponentials, roots, activations with one loop.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Unary } from "./family.ts";
import { binary, unary } from "./family.ts";
import { needs, needsNothing } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

function anywhere(): readonly Sample[] {
  return [[input([2, 3])], [input([])], [input([3, 2], { layout: "transposed" })], [input([0])]];
}

function aboveZero(): readonly Sample[] {
  return [[input([2, 3], { low: 0.1, high: 3 })], [input([], { low: 0.5, high: 2 })]];
}

/** Changes the sign. Throws: PyTorch's RuntimeError for bool. */
export const neg: Unary = unary({
  name: "neg",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = -a[i]!;
    },
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

/** The exponential function eˣ. */
export const exp: Unary = unary({
  name: "exp",
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.exp(a[i]!);
    },
  },
  // ∂eˣ/∂x = eˣ
  backward: { self: needs(["output"], (g, { output }) => g.mul(output)) },
  samples: anywhere,
});

/** The natural logarithm. */
export const log: Unary = unary({
  name: "log",
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.log(a[i]!);
    },
  },
  // ∂ln x/∂x = 1/x
  backward: { self: needs(["self"], (g, { self }) => g.div(self)) },
  samples: aboveZero,
});

/** The square root. */
export const sqrt: Unary = unary({
  name: "sqrt",
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sqrt(a[i]!);
    },
  },
  // ∂√x/∂x = 1/(2√x)
  backward: { self: needs(["output"], (g, { output }) => g.div(output.mul(2))) },
  samples: aboveZero,
});

/** The absolute value. */
export const abs: Unary = unary({
  name: "abs",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.abs(a[i]!);
    },
    big: (x) => (x < 0n ? -x : x),
    bool() {
      throw torchError("NotImplementedError", "\"abs_cpu\" not implemented for 'Bool'");
    },
  },
  // ∂|x|/∂x = sign x, 0 at 0
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.sign())) },
  samples: anywhere,
});

/** −1, 0 or 1. Its gradient is 0 everywhere. */
export const sign: Unary = unary({
  name: "sign",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? 1 : a[i]! < 0 ? -1 : 0;
    },
    big: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  },
  // ∂sign x/∂x = 0
  backward: { self: needsNothing((g) => g.mul(0)) },
  samples: anywhere,
});

/** A gradient where a relu's output is above 0, else 0: one loop instead of a comparison and a product. */
const gate: (self: Tensor, other: Tensor) => Tensor = binary({
  name: "thresholdBackward",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = b[j]! > 0 ? a[i]! : 0;
    },
  },
  // Linear in the gradient; constant almost everywhere in the output.
  backward: { self: needs(["other"], (g, { other }) => gate(g, other)) },
  samples: () => [],
});

/** max(x, 0). Throws: PyTorch's RuntimeError for bool. */
export const relu: Unary = unary({
  name: "relu",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n) {
      // A NaN stays one: it is not below 0.
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! <= 0 ? 0 : a[i]!;
    },
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
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 / (1 + Math.exp(-a[i]!));
    },
  },
  // ∂σ(x)/∂x = σ(x)·(1 − σ(x))
  backward: { self: needs(["output"], (g, { output }) => sigmoidSlope(g, output)) },
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
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.tanh(a[i]!);
    },
  },
  // ∂tanh x/∂x = 1 − tanh² x
  backward: { self: needs(["output"], (g, { output }) => tanhSlope(g, output)) },
  samples: anywhere,
});
