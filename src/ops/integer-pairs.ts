/**
 * Divisors and multiples of integers.
 */

import type { Loops2 } from "./elementwise.ts";
import { binary } from "./family.ts";
import type { InPlaceOp } from "./op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

function divisor(x: number, y: number): number {
  let [a, b] = [Math.abs(x), Math.abs(y)];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

function bigDivisor(x: bigint, y: bigint): bigint {
  let [a, b] = [x < 0n ? -x : x, y < 0n ? -y : y];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function loopsOf(each: (x: number, y: number) => number, big: (x: bigint, y: bigint) => bigint): Loops2 {
  return {
    result: "same",
    takes: "integer",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = each(a[i]!, b[j]!);
    },
    big,
  };
}

function samples(): readonly Sample[] {
  return [
    [input([4], { values: [12, -18, 0, 7] }), input([4], { values: [8, 27, 5, 0] })],
    [input([2, 1], { values: [6, 35] }), input([3], { values: [4, 10, 21] })],
    [input([2]), 2],
  ];
}

/** The greatest common divisor, never negative. Throws: PyTorch's errors for floats, bools and numbers. */
export const gcd: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "gcd",
  takesNumber: false,
  refuses: "gcd",
  loops: loopsOf(divisor, bigDivisor),
  samples,
}) as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>;

/** The least common multiple, never negative. Throws: as `gcd`. */
export const lcm: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "lcm",
  takesNumber: false,
  refuses: "lcm",
  loops: loopsOf(
    (x, y) => (x === 0 || y === 0 ? 0 : Math.abs((x / divisor(x, y)) * y)),
    (x, y) => {
      if (x === 0n || y === 0n) return 0n;
      const multiple = (x / bigDivisor(x, y)) * y;
      return multiple < 0n ? -multiple : multiple;
    },
  ),
  samples,
}) as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>;
