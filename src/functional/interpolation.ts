/**
 * Interpolation: images of another size. Modes are told apart here; the computation is `ops/resampling.ts`.
 */

import { torchError } from "../errors.ts";
import type { Filter, Taps } from "../kernels/resampling.ts";
import { cubicTaps, filteredTaps, filters, linearTaps, nearestTaps } from "../kernels/resampling.ts";
import { resampled } from "../ops/resampling.ts";
import { shapeText } from "../shape.ts";
import { pythonRepr } from "../tensor/python-repr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "./adaptive-pooling.ts";
import type { PerAxis } from "./conv.ts";

/** How elements between elements are made up. */
export type InterpolationMode =
  | "nearest"
  | "nearest-exact"
  | "linear"
  | "bilinear"
  | "bicubic"
  | "trilinear"
  | "lanczos"
  | "area";

/** Options of `interpolate`. */
export interface InterpolateOptions {
  /** The lengths to make: one for all axes, or one for each. */
  readonly size?: PerAxis | null;
  /** By what lengths are multiplied; either this or `size` is given. */
  readonly scaleFactor?: PerAxis | null;
  /** Default `"nearest"`. */
  readonly mode?: InterpolationMode;
  /** Whether first and last elements stay where they are; only where the mode looks between elements. Default false. */
  readonly alignCorners?: boolean | null;
  /** Whether positions follow from the lengths made, and not from the factors given. Default false. */
  readonly recomputeScaleFactor?: boolean | null;
  /** Whether a smaller image is made of all elements, and not only of the nearest. `"lanczos"` asks for it. Default false. */
  readonly antialias?: boolean;
}

/** The number of dimensions that modes ask for, with batch and channels. */
const ranks: Readonly<Record<string, number>> = {
  linear: 3,
  bilinear: 4,
  bicubic: 4,
  lanczos: 4,
  trilinear: 5,
};

function valueError(text: string): Error {
  return torchError("ValueError", text);
}

/** What the caller asked for: lengths, and factors where they were given and count. */
interface Goal {
  readonly lengths: readonly number[];
  readonly factors: readonly number[] | null;
}

function goalOf(given: readonly number[], options: InterpolateOptions): Goal {
  const { size = null, scaleFactor = null, recomputeScaleFactor = null } = options;
  const rank = given.length;
  const each = (value: PerAxis): readonly number[] =>
    typeof value === "number" ? Array.from({ length: rank }, () => value) : value;
  if (size !== null && scaleFactor !== null) {
    throw valueError("only one of size or scale_factor should be defined");
  }
  if (size !== null) {
    const lengths = each(size);
    if (lengths.length !== rank) {
      throw valueError(
        `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ${shapeText(given)} and output size of ${pythonRepr(lengths)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`,
      );
    }
    if (recomputeScaleFactor === true) {
      throw valueError("recompute_scale_factor is not meaningful with an explicit size.");
    }
    return { lengths, factors: null };
  }
  if (scaleFactor === null) throw valueError("either size or scale_factor should be defined");
  const factors = each(scaleFactor);
  if (factors.length !== rank) {
    throw valueError(
      `Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of ${shapeText(given)} and scale_factor of shape ${pythonRepr(factors)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.`,
    );
  }
  const lengths = given.map((length, axis) => Math.floor(length * factors[axis]!));
  return { lengths, factors: recomputeScaleFactor === true ? null : factors };
}

/** Inputs an output, along one axis. */
function scaleOf(from: number, to: number, factor: number | undefined, alignsCorners: boolean): number {
  if (alignsCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
  return factor === undefined ? from / to : 1 / factor;
}

function tapsOf(
  mode: InterpolationMode,
  from: number,
  to: number,
  factor: number | undefined,
  alignsCorners: boolean,
): Taps {
  const scale = scaleOf(from, to, factor, alignsCorners);
  switch (mode) {
    case "nearest":
    case "nearest-exact":
      return nearestTaps(from, to, scale, mode === "nearest-exact");
    case "bicubic":
      return cubicTaps(from, to, scale, alignsCorners);
    default:
      return linearTaps(from, to, scale, alignsCorners);
  }
}

/** PyTorch's names: of the node `UpsampleBilinear2DBackward0`, of the loop `upsample_bilinear2d`. */
function namesOf(mode: InterpolationMode, rank: number): { nodeName: string; kernel: string } {
  const words = mode.split("-");
  const title = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return { nodeName: `Upsample${title}${rank}DBackward0`, kernel: `upsample_${words.join("_")}${rank}d` };
}

/** Height and width up to which PyTorch's loop for small images is taken, together. */
const smallImage = 128;

/**
 * Whether an axis keeps its length or doubles it, in which case PyTorch's loop for small images forgets the factor:
 * `interpolate(x, { scaleFactor: 1.3 })` of two pixels are the same two pixels.
 */
function isExactMultiple(
  mode: InterpolationMode,
  length: number,
  axis: number,
  lengths: readonly number[],
): boolean {
  const isSmall = mode === "nearest" && lengths.length === 2 && lengths[0]! + lengths[1]! <= smallImage;
  return isSmall && (lengths[axis] === length || lengths[axis] === 2 * length);
}

const adaptive = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d] as const;

