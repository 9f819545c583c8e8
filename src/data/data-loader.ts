/** DataLoader: walks over a dataset in batches. Which positions make a batch is the samplers' business. */

import { torchError } from "../errors.ts";
import type { Generator } from "../tensor/random/index.ts";
import type { Collated } from "./collation.ts";
import { defaultCollate, defaultConvert } from "./collation.ts";
import type { Dataset } from "./dataset.ts";
import { itemAt, itemsAt } from "./dataset.ts";
import type { Sampler, Walk } from "./sampler.ts";
import { BatchSampler, drawSeed, RandomSampler, SequentialSampler } from "./sampler.ts";
import { tensorBatch } from "./tensor-batch.ts";

/** What makes a batch of items. */
export type CollateFunction<Item, Batch> = (items: readonly Item[]) => Batch;

/** Options of `DataLoader`. */
export interface DataLoaderOptions {
  /** Items in a batch; default 1. Null gives the items one by one, as they are. */
  readonly batchSize?: number | null;
  /** Whether each walk takes the items in another order. Default false. */
  readonly shuffle?: boolean;
  /** The order of the items, instead of `shuffle`. */
  readonly sampler?: Sampler | null;
  /** The positions of each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  readonly batchSampler?: Sampler<readonly number[]> | null;
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropLast?: boolean;
  /** What to shuffle by; default: generators seeded from the one that `manualSeed` seeds. */
  readonly generator?: Generator | null;
}

/** Options of `DataLoader` with a way of its own to make batches. */
export interface CollatingOptions<Item, Batch> extends DataLoaderOptions {
  /** Makes a batch of items, or with `batchSize: null` what stands for an item. Default: `defaultCollate`. */
  readonly collateFn?: CollateFunction<Item, Batch> | null;
}

/**
 * Walks over a dataset in batches, `torch.utils.data.DataLoader`: each `for` is one epoch. Everything happens in the
 * loop, nothing in workers. The order of `shuffle` under a seed is PyTorch's, see Note [draws] in sampler.ts.
 *
 * Throws: PyTorch's ValueErrors for options that exclude each other and for a batch size that is no positive integer.
 *
 * @example
 * const loader = new DataLoader(new TensorDataset(inputs, labels), { batchSize: 64, shuffle: true });
 * for (const [x, y] of loader) new CrossEntropyLoss()(model(x), y).backward();
 */
export class DataLoader<Item, Batch = Collated<Item>> implements Iterable<Batch> {
  readonly dataset: Dataset<Item>;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly sampler: Sampler;
  readonly batchSampler: Sampler<readonly number[]> | null;
  readonly generator: Generator | null;
  readonly collateFn: ((items: never) => unknown) | null;

  constructor(dataset: Dataset<Item>, options: CollatingOptions<Item, Batch> = {}) {
    requireCompatible(options);
    const {
      batchSampler = null,
      sampler = null,
      shuffle = false,
      generator = null,
      dropLast = false,
    } = options;
    this.dataset = dataset;
    this.generator = generator;
    this.dropLast = dropLast;
    this.batchSize = batchSampler !== null ? null : options.batchSize === undefined ? 1 : options.batchSize;
    this.sampler =
      sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset));
    this.batchSampler =
      this.batchSize === null ? batchSampler : new BatchSampler(this.sampler, this.batchSize, dropLast);
    this.collateFn = options.collateFn ?? null;
  }

  /** How many batches a walk gives. Throws: PyTorch's TypeError where the sampler does not say it. */
  get length(): number {
    const sampler = this.batchSampler ?? this.sampler;
    if (sampler.length !== undefined) return sampler.length;
    throw torchError("TypeError", `object of type '${sampler.constructor.name}' has no len()`);
  }

  [Symbol.iterator](): Walk<Batch> {
    // PyTorch draws a seed for its workers first; orders under a seed are only its own with that drawn, too.
    drawSeed(this.generator ?? undefined);
    return this.#walk();
  }

  *#walk(): Walk<Batch> {
    const convert = (this.collateFn ?? defaultConvert) as (item: Item) => Batch;
    if (this.batchSampler === null) {
      for (const index of this.sampler) yield convert(itemAt(this.dataset, index));
      return;
    }
    for (const indices of this.batchSampler) yield this.#batch(indices);
  }

  #batch(indices: readonly number[]): Batch {
    const collate = this.collateFn as CollateFunction<Item, Batch> | null;
    if (collate !== null) return collate(itemsAt(this.dataset, indices));
    const quick = tensorBatch(this.dataset, indices);
    return (quick ?? defaultCollate(itemsAt(this.dataset, indices))) as Batch;
  }
}

/** Refuses options that exclude each other. */
function requireCompatible(options: DataLoaderOptions): void {
  const { batchSize, batchSampler, sampler, shuffle = false, dropLast = false } = options;
  const hasSampler = sampler !== undefined && sampler !== null;
  if (hasSampler && shuffle) {
    throw torchError("ValueError", "sampler option is mutually exclusive with shuffle");
  }
  const hasBatchSampler = batchSampler !== undefined && batchSampler !== null;
  if (
    hasBatchSampler &&
    ((batchSize !== undefined && batchSize !== 1) || shuffle || hasSampler || dropLast)
  ) {
    throw torchError(
      "ValueError",
      "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
    );
  }
  if (!hasBatchSampler && batchSize === null && dropLast) {
    throw torchError(
      "ValueError",
      "batch_size=None option disables auto-batching and is mutually exclusive with drop_last",
    );
  }
}
