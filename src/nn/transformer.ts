/**
 * Transformers: stacks of encoder and decoder layers, and the two together.
 */

import { isGradEnabled } from "../autograd/grad-mode.ts";
import { torchError } from "../errors.ts";
import { gelu, relu } from "../functional/activation.ts";
import { additiveMask } from "../functional/multi-head-attention.ts";
import { full } from "../ops/creation.ts";
import type { CreationOptions } from "../ops/creation.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { GELU, ReLU } from "./activation.ts";
import { deepCopy } from "./deep-copy.ts";
import { xavierUniform_ } from "./init.ts";
import { ModuleList } from "./module-list.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";
import type { DecoderMasks, TransformerLayerOptions } from "./transformer-layers.ts";
import { TransformerDecoderLayer, TransformerEncoderLayer, partOptions } from "./transformer-layers.ts";
import { warn } from "../warnings.ts";
import type { Arguments, ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** Copies of a layer, equal at first; the layer itself is not among them. */
function copies<L extends Module>(layer: L, count: number): L[] {
  return Array.from({ length: count }, () => deepCopy(layer));
}

/** Options of `TransformerEncoder`. */
export interface TransformerEncoderOptions {
  /** Runs on the output. Default: none. */
  readonly norm?: Module | null;
  /** Whether padding may be left out when no gradient is recorded; the output is 0 there. Default true. */
  readonly enableNestedTensor?: boolean;
  /** Whether it is checked that padding is at the ends only, before it is left out. Default true. */
  readonly maskCheck?: boolean;
}

/** Masks of an encoder. */
export interface EncoderMasks {
  /** True, or −∞, where a place may not look at another: (length, length) or (samples · heads, length, length). */
  readonly mask?: Tensor | null;
  /** True, or −∞, at places that are padding: (samples, length), or (length). */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Says that `mask` is a causal one, which may then be left unread. Default: false. */
  readonly isCausal?: boolean;
}

const encoderArguments = signature<[encoderLayer: Module, numLayers: number], TransformerEncoderOptions>()(
  ["encoderLayer", "numLayers"],
  ["norm", "enableNestedTensor", "maskCheck"],
);

/**
 * A stack of copies of an encoder layer, all equal at first.
 *
 * In evaluation without gradients, where padding is at the ends only, PyTorch leaves it out of the computation, and the
 * output is 0 there (before `norm`); so it is here.
 *
 * Shape: that of the layer.
 *
 * @example
 * new TransformerEncoder(new TransformerEncoderLayer(512, 8), 6)(rand(10, 32, 512));
 */
export class TransformerEncoder<L extends Module = TransformerEncoderLayer> extends Module {
  layers: ModuleList<L[]>;
  numLayers: number;
  norm: Module | null;
  enableNestedTensor: boolean;
  /** Whether padding can be left out at all: it was asked for, and the layer is one of those that can. */
  useNestedTensor: boolean;
  maskCheck: boolean;

  constructor(
    ...args: Arguments<
      [encoderLayer: L, numLayers: number],
      ["encoderLayer", "numLayers"],
      TransformerEncoderOptions
    >
  ) {
    super();
    const [encoderLayer, numLayers, options] = encoderArguments.take("TransformerEncoder", args);
    this.layers = new ModuleList<L[]>(copies(encoderLayer as L, numLayers));
    this.numLayers = numLayers;
    this.norm = options.norm ?? null;
    this.enableNestedTensor = options.enableNestedTensor ?? true;
    this.useNestedTensor = this.enableNestedTensor;
    this.maskCheck = options.maskCheck ?? true;
    const obstacle = obstacleTo(encoderLayer);
    if (this.enableNestedTensor && obstacle !== null) {
      warn(
        `enable_nested_tensor is True, but self.use_nested_tensor is False because encoder_layer${obstacle}`,
      );
      this.useNestedTensor = false;
    }
  }

  override forward(src: Tensor, masks: EncoderMasks = {}): Tensor {
    const srcKeyPaddingMask = additiveMask(masks.srcKeyPaddingMask, "src_key_padding_mask", src, {
      mask: masks.mask,
    });
    const srcMask = additiveMask(masks.mask, "mask", src);
    const { isCausal = false } = masks;
    let output = src;
    for (const layer of this.layers) {
      output = (layer as Module)(output, { srcMask, srcKeyPaddingMask, isCausal }) as Tensor;
    }
    if (srcMask === null && srcKeyPaddingMask !== null && this.leavesPaddingOut(src, srcKeyPaddingMask)) {
      output = output.maskedFill(srcKeyPaddingMask.ne(0).unsqueeze(-1), 0);
    }
    return this.norm === null ? output : (this.norm(output) as Tensor);
  }

  /** Whether PyTorch would compute without the padding. */
  private leavesPaddingOut(src: Tensor, padding: Tensor): boolean {
    const first: Module | undefined = this.layers.at(0);
    if (!this.useNestedTensor || first === undefined || first.training || src.ndim !== 3) return false;
    if (this.maskCheck && !isAtTheEnds(padding)) return false;
    return !isGradEnabled() || ![src, ...first.parameters()].some((tensor) => tensor.requiresGrad);
  }
}

/** Whether padding follows what is no padding, in every sample. */
function isAtTheEnds(padding: Tensor): boolean {
  const isPadded = padding.ne(0).long();
  return (
    isPadded
      .narrow(1, 1, isPadded.shape[1]! - 1)
      .ge(isPadded.narrow(1, 0, isPadded.shape[1]! - 1))
      .all()
      .item<boolean>() === true
  );
}

/** Options of `TransformerDecoder`. */
export interface TransformerDecoderOptions {
  /** What the output goes through at last. Default: nothing. */
  readonly norm?: Module | null;
}

const decoderArguments = signature<[decoderLayer: Module, numLayers: number], TransformerDecoderOptions>()(
  ["decoderLayer", "numLayers"],
  ["norm"],
);

/**
 * A stack of copies of a decoder layer, all equal at first.
 *
 * Shape: that of the layer.
 *
 * @example
 * new TransformerDecoder(new TransformerDecoderLayer(512, 8), 6)(rand(20, 32, 512), rand(10, 32, 512));
 */
export class TransformerDecoder<L extends Module = TransformerDecoderLayer> extends Module {
  layers: ModuleList<L[]>;
  numLayers: number;
  norm: Module | null;

  constructor(
    ...args: Arguments<
      [decoderLayer: L, numLayers: number],
      ["decoderLayer", "numLayers"],
      TransformerDecoderOptions
    >
  ) {
    super();
    const [decoderLayer, numLayers, options] = decoderArguments.take("TransformerDecoder", args);
    this.layers = new ModuleList<L[]>(copies(decoderLayer as L, numLayers));
    this.numLayers = numLayers;
    this.norm = options.norm ?? null;
  }

  override forward(tgt: Tensor, memory: Tensor, masks: DecoderMasks = {}): Tensor {
    let output = tgt;
    for (const layer of this.layers) output = (layer as Module)(output, memory, masks) as Tensor;
    return this.norm === null ? output : (this.norm(output) as Tensor);
  }
}

/** Options of `Transformer`. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** The number of features. Default 512. */
  readonly dModel?: number;
  /** The number of heads. Default 8. */
  readonly nhead?: number;
  /** Default 6. */
  readonly numEncoderLayers?: number;
  /** Default 6. */
  readonly numDecoderLayers?: number;
  /** Takes the place of the encoder. */
  readonly customEncoder?: Module | null;
  /** Takes the place of the decoder. */
  readonly customDecoder?: Module | null;
}

