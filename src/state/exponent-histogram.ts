/**
 * Histograms on the exponent grid: two bins for each power of two and sign. A bin is the upper ten bits of a float32, so
 * counting is one look at each element, and no range has to be known before.
 */

import type { ExponentHistogram } from "../inspect/watch-log.ts";

/** Sign, eight bits of the exponent, and the first bit of the mantissa. */
const binCount = 1024;
const negative = 512;
const shift = 22;

/** The bin of 1: the exponent's bias is 127, and there are two bins for each. */
const binOfOne = 254;

/** Bins from here on, of either sign, are infinities and NaN. */
const firstSpecial = 510;

/** Two counters for each bin: neighbours often fall into the same, and would wait for each other's. */
const counts = new Uint32Array(2 * binCount);

/**
 * Counts elements by their magnitude. Those of float64 are taken as the nearest float32. The lowest bin, below 2^-127,
 * counts as zero: it has the zeros of its sign, and numbers so small that no weight notices them.
 */
export function exponentHistogram(items: Float32Array | Float64Array): ExponentHistogram {
  const singles = items instanceof Float32Array ? items : Float32Array.from(items);
  const bits = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
  counts.fill(0);
  const even = bits.length & ~1;
  for (let k = 0; k < even; k += 2) {
    counts[bits[k]! >>> shift]!++;
    counts[binCount + (bits[k + 1]! >>> shift)]!++;
  }
  if (even < bits.length) counts[bits[even]! >>> shift]!++;
  for (let bin = 0; bin < binCount; bin++) counts[bin]! += counts[binCount + bin]!;
  const zero = counts[0]! + counts[negative]!;
  return { zero, below: side(negative), above: side(0) };
}

/** The bins of one sign from the first to the last that has elements. */
function side(start: number): number[] {
  let first = start + 1;
  while (first < start + firstSpecial && counts[first] === 0) first++;
  if (first === start + firstSpecial) return [];
  let last = start + firstSpecial - 1;
  while (counts[last] === 0) last--;
  return [first - start - binOfOne, ...counts.subarray(first, last + 1)];
}
