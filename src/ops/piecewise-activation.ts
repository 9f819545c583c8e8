/**
 * Activations of straight pieces that PyTorch has as functions, each with a node of its own; `functional/` gives them
 * their options.
 */

import type { DType } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Unary, UnaryWith } from "./family.ts";
import { binary, newOnly, unary } from "./family.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { needs } from "./op.ts";
import { activationSamples, input } from "./samples.ts";
import { where } from "./where.ts";

/** x where it is above 0, else x·slope; the slope counts at 0. */
export const leakyRelu: UnaryWith<[slope?: number]> = unary<[slope?: number]>({
  name: "leakyRelu",
  torch: "torch.nn.functional.leaky_relu",
  gradNameInPlace: "LeakyReluBackward1",
  parameters: (slope = 0.01) => [slope],
  loops: {
    result: "same",
    kernel: "leaky_relu_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? a[i]! : a[i]! * p;
    },
  },
  // ∂/∂x = 1 above 0, else the slope
  backward: {
    self: needs(["self"], (g, { self }, slope: number = 0.01) => where(self.gt(0), g, g.mul(slope))),
  },
  samples: () => [...activationSamples(), [input([2, 3]), 0.3]],
});

/** Holds values between two bounds; unlike `clamp`, the gradient at the bounds is 0. */
export const hardtanh: UnaryWith<[min?: number, max?: number]> = unary<[min?: number, max?: number]>({
  name: "hardtanh",
  torch: "torch.nn.functional.hardtanh",
  check(self) {
    if (self.dtype === dtypes.bool)
      throw torchError("RuntimeError", "Bool inputs not supported for hardtanh");
  },
  parameters: (min = -1, max = 1) => [min, max],
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n, p, q) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! < p ? p : a[i]! > q ? q : a[i]!;
    },
    big(x, p, q) {
      if (x < p) return BigInt(Math.trunc(p));
      return x > q ? BigInt(Math.trunc(q)) : x;
    },
  },
  // ∂/∂x = 1 between the bounds, else 0
  backward: {
    self: needs(["self"], (g, { self }, min: number = -1, max: number = 1) =>
      where(self.le(min).logicalOr(self.ge(max)), 0, g),
    ),
  },
  samples: () => [...activationSamples(), [input([2, 3], { low: -9, high: 9 }), 0, 6]],
});

/** x above the threshold, else a value. */
export const threshold: UnaryWith<[threshold: number, value: number]> = unary<
  [threshold: number, value: number]
>({
  name: "threshold",
  torch: "torch.nn.functional.threshold",
  gradNameInPlace: "ThresholdBackward1",
  parameters: (limit, value) => [limit, value],
  loops: {
    result: "same",
    kernel: "threshold_cpu",
    takes: "numeric",
    loop(out, o, os, a, i, is, n, p, q) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! <= p ? q : a[i]!;
    },
    big: (x, p, q) => (x <= p ? BigInt(Math.trunc(q)) : x),
  },
  // ∂/∂x = 1 above the threshold, else 0
  backward: {
    self: needs(["self"], (g, { self }, limit: number, _value: number) => where(self.le(limit), 0, g)),
  },
  samples: () => activationSamples(0.1, 20),
});

/** (x + 3)/6, held between 0 and 1. */
export const hardsigmoid: Unary = unary({
  name: "hardsigmoid",
  torch: "torch._C._nn.hardsigmoid",
  loops: {
    result: "same",
    kernel: "hardsigmoid_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is)
        out[o] = a[i]! <= -3 ? 0 : a[i]! >= 3 ? 1 : (a[i]! + 3) / 6;
    },
  },
  // ∂/∂x = 1/6 between −3 and 3, else 0. PyTorch's sixth is a float32, also for float64.
  backward: {
    self: needs(["self"], (g, { self }) =>
      where(self.gt(-3).logicalAnd(self.lt(3)), g.mul(Math.fround(1 / 6)), 0),
    ),
  },
  samples: () => activationSamples(),
});

