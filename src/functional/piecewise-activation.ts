/**
 * Activations made of straight pieces, each one node of the graph: loop and derivative. `activation.ts` has them as they are
 * called.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { torchError } from "../errors.ts";
import type { UnaryWith } from "../ops/family.ts";
import { unary } from "../ops/family.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** x, or `slope`·x below 0. */
export const leak: UnaryWith<[slope: number]> = unary<[slope: number]>({
  name: "leakyRelu",
  parameters: (slope) => [slope],
  loops: {
    result: "same",
    takes: "floating",
    kernel: "leaky_relu_cpu",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? a[i]! : a[i]! * p;
    },
  },
  // ∂/∂x = 1 above 0, else the slope
  backward: {
    self: needs(["self"], (g, { self }, slope: number) => where(self.gt(0), g, g.mul(slope))),
  },
  samples: () => [],
});

/** x held between two bounds. */
export const hardtanh: UnaryWith<[min: number, max: number]> = unary<[min: number, max: number]>({
  name: "hardtanh",
  parameters: (min, max) => [min, max],
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n, p, q) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! < p ? p : a[i]! > q ? q : a[i]!;
    },
    big: (x, p, q) => (x < p ? BigInt(Math.trunc(p)) : x > q ? BigInt(Math.trunc(q)) : x),
    bool() {
      throw torchError("RuntimeError", "Bool inputs not supported for hardtanh");
    },
  },
  // ∂/∂x = 1 between the bounds, 0 at and beyond them
  backward: {
    self: needs(["self"], (g, { self }, min: number, max: number) =>
      where(self.le(min).logicalOr(self.ge(max)), 0, g),
    ),
  },
  samples: () => [],
});

/** x above a limit, else `value`. */
export const threshold: UnaryWith<[limit: number, value: number]> = unary<[limit: number, value: number]>({
  name: "threshold",
  parameters: (limit, value) => [limit, value],
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, n, p, q) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! <= p ? q : a[i]!;
    },
    big: (x, p, q) => (x <= p ? BigInt(Math.trunc(q)) : x),
  },
  // ∂/∂x = 1 above the limit, else 0
  backward: {
    self: needs(["self"], (g, { self }, limit: number) => where(self.le(limit), 0, g)),
  },
  samples: () => [],
});

/** (x + 3) / 6, held between 0 and 1. */
export const hardsigmoid: UnaryWith<[]> = unary({
  name: "hardsigmoid",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "hardsigmoid_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.min(Math.max(a[i]! + 3, 0), 6) / 6;
    },
  },
  // ∂/∂x = 1/6 between −3 and 3, else 0
  backward: {
    self: needs(["self"], (g, { self }) => where(self.gt(-3).logicalAnd(self.lt(3)), g.div(6), 0)),
  },
  samples: () => [],
});

/** x·hardsigmoid(x). */
export const hardswish: UnaryWith<[]> = unary({
  name: "hardswish",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "hardswish_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        out[o] = (a[i]! * Math.min(Math.max(a[i]! + 3, 0), 6)) / 6;
      }
    },
  },
  // ∂/∂x = 0 up to −3, 1 from 3 on, x/3 + 1/2 between
  backward: {
    self: needs(["self"], (g, { self }) =>
      where(self.le(-3), 0, where(self.lt(3), g.mul(self.div(3).add(0.5)), g)),
    ),
  },
  samples: () => [],
});

/** x, but 0 within ±`lambda`. */
export const hardshrink: UnaryWith<[lambda: number]> = unary<[lambda: number]>({
  name: "hardshrink",
  parameters: (lambda) => [lambda],
  loops: {
    result: "same",
    takes: "floating",
    kernel: "hardshrink_cpu",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! >= -p && a[i]! <= p ? 0 : a[i]!;
    },
  },
  // ∂/∂x = 1 outside ±λ, else 0
  backward: {
    self: needs(["self"], (g, { self }, lambda: number) => where(self.abs().le(lambda), 0, g)),
  },
  samples: () => [],
});

/** x drawn towards 0 by `lambda`. */
export const softshrink: UnaryWith<[lambda: number]> = unary<[lambda: number]>({
  name: "softshrink",
  parameters: (lambda) => [lambda],
  check(_, lambda) {
    if (lambda >= 0) return;
    throw torchError(
      "RuntimeError",
      `lambda must be in range [0, 3.40282e+38] for input dtype Float, but found ${lambda}`,
    );
  },
  loops: {
    result: "same",
    takes: "floating",
    kernel: "softshrink_check",
    loop(out, o, os, a, i, is, n, p) {
      // A NaN stays one.
      for (let k = 0; k < n; k++, o += os, i += is)
        out[o] = a[i]! > p ? a[i]! - p : a[i]! < -p ? a[i]! + p : a[i]! !== a[i]! ? a[i]! : 0;
    },
  },
  // ∂/∂x = 1 outside ±λ, else 0
  backward: {
    self: needs(["self"], (g, { self }, lambda: number) => where(self.abs().le(lambda), 0, g)),
  },
  samples: () => [],
});

/** x, or weight·x up to 0; the weight broadcasts. */
export const prelu: Op<(self: Tensor, weight: Tensor) => Tensor> = op({
  name: "preluKernel",
  inputs: ["self", "weight"],
  forward: (self, weight) => noGrad(() => where(self.gt(0), self, self.mul(weight))),
  backward: {
    // ∂/∂x = 1 above 0, else the weight
    self: needs(["self", "weight"], (g, { self, weight }) => where(self.gt(0), g, g.mul(weight))),
    // ∂/∂w = 0 above 0, else x
    weight: needs(["self"], (g, { self }) => where(self.gt(0), 0, g.mul(self))),
  },
  samples: () => [],
});

/** x, or x·noise up to 0, where the noise was drawn or is one slope. */
export const noisyLeak: Op<(self: Tensor, noise: Tensor) => Tensor> = op({
  name: "rrelu",
  gradName: "RreluWithNoiseBackward0",
  inputs: ["self", "noise"],
  forward: (self, noise) => noGrad(() => where(self.gt(0), self, self.mul(noise))),
  backward: {
    // ∂/∂x = 1 above 0, else the noise
    self: needs(["self", "noise"], (g, { self, noise }) => where(self.gt(0), g, g.mul(noise))),
  },
  samples: () => [],
});
