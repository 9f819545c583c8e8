/**
 * Sampling images at places of a grid: `gridSample`, and `affineGrid`, which makes grids of affine maps. Both are composed of
 * ops, so their gradients, also second ones, are those of the formulas.
 */

import { torchError } from "../errors.ts";
import { linspace } from "../ops/creation-sequences.ts";
import { ones, zeros } from "../ops/creation.ts";
import { stack } from "../ops/joining.ts";
import { where } from "../ops/where.ts";
import { countOf, shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** Options of `gridSample`. */
export interface GridSampleOptions {
  /** How values between elements are made up; `"bilinear"` is trilinear in volumes. Default `"bilinear"`. */
  readonly mode?: "bilinear" | "nearest" | "bicubic";
  /** What lies beyond the edge. Default `"zeros"`. */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** Whether −1 and 1 are the middles of the outermost elements, and not their outer edges. Default false. */
  readonly alignCorners?: boolean | null;
}

/** Options of `affineGrid`. */
export interface AffineGridOptions {
  /** As of `gridSample`. */
  readonly alignCorners?: boolean | null;
}

const defaultText =
  "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for details.";

/** How coordinates along one axis become places of elements. */
interface Axis {
  readonly length: number;
  readonly alignsCorners: boolean;
  readonly paddingMode: "zeros" | "border" | "reflection";
}

/** An element's part in samples: its places, and its weight there, 0 beyond the edge. */
interface Tap {
  readonly places: Tensor;
  readonly weights: Tensor;
}

/** From [−1, 1] to places: aligned (x + 1)/2 · (length − 1), else ((x + 1) · length − 1)/2. */
function toPlaces(x: Tensor, { length, alignsCorners }: Axis): Tensor {
  return alignsCorners
    ? x
        .add(1)
        .div(2)
        .mul(length - 1)
    : x.add(1).mul(length).sub(1).div(2);
}

/** Holds places within the image; on and beyond its edge nothing moves, so there is no gradient. */
function clipped(x: Tensor, length: number): Tensor {
  const isInside = x.gt(0).logicalAnd(x.lt(length - 1));
  return where(isInside, x, x.detach().clamp(0, length - 1));
}

/** Folds places back at the edges, as between two mirrors. */
function reflected(x: Tensor, { length, alignsCorners }: Axis): Tensor {
  const low = alignsCorners ? 0 : -0.5;
  const span = alignsCorners ? length - 1 : length;
  if (span === 0) return x.mul(0);
  const distance = x.sub(low).abs();
  const flips = distance.detach().div(span).floor();
  const extra = distance.sub(flips.mul(span));
  return where(flips.remainder(2).eq(0), extra.add(low), extra.neg().add(span + low));
}

function padded(x: Tensor, axis: Axis): Tensor {
  switch (axis.paddingMode) {
    case "zeros":
      return x;
    case "border":
      return clipped(x, axis.length);
    case "reflection":
      return clipped(reflected(x, axis), axis.length);
  }
}

/** A tap at places without fraction; beyond the edge it has no weight. */
function tapAt(places: Tensor, weights: Tensor, length: number): Tap {
  const isInside = places.ge(0).logicalAnd(places.le(length - 1));
  return {
    places: places
      .clamp(0, length - 1)
      .nanToNum({ nan: 0 })
      .long(),
    weights: where(isInside, weights, weights.mul(0).nanToNum({ nan: 0 })),
  };
}

function nearestTaps(x: Tensor, axis: Axis): Tap[] {
  const places = padded(toPlaces(x, axis), axis).round();
  return [tapAt(places.detach(), places.mul(0).add(1), axis.length)];
}

function linearTaps(x: Tensor, axis: Axis): Tap[] {
  const places = padded(toPlaces(x, axis), axis);
  const first = places.detach().floor();
  const part = places.sub(first);
  return [tapAt(first, part.neg().add(1), axis.length), tapAt(first.add(1), part, axis.length)];
}

/** Keys' cubic convolution with A = −0.75, as PyTorch has it. */
const a = -0.75;

/** The cubic within distance 1: ((A + 2)·x − (A + 3))·x² + 1. */
function nearCubic(x: Tensor): Tensor {
  return x
    .mul(a + 2)
    .sub(a + 3)
    .mul(x)
    .mul(x)
    .add(1);
}

/** The cubic from 1 to 2: ((A·x − 5A)·x + 8A)·x − 4A. */
function farCubic(x: Tensor): Tensor {
  return x
    .mul(a)
    .sub(5 * a)
    .mul(x)
    .add(8 * a)
    .mul(x)
    .sub(4 * a);
}

function cubicTaps(x: Tensor, axis: Axis): Tap[] {
  const places = toPlaces(x, axis);
  const first = places.detach().floor();
  const part = places.sub(first);
  const rest = part.neg().add(1);
  const weights = [farCubic(part.add(1)), nearCubic(part), nearCubic(rest), farCubic(rest.add(1))];
  // Here each element that is looked at is held within the image, not the place itself.
  return weights.map((each, k) => tapAt(padded(first.add(k - 1), axis), each, axis.length));
}

function checkShapes(input: Tensor, grid: Tensor, mode: string): void {
  const sizes = `${shapeText(input.shape)} and grid with sizes ${shapeText(grid.shape)}`;
  const refuse = (text: string): never => {
    throw torchError("RuntimeError", `grid_sampler(): ${text}`);
  };
  if (input.shape[0] !== grid.shape[0]) {
    refuse(`expected grid and input to have same batch size, but got input with sizes ${sizes}`);
  }
  const rank = input.ndim - 2;
  if (grid.shape.at(-1) !== rank) {
    refuse(
      `expected grid to have size ${rank} in last dimension, but got grid with sizes ${shapeText(grid.shape)}`,
    );
  }
  const empty = input.shape.findIndex((length, axis) => axis >= 2 && length === 0);
  if (empty >= 0) {
    refuse(
      `expected input to have non-empty spatial dimensions, but input has sizes ${shapeText(input.shape)} with dimension ${empty} being empty`,
    );
  }
  if ((rank !== 2 && rank !== 3) || grid.ndim !== input.ndim) {
    refuse(
      `expected ${rank === 2 ? 4 : 5}D input and grid with same number of dimensions, but got input with sizes ${sizes}`,
    );
  }
  if (mode === "bicubic" && rank === 3) refuse("bicubic interpolation only supports 4D input");
}

/**
 * The values of an image at places of a grid, whose last dimension holds x, y (and z) from −1 to 1.
 *
 * Shape: input (N, channels, height, width), grid (N, rows, columns, 2) → (N, channels, rows, columns); in volumes input
 * (N, channels, depth, height, width) and grid (N, slices, rows, columns, 3).
 * Throws: PyTorch's ValueErrors for modes, its RuntimeErrors for shapes.
 *
 * @example
 * const image = tensor([[[[0.5, 1], [2, 4]]]]);
 * const grid = affineGrid(eye(2, 3).unsqueeze(0), [1, 1, 2, 2], { alignCorners: false });
 * gridSample(image, grid, { alignCorners: false }).flatten(); // tensor([0.5000, 1.0000, 2.0000, 4.0000])
 */
export function gridSample(input: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = "bilinear", paddingMode = "zeros", alignCorners = null } = options;
  const tapsOf = { bilinear: linearTaps, nearest: nearestTaps, bicubic: cubicTaps }[mode] as
    | typeof linearTaps
    | undefined;
  if (tapsOf === undefined) {
    throw torchError(
      "ValueError",
      `nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${String(mode)}'`,
    );
  }
  if (!["zeros", "border", "reflection"].includes(paddingMode)) {
    throw torchError(
      "ValueError",
      `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${String(paddingMode)}'`,
    );
  }
  if (alignCorners === null) warn(defaultText);
  checkShapes(input, grid, mode);
  const lengths = input.shape.slice(2);
  const samples = input.shape[0]!;
  const points = grid.reshape(samples, -1, lengths.length);
  // Coordinates come with the innermost axis first.
  const taps = lengths.map((length, axis) =>
    tapsOf(points.select(-1, lengths.length - 1 - axis), {
      length,
      alignsCorners: alignCorners ?? false,
      paddingMode,
    }),
  );
  const planes = input.reshape(samples, input.shape[1]!, countOf(lengths));
  const parts = combined(taps, lengths).map(({ places, weights }) => {
    const index = places.unsqueeze(1).expand(-1, input.shape[1]!, -1);
    return planes.gather(2, index).mul(weights.unsqueeze(1));
  });
  const output = parts.reduce((sum, part) => sum.add(part));
  return output.reshape(samples, input.shape[1]!, ...grid.shape.slice(1, -1));
}

