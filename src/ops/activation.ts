/**
 * Smooth activations that PyTorch has as functions, each with a node of its own. `functional/` gives them their options.
 */

import { torchError } from "../errors.ts";
import { erfOf } from "../kernels/special.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Unary, UnaryWith } from "./family.ts";
import { binary, newOnly, unary } from "./family.ts";
import type { Op } from "./op.ts";
import { needs } from "./op.ts";
import { activationSamples, input, isSmooth } from "./samples.ts";
import { where } from "./where.ts";

/** x above 0, else alpha·(eˣ − 1). */
export const elu: UnaryWith<[alpha?: number]> = unary<[alpha?: number]>({
  name: "elu",
  torch: "torch.nn.functional.elu",
  gradNameInPlace: "EluBackward1",
  parameters: (alpha = 1) => [alpha],
  loops: {
    result: "same",
    kernel: "elu_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? a[i]! : p * Math.expm1(a[i]!);
    },
  },
  // ∂/∂x = 1 above 0, else alpha·eˣ
  backward: {
    self: needs(["self"], (g, { self }, alpha: number = 1) =>
      where(self.le(0), g.mul(self.clamp({ max: 0 }).exp().mul(alpha)), g),
    ),
  },
  samples: () => [...activationSamples(), [input([2, 3]), 0.3]],
});

/** The constants of "Self-Normalizing Neural Networks" (Klambauer et al., 2017). */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** `elu` with the scale and alpha that keep activations normalized. */
export const selu: Unary = unary({
  name: "selu",
  torch: "torch.nn.functional.selu",
  gradName: "EluBackward0",
  gradNameInPlace: "EluBackward1",
  loops: {
    result: "same",
    kernel: "elu_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is)
        out[o] = a[i]! > 0 ? seluScale * a[i]! : seluScale * seluAlpha * Math.expm1(a[i]!);
    },
  },
  // ∂/∂x = scale above 0, else scale·alpha·eˣ
  backward: {
    self: needs(["self"], (g, { self }) =>
      where(
        self.le(0),
        g.mul(
          self
            .clamp({ max: 0 })
            .exp()
            .mul(seluScale * seluAlpha),
        ),
        g.mul(seluScale),
      ),
    ),
  },
  samples: () => activationSamples(),
});

/** x above 0, else alpha·(e^(x/alpha) − 1), which has no kink at 0. */
export const celu: UnaryWith<[alpha?: number]> = unary<[alpha?: number]>({
  name: "celu",
  torch: "torch.nn.functional.celu",
  gradNameInPlace: "CeluBackward1",
  check(_, alpha = 1) {
    if (alpha === 0) throw torchError("RuntimeError", "ZeroDivisionError: alpha cannot be 0 for CELU");
  },
  parameters: (alpha = 1) => [alpha],
  loops: {
    result: "same",
    kernel: "elu_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? a[i]! : p * Math.expm1(a[i]! / p);
    },
  },
  // ∂/∂x = 1 above 0, else e^(x/alpha)
  backward: {
    self: needs(["self"], (g, { self }, alpha: number = 1) =>
      where(self.le(0), g.mul(self.clamp({ max: 0 }).div(alpha).exp()), g),
    ),
  },
  samples: () => [...activationSamples(), [input([2, 3]), 0.5], [input([2]), 0]],
});

/** ln(1 + e^(beta·x))/beta; x itself where beta·x is above the limit. */
export const softplus: Op<(self: Tensor, beta?: number, limit?: number) => Tensor> = newOnly(
  unary<[beta?: number, limit?: number]>({
    name: "softplus",
    torch: "torch.nn.functional.softplus",
    parameters: (beta = 1, limit = 20) => [beta, limit],
    loops: {
      result: "same",
      kernel: "softplus_cpu",
      takes: "floating",
      loop(out, o, os, a, i, is, n, p, q) {
        for (let k = 0; k < n; k++, o += os, i += is)
          out[o] = a[i]! * p > q ? a[i]! : Math.log1p(Math.exp(a[i]! * p)) / p;
      },
    },
    // ∂/∂x = σ(beta·x), 1 above the limit
    backward: {
      self: needs(["self"], (g, { self }, beta: number = 1, limit: number = 20) => {
        const scaled = self.mul(beta);
        return where(scaled.gt(limit), g, g.mul(scaled.sigmoid()));
      }),
    },
    samples: () => [...activationSamples(), [input([2, 3]), 2, 1]],
  }),
);

/** σ(x)·(1 + x·(1 − σ(x))), the slope of silu, times a gradient: one loop instead of seven. */
const siluSlope: (self: Tensor, other: Tensor) => Tensor = binary({
  name: "siluBackward",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        const s = 1 / (1 + Math.exp(-b[j]!));
        out[o] = a[i]! * s * (1 + b[j]! * (1 - s));
      }
    },
  },
  backward: {
    // Linear in the gradient.
    self: needs(["other"], (g, { other }) => siluSlope(g, other)),
    // ∂(σ·(1 + x·(1 − σ)))/∂x = σ·(1 − σ)·(2 + x·(1 − 2σ))
    other: needs(["self", "other"], (g, { self, other }) => {
      const s = other.sigmoid();
      return g
        .mul(self)
        .mul(s.mul(s.neg().add(1)))
        .mul(other.mul(s.mul(-2).add(1)).add(2));
    }),
  },
  samples: () => [],
});

