/**
 * Samplers: the order in which the positions of a dataset are taken, alone and in batches.
 *
 * Note [draws]: PyTorch's orders under a seed. A `RandomSampler` without a generator draws a seed, 63 random bits, from
 * the default generator and shuffles by a generator of that seed; with a generator it shuffles by it. Both happen when
 * the first position is asked for. A `DataLoader` draws a seed for its workers before that, though it has none here.
 */

import { dtypes } from "../dtype.ts";
import { torchError } from "../errors.ts";
import { tensor } from "../ops/creation.ts";
import { converted } from "../ops/elementwise.ts";
import { multinomial } from "../ops/random-draws.ts";
import { tupleRepr } from "../tensor/python-repr.ts";
import { defaultGenerator, fillIntegers, flat, Generator, randperm } from "../tensor/random/index.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { isTensor } from "../tensor/tensor.ts";

/** Positions in an order that may differ from walk to walk. */
export interface Sampler<Position = number> extends Iterable<Position> {
  /** How many positions a walk gives; absent where that is not known. */
  readonly length?: number;
}

/** One walk over positions. (JavaScript's own name for it is PyTorch's for a source of randomness.) */
export type Walk<Position> = globalThis.Generator<Position, void, undefined>;

/** What has a number of items. */
export interface Sized {
  readonly length: number;
}

/** A seed as PyTorch draws one: `torch.empty((), dtype=torch.int64).random_()`. */
export function drawSeed(generator: Generator = defaultGenerator): bigint {
  return BigInt.asUintN(63, generator.random64());
}

/** The numbers 0 to `length` - 1 in random order. */
export function randomOrder(length: number, generator: Generator = defaultGenerator): number[] {
  return Array.from(randperm(generator, length, dtypes.int64) as BigInt64Array, Number);
}

/** All positions in order. */
export class SequentialSampler implements Sampler {
  readonly dataSource: Sized;

  constructor(dataSource: Sized) {
    this.dataSource = dataSource;
  }

  get length(): number {
    return this.dataSource.length;
  }

  *[Symbol.iterator](): Walk<number> {
    for (let index = 0; index < this.dataSource.length; index++) yield index;
  }
}

/** Options of `RandomSampler`. */
export interface RandomSamplerOptions {
  /** Whether a position may come again. Default false. */
  readonly replacement?: boolean;
  /** How many positions to draw; default: as many as there are items. */
  readonly numSamples?: number | null;
  /** What to shuffle by; default: a generator seeded from the one that `manualSeed` seeds, see Note [draws]. */
  readonly generator?: Generator | null;
}

/** With replacement PyTorch draws this many positions at a time. */
const drawnAtOnce = 32;

/**
 * Positions in random order.
 *
 * Throws: PyTorch's ValueError where there is nothing to draw from or a number of samples that is not positive.
 *
 * @example
 * manualSeed(0);
 * [...new RandomSampler([1, 2, 3])];
 */
export class RandomSampler implements Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | null;
  readonly #numSamples: number | null;

  constructor(dataSource: Sized, options: RandomSamplerOptions = {}) {
    this.dataSource = dataSource;
    this.replacement = options.replacement ?? false;
    this.generator = options.generator ?? null;
    this.#numSamples = options.numSamples ?? null;
    if (!Number.isInteger(this.numSamples) || this.numSamples <= 0) {
      throw torchError(
        "ValueError",
        `num_samples should be a positive integer value, but got num_samples=${this.numSamples}`,
      );
    }
  }

  /** How many positions a walk gives. The dataset may have grown since the last one. */
  get numSamples(): number {
    return this.#numSamples ?? this.dataSource.length;
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Walk<number> {
    const { length } = this.dataSource;
    const generator = this.generator ?? new Generator().manualSeed(drawSeed());
    let left = this.numSamples;
    while (left > 0) {
      const drawn = this.replacement
        ? randomPositions(Math.min(left, drawnAtOnce), length, generator)
        : randomOrder(length, generator);
      yield* drawn.slice(0, left);
      left -= drawn.length;
    }
    // PyTorch asks for what is left over even where nothing is, which shuffles once more.
    if (!this.replacement && this.numSamples % length === 0) randomOrder(length, generator);
  }
}

