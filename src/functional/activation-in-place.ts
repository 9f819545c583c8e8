/**
 * Activations that write into their input, by PyTorch's names: `relu_(x)` is `relu(x, { inplace: true })`.
 */

import type { Tensor } from "../tensor/tensor.ts";
import type { EluOptions, HardtanhOptions, LeakyReluOptions, RreluOptions } from "./activation.ts";
import { celu, elu, hardtanh, leakyRelu, relu, rrelu, selu, threshold } from "./activation.ts";

/** max(x, 0), written into x. Shape: any → the same, as of all functions here. */
export function relu_(input: Tensor): Tensor {
  return relu(input, { inplace: true });
}

/** `selu`, written into x. */
export function selu_(input: Tensor): Tensor {
  return selu(input, { inplace: true });
}

/** `elu`, written into x. */
export function elu_(input: Tensor, options: EluOptions = {}): Tensor {
  return elu(input, { ...options, inplace: true });
}

/** `celu`, written into x. */
export function celu_(input: Tensor, options: EluOptions = {}): Tensor {
  return celu(input, { ...options, inplace: true });
}

/** `leakyRelu`, written into x. */
export function leakyRelu_(input: Tensor, options: LeakyReluOptions = {}): Tensor {
  return leakyRelu(input, { ...options, inplace: true });
}

/** `hardtanh`, written into x. */
export function hardtanh_(input: Tensor, options: HardtanhOptions = {}): Tensor {
  return hardtanh(input, { ...options, inplace: true });
}

/** `rrelu`, written into x. */
export function rrelu_(input: Tensor, options: RreluOptions = {}): Tensor {
  return rrelu(input, { ...options, inplace: true });
}

/** `threshold`, written into x. */
export function threshold_(input: Tensor, limit: number, value: number): Tensor {
  return threshold(input, limit, value, { inplace: true });
}
