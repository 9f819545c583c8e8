/**
 * Pooling over dense planes in up to three dimensions: what windows cover, the largest element of each, their means and
 * the adjoint of those. Fewer than three dimensions are three with leading lengths of 1.
 */

import type { FloatItems, Lengths3 } from "./convolution.ts";

/** What the windows along one axis cover: for output k the inputs `starts[k]`, `starts[k] + step`, … below `ends[k]`. */
export interface AxisWindows {
  readonly length: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** How many elements a mean divides by. */
  readonly sizes: Int32Array;
  readonly step: number;
}

/** Windows along depth, height and width. */
export type Windows = readonly [AxisWindows, AxisWindows, AxisWindows];

/** How windows slide along an axis. */
export interface SlidingWindows {
  readonly length: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  /** Whether a last window may reach beyond the padding. */
  readonly isCeil: boolean;
  /** Whether padding counts as elements. */
  readonly countsPadding: boolean;
}

/** How many windows slide along an axis. */
export function windowCount(sliding: SlidingWindows): number {
  const { length, kernel, stride, padding, dilation, isCeil } = sliding;
  const room = length + 2 * padding - dilation * (kernel - 1) - 1 + (isCeil ? stride - 1 : 0);
  const count = Math.floor(room / stride) + 1;
  // The last window has to begin inside the input or its left padding.
  return isCeil && (count - 1) * stride >= length + padding ? count - 1 : count;
}

/** The windows that slide along an axis. */
export function slidingWindows(sliding: SlidingWindows): AxisWindows {
  const { length, kernel, stride, padding, dilation, countsPadding } = sliding;
  const windows = newWindows(length, windowCount(sliding), dilation);
  const { starts, ends, sizes } = windows;
  for (let k = 0; k < starts.length; k++) {
    const first = k * stride - padding;
    const paddedEnd = Math.min(first + dilation * (kernel - 1) + 1, length + padding);
    const end = Math.min(paddedEnd, length);
    starts[k] = first < 0 ? first + Math.ceil(-first / dilation) * dilation : first;
    ends[k] = end;
    sizes[k] = countsPadding ? paddedEnd - first : end - starts[k]!;
  }
  return windows;
}

/** Windows of about equal length that cover an axis: those of adaptive pooling. */
export function adaptiveWindows(length: number, count: number): AxisWindows {
  const windows = newWindows(length, count, 1);
  const { starts, ends, sizes } = windows;
  for (let k = 0; k < count; k++) {
    starts[k] = Math.floor((k * length) / count);
    ends[k] = Math.ceil(((k + 1) * length) / count);
    sizes[k] = ends[k]! - starts[k]!;
  }
  return windows;
}

/**
 * Windows of one length at steps that differ by at most 1 and begin as `sample` of [0, 1) has it: those of fractional pooling,
 * in the arithmetic of the elements (`round` is `Math.fround` for float32).
 */
export function fractionalWindows(
  length: number,
  count: number,
  kernel: number,
  sample: number,
  round: (value: number) => number,
): AxisWindows {
  const windows = newWindows(length, count, 1);
  const { starts, ends, sizes } = windows;
  const step = round((length - kernel) / (count - 1));
  for (let k = 0; k < count; k++) {
    const isLast = k === count - 1;
    starts[k] = isLast
      ? length - kernel
      : Math.trunc(round(round(k + sample) * step)) - Math.trunc(round(sample * step));
    ends[k] = starts[k]! + kernel;
    sizes[k] = kernel;
  }
  return windows;
}

/** The single window of an axis that is not pooled. */
export const onePosition: AxisWindows = adaptiveWindows(1, 1);

function newWindows(length: number, count: number, step: number): AxisWindows {
  const numbers = (): Int32Array => new Int32Array(Math.max(0, count));
  return { length, starts: numbers(), ends: numbers(), sizes: numbers(), step };
}

