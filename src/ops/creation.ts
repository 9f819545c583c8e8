/**
 * Tensors from numbers, lists and typed arrays, and filled with one value.
 */

import { pythonTypeName } from "../autograd/history.ts";
import type { DType, ItemArray } from "../dtype.ts";
import { dtypes, toDtype } from "../dtype.ts";
import { UsageError, torchError } from "../errors.ts";
import { contiguousStrides, countOf, shapeText, toSize } from "../shape.ts";
import { elementAt, fillDense, itemsPerElement, setElementAt } from "../tensor/elements.ts";
import { defaultComplex, defaultDtype, promoteTypes } from "../tensor/promotion.ts";
import type { NumberArgument } from "../tensor/scalar.ts";
import { isNumberArgument, scalarDtype } from "../tensor/scalar.ts";
import { checkedElement, checkedScalar } from "../tensor/scalar-range.ts";
import { Storage } from "../tensor/storage.ts";
import { Tensor, Version, isTensor, newTensor } from "../tensor/tensor.ts";
import type { CreationOptions, ShapeAndOptions } from "./creation-options.ts";
import { dtypeOf, finished, splitArguments, toShape } from "./creation-options.ts";
import "../autograd/tensor-gradient.ts";
import "./methods.ts";
import "./presentation.ts";

/** Numbers, or tensors of one element, in lists in lists. */
export type NestedNumbers = NumberArgument | Tensor | readonly NestedNumbers[];

/** A typed array, of which the dtype is that of the tensor. */
export type NumberArray = ItemArray | Uint8ClampedArray;

/**
 * A tensor of zeros.
 *
 * Throws: PyTorch's errors for negative and fractional lengths; `LimitError` where there is not that much memory.
 *
 * @example
 * zeros(2, 3, { dtype: "int64" });
 */
export function zeros(...args: ShapeAndOptions): Tensor {
  if (args.flat().some((length) => typeof length === "number" && length < 0)) {
    throw torchError("RuntimeError", "zeros: Dimension size must be non-negative.");
  }
  const { shape, options } = splitArguments("zeros", args);
  return finished(newTensor(dtypeOf(options), shape, options.device), options);
}

/** A tensor of ones. Throws: as `zeros`. */
export function ones(...args: ShapeAndOptions): Tensor {
  const { shape, options } = splitArguments("ones", args);
  const made = newTensor(dtypeOf(options), shape, options.device);
  fillDense(made, 1);
  return finished(made, options);
}

/** A tensor whose elements nobody chose: here zeros, as memory comes zeroed. Throws: as `zeros`. */
export function empty(...args: ShapeAndOptions): Tensor {
  const { shape, options } = splitArguments("empty", args);
  return finished(newTensor(dtypeOf(options), shape, options.device), options);
}

/**
 * A tensor of one value, whose dtype is the value's unless told.
 *
 * Throws: as `zeros`, and PyTorch's RuntimeError for a value that the dtype does not hold.
 *
 * @example
 * full([2, 2], 7); // tensor([[7, 7], [7, 7]])
 */
export function full(shape: readonly number[], value: NumberArgument, options: CreationOptions = {}): Tensor {
  const lengths = toShape("full", shape);
  const natural = naturalDtype([value]);
  const dtype = options.dtype === undefined ? natural : toDtype(options.dtype);
  const made = newTensor(dtype, lengths, options.device);
  fillDense(made, checkedScalar(value, dtype));
  return finished(made, options);
}

/**
 * A tensor of the given numbers; the numbers are copied. Integers make int64, booleans bool, anything else the default
 * float dtype; typed arrays and tensors keep their dtype.
 *
 * Throws: PyTorch's errors for lists of different lengths, for what are no numbers, and for integers that the dtype
 * does not hold.
 *
 * @example
 * tensor([[1, 2], [3, 4]], { dtype: "float32" });
 */
export function tensor(values: NestedNumbers | NumberArray, options: CreationOptions = {}): Tensor {
  if (isTensor(values) || ArrayBuffer.isView(values)) {
    const source = isTensor(values) ? values.detach() : fromTypedArray(values);
    const dtype = options.dtype === undefined ? source.dtype : toDtype(options.dtype);
    return finished(source.to({ dtype, copy: true }), options);
  }
  if (typeof values === "string") throw torchError("TypeError", "new(): invalid data type 'str'");
  const shape = shapeOfNested(values);
  const flat: NumberArgument[] = [];
  flatten(values, shape, 0, flat);
  const dtype = options.dtype === undefined ? naturalDtype(flat) : toDtype(options.dtype);
  const made = newTensor(dtype, toSize(shape), options.device);
  for (let k = 0; k < flat.length; k++) setElementAt(made, k, checkedElement(flat[k]!, dtype));
  return finished(made, options);
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
  flat: NumberArgument[],
): void {
  if (isNumberArgument(values) || isTensor(values)) {
    if (depth < shape.length) throw torchError("TypeError", "not a sequence");
    flat.push(isTensor(values) ? scalarOf(values) : values);
    return;
  }
  if (!Array.isArray(values)) {
    if (typeof values === "string") throw torchError("ValueError", "too many dimensions 'str'");
    throw torchError("RuntimeError", `Could not infer dtype of ${pythonTypeName(values)}`);
  }
  const list = values as readonly NestedNumbers[];
  if (depth >= shape.length)
    throw torchError("TypeError", "'list' object cannot be interpreted as an integer");
  if (list.length !== shape[depth]) {
    throw torchError(
      "ValueError",
      `expected sequence of length ${shape[depth]!} at dim ${depth} (got ${list.length})`,
    );
  }
  for (const inner of list) flatten(inner, shape, depth + 1, flat);
}

