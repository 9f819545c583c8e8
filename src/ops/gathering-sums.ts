/**
 * Combining elements at places that may be named several times: sums, products and extremes, rounded at every step as
 * the dtype rounds.
 */

import type { ItemArray } from "../dtype.ts";
import { dtypes } from "../dtype.ts";
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from "../small-float.ts";
import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Places } from "./gathering-places.ts";

/** How elements that meet at one place are combined. */
export type Combination = "sum" | "prod" | "amax" | "amin";

type Numeric = number | bigint;

const steps: Readonly<Record<Combination, (a: Numeric, b: Numeric) => Numeric>> = {
  sum: (a, b) => (a as number) + (b as number),
  prod: (a, b) => (a as number) * (b as number),
  // NaN wins, as in PyTorch.
  amax: (a, b) => (a !== a || a > b ? a : b),
  amin: (a, b) => (a !== a || a < b ? a : b),
};

/** Combines dense items of the dtype of `out`, one after the other, with what stands at the places. */
export function combineAt(out: Tensor, places: Places, dense: ItemArray, how: Combination): void {
  const { dtype } = out;
  const to = out.items as Float64Array;
  const from = dense as Float64Array;
  if (dtype.kind === "complex") {
    if (how !== "sum") {
      throw torchError(
        "NotImplementedError",
        `"scatter_gather_tensor_cpu" not implemented for '${dtype.scalarType}'`,
      );
    }
    for (let k = 0; k < places.length; k++) {
      to[2 * places[k]!]! += from[2 * k]!;
      to[2 * places[k]! + 1]! += from[2 * k + 1]!;
    }
    return;
  }
  const step = steps[how];
  if (dtype === dtypes.bfloat16 || dtype === dtypes.float16) {
    const isBrain = dtype === dtypes.bfloat16;
    const decode = isBrain ? decodeBfloat16 : decodeHalf;
    const encode = isBrain ? encodeBfloat16 : encodeHalf;
    for (let k = 0; k < places.length; k++) {
      const at = places[k]!;
      to[at] = encode(step(decode(to[at]!), decode(from[k]!)) as number);
    }
  } else if (dtype === dtypes.bool) {
    for (let k = 0; k < places.length; k++) {
      to[places[k]!] = Number(step(to[places[k]!]!, from[k]!) !== 0);
    }
  } else if (how === "sum") {
    for (let k = 0; k < places.length; k++) to[places[k]!]! += from[k]!;
  } else if (dtype === dtypes.int32 && how === "prod") {
    // The product of two 32-bit integers does not fit a double.
    for (let k = 0; k < places.length; k++) to[places[k]!] = Math.imul(to[places[k]!]!, from[k]!);
  } else {
    for (let k = 0; k < places.length; k++) {
      to[places[k]!] = step(to[places[k]!]!, from[k]!) as number;
    }
  }
}
