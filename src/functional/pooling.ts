/**
 * Pooling by name. The computation is `ops/pooling.ts`; here windows are laid out and arguments checked. In one dimension
 * it is done as in two, with a height of 1, as PyTorch does it.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { AxisWindows, SlidingWindows, Windows } from "../kernels/pooling.ts";
import { onePosition, slidingWindows, windowCount } from "../kernels/pooling.ts";
import type { PoolPlan } from "../ops/pooling.ts";
import { largestOfWindows, meansOfWindows } from "../ops/pooling.ts";
import { notImplemented } from "../ops/loop-dtypes.ts";
import { namedArguments } from "../ops/named-arguments.ts";
import { countOf, shapeText } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { PerAxis } from "./conv.ts";

/** Options of max pooling. */
export interface MaxPoolOptions {
  /** How far windows are apart. Default: their lengths. */
  readonly stride?: PerAxis | null;
  /** How many positions are added at both ends, which never are the largest. Default 0. */
  readonly padding?: PerAxis;
  /** How far elements of a window are apart. Default 1. */
  readonly dilation?: PerAxis;
  /** Whether a last window may reach beyond the end. Default false. */
  readonly ceilMode?: boolean;
}

/** Options of average pooling. */
export interface AvgPoolOptions {
  /** How far windows are apart. Default: their lengths. */
  readonly stride?: PerAxis | null;
  /** How many zeros are added at both ends. Default 0. */
  readonly padding?: PerAxis;
  /** Whether a last window may reach beyond the end. Default false. */
  readonly ceilMode?: boolean;
  /** Whether the zeros at the ends count as elements. Default true. */
  readonly countIncludePad?: boolean;
  /** What sums are divided by, instead of the number of elements. Default: none. Not in one dimension. */
  readonly divisorOverride?: number | null;
}

/** A pooled tensor, and where in its plane each element was. */
export type PooledWithIndices = readonly [output: Tensor, indices: Tensor];

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

const counts: readonly string[] = ["", "single int", "two ints", "three ints"];

/** One number for each of `rank` axes. */
function perAxis(name: string, what: string, value: PerAxis, rank: number): readonly number[] {
  const values = typeof value === "number" ? [value] : value;
  if (values.length === rank) return values;
  if (values.length === 1) return Array.from({ length: rank }, () => values[0]!);
  if (rank === 1) {
    return refuse(`${name}() argument '${what}' should contain one int (got ${values.length})`);
  }
  return refuse(`${name}: ${what} must either be a single int, or a tuple of ${counts[rank]}`);
}

interface Slides {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly isCeil: boolean;
  readonly countsPadding: boolean;
}

function slidesOf(
  name: string,
  rank: number,
  kernelSize: PerAxis,
  options: MaxPoolOptions & AvgPoolOptions,
): Slides {
  const numbers = (what: string, value: PerAxis): readonly number[] => perAxis(name, what, value, rank);
  const kernel = numbers("kernel_size", kernelSize);
  const given = options.stride ?? [];
  return {
    kernel,
    // An empty list stands for the kernel's lengths, as in PyTorch.
    stride: Array.isArray(given) && given.length === 0 ? kernel : numbers("stride", given),
    padding: numbers("padding", options.padding ?? 0),
    dilation: numbers("dilation", options.dilation ?? 1),
    isCeil: options.ceilMode ?? false,
    countsPadding: options.countIncludePad ?? true,
  };
}

