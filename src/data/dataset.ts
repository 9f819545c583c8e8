/**
 * Datasets: what has a length and an item at each position. Arrays are datasets too. In which order items are taken is
 * the samplers' business.
 */

import { torchError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Items at the positions 0 to `length` - 1: PyTorch's map-style dataset. */
export interface MapDataset<Item> {
  readonly length: number;
  /** The item at a position. */
  at(index: number): Item;
  /** Several items at once, where that is quicker than one after the other: PyTorch's `__getitems__`. */
  getItems?(indices: readonly number[]): readonly Item[];
}

/** What items can be taken from: a dataset, or an array. */
export type Dataset<Item> = MapDataset<Item> | readonly Item[];

/** The item of a dataset at a position. */
export function itemAt<Item>(dataset: Dataset<Item>, index: number): Item {
  // An array's own `at` gives undefined beyond its end, where a list raises.
  if (Array.isArray(dataset) && (index >= dataset.length || index < -dataset.length)) {
    throw torchError("IndexError", "list index out of range");
  }
  return dataset.at(index) as Item;
}

/** The items of a dataset at several positions. */
export function itemsAt<Item>(dataset: Dataset<Item>, indices: readonly number[]): readonly Item[] {
  if ("getItems" in dataset && dataset.getItems !== undefined) return dataset.getItems(indices);
  return indices.map((index) => itemAt(dataset, index));
}

/**
 * Tensors side by side: an item is what each of them has at a position of its first dimension.
 *
 * Throws: PyTorch's AssertionError where their first dimensions differ.
 *
 * @example
 * const data = new TensorDataset(randn(8, 3), arange(8));
 * const [x, y] = data.at(0);
 */
export class TensorDataset<
  Tensors extends readonly Tensor[] = readonly Tensor[],
> implements MapDataset<Tensors> {
  readonly tensors: Tensors;

  constructor(...tensors: Tensors) {
    const [first] = tensors;
    if (first !== undefined && tensors.some((tensor) => tensor.size(0) !== first.size(0))) {
      throw torchError("AssertionError", "Size mismatch between tensors");
    }
    this.tensors = tensors;
  }

  get length(): number {
    const [first] = this.tensors;
    if (first === undefined) throw torchError("IndexError", "tuple index out of range");
    return first.size(0);
  }

  /** The item at a position. Throws: PyTorch's IndexError beyond the end. */
  at(index: number): Tensors {
    return this.tensors.map((tensor) => tensor.at(index)) as unknown as Tensors;
  }
}

/**
 * Some items of a dataset, in an order of their own.
 *
 * @example
 * new Subset(["a", "b", "c"], [2, 0]).at(0); // "c"
 */
export class Subset<Item> implements MapDataset<Item> {
  readonly dataset: Dataset<Item>;
  /** The positions in the dataset. */
  readonly indices: readonly number[];

  constructor(dataset: Dataset<Item>, indices: readonly number[]) {
    this.dataset = dataset;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  /** The item at a position of the subset. Throws: PyTorch's IndexError beyond the end. */
  at(index: number): Item {
    return itemAt(this.dataset, itemAt(this.indices, index));
  }

  /** Several items at once. Throws: as `at`. */
  getItems(indices: readonly number[]): readonly Item[] {
    return itemsAt(
      this.dataset,
      indices.map((index) => itemAt(this.indices, index)),
    );
  }
}

/**
 * Datasets one after the other.
 *
 * Throws: PyTorch's AssertionError for no datasets.
 *
 * @example
 * new ConcatDataset([["a", "b"], ["c"]]).at(2); // "c"
 */
export class ConcatDataset<Item> implements MapDataset<Item> {
  readonly datasets: readonly Dataset<Item>[];

  constructor(datasets: Iterable<Dataset<Item>>) {
    this.datasets = [...datasets];
    if (this.datasets.length === 0) {
      throw torchError("AssertionError", "datasets should not be an empty iterable");
    }
  }

  get length(): number {
    return this.datasets.reduce((total, { length }) => total + length, 0);
  }

  /** The item at a position; negative ones count from the end. Throws: PyTorch's errors beyond the ends. */
  at(index: number): Item {
    if (index < -this.length) {
      throw torchError("ValueError", "absolute value of index should not exceed dataset length");
    }
    let left = index < 0 ? this.length + index : index;
    for (const dataset of this.datasets) {
      if (left < dataset.length) return itemAt(dataset, left);
      left -= dataset.length;
    }
    throw torchError("IndexError", "list index out of range");
  }
}
