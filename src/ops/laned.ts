/**
 * Loops that hand long dense runs of float32 to SIMD, and do the rest themselves.
 */

import type { LaneOp } from "../kernels/lanes.ts";
import { runLanes } from "../kernels/lanes.ts";
import type { Loop1, Loop2 } from "./walk.ts";

/** A loop of one operand, for float32. */
export function laned1(op: LaneOp, loop: Loop1): Loop1 {
  return (out, o, os, a, i, is, n, p, q) => {
    const to = out as unknown as Float32Array;
    const x = a as unknown as Float32Array;
    if (os === 1 && is === 1 && runLanes(op, to, o, x, i, 1, x, i, 1, n)) return;
    loop(out, o, os, a, i, is, n, p, q);
  };
}

/** A loop of two operands, for float32; `parameter` is the only `p` for which the op is what its name says. */
export function laned2(op: LaneOp, parameter: number, loop: Loop2): Loop2 {
  return (out, o, os, a, i, is, b, j, js, n, p) => {
    const isDense = os === 1 && (is === 0 || is === 1) && (js === 0 || js === 1) && p === parameter;
    if (
      isDense &&
      runLanes(
        op,
        out as unknown as Float32Array,
        o,
        a as unknown as Float32Array,
        i,
        is,
        b as unknown as Float32Array,
        j,
        js,
        n,
      )
    )
      return;
    loop(out, o, os, a, i, is, b, j, js, n, p);
  };
}
