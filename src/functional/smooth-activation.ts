/**
 * Activations with curves, each one node of the graph: loop and derivative. `activation.ts` has them as they are called.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { torchError } from "../errors.ts";
import { erfOf } from "../kernels/special.ts";
import type { UnaryWith } from "../ops/family.ts";
import { unary } from "../ops/family.ts";
import { cat } from "../ops/joining.ts";
import type { Op } from "../ops/op.ts";
import { needs, op } from "../ops/op.ts";
import { where } from "../ops/where.ts";
import { toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** `scale`·x, or `scale`·`alpha`·(eˣ − 1) up to 0. */
export const elu: UnaryWith<[alpha: number, scale: number]> = unary<[alpha: number, scale: number]>({
  name: "elu",
  parameters: (alpha, scale) => [alpha, scale],
  loops: {
    result: "same",
    takes: "floating",
    kernel: "elu_cpu",
    loop(out, o, os, a, i, is, n, p, q) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        out[o] = a[i]! > 0 ? a[i]! * q : Math.expm1(a[i]!) * p * q;
      }
    },
  },
  // ∂/∂x = scale above 0, else scale·alpha·eˣ
  backward: {
    self: needs(["self"], (g, { self }, alpha: number, scale: number) =>
      where(self.gt(0), g.mul(scale), g.mul(self.clampMax(0).exp()).mul(alpha * scale)),
    ),
  },
  samples: () => [],
});

/** x, or `alpha`·(e^(x / alpha) − 1) up to 0. */
export const celu: UnaryWith<[alpha: number]> = unary<[alpha: number]>({
  name: "celu",
  parameters: (alpha) => [alpha],
  loops: {
    result: "same",
    takes: "floating",
    kernel: "elu_cpu",
    loop(out, o, os, a, i, is, n, p) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! > 0 ? a[i]! : Math.expm1(a[i]! / p) * p;
    },
  },
  // ∂/∂x = 1 above 0, else e^(x / alpha)
  backward: {
    self: needs(["self"], (g, { self }, alpha: number) =>
      where(self.gt(0), g, g.mul(self.clampMax(0).div(alpha).exp())),
    ),
  },
  samples: () => [],
});

/** x·σ(x). */
export const silu: UnaryWith<[]> = unary({
  name: "silu",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "silu_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! / (1 + Math.exp(-a[i]!));
    },
  },
  // ∂/∂x = σ(x)·(1 + x·(1 − σ(x)))
  backward: {
    self: needs(["self"], (g, { self }) => {
      const sigma = self.sigmoid();
      return g.mul(sigma).mul(self.mul(sigma.rsub(1)).add(1));
    }),
  },
  samples: () => [],
});

/** x·tanh(ln(1 + eˣ)). */
export const mish: UnaryWith<[]> = unary({
  name: "mish",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "mish_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        const x = a[i]!;
        out[o] = x * Math.tanh(x > 20 ? x : Math.log1p(Math.exp(x)));
      }
    },
  },
  // with t = tanh(softplus x): ∂/∂x = t + x·σ(x)·(1 − t²)
  backward: {
    self: needs(["self"], (g, { self }) => {
      const t = softplus(self, 1, 20).tanh();
      return g.mul(t.add(self.mul(self.sigmoid()).mul(t.mul(t).rsub(1))));
    }),
  },
  samples: () => [],
});

/** √(2/π) and the weight of x³: the approximation of Hendrycks and Gimpel (2016). */
const tanhScale = Math.sqrt(2 / Math.PI);
const cubeWeight = 0.044715;

/** x·Φ(x), with Φ the normal distribution. */
export const gelu: UnaryWith<[]> = unary({
  name: "gelu",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "GeluKernelImpl",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 0.5 * a[i]! * (1 + erfOf(a[i]! * Math.SQRT1_2));
    },
  },
  // ∂/∂x = Φ(x) + x·φ(x), φ(x) = e^(−x²/2) / √(2π)
  backward: {
    self: needs(["self"], (g, { self }) => {
      const share = self.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
      const density = self
        .mul(self)
        .mul(-0.5)
        .exp()
        .div(Math.sqrt(2 * Math.PI));
      return g.mul(share.add(self.mul(density)));
    }),
  },
  samples: () => [],
});

