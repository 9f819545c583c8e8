/** Normal numbers within bounds: the draws of `nn.init.trunc_normal_`. */

import { countOf } from "../../shape.ts";
import { fillInMemoryOrder, floatItems, isOrdered, isRowMajor, type Destination } from "./destination.ts";
import type { Generator } from "./generator.ts";
import { log } from "./libm.ts";
import { checkStd, fillNormalItems } from "./normal.ts";
import { requireFloat } from "./refusal.ts";
import { fillUniform } from "./uniform.ts";
import type { ItemArray } from "../../dtype.ts";

/** Above this share of the normal's mass within the bounds, normals are drawn and the others drawn again. */
const directShare = 0.3;

/**
 * The error function to within 1e-15: Taylor's series near 0, the continued fraction of erfc beyond. It only decides
 * between the two ways to draw.
 */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-18; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / ((z + fraction) * Math.sqrt(Math.PI)));
}

/** The share of the normal distribution below `x` standard deviations. */
function shareBelow(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

/** Draws whole tensors of normals until each element has had one within [low, high]. */
function drawNormals(
  generator: Generator,
  view: Destination,
  items: ItemArray,
  bounds: { mean: number; std: number; low: number; high: number },
): void {
  const { dtype } = view;
  const { mean, std } = bounds;
  const { decode, encode } = floatItems(dtype);
  const low = decode(encode(bounds.low));
  const high = decode(encode(bounds.high));
  fillNormalItems(generator, dtype, items, mean, std, isRowMajor(view));
  const isOutside = (item: number): boolean => decode(item) < low || decode(item) > high;
  const candidates = new dtype.Items(items.length);
  while ((items as Float64Array).some(isOutside)) {
    // The candidates' tensor has no gaps even where the destination has some.
    fillNormalItems(generator, dtype, candidates, mean, std, isOrdered(view));
    for (let i = 0; i < items.length; i++) {
      if (isOutside(items[i] as number)) items[i] = candidates[i]!;
    }
  }
}

/** Draws whole tensors of uniforms and accepts each element with the density over its peak. */
function drawUniforms(
  generator: Generator,
  view: Destination,
  items: ItemArray,
  bounds: { mean: number; std: number; low: number; high: number },
): void {
  const { dtype } = view;
  const { mean, std, low, high } = bounds;
  const { decode, encode } = floatItems(dtype);
  const round = (value: number): number => decode(encode(value));
  const single = dtype.name === "float64" ? (value: number): number => value : Math.fround;
  const mode = Math.max(low, Math.min(mean, high));
  const logPeak = -0.5 * ((mode - mean) / std) ** 2;
  const candidates = new dtype.Items(items.length);
  const chances = new dtype.Items(items.length);
  const drawInto = (target: ItemArray, from: number, to: number): void => {
    const flat = { dtype, items: target, offset: 0, shape: [target.length], stride: [1] };
    fillUniform(generator, flat, from, to);
  };
  const isPending = new Uint8Array(items.length).fill(1);
  for (let pending = items.length; pending > 0;) {
    drawInto(candidates, low, high);
    drawInto(chances, 0, 1);
    for (let i = 0; i < items.length; i++) {
      if (isPending[i] === 0) continue;
      const candidate = candidates[i]!;
      items[i] = candidate;
      // Each step of the log-density is an in-place op of PyTorch and rounds. Of the numbers that are subtracted or
      // divided by, PyTorch rounds the former to the dtype, the latter only to float32.
      const deviation = round(round(decode(candidate as number) - round(mean)) / single(std));
      const logDensity = round(round(round(deviation * deviation) * -0.5) - round(logPeak));
      if (round(log(decode(chances[i] as number))) > logDensity) continue;
      isPending[i] = 0;
      pending -= 1;
    }
  }
}

/**
 * Fills a float view with normals of [low, high], as `nn.init.trunc_normal_` of PyTorch 2.13 draws them: by rejection,
 * from normals where more than 30 % of them lie within the bounds, else from uniforms.
 *
 * Throws: `UsageError` for a negative `std`, for bounds of which the uniforms cannot be drawn, and for other dtypes.
 */
export function fillTruncatedNormal(
  generator: Generator,
  destination: Destination,
  mean = 0,
  std = 1,
  low = -2,
  high = 2,
): void {
  checkStd(std);
  if (countOf(destination.shape) === 0) return;
  requireFloat("normal_kernel_cpu", destination.dtype);
  const share = shareBelow((high - mean) / std) - shareBelow((low - mean) / std);
  const draw = share > directShare ? drawNormals : drawUniforms;
  fillInMemoryOrder(destination, (items) => draw(generator, destination, items, { mean, std, low, high }));
}
