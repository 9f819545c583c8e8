/**
 * Choosing between elements: `where`, the greater and the smaller of two, and bounds.
 */

import type { NumberArgument } from "../tensor/scalar.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Loops2 } from "./elementwise.ts";
import type { TensorPair } from "./family.ts";
import { binary, newOnly } from "./family.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed, needs } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";
import { where as chosen } from "./where.ts";

/** The tensor's elements where the condition holds, else those of `other`. Throws: as the function `where`. */
export const where: Op<(self: Tensor, condition: Tensor, other: Tensor | NumberArgument) => Tensor> =
  composed(
    {
      name: "where",
      samples: () => {
        const mask = input([2, 3], { values: [1, 0, 1, 0, 0, 1], dtype: "bool" });
        return [
          [input([2, 3]), mask, input([3])],
          [input([3]), mask, input([2, 1], { layout: "stepped" })],
          [input([2, 3]), mask, 1.5],
          [input([]), mask, 2],
          [input([2, 3]), input([2, 3], { low: 0, high: 1, dtype: "float32", smooth: false }), input([3])],
        ];
      },
    },
    (self: Tensor, condition: Tensor, other: Tensor | NumberArgument): Tensor =>
      chosen(condition, self, other),
  );

/** Pairs, one with ties, infinities and NaN. */
function pairs(): readonly Sample[] {
  return [
    [input([2, 3]), input([3])],
    [input([2, 1]), input([1, 3], { layout: "stepped" })],
    [input([3, 2], { layout: "transposed" }), input([3, 2], { layout: "transposed" })],
    [
      input([6], { values: [1, 2, NaN, 0, Infinity, NaN], smooth: false }),
      input([6], { values: [1, 3, 0, NaN, -Infinity, NaN], smooth: false }),
    ],
    [input([2]), 1],
  ];
}

const greater: Loops2 = {
  result: "same",
  refusesComplex: ["RuntimeError", "maximum not implemented for complex tensors."],
  // A NaN on either side wins: it is neither greater nor equal to itself.
  loop(out, o, os, a, i, is, b, j, js, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js)
      out[o] = a[i]! >= b[j]! || a[i] !== a[i]! ? a[i]! : b[j]!;
  },
  big: (x, y) => (x > y ? x : y),
};
const smaller: Loops2 = {
  result: "same",
  refusesComplex: ["RuntimeError", "minimum not implemented for complex tensors."],
  loop(out, o, os, a, i, is, b, j, js, n) {
    for (let k = 0; k < n; k++, o += os, i += is, j += js)
      out[o] = a[i]! <= b[j]! || a[i] !== a[i]! ? a[i]! : b[j]!;
  },
  big: (x, y) => (x < y ? x : y),
};

/** The gradient of an operand; half of it where both are equal, 0 where the other was chosen. */
function share(g: Tensor, self: Tensor, other: Tensor, isPassedOver: Tensor): Tensor {
  return chosen(self.eq(other), g.div(2), chosen(isPassedOver, 0, g));
}

/** The greater of two elements; NaN where either is. Throws: PyTorch's TypeError for a number. */
export const maximum: TensorPair = newOnly(
  binary({
    name: "maximum",
    takesNumber: false,
    loops: greater,
    backward: {
      // ∂max(x, y)/∂x = 1 where x > y, ½ where they are equal, else 0
      self: needs(["self", "other"], (g, { self, other }) => share(g, self, other, self.lt(other))),
      // ∂max(x, y)/∂y likewise
      other: needs(["self", "other"], (g, { self, other }) => share(g, self, other, self.gt(other))),
    },
    samples: pairs,
  }) as unknown as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>,
);

/** The smaller of two elements; NaN where either is. Throws: PyTorch's TypeError for a number. */
export const minimum: TensorPair = newOnly(
  binary({
    name: "minimum",
    takesNumber: false,
    loops: smaller,
    backward: {
      // ∂min(x, y)/∂x = 1 where x < y, ½ where they are equal, else 0
      self: needs(["self", "other"], (g, { self, other }) => share(g, self, other, self.gt(other))),
      // ∂min(x, y)/∂y likewise
      other: needs(["self", "other"], (g, { self, other }) => share(g, self, other, self.lt(other))),
    },
    samples: pairs,
  }) as unknown as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>,
);

/** The greater of two elements; where one is NaN, the other. Throws: PyTorch's TypeError for a number. */
export const fmax: TensorPair = newOnly(
  binary({
    name: "fmax",
    takesNumber: false,
    loops: {
      result: "same",
      refusesComplex: ["RuntimeError", "fmax not implemented for complex tensors."],
      loop(out, o, os, a, i, is, b, j, js, n) {
        for (let k = 0; k < n; k++, o += os, i += is, j += js)
          out[o] = a[i]! >= b[j]! || b[j] !== b[j]! ? a[i]! : b[j]!;
      },
      big: (x, y) => (x > y ? x : y),
    },
    backward: {
      // ∂/∂x = 1 where x ≥ y or y is NaN, else 0
      self: needs(["self", "other"], (g, { self, other }) => chosen(takesFirst(self.ge(other), other), g, 0)),
      // ∂/∂y = 1 elsewhere
      other: needs(["self", "other"], (g, { self, other }) =>
        chosen(takesFirst(self.ge(other), other), 0, g),
      ),
    },
    samples: pairs,
  }) as unknown as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>,
);

/** The smaller of two elements; where one is NaN, the other. Throws: PyTorch's TypeError for a number. */
export const fmin: TensorPair = newOnly(
  binary({
    name: "fmin",
    takesNumber: false,
    loops: {
      result: "same",
      refusesComplex: ["RuntimeError", "fmin not implemented for complex tensors."],
      loop(out, o, os, a, i, is, b, j, js, n) {
        for (let k = 0; k < n; k++, o += os, i += is, j += js)
          out[o] = a[i]! <= b[j]! || b[j] !== b[j]! ? a[i]! : b[j]!;
      },
      big: (x, y) => (x < y ? x : y),
    },
    backward: {
      // ∂/∂x = 1 where x ≤ y or y is NaN, else 0
      self: needs(["self", "other"], (g, { self, other }) => chosen(takesFirst(self.le(other), other), g, 0)),
      // ∂/∂y = 1 elsewhere
      other: needs(["self", "other"], (g, { self, other }) =>
        chosen(takesFirst(self.le(other), other), 0, g),
      ),
    },
    samples: pairs,
  }) as unknown as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>,
);

function takesFirst(isBetter: Tensor, other: Tensor): Tensor {
  return isBetter.logicalOr(other.ne(other));
}
