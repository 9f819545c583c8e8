/**
 * Multi-head attention: queries, keys and values are projected, attend to each other in several heads, and what comes
 * out is projected once more.
 */

import { torchError } from "../errors.ts";
import { zeros } from "../ops/creation.ts";
import { cat } from "../ops/joining.ts";
import { dropout } from "../ops/random-draws.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { scaledDotProductAttention } from "./attention.ts";
import { linear } from "./linear.ts";
import { warn } from "../warnings.ts";

/** The weights of multi-head attention; E is the number of features, of which keys and values may have others. */
export interface AttentionWeights {
  /** Projects queries, keys and values alike: (3 · E, E). Null where each has a projection of its own. */
  readonly inProjWeight: Tensor | null;
  /** (E, E) */
  readonly qProjWeight?: Tensor | null;
  /** (E, key features) */
  readonly kProjWeight?: Tensor | null;
  /** (E, value features) */
  readonly vProjWeight?: Tensor | null;
  /** (3 · E) */
  readonly inProjBias?: Tensor | null;
  /** A key, and its value, that every sequence gets: (1, 1, E). */
  readonly biasK?: Tensor | null;
  readonly biasV?: Tensor | null;
  /** (E, E) */
  readonly outProjWeight: Tensor;
  /** (E) */
  readonly outProjBias?: Tensor | null;
}

/** How one call attends. */
export interface MultiHeadOptions {
  /** True, or −∞ for a float mask which is added, at keys that no query may look at: (samples, keys) or (keys). */
  readonly keyPaddingMask?: Tensor | null;
  /** Whether the weights are given, too. Default true. */
  readonly needWeights?: boolean;
  /** True, or −∞, where a query may not look at a key: (queries, keys) or (samples · heads, queries, keys). */
  readonly attnMask?: Tensor | null;
  /** Whether the weights are the mean over the heads, instead of those of each. Default true. */
  readonly averageAttnWeights?: boolean;
  /** Says that `attnMask` is a causal one, which may then be left unread. Default false. */
  readonly isCausal?: boolean;
  /** Whether a key and value of zeros is added. Default false. */
  readonly addZeroAttn?: boolean;
  /** The probability of a weight to become 0, in training. Default 0. */
  readonly dropoutP?: number;
  /** Default true. */
  readonly training?: boolean;
}

/**
 * A mask as something to add: bools become −∞ where they are true.
 *
 * Throws: PyTorch's AssertionError for masks that are neither bool nor float. Warns where `other`, the mask beside it, is of
 * another dtype.
 */
export function additiveMask(
  mask: Tensor | null | undefined,
  name: string,
  like: Tensor,
  other: Readonly<Record<string, Tensor | null | undefined>> = {},
): Tensor | null {
  if (mask === undefined || mask === null) return null;
  const isFloat = mask.dtype.kind === "float";
  if (!isFloat && mask.dtype.kind !== "bool") {
    throw torchError("AssertionError", `only bool and floating types of ${name} are supported`);
  }
  for (const [otherName, beside] of Object.entries(other)) {
    if (beside === undefined || beside === null || beside.dtype === mask.dtype) continue;
    warn(`Support for mismatched ${name} and ${otherName} is deprecated. Use same type for both instead.`);
  }
  if (isFloat) return mask;
  return zeros(...mask.shape, { dtype: like.dtype, device: like.device }).maskedFill(mask, -Infinity);
}

/**
 * Multi-head attention.
 *
 * Shape: query (queries, samples, E), key (keys, samples, key features), value (keys, samples, value features) →
 * output (queries, samples, E) and weights (samples, queries, keys), with `averageAttnWeights: false` (samples, heads,
 * queries, keys), null with `needWeights: false`. Or all without samples.
 * Throws: PyTorch's AssertionErrors and RuntimeErrors for shapes and masks that do not fit.
 */
export function multiHeadAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
  weights: AttentionWeights,
  options: MultiHeadOptions = {},
): [output: Tensor, weights: Tensor | null] {
  const isBatched = checkRanks(query, key, value, heads, options);
  if (isBatched) return attend(query, key, value, heads, weights, options);
  const keyPaddingMask = options.keyPaddingMask?.unsqueeze(0) ?? null;
  const batch = [query, key, value].map((each) => each.unsqueeze(1)) as [Tensor, Tensor, Tensor];
  // Self-attention is told by all three being one tensor.
  const same = query === key && key === value;
  const [output, found] = attend(
    batch[0],
    same ? batch[0] : batch[1],
    same ? batch[0] : batch[2],
    heads,
    weights,
    {
      ...options,
      keyPaddingMask,
    },
  );
  return [output.squeeze(1), found?.squeeze(0) ?? null];
}

