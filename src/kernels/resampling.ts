/**
 * Resampling along an axis: every output is a weighted sum of a few inputs. Which and how much is worked out once (the
 * taps), for nearest, linear and cubic interpolation.
 */

/** For output k and tap t: the input `places[k·count + t]` with weight `weights[k·count + t]`. */
export interface Taps {
  readonly inputLength: number;
  readonly outputLength: number;
  readonly count: number;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

function newTaps(inputLength: number, outputLength: number, count: number): Taps {
  const size = outputLength * count;
  return { inputLength, outputLength, count, places: new Int32Array(size), weights: new Float64Array(size) };
}

/** The nearest input: at `⌊(k + shift)·scale⌋`, computed in float32 as PyTorch does, which decides about ties. */
export function nearestTaps(
  inputLength: number,
  outputLength: number,
  scale: number,
  isExact: boolean,
): Taps {
  const taps = newTaps(inputLength, outputLength, 1);
  const step = Math.fround(scale);
  for (let k = 0; k < outputLength; k++) {
    taps.places[k] = Math.min(Math.floor(Math.fround((isExact ? k + 0.5 : k) * step)), inputLength - 1);
    taps.weights[k] = 1;
  }
  return taps;
}

/** Where an output lies between the inputs. */
function sourcePosition(k: number, scale: number, alignsCorners: boolean): number {
  return alignsCorners ? k * scale : (k + 0.5) * scale - 0.5;
}

/** The two neighbours, weighted by nearness. */
export function linearTaps(
  inputLength: number,
  outputLength: number,
  scale: number,
  alignsCorners: boolean,
): Taps {
  const taps = newTaps(inputLength, outputLength, 2);
  for (let k = 0; k < outputLength; k++) {
    const position = Math.max(0, sourcePosition(k, scale, alignsCorners));
    const left = Math.min(Math.floor(position), inputLength - 1);
    const share = Math.min(Math.max(position - left, 0), 1);
    taps.places[2 * k] = left;
    taps.places[2 * k + 1] = Math.min(left + 1, inputLength - 1);
    taps.weights[2 * k] = 1 - share;
    taps.weights[2 * k + 1] = share;
  }
  return taps;
}

/** Steepness of the cubic kernel; PyTorch's, from Keys (1981) with another value. */
const steepness = -0.75;

function nearCubic(x: number): number {
  return ((steepness + 2) * x - (steepness + 3)) * x * x + 1;
}

function farCubic(x: number): number {
  return ((steepness * x - 5 * steepness) * x + 8 * steepness) * x - 4 * steepness;
}

/** The four neighbours, weighted by a cubic kernel; those beyond the ends are the ends. */
export function cubicTaps(
  inputLength: number,
  outputLength: number,
  scale: number,
  alignsCorners: boolean,
): Taps {
  const taps = newTaps(inputLength, outputLength, 4);
  for (let k = 0; k < outputLength; k++) {
    const position = sourcePosition(k, scale, alignsCorners);
    const left = Math.floor(position);
    const share = position - left;
    taps.weights.set(
      [farCubic(share + 1), nearCubic(share), nearCubic(1 - share), farCubic(2 - share)],
      4 * k,
    );
    for (let t = 0; t < 4; t++) {
      taps.places[4 * k + t] = Math.min(Math.max(left - 1 + t, 0), inputLength - 1);
    }
  }
  return taps;
}

/** Resamples items (outer, inputLength, inner) along their middle axis. */
export function resample(taps: Taps, outer: number, inner: number, items: Float64Array): Float64Array {
  const { inputLength, outputLength, count, places, weights } = taps;
  const out = new Float64Array(outer * outputLength * inner);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < outputLength; k++) {
      const to = (o * outputLength + k) * inner;
      for (let t = k * count; t < (k + 1) * count; t++) {
        const weight = weights[t]!;
        const from = (o * inputLength + places[t]!) * inner;
        for (let i = 0; i < inner; i++) out[to + i]! += weight * items[from + i]!;
      }
    }
  }
  return out;
}

/** The adjoint: items (outer, outputLength, inner) go back to the inputs that they came from. */
export function resampleAdjoint(taps: Taps, outer: number, inner: number, items: Float64Array): Float64Array {
  const { inputLength, outputLength, count, places, weights } = taps;
  const out = new Float64Array(outer * inputLength * inner);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < outputLength; k++) {
      const from = (o * outputLength + k) * inner;
      for (let t = k * count; t < (k + 1) * count; t++) {
        const weight = weights[t]!;
        const to = (o * inputLength + places[t]!) * inner;
        for (let i = 0; i < inner; i++) out[to + i]! += weight * items[from + i]!;
      }
    }
  }
  return out;
}
