/**
 * Attention: weighted means of values, by how well queries fit keys.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { ones, zeros } from "../ops/creation.ts";
import { cppName } from "../ops/matrix-product.ts";
import { dropout } from "../ops/random-draws.ts";
import { where } from "../ops/where.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /** Bool: true where a query may look at a key. Float: added to the scores. Broadcasts. Default: none. */
  readonly attnMask?: Tensor | null;
  /** The probability of a weight to become 0; there is no training mode to ask. Default 0. */
  readonly dropoutP?: number;
  /** Whether a query sees only the keys up to its own place. Default false. */
  readonly isCausal?: boolean;
  /** The factor of the scores. Default 1/√features. */
  readonly scale?: number | null;
  /** Whether several heads of the query share one of key and value. Default false. */
  readonly enableGqa?: boolean;
}

/**
 * Weighted means of values: softmax(q·kᵀ·scale + mask)·v. A query that may look at no key gets zeros.
 *
 * Shape: query (*, queries, features), key (*, keys, features), value (*, keys, out) → (*, queries, out). With
 * `enableGqa` the dimension before these counts heads, of which key and value may have fewer.
 * Throws: PyTorch's RuntimeErrors for ranks, dtypes and masks that do not fit.
 *
 * @example
 * const [q, k, v] = [randn(2, 4, 8), randn(2, 4, 8), randn(2, 4, 8)];
 * scaledDotProductAttention(q, k, v, { isCausal: true }).shape; // torch.Size([2, 4, 8])
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  checkAttention(query, key, value, options);
  const { dropoutP = 0, isCausal = false, enableGqa = false } = options;
  const scale = options.scale ?? 1 / Math.sqrt(query.shape.at(-1)!);
  const [k, v] = enableGqa ? [sharedHeads(key, query), sharedHeads(value, query)] : [key, value];
  const scores = query.mul(scale).matmul(k.transpose(-2, -1));
  const isOpen = isCausal
    ? ones(query.shape.at(-2)!, k.shape.at(-2)!, { dtype: "bool" }).tril()
    : (options.attnMask ?? null);
  const weights = isOpen === null ? scores.softmax(-1) : maskedSoftmax(scores, isOpen);
  return dropout(weights, { p: dropoutP }).matmul(v);
}

/** The softmax of masked scores; zeros instead of NaN where everything is masked. */
function maskedSoftmax(scores: Tensor, mask: Tensor): Tensor {
  const added =
    mask.dtype === dtypes.bool ? where(mask, zeros([], { dtype: scores.dtype }), -Infinity) : mask;
  const masked = scores.add(added);
  const isNothing = masked.eq(-Infinity).all(-1, { keepdim: true });
  return masked.maskedFill(isNothing, 0).softmax(-1).maskedFill(isNothing, 0);
}

/** Key or value with its heads repeated until there are as many as the query has. */
function sharedHeads(self: Tensor, query: Tensor): Tensor {
  const [heads, length, features] = self.shape.slice(-3) as [number, number, number];
  const lead = self.shape.slice(0, -3);
  const times = query.shape.at(-3)! / heads;
  if (!Number.isInteger(times)) {
    throw torchError("RuntimeError", "Number of heads in key and value must divide the number of heads in ");
  }
  return self
    .unsqueeze(-3)
    .expand([...lead, heads, times, length, features])
    .reshape([...lead, heads * times, length, features]);
}

function checkAttention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): void {
  if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2) {
    throw torchError(
      "RuntimeError",
      `Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: ${query.ndim} key.dim: ${key.ndim} and value.dim: ${value.ndim} instead.`,
    );
  }
  const { dtype } = query;
  if (dtype !== key.dtype || dtype !== value.dtype) {
    throw torchError(
      "RuntimeError",
      `Expected query, key, and value to have the same dtype, but got query.dtype: ${cppName(dtype)} key.dtype: ${cppName(key.dtype)} and value.dtype: ${cppName(value.dtype)} instead.`,
    );
  }
  if (dtype.kind !== "float") {
    throw torchError("RuntimeError", `expected scalar type Float but found ${dtype.scalarType}`);
  }
  const { attnMask } = options;
  if (attnMask === undefined || attnMask === null) return;
  if (options.isCausal === true) {
    throw torchError(
      "RuntimeError",
      "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
    );
  }
  if (![dtypes.bool, dtypes.float32, dtype].includes(attnMask.dtype)) {
    const found = attnMask.dtype === dtypes.int64 ? "long int" : cppName(attnMask.dtype);
    throw torchError(
      "RuntimeError",
      `Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${found} and  query.dtype: ${cppName(dtype)} instead.`,
    );
  }
}
