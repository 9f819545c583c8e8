/**
 * Arithmetic of two operands that broadcast: sums, products, quotients, extremes.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { fma32 } from "../tensor/float32.ts";
import { categoryOf, resultType } from "../tensor/promotion.ts";
import { plainScalar, scalarDtype } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Numbers } from "./elementwise.ts";
import type { AlphaOptions, Binary, ScaledBinary } from "./family.ts";
import { binary } from "./family.ts";
import { needs, needsNothing } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

function pairs(): readonly Sample[] {
  return [
    [input([2, 3]), input([2, 3])],
    [input([2, 3]), input([3])],
    [input([2, 1]), input([1, 3])],
    [input([]), input([2])],
    [input([3, 2], { layout: "transposed" }), input([3, 2])],
    [input([2, 3]), 2],
    [input([0]), input([1])],
  ];
}

function alphaOf(options?: AlphaOptions): number {
  return options?.alpha === undefined ? 1 : Number(plainScalar(options.alpha));
}

/** A float alpha needs a float result. */
function checkAlpha(self: Tensor, other: Tensor, options?: AlphaOptions): void {
  const alpha = options?.alpha;
  if (alpha === undefined || scalarDtype(alpha).kind !== "float") return;
  if (categoryOf(resultType(self, other)) >= categoryOf(dtypes.float32)) return;
  throw torchError(
    "RuntimeError",
    "For integral input tensors, argument alpha must not be a floating point number.",
  );
}

function scaled(gradient: Tensor, options: AlphaOptions | undefined, sign: 1 | -1): Tensor {
  const alpha = alphaOf(options) * sign;
  return alpha === 1 ? gradient : gradient.mul(alpha);
}

/** For int32 a product may exceed 2^53, where a double is no longer exact modulo 2^32. */
function addScaled32(
  out: Numbers,
  o: number,
  os: number,
  a: Numbers,
  i: number,
  is: number,
  b: Numbers,
  j: number,
  js: number,
  n: number,
  p: number,
): void {
  for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = (a[i]! + Math.imul(p, b[j]!)) | 0;
}

/**
 * Adds, elementwise: `self + alpha · other`.
 *
 * Shape: self and other broadcast.
 * Throws: PyTorch's RuntimeError for shapes that do not broadcast.
 *
 * @example
 * tensor([1, 2]).add(tensor([10, 20]), { alpha: 2 }); // tensor([21, 42])
 */
export const add: ScaledBinary = binary<[options?: AlphaOptions]>({
  name: "add",
  check: checkAlpha,
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n, p) {
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! + b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! + p * b[j]!;
    },
    // PyTorch multiplies and adds with one rounding.
    float32(out, o, os, a, i, is, b, j, js, n, p) {
      const scale = Math.fround(p);
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! + b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma32(scale, b[j]!, a[i]!);
    },
    int32: addScaled32,
    big: (x, y, p) => x + BigInt(p) * y,
    bool(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! | b[j]!;
    },
  },
  parameter: alphaOf,
  backward: {
    // ∂(self + α·other)/∂self = 1
    self: needsNothing((g) => g),
    // ∂(self + α·other)/∂other = α
    other: needsNothing((g, _, options?: AlphaOptions) => scaled(g, options, 1)),
  },
  samples: () => [...pairs(), [input([2, 3]), input([3]), { alpha: 0.5 }]],
});

function refuseBools(self: Tensor, other: Tensor, options?: AlphaOptions): void {
  const bools = Number(self.dtype === dtypes.bool) + Number(other.dtype === dtypes.bool);
  if (bools === 2) {
    throw torchError(
      "RuntimeError",
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    );
  }
  if (bools === 1) {
    throw torchError(
      "RuntimeError",
      "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
  }
  checkAlpha(self, other, options);
}

/**
 * Subtracts, elementwise: `self − alpha · other`.
 *
 * Shape: self and other broadcast.
 * Throws: as `add`, and PyTorch's RuntimeError for two bool operands.
 */
export const sub: ScaledBinary = binary<[options?: AlphaOptions]>({
  name: "sub",
  check: refuseBools,
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n, p) {
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! - b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! - p * b[j]!;
    },
    float32(out, o, os, a, i, is, b, j, js, n, p) {
      const scale = Math.fround(-p);
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! - b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma32(scale, b[j]!, a[i]!);
    },
    int32: (out, o, os, a, i, is, b, j, js, n, p) => addScaled32(out, o, os, a, i, is, b, j, js, n, -p),
    big: (x, y, p) => x - BigInt(p) * y,
  },
  parameter: alphaOf,
  backward: {
    // ∂(self − α·other)/∂self = 1
    self: needsNothing((g) => g),
    // ∂(self − α·other)/∂other = −α
    other: needsNothing((g, _, options?: AlphaOptions) => scaled(g, options, -1)),
  },
  samples: () => [...pairs(), [input([2, 3]), input([3]), { alpha: 0.5 }]],
});

/**
 * Multiplies, elementwise.
 *
 * Shape: self and other broadcast.
 * Throws: PyTorch's RuntimeError for shapes that do not broadcast.
 */
export const mul: Binary = binary({
  name: "mul",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! * b[j]!;
    },
    int32(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Math.imul(a[i]!, b[j]!);
    },
    big: (x, y) => x * y,
  },
  backward: {
    // ∂(self·other)/∂self = other
    self: needs(["other"], (g, { other }) => g.mul(other)),
    // ∂(self·other)/∂other = self
    other: needs(["self"], (g, { self }) => g.mul(self)),
  },
  samples: pairs,
});

/**
 * Divides, elementwise; integers divide to floats.
 *
 * Shape: self and other broadcast.
 */
export const div: Binary = binary({
  name: "div",
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! / b[j]!;
    },
  },
  backward: {
    // ∂(self/other)/∂self = 1/other
    self: needs(["other"], (g, { other }) => g.div(other)),
    // ∂(self/other)/∂other = −self/other²
    other: needs(["self", "other"], (g, { self, other }) => g.neg().mul(self.div(other).div(other))),
  },
  samples: () => [
    [input([2, 3]), input([2, 3], { low: 0.5, high: 2 })],
    [input([2, 3]), input([3], { low: -2, high: -0.5 })],
    [input([2, 3]), 4],
  ],
});
