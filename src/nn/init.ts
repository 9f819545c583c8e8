/**
 * `nn.init`: how parameters get their first values, drawn from PyTorch's streams in PyTorch's order.
 */

import { torchError } from "../errors.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { defaultGenerator } from "../tensor/random/generator.ts";
import { fillUniform } from "../tensor/random/uniform.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of the functions that draw. */
export interface DrawOptions {
  /** The stream to draw from. Default: the global one. */
  readonly generator?: Generator;
}

/** Fills a tensor with numbers drawn evenly from [from, to). Returns the tensor. */
export function uniform_(tensor: Tensor, from: number = 0, to: number = 1, options: DrawOptions = {}): Tensor {
  if (tensor.device === "cpu") {
    const { dtype, items, offset, shape, strides } = tensor;
    fillUniform(options.generator ?? defaultGenerator, { dtype, items, offset, shape, stride: strides }, from, to);
  }
  tensor.version.value++;
  return tensor;
}

/**
 * How many inputs and outputs an element of a weight connects.
 *
 * Throws: PyTorch's ValueError for fewer than two dimensions.
 */
export function fanInAndFanOut(tensor: Tensor): { fanIn: number; fanOut: number } {
  if (tensor.ndim < 2) {
    throw torchError(
      "ValueError",
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
  }
  const [out, input, ...kernel] = tensor.shape;
  const field = kernel.reduce((product, length) => product * length, 1);
  return { fanIn: input! * field, fanOut: out! * field };
}

/** Options of `kaimingUniform_`. */
export interface KaimingOptions extends DrawOptions {
  /** The negative slope of the leaky ReLU that follows. Default 0. */
  readonly a?: number;
}

/**
 * Fills a weight with numbers drawn evenly from [-bound, bound), bound = √(6 / ((1 + a²) · fanIn)). Returns the tensor.
 */
export function kaimingUniform_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  if (tensor.shape.includes(0)) return tensor;
  const { a = 0 } = options;
  const { fanIn } = fanInAndFanOut(tensor);
  const gain = Math.sqrt(2 / (1 + a * a));
  const bound = Math.sqrt(3) * (gain / Math.sqrt(fanIn));
  return uniform_(tensor, -bound, bound, options);
}