/** The windows of each axis. Throws: PyTorch's RuntimeErrors for numbers that make none. */
function layOut(name: string, { shape }: Tensor, slides: Slides): readonly AxisWindows[] {
  const { kernel, stride, padding, dilation, isCeil, countsPadding } = slides;
  const rank = kernel.length;
  const lengths = shape.slice(-rank);
  const isLine = name === "max_pool1d";
  if (isLine && kernel[0]! <= 0)
    refuse(`${name}() kernel_size must be greater than zero, but got ${kernel[0]}`);
  if (stride.includes(0)) {
    refuse(isLine ? `${name}() stride must be greater than zero, but got 0` : "stride should not be zero");
  }
  if (kernel.some((length) => length <= 0))
    refuse(`kernel size should be greater than zero, but got ${kernel.join(" ")}`);
  if (dilation.some((value) => value <= 0)) {
    const axes = ["T", "H", "W"].slice(-rank);
    const text = axes.map((axis, k) => `dilation${axis}: ${dilation[k]}`).join(" ");
    refuse(`dilation should be greater than zero, but got ${text}`);
  }
  const axes = lengths.map((length, k): SlidingWindows => ({
    length,
    kernel: kernel[k]!,
    stride: stride[k]!,
    padding: padding[k]!,
    dilation: dilation[k]!,
    isCeil,
    countsPadding,
  }));
  const fat = axes.find((axis) => axis.padding > Math.floor((axis.dilation * (axis.kernel - 1) + 1) / 2));
  if (fat !== undefined) {
    refuse(
      isLine
        ? `${name}() padding should be at most half of kernel size, but got padding=${fat.padding} and kernel_size=${fat.kernel}`
        : `pad should be at most half of effective kernel size, but got pad=${fat.padding}, kernel_size=${fat.kernel} and dilation=${fat.dilation}`,
    );
  }
  // Only for means in three dimensions, and whatever the padding.
  if (name === "avg_pool3d" && lengths.some((length, k) => length < kernel[k]!)) {
    const [t, h, w] = lengths;
    const [kt, kh, kw] = kernel;
    refuse(`input image (T: ${t} H: ${h} W: ${w}) smaller than kernel size (kT: ${kt} kH: ${kh} kW: ${kw})`);
  }
  const made = axes.map(windowCount);
  if (made.some((count) => count < 1)) {
    const channels = shape[shape.length - rank - 1]!;
    const crossed = (numbers: readonly number[]): string => `(${[channels, ...numbers].join("x")})`;
    const [before, after] =
      rank === 1
        ? [
            [1, ...lengths],
            [1, ...made],
          ]
        : [lengths, made];
    refuse(
      isLine
        ? `${name}() Invalid computed output size: ${made[0]}`
        : `Given input size: ${crossed(before)}. Calculated output size: ${crossed(after)}. Output size is too small`,
    );
  }
  return axes.map(slidingWindows);
}

/** A plan for the last dimensions, of which there are two at least. */
export function poolPlan(name: string, axes: readonly AxisWindows[], divisor: number): PoolPlan {
  const filled = [onePosition, onePosition, ...axes].slice(-3) as unknown as Windows;
  return { name, rank: axes.length === 3 ? 3 : 2, windows: filled, divisor };
}

function checkMaxInput(name: string, { shape }: Tensor, rank: number): void {
  const isEmpty = shape.slice(shape.length - rank - 1).includes(0);
  const isRank = shape.length === rank + 1 || shape.length === rank + 2;
  const expected = `Expected ${rank + 1}D or ${rank + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:${shapeText(shape)}`;
  if (rank === 1) {
    if (!isRank || isEmpty) refuse(`${name}: ${expected}`);
    return;
  }
  if (!isRank) refuse(`non-empty ${rank + 1}D or ${rank + 2}D (batch mode) tensor expected for input`);
  if (isEmpty) refuse(expected);
}

/** Runs with a height of 1 where there is one dimension. */
function withHeight<T extends Tensor | PooledWithIndices>(
  input: Tensor,
  rank: number,
  run: (input: Tensor) => T,
): T {
  if (rank > 1) return run(input);
  const made = run(input.unsqueeze(-2));
  return (
    Array.isArray(made) ? made.map((tensor: Tensor) => tensor.squeeze(-2)) : (made as Tensor).squeeze(-2)
  ) as T;
}