function randomPositions(count: number, end: number, generator: Generator): number[] {
  const items = new BigInt64Array(count);
  fillIntegers(generator, flat(dtypes.int64, items), 0, end);
  return Array.from(items, Number);
}

/** Options of `SubsetRandomSampler` and `WeightedRandomSampler`. */
export interface DrawingOptions {
  /** What to draw from; default: the generator that `manualSeed` seeds. */
  readonly generator?: Generator | null;
}

/**
 * Some positions in random order.
 *
 * @example
 * new DataLoader(data, { sampler: new SubsetRandomSampler([0, 2, 4]) });
 */
export class SubsetRandomSampler implements Sampler {
  readonly indices: readonly number[];
  readonly generator: Generator | null;

  constructor(indices: readonly number[], options: DrawingOptions = {}) {
    this.indices = indices;
    this.generator = options.generator ?? null;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Walk<number> {
    for (const place of randomOrder(this.indices.length, this.generator ?? undefined)) {
      yield this.indices[place]!;
    }
  }
}

/** Options of `WeightedRandomSampler`. */
export interface WeightedSamplerOptions extends DrawingOptions {
  /** Whether a position may come again. Default true. */
  readonly replacement?: boolean;
}

/**
 * Positions drawn by weights, which need not sum up to 1: rare classes can come as often as others.
 *
 * Throws: PyTorch's ValueError for a number of samples that is not positive, and `multinomial`'s errors at the walk.
 *
 * @example
 * const counts = [3, 1]; // how often a label occurs
 * const weights = [0, 0, 1, 0].map((label) => 1 / counts[label]!);
 * new DataLoader(new TensorDataset(inputs, labels), { batchSize: 2, sampler: new WeightedRandomSampler(weights, 1000) });
 */
export class WeightedRandomSampler implements Sampler {
  /** One a position, in float64. */
  readonly weights: Tensor;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: Generator | null;

  constructor(weights: readonly number[] | Tensor, numSamples: number, options: WeightedSamplerOptions = {}) {
    if (!Number.isInteger(numSamples) || numSamples <= 0) {
      throw torchError(
        "ValueError",
        `num_samples should be a positive integer value, but got num_samples=${String(numSamples)}`,
      );
    }
    this.weights = isTensor(weights)
      ? converted(weights, dtypes.float64)
      : tensor(weights, { dtype: "float64" });
    if (this.weights.shape.length !== 1) {
      throw torchError(
        "ValueError",
        `weights should be a 1d sequence but given weights have shape ${tupleRepr(this.weights.shape)}`,
      );
    }
    this.numSamples = numSamples;
    this.replacement = options.replacement ?? true;
    this.generator = options.generator ?? null;
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Walk<number> {
    const { replacement, generator } = this;
    const options = generator === null ? { replacement } : { replacement, generator };
    yield* multinomial(this.weights, this.numSamples, options).tolist() as number[];
  }
}

/**
 * Positions of another sampler in batches.
 *
 * Throws: PyTorch's ValueErrors for a batch size that is no positive integer.
 *
 * @example
 * [...new BatchSampler([3, 1, 2], 2, false)]; // [[3, 1], [2]]
 */
export class BatchSampler implements Sampler<readonly number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  /** Whether a last batch that is not full is left out. */
  readonly dropLast: boolean;

  constructor(sampler: Sampler, batchSize: number, dropLast: boolean) {
    if (!Number.isInteger(batchSize) || batchSize <= 0) {
      throw torchError(
        "ValueError",
        `batch_size should be a positive integer value, but got batch_size=${String(batchSize)}`,
      );
    }
    if (typeof dropLast !== "boolean") {
      throw torchError(
        "ValueError",
        `drop_last should be a boolean value, but got drop_last=${String(dropLast)}`,
      );
    }
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  /** How many batches a walk gives. Throws: PyTorch's TypeError where the sampler does not say how many positions. */
  get length(): number {
    const { length } = this.sampler;
    if (length === undefined) {
      throw torchError("TypeError", `object of type '${this.sampler.constructor.name}' has no len()`);
    }
    return this.dropLast ? Math.floor(length / this.batchSize) : Math.ceil(length / this.batchSize);
  }

  *[Symbol.iterator](): Walk<readonly number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}
