/** The public list of `nn.utils`. */

export {
  clipGradNorm_,
  clipGradsWithNorm_,
  clipGradValue_,
  getTotalNorm,
  type Parameters,
  type TotalNormOptions,
} from "./gradient-clipping.ts";
export { parametersToVector, vectorToParameters } from "./parameter-vector.ts";
export { removeSpectralNorm, spectralNorm, type SpectralNormOptions } from "./spectral-norm.ts";
export { removeWeightNorm, weightNorm, type WeightNormOptions } from "./weight-norm.ts";
export * as rnn from "./rnn/index.ts";
