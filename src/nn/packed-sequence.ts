/**
 * Sequences of different lengths in one tensor, without padding: what recurrent layers take and give instead of a
 * padded batch. Packed and unpacked by `utils/rnn`.
 */

import { printAsText } from "../console-text.ts";
import type { ToTarget } from "../ops/copy.ts";
import type { Tensor } from "../tensor/tensor.ts";

const brand = Symbol.for("parascope.packedSequence");

/**
 * Rows of all sequences, step by step. Made by `packPaddedSequence` and `packSequence`, and by recurrent layers.
 *
 * Shape: data (rows, *); batchSizes (longest length), whose sum is the number of rows; the indices (samples).
 *
 * @example
 * nn.utils.rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5])]).data; // tensor([1, 4, 2, 5, 3])
 */
export class PackedSequence {
  /** The rows of step 0 of all samples, then those of step 1 of the samples that are that long, and so on. */
  readonly data: Tensor;
  /** How many samples have each step, int64. */
  readonly batchSizes: Tensor;
  /** Which of the given samples comes first, second, …; null where they were sorted by length. */
  readonly sortedIndices: Tensor | null;
  /** The inverse of `sortedIndices`: where each of the given samples stands. */
  readonly unsortedIndices: Tensor | null;

  constructor(
    data: Tensor,
    batchSizes: Tensor,
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = invertPermutation(sortedIndices),
  ) {
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices;
    Object.defineProperty(this, brand, { value: true });
  }

  /** The data in another dtype; the sequence itself if it has it already. Throws: as `to` of tensors. */
  to(target: ToTarget): PackedSequence {
    return this.withData(this.data.to(target));
  }

  /** As `to("float64")`. */
  double(): PackedSequence {
    return this.to("float64");
  }

  /** As `to("float32")`. */
  float(): PackedSequence {
    return this.to("float32");
  }

  /** As `to("float16")`. */
  half(): PackedSequence {
    return this.to("float16");
  }

  /** As `to("cpu")`. */
  cpu(): PackedSequence {
    return this.to("cpu");
  }

  /** The same samples with other rows. */
  withData(data: Tensor): PackedSequence {
    if (data === this.data) return this;
    return new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }

  /** The four parts, in PyTorch's order: `const [data, batchSizes] = packed`. */
  *[Symbol.iterator](): IterableIterator<Tensor | null> {
    yield* [this.data, this.batchSizes, this.sortedIndices, this.unsortedIndices];
  }

  /** As PyTorch prints it. */
  toString(): string {
    const text = (part: Tensor | null): string => (part === null ? "None" : String(part));
    return `PackedSequence(data=${text(this.data)}, batch_sizes=${text(this.batchSizes)}, sorted_indices=${text(this.sortedIndices)}, unsorted_indices=${text(this.unsortedIndices)})`;
  }
}

printAsText(PackedSequence.prototype);

/** Whether something is a packed sequence, of whichever copy of this package. */
export function isPackedSequence(value: unknown): value is PackedSequence {
  return typeof value === "object" && value !== null && brand in value;
}

/**
 * Where each index stands in a permutation; null for null.
 *
 * Shape: (n) → (n).
 *
 * @example
 * invertPermutation(tensor([2, 0, 1])); // tensor([1, 2, 0])
 */
export function invertPermutation<P extends Tensor | null>(permutation: P): P {
  // Sorting a permutation leaves the places of its elements.
  return (permutation === null ? null : permutation.argsort()) as P;
}
