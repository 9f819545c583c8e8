/** The public list of `nn`. */

export {
  GELU,
  type GELUOptions,
  Hardsigmoid,
  Hardswish,
  LogSigmoid,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softsign,
  Tanh,
  Tanhshrink,
} from "./activation.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  type AdaptiveMaxPoolOptions,
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
} from "./adaptive-pooling.ts";
export {
  AdaptiveLogSoftmaxWithLoss,
  type AdaptiveLogSoftmaxOptions,
  AdaptiveLogSoftmaxOutput,
} from "./adaptive-softmax.ts";
export {
  type AttentionCallOptions,
  MultiheadAttention,
  type MultiheadAttentionOptions,
} from "./attention.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type RunningNormOptions,
} from "./batch-norm.ts";
export { Buffer, type BufferOptions, isBuffer } from "./buffer.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  CTCLoss,
  MultiLabelSoftMarginLoss,
  NLLLoss,
  NLLLoss2d,
  SoftMarginLoss,
} from "./classification-loss.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from "./conv-transpose.ts";
export {
  type AnyConvLayerOptions,
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayerOptions,
  type ConvPaddingMode,
} from "./conv.ts";
export type { ModuleToOptions, ModuleToTarget } from "./conversion.ts";
export { deepCopy } from "./deep-copy.ts";
export { CosineSimilarity, PairwiseDistance } from "./distance.ts";
export {
  AlphaDropout,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  type DropoutOptions,
  FeatureAlphaDropout,
} from "./dropout.ts";
export {
  Embedding,
  EmbeddingBag,
  type EmbeddingBagLayerOptions,
  type EmbeddingLayerOptions,
  type PretrainedOptions,
  type TableOptions,
} from "./embedding.ts";
export { describe, float, plain } from "./extra-repr.ts";
export { Flatten, type FlattenOptions, Unflatten } from "./flatten.ts";
export type { FloatOption } from "./float-option.ts";
export {
  FractionalMaxPool2d,
  FractionalMaxPool3d,
  type FractionalPoolLayerOptions,
} from "./fractional-pooling.ts";
export type { HookOptions, RemovableHandle } from "./hook-tables.ts";
export {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardHookOptions,
  type ForwardPreHook,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type ModuleGradients,
  registerModuleBackwardHook,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  type StateDictHook,
  type StateDictPreHook,
} from "./hooks.ts";
export * as init from "./init.ts";
export {
  LazyLinear,
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
} from "./lazy.ts";
export { LinearCrossEntropyLoss, type LinearCrossEntropyLossOptions } from "./linear-cross-entropy.ts";
export { Bilinear, Identity, Linear, type LinearOptions } from "./linear.ts";
export {
  type LoadContext,
  LoadStateDictError,
  type LoadStateDictOptions,
  type StateSource,
} from "./load-state-dict.ts";
export { Loss, WeightedLoss, type WeightedLossOptions } from "./loss.ts";
export {
  CosineEmbeddingLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./margin-loss.ts";
export { ModuleDict, type ModuleDictModule, type ModulesByName } from "./module-dict.ts";
export { ModuleList, type ModuleListModule } from "./module-list.ts";
export { isModule } from "./module-record.ts";
export { type BufferPath, Module, type ModulePath, type ParameterPath, type SubmoduleAt } from "./module.ts";
export {
  GroupNorm,
  type GroupNormOptions,
  LayerNorm,
  type LayerNormOptions,
  LocalResponseNorm,
  type LocalResponseNormOptions,
  RMSNorm,
  type RMSNormOptions,
} from "./normalization.ts";
export type { ByPosition, Slice } from "./numbered.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  type PaddingLengths,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./padding.ts";
export { ParameterDict, type ParameterDictModule, type ValuesByName } from "./parameter-dict.ts";
export { ParameterList, type ParameterListModule } from "./parameter-list.ts";
export { type FactoryOptions, isParameter, Parameter, type ParameterOptions } from "./parameter.ts";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  LPPool1d,
  LPPool2d,
  LPPool3d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  type MaxPooled,
  type MaxPoolLayerOptions,
} from "./pooling.ts";
export { PReLU, type PReLUOptions } from "./prelu.ts";
export { ChannelShuffle, Fold, PixelShuffle, PixelUnshuffle, Unfold } from "./rearranging.ts";
export { type LSTMOptions, type RecurrentOptions, RNNBase, type RNNOptions } from "./recurrent-base.ts";
export {
  type CellOptions,
  GRUCell,
  LSTMCell,
  RNNCell,
  RNNCellBase,
  type RNNCellOptions,
} from "./recurrent-cells.ts";
export { GRU, LSTM, RNN } from "./recurrent.ts";
export {
  GaussianNLLLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MSELoss,
  PoissonNLLLoss,
  SmoothL1Loss,
} from "./regression-loss.ts";
export { type NamedModules, Sequential, type SequentialInput, type SequentialModule } from "./sequential.ts";
export { type DimOptions, GLU, type GLUOptions, LogSoftmax, Softmax, Softmax2d, Softmin } from "./softmax.ts";
export { IncompatibleKeys, type ModuleMetadata, StateDict, type StateDictOptions } from "./state-dict.ts";
export { SyncBatchNorm } from "./sync-batch-norm.ts";
export {
  type Activation,
  type DecoderMasks,
  type EncoderLayerMasks,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layers.ts";
export {
  type EncoderMasks,
  Transformer,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerDecoderOptions,
  type TransformerEncoderOptions,
  type TransformerMasks,
  type TransformerOptions,
} from "./transformer.ts";
export type { NamedModulesOptions, NamedTensorsOptions } from "./traversal.ts";
export {
  CELU,
  type CELUOptions,
  ELU,
  type ELUOptions,
  Hardshrink,
  type HardshrinkOptions,
  Hardtanh,
  type HardtanhOptions,
  LeakyReLU,
  type LeakyReLUOptions,
  RReLU,
  type RReLUOptions,
  Softplus,
  type SoftplusOptions,
  Softshrink,
  type SoftshrinkOptions,
  Threshold,
} from "./tunable-activation.ts";
export {
  isUninitialized,
  type Uninitialized,
  UninitializedBuffer,
  UninitializedParameter,
} from "./uninitialized.ts";
export { Upsample, UpsamplingBilinear2d, UpsamplingNearest2d, type UpsamplingOptions } from "./upsample.ts";
export * as utils from "./utils/index.ts";
export * as functional from "../functional/index.ts";
