/**
 * Products and quotients that are added to a tensor, and the way from one tensor to another.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { ComplexCell } from "../kernels/complex.ts";
import { divide, multiply } from "../kernels/complex.ts";
import { fma32 } from "../tensor/float32.ts";
import { fma64 } from "../tensor/float64.ts";
import { categoryOf } from "../tensor/promotion.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { plainScalar } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";
import type { Loops3 } from "./elementwise.ts";
import { numberTensor, resultTypeOf, runTernary } from "./elementwise.ts";
import { cName, notImplemented } from "./loop-dtypes.ts";
import type { Ternary } from "./family.ts";
import { ternary } from "./family.ts";
import type { AnyRecord, InPlaceOp } from "./op.ts";
import { Program, call3, callInPlace, needs, needsNothing, withFacts } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

/** Where a product or quotient lies until it is added. */
const cell: ComplexCell = { re: 0, im: 0 };

/** Options of `addcmul` and `addcdiv`. */
export interface ValueOptions {
  /** Multiplies the product or quotient; default 1. */
  readonly value?: ScalarArgument;
}

function valueOf(options?: ValueOptions): number {
  return options?.value === undefined ? 1 : Number(plainScalar(options.value));
}

function times(g: Tensor, options?: ValueOptions): Tensor {
  const value = valueOf(options);
  return value === 1 ? g : g.mul(value);
}

function isIntegral(tensors: readonly Tensor[]): boolean {
  return categoryOf(resultTypeOf(tensors)) < categoryOf(dtypes.float32);
}

function samples(low: number): readonly Sample[] {
  return [
    [input([2, 3]), input([2, 3]), input([2, 3], { low, high: 3 })],
    [input([2, 3]), input([3]), input([2, 1], { low, high: 3 }), { value: 0.3 }],
    [input([]), input([3]), input([2, 1], { low, high: 3 })],
    [
      input([3, 2], { layout: "transposed" }),
      input([3, 2]),
      input([3, 2], { low, high: 3, layout: "stepped" }),
      { value: 2 },
    ],
  ];
}

/**
 * `self + value · tensor1 · tensor2`, elementwise; among integers the value is one too.
 *
 * Shape: all three broadcast.
 */
export const addcmul: Ternary<[options?: ValueOptions]> = ternary<
  readonly ["self", "tensor1", "tensor2"],
  [options?: ValueOptions]
>({
  name: "addcmul",
  inputs: ["self", "tensor1", "tensor2"],
  parameter: valueOf,
  loops: {
    result: "same",
    kernel: "addcmul_cpu_out",
    takes: "numeric",
    isProduct: true,
    loop(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) out[o] = fma64(p * b[j]!, c[l]!, a[i]!);
    },
    // PyTorch rounds value · tensor1, and then once more after multiplying and adding.
    float32(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls)
        out[o] = fma32(Math.fround(p * b[j]!), c[l]!, a[i]!);
    },
    complex(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
        multiply(cell, p * b[j]!, p * b[j + 1]!, c[l]!, c[l + 1]!);
        out[o] = a[i]! + cell.re;
        out[o + 1] = a[i + 1]! + cell.im;
      }
    },
    big: (x, y, z, p) => x + BigInt(p) * y * z,
  },
  backward: {
    // ∂/∂self = 1
    self: needsNothing((g) => g),
    // ∂/∂tensor1 = value·tensor2
    tensor1: needs(["tensor2"], (g, { tensor2 }, options?: ValueOptions) =>
      g.mul(times(tensor2, options).conj()),
    ),
    // ∂/∂tensor2 = value·tensor1
    tensor2: needs(["tensor1"], (g, { tensor1 }, options?: ValueOptions) =>
      g.mul(times(tensor1, options).conj()),
    ),
  },
  samples: () => samples(-2),
});

/**
 * `self + value · tensor1 / tensor2`, elementwise.
 *
 * Shape: all three broadcast.
 * Throws: PyTorch's RuntimeError where tensor1 and tensor2 are integers.
 */
export const addcdiv: Ternary<[options?: ValueOptions]> = ternary<
  readonly ["self", "tensor1", "tensor2"],
  [options?: ValueOptions]
>({
  name: "addcdiv",
  inputs: ["self", "tensor1", "tensor2"],
  parameter: valueOf,
  check(_, tensor1, tensor2) {
    if (!isIntegral([tensor1]) || !isIntegral([tensor2])) return;
    throw torchError(
      "RuntimeError",
      "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.",
    );
  },
  loops: {
    result: "same",
    kernel: "addcdiv_cpu_out",
    takes: "floating",
    complex(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
        divide(cell, p * b[j]!, p * b[j + 1]!, c[l]!, c[l + 1]!);
        out[o] = a[i]! + cell.re;
        out[o + 1] = a[i + 1]! + cell.im;
      }
    },
    loop(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) out[o] = a[i]! + (p * b[j]!) / c[l]!;
    },
    float32(out, o, os, a, i, is, b, j, js, c, l, ls, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls)
        out[o] = a[i]! + Math.fround(Math.fround(p * b[j]!) / c[l]!);
    },
  },
  backward: {
    // ∂/∂self = 1
    self: needsNothing((g) => g),
    // ∂/∂tensor1 = value/tensor2
    tensor1: needs(["tensor2"], (g, { tensor2 }, options?: ValueOptions) =>
      times(g, options).div(tensor2.conj()),
    ),
    // ∂/∂tensor2 = −value·tensor1/tensor2²
    tensor2: needs(["tensor1", "tensor2"], (g, { tensor1, tensor2 }, options?: ValueOptions) =>
      g.neg().mul(times(tensor1, options).div(tensor2.mul(tensor2)).conj()),
    ),
  },
  samples: () => samples(0.5),
});

