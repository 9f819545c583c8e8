/**
 * MultiheadAttention. The mathematics is in `functional/multi-head-attention.ts`.
 */

import { torchError } from "../errors.ts";
import type { MultiHeadOptions } from "../functional/multi-head-attention.ts";
import { multiHeadAttention } from "../functional/multi-head-attention.ts";
import { empty } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { FloatOption } from "./float-option.ts";
import { takeFloat } from "./float-option.ts";
import { xavierNormal_, xavierUniform_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter, factoryOf } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** A Linear that PyTorch's quantization leaves alone; it prints under this name. */
class NonDynamicallyQuantizableLinear extends Linear {}

/** Options of `MultiheadAttention`. */
export interface MultiheadAttentionOptions extends FactoryOptions {
  /** The probability, in training, of an attention weight to become 0. Default 0. */
  readonly dropout?: FloatOption;
  /** Whether the projections have biases. Default true. */
  readonly bias?: boolean;
  /** Whether every sequence gets a learned key and value. Default false. */
  readonly addBiasKv?: boolean;
  /** Whether every sequence gets a key and value of zeros. Default false. */
  readonly addZeroAttn?: boolean;
  /** The features of keys. Default: those of queries. */
  readonly kdim?: number | null;
  /** The features of values. Default: those of queries. */
  readonly vdim?: number | null;
  /** Whether inputs and output are (samples, length, features) instead of (length, samples, features). Default false. */
  readonly batchFirst?: boolean;
}

/** How one call of `MultiheadAttention` attends. */
export type AttentionCallOptions = Pick<
  MultiHeadOptions,
  "keyPaddingMask" | "needWeights" | "attnMask" | "averageAttnWeights" | "isCausal"
>;

const attentionArguments = signature<[embedDim: number, numHeads: number], MultiheadAttentionOptions>()(
  ["embedDim", "numHeads"],
  ["dropout", "bias", "addBiasKv", "addZeroAttn", "kdim", "vdim", "batchFirst", "device", "dtype"],
);

/**
 * Attention in several heads: queries, keys and values are projected, attend to each other, and what comes out is
 * projected once more.
 *
 * Shape: query (queries, samples, embedDim), key (keys, samples, kdim), value (keys, samples, vdim) → output (queries,
 * samples, embedDim) and weights (samples, queries, keys), or null; with `batchFirst` samples come first; or all
 * without samples. `in_proj_weight` (3 · embedDim, embedDim), or `q_proj_weight`, `k_proj_weight`, `v_proj_weight`
 * where the features differ; `in_proj_bias` (3 · embedDim), `bias_k` and `bias_v` (1, 1, embedDim), `out_proj` a Linear.
 * Throws: PyTorch's ValueError and AssertionErrors for numbers that do not fit.
 *
 * @example
 * const x = randn(5, 2, 16);
 * const [output, weights] = new MultiheadAttention(16, 4)(x, x, x);
 */
export class MultiheadAttention extends Module {
  embedDim: number;
  numHeads: number;
  kdim: number;
  vdim: number;
  dropout: number;
  batchFirst: boolean;
  addZeroAttn: boolean;
  in_proj_weight: Parameter | null;
  q_proj_weight: Parameter | null;
  k_proj_weight: Parameter | null;
  v_proj_weight: Parameter | null;
  in_proj_bias: Parameter | null;
  out_proj: Linear;
  bias_k: Parameter | null;
  bias_v: Parameter | null;

  constructor(...args: ArgumentsOf<typeof attentionArguments>) {
    const [embedDim, numHeads, options] = attentionArguments.take("MultiheadAttention", args);
    if (embedDim <= 0 || numHeads <= 0) {
      throw torchError(
        "ValueError",
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embedDim} and num_heads=${numHeads} instead`,
      );
    }
    super();
    const { bias = true, addBiasKv = false } = options;
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.kdim = options.kdim ?? embedDim;
    this.vdim = options.vdim ?? embedDim;
    this.dropout = takeFloat(this, "dropout", options.dropout, 0);
    this.batchFirst = options.batchFirst ?? false;
    this.addZeroAttn = options.addZeroAttn ?? false;
    if (embedDim % numHeads !== 0) {
      throw torchError("AssertionError", "embed_dim must be divisible by num_heads");
    }
    const parameter = (...shape: number[]): Parameter => new Parameter(empty(...shape, options));
    const isPacked = this.kdim === embedDim && this.vdim === embedDim;
    this.in_proj_weight = isPacked ? parameter(3 * embedDim, embedDim) : null;
    this.q_proj_weight = isPacked ? null : parameter(embedDim, embedDim);
    this.k_proj_weight = isPacked ? null : parameter(embedDim, this.kdim);
    this.v_proj_weight = isPacked ? null : parameter(embedDim, this.vdim);
    this.in_proj_bias = bias ? parameter(3 * embedDim) : null;
    this.out_proj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, {
      bias,
      ...factoryOf(options),
    });
    this.bias_k = addBiasKv ? parameter(1, 1, embedDim) : null;
    this.bias_v = addBiasKv ? parameter(1, 1, embedDim) : null;
    this.resetParameters();
  }

  /** Draws fresh parameters after those that the constructor drew for `out_proj`, whose weight stays as it is. */
  resetParameters(): void {
    for (const weight of [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight]) {
      if (weight !== null) xavierUniform_(weight);
    }
    if (this.in_proj_bias !== null) {
      this.in_proj_bias.data.zero_();
      this.out_proj.bias!.data.zero_();
    }
    if (this.bias_k !== null) xavierNormal_(this.bias_k);
    if (this.bias_v !== null) xavierNormal_(this.bias_v);
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttentionCallOptions = {},
  ): [output: Tensor, weights: Tensor | null] {
    const isSwapped = this.batchFirst && query.ndim === 3;
    // Self-attention is told by the three being one tensor, so one they stay.
    const q = isSwapped ? query.transpose(0, 1) : query;
    const k = key === query ? q : isSwapped && key.ndim === 3 ? key.transpose(0, 1) : key;
    const v = value === key ? k : isSwapped && value.ndim === 3 ? value.transpose(0, 1) : value;
    const [output, weights] = multiHeadAttention(
      q,
      k,
      v,
      this.numHeads,
      {
        inProjWeight: this.in_proj_weight,
        qProjWeight: this.q_proj_weight,
        kProjWeight: this.k_proj_weight,
        vProjWeight: this.v_proj_weight,
        inProjBias: this.in_proj_bias,
        biasK: this.bias_k,
        biasV: this.bias_v,
        outProjWeight: this.out_proj.weight,
        outProjBias: this.out_proj.bias,
      },
      { ...options, addZeroAttn: this.addZeroAttn, dropoutP: this.dropout, training: this.training },
    );
    return [isSwapped ? output.transpose(0, 1) : output, weights];
  }
}
