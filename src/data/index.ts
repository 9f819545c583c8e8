/** The public list of `data`: datasets, samplers and loaders, as in `torch.utils.data`. */

export { type Collated, defaultCollate, defaultConvert } from "./collation.ts";
export {
  type CollateFunction,
  type CollatingOptions,
  DataLoader,
  type DataLoaderOptions,
} from "./data-loader.ts";
export { ConcatDataset, type Dataset, type MapDataset, Subset, TensorDataset } from "./dataset.ts";
export { randomSplit, type RandomSplitOptions, type Splits } from "./random-split.ts";
export {
  BatchSampler,
  type DrawingOptions,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  type Sized,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedSamplerOptions,
} from "./sampler.ts";
