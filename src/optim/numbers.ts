/**
 * The elements of tensors as numbers that an update loop reads and writes: in place where they lie densely in a typed
 * array of floats, else in a copy that is written back.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { broadcastShapes, sameShape, shapeText } from "../shape.ts";
import { convertItems, denseItems, itemsPerElement, scatterItems } from "../tensor/elements.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Elements in row-major order; a complex number is two of them. */
export type Numbers = Float32Array | Float64Array;

/** The elements of a tensor; without a copy where possible. Written ones need `store`. */
export function numbersOf(tensor: Tensor): Numbers {
  const items = denseItems(tensor);
  if (items instanceof Float32Array || items instanceof Float64Array) return items;
  return convertItems(items, tensor.dtype, dtypes.float32, tensor.count) as Float32Array;
}

/** Makes what was written to a tensor's numbers its elements, and counts the write. */
export function store(tensor: Tensor, numbers: Numbers): void {
  tensor.version.value++;
  if (numbers.buffer === tensor.items.buffer || tensor.device === "meta") return;
  const isWide = tensor.items instanceof Float32Array || tensor.items instanceof Float64Array;
  scatterItems(isWide ? numbers : convertItems(numbers, dtypes.float32, tensor.dtype, tensor.count), tensor);
}

/** Fills a fresh tensor with one number; of a complex one, both parts. */
export function filled(tensor: Tensor, value: number): Tensor {
  if (tensor.device === "meta") return tensor;
  const numbers = numbersOf(tensor).fill(value, 0, tensor.count * itemsPerElement(tensor.dtype));
  store(tensor, numbers);
  tensor.version.value = 0;
  return tensor;
}

/**
 * Refuses state whose shape is not the gradient's, as the ops of PyTorch's update do.
 *
 * Throws: PyTorch's RuntimeError with both lengths.
 */
export function requireSameShape(state: Tensor, gradient: Tensor): void {
  if (sameShape(state.shape, gradient.shape)) return;
  const shape = broadcastShapes(state.shape, gradient.shape);
  throw torchError(
    "RuntimeError",
    `output with shape ${shapeText(state.shape)} doesn't match the broadcast shape ${shapeText(shape)}`,
    "The optimizer's state is of another network than its parameters.",
  );
}
