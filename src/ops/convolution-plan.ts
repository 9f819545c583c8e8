/**
 * What a convolution is to do, read from its arguments: lengths, shapes, and PyTorch's refusals of what does not fit.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { ConvolutionGeometry, Lengths3 } from "../kernels/convolution.ts";
import type { Size } from "../shape.ts";
import { shapeText, toSize } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { typeText } from "../tensor/tensor.ts";
import { cppName } from "./matrix-product.ts";
import type { MaybeTensor } from "./op.ts";

/** What a convolution is, beside its tensors. */
export interface ConvolutionPlan {
  readonly geometry: ConvolutionGeometry;
  /** The shapes with as many dimensions as the tensors have. */
  readonly image: Size;
  readonly weight: Size;
  readonly result: Size;
}

/** The arguments of `convolution`, as PyTorch has them. */
export type ConvolutionArguments = [
  input: Tensor,
  weight: Tensor,
  bias: MaybeTensor,
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  transposed: boolean,
  outputPadding: readonly number[],
  groups: number,
];

/** Three lengths of the one to three that there are. */
function three(lengths: readonly number[], fill: number): Lengths3 {
  const missing = 3 - lengths.length;
  const at = (axis: number): number => (axis < missing ? fill : lengths[axis - missing]!);
  return [at(0), at(1), at(2)];
}

/**
 * Reads the arguments. The image of the plan is the input of the convolution C of Note [three maps]; for a transposed
 * convolution that is what is made.
 *
 * Throws: PyTorch's RuntimeErrors for what does not fit together.
 */
export function convolutionPlan(args: ConvolutionArguments): ConvolutionPlan {
  const [x, weight, bias, strides, paddings, dilations, isTransposed, outputPaddings, groups] = args;
  const rank = weight.shape.length - 2;
  const numbers = (name: string, values: readonly number[]): readonly number[] => perAxis(name, values, rank);
  const stride = numbers("stride", strides);
  const padding = numbers("padding", paddings);
  const dilation = numbers("dilation", dilations);
  const outputPadding = numbers("output_padding", outputPaddings);
  checkNumbers(stride, padding, dilation, isTransposed, outputPadding, groups);
  checkShapes(x, weight, bias, isTransposed, groups);
  const kernel = weight.shape.slice(2);
  const given = x.shape.slice(2);
  const reach = kernel.map((length, axis) => dilation[axis]! * (length - 1) + 1);
  const made = given.map((length, axis) =>
    isTransposed
      ? (length - 1) * stride[axis]! - 2 * padding[axis]! + reach[axis]! + outputPadding[axis]!
      : Math.floor((length + 2 * padding[axis]! - reach[axis]!) / stride[axis]!) + 1,
  );
  if (isTransposed) checkTransposed(given, made, stride, dilation, outputPadding);
  else checkReach(given, padding, kernel, reach, x.shape);
  const channels = weight.shape[1]! * (isTransposed ? groups : 1);
  const output = [x.shape[0]!, isTransposed ? channels : weight.shape[0]!, ...made];
  return {
    geometry: {
      batch: x.shape[0]!,
      groups,
      // The weight of a transposed convolution has the input's channels first, which are the results of C.
      inChannels: weight.shape[1]!,
      outChannels: weight.shape[0]! / groups,
      input: three(isTransposed ? made : given, 1),
      kernel: three(kernel, 1),
      output: three(isTransposed ? given : made, 1),
      stride: three(stride, 1),
      padding: three(padding, 0),
      dilation: three(dilation, 1),
    },
    image: isTransposed ? toSize(output) : x.shape,
    weight: weight.shape,
    result: isTransposed ? x.shape : toSize(output),
  };
}

function refuse(text: string): never {
  throw torchError("RuntimeError", text);
}

/** One number for all dimensions, or one for each. */
function perAxis(name: string, values: readonly number[], rank: number): readonly number[] {
  if (values.length === rank) return values;
  if (values.length === 1) return Array.from({ length: rank }, () => values[0]!);
  return refuse(
    `expected ${name} to be a single integer value or a list of ${rank} values to match the convolution dimensions, but got ${name}=[${values.join(", ")}]`,
  );
}

function checkNumbers(
  stride: readonly number[],
  padding: readonly number[],
  dilation: readonly number[],
  isTransposed: boolean,
  outputPadding: readonly number[],
  groups: number,
): void {
  const isNegative = (value: number): boolean => value < 0;
  if (padding.some(isNegative)) refuse("negative padding is not supported");
  if (isTransposed && outputPadding.some(isNegative)) refuse("negative output_padding is not supported");
  if (stride.some((value) => value <= 0)) refuse("non-positive stride is not supported");
  if (dilation.some((value) => value <= 0)) {
    refuse(`dilation should be greater than zero, but got [${dilation.join(", ")}]`);
  }
  if (groups <= 0) refuse("non-positive groups is not supported");
}