/** With their places, lines are pooled as images of height 1 from the start, and told about as such. */
function maxPoolLine(input: Tensor, kernelSize: PerAxis, options: MaxPoolOptions): PooledWithIndices {
  const { kernel, stride, padding, dilation, isCeil } = slidesOf("max_pool1d", 1, kernelSize, options);
  if (input.ndim !== 2 && input.ndim !== 3) {
    refuse(
      `Expected 2 to 3 dimensions, but got ${input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for max_pool1d)`,
    );
  }
  const [output, indices] = maxPool(2, input.unsqueeze(-2), [1, kernel[0]!], {
    stride: [1, stride[0]!],
    padding: [0, padding[0]!],
    dilation: [1, dilation[0]!],
    ceilMode: isCeil,
  });
  return [output.squeeze(-2), indices.squeeze(-2)];
}

function maxPool(
  rank: number,
  input: Tensor,
  kernelSize: PerAxis,
  options: MaxPoolOptions,
): PooledWithIndices {
  const name = `max_pool${rank}d`;
  const slides = slidesOf(name, rank, kernelSize, options);
  checkMaxInput(name, input, rank);
  const plan = poolPlan("MaxPool", layOut(name, input, slides), 0);
  return withHeight(input, rank, (planes) => largestOfWindows(planes, plan));
}

function avgPool(rank: number, input: Tensor, kernelSize: PerAxis, options: AvgPoolOptions): Tensor {
  const name = `avg_pool${rank}d`;
  const slides = slidesOf(name, rank, kernelSize, options);
  const { ndim, shape } = input;
  if (rank === 1 && ndim !== 2 && ndim !== 3) {
    refuse(
      `Expected 2 to 3 dimensions, but got ${ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`,
    );
  }
  if (rank === 2) input.size(-3);
  if (rank === 3 && ndim !== 4 && ndim !== 5) {
    refuse("non-empty 4D or 5D (batch mode) tensor expected for input");
  }
  const empty = shape.slice(-rank - 1).indexOf(0);
  if (rank === 3 && empty >= 0) {
    // PyTorch says 0 whichever it is.
    refuse(
      `${name}(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${shapeText(shape)} and non-batch dimension 0 has length zero!`,
    );
  }
  if (ndim > rank + 2 || empty >= 0) {
    refuse(
      `Expected ${rank + 1}D or ${rank + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:${shapeText(shape)}`,
    );
  }
  const divisor = options.divisorOverride ?? null;
  if (divisor === 0) refuse("divisor must be not zero");
  const plan = poolPlan("AvgPool", layOut(name, input, slides), divisor ?? 0);
  if (input.dtype === dtypes.int64) {
    // Integers are divided as integers, towards 0.
    return withHeight(input.double(), rank, (planes) => meansOfWindows(planes, plan))
      .trunc()
      .long();
  }
  return withHeight(input, rank, (planes) => meansOfWindows(planes, plan));
}

/** The stride may stand alone: `maxPool2d(x, 2, 2)`. */
type MaxPoolArguments = [stride?: PerAxis | null | MaxPoolOptions, options?: MaxPoolOptions];

/**
 * The largest element of each window.
 *
 * Shape: (N, channels, length) or (channels, length) → (…, windows).
 * Throws: PyTorch's RuntimeErrors for windows that do not fit, and for tensors that are not floating-point.
 *
 * @example
 * maxPool1d(tensor([[1.5, 3, 2, 5]]), 2); // tensor([[3., 5.]])
 */
export function maxPool1d(input: Tensor, kernelSize: PerAxis, ...args: MaxPoolArguments): Tensor {
  // Its kernel is not that of the other two, and of `maxPool1dWithIndices`, which take integers.
  if (input.dtype.kind !== "float") throw notImplemented("max_pool1d_impl", input.dtype);
  return maxPool(1, input, kernelSize, namedArguments<MaxPoolOptions>("max_pool1d", ["stride"], args))[0];
}

/**
 * The largest element of each window.
 *
 * Shape: (N, channels, height, width) or unbatched → (…, windows, windows).
 * Throws: PyTorch's RuntimeErrors for windows that do not fit.
 *
 * @example
 * maxPool2d(arange(16).view(1, 4, 4), 2); // tensor([[[5, 7], [13, 15]]])
 */
export function maxPool2d(input: Tensor, kernelSize: PerAxis, ...args: MaxPoolArguments): Tensor {
  return maxPool(2, input, kernelSize, namedArguments<MaxPoolOptions>("max_pool2d", ["stride"], args))[0];
}

