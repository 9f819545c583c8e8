/**
 * Exponentials and logarithms of each element.
 */

import * as complex from "../kernels/complex.ts";
import { logAddExp } from "../kernels/special.ts";
import { torchError } from "../errors.ts";
import { categoryOf } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import { complex1, scaledComplex1 } from "./complex-loops.ts";
import type { Binary, TensorPair, Unary } from "./family.ts";
import { binary, newOnly, unary } from "./family.ts";
import type { InPlaceOp } from "./op.ts";
import { composed, needs } from "./op.ts";
import { pow } from "./power.ts";
import type { Sample } from "./samples.ts";
import { anyPair, anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

/** Values where logarithms are defined, and the ends of their domain. */
function aboveZero(): readonly Sample[] {
  return [...anyShape(0.1, 3), [input([4], { values: [0, -1, Infinity, NaN], smooth: false })]];
}

function withEnds(): readonly Sample[] {
  return [...anyShape(), [input([4], { values: [100, -100, Infinity, NaN], smooth: false })]];
}

/** The exponential function eˣ. */
export const exp: Unary = unary({
  name: "exp",
  loops: {
    result: "float",
    kernel: "exp_vml_cpu",
    complex: complex1(complex.exp),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.exp(a[i]!);
    },
  },
  // ∂eˣ/∂x = eˣ
  backward: { self: needs(["output"], (g, { output }) => g.mul(output.conj())) },
  samples: withEnds,
});

/** 2ˣ. */
export const exp2: Unary = unary({
  name: "exp2",
  loops: {
    result: "float",
    kernel: "exp2",
    complex: complex1((out, re, im) => complex.exp(out, re * Math.LN2, im * Math.LN2)),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 2 ** a[i]!;
    },
  },
  // ∂2ˣ/∂x = 2ˣ·ln 2
  backward: { self: needs(["output"], (g, { output }) => g.mul(output.conj()).mul(Math.LN2)) },
  samples: withEnds,
});

/** eˣ − 1, exact also for small x. */
export const expm1: Unary = unary({
  name: "expm1",
  loops: {
    result: "float",
    kernel: "expm1_vml_cpu",
    complex: complex1(complex.expm1),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.expm1(a[i]!);
    },
  },
  // ∂(eˣ − 1)/∂x = eˣ
  backward: { self: needs(["output"], (g, { output }) => g.mul(output.conj().add(1))) },
  samples: withEnds,
});

/** The natural logarithm. */
export const log: Unary = unary({
  name: "log",
  loops: {
    result: "float",
    kernel: "log_vml_cpu",
    complex: complex1(complex.log),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.log(a[i]!);
    },
  },
  // ∂ln x/∂x = 1/x
  backward: { self: needs(["self"], (g, { self }) => g.div(self.conj())) },
  samples: aboveZero,
});

/** The logarithm to base 2. */
export const log2: Unary = unary({
  name: "log2",
  loops: {
    result: "float",
    kernel: "log2_vml_cpu",
    complex: scaledComplex1(complex.log, Math.LOG2E),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.log2(a[i]!);
    },
  },
  // ∂log₂ x/∂x = 1/(x·ln 2)
  backward: { self: needs(["self"], (g, { self }) => g.div(self.conj().mul(Math.LN2))) },
  samples: aboveZero,
});

/** The logarithm to base 10. */
export const log10: Unary = unary({
  name: "log10",
  loops: {
    result: "float",
    kernel: "log10_vml_cpu",
    complex: scaledComplex1(complex.log, Math.LOG10E),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.log10(a[i]!);
    },
  },
  // ∂log₁₀ x/∂x = 1/(x·ln 10)
  backward: { self: needs(["self"], (g, { self }) => g.div(self.conj().mul(Math.LN10))) },
  samples: aboveZero,
});

/** ln(1 + x), exact also for small x. */
export const log1p: Unary = unary({
  name: "log1p",
  gradName: "Log1PBackward0",
  loops: {
    result: "float",
    kernel: "log1p_vml_cpu",
    complex: complex1(complex.log1p),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.log1p(a[i]!);
    },
  },
  // ∂ln(1 + x)/∂x = 1/(1 + x)
  backward: { self: needs(["self"], (g, { self }) => g.div(self.add(1).conj())) },
  samples: () => [...anyShape(-0.9, 2), [input([4], { values: [-1, 1e-9, Infinity, NaN], smooth: false })]],
});

