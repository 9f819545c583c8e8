/**
 * Circular and hyperbolic functions of each element, and their inverses.
 */

import * as complex from "../kernels/complex.ts";
import { sincOf } from "../kernels/special.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { complex1 } from "./complex-loops.ts";
import type { Unary } from "./family.ts";
import { binary, unary } from "./family.ts";
import type { InPlaceOp } from "./op.ts";
import { needs, needsNothing } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyPair, anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

/** Within the domain of asin and its like, and its ends. */
function withinOne(): readonly Sample[] {
  return [...anyShape(-0.9, 0.9), [input([4], { values: [1, -1, 2, NaN], smooth: false })]];
}

/** The sine of an angle in radians. */
export const sin: Unary = unary({
  name: "sin",
  loops: {
    result: "float",
    kernel: "sin_vml_cpu",
    complex: complex1(complex.sin),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sin(a[i]!);
    },
  },
  // ∂sin x/∂x = cos x
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.cos().conj())) },
  samples: () => anyShape(),
});

/** The cosine of an angle in radians. */
export const cos: Unary = unary({
  name: "cos",
  loops: {
    result: "float",
    kernel: "cos_vml_cpu",
    complex: complex1(complex.cos),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.cos(a[i]!);
    },
  },
  // ∂cos x/∂x = −sin x
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.sin().neg().conj())) },
  samples: () => anyShape(),
});

/** The tangent of an angle in radians. */
export const tan: Unary = unary({
  name: "tan",
  loops: {
    result: "float",
    kernel: "tan_vml_cpu",
    complex: complex1(complex.tan),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.tan(a[i]!);
    },
  },
  // ∂tan x/∂x = 1 + tan² x
  backward: { self: needs(["output"], (g, { output }) => g.mul(output.mul(output).add(1).conj())) },
  samples: () => anyShape(-1, 1),
});

/** The angle in radians whose sine it is. */
export const asin: Unary = unary({
  name: "asin",
  loops: {
    result: "float",
    kernel: "asin_vml_cpu",
    complex: complex1(complex.asin),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.asin(a[i]!);
    },
  },
  // ∂asin x/∂x = 1/√(1 − x²)
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.mul(self).neg().add(1).rsqrt().conj())) },
  samples: withinOne,
});

/** The angle in radians whose cosine it is. */
export const acos: Unary = unary({
  name: "acos",
  loops: {
    result: "float",
    kernel: "acos_vml_cpu",
    complex: complex1(complex.acos),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.acos(a[i]!);
    },
  },
  // ∂acos x/∂x = −1/√(1 − x²)
  backward: {
    self: needs(["self"], (g, { self }) => g.mul(self.mul(self).neg().add(1).rsqrt().neg().conj())),
  },
  samples: withinOne,
});

/** The angle in radians whose tangent it is. */
export const atan: Unary = unary({
  name: "atan",
  loops: {
    result: "float",
    kernel: "atan_vml_cpu",
    complex: complex1(complex.atan),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.atan(a[i]!);
    },
  },
  // ∂atan x/∂x = 1/(1 + x²)
  backward: { self: needs(["self"], (g, { self }) => g.div(self.mul(self).add(1).conj())) },
  samples: () => anyShape(),
});

/** The hyperbolic sine. */
export const sinh: Unary = unary({
  name: "sinh",
  loops: {
    result: "float",
    complex: complex1(complex.sinh),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sinh(a[i]!);
    },
  },
  // ∂sinh x/∂x = cosh x
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.cosh().conj())) },
  samples: () => anyShape(),
});

/** The hyperbolic cosine. */
export const cosh: Unary = unary({
  name: "cosh",
  loops: {
    result: "float",
    complex: complex1(complex.cosh),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.cosh(a[i]!);
    },
  },
  // ∂cosh x/∂x = sinh x
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.sinh().conj())) },
  samples: () => anyShape(),
});

/** The inverse of the hyperbolic sine. */
export const asinh: Unary = unary({
  name: "asinh",
  gradNameInPlace: "AsinhBackward1",
  refusesInPlace: "inplace version of asinh",
  loops: {
    result: "float",
    complex: complex1(complex.asinh),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.asinh(a[i]!);
    },
  },
  // ∂asinh x/∂x = 1/√(x² + 1)
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.mul(self).add(1).rsqrt().conj())) },
  samples: () => anyShape(),
});

