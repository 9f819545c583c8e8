/** Draws of categories by their weights: `multinomial`. */

import { dtypes, type DType } from "../../dtype.ts";
import { flat, floatItems, positionsAlong, rowMajor, type Destination } from "./destination.ts";
import { fillExponential } from "./continuous.ts";
import type { Generator } from "./generator.ts";
import { check, floatLimits, notImplemented } from "./refusal.ts";

/** A view's numbers in row-major order. */
function numbersOf(view: Destination): Float64Array {
  const { decode } = floatItems(view.dtype);
  const positions = positionsAlong(rowMajor(view.dtype, view.items, view.shape), view);
  return positions.map((position) => decode(view.items[position] as number));
}

/** Rounds a result to a float dtype. */
function rounding(dtype: DType): (value: number) => number {
  const { decode, encode } = floatItems(dtype);
  return (value) => decode(encode(value));
}

/** Ranks the categories by weight / Exp(1) and takes the first `count`: a draw without replacement. */
function drawDistinct(
  generator: Generator,
  view: Destination,
  weights: Float64Array,
  count: number,
  result: BigInt64Array,
): void {
  const categories = view.shape.at(-1)!;
  const rows = weights.length / categories;
  const items = new view.dtype.Items(weights.length);
  fillExponential(generator, flat(view.dtype, items));
  const { decode } = floatItems(view.dtype);
  const round = rounding(view.dtype);
  const ranks = new Float64Array(weights.length);
  // The exponentials lie in memory as the weights do.
  positionsAlong(view, rowMajor(dtypes.float64, ranks, view.shape)).forEach((position, k) => {
    ranks[position] = round(weights[position]! / decode(items[k] as number));
  });
  for (let row = 0; row < rows; row++) {
    const start = row * categories;
    const order = Array.from({ length: categories }, (_, j) => j);
    order.sort((a, b) => ranks[start + b]! - ranks[start + a]! || a - b);
    for (let k = 0; k < count; k++) result[row * count + k] = BigInt(order[k]!);
  }
}

/** Looks up float64 uniforms in the running sums: a draw with replacement. */
function drawRepeated(
  generator: Generator,
  view: Destination,
  weights: Float64Array,
  count: number,
  result: BigInt64Array,
): void {
  const categories = view.shape.at(-1)!;
  const rows = view.shape.length === 1 ? 1 : view.shape[0]!;
  // Half types add up in float32.
  const round = view.dtype.name === "float64" ? (value: number): number => value : Math.fround;
  const sums = new Float64Array(categories);
  for (let row = 0; row < rows; row++) {
    let total = 0;
    for (let j = 0; j < categories; j++) {
      const weight = weights[row * categories + j]!;
      check(weight >= 0, () => "invalid multinomial distribution (encountering probability entry < 0)");
      check(
        Number.isFinite(weight),
        () => "invalid multinomial distribution (encountering probability entry = infinity or NaN)",
      );
      total = round(total + weight);
      sums[j] = total;
    }
    check(total > 0, () => "invalid multinomial distribution (sum of probabilities <= 0)");
    for (let j = 0; j < categories; j++) sums[j] = round(sums[j]! / total);
    sums[categories - 1] = 1;
    for (let k = 0; k < count; k++) {
      const u = generator.uniform64();
      let low = 0;
      let high = categories;
      while (low < high) {
        const middle = low + ((high - low) >> 1);
        if (sums[middle]! < u) low = middle + 1;
        else high = middle;
      }
      result[row * count + k] = BigInt(low);
    }
  }
}

/**
 * Draws `count` categories from each row of weights, `torch.multinomial`.
 *
 * Shape: (categories) → (count), (rows, categories) → (rows, count); the result is row-major.
 *
 * Categories of equal rank come in ascending order: those without weight, where they have to be drawn, and now and then
 * two in the half types, whose ranks are coarse.
 *
 * Differs from PyTorch: there the order of equal ranks depends on how the C++ library sorts.
 *
 * Throws: `UsageError` for weights that are negative, infinite, NaN or all zero, and for more draws than there are
 * categories without replacement.
 *
 * @example
 * const weights = flat(dtypes.float32, Float32Array.of(0.1, 0.2, 0.7));
 * multinomial(new Generator().manualSeed(0), weights, 2, true);
 */
export function multinomial(
  generator: Generator,
  weights: Destination,
  count: number,
  replacement = false,
): BigInt64Array {
  const { dtype, shape } = weights;
  check(shape.length === 1 || shape.length === 2, () => "prob_dist must be 1 or 2 dim");
  check(
    dtype.kind === "float",
    () => `multinomial only supports floating-point dtypes for input, got: ${dtype.scalarType}`,
  );
  if (floatLimits(dtype) === undefined) throw notImplemented("multinomial", dtype);
  const categories = shape.at(-1)!;
  check(count > 0, () => "cannot sample n_sample <= 0 samples");
  check(
    replacement || count <= categories,
    () => "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
  );
  check(categories <= 2 ** 24, () => "number of categories cannot exceed 2^24");
  const rows = shape.length === 1 ? 1 : shape[0]!;
  const result = new BigInt64Array(rows * count);
  if (rows === 0) return result;
  const values = numbersOf(weights);
  if (replacement && count > 1) {
    drawRepeated(generator, weights, values, count, result);
    return result;
  }
  check(
    values.every((weight) => weight >= 0 && weight < Infinity),
    () => "probability tensor contains either `inf`, `nan` or element < 0",
  );
  for (let row = 0; row < rows; row++) {
    const isEmpty = values.subarray(row * categories, (row + 1) * categories).every((weight) => weight === 0);
    check(!isEmpty, () => "invalid multinomial distribution (sum of probabilities <= 0)");
  }
  drawDistinct(generator, weights, values, count, result);
  return result;
}