/** start + weight·(end − start), computed from the nearer end, so that weight 1 gives `end` exactly. */
const lerpLoops: Loops3 = {
  result: "same",
  complex(out, o, os, a, i, is, b, j, js, c, l, ls, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
      const isNear = Math.hypot(c[l]!, c[l + 1]!) < 0.5;
      const [re, im] = [b[j]! - a[i]!, b[j + 1]! - a[i + 1]!];
      if (isNear) multiply(cell, c[l]!, c[l + 1]!, re, im);
      else multiply(cell, c[l]! - 1, c[l + 1]!, re, im);
      out[o] = cell.re + (isNear ? a[i]! : b[j]!);
      out[o + 1] = cell.im + (isNear ? a[i + 1]! : b[j + 1]!);
    }
  },
  loop(out, o, os, a, i, is, b, j, js, c, l, ls, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
      const w = c[l]!;
      const way = b[j]! - a[i]!;
      out[o] = Math.abs(w) < 0.5 ? fma64(w, way, a[i]!) : fma64(-way, 1 - w, b[j]!);
    }
  },
  float32(out, o, os, a, i, is, b, j, js, c, l, ls, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js, l += ls) {
      const w = c[l]!;
      const way = Math.fround(b[j]! - a[i]!);
      out[o] = Math.abs(w) < 0.5 ? fma32(w, way, a[i]!) : fma32(-way, Math.fround(1 - w), b[j]!);
    }
  },
};

const lerpBackward: AnyRecord["backward"] = {
  // ∂/∂self = 1 − weight
  self: needs(["weight"], (g, { weight }) => g.mul(weight.neg().add(1).conj())),
  // ∂/∂end = weight
  end: needs(["weight"], (g, { weight }) => g.mul(weight.conj())),
  // ∂/∂weight = end − self
  weight: needs(["self", "end"], (g, { self, end }) => g.mul(end.sub(self).conj())),
};

function lerpSamples(): readonly Sample[] {
  return [
    [input([2, 3]), input([2, 3]), 0.3],
    [input([2, 3]), input([3]), 0.8],
    [input([2, 3]), input([2, 3]), input([3], { low: 0, high: 1 })],
    [input([3, 2], { layout: "transposed" }), input([]), input([3, 1], { low: 0, high: 1 })],
    [input([2]), input([2], { dtype: "float16", smooth: false }), 0.5],
  ];
}

const lerpInputs = ["self", "end", "weight"];
const lerpByNumber = new Program({
  name: "lerp",
  inputs: lerpInputs,
  backward: lerpBackward,
  samples: lerpSamples,
});
const lerpByTensor = new Program({
  name: "lerp",
  gradName: "LerpBackward1",
  inputs: lerpInputs,
  backward: lerpBackward,
  samples: lerpSamples,
});

function lerped(self: Tensor, end: Tensor, weight: Tensor, target: Tensor | null): Tensor {
  requireDtypeOf(self, end, "end");
  if (!weight.isNumber) requireDtypeOf(self, weight, "weight");
  if ((self.dtype.kind !== "float" || self.dtype.bits < 16) && !self.isComplex()) {
    throw notImplemented(weight.isNumber ? "lerp_kernel_scalar" : "lerp_kernel_tensor", self.dtype);
  }
  return runTernary("lerp", lerpLoops, self, end, weight, [self, end, weight], target);
}

function requireDtypeOf(self: Tensor, other: Tensor, name: string): void {
  if (self.dtype === other.dtype) return;
  const [wanted, found] = [cName(self.dtype), cName(other.dtype)];
  throw torchError("RuntimeError", `expected dtype ${wanted} for \`${name}\` but got dtype ${found}`);
}

/**
 * The point between two tensors: `self + weight · (end − self)`.
 *
 * Shape: all broadcast.
 * Throws: PyTorch's RuntimeErrors for different dtypes and for integers.
 *
 * @example
 * tensor([0.5]).lerp(tensor([1.5]), 0.5); // tensor([1.])
 */
export const lerp: InPlaceOp<(self: Tensor, end: Tensor, weight: Tensor | ScalarArgument) => Tensor> =
  Object.assign(
    withFacts((self: Tensor, end: Tensor, weight: Tensor | ScalarArgument): Tensor => {
      const by = isTensor(weight) ? weight : numberTensor(weight);
      return call3(by.isNumber ? lerpByNumber : lerpByTensor, lerpForward, self, end, by);
    }, lerpByNumber),
    {
      inPlace(self: Tensor, end: Tensor, weight: Tensor | ScalarArgument): Tensor {
        const by = isTensor(weight) ? weight : numberTensor(weight);
        return callInPlace(by.isNumber ? lerpByNumber : lerpByTensor, [self, end, by], [], (target) => {
          lerped(target, end, by, target);
        });
      },
    },
  );

function lerpForward(self: Tensor, end: Tensor, weight: Tensor): Tensor {
  return lerped(self, end, weight, null);
}