/** Masks of a transformer: those of its decoder, and of its encoder. */
export interface TransformerMasks extends DecoderMasks {
  /** As `mask` of the encoder. */
  readonly srcMask?: Tensor | null;
  /** As that of the encoder. */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** As `isCausal` of the encoder. */
  readonly srcIsCausal?: boolean;
}

const transformerArguments = signature<[], TransformerOptions>()(
  [],
  [
    "dModel",
    "nhead",
    "numEncoderLayers",
    "numDecoderLayers",
    "dimFeedforward",
    "dropout",
    "activation",
    "customEncoder",
    "customDecoder",
    "layerNormEps",
    "batchFirst",
    "normFirst",
    "bias",
    "device",
    "dtype",
  ],
);

/**
 * An encoder, and a decoder that looks at its output.
 *
 * Shape: src (source, samples, dModel), tgt (target, samples, dModel) → (target, samples, dModel); with `batchFirst`
 * samples come first; or all without samples.
 * Throws: PyTorch's RuntimeErrors for inputs that do not fit each other or the network.
 *
 * @example
 * const net = new Transformer({ nhead: 16, numEncoderLayers: 12 });
 * net(rand(10, 32, 512), rand(20, 32, 512)).shape; // torch.Size([20, 32, 512])
 */
export class Transformer<
  Encoder extends Module = TransformerEncoder,
  Decoder extends Module = TransformerDecoder,