/** The largest element of each window. Shape: (N, channels, depth, height, width) or unbatched. Throws: as `maxPool2d`. */
export function maxPool3d(input: Tensor, kernelSize: PerAxis, ...args: MaxPoolArguments): Tensor {
  return maxPool(3, input, kernelSize, namedArguments<MaxPoolOptions>("max_pool3d", ["stride"], args))[0];
}

/** `maxPool1d`, and where in its line each element was, int64. Throws: as `maxPool2d`. */
export function maxPool1dWithIndices(
  input: Tensor,
  kernelSize: PerAxis,
  options: MaxPoolOptions = {},
): PooledWithIndices {
  return maxPoolLine(input, kernelSize, options);
}

/** `maxPool2d`, and where in its plane each element was, int64. Throws: as `maxPool1d`. */
export function maxPool2dWithIndices(
  input: Tensor,
  kernelSize: PerAxis,
  options: MaxPoolOptions = {},
): PooledWithIndices {
  return maxPool(2, input, kernelSize, options);
}

/** `maxPool3d`, and where in its volume each element was, int64. Throws: as `maxPool1d`. */
export function maxPool3dWithIndices(
  input: Tensor,
  kernelSize: PerAxis,
  options: MaxPoolOptions = {},
): PooledWithIndices {
  return maxPool(3, input, kernelSize, options);
}

/**
 * The mean of each window.
 *
 * Shape: (N, channels, length) or (channels, length) → (…, windows).
 * Throws: PyTorch's RuntimeErrors for windows that do not fit; its NotImplementedError for integers.
 */
export function avgPool1d(
  input: Tensor,
  kernelSize: PerAxis,
  options: Omit<AvgPoolOptions, "divisorOverride"> = {},
): Tensor {
  return avgPool(1, input, kernelSize, options);
}

/** The mean of each window. Shape: (N, channels, height, width) or unbatched. Throws: as `avgPool1d`. */
export function avgPool2d(input: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(2, input, kernelSize, options);
}

/** The mean of each window. Shape: (N, channels, depth, height, width) or unbatched. Throws: as `avgPool1d`. */
export function avgPool3d(input: Tensor, kernelSize: PerAxis, options: AvgPoolOptions = {}): Tensor {
  return avgPool(3, input, kernelSize, options);
}

/** Options of power-average pooling. */
export interface LpPoolOptions {
  /** How far windows are apart. Default: their lengths. */
  readonly stride?: PerAxis | null;
  /** Whether a last window may reach beyond the end. Default false. */
  readonly ceilMode?: boolean;
}

function lpPool(rank: number, input: Tensor, p: number, kernelSize: PerAxis, options: LpPoolOptions): Tensor {
  const size = countOf(perAxis(`lp_pool${rank}d`, "kernel_size", kernelSize, rank));
  const mean = avgPool(rank, input.pow({ kind: "float", value: p }), kernelSize, options);
  return mean
    .sign()
    .mul(mean.abs().relu())
    .mul(size)
    .pow(1 / p);
}

/** The p-norm of each window, (Σ xᵖ)^(1/p). Shape and throws: as `avgPool1d`. */
export function lpPool1d(
  input: Tensor,
  normType: number,
  kernelSize: PerAxis,
  options: LpPoolOptions = {},
): Tensor {
  return lpPool(1, input, normType, kernelSize, options);
}

/** The p-norm of each window. Shape and throws: as `avgPool2d`. */
export function lpPool2d(
  input: Tensor,
  normType: number,
  kernelSize: PerAxis,
  options: LpPoolOptions = {},
): Tensor {
  return lpPool(2, input, normType, kernelSize, options);
}

/** The p-norm of each window. Shape and throws: as `avgPool3d`. */
export function lpPool3d(
  input: Tensor,
  normType: number,
  kernelSize: PerAxis,
  options: LpPoolOptions = {},
): Tensor {
  return lpPool(3, input, normType, kernelSize, options);
}
