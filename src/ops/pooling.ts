/**
 * Pooling: the largest element or the mean of windows, and putting elements at places. `functional/pooling.ts` has the
 * functions by name; here the windows are known.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { FloatItems } from "../kernels/convolution.ts";

import type { Windows } from "../kernels/pooling.ts";
import { largestPlaces, outputLengths, windowMeans, windowMeansAdjoint } from "../kernels/pooling.ts";
import type { Size } from "../shape.ts";
import { countOf, toSize } from "../shape.ts";
import { computeDtype, denseItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { converted } from "./elementwise.ts";
import { jointOp } from "./joint-op.ts";
import type { Op } from "./op.ts";
import { needs, needsNothing, op } from "./op.ts";

/** What a pooling does. */
export interface PoolPlan {
  /** How many of the last dimensions are pooled. */
  readonly rank: 2 | 3;
  readonly windows: Windows;
  /** Where every plane has windows of its own: those of each; there are as many as in `windows`. */
  readonly windowsOfPlanes?: readonly Windows[];
  /** PyTorch's name of the operation, as its graph nodes begin: `"AvgPool"`. */
  readonly name: string;
  /** Of means: what sums are divided by; 0 for the size of each window. */
  readonly divisor: number;
}

/** The shape of what a pooling of `shape` makes. */
function pooledShape({ shape }: Tensor, { rank, windows }: PoolPlan): Size {
  return toSize([...shape.slice(0, -rank), ...outputLengths(windows).slice(-rank)]);
}

/** Throws PyTorch's NotImplementedError for dtypes that are not pooled; `avg_pool2d` is the name it begins with. */
function requirePoolable({ dtype }: Tensor, { name, rank }: PoolPlan, takesIntegers: boolean): void {
  if (dtype.kind === "float" || (takesIntegers && (dtype.kind === "int" || dtype === dtypes.uint8))) return;
  const kernel = name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? "" : "_") + letter.toLowerCase());
  const suffix = rank === 3 && name.startsWith("Adaptive") ? "_cpu" : "";
  throw torchError(
    "NotImplementedError",
    `"${kernel}${rank}d${suffix}" not implemented for '${dtype.scalarType}'`,
  );
}

/** The elements at places of their planes, which are the last `rank` dimensions. */
const takeFromPlanes: (self: Tensor, indices: Tensor, rank: number) => Tensor = op({
  name: "takeFromPlanes",
  inputs: ["self", "indices"],
  forward: taken,
  backward: {
    // ∂ Σ Gᵢ·x[pᵢ] / ∂x: each Gᵢ is added at its place
    self: needs(["indices"], (g, { indices, shape }, rank: number) => addToPlanes(g, indices, shape, rank)),
  },
  samples: () => [],
});

/** The adjoint: adds elements at places of planes of zeros. */
export const addToPlanes: Op<(self: Tensor, indices: Tensor, shape: Size, rank: number) => Tensor> = op({
  name: "addToPlanes",
  inputs: ["self", "indices"],
  forward(self, indices, shape: Size, rank: number) {
    const compute = computeDtype(self.dtype);
    const out = newTensor(compute, shape, self.device);
    if (self.device !== "cpu") return converted(out, self.dtype);
    const items = out.items as FloatItems;
    const values = denseItems(converted(self, compute)) as FloatItems;
    forEachPlace(indices, countOf(shape.slice(-rank)), rank, (place, k) => {
      items[place]! += values[k]!;
    });
    return converted(out, self.dtype);
  },
  backward: {
    // The adjoint of the adjoint
    self: needs(["indices"], (g, { indices }, _shape: Size, rank: number) =>
      takeFromPlanes(g, indices, rank),
    ),
  },
  samples: () => [],
});

/** The places of the largest elements where every plane has its own windows. */
function largestPlacesOfEach(windows: readonly Windows[], items: FloatItems, places: Int32Array): void {
  const [size, count] = [items.length / windows.length, places.length / windows.length];
  windows.forEach((own, k) => {
    const plane = items.subarray(k * size, (k + 1) * size);
    largestPlaces(own, 1, plane, places.subarray(k * count, (k + 1) * count));
  });
}

function taken(self: Tensor, indices: Tensor, rank: number): Tensor {
  const out = newTensor(self.dtype, indices.shape, self.device);
  if (self.device !== "cpu") return out;
  // Items are moved as they are, whatever they stand for.
  const from = denseItems(self) as FloatItems;
  const to = out.items as FloatItems;
  forEachPlace(indices, countOf(self.shape.slice(-rank)), rank, (place, k) => {
    to[k] = from[place]!;
  });
  return out;
}

/** Calls `run` with where each index points to among all planes, and its own number. */
function forEachPlace(
  indices: Tensor,
  planeSize: number,
  rank: number,
  run: (place: number, k: number) => void,
): void {
  const words = lowWords(denseItems(indices) as BigInt64Array);
  const perPlane = countOf(indices.shape.slice(-rank));
  for (let k = 0, base = 0; k < indices.count; base += planeSize) {
    for (const end = k + perPlane; k < end; k++) run(base + words[2 * k]!, k);
  }
}

/** 64-bit integers by halves, the lower first: bigints would cost more than all else here. Places in a plane need one. */
function lowWords(items: BigInt64Array): Int32Array {
  return new Int32Array(items.buffer, items.byteOffset, 2 * items.length);
}

