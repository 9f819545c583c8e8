/**
 * Areas under curves that points are given of, by trapezoids.
 */

import { torchError } from "../errors.ts";
import { toAxis } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Op } from "./op.ts";
import { composed, needsNothing, op } from "./op.ts";
import { input } from "./samples.ts";

/** Options of `trapezoid`. */
export interface TrapezoidOptions {
  /** The distance of neighbours; default 1. */
  readonly dx?: number;
  /** Default −1. */
  readonly dim?: number;
}

function halves(y: Tensor, axis: number): [left: Tensor, right: Tensor] {
  const length = y.shape[axis]!;
  return [y.narrow(axis, 0, length - 1), y.narrow(axis, 1, length - 1)];
}

/** A product with a Python float; PyTorch's own code calls another signature of `mul` than programs do. */
const timesFloat: Op<(self: Tensor, factor: number) => Tensor> = op({
  name: "mul",
  gradName: "MulBackward1",
  inputs: ["self"],
  forward: (self, factor: number) => self.detach().mul({ kind: "float", value: factor }),
  // ∂(c·x)/∂x = c
  backward: { self: needsNothing((g, _, factor: number) => timesFloat(g, factor)) },
  samples: () => [],
});

function trapezoidAxis(name: string, y: Tensor, options: TrapezoidOptions): number {
  const axis = toAxis(options.dim ?? -1, y.ndim);
  if (y.dtype.kind === "bool") {
    throw torchError("RuntimeError", `${name}: received a bool input for \`y\`, but bool is not supported`);
  }
  return axis;
}

/**
 * The area under equally distant points along a dimension, by trapezoids.
 *
 * Throws: PyTorch's errors for bools and for dimensions out of range.
 *
 * @example
 * trapezoid(tensor([1, 2, 3])); // tensor(4.)
 */
export const trapezoid: Op<(y: Tensor, options?: TrapezoidOptions) => Tensor> = composed(
  {
    name: "trapezoid",
    torch: "torch.trapezoid",
    samples: () => [
      [input([2, 3])],
      [input([2, 3]), { dx: 0.5 }],
      [input([2, 3]), { dim: 0, dx: 2 }],
      [input([2, 3]), { dim: 2 }],
    ],
  },
  (y: Tensor, options: TrapezoidOptions = {}): Tensor => {
    const axis = trapezoidAxis("trapezoid", y, options);
    const length = y.shape[axis]!;
    const ends = y
      .select(axis, 0)
      .add(y.select(axis, length - 1))
      .mul(0.5);
    return timesFloat(y.sum(axis).sub(ends), options.dx ?? 1);
  },
);

/** The areas up to each point from the second on. Throws: as `trapezoid`. */
export const cumulativeTrapezoid: Op<(y: Tensor, options?: TrapezoidOptions) => Tensor> = composed(
  {
    name: "cumulativeTrapezoid",
    torch: "torch.cumulative_trapezoid",
    samples: () => [[input([2, 3])], [input([2, 3]), { dim: 0, dx: 2 }]],
  },
  (y: Tensor, options: TrapezoidOptions = {}): Tensor => {
    const axis = trapezoidAxis("cumulative_trapezoid", y, options);
    const [left, right] = halves(y, axis);
    return timesFloat(left.add(right), (options.dx ?? 1) / 2).cumsum(axis);
  },
);