/**
 * An image of another size.
 *
 * Shape: (N, channels, *lengths) → (N, channels, *size), with one to three lengths; `"linear"` takes one, `"bilinear"` and
 * `"bicubic"` and `"lanczos"` two, `"trilinear"` three.
 * Throws: PyTorch's errors for sizes, modes and options that do not go together.
 * Differs from PyTorch: with `antialias` images that are to be one element wide have the values that their gradients belong to;
 * PyTorch 2.13 repeats the first row.
 *
 * @example
 * interpolate(tensor([[[1, 2]]], { dtype: "float32" }), { scaleFactor: 2 }); // tensor([[[1., 1., 2., 2.]]])
 */
export function interpolate(input: Tensor, options: InterpolateOptions = {}): Tensor {
  const { mode = "nearest", alignCorners = null, antialias = false } = options;
  const isBetween = mode in ranks;
  if (!isBetween && alignCorners !== null) {
    throw valueError(
      "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    );
  }
  const given = input.shape.slice(2);
  const goal = goalOf(given, options);
  const filter = antialias ? filterOf(mode, input.ndim) : null;
  checkMode(mode, input.ndim);
  if (mode === "lanczos" && alignCorners === true) {
    throw valueError("Lanczos mode does not support align_corners=True");
  }
  if (mode === "lanczos" && filter === null) throw valueError("Lanczos mode requires antialias=True");
  checkLengths(input, goal.lengths);
  const rank = given.length;
  if (mode === "area") return adaptive[rank - 1]!(input, goal.lengths);
  const factors = given.map((length, axis) =>
    isExactMultiple(mode, length, axis, goal.lengths) ? undefined : goal.factors?.[axis],
  );
  if (filter !== null) {
    const taps = given.map((length, axis) => {
      const made = goal.lengths[axis]!;
      return filteredTaps(length, made, scaleOf(length, made, factors[axis], alignCorners ?? false), filter);
    });
    const { nodeName } = namesOf(mode, rank);
    const kernel = "compute_index_ranges_weights";
    return resampled(input, { nodeName: nodeName.replace("Backward0", "AaBackward0"), kernel, taps });
  }
  const taps = given.map((length, axis) =>
    tapsOf(mode, length, goal.lengths[axis]!, factors[axis], alignCorners ?? false),
  );
  return resampled(input, { ...namesOf(mode, rank), taps });
}

/** The filter against aliasing. Throws: PyTorch's ValueError where there is none. */
function filterOf(mode: InterpolationMode, ndim: number): Filter {
  if (ndim === 4 && (mode === "bilinear" || mode === "bicubic" || mode === "lanczos")) return filters[mode];
  throw valueError(
    "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input",
  );
}

function checkMode(mode: InterpolationMode, ndim: number): void {
  const isKnown = mode in ranks || mode === "nearest" || mode === "nearest-exact" || mode === "area";
  const isAmong = ndim >= 3 && ndim <= 5;
  if (!isKnown || !isAmong || ((mode === "bicubic" || mode === "lanczos") && ndim !== 4)) {
    throw torchError(
      "NotImplementedError",
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${mode})`,
    );
  }
  const wanted = ranks[mode];
  if (wanted !== undefined && wanted !== ndim) {
    throw torchError("NotImplementedError", `Got ${ndim}D input, but ${mode} mode needs ${wanted}D input`);
  }
}

function checkLengths(input: Tensor, lengths: readonly number[]): void {
  const given = input.shape.slice(2);
  const names = ["D", "H", "W"].slice(-lengths.length);
  const text = (numbers: readonly number[]): string =>
    names.map((name, k) => `${name}: ${numbers[k]}`).join(", ");
  if ([...given, ...lengths].some((length) => length <= 0)) {
    throw torchError(
      "RuntimeError",
      `Input and output sizes should be greater than 0, but got input (${text(given)}) output (${text(lengths)})`,
    );
  }
  if (input.shape[1] === 0) {
    throw torchError(
      "RuntimeError",
      `Non-empty ${input.ndim}D data tensor expected but got a tensor with sizes ${shapeText(input.shape)}`,
    );
  }
}
