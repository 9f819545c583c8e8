/**
 * Tables of vectors: Embedding and EmbeddingBag. Their functions are in `functional/embedding.ts`.
 */

import { noGrad } from "../autograd/grad-mode.ts";
import { torchError } from "../errors.ts";
import { embedding, embeddingBag } from "../functional/embedding.ts";
import { empty } from "../ops/creation.ts";
import type { BagMode } from "../ops/embedding.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { describe } from "./extra-repr.ts";
import type { FloatOption } from "./float-option.ts";
import { asGiven, takeFloat } from "./float-option.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import type { FactoryOptions } from "./parameter.ts";
import { Parameter } from "./parameter.ts";
import type { ArgumentsOf } from "./signature.ts";
import { signature } from "./signature.ts";

/** What `Embedding` and `EmbeddingBag` may be told. */
export interface TableOptions {
  /** The row that is no word: zeros at first, never trained; negative ones count from the end. Default: none. */
  readonly paddingIdx?: number | null;
  /** Rows that are longer are shortened to this when they are taken. Default: none. */
  readonly maxNorm?: FloatOption | null;
  /** The p of the p-norm for `maxNorm`. Default 2. */
  readonly normType?: FloatOption;
  /** Whether gradients are divided by how often their row was taken. Default false. */
  readonly scaleGradByFreq?: boolean;
  /** Kept for its place in the text; gradients are dense. Default false. */
  readonly sparse?: boolean;
}

/** What `fromPretrained` takes. */
export interface PretrainedOptions {
  /** Whether the rows stay as they are. Default true. */
  readonly freeze?: boolean;
}

/** What both tables share. */
export class TableModule extends Module {
  numEmbeddings: number;
  embeddingDim: number;
  paddingIdx: number | null;
  maxNorm: number | null;
  normType: number;
  scaleGradByFreq: boolean;
  weight: Parameter;
  sparse: boolean;

  constructor(numEmbeddings: number, embeddingDim: number, options: TableOptions & FactoryOptions) {
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    const padding = options.paddingIdx ?? null;
    if (padding !== null && (padding >= numEmbeddings || padding < -numEmbeddings)) {
      // The two classes of PyTorch spell it differently.
      const name = this instanceof EmbeddingBag ? "padding_idx" : "Padding_idx";
      throw torchError("AssertionError", `${name} must be within num_embeddings`);
    }
    this.paddingIdx = padding !== null && padding < 0 ? padding + numEmbeddings : padding;
    this.maxNorm = takeFloat(this, "maxNorm", options.maxNorm, null);
    this.normType = takeFloat(this, "normType", options.normType, 2);
    this.scaleGradByFreq = options.scaleGradByFreq ?? false;
    this.weight = new Parameter(empty(numEmbeddings, embeddingDim, options));
    this.sparse = options.sparse ?? false;
    this.resetParameters();
  }

  /** Draws all rows normally, then sets the padding row to zeros. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).zero_());
  }
}

/** Puts given rows in the place of drawn ones. Throws: PyTorch's AssertionError for what is no matrix. */
function takeWeight(weight: Tensor): readonly [rows: number, columns: number] {
  if (weight.ndim !== 2) {
    throw torchError("AssertionError", "Embeddings parameter is expected to be 2-dimensional");
  }
  return weight.shape as readonly number[] as [number, number];
}

/** Options of `Embedding`. */
export interface EmbeddingLayerOptions extends FactoryOptions, TableOptions {}

const embeddingArguments = signature<[numEmbeddings: number, embeddingDim: number], EmbeddingLayerOptions>()(
  ["numEmbeddings", "embeddingDim"],
  ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq", "sparse", "device", "dtype"],
);

/**
 * A vector for each number.
 *
 * Shape: (*) of integers → (*, embeddingDim); `weight` (numEmbeddings, embeddingDim).
 * Throws: PyTorch's AssertionError for a padding row that is not there; its IndexError for a number that is not.
 *
 * @example
 * new Embedding(10, 3)(tensor([[1, 2], [4, 3]])).shape; // torch.Size([2, 2, 3])
 */
export class Embedding extends TableModule {
  constructor(...args: ArgumentsOf<typeof embeddingArguments>) {
    super(...embeddingArguments.take("Embedding", args));
  }

