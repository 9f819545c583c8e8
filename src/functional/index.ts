/** The public list of `nn.functional`. */

export {
  celu_,
  elu_,
  hardtanh_,
  leakyRelu_,
  relu_,
  rrelu_,
  selu_,
  threshold_,
} from "./activation-in-place.ts";
export {
  celu,
  elu,
  type EluOptions,
  gelu,
  type GeluOptions,
  glu,
  type GluOptions,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  type HardtanhOptions,
  type InplaceOptions,
  leakyRelu,
  type LeakyReluOptions,
  logSigmoid,
  logSigmoid as logsigmoid,
  logSoftmax,
  mish,
  prelu,
  relu,
  relu6,
  rrelu,
  type RreluOptions,
  selu,
  type ShrinkOptions,
  sigmoid,
  silu,
  softmax,
  type SoftmaxOptions,
  softmin,
  softplus,
  type SoftplusOptions,
  softshrink,
  softsign,
  tanh,
  tanhshrink,
  threshold,
} from "./activation.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool1dWithIndices,
  adaptiveMaxPool2d,
  adaptiveMaxPool2dWithIndices,
  adaptiveMaxPool3d,
  adaptiveMaxPool3dWithIndices,
  type OutputSize,
} from "./adaptive-pooling.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type LogitsOptions,
  multilabelSoftMarginLoss,
  softMarginLoss,
  type WeightOptions,
} from "./binary-loss.ts";
export { multilabelMarginLoss, multiMarginLoss, type MultiMarginOptions } from "./class-margin-loss.ts";
export { crossEntropy, type CrossEntropyOptions, nllLoss, type NllOptions } from "./classification-loss.ts";
export {
  conv1d,
  conv2d,
  conv3d,
  type ConvOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type ConvTransposeOptions,
  type PerAxis,
} from "./conv.ts";
export { ctcLoss, type CtcOptions, type Lengths } from "./ctc-loss.ts";
export {
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  pdist,
  type PairwiseDistanceOptions,
} from "./distance.ts";
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type DropoutOptions,
  featureAlphaDropout,
} from "./dropout.ts";
export { embedding, embeddingBag, type EmbeddingBagOptions, type EmbeddingOptions } from "./embedding.ts";
export {
  fractionalMaxPool2d,
  fractionalMaxPool2dWithIndices,
  fractionalMaxPool3d,
  fractionalMaxPool3dWithIndices,
  type FractionalPoolOptions,
} from "./fractional-pooling.ts";
export { affineGrid, type AffineGridOptions, gridSample, type GridSampleOptions } from "./grid-sampling.ts";
export { gumbelSoftmax, type GumbelSoftmaxOptions } from "./gumbel-softmax.ts";
export { interpolate, type InterpolateOptions, type InterpolationMode } from "./interpolation.ts";
export { linearCrossEntropy, type LinearCrossEntropyOptions } from "./linear-cross-entropy.ts";
export { bilinear, linear } from "./linear.ts";
export type { OlderReductionOptions, Reduction, ReductionOptions } from "./loss-reduction.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  marginRankingLoss,
  tripletMarginLoss,
  type TripletMarginOptions,
  tripletMarginWithDistanceLoss,
  type TripletOptions,
  type TripletWithDistanceOptions,
} from "./margin-loss.ts";
export { type AttentionWeights, multiHeadAttention, type MultiHeadOptions } from "./multi-head-attention.ts";
export {
  batchNorm,
  type BatchNormOptions,
  groupNorm,
  instanceNorm,
  type InstanceNormOptions,
  layerNorm,
  localResponseNorm,
  type LocalResponseOptions,
  normalize,
  type NormalizeOptions,
  type NormOptions,
  rmsNorm,
  type RmsNormOptions,
} from "./normalization.ts";
export {
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LpPoolOptions,
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
  type MaxPoolOptions,
  type PooledWithIndices,
} from "./pooling.ts";
export {
  channelShuffle,
  fold,
  type FoldOptions,
  pixelShuffle,
  pixelUnshuffle,
  unfold,
} from "./rearranging.ts";
export {
  type CellKind,
  type CellState,
  type CellWeights,
  recurrentCell,
  recurrentLayers,
  type RecurrentOptions,
  type RecurrentResult,
} from "./recurrent.ts";
export {
  type ElementWeightOptions,
  gaussianNllLoss,
  type GaussianNllOptions,
  huberLoss,
  type HuberOptions,
  klDiv,
  type KlDivOptions,
  l1Loss,
  mseLoss,
  poissonNllLoss,
  type PoissonNllOptions,
  smoothL1Loss,
  type SmoothL1Options,
} from "./regression-loss.ts";
export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from "./unpooling.ts";
export { upsample, upsampleBilinear, upsampleNearest } from "./upsampling.ts";
export { oneHot } from "../ops/counting.ts";
export { pad, type PadMode, type PadOptions } from "../ops/padding.ts";
