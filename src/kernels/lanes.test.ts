import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LaneOp } from "./lanes.ts";
import { runLanes } from "./lanes.ts";

/** What each op is, one element at a time. */
const plain: Readonly<Record<LaneOp, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  max: (x, y) => Math.max(x, y),
  min: (x, y) => Math.min(x, y),
  gate: (x, y) => (y <= 0 ? 0 : x),
  neg: (x) => -x,
  abs: (x) => Math.abs(x),
  sqrt: (x) => Math.sqrt(x),
  relu: (x) => (x <= 0 ? 0 : x),
};
const ops = Object.keys(plain) as LaneOp[];

/** Numbers of all sizes, the special ones among them, from a seed. */
function numbers(length: number, seed: number): Float32Array {
  const special = [0, -0, 1, Infinity, -Infinity, NaN, 1e-45, 3e38];
  return Float32Array.from({ length }, (_, k) =>
    k % 7 === seed % 7
      ? special[(k + seed) % special.length]!
      : Math.sin(k * 1.7 + seed) * 10 ** ((k % 9) - 4),
  );
}

describe("SIMD gives what a plain loop gives", () => {
  test.each(ops)("%s, over several blocks, from any place, with one operand repeated", (op) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 192, max: 9000 }),
        fc.nat(9),
        fc.nat(9),
        fc.constantFrom([1, 1], [0, 1], [1, 0]),
        (n, i, j, [is, js]) => {
          const a = numbers(n + i, i + 3);
          const b = numbers(n + j, j + 5);
          const out = new Float32Array(n + 4);
          expect(runLanes(op, out, 2, a, i, is!, b, j, js!, n)).toBe(true);
          const wanted = Float32Array.from({ length: n }, (_, k) =>
            plain[op](a[i + k * is!]!, b[j + k * js!]!),
          );
          expect(firstDifference(out.subarray(2, n + 2), wanted)).toBe(-1);
          expect([out[0], out[1], out[n + 2], out[n + 3]]).toEqual([0, 0, 0, 0]);
        },
      ),
      { numRuns: 12, seed: 1 },
    );
  });

  test("into an operand", () => {
    const a = numbers(5000, 1);
    const wanted = a.map((x) => x + x);
    expect(runLanes("add", a, 0, a, 0, 1, a, 0, 1, 5000)).toBe(true);
    expect(firstDifference(a, wanted)).toBe(-1);
  });

  test("short runs are left to the plain loop", () => {
    const a = numbers(8, 1);
    expect(runLanes("add", a, 0, a, 0, 1, a, 0, 1, 8)).toBe(false);
    expect(firstDifference(a, numbers(8, 1))).toBe(-1);
  });
});

/** Where two arrays differ first, or -1; NaN equals NaN and 0 equals -0. */
function firstDifference(found: Float32Array, wanted: Float32Array): number {
  return wanted.findIndex((x, k) => !(x === found[k] || (Number.isNaN(x) && Number.isNaN(found[k]))));
}