/** How many windows there are along each axis. */
export function outputLengths([depth, height, width]: Windows): Lengths3 {
  return [depth.starts.length, height.starts.length, width.starts.length];
}

/**
 * The place in its plane of the largest element of every window, the first of equals; NaN counts as largest. The loop
 * compares only, so 64-bit integers may be given too.
 */
export function largestPlaces(windows: Windows, planes: number, items: FloatItems, places: Int32Array): void {
  const [depth, height, width] = windows;
  const rowSize = width.length;
  const sliceSize = rowSize * height.length;
  const planeSize = sliceSize * depth.length;
  let to = 0;
  for (let plane = 0, base = 0; plane < planes; plane++, base += planeSize) {
    for (let z = 0; z < depth.starts.length; z++) {
      for (let y = 0; y < height.starts.length; y++) {
        for (let x = 0; x < width.starts.length; x++) {
          let best = depth.starts[z]! * sliceSize + height.starts[y]! * rowSize + width.starts[x]!;
          let largest = -Infinity;
          for (let k = depth.starts[z]!; k < depth.ends[z]!; k += depth.step) {
            for (let j = height.starts[y]!; j < height.ends[y]!; j += height.step) {
              const row = k * sliceSize + j * rowSize;
              for (let i = width.starts[x]!; i < width.ends[x]!; i += width.step) {
                const value = items[base + row + i]!;
                if (value > largest || value !== value) {
                  largest = value;
                  best = row + i;
                }
              }
            }
          }
          places[to++] = best;
        }
      }
    }
  }
}

/** The mean of every window: its sum by `divisor`, or by the sizes of the windows where that is 0. */
export function windowMeans(
  windows: Windows,
  planes: number,
  divisor: number,
  items: FloatItems,
  means: FloatItems,
): void {
  const [depth, height, width] = windows;
  const rowSize = width.length;
  const sliceSize = rowSize * height.length;
  const planeSize = sliceSize * depth.length;
  let to = 0;
  for (let plane = 0, base = 0; plane < planes; plane++, base += planeSize) {
    for (let z = 0; z < depth.starts.length; z++) {
      for (let y = 0; y < height.starts.length; y++) {
        for (let x = 0; x < width.starts.length; x++) {
          let sum = 0;
          for (let k = depth.starts[z]!; k < depth.ends[z]!; k++) {
            for (let j = height.starts[y]!; j < height.ends[y]!; j++) {
              const row = base + k * sliceSize + j * rowSize;
              const end = row + width.ends[x]!;
              for (let at = row + width.starts[x]!; at < end; at++) sum += items[at]!;
            }
          }
          means[to++] = sum / (divisor || depth.sizes[z]! * height.sizes[y]! * width.sizes[x]!);
        }
      }
    }
  }
}

/** The adjoint of `windowMeans`: adds a share of every mean to what its window covers. `items` holds zeros. */
export function windowMeansAdjoint(
  windows: Windows,
  planes: number,
  divisor: number,
  means: FloatItems,
  items: FloatItems,
): void {
  const [depth, height, width] = windows;
  const rowSize = width.length;
  const sliceSize = rowSize * height.length;
  const planeSize = sliceSize * depth.length;
  let from = 0;
  for (let plane = 0, base = 0; plane < planes; plane++, base += planeSize) {
    for (let z = 0; z < depth.starts.length; z++) {
      for (let y = 0; y < height.starts.length; y++) {
        for (let x = 0; x < width.starts.length; x++) {
          const share = means[from++]! / (divisor || depth.sizes[z]! * height.sizes[y]! * width.sizes[x]!);
          for (let k = depth.starts[z]!; k < depth.ends[z]!; k++) {
            for (let j = height.starts[y]!; j < height.ends[y]!; j++) {
              const row = base + k * sliceSize + j * rowSize;
              const end = row + width.ends[x]!;
              for (let at = row + width.starts[x]!; at < end; at++) items[at]! += share;
            }
          }
        }
      }
    }
  }
}
