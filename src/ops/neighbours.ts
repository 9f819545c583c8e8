/**
 * The floats next to floats.
 */

import { dtypes } from "../dtype.ts";
import { broadcastShapes } from "../shape.ts";
import { computeDtype, convertItems, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted, resultTypeOf } from "./elementwise.ts";
import { requireOutputShape } from "./outputs.ts";
import { flat } from "./family.ts";
import { notImplemented } from "./loop-dtypes.ts";
import { requireTensor } from "./matrix-product.ts";
import type { InPlaceOp } from "./op.ts";
import { needs } from "./op.ts";
import { input } from "./samples.ts";
import { replacingOp } from "./twin.ts";
import { where } from "./where.ts";

/** Whether the code of x, its sign aside, grows on the way to y. Floats are ordered as their codes. */
function growsTowards(x: number, y: number): boolean {
  return y > x === x > 0;
}

/**
 * Replaces codes of 16 or 32 bits by those of the neighbours; `x` and `y` are the numbers, `codesOfY` what equal ones and
 * NaN become.
 */
function stepCodes(
  codes: Uint16Array | Uint32Array,
  x: Float32Array,
  y: Float32Array,
  codesOfY: Uint16Array | Uint32Array,
): void {
  const sign = 2 ** (8 * codes.BYTES_PER_ELEMENT - 1);
  for (let k = 0; k < codes.length; k++) {
    const [from, to] = [x[k]!, y[k]!];
    if (from !== from) continue;
    if (from === to || to !== to) codes[k] = codesOfY[k]!;
    else if (from === 0) codes[k] = to > 0 ? 1 : sign + 1;
    else codes[k]! += growsTowards(from, to) ? 1 : -1;
  }
}

/** As `stepCodes`, for 64 bits. */
function stepWideCodes(
  codes: BigUint64Array,
  x: Float64Array,
  y: Float64Array,
  codesOfY: BigUint64Array,
): void {
  for (let k = 0; k < codes.length; k++) {
    const [from, to] = [x[k]!, y[k]!];
    if (from !== from) continue;
    if (from === to || to !== to) codes[k] = codesOfY[k]!;
    else if (from === 0) codes[k] = to > 0 ? 1n : 2n ** 63n + 1n;
    else codes[k]! += growsTowards(from, to) ? 1n : -1n;
  }
}

/**
 * The float next to self in the direction of other.
 *
 * Shape: the two broadcast.
 * Throws: PyTorch's errors for integers and for a number in place of a tensor.
 *
 * @example
 * ones(1).nextafter(zeros(1)).item() === 1 - 2 ** -24; // true
 */
export const nextafter: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = replacingOp(
  {
    name: "nextafter",
    inputs: ["self", "other"],
    forward(self, other) {
      requireTensor("nextafter", "other", 1, other);
      const dtype = resultTypeOf([self, other]);
      const shape = broadcastShapes(self.shape, other.shape);
      if (dtype.kind !== "float" || dtype.bits < 16) throw notImplemented("nextafter_cpu", dtype);
      const out = newTensor(dtype, shape, self.device);
      if (out.device === "meta") return out;
      const [from, to] = [self, other].map((each) =>
        denseItems(converted(each.detach(), dtype).expand(shape)).slice(),
      ) as unknown as [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>];
      const compute = computeDtype(dtype);
      const x = convertItems(from, dtype, compute, out.count);
      const y = convertItems(to, dtype, compute, out.count);
      if (dtype === dtypes.float64) {
        const codes = new BigUint64Array(from.buffer).slice();
        stepWideCodes(codes, x as Float64Array, y as Float64Array, new BigUint64Array(to.buffer));
        out.items.set(new Float64Array(codes.buffer) as never);
      } else {
        const Codes = dtype.bits === 16 ? Uint16Array : Uint32Array;
        const codes = new Codes(from.buffer).slice();
        stepCodes(codes, x as Float32Array, y as Float32Array, new Codes(to.buffer));
        out.items.set((dtype.bits === 16 ? codes : new Float32Array(codes.buffer)) as never);
      }
      return out;
    },
    backward: {
      // The neighbour moves as self does; equal numbers have none, and the direction has no influence.
      self: needs(["self", "other"], (g, { self, other }) => where(self.eq(other), 0, g)),
      other: flat,
    },
    samples: () => [
      [input([2, 3], { smooth: false }), input([3])],
      [
        input([6], { values: [0, -0, 1, -1, Infinity, NaN], smooth: false }),
        input([6], { values: [-0, 1, 1, -Infinity, 0, 1] }),
      ],
      [
        input([4], { values: [0, 2, 65504, -1], smooth: false }),
        input([4], { values: [-1, NaN, Infinity, -1] }),
      ],
    ],
  },
  (self, other) => {
    requireOutputShape(self, broadcastShapes(self.shape, other.shape));
  },
);
