/**
 * `nn.init`: how parameters get their first values, drawn from PyTorch's streams in PyTorch's order. Every function writes
 * into its tensor, without recording, and returns it.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { torchError } from "../errors.ts";
import { namedArguments } from "../ops/named-arguments.ts";
import { randperm } from "../ops/random-creation.ts";
import { destinationOf } from "../ops/random.ts";
import { countOf, toSize } from "../shape.ts";
import { setElementAt } from "../tensor/elements.ts";
import type { Generator } from "../tensor/random/index.ts";
import { defaultGenerator, fillTruncatedNormal } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** Options of the functions that draw. */
export interface DrawOptions {
  /** The stream to draw from. Default: the global one. */
  readonly generator?: Generator;
}

/** Options of `uniform_`. */
export interface UniformInitOptions extends DrawOptions {
  /** The smallest number. Default 0. */
  readonly a?: number;
  /** The end, which is not drawn. Default 1. */
  readonly b?: number;
}

/**
 * Draws evenly from [a, b).
 *
 * @example
 * init.uniform_(layer.weight, -0.1, 0.1);
 */
export function uniform_(
  tensor: Tensor,
  ...args: [a?: number | UniformInitOptions, b?: number | UniformInitOptions, options?: UniformInitOptions]
): Tensor {
  const { a = 0, b = 1, ...options } = namedArguments<UniformInitOptions>("uniform_", ["a", "b"], args);
  return noGrad(() => tensor.uniform_(a, b, options));
}

/** Options of `normal_`. */
export interface NormalInitOptions extends DrawOptions {
  /** Default 0. */
  readonly mean?: number;
  /** The standard deviation. Default 1. */
  readonly std?: number;
}

/** Draws from a normal distribution. */
export function normal_(
  tensor: Tensor,
  ...args: [mean?: number | NormalInitOptions, std?: number | NormalInitOptions, options?: NormalInitOptions]
): Tensor {
  const {
    mean = 0,
    std = 1,
    ...options
  } = namedArguments<NormalInitOptions>("normal_", ["mean", "std"], args);
  return noGrad(() => tensor.normal_(mean, std, options));
}

/** Options of `truncNormal_`. */
export interface TruncatedNormalOptions extends NormalInitOptions {
  /** The smallest number. Default -2. */
  readonly a?: number;
  /** The largest number. Default 2. */
  readonly b?: number;
}

/** Draws from a normal distribution cut off at `a` and `b`, which are no multiples of `std`. */
export function truncNormal_(tensor: Tensor, options: TruncatedNormalOptions = {}): Tensor {
  const { mean = 0, std = 1, a = -2, b = 2, generator = defaultGenerator } = options;
  if (mean < a - 2 * std || mean > b + 2 * std) {
    warn(
      "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.",
    );
  }
  if (tensor.device === "cpu") fillTruncatedNormal(generator, destinationOf(tensor), mean, std, a, b);
  tensor.version.value++;
  return tensor;
}

/** Sets all elements to a number. */
export function constant_(tensor: Tensor, value: number): Tensor {
  return noGrad(() => tensor.fill_(value));
}

/** Sets all elements to 1. */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Sets all elements to 0. */
export function zeros_(tensor: Tensor): Tensor {
  return noGrad(() => tensor.zero_());
}

/** Makes a matrix the identity. Throws: PyTorch's ValueError for what is no matrix. */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw torchError("ValueError", "Only tensors with 2 dimensions are supported");
  zeros_(tensor);
  const { shape, strides } = tensor;
  const count = Math.min(shape[0]!, shape[1]!);
  for (let k = 0; k < count; k++) setElementAt(tensor, tensor.offset + k * (strides[0]! + strides[1]!), 1);
  return tensor;
}

/** Options of `dirac_`. */
export interface DiracOptions {
  /** Default 1. */
  readonly groups?: number;
}

/**
 * Makes a convolution give its input back: channel k of each group goes to channel k.
 *
 * Throws: PyTorch's ValueErrors for other than 3 to 5 dimensions, and for channels that groups do not divide.
 */