/** x·hardsigmoid(x). */
export const hardswish: Unary = unary({
  name: "hardswish",
  torch: "torch._C._nn.hardswish",
  loops: {
    result: "same",
    kernel: "hardswish_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is)
        out[o] = a[i]! <= -3 ? 0 : a[i]! >= 3 ? a[i]! : (a[i]! * (a[i]! + 3)) / 6;
    },
  },
  // ∂/∂x = 0 up to −3, 1 from 3 on, x/3 + ½ between
  backward: {
    self: needs(["self"], (g, { self }) =>
      where(self.le(-3), 0, where(self.lt(3), g.mul(self.div(3).add(0.5)), g)),
    ),
  },
  samples: () => activationSamples(),
});

/** The largest finite numbers, as C prints them. */
const limits: ReadonlyMap<DType, string> = new Map([
  [dtypes.float64, "1.79769e+308"],
  [dtypes.float32, "3.40282e+38"],
  [dtypes.bfloat16, "3.38953e+38"],
  [dtypes.float16, "65504"],
]);

/** x drawn towards 0 by lambda, and 0 within it. Throws: PyTorch's RuntimeError for a negative lambda. */
export const softshrink: Op<(self: Tensor, lambda?: number) => Tensor> = newOnly(
  unary<[lambda?: number]>({
    name: "softshrink",
    torch: "torch.nn.functional.softshrink",
    check(self, lambda = 0.5) {
      const limit = limits.get(self.dtype);
      if (lambda >= 0 || limit === undefined) return;
      throw torchError(
        "RuntimeError",
        `lambda must be in range [0, ${limit}] for input dtype ${self.dtype.scalarType}, but found ${lambda}`,
      );
    },
    parameters: (lambda = 0.5) => [lambda],
    loops: {
      result: "same",
      kernel: "softshrink_check",
      takes: "floating",
      loop(out, o, os, a, i, is, n, p) {
        for (let k = 0; k < n; k++, o += os, i += is)
          out[o] = a[i]! > p ? a[i]! - p : a[i]! < -p ? a[i]! + p : a[i] === a[i] ? 0 : NaN;
      },
    },
    // ∂/∂x = 1 beyond lambda, else 0
    backward: {
      self: needs(["self"], (g, { self }, lambda: number = 0.5) =>
        where(self.ge(-lambda).logicalAnd(self.le(lambda)), 0, g),
      ),
    },
    samples: () => [...activationSamples(), [input([2, 3]), 1], [input([2]), -1]],
  }),
);

/** x beyond lambda, else 0. */
export const hardshrink: Op<(self: Tensor, lambda?: number) => Tensor> = newOnly(
  unary<[lambda?: number]>({
    name: "hardshrink",
    torch: "torch.nn.functional.hardshrink",
    parameters: (lambda = 0.5) => [lambda],
    loops: {
      result: "same",
      kernel: "hardshrink_cpu",
      takes: "floating",
      loop(out, o, os, a, i, is, n, p) {
        for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! >= -p && a[i]! <= p ? 0 : a[i]!;
      },
    },
    // ∂/∂x = 1 beyond lambda, else 0
    backward: {
      self: needs(["self"], (g, { self }, lambda: number = 0.5) =>
        where(self.ge(-lambda).logicalAnd(self.le(lambda)), 0, g),
      ),
    },
    samples: () => [...activationSamples(), [input([2, 3]), 1]],
  }),
);

/** x above 0, else x·weight, where the weight broadcasts. */
export const preluKernel: Op<(self: Tensor, weight: Tensor) => Tensor> = newOnly(
  binary({
    name: "preluKernel",
    torch: "torch._prelu_kernel",
    takesNumber: false,
    loops: {
      result: "same",
      kernel: "prelu_cpu",
      takes: "floating",
      loop(out, o, os, a, i, is, b, j, js, n) {
        for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! > 0 ? a[i]! : a[i]! * b[j]!;
      },
    },
    backward: {
      // ∂/∂x = 1 above 0, else the weight
      self: needs(["self", "other"], (g, { self, other }) => where(self.gt(0), g, g.mul(other))),
      // ∂/∂weight = 0 above 0, else x
      other: needs(["self"], (g, { self }) => where(self.gt(0), 0, g.mul(self))),
    },
    samples: () => [
      [input([2, 3]), input([3])],
      [input([2, 3, 2]), input([3, 1])],
      [input([2], { values: [0, 1], smooth: false }), input([1])],
    ],
  }) as InPlaceOp<(self: Tensor, weight: Tensor) => Tensor>,
);
