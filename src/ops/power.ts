/**
 * Powers and roots.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import * as complex from "../kernels/complex.ts";
import { intPow32, intPow64, powOf } from "../kernels/special.ts";
import { categoryOf, resultType } from "../tensor/promotion.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { isNumberArgument } from "../tensor/scalar.ts";
import { checkedScalar } from "../tensor/scalar-range.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensorLike } from "../tensor/tensor.ts";
import { complex1, complex2 } from "./complex-loops.ts";
import type { Loops2 } from "./elementwise.ts";
import { numberTensor } from "./elementwise.ts";
import type { Binary, Unary } from "./family.ts";
import { binary, unary } from "./family.ts";
import { laned1 } from "./laned.ts";
import type { InPlaceOp } from "./op.ts";
import { composed, needs } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

function aboveZero(): readonly Sample[] {
  return [...anyShape(0.1, 3), [input([4], { values: [0, -1, Infinity, NaN], smooth: false })]];
}

/** The square root. */
export const sqrt: Unary = unary({
  name: "sqrt",
  loops: {
    result: "float",
    kernel: "sqrt_vml_cpu",
    complex: complex1(complex.sqrt),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sqrt(a[i]!);
    },
    float32: laned1("sqrt", (out, o, os, a, i, is, n) => {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sqrt(a[i]!);
    }),
  },
  // ∂√x/∂x = 1/(2√x)
  backward: { self: needs(["output"], (g, { output }) => g.div(output.mul(2).conj())) },
  samples: aboveZero,
});

/** 1/√x. */
export const rsqrt: Unary = unary({
  name: "rsqrt",
  loops: {
    result: "float",
    complex: complex1(complex.rsqrt),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 / Math.sqrt(a[i]!);
    },
  },
  // ∂x^(−½)/∂x = −½·x^(−3/2)
  backward: { self: needs(["output"], (g, { output }) => g.mul(-0.5).mul(output.pow(3).conj())) },
  samples: aboveZero,
});

/** The loops of powers. A number as exponent (its step is 0) goes the short ways that PyTorch goes, rounding as it does. */
const loops: Loops2 = {
  result: "same",
  kernel: "pow",
  takes: "numeric",
  complex: complex2(complex.power),
  loop(out, o, os, a, i, is, b, j, js, n) {
    const exponent = js === 0 ? b[j]! : NaN;
    if (exponent === 2) for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! * a[i]!;
    else if (exponent === 3) for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! * a[i]! * a[i]!;
    else if (exponent === 0.5) for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sqrt(a[i]!);
    else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = powOf(a[i]!, b[j]!);
  },
  float32(out, o, os, a, i, is, b, j, js, n) {
    const exponent = js === 0 ? b[j]! : NaN;
    if (exponent === 2) for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! * a[i]!;
    else if (exponent === 3)
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.fround(a[i]! * a[i]!) * a[i]!;
    else if (exponent === -2)
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 / Math.fround(a[i]! * a[i]!);
    else if (exponent === -0.5)
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 / Math.fround(Math.sqrt(a[i]!));
    else if (exponent === 0.5) for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.sqrt(a[i]!);
    else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = powOf(a[i]!, b[j]!);
  },
  int32(out, o, os, a, i, is, b, j, js, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = intPow32(a[i]!, b[j]!);
  },
  big: intPow64,
};

/** A number that an exponent stands for. */
function numberOf(exponent: Tensor): number {
  return Number(exponent.items[0]);
}

/** Refuses a number that is no exponent for the dtype: a negative one for integers, one that the dtype does not hold. */
function requireExponent(self: Tensor, exponent: Tensor): void {
  if (!exponent.isNumber || exponent.isComplex()) return;
  const common = resultType(self, exponent);
  const isFloat = categoryOf(common) >= categoryOf(dtypes.float32);
  if (!isFloat && numberOf(exponent) < 0) {
    throw torchError("RuntimeError", "Integers to negative integer powers are not allowed.");
  }
  // float32 takes its exponent in double precision.
  if (common !== dtypes.float32) checkedScalar(exponent.items[0]!, common);
}

/** ∂xᵉ/∂x = e·xᵉ⁻¹, and 0 for an exponent of 0, also where x is 0. */
function slopeOfBase(g: Tensor, self: Tensor, exponent: Tensor): Tensor {
  if (!exponent.isNumber) {
    return where(exponent.eq(0), 0, g.mul(exponent.mul(self.pow(exponent.sub(1))).conj()));
  }
  if (exponent.isComplex()) return g.mul(self.pow(exponent.sub(1)).mul(exponent).conj());
  const e = numberOf(exponent);
  return e === 0
    ? newTensorLike(g, g.dtype)
    : g.mul(
        self
          .pow(e - 1)
          .mul(e)
          .conj(),
      );
}

/** Whether it is bools to the power True or False: the only powers of theirs that PyTorch knows. */
function isPowerOfBools(self: Tensor, exponent: Tensor | NumberArgument): boolean {
  return typeof exponent === "boolean" && self.dtype === dtypes.bool;
}

/** Of dtypes that have no powers PyTorch still knows the powers 0 and 1. */
function isPowerOfRare(self: Tensor, exponent: Tensor | NumberArgument): exponent is 0 | 1 {
  if (exponent !== 0 && exponent !== 1) return false;
  const { dtype } = self;
  return (dtype.kind === "uint" && dtype !== dtypes.uint8) || (dtype.kind === "float" && dtype.bits < 16);
}

