/** The public list of `nn.functional`. */

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
export { ctcLoss, type CtcOptions, type Lengths } from "./ctc-loss.ts";
export {
  cosineSimilarity,
  type CosineSimilarityOptions,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "./distance.ts";
export { bilinear, linear } from "./linear.ts";
export type { Reduction, ReductionOptions } from "./loss-reduction.ts";
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
