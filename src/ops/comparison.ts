/**
 * Comparisons of two operands that broadcast. They give bool and have no gradient.
 */

import type { Tensor } from "../tensor/tensor.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { complexTest2 } from "./complex-loops.ts";
import type { Loops2 } from "./elementwise.ts";
import type { InPlaceOp } from "./op.ts";
import type { Loop2 } from "./walk.ts";
import { binary, flat } from "./family.ts";
import { input } from "./samples.ts";

/** A comparison of a tensor with a tensor or number. */
export type Comparison = InPlaceOp<(self: Tensor, other: Tensor | NumberArgument) => Tensor>;

function comparison(
  name: string,
  loop: Loop2,
  big: (x: bigint, y: bigint) => number,
  ofAll: Partial<Loops2> = {},
): Comparison {
  return binary({
    name,
    loops: { result: "bool", loop, big, ...ofAll },
    gradName: `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward1`,
    gradNameOfNumber: `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`,
    // Only a result written in place into floats is one that a gradient can reach.
    backward: { self: flat, other: flat },
    samples: () => [
      [input([2, 3]), input([3])],
      [input([4], { values: [1, 2, 3, 4] }), input([4], { values: [1, 3, 2, 4] })],
      [input([2, 3]), 0],
    ],
  });
}

/** Whether elements are equal. */
export const eq: Comparison = comparison(
  "eq",
  (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Number(a[i] === b[j]);
  },
  (x, y) => (x === y ? 1 : 0),
  { alsoTakes: ["unsigned", "float8"], complex: complexTest2((a, b, c, d) => a === c && b === d) },
);

/** Whether elements differ. */
export const ne: Comparison = comparison(
  "ne",
  (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = Number(a[i] !== b[j]);
  },
  (x, y) => (x === y ? 0 : 1),
  { alsoTakes: ["unsigned", "float8"], complex: complexTest2((a, b, c, d) => a !== c || b !== d) },
);

/** Whether self is less. */
export const lt: Comparison = comparison(
  "lt",
  (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! < b[j]! ? 1 : 0;
  },
  (x, y) => (x < y ? 1 : 0),
);

/** Whether self is less or equal. */
export const le: Comparison = comparison(
  "le",
  (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! <= b[j]! ? 1 : 0;
  },
  (x, y) => (x <= y ? 1 : 0),
);

/** Whether self is greater. */
export const gt: Comparison = comparison(
  "gt",
  (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! > b[j]! ? 1 : 0;
  },
  (x, y) => (x > y ? 1 : 0),
);

/** Whether self is greater or equal. */
export const ge: Comparison = comparison(
  "ge",
  (out, o, os, a, i, is, b, j, js, n) => {
    for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! >= b[j]! ? 1 : 0;
  },
  (x, y) => (x >= y ? 1 : 0),
);
