/**
 * Tensors from nothing: from numbers, from nested lists, filled, counted.
 */

import type { DType, Scalar } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { torchError } from "../errors.ts";
import type { Size } from "../shape.ts";
import { checkLengths, toSize } from "../shape.ts";
import { setElementAt } from "../tensor/elements.ts";
import { defaultDtype, promoteTypes } from "../tensor/promotion.ts";
import type { ScalarArgument } from "../tensor/scalar.ts";
import { isScalarArgument, plainScalar, scalarDtype } from "../tensor/scalar.ts";
import type { DeviceName } from "../tensor/storage.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { newTensor } from "../tensor/tensor.ts";
import "../autograd/tensor-gradient.ts";
import "./methods.ts";
import "./presentation.ts";

/** Options of every function that makes a tensor. */
export interface CreationOptions {
  /** Default: the default float dtype, or what the values are. */
  readonly dtype?: DType | string;
  /** Default `"cpu"`. */
  readonly device?: DeviceName;
  /** Whether it collects gradients. Default false. */
  readonly requiresGrad?: boolean;
}

/** Numbers in lists in lists. */
export type NestedNumbers = ScalarArgument | readonly NestedNumbers[];

/** A shape, by numbers or as a list, and options at the end: `zeros(2, 3, { dtype: "int64" })`. */
export type ShapeAndOptions = readonly (number | readonly number[] | CreationOptions | undefined)[];

function splitArguments(args: ShapeAndOptions): { shape: Size; options: CreationOptions } {
  const last = args.at(-1);
  const hasOptions =
    args.length > 0 && (last === undefined || (typeof last === "object" && !Array.isArray(last)));
  const options = hasOptions ? ((last ?? {}) as CreationOptions) : {};
  const rest = hasOptions ? args.slice(0, -1) : args;
  const lengths = Array.isArray(rest[0])
    ? (rest[0] as readonly number[]).slice()
    : (rest.slice() as number[]);
  checkLengths(lengths);
  return { shape: toSize(lengths), options };
}

function finished(made: Tensor, options: CreationOptions): Tensor {
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

function dtypeOf(options: CreationOptions): DType {
  return options.dtype === undefined ? defaultDtype() : toDtype(options.dtype);
}

/**
 * A tensor of zeros.
 *
 * Throws: PyTorch's errors for negative and fractional lengths; `LimitError` where there is not that much memory.
 *
 * @example
 * zeros(2, 3, { dtype: "int64" });
 */
export function zeros(...args: ShapeAndOptions): Tensor {
  const { shape, options } = splitArguments(args);
  return finished(newTensor(dtypeOf(options), shape, options.device), options);
}

/** A tensor of ones. Throws: as `zeros`. */
export function ones(...args: ShapeAndOptions): Tensor {
  const { shape, options } = splitArguments(args);
  return finished(newTensor(dtypeOf(options), shape, options.device).fill_(1), options);
}

/** A tensor of one value, whose dtype is the value's unless told. Throws: as `zeros`. */
export function full(shape: readonly number[], value: ScalarArgument, options: CreationOptions = {}): Tensor {
  checkLengths(shape);
  const natural = scalarDtype(value).kind === "float" ? defaultDtype() : scalarDtype(value);
  const dtype = options.dtype === undefined ? natural : toDtype(options.dtype);
  return finished(newTensor(dtype, toSize(shape.slice()), options.device).fill_(value), options);
}

function shapeOfNested(values: NestedNumbers): number[] {
  const shape: number[] = [];
  let level: NestedNumbers | undefined = values;
  while (Array.isArray(level)) {
    const list = level as readonly NestedNumbers[];
    shape.push(list.length);
    level = list[0];
  }
  return shape;
}

function flatten(
  values: NestedNumbers,
  shape: readonly number[],
  depth: number,
  flat: ScalarArgument[],
): void {
  if (isScalarArgument(values)) {
    if (depth === shape.length) {
      flat.push(values);
      return;
    }
    throw torchError("TypeError", "only sequences of one depth can be made a tensor");
  }
  if (!Array.isArray(values)) {
    throw torchError(
      "RuntimeError",
      `Could not infer dtype of ${values === null ? "NoneType" : typeof values}`,
    );
  }
  const list = values as readonly NestedNumbers[];
  if (depth >= shape.length || list.length !== shape[depth]) {
    throw torchError(
      "ValueError",
      `expected sequence of length ${shape[depth] ?? 0} at dim ${depth} (got ${list.length})`,
    );
  }
  for (const inner of list) flatten(inner, shape, depth + 1, flat);
}

/**
 * A tensor of the given numbers. Integers make int64, booleans bool, anything else the default float dtype.
 *
 * Throws: PyTorch's errors for lists of different lengths and for what are no numbers.
 *
 * @example
 * tensor([[1, 2], [3, 4]], { dtype: "float32" });
 */
export function tensor(values: NestedNumbers, options: CreationOptions = {}): Tensor {
  const shape = shapeOfNested(values);
  const flat: ScalarArgument[] = [];
  flatten(values, shape, 0, flat);
  const dtype = options.dtype === undefined ? naturalDtype(flat) : toDtype(options.dtype);
  const made = newTensor(dtype, toSize(shape), options.device);
  flat.forEach((value, k) => setElementAt(made, k, plainScalar(value) as Scalar));
  return finished(made, options);
}

function naturalDtype(values: readonly ScalarArgument[]): DType {
  if (values.length === 0) return defaultDtype();
  const widest = values.map(scalarDtype).reduce(promoteTypes, dtypes.bool);
  return widest.kind === "float" ? defaultDtype() : widest;
}
