/**
 * Draws from relaxed categorical distributions.
 */

import { emptyLike, zerosLike } from "../ops/creation-like.ts";
import type { Generator } from "../tensor/random/generator.ts";
import { defaultGenerator } from "../tensor/random/generator.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { warn } from "../warnings.ts";

/** Options of `gumbelSoftmax`. */
export interface GumbelSoftmaxOptions {
  /** The temperature. Default 1. */
  readonly tau?: number;
  /** Whether the result is one-hot, with the gradient of the soft one. Default false. */
  readonly hard?: boolean;
  /** The dimension whose elements sum to 1. Default -1. */
  readonly dim?: number;
  /** Without effect, as in PyTorch, which warns of other values than 1e-10. */
  readonly eps?: number;
  /** The stream to draw from. Default: the global one. */
  readonly generator?: Generator;
}

/**
 * A draw from a relaxed categorical distribution: softmax of (logits + Gumbel noise) / tau.
 *
 * Shape: any → the same.
 *
 * @example
 * gumbelSoftmax(zeros(2, 3), { hard: true }).sum(-1); // tensor([1., 1.])
 */
export function gumbelSoftmax(logits: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  const { tau = 1, hard = false, dim = -1, eps = 1e-10, generator = defaultGenerator } = options;
  if (eps !== 1e-10) warn("`eps` parameter is deprecated and has no effect.");
  const noise = emptyLike(logits.detach()).exponential_({ generator }).log().neg();
  const soft = logits.add(noise).div(tau).softmax(dim);
  if (!hard) return soft;
  const places = soft.detach().argmax(dim, { keepdim: true });
  const chosen = zerosLike(soft.detach()).scatter(dim, places, 1);
  return chosen.sub(soft.detach()).add(soft);
}