function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
  weights: AttentionWeights,
  options: MultiHeadOptions,
): [output: Tensor, weights: Tensor | null] {
  const { needWeights = true, averageAttnWeights = true, training = true } = options;
  const [queries, samples, features] = query.shape as readonly number[] as [number, number, number];
  const keyPaddingMask = additiveMask(options.keyPaddingMask, "key_padding_mask", query, {
    attn_mask: options.attnMask,
  });
  const hint = options.isCausal ?? false;
  if (hint && (options.attnMask ?? null) === null) {
    throw torchError(
      "RuntimeError",
      "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method `generate_square_subsequent_mask` to create this mask.",
    );
  }
  const isCausal = hint && keyPaddingMask === null && !needWeights;
  const attnMask = isCausal ? null : additiveMask(options.attnMask, "attn_mask", query);
  checkFeatures(features, heads, weights);
  checkKeys(key, value, weights.inProjWeight === null);
  const [q, projectedK, projectedV] = projected(query, key, value, weights);
  checkMask(attnMask, queries, key.shape[0]!, samples * heads);
  const extended = withExtraKeys(projectedK, projectedV, weights, options.addZeroAttn ?? false);
  const extra = extended.k.shape[0]! - key.shape[0]!;
  const mask = mergedMask(
    attnMask?.ndim === 2 ? attnMask.unsqueeze(0) : attnMask,
    keyPaddingMask,
    heads,
    samples,
    extra,
    extended.k.shape[0]!,
  );
  const [qh, kh, vh] = [q, extended.k, extended.v].map((each) => inHeads(each, heads)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const dropoutP = training ? (options.dropoutP ?? 0) : 0;
  const found = needWeights ? headWeights(qh, kh, mask, dropoutP) : null;
  const attended =
    found === null
      ? scaledDotProductAttention(qh, kh, vh, { attnMask: mask, dropoutP, isCausal })
      : found.bmm(vh);
  const rows = attended.transpose(0, 1).reshape(queries * samples, features);
  const output = linear(rows, weights.outProjWeight, weights.outProjBias ?? null).view(
    queries,
    samples,
    weights.outProjWeight.shape[0]!,
  );
  if (found === null) return [output, null];
  const byHead = found.view(samples, heads, queries, extended.k.shape[0]!);
  return [output, averageAttnWeights ? byHead.mean(1) : byHead];
}

/** softmax(q·kᵀ/√d + mask), some of it dropped. */
function headWeights(q: Tensor, k: Tensor, mask: Tensor | null, dropoutP: number): Tensor {
  const scores = q.mul(Math.sqrt(1 / q.shape[2]!)).bmm(k.transpose(-2, -1));
  const found = (mask === null ? scores : scores.add(mask)).softmax(-1);
  return dropoutP > 0 ? dropout(found, { p: dropoutP }) : found;
}

/** (length, samples, E) → (samples · heads, length, E / heads) */
function inHeads(self: Tensor, heads: number): Tensor {
  const [length, samples, features] = self.shape as readonly number[] as [number, number, number];
  return self.reshape(length, samples * heads, features / heads).transpose(0, 1);
}

function projected(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  weights: AttentionWeights,
): [q: Tensor, k: Tensor, v: Tensor] {
  const { inProjWeight, inProjBias } = weights;
  if (inProjWeight !== null && query === key && key === value) {
    // One product instead of three.
    return linear(query, inProjWeight, inProjBias ?? null).chunk(3, -1) as [Tensor, Tensor, Tensor];
  }
  const [wq, wk, wv] =
    inProjWeight === null
      ? ([weights.qProjWeight!, weights.kProjWeight!, weights.vProjWeight!] as const)
      : (inProjWeight.chunk(3) as [Tensor, Tensor, Tensor]);
  const [bq, bk, bv] = inProjBias?.chunk(3) ?? [null, null, null];
  if (inProjWeight === null) checkSeparate(query, key, value, wq, wk, wv);
  return [linear(query, wq, bq ?? null), linear(key, wk, bk ?? null), linear(value, wv, bv ?? null)];
}

/** Keys and values with those that every sequence gets. */
function withExtraKeys(
  k: Tensor,
  v: Tensor,
  { biasK, biasV }: AttentionWeights,
  addZeroAttn: boolean,
): { readonly k: Tensor; readonly v: Tensor } {
  const [, samples, features] = k.shape as readonly number[] as [number, number, number];
  const moreK: Tensor[] = [k];
  const moreV: Tensor[] = [v];
  if (biasK && biasV) {
    moreK.push(biasK.repeat(1, samples, 1));
    moreV.push(biasV.repeat(1, samples, 1));
  }
  if (addZeroAttn) {
    const nothing = zeros(1, samples, features, { dtype: k.dtype, device: k.device });
    moreK.push(nothing);
    moreV.push(nothing);
  }
  return moreK.length === 1 ? { k, v } : { k: cat(moreK), v: cat(moreV) };
}

/** Both masks as one, (1 or samples · heads, 1 or queries, keys); keys that were added are open. */
function mergedMask(
  attnMask: Tensor | null,
  keyPaddingMask: Tensor | null,
  heads: number,
  samples: number,
  extra: number,
  keys: number,
): Tensor | null {
  const opened = (mask: Tensor | null): Tensor | null =>
    mask === null || extra === 0
      ? mask
      : cat([mask, zeros(...mask.shape.slice(0, -1), extra, { dtype: mask.dtype })], -1);
  const attention = opened(attnMask);
  const padding = opened(keyPaddingMask);
  if (padding === null) return attention;
  for (const [axis, expected] of [samples, keys].entries()) {
    if (padding.shape[axis] === expected) continue;
    throw torchError(
      "AssertionError",
      `Expected key_padded_mask.shape[${axis}] to be ${expected}, but got ${padding.shape[axis]}`,
    );
  }
  const spread = padding
    .view(samples, 1, 1, keys)
    .expand(samples, heads, 1, keys)
    .reshape(samples * heads, 1, keys);
  return attention === null ? spread : attention.add(spread);
}

function assertion(text: string): Error {
  return torchError("AssertionError", text);
}

/** Whether there is a dimension of samples. */
function checkRanks(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  heads: number,
  { keyPaddingMask, attnMask }: MultiHeadOptions,
): boolean {
  const rank = query.ndim;
  if (rank !== 2 && rank !== 3) {
    throw assertion(`query should be unbatched 2D or batched 3D tensor but received ${rank}-D query tensor`);
  }
  const what = `For ${rank === 3 ? "batched" : "unbatched"} (${rank}-D) \`query\`, expected`;
  if (key.ndim !== rank || value.ndim !== rank) {
    throw assertion(
      `${what} \`key\` and \`value\` to be ${rank}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
    );
  }
  if (keyPaddingMask && keyPaddingMask.ndim !== rank - 1) {
    throw assertion(
      `${what} \`key_padding_mask\` to be \`None\` or ${rank - 1}-D but found ${keyPaddingMask.ndim}-D tensor instead`,
    );
  }
  if (attnMask && attnMask.ndim !== 2 && attnMask.ndim !== 3) {
    throw assertion(
      `${what} \`attn_mask\` to be \`None\`, 2-D or 3-D but found ${attnMask.ndim}-D tensor instead`,
    );
  }
  const expected = [heads, query.shape[0]!, key.shape[0]!];
  if (rank === 2 && attnMask?.ndim === 3 && !sameShape(attnMask.shape, expected)) {
    throw assertion(
      `Expected \`attn_mask\` shape to be (${expected.join(", ")}) but got ${String(attnMask.shape)}`,
    );
  }
  return rank === 3;
}

function checkFeatures(features: number, heads: number, { outProjWeight }: AttentionWeights): void {
  const expected = outProjWeight.shape[1]!;
  if (features !== expected) {
    throw assertion(`was expecting embedding dimension of ${expected}, but got ${features}`);
  }
  if (features % heads !== 0) throw assertion(`embed_dim ${features} not divisible by num_heads ${heads}`);
}

function checkKeys(key: Tensor, value: Tensor, isSeparate: boolean): void {
  const text = (self: Tensor): string => `torch.Size([${self.shape.slice(0, 2).join(", ")}])`;
  if (isSeparate) {
    if (sameShape(key.shape.slice(0, 2), value.shape.slice(0, 2))) return;
    throw assertion(`key's sequence and batch dims ${text(key)} do not match value's ${text(value)}`);
  }
  if (sameShape(key.shape, value.shape)) return;
  throw assertion(`key shape ${String(key.shape)} does not match value shape ${String(value.shape)}`);
}

function checkSeparate(query: Tensor, key: Tensor, value: Tensor, wq: Tensor, wk: Tensor, wv: Tensor): void {
  const features = query.shape.at(-1)!;
  for (const [name, weight, input] of [
    ["query", wq, query],
    ["key", wk, key],
    ["value", wv, value],
  ] as const) {
    const expected = [features, input.shape.at(-1)!];
    if (sameShape(weight.shape, expected)) continue;
    throw assertion(
      `expecting ${name} weights shape of (${expected.join(", ")}), but got ${String(weight.shape)}`,
    );
  }
}

function checkMask(mask: Tensor | null, queries: number, keys: number, batches: number): void {
  if (mask === null) return;
  const expected = mask.ndim === 2 ? [queries, keys] : [batches, queries, keys];
  if (sameShape(mask.shape, expected)) return;
  throw torchError(
    "RuntimeError",
    `The shape of the ${mask.ndim}D attn_mask is ${String(mask.shape)}, but should be (${expected.join(", ")}).`,
  );
}