export function dirac_(tensor: Tensor, options: DiracOptions = {}): Tensor {
  const { groups = 1 } = options;
  const { shape, strides } = tensor;
  if (tensor.ndim < 3 || tensor.ndim > 5) {
    throw torchError("ValueError", "Only tensors with 3, 4, or 5 dimensions are supported");
  }
  if (shape[0]! % groups !== 0) throw torchError("ValueError", "dim 0 must be divisible by groups");
  zeros_(tensor);
  const perGroup = shape[0]! / groups;
  const middle = shape
    .slice(2)
    .reduce((at, length, k) => at + Math.floor(length / 2) * strides[k + 2]!, tensor.offset);
  for (let group = 0; group < groups; group++) {
    for (let k = 0; k < Math.min(perGroup, shape[1]!); k++) {
      setElementAt(tensor, middle + (group * perGroup + k) * strides[0]! + k * strides[1]!, 1);
    }
  }
  return tensor;
}

/** How many inputs and outputs an element of a weight connects. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * The fans of a weight (out, in, *kernel).
 *
 * Throws: PyTorch's ValueError for fewer than two dimensions.
 */
export function fanInAndFanOut(tensor: Tensor): Fans {
  if (tensor.ndim < 2) {
    throw torchError(
      "ValueError",
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
  }
  const [out, input, ...kernel] = tensor.shape;
  const field = countOf(kernel);
  return { fanIn: input! * field, fanOut: out! * field };
}

/** What may follow a weight, by PyTorch's name. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

/**
 * By how much a nonlinearity shrinks what goes through it.
 *
 * Throws: PyTorch's ValueErrors for other names and for a slope that is no number.
 *
 * @example
 * init.calculateGain("relu"); // 1.4142135623730951
 */
export function calculateGain(nonlinearity: Nonlinearity, param?: number | null): number {
  switch (nonlinearity) {
    case "linear":
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "conv_transpose1d":
    case "conv_transpose2d":
    case "conv_transpose3d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.sqrt(2);
    case "leaky_relu": {
      const slope = param ?? 0.01;
      if (typeof slope !== "number") {
        throw torchError("ValueError", `negative_slope ${String(slope)} not a valid number`);
      }
      return Math.sqrt(2 / (1 + slope ** 2));
    }
    case "selu":
      return 3 / 4;
    default:
      throw torchError("ValueError", `Unsupported nonlinearity ${String(nonlinearity)}`);
  }
}

/** Options of `xavierUniform_` and `xavierNormal_`. */
export interface XavierOptions extends DrawOptions {
  /** Multiplies the spread; see `calculateGain`. Default 1. */
  readonly gain?: number;
}

/** Draws evenly from ±gain·√(6 / (fanIn + fanOut)): Glorot and Bengio (2010). Throws: as `fanInAndFanOut`. */
export function xavierUniform_(tensor: Tensor, options: XavierOptions = {}): Tensor {
  const { gain = 1, ...draw } = options;
  const { fanIn, fanOut } = fanInAndFanOut(tensor);
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
  return uniform_(tensor, -bound, bound, draw);
}

/** Draws normally with deviation gain·√(2 / (fanIn + fanOut)). Throws: as `fanInAndFanOut`. */
export function xavierNormal_(tensor: Tensor, options: XavierOptions = {}): Tensor {
  const { gain = 1, ...draw } = options;
  const { fanIn, fanOut } = fanInAndFanOut(tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), draw);
}

/** Options of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions extends DrawOptions {
  /** The slope below 0 of the leaky ReLU that follows. Default 0. */
  readonly a?: number;
  /** Which fan keeps its variance: of the way forward or back. Default `"fan_in"`. */
  readonly mode?: "fan_in" | "fan_out";
  /** What follows. Default `"leaky_relu"`. */
  readonly nonlinearity?: Nonlinearity;
}

function kaimingDeviation(
  tensor: Tensor,
  { a = 0, mode = "fan_in", nonlinearity = "leaky_relu" }: KaimingOptions,
): number {
  const name = String(mode).toLowerCase();
  if (name !== "fan_in" && name !== "fan_out") {
    throw torchError("ValueError", `Mode ${name} not supported, please use one of ['fan_in', 'fan_out']`);
  }
  const { fanIn, fanOut } = fanInAndFanOut(tensor);
  return calculateGain(nonlinearity, a) / Math.sqrt(name === "fan_in" ? fanIn : fanOut);
}