/** ln(eˣ + eʸ), without overflow on the way. */
export const logaddexp: TensorPair = newOnly(
  binary({
    name: "logaddexp",
    takesNumber: false,
    loops: {
      result: "same",
      takes: "floating",
      kernel: "logaddexp_cpu",
      loop(out, o, os, a, i, is, b, j, js, n) {
        for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = logAddExp(a[i]!, b[j]!);
      },
    },
    backward: {
      // ∂/∂x = eˣ/(eˣ + eʸ) = 1/(1 + eʸ⁻ˣ)
      self: needs(["self", "other"], (g, { self, other }) => g.div(other.sub(self).exp().add(1))),
      // ∂/∂y = 1/(1 + eˣ⁻ʸ)
      other: needs(["self", "other"], (g, { self, other }) => g.div(self.sub(other).exp().add(1))),
    },
    samples: () => [
      [input([2, 3]), input([3])],
      [
        input([3], { values: [-Infinity, Infinity, 1000], smooth: false }),
        input([3], { values: [-Infinity, Infinity, 1000], smooth: false }),
      ],
    ],
  }),
);

function logAddExp2(x: number, y: number): number {
  // Infinities of one sign would give NaN below.
  if (x === y && Math.abs(x) === Infinity) return x;
  return Math.max(x, y) + Math.log1p(2 ** -Math.abs(x - y)) / Math.LN2;
}

/** log₂(2ˣ + 2ʸ), without overflow on the way. */
export const logaddexp2: TensorPair = newOnly(
  binary({
    name: "logaddexp2",
    takesNumber: false,
    loops: {
      result: "same",
      takes: "floating",
      loop(out, o, os, a, i, is, b, j, js, n) {
        for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = logAddExp2(a[i]!, b[j]!);
      },
    },
    backward: {
      // ∂/∂x = 2ˣ/(2ˣ + 2ʸ) = 1/(1 + 2ʸ⁻ˣ)
      self: needs(["self", "other"], (g, { self, other }) => g.div(other.sub(self).exp2().add(1))),
      // ∂/∂y = 1/(1 + 2ˣ⁻ʸ)
      other: needs(["self", "other"], (g, { self, other }) => g.div(self.sub(other).exp2().add(1))),
    },
    samples: () => [
      [input([2, 3]), input([3])],
      [
        input([3], { values: [-Infinity, Infinity, 1000], smooth: false }),
        input([3], { values: [-Infinity, Infinity, 1000], smooth: false }),
      ],
    ],
  }),
);

const timesPower: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "ldexp",
  takesNumber: false,
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! * 2 ** b[j]!;
    },
  },
  backward: {
    // ∂(x·2ʸ)/∂x = 2ʸ, by PyTorch in the dtype of y: of a negative integer that is 0
    self: needs(["other"], (g, { other }) => g.mul(pow(2, other))),
    // ∂(x·2ʸ)/∂y = ln 2·x·2ʸ
    other: needs(["self", "other"], (g, { self, other }) => g.mul(self).mul(pow(2, other)).mul(Math.LN2)),
  },
  samples: () => [
    [input([2, 3]), input([3])],
    [input([2, 3]), input([3], { values: [1, 2, 3], dtype: "int64" })],
    [input([2, 3]), input([3], { values: [1, -2, 3], dtype: "int64", smooth: false })],
    [input([2]), input([2, 1], { values: [-1, 20], dtype: "float32", smooth: false })],
  ],
}) as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>;

/**
 * x·2ʸ.
 *
 * Throws: in place PyTorch's RuntimeError for integers and bools, as the result is a float.
 * Differs from PyTorch: 2ʸ is not rounded to the dtype of y before it is multiplied.
 */
export const ldexp: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = Object.assign(
  composed({ name: "ldexp", samples: timesPower.op.samples }, (self: Tensor, other: Tensor): Tensor =>
    timesPower(self, other),
  ),
  {
    inPlace(self: Tensor, other: Tensor): Tensor {
      if (isTensor(other) && categoryOf(self.dtype) < 2) {
        throw torchError(
          "RuntimeError",
          `ldexp can't be cast to the desired output type ${self.dtype.scalarType}`,
        );
      }
      return timesPower.inPlace(self, other);
    },
  },
);

/** x·ln y, and 0 where x is 0 and y is not NaN. */
export const xlogy: Binary = binary({
  name: "xlogy",
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        const x = a[i]!;
        const y = b[j]!;
        out[o] = y === y && x === 0 ? 0 : x * Math.log(y);
      }
    },
  },
  gradNameOfNumber: "XlogyBackward2",
  backward: {
    // ∂(x·ln y)/∂x = ln y, 0 where x = 0 and y ≤ 0
    self: needs(["self", "other"], (g, { self, other }) =>
      where(self.eq(0).logicalAnd(other.le(0)), 0, g.mul(other.log())),
    ),
    // ∂(x·ln y)/∂y = x/y
    other: needs(["self", "other"], (g, { self, other }) => g.mul(self.div(other))),
  },
  samples: () => [
    ...anyPair(0.5, 2).slice(0, 3),
    [input([3], { values: [0, 0, 2], smooth: false }), input([3], { values: [0, 1, 0], smooth: false })],
  ],
});
