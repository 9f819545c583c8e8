/**
 * Normalization of dense arrays: x̂ = (x − mean) / √(variance + ε) over groups of elements, then scaled and shifted by
 * channel; and its adjoint.
 */

import type { FloatItems } from "./convolution.ts";

/**
 * Which elements are normalized together, and which share a scale. Element `e` is of group `⌊e / inner⌋ mod groups`,
 * and of channel `⌊e / tail⌋ mod channels`; `tail` divides `inner`.
 */
export interface NormalLayout {
  readonly outer: number;
  readonly groups: number;
  readonly inner: number;
  readonly channels: number;
  readonly tail: number;
}

/** Mean and biased variance of every group. */
export function groupStatistics(
  { outer, groups, inner }: NormalLayout,
  items: FloatItems,
  means: Float64Array,
  variances: Float64Array,
): void {
  const count = outer * inner;
  for (let group = 0; group < groups; group++) {
    let sum = 0;
    for (let o = 0; o < outer; o++) {
      const start = (o * groups + group) * inner;
      for (let at = start; at < start + inner; at++) sum += items[at]!;
    }
    const mean = sum / count;
    let squares = 0;
    for (let o = 0; o < outer; o++) {
      const start = (o * groups + group) * inner;
      for (let at = start; at < start + inner; at++) {
        const difference = items[at]! - mean;
        squares += difference * difference;
      }
    }
    means[group] = mean;
    variances[group] = squares / count;
  }
}

/** out = (x − mean) · rate · scale + shift. Without scale or shift these are 1 and 0. */
export function normalize(
  { outer, groups, inner, channels, tail }: NormalLayout,
  items: FloatItems,
  means: Float64Array,
  rates: Float64Array,
  scale: FloatItems | null,
  shift: FloatItems | null,
  out: FloatItems,
): void {
  let at = 0;
  for (let block = 0; block < outer * groups; block++) {
    const group = block % groups;
    const mean = means[group]!;
    const rate = rates[group]!;
    for (const end = at + inner; at < end;) {
      const channel = (at / tail) % channels;
      const factor = scale === null ? rate : rate * scale[channel]!;
      const summand = shift === null ? 0 : shift[channel]!;
      for (const runEnd = at + tail; at < runEnd; at++) out[at] = (items[at]! - mean) * factor + summand;
    }
  }
}

/** What `normalizeAdjoint` writes: gradients of the items, of scale and of shift, the latter two summed in double. */
export interface NormalGradients {
  readonly items: FloatItems;
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/**
 * With h = gradient · scale and m elements a group:
 * items = rate · (h − Σh / m − x̂ · Σ(h·x̂) / m), or rate · h where mean and variance are constants;
 * scale = Σ gradient · x̂, shift = Σ gradient.
 */
export function normalizeAdjoint(
  { outer, groups, inner, channels, tail }: NormalLayout,
  isConstant: boolean,
  gradient: FloatItems,
  items: FloatItems,
  means: Float64Array,
  rates: Float64Array,
  scale: FloatItems | null,
  out: NormalGradients,
): void {
  const count = outer * inner;
  for (let group = 0; group < groups; group++) {
    const mean = means[group]!;
    const rate = rates[group]!;
    let sum = 0;
    let sumWithValue = 0;
    for (let o = 0; o < outer; o++) {
      const start = (o * groups + group) * inner;
      for (let at = start; at < start + inner;) {
        const channel = (at / tail) % channels;
        let total = 0;
        let totalWithValue = 0;
        for (const end = at + tail; at < end; at++) {
          const g = gradient[at]!;
          total += g;
          totalWithValue += g * (items[at]! - mean) * rate;
        }
        out.scale[channel]! += totalWithValue;
        out.shift[channel]! += total;
        const factor = scale === null ? 1 : scale[channel]!;
        sum += total * factor;
        sumWithValue += totalWithValue * factor;
      }
    }
    const mid = isConstant ? 0 : sum / count;
    const slope = isConstant ? 0 : (sumWithValue / count) * rate;
    for (let o = 0; o < outer; o++) {
      const start = (o * groups + group) * inner;
      for (let at = start; at < start + inner;) {
        const factor = scale === null ? 1 : scale[(at / tail) % channels]!;
        for (const end = at + tail; at < end; at++) {
          out.items[at] = rate * (gradient[at]! * factor - mid - (items[at]! - mean) * slope);
        }
      }
    }
  }
}