const power: Binary = binary({
  name: "pow",
  gradName: "PowBackward1",
  gradNameOfNumber: "PowBackward0",
  check: requireExponent,
  loops,
  backward: {
    self: needs(["self", "other"], (g, { self, other }) => slopeOfBase(g, self, other)),
    // ∂xᵉ/∂e = xᵉ·ln x, and 0 where x is 0 and e is not negative
    other: needs(["self", "other", "output"], (g, { self, other, output }) =>
      where(
        self.eq(0).logicalAnd(other.isComplex() ? other.real.ge(0) : other.ge(0)),
        0,
        g.mul(output.mul(self.log()).conj()),
      ),
    ),
  },
  samples: () => [],
});

function powerInPlace(self: Tensor, exponent: Tensor | NumberArgument): Tensor {
  if (isPowerOfBools(self, exponent)) return exponent === true ? self : self.fill_(true);
  if (isPowerOfRare(self, exponent)) return exponent === 1 ? self : self.fill_(1);
  return power.inPlace(self, exponent);
}

/** Powers of a number: the node has another name, and nothing but the exponent a gradient. */
const powerOfNumber: Binary = binary({
  name: "pow",
  gradName: "PowBackward2",
  loops,
  backward: {
    // ∂bᵉ/∂e = bᵉ·ln b, and 0 where b is 0 and e is not negative
    other: needs(["self", "other", "output"], (g, { self, other, output }) => {
      if (output.isComplex()) return g.mul(output.mul(self.to(output.dtype).log()).conj());
      const base = numberOf(self);
      const slope = g.mul(output.mul(Math.log(base)));
      return base === 0 ? where(other.ge(0), 0, slope) : slope;
    }),
  },
  samples: () => [],
});

/** A power of a tensor or of a number. */
export type Power = InPlaceOp<(self: Tensor | NumberArgument, exponent: Tensor | NumberArgument) => Tensor>;

/**
 * Raises elements to a power.
 *
 * Shape: self and exponent broadcast; one of them may be a number.
 * Throws: PyTorch's RuntimeError for integers with a negative number as exponent.
 *
 * @example
 * tensor([1, 2, 3]).pow(2); // tensor([1, 4, 9])
 */
export const pow: InPlaceOp<(self: Tensor, exponent: Tensor | NumberArgument) => Tensor> & Power =
  Object.assign(
    composed(
      {
        name: "pow",
        samples: () => [
          ...anyShape().map(([self]) => [self, 2]),
          [input([2, 3]), 3],
          [input([2, 3], { low: 0.5, high: 2 }), -1],
          [input([2, 3], { low: 0.5, high: 2 }), -2],
          [input([2, 3], { low: 0.5, high: 2 }), 0.5],
          [input([2, 3], { low: 0.5, high: 2 }), -0.5],
          [input([2, 3], { low: 0.5, high: 2 }), 1.7],
          [input([3], { values: [0, -1, 2], smooth: false }), 0],
          [input([2, 3], { low: 0.5, high: 2 }), input([3])],
          [input([2, 1], { low: 0.5, high: 2, layout: "stepped" }), input([1, 3])],
          [
            input([8], { values: [0, 0, 0, 1, -1, -8, 2, NaN], smooth: false }),
            input([8], { values: [0, 2, -1, NaN, Infinity, 3, -2, 0], smooth: false }),
          ],
        ],
      },
      (self: Tensor | NumberArgument, exponent: Tensor | NumberArgument): Tensor =>
        isNumberArgument(self)
          ? powerOfNumber(numberTensor(self), exponent)
          : isPowerOfBools(self, exponent) || isPowerOfRare(self, exponent)
            ? self.clone().pow_(exponent)
            : power(self, exponent),
    ),
    { inPlace: powerInPlace as Power["inPlace"] },
  );

/** The square: `pow(2)`. */
export const square: Unary = Object.assign(
  composed({ name: "square", samples: () => anyShape() }, (self: Tensor): Tensor => power(self, 2)),
  { inPlace: (self: Tensor): Tensor => power.inPlace(self, 2) },
);

/** A tensor in float64, or in complex128. */
function widest(self: Tensor): Tensor {
  return self.isComplex() ? self.to(dtypes.complex128) : self.double();
}

/** A power in float64 or complex128, whatever the dtypes. */
export const floatPower: Binary = Object.assign(
  composed(
    {
      name: "floatPower",
      samples: () => [
        [input([2, 3], { low: 0.5, high: 2 }), 1.5],
        [input([2, 3], { low: 0.5, high: 2 }), input([3])],
      ],
    },
    (self: Tensor, exponent: Tensor | NumberArgument): Tensor =>
      power(widest(self), isNumberArgument(exponent) ? exponent : widest(exponent)),
  ),
  {
    inPlace(self: Tensor, exponent: Tensor | NumberArgument): Tensor {
      if (self.dtype !== dtypes.float64) {
        throw torchError(
          "RuntimeError",
          `the base given to float_power_ has dtype ${self.dtype.scalarType} but the operation's result requires dtype Double`,
        );
      }
      return power.inPlace(self, exponent);
    },
  },
);