/** A tensor in a list as the number it stands for; a float stays one, whatever its value. */
function scalarOf(self: Tensor): NumberArgument {
  if (self.count !== 1) {
    throw torchError("ValueError", "only one element tensors can be converted to Python scalars");
  }
  const value = elementAt(self, self.offset);
  return self.dtype.kind === "float" ? { kind: "float", value: value as number } : value;
}

function naturalDtype(values: readonly NumberArgument[]): DType {
  if (values.length === 0) return defaultDtype();
  const widest = values.map(scalarDtype).reduce(promoteTypes, dtypes.bool);
  if (widest.kind === "complex") return defaultComplex();
  return widest.kind === "float" ? defaultDtype() : widest;
}

/** What `fromTypedArray` may be told. */
export interface TypedArrayOptions {
  /** A dtype whose elements lie in such an array: `"bfloat16"` for the bits in a Uint16Array. Default: the array's. */
  readonly dtype?: DType | string;
  /** Default: one dimension. */
  readonly shape?: readonly number[];
}

const arrayDtypes: Readonly<Record<string, DType>> = {
  Float64Array: dtypes.float64,
  Float32Array: dtypes.float32,
  Float16Array: dtypes.float16,
  BigInt64Array: dtypes.int64,
  BigUint64Array: dtypes.uint64,
  Int32Array: dtypes.int32,
  Uint32Array: dtypes.uint32,
  Int16Array: dtypes.int16,
  Uint16Array: dtypes.uint16,
  Int8Array: dtypes.int8,
  Uint8Array: dtypes.uint8,
  Uint8ClampedArray: dtypes.uint8,
};

/**
 * A tensor over the memory of a typed array, without a copy: writes to one are seen in the other.
 *
 * Throws: `UsageError` for a dtype that does not lie in such an array, for memory shared between threads, and where the
 * shape has not as many elements as the array.
 *
 * @example
 * fromTypedArray(Float32Array.of(1, 2, 3, 4), { shape: [2, 2] }); // tensor([[1., 2.], [3., 4.]])
 */
export function fromTypedArray(array: NumberArray, options: TypedArrayOptions = {}): Tensor {
  const name = (array as { readonly [Symbol.toStringTag]?: string } | null)?.[Symbol.toStringTag] ?? "";
  const natural = arrayDtypes[name];
  if (natural === undefined) {
    throw torchError("TypeError", `expected np.ndarray (got ${name || pythonTypeName(array)})`);
  }
  const dtype = options.dtype === undefined ? natural : toDtype(options.dtype);
  const { Items } = dtype;
  if (dtype.bits < 8 || (dtype !== natural && Items !== natural.Items)) {
    throw new UsageError(
      `a tensor over a typed array: found a ${name}, expected a ${Items.name} for ${dtype.name}`,
      {
        code: "typed-array-dtype",
        torchType: "TypeError",
        hint: "tensor(array, { dtype }) copies and converts.",
      },
    );
  }
  const { buffer, byteOffset, byteLength, length } = array;
  if (!(buffer instanceof ArrayBuffer)) {
    throw new UsageError("a tensor over a typed array: found shared memory, expected an ArrayBuffer", {
      code: "shared-memory",
      torchType: "TypeError",
      hint: "Copy it first: array.slice().",
    });
  }
  const count = length / itemsPerElement(dtype);
  const shape = options.shape === undefined ? toSize([count]) : toShape("fromTypedArray", options.shape);
  if (countOf(shape) !== count) {
    throw torchError("RuntimeError", `shape '${shapeText(shape)}' is invalid for input of size ${count}`);
  }
  const storage = new Storage(buffer, byteOffset, byteLength, "cpu");
  return new Tensor(storage, dtype, shape, contiguousStrides(shape), 0, count, new Version(), null);
}

/**
 * A tensor of the values, without a copy where that is possible: a tensor of the right dtype is returned as it is, a
 * typed array is shared. Throws: as `tensor`.
 */
export function asTensor(values: NestedNumbers | NumberArray, options: CreationOptions = {}): Tensor {
  if (!isTensor(values) && !ArrayBuffer.isView(values)) return tensor(values, options);
  const source = isTensor(values) ? values : fromTypedArray(values);
  const wanted = options.dtype === undefined ? source : source.to(options.dtype);
  return wanted === source && isTensor(values) ? source : finished(wanted, options);
}

/** One value as a tensor without dimensions. Throws: as `full`. */
export function scalarTensor(value: NumberArgument, options: CreationOptions = {}): Tensor {
  return full([], value, { dtype: defaultDtype(), ...options });
}

export type { CreationOptions, ShapeAndOptions } from "./creation-options.ts";
