/**
 * Truth: logical ops, in which every element that is not 0 counts as true, and predicates of numbers.
 */

import type { Tensor } from "../tensor/tensor.ts";
import { complexTest1, complexTest2 } from "./complex-loops.ts";
import type { Loops1 } from "./elementwise.ts";
import { runUnary } from "./elementwise.ts";
import type { Unary } from "./family.ts";
import { binary, unary } from "./family.ts";
import type { InPlaceOp, Op } from "./op.ts";
import { composed } from "./op.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";
import type { Loop1 } from "./walk.ts";

function pairs(): readonly Sample[] {
  return [
    [
      input([4], { values: [0, 1, -2, NaN], smooth: false }),
      input([4], { values: [0, 0, 3, 1], smooth: false }),
    ],
    [input([2, 1]), input([1, 3], { dtype: "bool", low: 0, high: 2 })],
    [input([2]), 1],
  ];
}

const specials = (): readonly Sample[] => [
  [input([6], { values: [0, -0, 2, Infinity, -Infinity, NaN], smooth: false })],
  [input([2, 3], { layout: "stepped" })],
];

/** Whether both are true. Throws: PyTorch's TypeError for a number. */
export const logicalAnd: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "logicalAnd",
  takesNumber: false,
  loops: {
    result: "bool",
    complex: complexTest2((a, b, c, d) => (a !== 0 || b !== 0) && (c !== 0 || d !== 0)),
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i] !== 0 && b[j] !== 0 ? 1 : 0;
    },
    big: (x, y) => (x !== 0n && y !== 0n ? 1 : 0),
  },
  samples: pairs,
}) as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>;

/** Whether one of both is true. Throws: PyTorch's TypeError for a number. */
export const logicalOr: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "logicalOr",
  takesNumber: false,
  loops: {
    result: "bool",
    complex: complexTest2((a, b, c, d) => a !== 0 || b !== 0 || c !== 0 || d !== 0),
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i] !== 0 || b[j] !== 0 ? 1 : 0;
    },
    big: (x, y) => (x !== 0n || y !== 0n ? 1 : 0),
  },
  samples: pairs,
}) as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>;

/** Whether exactly one of both is true. Throws: PyTorch's TypeError for a number. */
export const logicalXor: InPlaceOp<(self: Tensor, other: Tensor) => Tensor> = binary({
  name: "logicalXor",
  takesNumber: false,
  loops: {
    result: "bool",
    complex: complexTest2((a, b, c, d) => (a !== 0 || b !== 0) !== (c !== 0 || d !== 0)),
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = (a[i] !== 0) !== (b[j] !== 0) ? 1 : 0;
    },
    big: (x, y) => ((x !== 0n) === (y !== 0n) ? 0 : 1),
  },
  samples: pairs,
}) as InPlaceOp<(self: Tensor, other: Tensor) => Tensor>;

/** Whether not true. */
export const logicalNot: Unary = unary({
  name: "logicalNot",
  loops: {
    result: "bool",
    complex: complexTest1((re, im) => re === 0 && im === 0),
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i] === 0 ? 1 : 0;
    },
    big: (x) => (x === 0n ? 1 : 0),
  },
  samples: specials,
});

/** An op of one tensor that gives bools, without gradient and without in-place twin. */
function predicate(
  name: string,
  loop: Loop1,
  big: (x: bigint) => number,
  ofAll: Partial<Loops1> = {},
): Op<(self: Tensor) => Tensor> {
  const loops: Loops1 = { result: "bool", loop, big, alsoTakes: ["unsigned", "float8"], ...ofAll };
  return composed({ name, isDifferentiable: false, samples: specials }, (self: Tensor): Tensor =>
    runUnary(name, loops, self, null),
  );
}

/** Whether not a number. */
export const isnan: Op<(self: Tensor) => Tensor> = predicate(
  "isnan",
  (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i] === a[i]! ? 0 : 1;
  },
  () => 0,
  {
    complex: complexTest1((re, im) => re !== re || im !== im),
  },
);

/** Whether infinite. */
export const isinf: Op<(self: Tensor) => Tensor> = predicate(
  "isinf",
  (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.abs(a[i]!) === Infinity ? 1 : 0;
  },
  () => 0,
  {
    kernel: "isinf",
    complex: complexTest1((re, im) => Math.abs(re) === Infinity || Math.abs(im) === Infinity),
  },
);

/** Whether neither infinite nor NaN. */
export const isfinite: Op<(self: Tensor) => Tensor> = predicate(
  "isfinite",
  (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = Math.abs(a[i]!) < Infinity ? 1 : 0;
  },
  () => 1,
  {
    kernel: "isfinite",
    complex: complexTest1((re, im) => Math.abs(re) < Infinity && Math.abs(im) < Infinity),
  },
);

/** Whether infinity. */
export const isposinf: Op<(self: Tensor) => Tensor> = predicate(
  "isposinf",
  (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i] === Infinity ? 1 : 0;
  },
  () => 0,
);

/** Whether negative infinity. */
export const isneginf: Op<(self: Tensor) => Tensor> = predicate(
  "isneginf",
  (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i] === -Infinity ? 1 : 0;
  },
  () => 0,
);

/** Whether the sign is a minus, that of −0 too. */
export const signbit: Op<(self: Tensor) => Tensor> = predicate(
  "signbit",
  (out, o, os, a, i, is, n) => {
    for (let k = 0; k < n; k++, o += os, i += is) out[o] = a[i]! < 0 || (a[i] === 0 && 1 / a[i]! < 0) ? 1 : 0;
  },
  (x) => (x < 0n ? 1 : 0),
  {
    alsoTakes: ["unsigned"],
    refusesComplex: ["NotImplementedError", "signbit is not implemented for complex tensors."],
  },
);
