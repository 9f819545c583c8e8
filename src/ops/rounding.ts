/**
 * Rounding of each element. The gradients are 0, but that of the fractional part.
 */

import { roundHalfEven } from "../kernels/special.ts";
import { dtypes } from "../dtype.ts";
import { notImplemented } from "./loop-dtypes.ts";
import type { Unary, UnaryWith } from "./family.ts";
import { flat, unary } from "./family.ts";
import { needsNothing } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyShape, input } from "./samples.ts";

function withHalves(): readonly Sample[] {
  return [
    ...anyShape(),
    [input([8], { values: [0.5, 1.5, 2.5, -0.5, -1.5, Infinity, -Infinity, NaN], smooth: false })],
  ];
}

/** PyTorch refuses bools, whose rounding has no sense. */
function refused(name: string): () => never {
  return () => {
    throw notImplemented(name, dtypes.bool);
  };
}

/** The greatest integer that is not above it. */
export const floor: Unary = unary({
  name: "floor",
  loops: {
    result: "same",
    kernel: "floor_vml_cpu",
    alsoTakes: ["unsigned"],
    refusesComplex: ["NotImplementedError", "floor is not supported for complex inputs"],
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.floor(a[i]!);
    },
    big: (x) => x,
    bool: refused("floor_vml_cpu"),
  },
  backward: { self: flat },
  samples: withHalves,
});

/** The smallest integer that is not below it. */
export const ceil: Unary = unary({
  name: "ceil",
  loops: {
    result: "same",
    kernel: "ceil_vml_cpu",
    alsoTakes: ["unsigned"],
    refusesComplex: ["NotImplementedError", "ceil is not supported for complex inputs"],
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.ceil(a[i]!);
    },
    big: (x) => x,
    bool: refused("ceil_vml_cpu"),
  },
  backward: { self: flat },
  samples: withHalves,
});

/** The integer part: rounds towards zero. */
export const trunc: Unary = unary({
  name: "trunc",
  loops: {
    result: "same",
    kernel: "trunc_vml_cpu",
    alsoTakes: ["unsigned"],
    refusesComplex: ["NotImplementedError", "trunc is not supported for complex inputs"],
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.trunc(a[i]!);
    },
    big: (x) => x,
    bool: refused("trunc_vml_cpu"),
  },
  backward: { self: flat },
  samples: withHalves,
});

/** The part after the decimal point, with the sign of the whole. */
export const frac: Unary = unary({
  name: "frac",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "frac_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! - Math.trunc(a[i]!);
    },
  },
  // ∂(x − ⌊x⌋)/∂x = 1
  backward: { self: needsNothing((g) => g) },
  samples: () => [...anyShape(), [input([2], { values: [Infinity, NaN], smooth: false })]],
});

/** Options of `round`. */
export interface RoundOptions {
  /** Digits after the decimal point to keep; negative ones round to tens, hundreds and so on. Default 0. */
  readonly decimals?: number;
}

/**
 * Rounds to the nearest integer, halves to the even one.
 *
 * @example
 * tensor([0.5, 1.5, 2.5]).round(); // tensor([0., 2., 2.])
 */
export const round: UnaryWith<[options?: RoundOptions]> = unary<[options?: RoundOptions]>({
  name: "round",
  gradName: (options?: RoundOptions) =>
    options?.decimals === undefined ? "RoundBackward0" : "RoundBackward1",
  check(self, options) {
    if (options?.decimals !== undefined && self.dtype.kind !== "float")
      throw notImplemented("round_cpu", self.dtype);
  },
  parameters: (options) => [options?.decimals ?? 0],
  loops: {
    result: "same",
    kernel: "round_vml_cpu",
    alsoTakes: ["unsigned"],
    loop(out, o, os, a, i, is, n, p) {
      const scale = 10 ** Math.abs(p);
      for (let k = 0; k < n; k++, o += os, i += is) {
        const x = a[i]!;
        if (p === 0) out[o] = roundHalfEven(x);
        else out[o] = p > 0 ? roundHalfEven(x * scale) / scale : roundHalfEven(x / scale) * scale;
      }
    },
    big: (x) => x,
    bool: refused("round_vml_cpu"),
  },
  backward: { self: flat },
  samples: () => [
    ...withHalves(),
    [input([4], { values: [1.2345, -1.2355, 0.125, NaN], smooth: false }), { decimals: 2 }],
    [input([3], { values: [1234.5, 15, 25], smooth: false }), { decimals: -1 }],
  ],
});