/** x·σ(x), also called swish. */
export const silu: Unary = unary({
  name: "silu",
  torch: "torch._C._nn.silu",
  loops: {
    result: "same",
    kernel: "silu_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! / (1 + Math.exp(-a[i]!));
    },
  },
  // ∂(x·σ)/∂x = σ·(1 + x·(1 − σ))
  backward: { self: needs(["self"], (g, { self }) => siluSlope(g, self)) },
  samples: () => activationSamples(),
});

/** x·tanh(ln(1 + eˣ)). */
export const mish: Unary = unary({
  name: "mish",
  torch: "torch._C._nn.mish",
  loops: {
    result: "same",
    kernel: "mish_cpu",
    takes: "floating",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is)
        out[o] = a[i]! * Math.tanh(a[i]! > 20 ? a[i]! : Math.log1p(Math.exp(a[i]!)));
    },
  },
  // ∂(x·t)/∂x = t + x·σ·(1 − t²) with t = tanh(softplus x)
  backward: {
    self: needs(["self"], (g, { self }) => {
      const t = softplus(self).tanh();
      return g.mul(t.add(self.mul(self.sigmoid()).mul(t.mul(t).neg().add(1))));
    }),
  },
  samples: () => activationSamples(),
});

const rootHalf = Math.SQRT1_2;
const rootTwoOverPi = Math.sqrt(2 / Math.PI);
const inverseRootTwoPi = 1 / Math.sqrt(2 * Math.PI);
/** The cubic coefficient of the approximation in "Gaussian Error Linear Units" (Hendrycks and Gimpel, 2016). */
const cubic = 0.044715;

/** The slope Φ(x) + x·φ(x) of gelu times a gradient. */
const geluSlope: (self: Tensor, other: Tensor) => Tensor = binary({
  name: "geluBackward",
  loops: {
    result: "same",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) {
        const x = b[j]!;
        out[o] = a[i]! * (0.5 * (1 + erfOf(x * rootHalf)) + x * inverseRootTwoPi * Math.exp(-0.5 * x * x));
      }
    },
  },
  backward: {
    // Linear in the gradient.
    self: needs(["other"], (g, { other }) => geluSlope(g, other)),
    // ∂(Φ + x·φ)/∂x = φ·(2 − x²)
    other: needs(["self", "other"], (g, { self, other }) => {
      const square = other.mul(other);
      return g.mul(self).mul(square.mul(-0.5).exp().mul(inverseRootTwoPi)).mul(square.neg().add(2));
    }),
  },
  samples: () => [],
});

/** The slope of the approximation by tanh. */
function geluTanhSlope(g: Tensor, x: Tensor): Tensor {
  const square = x.mul(x);
  const t = x.mul(square.mul(cubic).add(1)).mul(rootTwoOverPi).tanh();
  const inner = square
    .mul(3 * cubic)
    .add(1)
    .mul(rootTwoOverPi);
  const slope = t
    .add(1)
    .mul(0.5)
    .add(x.mul(0.5).mul(t.mul(t).neg().add(1)).mul(inner));
  return g.mul(slope);
}

/** x·Φ(x), with the Gaussian distribution function Φ. */
export const gelu: Unary = unary({
  name: "gelu",
  torch: "torch._C._nn.gelu",
  loops: {
    result: "same",
    kernel: "GeluKernelImpl",
    takes: "floating",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 0.5 * a[i]! * (1 + erfOf(a[i]! * rootHalf));
    },
  },
  // ∂(x·Φ)/∂x = Φ + x·φ
  backward: { self: needs(["self"], (g, { self }) => geluSlope(g, self)) },
  samples: () => activationSamples().filter(([self]) => isSmooth([self])),
});

/** `gelu` with Φ approximated by ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
export const geluTanh: Op<(self: Tensor) => Tensor> = newOnly(
  unary({
    name: "geluTanh",
    torch: "lambda x: torch.nn.functional.gelu(x, approximate='tanh')",
    gradName: "GeluBackward0",
    loops: {
      result: "same",
      kernel: "GeluKernelImpl",
      takes: "floating",
      loop(out, o, os, a, i, is, n) {
        for (let k = 0; k < n; k++, o += os, i += is) {
          const x = a[i]!;
          out[o] = 0.5 * x * (1 + Math.tanh(rootTwoOverPi * (x + cubic * x * x * x)));
        }
      },
    },
    backward: { self: needs(["self"], (g, { self }) => geluTanhSlope(g, self)) },
    samples: () => activationSamples().filter(([self]) => isSmooth([self])),
  }),
);

/** ln σ(x), without overflow. */
export const logSigmoid: Op<(self: Tensor) => Tensor> = newOnly(
  unary({
    name: "logSigmoid",
    torch: "torch.nn.functional.logsigmoid",
    loops: {
      result: "same",
      kernel: "log_sigmoid_cpu",
      takes: "floating",
      loop(out, o, os, a, i, is, n) {
        for (let k = 0; k < n; k++, o += os, i += is)
          out[o] = Math.min(a[i]!, 0) - Math.log1p(Math.exp(-Math.abs(a[i]!)));
      },
    },
    // ∂ln σ(x)/∂x = σ(−x)
    backward: { self: needs(["self"], (g, { self }) => g.mul(self.neg().sigmoid())) },
    samples: () => activationSamples().filter((_, number) => number !== 2),
  }),
);