/** The same with Φ(x) ≈ (1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2. */
export const tanhGelu: UnaryWith<[]> = unary({
  name: "gelu",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "GeluKernelImpl",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        const x = a[i]!;
        out[o] = 0.5 * x * (1 + Math.tanh(tanhScale * (x + cubeWeight * x * x * x)));
      }
    },
  },
  // with t the tanh: ∂/∂x = (1 + t)/2 + x/2·(1 − t²)·√(2/π)·(1 + 3·0.044715·x²)
  backward: {
    self: needs(["self"], (g, { self }) => {
      const square = self.mul(self);
      const t = self.mul(square.mul(cubeWeight).add(1)).mul(tanhScale).tanh();
      const inner = square
        .mul(3 * cubeWeight)
        .add(1)
        .mul(tanhScale);
      return g.mul(
        t
          .add(1)
          .mul(0.5)
          .add(self.mul(0.5).mul(t.mul(t).rsub(1)).mul(inner)),
      );
    }),
  },
  samples: () => [],
});

/** ln(1 + e^(beta·x)) / beta, or x where beta·x is above `limit`. */
export const softplus: UnaryWith<[beta: number, limit: number]> = unary<[beta: number, limit: number]>({
  name: "softplus",
  parameters: (beta, limit) => [beta, limit],
  loops: {
    result: "same",
    takes: "floating",
    kernel: "softplus_cpu",
    loop(out, o, os, a, i, is, n, p, q) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        out[o] = a[i]! * p > q ? a[i]! : Math.log1p(Math.exp(a[i]! * p)) / p;
      }
    },
  },
  // ∂/∂x = σ(beta·x), or 1 above the limit
  backward: {
    self: needs(["self"], (g, { self }, beta: number, limit: number) => {
      const scaled = self.mul(beta);
      return where(scaled.gt(limit), g, g.mul(scaled.sigmoid()));
    }),
  },
  samples: () => [],
});

/** ln σ(x). */
export const logSigmoid: UnaryWith<[]> = unary({
  name: "logSigmoid",
  loops: {
    result: "same",
    takes: "floating",
    kernel: "log_sigmoid_cpu",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) {
        out[o] = Math.min(0, a[i]!) - Math.log1p(Math.exp(-Math.abs(a[i]!)));
      }
    },
  },
  // ∂/∂x = σ(−x)
  backward: { self: needs(["self"], (g, { self }) => g.mul(self.neg().sigmoid())) },
  samples: () => [],
});

function halves(self: Tensor, dim: number): readonly [Tensor, Tensor] {
  const half = self.shape[toAxis(dim, self.ndim)]! / 2;
  return [self.narrow(dim, 0, half), self.narrow(dim, half, half)];
}

/** The first half of a dimension times σ of the second. */
export const glu: Op<(self: Tensor, dim: number) => Tensor> = op({
  name: "glu",
  inputs: ["self"],
  forward(self, dim: number) {
    if (self.ndim === 0) {
      throw torchError("RuntimeError", "glu does not support scalars because halving size must be even");
    }
    const axis = toAxis(dim, self.ndim);
    const length = self.shape[axis]!;
    if (length % 2 !== 0) {
      throw torchError(
        "RuntimeError",
        `Halving dimension must be even, but dimension ${axis} is size ${length}`,
      );
    }
    return noGrad(() => {
      const [value, gate] = halves(self, dim);
      return value.mul(gate.sigmoid());
    });
  },
  backward: {
    // ∂/∂a = σ(b), ∂/∂b = a·σ(b)·(1 − σ(b))
    self: needs(["self"], (g, { self }, dim: number) => {
      const [value, gate] = halves(self, dim);
      const sigma = gate.sigmoid();
      const share = g.mul(sigma);
      return cat([share, share.mul(value).mul(sigma.rsub(1))], dim);
    }),
  },
  samples: () => [],
});
