/**
 * Sums over the elements of a gradient, and over a weight before and after a step, in one pass each and in float64. Long
 * float32 runs go through WebAssembly SIMD in blocks (`assembly/moments.ts`), five times as fast as the plain loops.
 */

import { momentsKernels } from "./moments.wasm.ts";
import { wasmBytes } from "./wasm-bytes.ts";

/** What one pass over some elements tells. NaN and infinities make the sums what they make them. */
export interface Moments {
  readonly sum: number;
  /** Σx². */
  readonly squares: number;
  /** The largest magnitude; NaN where there is one among them, 0 of no elements. */
  readonly largest: number;
  readonly zeros: number;
}

/** What one pass over elements before and after a change tells. */
export interface Change {
  /** Σ(after - before)². */
  readonly update: number;
  /** Σbefore². */
  readonly before: number;
  /** Σafter². */
  readonly after: number;
}

/** Elements in the order in which they lie. */
export type MomentItems = Float32Array | Float64Array;

/** The passes; both implementations give the same but for the order in which they add. */
export interface MomentsKernel {
  momentsOf(items: MomentItems): Moments;
  changeOf(before: MomentItems, after: MomentItems): Change;
}

/** Elements of a block; a multiple of 8. */
const blockLength = 8192;
const blockBytes = 4 * blockLength;

/** Below this the way into the module and back takes longer than the loop. */
const leastLength = 256;

/** The plain loops: for float64, short runs, and engines without WebAssembly SIMD. */
export const plainMoments: MomentsKernel = {
  momentsOf(items) {
    let sum = 0;
    let squares = 0;
    let largest = 0;
    let zeros = 0;
    for (let k = 0; k < items.length; k++) {
      const x = items[k]!;
      if (x === 0) zeros++;
      largest = Math.max(largest, Math.abs(x));
      sum += x;
      squares += x * x;
    }
    return { sum, squares, largest, zeros };
  },
  changeOf(before, after) {
    const sums = { update: 0, before: 0, after: 0 };
    for (let k = 0; k < after.length; k++) {
      const b = before[k]!;
      const a = after[k]!;
      const d = a - b;
      sums.update += d * d;
      sums.before += b * b;
      sums.after += a * a;
    }
    return sums;
  },
};

/** The kernel with SIMD; the plain one where an engine or a policy of a page allows none. */
export function wasmMoments(): MomentsKernel {
  try {
    return kernelOf(wasmBytes(momentsKernels));
  } catch {
    return plainMoments;
  }
}

function kernelOf(bytes: Uint8Array<ArrayBuffer>): MomentsKernel {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((2 * blockBytes + 64) / 65536) });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const moments = exports["moments"] as (at: number, end: number, out: number) => void;
  const change = exports["change"] as (at: number, end: number, distance: number, out: number) => void;
  const first = new Float32Array(memory.buffer, 0, blockLength);
  const second = new Float32Array(memory.buffer, blockBytes, blockLength);
  const outAt = 2 * blockBytes;
  const out = new Float64Array(memory.buffer, outAt, 4);

  /** Copies a block in, with zeros up to a multiple of 8, and gives how many those are. */
  const fill = (block: Float32Array, items: Float32Array, start: number, length: number): number => {
    block.set(length === items.length ? items : items.subarray(start, start + length));
    const padding = -length & 7;
    for (let k = 0; k < padding; k++) block[length + k] = 0;
    return padding;
  };

  return {
    momentsOf(items) {
      if (items.length < leastLength || !(items instanceof Float32Array))
        return plainMoments.momentsOf(items);
      const whole = { sum: 0, squares: 0, largest: 0, zeros: 0 };
      for (let start = 0; start < items.length; start += blockLength) {
        const length = Math.min(blockLength, items.length - start);
        const padding = fill(first, items, start, length);
        moments(0, 4 * (length + padding), outAt);
        whole.sum += out[0]!;
        whole.squares += out[1]!;
        whole.largest = Math.max(whole.largest, out[2]!);
        whole.zeros += out[3]! - padding;
      }
      // A comparison with NaN takes the other; of float32 the squares are NaN for nothing else.
      if (Number.isNaN(whole.squares)) whole.largest = NaN;
      return whole;
    },
    changeOf(before, after) {
      const isLong = after.length >= leastLength;
      if (!isLong || !(before instanceof Float32Array && after instanceof Float32Array))
        return plainMoments.changeOf(before, after);
      const sums = { update: 0, before: 0, after: 0 };
      for (let start = 0; start < after.length; start += blockLength) {
        const length = Math.min(blockLength, after.length - start);
        fill(first, before, start, length);
        const padding = fill(second, after, start, length);
        change(0, 4 * (length + padding), blockBytes, outAt);
        sums.update += out[0]!;
        sums.before += out[1]!;
        sums.after += out[2]!;
      }
      return sums;
    },
  };
}