function checkShapes(
  { shape }: Tensor,
  weight: Tensor,
  bias: MaybeTensor,
  isTransposed: boolean,
  groups: number,
): void {
  const size = shapeText(weight.shape);
  if (shape.length !== weight.shape.length) {
    refuse(
      `Expected ${weight.ndim}-dimensional input for ${weight.ndim}-dimensional weight ${size}, but got ${shape.length}-dimensional input of size ${shapeText(shape)} instead`,
    );
  }
  const [first, second] = weight.shape as readonly number[] as [number, number];
  if (first < groups) {
    refuse(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${size} instead`,
    );
  }
  if (first % groups !== 0) {
    refuse(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${size}] instead`,
    );
  }
  const channels = isTransposed ? first : second * groups;
  const given = `Given ${isTransposed ? "transposed=1" : `groups=${groups}`}, weight of size ${size}`;
  if (shape[1] !== channels) {
    refuse(
      `${given}, expected input${shapeText(shape)} to have ${channels} channels, but got ${shape[1]} channels instead`,
    );
  }
  const wanted = isTransposed ? second * groups : first;
  if (bias !== null && bias !== undefined && (bias.ndim !== 1 || bias.shape[0] !== wanted)) {
    const which = isTransposed ? given : `Given weight of size ${size}`;
    refuse(
      `${which}, expected bias to be 1-dimensional with ${wanted} elements, but got bias of size ${shapeText(bias.shape)} instead`,
    );
  }
}

function crossed(lengths: readonly number[]): string {
  return `(${lengths.join(" x ")})`;
}

function checkReach(
  given: readonly number[],
  padding: readonly number[],
  kernel: readonly number[],
  reach: readonly number[],
  shape: Size,
): void {
  const padded = given.map((length, axis) => length + 2 * padding[axis]!);
  const isTooSmall = padded.some((length, axis) => length < reach[axis]!);
  const isEmpty = given.includes(0) && shape[0] !== 0;
  if (!isTooSmall && !isEmpty) return;
  const effective = kernel.map((_, axis) => reach[axis]!);
  refuse(
    `Calculated padded input size per channel: ${crossed(padded)}. Kernel size: ${crossed(effective)}. Kernel size can't be greater than actual input size`,
  );
}

function checkTransposed(
  given: readonly number[],
  made: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  outputPadding: readonly number[],
): void {
  if (outputPadding.some((value, axis) => value >= stride[axis]! && value >= dilation[axis]!)) {
    const names = ["depth", "height", "width"].slice(Math.max(0, 3 - Math.max(2, stride.length)));
    const values = (name: string, numbers: readonly number[]): string =>
      names
        .map(
          (axis, k) =>
            `${name}_${axis}: ${numbers[k - (names.length - numbers.length)] ?? (name === "output_padding" ? 0 : 1)}`,
        )
        .join(" ");
    refuse(
      `output padding must be smaller than either stride or dilation, but got ${values("output_padding", outputPadding)} ${values("stride", stride)} ${values("dilation", dilation)}`,
    );
  }
  if (made.some((length) => length <= 0)) {
    refuse(
      `Given input size per channel: ${crossed(given)}. Calculated output size per channel: ${crossed(made)}. Output size is too small`,
    );
  }
}

/** Throws PyTorch's RuntimeError for a bias of another dtype, which it looks at before all else. */
export function requireBiasDtype({ dtype }: Tensor, bias: MaybeTensor): void {
  if (bias === null || bias === undefined || bias.dtype === dtype) return;
  refuse(`Input type (${cppName(dtype)}) and bias type (${cppName(bias.dtype)}) should be the same`);
}

/** Throws PyTorch's errors for an image and a weight of two dtypes, and for dtypes that are not computed with. */
export function requireDtypes(image: Tensor, weight: Tensor, groups: number): void {
  const { dtype } = image;
  if (weight.dtype !== dtype) {
    // The other text is that of the kernels which take groups, and bfloat16.
    const isForeign = dtype === dtypes.bfloat16 || (dtype === dtypes.float32 && groups > 1);
    if (!isForeign) {
      refuse(`expected scalar type ${dtype.scalarType} but found ${weight.dtype.scalarType}`);
    }
    refuse(
      `Input type (${typeText(dtype)}) and weight type (${typeText(weight.dtype)}) should be the same or input should be a MKLDNN tensor and weight is a dense tensor`,
    );
  }
  if (dtype.kind !== "float") {
    throw torchError(
      "NotImplementedError",
      `"slow_conv${Math.min(3, weight.ndim - 2)}d_cpu" not implemented for '${dtype.scalarType}'`,
      "Convert input and weight to a floating-point dtype.",
    );
  }
}