/** The taps of planes or volumes: every combination of taps along the axes. */
function combined(taps: readonly (readonly Tap[])[], lengths: readonly number[]): Tap[] {
  return taps.reduce<Tap[]>(
    (made, along, axis) =>
      axis === 0
        ? [...along]
        : made.flatMap(({ places, weights }) =>
            along.map((tap) => ({
              places: places.mul(lengths[axis]!).add(tap.places),
              weights: weights.mul(tap.weights),
            })),
          ),
    [],
  );
}

/** The coordinates of `count` elements between −1 and 1. */
function coordinates(count: number, alignsCorners: boolean, theta: Tensor): Tensor {
  const options = { dtype: theta.dtype, device: theta.device };
  if (count <= 1) return zeros(count, options);
  const spread = linspace(-1, 1, count, options);
  return alignsCorners ? spread : spread.mul(count - 1).div(count);
}

/**
 * The grid by which `gridSample` moves images: each place of the output, mapped by an affine matrix.
 *
 * Shape: theta (N, 2, 3) and size [N, channels, height, width] → (N, height, width, 2); theta (N, 3, 4) and size [N, channels,
 * depth, height, width] → (N, depth, height, width, 3).
 * Throws: PyTorch's errors for shapes and sizes that do not fit.
 */
export function affineGrid(theta: Tensor, size: readonly number[], options: AffineGridOptions = {}): Tensor {
  const alignCorners = options.alignCorners ?? null;
  if (alignCorners === null) warn(defaultText);
  if (theta.dtype.kind !== "float") {
    throw torchError(
      "ValueError",
      `Expected theta to have floating point type, but got ${String(theta.dtype)}`,
    );
  }
  const rank = size.length - 2;
  const sizeText = "numel" in size ? String(size) : shapeText(size);
  if (rank !== 2 && rank !== 3) {
    throw torchError(
      "NotImplementedError",
      `affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ${sizeText}.`,
    );
  }
  if (theta.ndim !== 3 || theta.shape[1] !== rank || theta.shape[2] !== rank + 1) {
    throw torchError(
      "ValueError",
      `Expected a batch of ${rank}D affine matrices of shape Nx${rank}x${rank + 1} for size ${sizeText}. Got ${String(theta.shape)}.`,
    );
  }
  const lengths = size.slice(2);
  if (alignCorners === true && Math.min(...lengths) === 1) {
    warn(
      "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. This is not an intended use case of affine_grid. See the documentation of affine_grid for details.",
    );
  } else if (Math.min(...size) <= 0) {
    throw torchError("ValueError", `Expected non-zero, positive output size. Got ${sizeText}`);
  }
  const axes = lengths.map((length, axis) =>
    coordinates(length, alignCorners ?? false, theta)
      .reshape(lengths.map((_, k) => (k === axis ? length : 1)))
      .expand(lengths),
  );
  const one = ones(lengths, { dtype: theta.dtype, device: theta.device });
  const base = stack([...axes.toReversed(), one], { dim: -1 }).reshape(1, -1, rank + 1);
  return base
    .expand(size[0]!, -1, -1)
    .bmm(theta.transpose(1, 2))
    .reshape(size[0]!, ...lengths, rank);
}