  /** A layer over rows that are there; they are shared, and by default not trained. */
  static fromPretrained(embeddings: Tensor, options: TableOptions & PretrainedOptions = {}): Embedding {
    const made = new Embedding(...takeWeight(embeddings), { ...options, device: "meta" });
    made.weight = new Parameter(embeddings, { requiresGrad: options.freeze === false });
    return made;
  }

  override forward(input: Tensor): Tensor {
    return embedding(input, this.weight, this);
  }

  override extraRepr(): string {
    return describe([this.numEmbeddings, this.embeddingDim], {
      padding_idx: this.paddingIdx ?? undefined,
      max_norm: this.maxNorm === null ? undefined : asGiven(this, "maxNorm"),
      norm_type: this.normType === 2 ? undefined : asGiven(this, "normType"),
      scale_grad_by_freq: this.scaleGradByFreq || undefined,
      sparse: this.sparse || undefined,
    });
  }
}

/** Options of `EmbeddingBag`. */
export interface EmbeddingBagLayerOptions extends FactoryOptions, TableOptions {
  /** How vectors become one. Default `"mean"`. */
  readonly mode?: BagMode;
  /** Whether the last offset is the end of the list. Default false. */
  readonly includeLastOffset?: boolean;
}

const embeddingBagArguments = signature<
  [numEmbeddings: number, embeddingDim: number],
  EmbeddingBagLayerOptions
>()(
  ["numEmbeddings", "embeddingDim"],
  [
    "maxNorm",
    "normType",
    "scaleGradByFreq",
    "mode",
    "sparse",
    "includeLastOffset",
    "paddingIdx",
    "device",
    "dtype",
  ],
);

/**
 * One vector for each bag of numbers: the sum, mean or maximum of theirs.
 *
 * Shape: (bags, length), or (n) with offsets (bags) → (bags, embeddingDim); `weight` (numEmbeddings, embeddingDim).
 * Throws: PyTorch's errors for arguments that do not fit together.
 *
 * @example
 * new EmbeddingBag(10, 3, { mode: "sum" })(tensor([1, 2, 4]), tensor([0, 2])).shape; // torch.Size([2, 3])
 */
export class EmbeddingBag extends TableModule {
  mode: BagMode;
  includeLastOffset: boolean;

  constructor(...args: ArgumentsOf<typeof embeddingBagArguments>) {
    const [numEmbeddings, embeddingDim, options] = embeddingBagArguments.take("EmbeddingBag", args);
    super(numEmbeddings, embeddingDim, options);
    this.mode = options.mode ?? "mean";
    this.includeLastOffset = options.includeLastOffset ?? false;
  }

  /** A layer over rows that are there; they are shared, and by default not trained. */
  static fromPretrained(
    embeddings: Tensor,
    options: EmbeddingBagLayerOptions & PretrainedOptions = {},
  ): EmbeddingBag {
    const made = new EmbeddingBag(...takeWeight(embeddings), { ...options, device: "meta" });
    made.weight = new Parameter(embeddings, { requiresGrad: options.freeze === false });
    return made;
  }

  override forward(
    input: Tensor,
    offsets: Tensor | null = null,
    perSampleWeights: Tensor | null = null,
  ): Tensor {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq, mode, includeLastOffset } = this;
    return embeddingBag(input, this.weight, {
      offsets,
      perSampleWeights,
      paddingIdx,
      maxNorm,
      normType,
      scaleGradByFreq,
      mode,
      includeLastOffset,
    });
  }

  override extraRepr(): string {
    return describe([this.numEmbeddings, this.embeddingDim], {
      max_norm: this.maxNorm === null ? undefined : asGiven(this, "maxNorm"),
      norm_type: this.normType === 2 ? undefined : asGiven(this, "normType"),
      scale_grad_by_freq: this.scaleGradByFreq || undefined,
      mode: this.mode,
      padding_idx: this.paddingIdx ?? undefined,
    });
  }
}
