/**
 * Arithmetic of two operands that broadcast: sums, differences, products.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { multiply } from "../kernels/complex.ts";
import { fma32 } from "../tensor/float32.ts";
import { fma64 } from "../tensor/float64.ts";
import { categoryOf, resultType } from "../tensor/promotion.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { plainScalar, scalarDtype } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { complex2 } from "./complex-loops.ts";
import type { Numbers } from "./elementwise.ts";
import type { AlphaOptions, Binary, ScaledBinary } from "./family.ts";
import { binary, newOnly } from "./family.ts";
import type { Op } from "./op.ts";
import { laned2 } from "./laned.ts";
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
    [input([2, 3]), 0.1],
    [input([0]), input([1])],
    [input([2]), input([3])],
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
    complex(out, o, os, a, i, is, b, j, js, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        out[o] = a[i]! + p * b[j]!;
        out[o + 1] = a[i + 1]! + p * b[j + 1]!;
      }
    },
    kernel: "add_stub",
    loop(out, o, os, a, i, is, b, j, js, n, p) {
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! + b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma64(p, b[j]!, a[i]!);
    },
    // PyTorch multiplies and adds with one rounding.
    float32: laned2("add", 1, (out, o, os, a, i, is, b, j, js, n, p) => {
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! + b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma32(p, b[j]!, a[i]!);
    }),
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
  samples: () => [...pairs(), [input([2, 3]), input([3]), { alpha: 0.3 }]],
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
    complex(out, o, os, a, i, is, b, j, js, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        out[o] = a[i]! - p * b[j]!;
        out[o + 1] = a[i + 1]! - p * b[j + 1]!;
      }
    },
    kernel: "add_stub",
    loop(out, o, os, a, i, is, b, j, js, n, p) {
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! - b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma64(-p, b[j]!, a[i]!);
    },
    float32: laned2("sub", 1, (out, o, os, a, i, is, b, j, js, n, p) => {
      if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! - b[j]!;
      else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma32(-p, b[j]!, a[i]!);
    }),
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
  samples: () => [...pairs(), [input([2, 3]), input([3]), { alpha: 0.3 }]],
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
    alsoTakes: ["unsigned", "float8"],
    complex: complex2(multiply),
    keepsNumbers: true,
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! * b[j]!;
    },
    float32: laned2("mul", 0, (out, o, os, a, i, is, b, j, js, n) => {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! * b[j]!;
    }),
    int32(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Math.imul(a[i]!, b[j]!);
    },
    big: (x, y) => x * y,
  },
  backward: {
    // ∂(self·other)/∂self = other
    self: needs(["other"], (g, { other }) => g.mul(other.conj())),
    // ∂(self·other)/∂other = self
    other: needs(["self"], (g, { self }) => g.mul(self.conj())),
  },
  samples: pairs,
});

/** Subtracts the other way round: `other − alpha · self`. Throws: as `sub`. */
export const rsub: Op<(self: Tensor, other: Tensor | NumberArgument, options?: AlphaOptions) => Tensor> =
  newOnly(
    binary<[options?: AlphaOptions]>({
      name: "rsub",
      torch: "torch.rsub",
      gradNameOfNumber: "RsubBackward1",
      check: refuseBools,
      loops: {
        result: "same",
        kernel: "add_stub",
        complex(out, o, os, a, i, is, b, j, js, n, p) {
          for (let k = 0; k < n; k++, o += os, i += is, j += js) {
            out[o] = b[j]! - p * a[i]!;
            out[o + 1] = b[j + 1]! - p * a[i + 1]!;
          }
        },
        loop(out, o, os, a, i, is, b, j, js, n, p) {
          if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = b[j]! - a[i]!;
          else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma64(-p, a[i]!, b[j]!);
        },
        float32(out, o, os, a, i, is, b, j, js, n, p) {
          if (p === 1) for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = b[j]! - a[i]!;
          else for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = fma32(-p, a[i]!, b[j]!);
        },
        int32: (out, o, os, a, i, is, b, j, js, n, p) => addScaled32(out, o, os, b, j, js, a, i, is, n, -p),
        big: (x, y, p) => y - BigInt(p) * x,
      },
      parameter: alphaOf,
      backward: {
        // ∂(other − α·self)/∂self = −α
        self: needsNothing((g, _, options?: AlphaOptions) => scaled(g, options, -1)),
        // ∂(other − α·self)/∂other = 1
        other: needsNothing((g) => g),
      },
      samples: () => [
        [input([2, 3]), input([3])],
        [input([2, 3]), 1],
        [input([2, 3]), input([3]), { alpha: 0.3 }],
      ],
    }),
  );
