/**
 * Resampling along an axis: every output is a weighted sum of a few inputs. Which and how much is worked out once (the
 * taps), for nearest, linear and cubic interpolation, and for filters against aliasing.
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

function nearCubic(x: number, a: number = steepness): number {
  return ((a + 2) * x - (a + 3)) * x * x + 1;
}

function farCubic(x: number, a: number = steepness): number {
  return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
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

/** A filter over all inputs that an output stands for, at distances below `radius`. */
export interface Filter {
  readonly radius: number;
  readonly weight: (distance: number) => number;
}

/** As PyTorch's other cubics, but with Keys' own steepness. */
const smoothSteepness = -0.5;

/** sin(πx)/(πx), 1 at 0. */
function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The filters against aliasing, by mode. */
export const filters: Readonly<Record<"bilinear" | "bicubic" | "lanczos", Filter>> = {
  bilinear: { radius: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    radius: 2,
    weight(x) {
      const distance = Math.abs(x);
      if (distance < 1) return nearCubic(distance, smoothSteepness);
      return distance < 2 ? farCubic(distance, smoothSteepness) : 0;
    },
  },
  lanczos: { radius: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** All inputs that an output stands for, weighted by a filter that is as much wider as the image becomes smaller. */
export function filteredTaps(
  inputLength: number,
  outputLength: number,
  scale: number,
  { radius, weight }: Filter,
): Taps {
  const stretch = Math.max(scale, 1);
  const reach = radius * stretch;
  const taps = newTaps(inputLength, outputLength, 2 * Math.ceil(reach) + 1);
  for (let k = 0; k < outputLength; k++) {
    const center = scale * (k + 0.5);
    const first = Math.max(Math.trunc(center - reach + 0.5), 0);
    const count = Math.min(Math.trunc(center + reach + 0.5), inputLength) - first;
    const weights = Array.from({ length: Math.max(0, Math.min(count, taps.count)) }, (_, t) =>
      weight((t + first - center + 0.5) / stretch),
    );
    const total = weights.reduce((sum, each) => sum + each, 0);
    weights.forEach((each, t) => {
      taps.places[k * taps.count + t] = first + t;
      taps.weights[k * taps.count + t] = total === 0 ? each : each / total;
    });
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
