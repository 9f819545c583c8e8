/**
 * Complex numbers: conjugates, angles, and the parts as fields of a tensor.
 *
 * Note [complex gradients]: the gradient of a complex input is ∂L/∂re + i·∂L/∂im for a real L, as in PyTorch. So a
 * rule multiplies by the conjugate of the derivative, which for real tensors is the tensor itself; and an input that is
 * real takes the real part of what arrives, which the backward pass does when it brings a gradient to the input's dtype.
 */

import { dtypes } from "../dtype.ts";
import { fillDense } from "../tensor/elements.ts";
import { Tensor, newTensorLike } from "../tensor/tensor.ts";
import { realOfComplex } from "./complex-loops.ts";
import { imag, real } from "./complex-views.ts";
import type { Unary } from "./family.ts";
import { newOnly, unary } from "./family.ts";
import type { Op } from "./op.ts";
import { composed, needs, needsNothing } from "./op.ts";
import { anyShape, input } from "./samples.ts";
import { where } from "./where.ts";

function conjugation(gradName: string): Unary {
  return unary({
    name: "conj",
    gradName,
    gradNameInPlace: "ConjPhysicalBackward1",
    loops: {
      result: "same",
      // A real number is its own conjugate.
      loop(out, o, os, a, i, is, n) {
        for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]!;
      },
      big: (x) => x,
      complex(out, o, os, a, i, is, n) {
        for (let k = 0; k < n; k++, o += os, i += is) {
          out[o] = a[i]!;
          out[o + 1] = -a[i + 1]!;
        }
      },
    },
    // The adjoint of conjugation is conjugation.
    backward: { self: needsNothing((g) => conj(g)) },
    samples: () => [],
  });
}

const conjugate: Unary = conjugation("ConjBackward0");
const conjugatePhysically: Unary = conjugation("ConjPhysicalBackward0");

/**
 * The complex conjugate; a real tensor itself.
 *
 * Differs from PyTorch: of complex numbers it is a copy, where PyTorch makes a view that conjugates when it is read.
 */
export const conj: Op<(self: Tensor) => Tensor> = composed(
  { name: "conj", takesComplex: true, samples: () => anyShape() },
  (self: Tensor): Tensor => (self.isComplex() ? conjugate(self) : self),
);

/** The complex conjugate in memory of its own; a real tensor itself. */
export const conjPhysical: Unary = Object.assign(
  composed({ name: "conjPhysical", takesComplex: true, samples: () => anyShape() }, (self: Tensor): Tensor =>
    self.isComplex() ? conjugatePhysically(self) : self,
  ),
  { inPlace: conjugatePhysically.inPlace },
);

/** The tensor itself: conjugates are never put off here. */
export const resolveConj: Op<(self: Tensor) => Tensor> = composed(
  { name: "resolveConj", takesComplex: true, samples: () => anyShape() },
  (self: Tensor): Tensor => self,
);

/** The conjugate, with the last two dimensions exchanged. */
export const adjoint: Op<(self: Tensor) => Tensor> = composed(
  { name: "adjoint", takesComplex: true, samples: () => [[input([2, 3])], [input([2, 3, 2])]] },
  (self: Tensor): Tensor => conj(self.transpose(-2, -1)),
);

/** The angle in radians: of a real number 0, of a negative one π. */
export const angle: Op<(self: Tensor) => Tensor> = newOnly(
  unary({
    name: "angle",
    loops: {
      result: "float",
      isRealOfComplex: true,
      loop(out, o, os, a, i, is, n) {
        for (let k = 0; k < n; k++, o += os, i += is) {
          const x = a[i]!;
          out[o] = x !== x ? x : x < 0 ? Math.PI : 0;
        }
      },
      complex: realOfComplex((re, im) => Math.atan2(im, re)),
    },
    backward: {
      // ∂arg z: i·z/|z|², 0 at 0; a real number's angle is flat.
      self: needs(["self"], (g, { self }) =>
        self.isComplex()
          ? where(self.eq(0), 0, g.mul(self.div(self.abs().square())).mul({ re: 0, im: 1 }))
          : newTensorLike(g, g.dtype),
      ),
    },
    samples: () => [[input([2, 3])], [input([])], [input([4], { values: [0, -0, NaN, -1], smooth: false })]],
  }),
);

/** Whether the imaginary part is 0. */
export const isreal: Op<(self: Tensor) => Tensor> = composed(
  { name: "isreal", isDifferentiable: false, takesComplex: true, samples: () => anyShape() },
  (self: Tensor): Tensor => {
    if (self.isComplex()) return imag(self.detach()).eq(0);
    const made = newTensorLike(self, dtypes.bool);
    fillDense(made, true);
    return made;
  },
);

declare module "../tensor/tensor.ts" {
  interface Tensor {
    /** The real parts, on the same memory; a real tensor itself. */
    readonly real: Tensor;
    /** The imaginary parts, on the same memory. Throws: PyTorch's RuntimeError for real tensors. */
    readonly imag: Tensor;
    /** The conjugate with the last two dimensions exchanged. */
    readonly mH: Tensor;
  }
}

for (const [name, get] of Object.entries({ real, imag, mH: (self: Tensor) => adjoint(self) })) {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor): Tensor {
      return get(this);
    },
    configurable: true,
  });
}
