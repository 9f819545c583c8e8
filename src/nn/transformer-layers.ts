/**
 * The layers that transformers are stacked of: self-attention and a small network, and in decoders attention to the
 * encoder's output between them.
 */

import { torchError } from "../errors.ts";
import { gelu, relu } from "../functional/activation.ts";
import { additiveMask } from "../functional/multi-head-attention.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import type { FloatOption } from "./float-option.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";
import type { FactoryOptions } from "./parameter.ts";
import { factoryOf } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** A function of each element, or a module that is one. */
export type Activation = (input: Tensor) => Tensor;

/** Options of the layers of transformers. */
export interface TransformerLayerOptions extends FactoryOptions {
  /** The width of the small network. Default 2048. */
  readonly dimFeedforward?: number;
  /** The probability, in training, of an element to become 0. Default 0.1. */
  readonly dropout?: FloatOption;
  /** What the small network puts between its two maps. Default `"relu"`. */
  readonly activation?: "relu" | "gelu" | Activation;
  /** Added to the variances that the norms divide by. Default 1e-5. */
  readonly layerNormEps?: FloatOption;
  /** Whether inputs and output are (samples, length, features) instead of (length, samples, features). Default false. */
  readonly batchFirst?: boolean;
  /** Whether inputs are normalized before each part instead of outputs after it. Default false. */
  readonly normFirst?: boolean;
  /** Whether maps and norms have biases. Default true. */
  readonly bias?: boolean;
}

/** What the options of a transformer say of all its parts. */
export function partOptions(options: TransformerLayerOptions): FactoryOptions & { readonly bias: boolean } {
  return { bias: options.bias ?? true, ...factoryOf(options) };
}

/** The activation that options ask for. Throws: PyTorch's RuntimeError for a name that it does not know. */
function activationOf({ activation = "relu" }: TransformerLayerOptions): Activation {
  if (typeof activation === "function") return activation;
  if (activation === "relu") return relu;
  if (activation === "gelu") return gelu;
  throw torchError("RuntimeError", `activation should be relu/gelu, not ${String(activation)}`);
}

/** Masks of an encoder layer. */
export interface EncoderLayerMasks {
  /** True, or −∞, where a place may not look at another: (length, length) or (samples · heads, length, length). */
  readonly srcMask?: Tensor | null;
  /** True, or −∞, at places that are padding: (samples, length), or (length). */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Says that `srcMask` is a causal one, which may then be left unread. Default false. */
  readonly isCausal?: boolean;
}

const transformerLayerArguments = signature<[dModel: number, nhead: number], TransformerLayerOptions>()(
  ["dModel", "nhead"],
  [
    "dimFeedforward",
    "dropout",
    "activation",
    "layerNormEps",
    "batchFirst",
    "normFirst",
    "bias",
    "device",
    "dtype",
  ],
);

/**
 * A layer of an encoder: x = norm1(x + attention(x)), x = norm2(x + network(x)).
 *
 * Shape: (length, samples, dModel) → the same; with `batchFirst` (samples, length, dModel); or without samples.
 *
 * @example
 * new TransformerEncoderLayer(512, 8)(rand(10, 32, 512)).shape; // torch.Size([10, 32, 512])
 */
export class TransformerEncoderLayer extends Module {
  self_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  normFirst: boolean;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  activation: Activation;

  constructor(...args: ArgumentsOf<typeof transformerLayerArguments>) {
    super();
    const [dModel, nhead, options] = transformerLayerArguments.take("TransformerEncoderLayer", args);
    const { dimFeedforward = 2048, dropout = 0.1, layerNormEps: eps = 1e-5 } = options;
    const made = partOptions(options);
    this.self_attn = new MultiheadAttention(dModel, nhead, {
      ...made,
      dropout,
      batchFirst: options.batchFirst ?? false,
    });
    this.linear1 = new Linear(dModel, dimFeedforward, made);
    this.dropout = new Dropout({ p: dropout });
    this.linear2 = new Linear(dimFeedforward, dModel, made);
    this.normFirst = options.normFirst ?? false;
    this.norm1 = new LayerNorm(dModel, { ...made, eps });
    this.norm2 = new LayerNorm(dModel, { ...made, eps });
    this.dropout1 = new Dropout({ p: dropout });
    this.dropout2 = new Dropout({ p: dropout });
    this.activation = activationOf(options);
  }

  override forward(src: Tensor, given: EncoderLayerMasks = {}): Tensor {
    const masks: EncoderLayerMasks = {
      ...given,
      srcKeyPaddingMask: additiveMask(given.srcKeyPaddingMask, "src_key_padding_mask", src, {
        src_mask: given.srcMask,
      }),
      srcMask: additiveMask(given.srcMask, "src_mask", src),
    };
    if (this.normFirst) {
      const x = src.add(this.attendToSelf(this.norm1(src), masks));
      return x.add(this.feedForward(this.norm2(x)));
    }
    const x = this.norm1(src.add(this.attendToSelf(src, masks)));
    return this.norm2(x.add(this.feedForward(x)));
  }

