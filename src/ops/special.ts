/**
 * Special functions of each element: the error function and the gamma function, with their relatives.
 */

import { digammaOf, erfOf, erfcOf, erfinvOf, lgammaOf, polygammaOf } from "../kernels/special.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Unary, UnaryWith } from "./family.ts";
import { unary } from "./family.ts";
import { needs } from "./op.ts";
import { anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/** e^(−x²)·2/√π, the slope of the error function. */
function bell(x: Tensor): Tensor {
  return x.mul(x).neg().exp().mul(twoOverRootPi);
}

/** The error function, 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf: Unary = unary({
  name: "erf",
  loops: {
    result: "float",
    kernel: "erf_vml_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = erfOf(a[i]!);
    },
  },
  // ∂erf x/∂x = 2/√π·e^(−x²)
  backward: { self: needs(["self"], (g, { self }) => g.mul(bell(self))) },
  samples: () => [
    ...anyShape(),
    [input([6], { values: [0, 3.5, -6, Infinity, -Infinity, NaN], smooth: false })],
  ],
});

/** 1 − erf x, exact also where erf x is nearly 1. */
export const erfc: Unary = unary({
  name: "erfc",
  loops: {
    result: "float",
    kernel: "erfc_vml_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = erfcOf(a[i]!);
    },
  },
  // ∂erfc x/∂x = −2/√π·e^(−x²)
  backward: { self: needs(["self"], (g, { self }) => g.mul(bell(self).neg())) },
  samples: () => [...anyShape(), [input([6], { values: [0, 3.5, 8, -6, -Infinity, NaN], smooth: false })]],
});

/** The number whose error function it is. */
export const erfinv: Unary = unary({
  name: "erfinv",
  loops: {
    result: "float",
    kernel: "erfinv_vml_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = erfinvOf(a[i]!);
    },
  },
  // ∂erf⁻¹ x/∂x = √π/2·e^(erf⁻¹(x)²)
  backward: {
    self: needs(["self"], (g, { self }) =>
      g.mul(
        self
          .erfinv()
          .pow(2)
          .exp()
          .mul(Math.sqrt(Math.PI) / 2),
      ),
    ),
  },
  samples: () => [...anyShape(-0.95, 0.95), [input([5], { values: [1, -1, 2, 0, NaN], smooth: false })]],
});

/** The logarithm of the magnitude of the gamma function. */
export const lgamma: Unary = unary({
  name: "lgamma",
  loops: {
    result: "float",
    kernel: "lgamma_vml_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = lgammaOf(a[i]!);
    },
  },
  // ∂ln|Γ(x)|/∂x = ψ(x)
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.digamma())) },
  samples: () => [
    ...anyShape(0.3, 4),
    [input([3], { low: -2.9, high: -0.2 })],
    [input([5], { values: [0, -1, 30.5, Infinity, NaN], smooth: false })],
  ],
});

/** The derivative of `lgamma`. */
export const digamma: Unary = unary({
  name: "digamma",
  loops: {
    result: "float",
    kernel: "digamma",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = digammaOf(a[i]!);
    },
  },
  // ∂ψ(x)/∂x = ψ′(x)
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.polygamma(1))) },
  samples: () => [
    ...anyShape(0.3, 4),
    [input([3], { low: -2.9, high: -0.2 })],
    [input([3], { values: [0, -0, Infinity], smooth: false })],
  ],
});

/**
 * The n-th derivative of `digamma`.
 *
 * Throws: PyTorch's RuntimeError for a negative order.
 */
export const polygamma: UnaryWith<[order: number]> = unary<[order: number]>({
  name: "polygamma",
  gradNameInPlace: "PolygammaBackward1",
  check(_, order) {
    if (order < 0) throw torchError("RuntimeError", "polygamma(n, x) does not support negative n.");
  },
  parameters: (order) => [order],
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = polygammaOf(p, a[i]!);
    },
  },
  // ∂ψ⁽ⁿ⁾(x)/∂x = ψ⁽ⁿ⁺¹⁾(x)
  backward: { self: needs(["self"], (g, { self }, order: number) => g.mul(self.polygamma(order + 1))) },
  samples: () => [
    [input([2, 3], { low: 0.5, high: 4 }), 1],
    [input([3], { low: 0.5, high: 4 }), 2],
    [input([3], { low: 0.5, high: 4 }), 0],
  ],
});

/** How near to 0 and 1 the argument of `logit` may come. */
export type LogitArgument = number | { readonly eps?: number };

function epsOf(argument: LogitArgument | undefined): number | undefined {
  return typeof argument === "object" ? argument.eps : argument;
}

/**
 * ln(x/(1 − x)), the inverse of `sigmoid`; with `eps`, of x kept within [eps, 1 − eps].
 *
 * @example
 * tensor([0.5]).logit(); // tensor([0.])
 */
export const logit: UnaryWith<[eps?: LogitArgument]> = unary<[eps?: LogitArgument]>({
  name: "logit",
  parameters: (eps) => [epsOf(eps) ?? -1],
  loops: {
    result: "float",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        const x = p < 0 ? a[i]! : Math.min(Math.max(a[i]!, p), 1 - p);
        out[o] = Math.log(x / (1 - x));
      }
    },
  },
  // ∂ln(x/(1 − x))/∂x = 1/(x·(1 − x)); beyond the bounds 0, and without bounds there is none
  backward: {
    self: needs(["self"], (g, { self }, argument?: LogitArgument) => {
      const eps = epsOf(argument);
      const [low, high] = eps === undefined ? [0, 1] : [eps, 1 - eps];
      const isBeyond = self.lt(low).logicalOr(self.gt(high));
      return where(isBeyond, eps === undefined ? Number.NaN : 0, g.div(self.mul(self.neg().add(1))));
    }),
  },
  samples: () => [
    ...anyShape(0.1, 0.9),
    [input([5], { low: 0.3, high: 0.7 }), 0.2],
    [input([7], { values: [-1, 0, 1, 2, 0.5, 0.1, NaN], smooth: false })],
    [input([7], { values: [-1, 0, 1, 2, 0.5, 0.1, NaN], smooth: false }), { eps: 0.125 }],
  ],
});