/**
 * The largest element of every window, and its place in its plane.
 *
 * Shape: (*, *lengths) → values and indices (int64), both (*, *windows).
 * Throws: PyTorch's NotImplementedError for dtypes that are not compared.
 */
export const largestOfWindows: Op<
  (self: Tensor, plan: PoolPlan) => readonly [values: Tensor, indices: Tensor]
> = jointOp<[Tensor, PoolPlan], readonly [Tensor, Tensor]>({
  name: "maxPool",
  gradName: (_self, { name, rank }) => `${name}${rank}D${name === "MaxPool" ? "WithIndices" : ""}Backward0`,
  tensors: (self) => [self],
  forward(self, plan) {
    requirePoolable(self, plan, plan.name === "MaxPool");
    const shape = pooledShape(self, plan);
    const indices = newTensor(dtypes.int64, shape, self.device);
    if (self.device !== "cpu") return [newTensor(self.dtype, shape, self.device), indices];
    const planes = countOf(self.shape.slice(0, -plan.rank));
    const places = new Int32Array(indices.count);
    const items = denseItems(converted(self, computeDtype(self.dtype))) as FloatItems;
    if (plan.windowsOfPlanes === undefined) largestPlaces(plan.windows, planes, items, places);
    else largestPlacesOfEach(plan.windowsOfPlanes, items, places);
    const words = lowWords(indices.items as BigInt64Array);
    for (let k = 0; k < places.length; k++) words[2 * k] = places[k]!;
    return [taken(self, indices, plan.rank), indices];
  },
  save: (inputs, outputs) => [inputs[0]!, outputs[1]!],
  // The gradient of a window goes to its largest element.
  backward: ([g], { saved: [self, indices], args: [, { rank }] }) => [
    g === null || g === undefined ? null : addToPlanes(g, indices!, self!.shape, rank),
  ],
  result: (outputs) => outputs as readonly [Tensor, Tensor],
  samples: () => [],
});

/**
 * The mean of every window.
 *
 * Shape: (*, *lengths) → (*, *windows).
 * Throws: PyTorch's NotImplementedError for integers.
 */
export const meansOfWindows: Op<(self: Tensor, plan: PoolPlan) => Tensor> = op({
  name: "avgPool",
  gradName: ({ name, rank }: PoolPlan) => `${name}${rank}DBackward0`,
  inputs: ["self"],
  forward(self, plan: PoolPlan) {
    requirePoolable(self, plan, false);
    return pooled(self, pooledShape(self, plan), plan, windowMeans);
  },
  // Linear: the gradient is its adjoint.
  backward: { self: needsNothing((g, { shape }, plan: PoolPlan) => spreadOverWindows(g, shape, plan)) },
  samples: () => [],
});

const spreadOverWindows: (self: Tensor, shape: Size, plan: PoolPlan) => Tensor = op({
  name: "avgPoolBackward",
  inputs: ["self"],
  forward: (self, shape: Size, plan: PoolPlan) => pooled(self, shape, plan, windowMeansAdjoint),
  backward: { self: needsNothing((g, _, _shape: Size, plan: PoolPlan) => meansOfWindows(g, plan)) },
  samples: () => [],
});

function pooled(self: Tensor, shape: Size, plan: PoolPlan, kernel: typeof windowMeans): Tensor {
  const compute = computeDtype(self.dtype);
  const out = newTensor(compute, shape, self.device);
  if (self.device === "cpu" && out.count > 0 && self.count > 0) {
    const planes = countOf(self.shape.slice(0, -plan.rank));
    const items = denseItems(converted(self, compute)) as FloatItems;
    kernel(plan.windows, planes, plan.divisor, items, out.items as FloatItems);
  }
  return converted(out, self.dtype);
}

/**
 * Puts elements at places of planes of zeros: the inverse of the pooling that gave the places.
 *
 * Shape: self and indices (*, *windows) → (*, *lengths).
 * Throws: PyTorch's RuntimeErrors for indices of another dtype or shape, or beyond the plane.
 */
export const putInPlanes: Op<(self: Tensor, indices: Tensor, lengths: readonly number[]) => Tensor> = op({
  name: "maxUnpool",
  gradName: (lengths: readonly number[]) => `MaxUnpool${lengths.length}DBackward0`,
  inputs: ["self", "indices"],
  forward(self, indices, lengths: readonly number[]) {
    const rank = lengths.length;
    const out = newTensor(self.dtype, toSize([...self.shape.slice(0, -rank), ...lengths]), self.device);
    if (self.device !== "cpu") return out;
    const planeSize = countOf(lengths);
    const [from, to] = [denseItems(self) as FloatItems, out.items as FloatItems];
    const wrong = (denseItems(indices) as BigInt64Array).find((place) => place < 0n || place >= planeSize);
    if (wrong !== undefined) {
      throw torchError(
        "RuntimeError",
        `Found an invalid max index: ${wrong} (output volumes are of size ${lengths.join("x")})`,
      );
    }
    forEachPlace(indices, planeSize, rank, (place, k) => {
      to[place] = from[k]!;
    });
    return out;
  },
  backward: {
    // ∂y[pᵢ]/∂xᵢ = 1
    self: needs(["indices"], (g, { indices }, lengths: readonly number[]) =>
      takeFromPlanes(g, indices, lengths.length),
    ),
  },
  samples: () => [],
});