  private attendToSelf(x: Tensor, { srcMask, srcKeyPaddingMask, isCausal }: EncoderLayerMasks): Tensor {
    const [output] = this.self_attn(x, x, x, {
      attnMask: srcMask ?? null,
      keyPaddingMask: srcKeyPaddingMask ?? null,
      needWeights: false,
      isCausal: isCausal ?? false,
    });
    return this.dropout1(output);
  }

  private feedForward(x: Tensor): Tensor {
    return this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}

/** Masks of a decoder and its layers. "Memory" is the encoder's output. */
export interface DecoderMasks {
  /** True, or −∞, where a place may not look at another: (length, length) or (samples · heads, length, length). */
  readonly tgtMask?: Tensor | null;
  /** True, or −∞, where a place may not look at one of the memory: (length, memory) or with samples · heads before. */
  readonly memoryMask?: Tensor | null;
  /** True, or −∞, at places that are padding: (samples, length), or (length). */
  readonly tgtKeyPaddingMask?: Tensor | null;
  /** True, or −∞, at places of the memory that are padding: (samples, memory), or (memory). */
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** Says that `tgtMask` is a causal one, which may then be left unread. Default false. */
  readonly tgtIsCausal?: boolean;
  /** Says that `memoryMask` is a causal one, which may then be left unread. Default false. */
  readonly memoryIsCausal?: boolean;
}

/**
 * A layer of a decoder: x = norm1(x + attention(x)), x = norm2(x + attention(x, memory)), x = norm3(x + network(x)).
 *
 * Shape: (length, samples, dModel), memory (memory, samples, dModel) → (length, samples, dModel); with `batchFirst`
 * samples come first; or all without samples.
 *
 * @example
 * new TransformerDecoderLayer(512, 8)(rand(20, 32, 512), rand(10, 32, 512)).shape; // torch.Size([20, 32, 512])
 */
export class TransformerDecoderLayer extends Module {
  self_attn: MultiheadAttention;
  multihead_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  normFirst: boolean;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  activation: Activation;

  constructor(...args: ArgumentsOf<typeof transformerLayerArguments>) {
    super();
    const [dModel, nhead, options] = transformerLayerArguments.take("TransformerDecoderLayer", args);
    const { dimFeedforward = 2048, dropout = 0.1, layerNormEps: eps = 1e-5 } = options;
    const made = partOptions(options);
    const attention = { ...made, dropout, batchFirst: options.batchFirst ?? false };
    this.self_attn = new MultiheadAttention(dModel, nhead, attention);
    this.multihead_attn = new MultiheadAttention(dModel, nhead, attention);
    this.linear1 = new Linear(dModel, dimFeedforward, made);
    this.dropout = new Dropout({ p: dropout });
    this.linear2 = new Linear(dimFeedforward, dModel, made);
    this.normFirst = options.normFirst ?? false;
    this.norm1 = new LayerNorm(dModel, { ...made, eps });
    this.norm2 = new LayerNorm(dModel, { ...made, eps });
    this.norm3 = new LayerNorm(dModel, { ...made, eps });
    this.dropout1 = new Dropout({ p: dropout });
    this.dropout2 = new Dropout({ p: dropout });
    this.dropout3 = new Dropout({ p: dropout });
    this.activation = activationOf(options);
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    if (this.normFirst) {
      const x = tgt.add(this.attendToSelf(this.norm1(tgt), masks));
      const y = x.add(this.attendToMemory(this.norm2(x), memory, masks));
      return y.add(this.feedForward(this.norm3(y)));
    }
    const x = this.norm1(tgt.add(this.attendToSelf(tgt, masks)));
    const y = this.norm2(x.add(this.attendToMemory(x, memory, masks)));
    return this.norm3(y.add(this.feedForward(y)));
  }

  private attendToSelf(x: Tensor, { tgtMask, tgtKeyPaddingMask, tgtIsCausal }: DecoderMasks): Tensor {
    const [output] = this.self_attn(x, x, x, {
      attnMask: tgtMask ?? null,
      keyPaddingMask: tgtKeyPaddingMask ?? null,
      isCausal: tgtIsCausal ?? false,
      needWeights: false,
    });
    return this.dropout1(output);
  }

  private attendToMemory(x: Tensor, memory: Tensor, masks: DecoderMasks): Tensor {
    const [output] = this.multihead_attn(x, memory, memory, {
      attnMask: masks.memoryMask ?? null,
      keyPaddingMask: masks.memoryKeyPaddingMask ?? null,
      isCausal: masks.memoryIsCausal ?? false,
      needWeights: false,
    });
    return this.dropout2(output);
  }

  private feedForward(x: Tensor): Tensor {
    return this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }
}
