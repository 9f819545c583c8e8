/**
 * The arguments that all functions share which make tensors: a shape in either of two spellings, dtype, device,
 * `requiresGrad`.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType } from "../dtype.ts";
import { toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { checkLengths, toSize } from "../shape.ts";
import { defaultDtype } from "../tensor/promotion.ts";
import type { DeviceName } from "../tensor/device.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of every function that makes a tensor. */
export interface CreationOptions {
  /** Default: the default float dtype, or what the values are. */
  readonly dtype?: DType | string;
  /** Default `"cpu"`. */
  readonly device?: DeviceName;
  /** Whether it collects gradients. Default false. */
  readonly requiresGrad?: boolean;
}

/** A shape, by numbers or as a list, and options at the end: `zeros(2, 3, { dtype: "int64" })`. */
export type ShapeAndOptions<Options extends CreationOptions = CreationOptions> = readonly (
  | number
  | readonly number[]
  | Options
  | undefined
)[];

/** Takes the arguments of a function apart. `name` is the function's, for messages. Throws: as `toShape`. */
export function splitArguments<Options extends CreationOptions = CreationOptions>(
  name: string,
  args: ShapeAndOptions<Options>,
): { shape: Size; options: Options } {
  const last = args.at(-1);
  const hasOptions =
    args.length > 0 && (last === undefined || (typeof last === "object" && !Array.isArray(last)));
  const options = (hasOptions ? (last ?? {}) : {}) as Options;
  const rest = hasOptions ? args.slice(0, -1) : args;
  const lengths = rest.length === 1 && Array.isArray(rest[0]) ? (rest[0] as readonly number[]) : rest;
  return { shape: toShape(name, lengths as readonly number[], rest !== lengths), options };
}

/**
 * Lengths as a shape.
 *
 * Throws: PyTorch's errors for what is no integer and for negative lengths.
 */
export function toShape(name: string, lengths: readonly number[], isList: boolean = true): Size {
  if (!Array.isArray(lengths)) throw notAShape(name, lengths);
  lengths.forEach((length, axis) => {
    if (Number.isInteger(length)) return;
    if (!isList && axis === 0) throw notAShape(name, length);
    throw torchError(
      "TypeError",
      `${name}(): argument 'size' failed to unpack the object at pos ${axis + 1} with error "type must be tuple of ints,but got ${pythonTypeName(length)}"`,
    );
  });
  checkLengths(lengths);
  return toSize(lengths.slice());
}

function notAShape(name: string, found: unknown): Error {
  return torchError(
    "TypeError",
    `${name}(): argument 'size' (position 1) must be tuple of ints, not ${pythonTypeName(found)}`,
  );
}

/** The dtype that options ask for, else the default float one. */
export function dtypeOf(options: CreationOptions): DType {
  return options.dtype === undefined ? defaultDtype() : toDtype(options.dtype);
}

/**
 * A fresh tensor, made a leaf that collects gradients if the options say so.
 *
 * Throws: PyTorch's RuntimeError for dtypes that have no gradient.
 */
export function finished(made: Tensor, options: CreationOptions): Tensor {
  if (options.requiresGrad !== true) return made;
  if (made.dtype.kind !== "float" && made.dtype.kind !== "complex") {
    throw torchError(
      "RuntimeError",
      "Only Tensors of floating point and complex dtype can require gradients",
    );
  }
  made.collectsGradient = true;
  return made;
}