/** The inverse of the hyperbolic cosine. */
export const acosh: Unary = unary({
  name: "acosh",
  gradNameInPlace: "AcoshBackward1",
  refusesInPlace: "inplace version of acosh",
  loops: {
    result: "float",
    complex: complex1(complex.acosh),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.acosh(a[i]!);
    },
  },
  // ∂acosh x/∂x = 1/√(x² − 1)
  backward: {
    self: needs(["self"], (g, { self }) => g.mul(self.sub(1).rsqrt().mul(self.add(1).rsqrt()).conj())),
  },
  samples: () => [...anyShape(1.2, 3), [input([3], { values: [1, 0, NaN], smooth: false })]],
});

/** The inverse of the hyperbolic tangent. */
export const atanh: Unary = unary({
  name: "atanh",
  gradNameInPlace: "AtanhBackward1",
  refusesInPlace: "inplace version of atanh",
  loops: {
    result: "float",
    complex: complex1(complex.atanh),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.atanh(a[i]!);
    },
  },
  // ∂atanh x/∂x = 1/(1 − x²)
  backward: {
    self: needs(["self"], (g, { self }) => g.mul(self.mul(self).neg().add(1).reciprocal().conj())),
  },
  samples: withinOne,
});

/** sin(πx)/(πx), and 1 at 0. */
export const sinc: Unary = unary({
  name: "sinc",
  loops: {
    result: "float",
    complex: complex1(complex.sinc),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = sincOf(a[i]!);
    },
  },
  // ∂sinc x/∂x = (πx·cos πx − sin πx)/(πx²), and 0 at 0
  backward: {
    self: needs(["self"], (g, { self }) =>
      where(
        self.eq(0),
        0,
        g.mul(
          self
            .mul(Math.PI)
            .mul(self.mul(Math.PI).cos())
            .sub(self.mul(Math.PI).sin())
            .div(self.mul(self).mul(Math.PI))
            .conj(),
        ),
      ),
    ),
  },
  samples: () => [...anyShape(), [input([2], { values: [0, 3], smooth: false })]],
});

/** Degrees as radians. */
export const deg2rad: Unary = unary({
  name: "deg2rad",
  gradName: "Deg2RadBackward0",
  loops: {
    result: "float",
    kernel: "mul_cpu_reduced_float",
    refusesComplex: ["RuntimeError", "deg2rad is not supported for complex tensors."],
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! * (Math.PI / 180);
    },
  },
  // ∂(x·π/180)/∂x = π/180
  backward: { self: needsNothing((g) => g.mul(Math.PI / 180)) },
  samples: () => anyShape(-180, 180),
});

/** Radians as degrees. */
export const rad2deg: Unary = unary({
  name: "rad2deg",
  gradName: "Rad2DegBackward0",
  loops: {
    result: "float",
    kernel: "mul_cpu_reduced_float",
    refusesComplex: ["RuntimeError", "rad2deg is not supported for complex tensors."],
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! * (180 / Math.PI);
    },
  },
  // ∂(x·180/π)/∂x = 180/π
  backward: { self: needsNothing((g) => g.mul(180 / Math.PI)) },
  samples: () => anyShape(),
});

/** The angle in radians of the point (other, self), in (−π, π]. */
export const atan2: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "atan2",
  takesNumber: false,
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Math.atan2(a[i]!, b[j]!);
    },
  },
  backward: {
    // ∂atan2(y, x)/∂y = x/(x² + y²), 0 at the origin
    self: needs(["self", "other"], (g, { self, other }) => g.mul(other.mul(inverseSquare(self, other)))),
    // ∂atan2(y, x)/∂x = −y/(x² + y²), 0 at the origin
    other: needs(["self", "other"], (g, { self, other }) =>
      g.mul(self.neg().mul(inverseSquare(self, other))),
    ),
  },
  samples: () => [
    ...anyPair().slice(0, 3),
    [
      input([4], { values: [0, 0, -0, 1], smooth: false }),
      input([4], { values: [0, -1, -1, 0], smooth: false }),
    ],
  ],
});

/** 1/(x² + y²), 0 at the origin. */
function inverseSquare(x: Tensor, y: Tensor): Tensor {
  const inverse = x.mul(x).add(y.mul(y)).reciprocal();
  return where(x.eq(0).logicalAnd(y.eq(0)), 0, inverse);
}

/** √(x² + y²), without overflow on the way. */
export const hypot: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "hypot",
  takesNumber: false,
  loops: {
    result: "same",
    takes: "floating",
    kernel: "hypot_cpu",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Math.hypot(a[i]!, b[j]!);
    },
  },
  backward: {
    // ∂√(x² + y²)/∂x = x/√(x² + y²)
    self: needs(["self", "output"], (g, { self, output }) => g.mul(self.div(output))),
    // ∂√(x² + y²)/∂y = y/√(x² + y²)
    other: needs(["other", "output"], (g, { other, output }) => g.mul(other.div(output))),
  },
  samples: () => anyPair().slice(0, 3),
});
