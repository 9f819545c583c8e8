/**
 * Statistics of elements: synchronous reducers over blocks, in float64, whose partial results merge. Whoever reads the
 * elements (a file by and by, a network at once) hands in the blocks in their order.
 *
 * Note [merging]: a block is reduced in two passes (mean, then squared distances from it), two results by the formulas
 * of Chan, Golub and LeVeque: with n = nₐ + n_b and δ = μ_b - μₐ, μ = μₐ + δ·n_b/n and M₂ = M₂ₐ + M₂_b + δ²·nₐ·n_b/n.
 * Blocks of `blockLength` by absolute position, merged from the first to the last, give the same bits everywhere.
 */

/** What is known of some elements, in a form that merges. As in PyTorch, one NaN makes what depends on it NaN. */
export interface PartialStatistics {
  readonly count: number;
  readonly nan: number;
  /** Infinities of either sign. */
  readonly inf: number;
  readonly zeros: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sum of squared distances from the mean. */
  readonly m2: number;
  readonly squares: number;
}

/** Statistics of some elements; numbers that nothing defines (of no elements, or with NaN among them) are NaN. */
export interface Statistics {
  readonly count: number;
  readonly nan: number;
  /** Infinities of either sign. */
  readonly inf: number;
  readonly zeros: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** With Bessel's correction, as `torch.std`. */
  readonly std: number;
  /** √Σx². */
  readonly l2: number;
}

/** Elements of one block, by absolute position. */
export const blockLength = 65_536;

/** Of no elements. */
export const emptyStatistics: PartialStatistics = {
  count: 0,
  nan: 0,
  inf: 0,
  zeros: 0,
  min: Infinity,
  max: -Infinity,
  mean: 0,
  m2: 0,
  squares: 0,
};

/** Reduces one block. */
export function reduceBlock(
  values: ArrayLike<number>,
  start: number = 0,
  end: number = values.length,
): PartialStatistics {
  if (end <= start) return emptyStatistics;
  let nan = 0;
  let inf = 0;
  let zeros = 0;
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let squares = 0;
  for (let k = start; k < end; k++) {
    const x = values[k]!;
    if (x === 0) zeros++;
    // NaN differs from itself; it fails both comparisons and is put in at the end.
    else if (x !== x) nan++;
    else if (x === Infinity || x === -Infinity) inf++;
    if (x < min) min = x;
    if (x > max) max = x;
    sum += x;
    squares += x * x;
  }
  const count = end - start;
  const mean = sum / count;
  let m2 = 0;
  for (let k = start; k < end; k++) m2 += (values[k]! - mean) ** 2;
  if (nan > 0) min = max = NaN;
  return { count, nan, inf, zeros, min, max, mean, m2, squares };
}

/** What is known of two lots of elements together. */
export function mergeStatistics(a: PartialStatistics, b: PartialStatistics): PartialStatistics {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  return {
    count,
    nan: a.nan + b.nan,
    inf: a.inf + b.inf,
    zeros: a.zeros + b.zeros,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    // Two infinite means have no distance; their sum is what it is.
    mean: Number.isFinite(delta)
      ? a.mean + (delta * b.count) / count
      : (a.mean * a.count + b.mean * b.count) / count,
    m2: a.m2 + b.m2 + (delta * delta * a.count * b.count) / count,
    squares: a.squares + b.squares,
  };
}

/** Reduces elements that are all there, block by block. */
export function reduceValues(values: ArrayLike<number>): PartialStatistics {
  let whole = emptyStatistics;
  for (let start = 0; start < values.length; start += blockLength) {
    whole = mergeStatistics(whole, reduceBlock(values, start, Math.min(start + blockLength, values.length)));
  }
  return whole;
}

/**
 * The statistics of a merged result.
 *
 * @example
 * statisticsOf(reduceValues([3, -4])).l2; // 5
 */
export function statisticsOf(whole: PartialStatistics): Statistics {
  const { count, nan, inf, zeros, min, max, mean, m2, squares } = whole;
  const isEmpty = count === 0;
  return {
    count,
    nan,
    inf,
    zeros,
    min: isEmpty ? NaN : min,
    max: isEmpty ? NaN : max,
    mean: isEmpty ? NaN : mean,
    std: isEmpty ? NaN : Math.sqrt(m2 / (count - 1)),
    l2: Math.sqrt(squares),
  };
}

/** The largest magnitude; NaN where there is one among them, or nothing. */
export function largestOf({ min, max }: Statistics): number {
  return Math.max(Math.abs(min), Math.abs(max));
}