> extends Module {
  encoder: Encoder;
  decoder: Decoder;
  dModel: number;
  nhead: number;
  batchFirst: boolean;

  constructor(...args: ArgumentsOf<typeof transformerArguments>) {
    super();
    const [options] = transformerArguments.take("Transformer", args);
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...others } = options;
    const { customEncoder, customDecoder, ...layer } = others;
    const { layerNormEps: eps = 1e-5 } = layer;
    const norm = (): LayerNorm => new LayerNorm(dModel, { ...partOptions(layer), eps });
    const encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, {
        norm: norm(),
      });
    const decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, {
        norm: norm(),
      });
    this.encoder = encoder as Encoder;
    this.decoder = decoder as Decoder;
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = options.batchFirst ?? false;
    this.resetParameters();
  }

  /** Draws fresh values for all parameters of more than one dimension, evenly by Xavier's rule. */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, masks: TransformerMasks = {}): Tensor {
    const samples = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[samples] !== tgt.shape[samples]) {
      throw torchError("RuntimeError", "the batch number of src and tgt must be equal");
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw torchError("RuntimeError", "the feature number of src and tgt must be equal to d_model");
    }
    const { srcMask = null, srcKeyPaddingMask = null, srcIsCausal = false, ...rest } = masks;
    const memory = (this.encoder as Module)(src, {
      mask: srcMask,
      srcKeyPaddingMask,
      isCausal: srcIsCausal,
    }) as Tensor;
    return (this.decoder as Module)(tgt, memory, rest) as Tensor;
  }

  /**
   * The mask with which a place looks at itself and those before it: −∞ above the diagonal, 0 elsewhere.
   *
   * @example
   * Transformer.generateSquareSubsequentMask(2); // tensor([[0., -inf], [0., 0.]])
   */
  static generateSquareSubsequentMask(size: number, options: CreationOptions = {}): Tensor {
    return full([size, size], -Infinity, options).triu(1);
  }
}

/** Why PyTorch has no way of leaving padding out for a layer, in its words; null where it has one. */
function obstacleTo(layer: Module): string | null {
  if (!(layer instanceof TransformerEncoderLayer)) return " was not TransformerEncoderLayer";
  const { self_attn: attention, norm1, norm2 } = layer;
  if (layer.normFirst) return ".norm_first was True";
  if (!attention.batchFirst)
    return ".self_attn.batch_first was not True(use batch_first for better inference performance)";
  if (attention.in_proj_weight === null) return ".self_attn._qkv_same_embed_dim was not True";
  if (attention.in_proj_bias === null) return ".self_attn was passed bias=False";
  if (!isReluOrGelu(layer.activation)) return ".activation_relu_or_gelu was not True";
  if (norm1.eps !== norm2.eps) return ".norm1.eps was not equal to encoder_layer.norm2.eps";
  return attention.numHeads % 2 === 1 ? ".self_attn.num_heads is odd" : null;
}

/** Whether PyTorch has a fast road for an activation. */
function isReluOrGelu(activation: unknown): boolean {
  return (
    activation === relu || activation === gelu || activation instanceof ReLU || activation instanceof GELU
  );
}
