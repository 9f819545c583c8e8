/**
 * Bits of integers and bools.
 */

import type { Binary, Unary } from "./family.ts";
import { binary, unary } from "./family.ts";
import type { Sample } from "./samples.ts";
import { input } from "./samples.ts";

function samples(): readonly Sample[] {
  return [
    [input([2, 3], { low: -9, high: 9 }), input([3], { low: -9, high: 9 })],
    [input([2, 3], { low: -9, high: 9 }), 6],
    [input([2], { low: -9, high: 9, dtype: "uint8" }), input([2], { low: 1, high: 9, dtype: "int16" })],
  ];
}

/** Shifts by less, as much and more than there are bits. */
function shifts(): readonly Sample[] {
  return [
    [input([4], { values: [1, -8, 100, -1] }), input([4], { values: [0, 2, 5, 63] })],
    [input([4], { values: [1, -8, 100, -1] }), 64],
    [
      input([4], { values: [1, -8, 100, -1], dtype: "int32" }),
      input([4], { values: [31, 32, 40, -1], dtype: "int32" }),
    ],
    [input([3], { values: [1, 200, 3], dtype: "uint8" }), input([3], { values: [7, 1, 9], dtype: "uint8" })],
  ];
}

/** The bits that both have. */
export const bitwiseAnd: Binary = binary({
  name: "bitwiseAnd",
  loops: {
    result: "same",
    kernel: "bitwise_and_cpu",
    alsoTakes: ["unsigned"],
    takes: "integral",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! & b[j]!;
    },
    big: (x, y) => x & y,
  },
  samples,
});

/** The bits that one of both has. */
export const bitwiseOr: Binary = binary({
  name: "bitwiseOr",
  loops: {
    result: "same",
    kernel: "bitwise_or_cpu",
    alsoTakes: ["unsigned"],
    takes: "integral",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! | b[j]!;
    },
    big: (x, y) => x | y,
  },
  samples,
});

/** The bits that exactly one of both has. */
export const bitwiseXor: Binary = binary({
  name: "bitwiseXor",
  loops: {
    result: "same",
    kernel: "bitwise_xor_cpu",
    alsoTakes: ["unsigned"],
    takes: "integral",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js) out[o] = a[i]! ^ b[j]!;
    },
    big: (x, y) => x ^ y,
  },
  samples,
});

/** The bits that are not set; for bool, whether not true. */
export const bitwiseNot: Unary = unary({
  name: "bitwiseNot",
  loops: {
    result: "same",
    kernel: "bitwise_not_cpu",
    takes: "integral",
    loop(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = ~a[i]!;
    },
    big: (x) => ~x,
    bool(out, o, os, a, i, is, n) {
      for (let k = 0; k < n; k++, o += os, i += is) out[o] = 1 - a[i]!;
    },
  },
  samples: () => [[input([2, 3], { low: -9, high: 9 })], [input([2], { dtype: "uint8", low: 1, high: 9 })]],
});

/** Shifts bits to the left; by more than there are gives 0. */
export const bitwiseLeftShift: Binary = binary({
  name: "bitwiseLeftShift",
  loops: {
    result: "same",
    kernel: "lshift_cpu",
    takes: "integer",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js)
        out[o] = b[j]! < 0 || b[j]! > 31 ? 0 : a[i]! << b[j]!;
    },
    big: (x, y) => (y < 0n || y > 63n ? 0n : x << y),
  },
  samples: shifts,
});

/** Shifts bits to the right, keeping the sign; by more than there are leaves only the sign. */
export const bitwiseRightShift: Binary = binary({
  name: "bitwiseRightShift",
  loops: {
    result: "same",
    kernel: "rshift_cpu",
    takes: "integer",
    loop(out, o, os, a, i, is, b, j, js, n) {
      for (let k = 0; k < n; k++, o += os, i += is, j += js)
        out[o] = a[i]! >> (b[j]! < 0 || b[j]! > 31 ? 31 : b[j]!);
    },
    big: (x, y) => x >> (y < 0n || y > 63n ? 63n : y),
  },
  samples: shifts,
});