function isEmpty(tensor: Tensor): boolean {
  if (!tensor.shape.includes(0)) return false;
  warn("Initializing zero-element tensors is a no-op");
  return true;
}

/** Draws evenly from ±√3·gain / √fan: He and others (2015). Throws: PyTorch's ValueErrors for modes, names and shapes. */
export function kaimingUniform_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  if (isEmpty(tensor)) return tensor;
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound, drawOptions(options));
}

/** Draws normally with deviation gain / √fan. Throws: as `kaimingUniform_`. */
export function kaimingNormal_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  if (isEmpty(tensor)) return tensor;
  return normal_(tensor, 0, kaimingDeviation(tensor, options), drawOptions(options));
}

function drawOptions({ generator }: DrawOptions): DrawOptions {
  return generator === undefined ? {} : { generator };
}

/** Options of `orthogonal_`. */
export interface OrthogonalOptions extends DrawOptions {
  /** Multiplies the result. Default 1. */
  readonly gain?: number;
}

/**
 * Makes rows (or columns, whichever are fewer) of length 1 and at right angles, from normal draws; dimensions after the
 * first count as one.
 *
 * Throws: PyTorch's ValueError for fewer than two dimensions.
 * Differs from PyTorch: the last bits, as its factorization is LAPACK's.
 */
export function orthogonal_(tensor: Tensor, options: OrthogonalOptions = {}): Tensor {
  if (tensor.ndim < 2) throw torchError("ValueError", "Only tensors with 2 or more dimensions are supported");
  if (tensor.count === 0) return tensor;
  const { gain = 1, ...draw } = options;
  const rows = tensor.shape[0]!;
  const columns = tensor.count / rows;
  return noGrad(() => {
    const drawn = normal_(newTensor(tensor.dtype, toSize([rows, columns])), 0, 1, draw).to("float64");
    const isWide = rows < columns;
    // The vectors to be put at right angles, each dense.
    const vectors = (isWide ? drawn : drawn.t()).contiguous();
    orthonormalize(vectors.items as Float64Array, Math.min(rows, columns), Math.max(rows, columns));
    const made = isWide ? vectors : vectors.t();
    return tensor.copy_(made.reshape(tensor.shape).to(tensor.dtype)).mul_(gain);
  });
}

/** Gram and Schmidt's process, each vector twice, after which rounding errors do not grow: Q of QR with a positive R. */
function orthonormalize(items: Float64Array, count: number, length: number): void {
  for (let k = 0; k < count; k++) {
    const vector = items.subarray(k * length, (k + 1) * length);
    for (let round = 0; round < 2; round++) {
      for (let j = 0; j < k; j++) {
        const other = items.subarray(j * length, (j + 1) * length);
        let share = 0;
        for (let i = 0; i < length; i++) share += other[i]! * vector[i]!;
        for (let i = 0; i < length; i++) vector[i]! -= share * other[i]!;
      }
    }
    let square = 0;
    for (let i = 0; i < length; i++) square += vector[i]! ** 2;
    const norm = Math.sqrt(square);
    for (let i = 0; i < length; i++) vector[i]! /= norm;
  }
}

/** Options of `sparse_`. */
export interface SparseOptions extends DrawOptions {
  /** The deviation of the others. Default 0.01. */
  readonly std?: number;
}

/** Draws a matrix normally, and sets the share `sparsity` of each column to 0. Throws: PyTorch's ValueError for no matrix. */
export function sparse_(tensor: Tensor, sparsity: number, options: SparseOptions = {}): Tensor {
  if (tensor.ndim !== 2) throw torchError("ValueError", "Only tensors with 2 dimensions are supported");
  const { std = 0.01, ...draw } = options;
  const [rows, columns] = tensor.shape as readonly number[] as [number, number];
  normal_(tensor, 0, std, draw);
  const zeroCount = Math.ceil(sparsity * rows);
  for (let column = 0; column < columns; column++) {
    const order = randperm(rows).items as BigInt64Array;
    for (let k = 0; k < zeroCount; k++) {
      setElementAt(
        tensor,
        tensor.offset + Number(order[k]!) * tensor.strides[0]! + column * tensor.strides[1]!,
        0,
      );
    }
  }
  return tensor;
}
