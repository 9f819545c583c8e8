/**
 * Complex tensors made of real ones and looked at as such, and their parts.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { denseItems, scatterItems } from "../tensor/elements.ts";
import { pairsOf, partsOf } from "../tensor/complex-items.ts";
import { complexDtype } from "../tensor/promotion.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor, newTensorLike } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { composed, needs, needsNothing, op } from "./op.ts";
import type { Sample } from "./samples.ts";
import { anyShape, input } from "./samples.ts";

/**
 * Complex numbers as pairs of real ones, on the same memory.
 *
 * Shape: (…) → (…, 2).
 * Throws: PyTorch's RuntimeError for real tensors.
 */
export const viewAsReal: Op<(self: Tensor) => Tensor> = op({
  name: "viewAsReal",
  torch: "torch.view_as_real",
  inputs: ["self"],
  isView: true,
  takesComplex: true,
  forward(self) {
    if (!self.isComplex())
      throw torchError("RuntimeError", "view_as_real is only supported for complex tensors");
    return partsOf(self);
  },
  backward: { self: needsNothing((g) => viewAsComplex(g.contiguous())) },
  samples: () => anyShape(),
});

/**
 * Pairs of real numbers as complex ones, on the same memory.
 *
 * Shape: (…, 2) → (…).
 * Throws: PyTorch's RuntimeErrors where the last dimension is not two neighbours, and where pairs do not lie evenly.
 */
export const viewAsComplex: Op<(self: Tensor) => Tensor> = op({
  name: "viewAsComplex",
  torch: "torch.view_as_complex",
  inputs: ["self"],
  isView: true,
  forward(self) {
    const dtype = self.dtype === dtypes.bfloat16 ? null : complexDtype(self.dtype);
    if (dtype === null) {
      throw torchError(
        "RuntimeError",
        `view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ${self.dtype.scalarType}`,
      );
    }
    const rank = self.shape.length;
    if (rank === 0) throw torchError("RuntimeError", "Input tensor must have one or more dimensions");
    if (self.shape[rank - 1] !== 2) {
      throw torchError("RuntimeError", "Tensor must have a last dimension of size 2");
    }
    if (self.strides[rank - 1] !== 1) {
      throw torchError("RuntimeError", "Tensor must have a last dimension with stride 1");
    }
    const outer = self.strides.slice(0, -1);
    if (outer.some((stride, axis) => stride % 2 !== 0 && self.shape[axis] !== 1)) {
      throw torchError("RuntimeError", "Tensor must have a stride divisible by 2 for all but last dimension");
    }
    if (self.offset % 2 !== 0) {
      throw torchError("RuntimeError", "Tensor must have a storage_offset divisible by 2");
    }
    return pairsOf(self);
  },
  backward: { self: needsNothing((g) => viewAsReal(g.contiguous())) },
  samples: () => [[input([3, 2])], [input([2])], [input([2, 3])], [input([2, 2], { layout: "transposed" })]],
});

/** The real parts, on the same memory; a real tensor itself. */
export const real: Op<(self: Tensor) => Tensor> = composed(
  { name: "real", torch: "torch.real", takesComplex: true, samples: () => anyShape() },
  (self: Tensor): Tensor => (self.isComplex() ? viewAsReal(self).select(-1, 0) : self),
);

/** The imaginary parts, on the same memory. Throws: PyTorch's RuntimeError for real tensors. */
export const imag: Op<(self: Tensor) => Tensor> = composed(
  { name: "imag", torch: "torch.imag", takesComplex: true, samples: () => anyShape() },
  (self: Tensor): Tensor => {
    if (self.isComplex()) return viewAsReal(self).select(-1, 1);
    throw torchError("RuntimeError", "imag is not implemented for tensors with non-complex dtypes.");
  },
);

/** Two tensors that broadcast; the first, which may be magnitudes, is positive. */
function pairs(): readonly Sample[] {
  const [low, high] = [0.5, 2];
  return [
    [input([2, 3], { low, high }), input([2, 3])],
    [input([2, 1], { low, high }), input([3])],
    [input([3, 2], { low, high, layout: "transposed" }), input([])],
    [input([2], { low, high }), input([2], { dtype: "float64" })],
    [input([2], { low, high }), input([3])],
  ];
}

/**
 * Complex numbers from their parts, which broadcast.
 *
 * Throws: PyTorch's RuntimeErrors for parts that are not floats of 16, 32 or 64 bits, and for two dtypes.
 *
 * @example
 * complex(tensor([1, 2.5]), tensor([0.5, 0.5])); // tensor([1.0000+0.5000j, 2.5000+0.5000j])
 */
export const complex: Op<(real: Tensor, imag: Tensor) => Tensor> = op({
  name: "complex",
  torch: "torch.complex",
  inputs: ["real", "imag"],
  forward(real, imag) {
    requireParts(real, imag);
    return paired(real, imag);
  },
  backward: {
    // ∂(x + iy)/∂x = 1: the real part of the gradient
    real: needsNothing((g) => real(g)),
    // ∂(x + iy)/∂y = i: its imaginary part
    imag: needsNothing((g) => imag(g)),
  },
  samples: pairs,
});

/** Complex numbers from magnitudes and angles, which broadcast: abs·(cos angle + i·sin angle). Throws: as `complex`. */
export const polar: Op<(abs: Tensor, angle: Tensor) => Tensor> = op({
  name: "polar",
  torch: "torch.polar",
  inputs: ["abs", "angle"],
  forward(abs, angle) {
    requireParts(abs, angle);
    const [r, phi] = [abs.detach(), angle.detach()];
    return paired(r.mul(phi.cos()), r.mul(phi.sin()));
  },
  backward: {
    // ∂(r·eⁱᵠ)/∂r = eⁱᵠ, taken as the result's direction
    abs: needs(["output"], (g, { output }) => real(g.mul(output.sgn().conj()))),
    // ∂(r·eⁱᵠ)/∂φ = i·r·eⁱᵠ: the real part of ḡ·i·z is the imaginary part of g·z̄
    angle: needs(["output"], (g, { output }) => imag(g.mul(output.conj()))),
  },
  samples: pairs,
});

function requireParts(a: Tensor, b: Tensor): void {
  const isPart = ({ dtype }: Tensor): boolean =>
    dtype === dtypes.float16 || dtype === dtypes.float32 || dtype === dtypes.float64;
  if (!isPart(a) || !isPart(b)) {
    throw torchError(
      "RuntimeError",
      `Expected both inputs to be Half, Float or Double tensors but got ${a.dtype.scalarType} and ${b.dtype.scalarType}`,
    );
  }
  if (a.dtype === b.dtype) return;
  throw torchError(
    "RuntimeError",
    `Expected object of scalar type ${a.dtype.scalarType} but got scalar type ${b.dtype.scalarType} for second argument`,
  );
}

/** Two real tensors, which broadcast, as the parts of a fresh complex one. */
function paired(re: Tensor, im: Tensor): Tensor {
  const shape = broadcastShapes(re.shape, im.shape);
  const like = [re, im].find((part) => sameShape(part.shape, shape));
  const device = re.device === "meta" ? "meta" : im.device;
  const dtype = complexDtype(re.dtype)!;
  const out = like === undefined ? newTensor(dtype, shape, device) : newTensorLike(like, dtype);
  if (device === "meta") return out;
  const parts = partsOf(out);
  [re, im].forEach((part, k) => {
    scatterItems(denseItems(part.detach().expand(shape)), parts.select(-1, k));
  });
  return out;
}
